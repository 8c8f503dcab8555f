"""The layout of a cloud-optimised GeoTIFF: directories first, coarse pixels before fine ones.

Tiles come compressed and in any order, one :class:`~sinks.reports.spools.Spool` per
resolution; :func:`assemble` puts them behind their directories. Nothing here knows what a
pixel means.

References: TIFF 6.0 (Adobe 1992); BigTIFF (libtiff); OGC 21-026 Cloud Optimized GeoTIFF.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from sinks.errors import EnvironmentFault, InvariantViolated
from sinks.reports.spools import TILE, Spool

ZSTD = 50_000  # compression scheme as libtiff numbers it

_ASCII, _SHORT, _LONG, _DOUBLE, _LONG8 = 2, 3, 4, 12, 16
_FORMATS = {1: "B", _ASCII: "B", _SHORT: "H", _LONG: "I", _DOUBLE: "d", _LONG8: "Q"}
_SAMPLE_FORMAT = {"u": 1, "i": 2, "f": 3}
_GEO_TAGS = (33550, 33922, 34735, 34736, 34737)  # scale, tie point, GeoTIFF keys
_CLASSIC_LIMIT = 2**32  # offsets of 32 bits

# Tells GDAL how the file is laid out, so that it reads it over a network in few requests.
# The last line has a blank to spare: GDAL turns NO into YES when it changes the file.
_GHOST = (
    b"LAYOUT=IFDS_BEFORE_DATA\n"
    b"BLOCK_ORDER=ROW_MAJOR\n"
    b"BLOCK_LEADER=SIZE_AS_UINT4\n"
    b"BLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
    b"KNOWN_INCOMPATIBLE_EDITION=NO\n "
)
_GHOST_AREA = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(_GHOST) + _GHOST


class Tag(NamedTuple):
    """One entry of a directory; ``values`` is bytes for text, numbers otherwise."""

    number: int
    kind: int
    values: bytes | Sequence[int | float] | NDArray[np.int64]

    def packed(self) -> bytes:
        """Return the values as little-endian bytes."""
        if isinstance(self.values, bytes):
            return self.values
        return np.asarray(self.values).astype("<" + _FORMATS[self.kind]).tobytes()


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a file says about itself besides its pixels.

    ``metadata`` are GDAL metadata items of the file; ``colours`` (256, 3) a colour table;
    ``bands`` the names of its bands, if it has more than one.
    """

    crs: CRS
    transform: Affine
    dtype: np.dtype[np.generic]
    no_data: str
    name: str
    unit: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    colours: NDArray[np.uint8] | None = None
    bands: tuple[str, ...] = ()

    def tags(self) -> list[Tag]:
        """Return the tags that only the directory of the full resolution has."""
        return [*_geo_tags(self.crs, self.transform), Tag(42112, _ASCII, self._xml())]

    def colour_tags(self) -> list[Tag]:
        """Return the tags that say how a pixel becomes a colour."""
        if self.colours is None:
            return [Tag(262, _SHORT, [1])]  # the least value is black
        table = self.colours.T.astype(int).ravel() * 257  # 8 bits to 16
        return [Tag(262, _SHORT, [3]), Tag(320, _SHORT, table)]

    def _xml(self) -> bytes:
        lines = [
            *(f"<Item name={quoteattr(k)}>{_twice(v)}</Item>" for k, v in self.metadata),
            *(
                f'<Item name="{key}" sample="{sample}" role="{role}">{_twice(text)}</Item>'
                for sample, name in enumerate(self.bands or (self.name,))
                for key, role, text in (
                    ("DESCRIPTION", "description", name),
                    ("UNITTYPE", "unittype", self.unit),
                )
                if text
            ),
        ]
        inner = "".join(f"  {line}\n" for line in lines)
        return f"<GDALMetadata>\n{inner}</GDALMetadata>\n".encode() + b"\0"


def assemble(path: Path, spools: Sequence[Spool], description: Description) -> None:
    """Write the COG whose resolutions are ``spools``, finest first, and flush it to the disk.

    Raises
    ------
    EnvironmentFault
        ``X21`` if the file does not read back as it was written.
    """
    tiles = sum(spool.sizes.size for spool in spools)
    size = sum(spool.stored for spool in spools) + 16 * tiles + 2**20
    head = _Layout(big=size > _CLASSIC_LIMIT).head(spools, description)
    written = 0
    with path.open("wb") as file:
        for part in chain([head], *(spool.framed() for spool in reversed(spools))):
            file.write(part)
            written = crc32(part, written)
        file.flush()
        os.fsync(file.fileno())
    if _checksum(path) != written:
        raise EnvironmentFault.because("X21", file=path.name)


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            found = crc32(chunk, found)
    return found


