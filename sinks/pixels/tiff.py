"""What a TIFF says of itself in its first bytes, read without GDAL and before it.

A file of a few kilobytes may claim a raster of terabytes, lie about its kind, or end in the
middle. Tags and block tables tell, at a cost that does not depend on what the file claims
(TIFF 6.0, Adobe 1992; BigTIFF; GDAL's nodata tag 42113).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.errors import InputRefused

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _BANDS, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 277, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_KIND_OF_PAGE, _PLANAR, _FORMAT, _NODATA = 254, 284, 339, 42113
_REDUCED, _MASK = 1, 4  # bits of _KIND_OF_PAGE: an overview, a mask

_MOST_PAGES = 1000
_MOST_BLOCKS = 2_000_000
_DTYPES = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_BYTES |= {13: 4, 16: 8, 17: 8, 18: 8}

_OTHER_KINDS = (
    (b"<VRTDataset", "VRT"),
    (b"<OGRVRTDataSource", "VRT"),
    (b"<GDAL_WMS", "WMS"),
    (b"<", "XML"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x89HDF", "HDF5"),
    (b"CDF", "netCDF"),
    (b"\x0e\x03\x13\x01", "HDF4"),
    (b"EHFA_HEADER_TAG", "ERDAS Imagine"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite / GeoPackage"),
    (b"%PDF", "PDF"),
    (b"GRIB", "GRIB"),
    (b"ncols", "ASCII grid"),
    (b"NCOLS", "ASCII grid"),
    (b"{", "JSON"),
)


class _Entry(NamedTuple):
    type: int
    length: int
    place: bytes  # the value itself if it fits, else where it stands


class _Layout(NamedTuple):
    order: str  # "<" or ">"
    big: bool


_Page = dict[int, _Entry]
_Numbers = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffHeader:
    """Tags of the first page, and what the tables of blocks and pages add up to.

    ``pages`` counts full images, ``masks`` mask images; ``overview`` says that the first
    page is a reduced image. ``sparse`` blocks are listed and were never written.
    ``claimed_bytes`` is where the last block or tag ends, ``file_bytes`` where the file does.
    """

    width: int
    height: int
    bands: int
    bits: int
    complex: bool
    compression: int
    photometric: int
    block_shape: tuple[int, int]
    blocks: int
    sparse: int
    claimed_bytes: int
    file_bytes: int
    pages: int
    masks: int
    overview: bool
    nodata_text: str | None

    @property
    def pixels(self) -> int:
        """Number of pixels of a band."""
        return self.width * self.height

    @property
    def block_bytes(self) -> int:
        """Size of one decoded block."""
        height, width = self.block_shape
        return height * width * self.bands * ceil(self.bits / 8)


def read_header(path: Path) -> TiffHeader:
    """Read the tags of a TIFF.

    Raises
    ------
    InputRefused
        ``R37`` if it is no TIFF, ``R25`` if it ends before its tables do, ``R26`` if they
        are broken, ``R30`` if they list more blocks than any honest file has.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(64)
        if start[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            raise InputRefused.because("R37", file=path, kind=_kind(start))
        try:
            layout, pages = _pages(file, start)
            return _header(file, layout, pages)
        except EOFError as error:
            claimed = max(int(str(error)), 1)
            raise InputRefused.because(
                "R25", file=path, bytes=size, claimed=claimed, percent=100 * size / claimed
            ) from error
        except (struct.error, ValueError, LookupError, OverflowError, OSError) as error:
            why = f"{type(error).__name__}: {error}"
            raise InputRefused.because("R26", file=path, place="TIFF header", why=why) from error


def _kind(start: bytes) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in _OTHER_KINDS:
        if text.startswith(magic):
            return name
    return start[:8].hex(" ") or "0 bytes"


def _pages(file: BinaryIO, start: bytes) -> tuple[_Layout, list[_Page]]:
    layout = _Layout("<" if start[:2] == b"II" else ">", start[2:4] in (b"+\0", b"\0+"))
    file.seek(8 if layout.big else 4)
    (where,) = _unpack(file, layout, "Q" if layout.big else "I")
    pages: list[_Page] = []
    seen: set[int] = set()
    while where and where not in seen and len(pages) < _MOST_PAGES:
        seen.add(where)
        entries, where = _directory(file, layout, where)
        pages.append(entries)
    if not pages:
        raise ValueError("no image")
    return layout, pages


def _directory(file: BinaryIO, layout: _Layout, where: int) -> tuple[_Page, int]:
    number, entry, pointer = ("Q", "HHQ8s", "Q") if layout.big else ("H", "HHI4s", "I")
    file.seek(where)
    (count,) = _unpack(file, layout, number)
    if count > 0xFFFF:
        raise ValueError(f"{count} tags")
    table = [_unpack(file, layout, entry) for _ in range(count)]
    (following,) = _unpack(file, layout, pointer)
    return {tag: _Entry(*rest) for tag, *rest in table}, following


def _unpack(file: BinaryIO, layout: _Layout, form: str) -> tuple[Any, ...]:
    return struct.unpack(layout.order + form, _read(file, struct.calcsize(layout.order + form)))


def _read(file: BinaryIO, count: int) -> bytes:
    raw = file.read(count)
    if len(raw) < count:
        raise EOFError(file.tell() - len(raw) + count)
    return raw


def _header(file: BinaryIO, layout: _Layout, pages: list[_Page]) -> TiffHeader:
    first = pages[0]

    def number(tag: int, default: int | None = None) -> int:
        if tag not in first and default is not None:
            return default
        return int(_array(file, layout, first[tag], 1)[0])

    kinds = [_page_kind(file, layout, page) for page in pages]
    width, height = number(_WIDTH), number(_HEIGHT)
    bands, tiled = number(_BANDS, 1), _TILE_WIDTH in first
    rows = number(_TILE_HEIGHT) if tiled else min(number(_ROWS_PER_STRIP, height), height)
    block_shape = (rows, number(_TILE_WIDTH) if tiled else width)
    if min(width, height, bands, *block_shape) < 1:
        raise ValueError(f"{width} x {height} x {bands}, blocks {block_shape}")
    blocks = ceil(height / block_shape[0]) * ceil(width / block_shape[1])
    if number(_PLANAR, 1) == 2:
        blocks *= bands
    if blocks > _MOST_BLOCKS:
        raise InputRefused.because(
            "R30", file=file.name, shape=block_shape, blocks=blocks, bytes=0
        )
    offsets = _table(file, layout, first.get(_TILE_OFFSETS if tiled else _STRIP_OFFSETS), blocks)
    lengths = _table(file, layout, first.get(_TILE_BYTES if tiled else _STRIP_BYTES), blocks)
    return TiffHeader(
        width=width,
        height=height,
        bands=bands,
        bits=number(_BITS, 1),
        complex=number(_FORMAT, 1) in (5, 6),
        compression=number(_COMPRESSION, 1),
        photometric=number(_PHOTOMETRIC, 1),
        block_shape=block_shape,
        blocks=blocks,
        sparse=int((lengths == 0).sum()),
        claimed_bytes=max(
            int((offsets.astype(float) + lengths).max()),  # as floats, nothing wraps round
            *(_end(layout, entry) for entry in first.values()),
        ),
        file_bytes=file.seek(0, 2),
        pages=sum(not kind & (_REDUCED | _MASK) for kind in kinds),
        masks=sum(bool(kind & _MASK) for kind in kinds),
        overview=bool(kinds[0] & _REDUCED),
        nodata_text=_text(file, layout, first.get(_NODATA)),
    )


def _page_kind(file: BinaryIO, layout: _Layout, page: _Page) -> int:
    entry = page.get(_KIND_OF_PAGE)
    return 0 if entry is None else int(_array(file, layout, entry, 1)[0])


def _table(file: BinaryIO, layout: _Layout, entry: _Entry | None, blocks: int) -> _Numbers:
    """Return one number per block; a table that is missing or short is a broken file."""
    if entry is None or entry.length < blocks:
        raise ValueError(f"{0 if entry is None else entry.length} of {blocks} blocks are listed")
    return _array(file, layout, entry, blocks)


def _end(layout: _Layout, entry: _Entry) -> int:
    """Return where the values of an entry end, if they do not stand in it."""
    needed = entry.length * _BYTES.get(entry.type, 0)
    return 0 if needed <= len(entry.place) else _pointer(layout, entry) + needed


def _pointer(layout: _Layout, entry: _Entry) -> int:
    return int(struct.unpack(layout.order + ("Q" if layout.big else "I"), entry.place)[0])


def _array(file: BinaryIO, layout: _Layout, entry: _Entry, most: int) -> _Numbers:
    raw = _raw(file, layout, entry, most)
    return np.frombuffer(raw, layout.order + _DTYPES[entry.type]).astype(np.uint64)


def _text(file: BinaryIO, layout: _Layout, entry: _Entry | None) -> str | None:
    if entry is None:
        return None
    return _raw(file, layout, entry, 256).split(b"\0")[0].decode("latin-1").strip()


def _raw(file: BinaryIO, layout: _Layout, entry: _Entry, most: int) -> bytes:
    """Return the first ``most`` values of an entry as they stand in the file."""
    width = _BYTES[entry.type]
    wanted = min(entry.length, most) * width
    if entry.length * width <= len(entry.place):
        return entry.place[:wanted]
    file.seek(_pointer(layout, entry))
    return _read(file, wanted)
