"""The parts of a shapefile, and whether they agree with each other.

GDAL reads a shapefile whose parts disagree without a word: a short .dbf gives no features
at all, a missing .shx may be invented. So the parts are counted before GDAL sees them
(ESRI Shapefile Technical Description, 1998; dBASE III table format).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.gate.encodings import Cell

_HEADER = 100  # bytes of the header of .shp and .shx
_NAME_BYTES = 10  # of a field name; the rest of a longer one is lost
_LANGUAGES = {0x4D: "gbk", 0x7A: "gbk", 0x4F: "big5", 0x78: "big5", 0x13: "cp932",
              0x7B: "cp932", 0x4E: "cp949", 0x79: "cp949"}  # fmt: skip
_MULTIPATCH = 31


@dataclass(frozen=True, slots=True)
class DbfField:
    """A field of the attribute table: name as bytes, type letter and width."""

    name: bytes
    kind: str
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapefile:
    """The parts of a shapefile and what their headers say."""

    shp: Path
    shx: Path
    dbf: Path
    cpg: Path | None
    fields: tuple[DbfField, ...]
    records: int
    deleted: int
    shape_type: int
    language: int

    @property
    def declared_encoding(self) -> str | None:
        """What the .cpg, or else the language byte of the .dbf, says; None if nothing."""
        if self.cpg:
            return self.cpg.read_bytes()[:64].decode("ascii", "replace").strip() or None
        return _LANGUAGES.get(self.language)

    @property
    def name_cells(self) -> list[Cell]:
        """Field names as text to decode; a long one may have been cut within a character."""
        return [Cell(f.name, len(f.name) >= _NAME_BYTES - 1) for f in self.fields]


def open_shapefile(path: Path) -> Shapefile:
    """Find the parts of a shapefile and check that they fit together.

    Raises
    ------
    InputRefused
        ``V15`` if the parts hold different numbers of records, ``V16`` if one is missing
        or damaged, ``V22`` if field names repeat, ``V23`` for a multipatch.
    """
    parts = _parts(path)
    shx, dbf = parts["shx"], parts["dbf"]
    shape_type = _header(path, path)
    _header(shx, path)
    offsets = _offsets(shx, path)
    in_shp = _records_in_shp(path, offsets)
    in_dbf, deleted, fields, language = _dbf(dbf, path)
    if not in_shp == len(offsets) == in_dbf:
        raise InputRefused.because("V15", file=path, shp=in_shp, shx=len(offsets), dbf=in_dbf)
    if shape_type == _MULTIPATCH:
        raise InputRefused.because("V23", file=path, kind="MultiPatch", count=in_shp)
    names = [field.name.strip().upper() for field in fields]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        shown = [name.decode("gb18030", "replace") for name in twice]
        raise InputRefused.because("V22", file=path, names=shown)
    return Shapefile(
        shp=path,
        shx=shx,
        dbf=dbf,
        cpg=parts.get("cpg"),
        fields=fields,
        records=in_shp,
        deleted=deleted,
        shape_type=shape_type,
        language=language,
    )


def _parts(path: Path) -> dict[str, Path]:
    """Return the side files by suffix, whatever the case of their letters."""
    found = {
        beside.suffix.lower().lstrip("."): beside
        for beside in path.parent.iterdir()
        if beside.stem.lower() == path.stem.lower() and beside.is_file()
    }
    if missing := [f".{part}" for part in ("shx", "dbf") if part not in found]:
        raise InputRefused.because("V16", file=path, why=f"{', '.join(missing)} = ∅")
    return found


def _header(part: Path, path: Path) -> int:
    """Check magic number and length of a .shp or .shx; return its shape type."""
    head = np.fromfile(part, ">i4", 7)
    if len(head) < 7 or head[0] != 9994 or part.stat().st_size < _HEADER:
        raise InputRefused.because("V16", file=path, why=f"{part.suffix}: {part.stat().st_size} B")
    said, real = int(head[6]) * 2, part.stat().st_size
    if said != real:
        raise InputRefused.because("V16", file=path, why=f"{part.suffix}: {said:,} ≠ {real:,} B")
    return int(np.fromfile(part, "<i4", 1, offset=32)[0])


def _offsets(shx: Path, path: Path) -> NDArray[np.int64]:
    """Return where records start and how long they are, in bytes, shape (records, 2)."""
    entries = np.fromfile(shx, ">i4", offset=_HEADER)
    if len(entries) % 2:
        raise InputRefused.because("V16", file=path, why=f".shx: {shx.stat().st_size:,} B")
    offsets: NDArray[np.int64] = entries.reshape(-1, 2).astype(np.int64) * 2
    return offsets


def _records_in_shp(path: Path, offsets: NDArray[np.int64]) -> int:
    """Count the records of the .shp; check that each lies where the .shx says."""
    content = np.memmap(path, np.uint8, "r")
    starts = offsets[:, 0]
    ends = starts + offsets[:, 1] + 8
    if len(offsets) and ((starts < _HEADER).any() or (ends > len(content)).any()):
        record = int(np.argmax((starts < _HEADER) | (ends > len(content))))
        raise InputRefused.because("V16", file=path, why=f".shp: #{record} > {len(content):,} B")
    lengths = _big_endian(content, starts + 4) * 2
    if (wrong := lengths != offsets[:, 1]).any():
        raise InputRefused.because("V16", file=path, why=f".shp/.shx: #{int(np.argmax(wrong))}")
    packed = np.concatenate([[_HEADER], ends])
    if (packed[:-1] == starts).all() and packed[-1] == len(content):
        return len(offsets)
    return _walk(content, path)


def _walk(content: NDArray[np.uint8], path: Path) -> int:
    """Count records one after the other, from header to header."""
    place, count, end = _HEADER, 0, len(content)
    while place + 8 <= end:
        place += 8 + 2 * int.from_bytes(content[place + 4 : place + 8].tobytes(), "big")
        count += 1
    if place != end:
        raise InputRefused.because("V16", file=path, why=f".shp: #{count} > {end:,} B")
    return count


def _big_endian(content: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.int64]:
    four = content[places[:, np.newaxis] + np.arange(4)].astype(np.uint8)
    numbers: NDArray[np.int64] = four.copy().view(">i4").ravel().astype(np.int64)
    return numbers


def _dbf(dbf: Path, path: Path) -> tuple[int, int, tuple[DbfField, ...], int]:
    """Return records, deleted records, fields and language byte of an attribute table."""
    with dbf.open("rb") as file:
        head = file.read(32)
        size = dbf.stat().st_size
        if len(head) < 32:
            raise InputRefused.because("V16", file=path, why=f".dbf: {size} B")
        records = int.from_bytes(head[4:8], "little")
        start, width = (int.from_bytes(head[i : i + 2], "little") for i in (8, 10))
        described = file.read(max(start - 32, 0))
    fields = tuple(_fields(described))
    if not fields or sum(f.width for f in fields) + 1 != width:
        raise InputRefused.because("V16", file=path, why=f".dbf: {len(fields)} fields, {width} B")
    if start + records * width > size:
        whole = (size - start) // width
        raise InputRefused.because("V16", file=path, why=f".dbf: {whole:,} < {records:,}")
    flags = np.memmap(dbf, np.uint8, "r")[start : start + records * width : width]
    return records, int((flags == ord("*")).sum()), fields, head[29]


def _fields(described: bytes) -> list[DbfField]:
    fields = []
    for at in range(0, len(described) - 31, 32):
        if described[at] == 0x0D:
            break
        entry = described[at : at + 32]
        kind = chr(entry[11])
        width = entry[16] + (entry[17] * 256 if kind == "C" else 0)
        fields.append(DbfField(entry[:11].split(b"\0")[0], kind, width))
    return fields
