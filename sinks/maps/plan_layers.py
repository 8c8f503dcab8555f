"""Layers of the plan: projects of the ledger by kind and state, changes within the red line.

A click tells what the layer is for and no more: other columns of a ledger do not reach a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import pandas as pd

from sinks.maps.elements import Look
from sinks.maps.figures import label, names_by_id
from sinks.maps.inert import Words, words
from sinks.maps.surfaces import Detail, Fills, RecordLayer
from sinks.parameters.ledger import project_terms
from sinks.results import Results

_HA = Words("公顷", "ha")
_KINDS = {
    "restoration": (Words("湿地修复项目（台账）", "Wetland restoration (ledger)"), "#01665e"),
    "planting": (Words("造林项目（台账）", "Planting (ledger)"), "#7f4a0b"),
}
_SHADES = {"accepted": "cc", "under_way": "55", "planned": "", "dropped": ""}  # opacity
_DOCUMENTS = {
    "held": Words("有", "held"),
    "missing": Words("缺", "missing"),
    "not_yet": Words("尚未验收", "not accepted yet"),
}
_INSIDE = Words("红线内的地类变化", "Changes within the red line")
_CHANGES = {
    "encroaches": Words("疑似占用", "possible encroachment"),
    "other": Words("其他变化", "other change"),
}
_CHANGE_COLOURS = {"encroaches": "#d7191c", "other": "#8fa3b5"}


def plan_layers(
    results: Results, layers: Mapping[str, gpd.GeoDataFrame]
) -> tuple[list[RecordLayer], dict[str, gpd.GeoDataFrame]]:
    """Return the layers of the plan, and of ``layers`` those that they do not replace."""
    rest = dict(layers)
    told = not results.table("ledger").empty and "project" in rest.get("projects", ())
    made = list(ledger_layers(results, rest.pop("projects"))) if told else []
    changes = redline_layer(results)
    return made if changes is None else [*made, changes], rest


def ledger_layers(results: Results, projects: gpd.GeoDataFrame) -> Iterator[RecordLayer]:
    """Yield a layer of each kind of projects, coloured by state.

    ``projects`` are polygons with the column ``project``: ids of the table ``ledger``, which
    says the rest. A polygon that the table does not have is not drawn.

    Raises
    ------
    InputRefused
        ``M06`` if the polygons cannot be placed on a page.
    """
    table = results.table("ledger")
    told = table[["kind", "type", "year", "status", "document", "area_ha"]]
    frame = projects[["project", "geometry"]].merge(told, left_on="project", right_index=True)
    for kind, (name, colour) in _KINDS.items():
        of_kind = gpd.GeoDataFrame(frame[frame["kind"] == kind], geometry="geometry")
        if len(of_kind):
            yield _ledger_layer(of_kind, name, colour)


def _ledger_layer(frame: gpd.GeoDataFrame, name: Words, colour: str) -> RecordLayer:
    types, states = (names_by_id(_terms(role)) for role in ("type", "status"))
    years = {f"{year:.0f}": words(f"{year:.0f}") for year in frame["year"].dropna()}
    shown = frame.assign(
        year=[f"{year:.0f}" for year in frame["year"]],
        documents=[_document(row.status, row.document) for row in frame.itertuples()],
        name_zh=[types[key].zh for key in frame["type"]],
        name_en=[types[key].en for key in frame["type"]],
    )
    details = (
        Detail(column="year", label=label("column", "year"), names=years),
        Detail(column="status", label=Words("状态", "State"), names=states),
        Detail(column="documents", label=Words("验收文件", "Document"), names=_DOCUMENTS),
        Detail(column="area_ha", label=Words("面积", "Area"), digits=2, unit=_HA),
    )
    colours = {state: colour + shade if shade else None for state, shade in _SHADES.items()}
    return RecordLayer(
        shown,
        name,
        names=("name_zh", "name_en"),
        look=Look(colour=colour, width=1.8),
        details=details,
        fills=Fills(keys=list(frame["status"]), colours=colours, names=states),
    )


def _terms(role: str) -> pd.DataFrame:
    return pd.DataFrame(project_terms().loc[role])


def _document(status: object, document: object) -> str:
    if status != "accepted":
        return "not_yet"
    return "held" if isinstance(document, str) and document.strip() else "missing"


def redline_layer(results: Results) -> RecordLayer | None:
    """Return the patches that changed within the red line as points, or nothing."""
    table = results.table("redline_changes")
    if table.empty:
        return None
    classes = names_by_id(results.table("classes"))
    ranks = pd.Series(range(1, len(table) + 1), index=table.index).astype(str)
    flags = ["encroaches" if flag else "other" for flag in table["encroaches"]]
    points = gpd.GeoDataFrame(
        table.assign(name_zh="第 " + ranks + " 处", name_en="No. " + ranks, flag=flags),
        geometry=gpd.points_from_xy(table["lon"], table["lat"]),
        crs="EPSG:4326",
    )
    details = (
        Detail(column="land_cover", label=Words("原类型", "Before"), names=classes),
        Detail(column="land_cover_after", label=Words("现类型", "After"), names=classes),
        Detail(column="area_ha", label=Words("面积", "Area"), digits=2, unit=_HA),
        Detail(column="flag", label=Words("性质", "Kind"), names=_CHANGES),
    )
    return RecordLayer(
        points,
        _INSIDE,
        names=("name_zh", "name_en"),
        look=Look(
            colour="#ffffff", width=1.5, halo="#1c243099", fill=_CHANGE_COLOURS["encroaches"]
        ),
        details=details,
        fills=Fills(keys=flags, colours=_CHANGE_COLOURS, names=_CHANGES),
    )
