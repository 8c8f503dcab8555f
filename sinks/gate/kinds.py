"""What kind of file it is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from sinks.errors import InputRefused

_HEAD = 4096  # bytes that tell a format
_SHAPEFILE, _SQLITE, _FLATGEOBUF = b"\x00\x00\x27\x0a", b"SQLite format 3\x00", b"fgb\x03fgb"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_JSON = re.compile(rb"\s*[{\[]")
_XML = re.compile(rb"\s*<[?!A-Za-z]")
_ROOT = re.compile(rb"<(?:\w+:)?([A-Za-z_]\w*)")
_ARCHIVES = {
    _ZIP: "ZIP", b"PK\x05\x06": "ZIP", b"PK\x07\x08": "ZIP", b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz",
}  # fmt: skip
_OTHERS = {
    b"%PDF": "PDF", b"PAR1": "Parquet", b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"AC10": "DWG",
    b"\x00\x01\x00\x00Standard": "Access (MDB)", b"!table": "MapInfo TAB", b"\x89PNG": "PNG",
    b"\x89HDF": "HDF5", b"\xff\xd8\xff": "JPEG", _OLE: "Excel 97-2003 / OLE",
}  # fmt: skip
_XML_NAMES = {
    "kml": "KML", "featurecollection": "GML", "gpx": "GPX", "osm": "OSM XML", "svg": "SVG",
    "ogrvrtdatasource": "OGR VRT", "vrtdataset": "GDAL VRT", "html": "HTML", "workbook": "XML",
}  # fmt: skip


def vector_driver(path: Path) -> str:
    """Return the driver that reads a layer file: the one its first bytes belong to.

    Raises
    ------
    InputRefused
        ``V16`` for a side file of a shapefile, ``V35`` for an archive, ``V36`` for every
        format but GeoPackage, Shapefile, GeoJSON and FlatGeobuf.
    """
    head = first_bytes(path)
    if archive := archive_kind(head):
        raise InputRefused.because("V35", file=path, kind=archive, members=members(path))
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        raise InputRefused.because("V16", file=path, why=f"{path.suffix} ≠ .shp")
    if head.startswith(_SQLITE) and _geopackage(head, path):
        return "GPKG"
    if head.startswith(_SHAPEFILE) and path.suffix.lower() == ".shp":
        return "ESRI Shapefile"
    if head.startswith(_FLATGEOBUF):
        return "FlatGeobuf"
    if _TEXT_JSON.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "GeoJSON"
    raise InputRefused.because("V36", file=path, kind=kind_of(path))


def table_kind(path: Path) -> str:
    """Return ``xlsx`` or ``csv`` by the first bytes.

    Raises
    ------
    InputRefused
        ``T24`` for old Excel files, password-protected ones, archives and other formats.
    """
    head = first_bytes(path)
    if head.startswith(_ZIP) and _is_workbook(path):
        return "xlsx"
    other = archive_kind(head) or any(head.startswith(magic) for magic in (*_OTHERS, _SQLITE))
    if other or _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise InputRefused.because("T24", file=path, why=kind_of(path))
    return "csv"


def first_bytes(path: Path) -> bytes:
    """Return the beginning of a file."""
    with path.open("rb") as file:
        return file.read(_HEAD)


def archive_kind(head: bytes) -> str | None:
    """Return the name of the archive format that ``head`` begins, if it does."""
    return next((name for magic, name in _ARCHIVES.items() if head.startswith(magic)), None)


def members(path: Path, *, most: int = 8) -> list[str]:
    """Return the first names inside a ZIP archive, as a Chinese Windows wrote them."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member_name(info) for info in archive.infolist()[:most]] or ["—"]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return ["—"]


def kind_of(path: Path) -> str:
    """Name the format of a file for people."""
    head = first_bytes(path)
    if not head:
        return "0 B"
    known = {**_ARCHIVES, **_OTHERS, _SQLITE: "SQLite"}
    if name := next((name for magic, name in known.items() if head.startswith(magic)), None):
        return name
    if b"OSMHeader" in head[:64]:
        return "OSM PBF"
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        roots = [name.decode().lower() for name in _ROOT.findall(head)]
        return next((_XML_NAMES[r] for r in roots if r in _XML_NAMES), "XML")
    return path.suffix.lower().lstrip(".").upper() or "?"


def _geopackage(head: bytes, path: Path) -> bool:
    """Whether an SQLite file calls itself a GeoPackage, or is an old one named so."""
    application = head[68:72]
    return application in (b"GPKG", b"GP10", b"GP11") or (
        application == bytes(4) and path.suffix.lower() == ".gpkg"
    )


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return path.suffix.lower() in (".xlsx", ".xlsm")


def _member_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:  # the name is in UTF-8
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename
