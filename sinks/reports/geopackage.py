"""Results as a GeoPackage: zones with their figures, and the layers they came from, for QGIS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from sinks.results import Results

_FIXED_DATE = "2000-01-01T00:00:00.000Z"  # one run gives one file: no clock in it
SYNTHETIC = "SINKS_SYNTHETIC 合成数据，仅供演示 / synthetic data, for demonstration only. "
_AREA = "area_{}_{}_ha"
_CHANGE = "^(common|change)_.*(ha|tc|probability_gain)$"
_BALANCE = "^(removal|emission|net_sink|probability_sink)"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def write_geopackage(results: Results, layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write ``layers`` by name into one GeoPackage; ``zones`` gets the figures of each zone.

    Figures are columns with their unit: areas by class and year, stocks with their
    interval (on mapped and on estimated areas), the change, the net balance (positive is a
    sink) with its probability, and every rate in percent. Every layer says what made it,
    and that it is synthetic where an input is.
    """
    shown = {
        name: frame.merge(zone_figures(results), on="zone") if name == "zones" else frame
        for name, frame in layers.items()
    }
    write_layers(shown, path, dict.fromkeys(shown, _description(results)))


def write_layers(
    layers: Mapping[str, pd.DataFrame], path: Path, descriptions: Mapping[str, str]
) -> None:
    """Write layers and tables by name into one GeoPackage: one content, one file."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                _writable(frame) if isinstance(frame, gpd.GeoDataFrame) else frame,
                path,
                layer=name,
                driver="GPKG",
                layer_options={"DESCRIPTION": descriptions[name], "IDENTIFIER": name},
                append=path.exists(),
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def zone_figures(results: Results) -> pd.DataFrame:
    """Return one row per zone (index ``zone``) with its figures, one column each."""
    parts = [
        _by_year(results, "areas", "area_ha", "land_cover", _AREA),
        *_stocks(results, "stock_totals", "stock"),
        *_stocks(results, "stock_estimates", "stock_estimated"),
        _by_year(results, "indicators", "value", "indicator", "{}_{}_pct"),
        results.table("stock_change").filter(regex=_CHANGE),
        results.table("balance").filter(regex=_BALANCE),
    ]
    return pd.concat([part for part in parts if not part.empty], axis=1).rename_axis("zone")


def _stocks(results: Results, table: str, name: str) -> Iterator[pd.DataFrame]:
    for end in ("", "_low", "_high"):
        yield _by_year(results, table, f"stock{end}_tc", None, f"{name}{end}_{{}}_tc")


def _by_year(
    results: Results, table: str, column: str, level: str | None, name: str
) -> pd.DataFrame:
    """Spread a column of a table over the years (and a level), named by ``name``."""
    frame = results.table(table)
    if frame.empty:
        return frame
    levels = ["year"] if level is None else [level, "year"]
    wide = frame[column].unstack(levels)  # noqa: PD010 (pivot_table would aggregate)
    keys = wide.columns if level else ((year,) for year in wide.columns)
    wide.columns = pd.Index([name.format(*key) for key in keys])
    return wide if table == "indicators" else wide.fillna(0.0)


def _writable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give columns names that GeoPackage can tell apart, and texts that it keeps whole."""
    geometry = frame.geometry.name
    names = _field_names([name for name in frame.columns if name != geometry])
    renamed = frame.rename(columns=names)
    texts = [n for n in names.values() if pd.api.types.infer_dtype(renamed[n]) == "string"]
    return renamed.assign(**{name: renamed[name].map(_storable) for name in texts})


def _field_names(columns: Iterable[Any]) -> dict[Any, str]:
    """Add ``_`` to names that differ by case alone, or that the format keeps for itself."""
    names, taken = {}, {"fid", "geom"}
    for column in columns:
        name = str(column)
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        names[column] = name
    return names


def _storable(text: Any) -> Any:
    """Show what would end a text in the file, or cannot be in it, as an escape."""
    return (
        _UNSTORABLE.sub(lambda c: f"\\u{ord(c[0]):04x}", text) if isinstance(text, str) else text
    )


def _description(results: Results) -> str:
    made_up = SYNTHETIC if results.synthetic else ""
    return (
        f"{made_up}{results.name_zh} / {results.name_en}; sinks {results.version}, {results.run}"
    )
