"""The table of contents of a GeoPackage, read before GDAL opens it.

GDAL gives no geometry for one that it cannot read, and its feature count may come from a
trigger table that is out of date; here rows and geometries are counted in the tables
themselves (OGC 12-128r18, GeoPackage Encoding Standard).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sinks.errors import InputRefused

SYNTHETIC = "SINKS_SYNTHETIC"  # in a layer's description: made up for demonstration
_PATIENCE_S = 30.0
_CURVES = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE",
           "CURVE", "SURFACE", "TIN", "POLYHEDRALSURFACE", "TRIANGLE")  # fmt: skip
_LAYERS = """
    SELECT c.table_name, g.column_name, g.geometry_type_name, g.srs_id,
           coalesce(c.description, '') || ' ' || coalesce(c.identifier, '')
    FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
    ORDER BY c.rowid
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPackageLayer:
    """A layer with geometries: its name, rows, and rows that hold a geometry."""

    name: str
    geometry_column: str
    geometry_type: str
    srs_id: int
    synthetic: bool

    @property
    def curved(self) -> bool:
        """Whether the layer is made for curves or surfaces that are not polygons."""
        return self.geometry_type.upper() in _CURVES


def layers(path: Path) -> list[GeoPackageLayer]:
    """List the layers of a GeoPackage that have geometries.

    Raises
    ------
    InputRefused
        ``V37`` if another program has it open for writing, ``V39`` if it is damaged.
    """
    with _database(path) as database:
        return [
            GeoPackageLayer(
                name=str(name),
                geometry_column=str(column),
                geometry_type=str(kind),
                srs_id=int(srs_id),
                synthetic=SYNTHETIC in str(described),
            )
            for name, column, kind, srs_id, described in database.execute(_LAYERS)
        ]


def counted(path: Path, layer: GeoPackageLayer) -> tuple[int, int]:
    """Return the number of rows, and of rows with a geometry, of a layer."""
    column, table = _quoted(layer.geometry_column), _quoted(layer.name)
    with _database(path) as database:
        query = f"SELECT count(*), count({column}) FROM {table}"  # noqa: S608 (quoted names)
        rows, geometries = database.execute(query).fetchone()
    return int(rows), int(geometries)


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file so that nothing is written beside it and no query runs for ever."""
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise InputRefused.because("V37", file=path, beside=beside.name)
    until = time.monotonic() + _PATIENCE_S
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as base:
            base.set_progress_handler(lambda: time.monotonic() > until, 100_000)
            base.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield base
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        raise InputRefused.because("V39", file=path, why=str(error)[:120]) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
