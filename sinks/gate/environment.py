"""The surroundings of every read: GDAL and PROJ settings, and what a path may look like.

GDAL and PROJ take orders from environment variables and follow paths into networks,
databases and other files. Here they lose the drivers that do so, keep to the settings
below whatever they inherit, and see only paths of regular files that we looked at first.
It works only before rasterio and pyogrio are used first; :func:`remaining_drivers` tells.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import unicodedata
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from sinks.errors import Finding, InputRefused

# They read other files (VRT), networks, databases or programs.
SKIPPED_DRIVERS = (
    *("VRT", "OGR_VRT", "GTI", "DERIVED", "STACIT", "STACTA", "GDALG", "PDF", "GPSBabel"),
    *("WMS", "WMTS", "WCS", "WFS", "OAPIF", "OGCAPI", "CSW", "HTTP", "DAAS", "EEDA", "EEDAI"),
    *("PLMOSAIC", "PLSCENES", "AmigoCloud", "Carto", "Elasticsearch", "NGW", "ADBC"),
    *("GNMFile", "GNMDatabase"),
)
SETTINGS = {
    "GDAL_SKIP": ",".join(SKIPPED_DRIVERS),
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no file beside an input changes what it says
    "GDAL_PAM_ENABLED": "NO",  # never write .aux.xml beside an input
    "GDAL_CACHEMAX": "32",  # MB of decoded blocks
    "PROJ_NETWORK": "OFF",
    "CPL_LOG": os.devnull,  # what matters is raised or noted; nothing is left for the screen
}
_PREFIXES = ("GDAL_", "OGR_", "OSR_", "CPL_", "VSI_", "PROJ_", "GTIFF_", "GEOTIFF_", "SHAPE_")
_DATA_FOLDERS = {"GDAL_DATA", "PROJ_DATA", "PROJ_LIB"}
_OWN = ("GDAL_CURL_CA_BUNDLE", "PROJ_CURL_CA_BUNDLE")  # set by the libraries themselves
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_LONGEST_NAME = 255  # bytes that a file system keeps of one name


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What :func:`prepare` changed, by name with the value that was found.

    ``changed`` are our settings that had another value; ``removed`` are inherited variables
    that could have loaded code or changed how files are read.
    """

    changed: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)

    def findings(self) -> tuple[Finding, ...]:
        """Return ``C11`` if variables were put aside."""
        names = sorted({*self.changed, *self.removed})
        return (Finding(code="C11", place="environment", facts={"names": names}),) if names else ()


def prepare(environment: MutableMapping[str, str] | None = None) -> Preparation:
    """Give GDAL and PROJ our settings and none of the inherited ones.

    A folder of PROJ or GDAL data inside this Python installation is kept: that is how some
    distributions find their own data.
    """
    variables = os.environ if environment is None else environment
    removed = {
        name: variables.pop(name) for name in list(variables) if _inherited(name, variables)
    }
    changed = {
        name: variables[name]
        for name, wanted in SETTINGS.items()
        if variables.get(name, wanted) != wanted
    }
    variables.update(SETTINGS)
    return Preparation(changed=changed, removed=removed)


def remaining_drivers() -> dict[str, tuple[str, ...]]:
    """Return the drivers that should be gone and are not, by library.

    Empty, unless rasterio or pyogrio was used before :func:`prepare`.
    """
    import pyogrio
    import rasterio

    with rasterio.Env() as env:
        present = {"rasterio": set(env.drivers()), "pyogrio": set(pyogrio.list_drivers())}
    left = {name: tuple(sorted(have & set(SKIPPED_DRIVERS))) for name, have in present.items()}
    return {name: drivers for name, drivers in left.items() if drivers}


def checked_path(path: Path | str, *, max_bytes: int | None = None) -> Path:
    """Return the absolute path of a regular file that GDAL may be given.

    Raises
    ------
    InputRefused
        ``C10`` for addresses, ``/vsi`` paths and driver prefixes, ``C14`` for control or
        direction characters and names too long, ``C09`` if it is no regular, readable file,
        ``C17`` if it is larger than ``max_bytes``.
    """
    text = os.fspath(path)
    _refuse_strange_text(text)
    try:
        resolved = Path(text).expanduser().resolve(strict=True)
        about = resolved.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise InputRefused.because("C09", file=text, path=text) from error
    if not stat.S_ISREG(about.st_mode) or not os.access(resolved, os.R_OK):
        raise InputRefused.because("C09", file=text, path=text)
    _refuse_strange_text(os.fspath(resolved))
    if max_bytes is not None and about.st_size > max_bytes:
        raise InputRefused.because("C17", file=text, bytes=about.st_size, limit=max_bytes)
    return resolved


def _inherited(name: str, variables: MutableMapping[str, str]) -> bool:
    if name in (*SETTINGS, *_OWN) or not name.upper().startswith((*_PREFIXES, "PYTHONSO")):
        return False
    ours = Path(sys.prefix).resolve()
    return name not in _DATA_FOLDERS or not Path(variables[name]).resolve().is_relative_to(ours)


def _refuse_strange_text(text: str) -> None:
    hidden = {c for c in text if _is_hidden(c)}
    if hidden:
        shown = ", ".join(sorted(f"U+{ord(c):04X}" for c in hidden))
        raise InputRefused.because("C14", file=text, why=shown)
    longest = max((len(os.fsencode(part)) for part in re.split(r"[/\\]", text)), default=0)
    if longest > _LONGEST_NAME:
        raise InputRefused.because("C14", file=text, why=f"{longest} > {_LONGEST_NAME} bytes")
    plain = text.strip().replace("\\", "/")
    prefix = re.match(r"[A-Za-z][A-Za-z0-9+._-]+:", plain)  # one letter is a Windows drive
    if (
        prefix
        or "://" in plain
        or re.match(r"/*vsi[a-z0-9_]*/", plain, re.I)
        or plain.startswith(("<", "{"))
    ):
        raise InputRefused.because("C10", file=text, path=text)


def _is_hidden(character: str) -> bool:
    """Whether it could forge a line or turn text around, or is no character at all."""
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in _DIRECTIONS
    )