@dataclass(frozen=True)
class _Layout:
    """Classic or Big TIFF: how wide an offset is."""

    big: bool

    @cached_property
    def start(self) -> bytes:
        size = 16 if self.big else 8
        first = _aligned(size + len(_GHOST_AREA))
        if self.big:
            head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, first)
        else:
            head = struct.pack("<2sHI", b"II", 42, first)
        return (head + _GHOST_AREA).ljust(first, b"\0")

    def head(self, spools: Sequence[Spool], description: Description) -> bytes:
        """Everything before the first pixel. Its size does not depend on the offsets in it."""
        size = len(self._head(spools, description, [0] * len(spools)))
        begins, begin = [], size
        for spool in reversed(spools):
            begins.append(begin)
            begin += spool.stored
        return self._head(spools, description, begins[::-1])

    def _head(
        self, spools: Sequence[Spool], description: Description, begins: Sequence[int]
    ) -> bytes:
        head = self.start
        for level, (spool, begin) in enumerate(zip(spools, begins, strict=True)):
            tags = self._tags(spool, begin, description, level)
            head += self._directory(tags, at=len(head), last=level == len(spools) - 1)
        return head

    def _directory(self, tags: Iterable[Tag], *, at: int, last: bool) -> bytes:
        """One directory and the values that do not fit in it, as bytes placed at ``at``."""
        tags = sorted(tags)
        count, entry, offset = ("<Q", "<HHQ", "<Q") if self.big else ("<H", "<HHI", "<I")
        width = struct.calcsize(offset)
        size = struct.calcsize(count) + len(tags) * (struct.calcsize(entry) + width) + width
        table, beyond = struct.pack(count, len(tags)), b""
        for tag in tags:
            packed = tag.packed()
            number = len(packed) // struct.calcsize(_FORMATS[tag.kind])
            table += struct.pack(entry, tag.number, tag.kind, number)
            if len(packed) <= width:
                table += packed.ljust(width, b"\0")
            else:
                table += struct.pack(offset, _aligned(at + size) + len(beyond))
                beyond += packed.ljust(_aligned(len(packed)), b"\0")
        end = _aligned(at + size) + len(beyond)
        table += struct.pack(offset, 0 if last else end)
        return table.ljust(_aligned(at + size) - at, b"\0") + beyond

    def _tags(self, spool: Spool, begin: int, description: Description, level: int) -> list[Tag]:
        rows, cols = spool.shape
        wide = _LONG8 if self.big else _LONG
        dtype, bands = description.dtype, spool.bands
        more = [Tag(338, _SHORT, [0] * (bands - 1))] if bands > 1 else []  # bands without colour
        return [
            Tag(254, _LONG, [1 if level else 0]),  # a copy at lower resolution
            Tag(256, _LONG, [cols]),
            Tag(257, _LONG, [rows]),
            Tag(258, _SHORT, [dtype.itemsize * 8] * bands),
            Tag(259, _SHORT, [ZSTD]),
            Tag(277, _SHORT, [bands]),
            Tag(284, _SHORT, [2 if bands > 1 else 1]),  # 2: band after band
            Tag(322, _SHORT, [TILE]),
            Tag(323, _SHORT, [TILE]),
            Tag(324, wide, spool.offsets(begin)),
            Tag(325, _LONG, spool.sizes.ravel()),
            Tag(339, _SHORT, [_SAMPLE_FORMAT[dtype.kind]] * bands),
            *more,
            Tag(42113, _ASCII, description.no_data.encode() + b"\0"),
            *description.colour_tags(),
            *(description.tags() if level == 0 else []),
        ]


def _geo_tags(crs: CRS, transform: Affine) -> list[Tag]:
    """Let GDAL say in GeoTIFF keys where a raster lies, whatever its CRS: ask it for one pixel."""
    from rasterio import Env
    from rasterio.io import MemoryFile

    import sinks.sources  # noqa: F401  (gives GDAL our settings before it is used first)

    one = {"height": 1, "width": 1, "count": 1, "dtype": "uint8", "endianness": "little"}
    with Env(), MemoryFile() as memory:
        with memory.open(driver="GTiff", crs=crs.to_wkt(), transform=transform, **one) as pixel:
            pixel.write(np.zeros((1, 1, 1), np.uint8))
        with memory.open() as pixel:
            kept = pixel.crs
        if not kept or not CRS(kept.to_wkt()).equals(crs, ignore_axis_order=True):
            raise InvariantViolated.because("I23", crs=crs.to_string())
        memory.seek(0)
        return [tag for tag in _first_directory(memory.read()) if tag.number in _GEO_TAGS]


def _first_directory(tiff: bytes) -> list[Tag]:
    """Read the tags of a small classic little-endian TIFF."""
    (at,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, at)
    tags = []
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        number, kind, length = struct.unpack_from("<HHI", tiff, entry)
        item = np.dtype("<" + _FORMATS.get(kind, "B"))
        inline = length * item.itemsize <= 4
        start = entry + 8 if inline else struct.unpack_from("<I", tiff, entry + 8)[0]
        values = np.frombuffer(tiff, item, length, start)
        tags.append(Tag(number, kind, values.tobytes()))
    return tags


def _twice(text: str) -> str:
    """Escape twice, because GDAL reads these items back through two layers of XML."""
    return escape(escape(text))


def _aligned(position: int) -> int:
    """Round up to the 8 bytes that offsets like to lie on."""
    return -(-position // 8) * 8
