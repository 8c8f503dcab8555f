"""The page of the ledger's projects: what each states, what the maps show, before and after.

Of the ledger the page holds what it shows and nothing else; where a project lies is told by
the outline on its chips alone. Whether a map shows the class that a project was to bring is a
check of plausibility: it takes the place of no acceptance.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from branca.element import Element, Figure
from pyproj import CRS

from sinks.errors import Language
from sinks.maps.assets import Asset, asset
from sinks.maps.chips import DatedImage
from sinks.maps.inert import Block, Words, json_text, names_of, words
from sinks.maps.page import write_figure
from sinks.maps.project_chips import ProjectChip, project_chips
from sinks.parameters.labels import labels
from sinks.parameters.ledger import project_terms
from sinks.results import Results

SCRIPTS = ("core.js", "labelling_chips.js", "projects.js")
STYLES = ("sinks.css", "labelling.css", "projects.css")
_SHARES = ("was_before_pct", "is_after_pct", "became_pct")
_Row = Mapping[Hashable, Any]


def write_projects_page(
    results: Results,
    outlines: gpd.GeoSeries,
    path: Path | str,
    *,
    images: Sequence[DatedImage],
    language: Language = "zh",
) -> Path:
    """Write the projects of table ``ledger``, each with its chip of every image that shows it.

    Parameters
    ----------
    outlines
        Polygons of the projects, by the index of the table, with a CRS.
    images
        In the order in which they are shown, side by side.
    language
        What the page speaks when it opens; it can be switched.

    Raises
    ------
    InputRefused
        ``A10`` if an image lacks a band of the natural view, ``M07`` if the page would be
        too large.
    """
    table = results.table("ledger")
    shapes = outlines.reindex(table.index)
    chips = [project_chips(shape, CRS(outlines.crs), images) for shape in shapes]
    rows = table.reset_index().to_dict("records")
    title = _title(results)
    facts = {
        "title": title,
        "banner": _made_up(results, images),
        "years": [results.years[0], results.years[-1]],
        "images": [words(image.label) for image in images],
        "projects": [
            {**_project(row, results.table("classes")), "chips": [_chip(c) for c in each]}
            for row, each in zip(rows, chips, strict=True)
        ],
    }
    planes = [[_plane(each[n]) for each in chips] for n in range(len(images))]
    return write_figure(_figure(facts, planes, language), path, title=title, language=language)


@cache
def page_words() -> dict[str, dict[str, str]]:
    """Return what the page says by itself: key to zh and en."""
    with (Path(__file__).parent / "projects.toml").open("rb") as file:
        return tomllib.load(file)


def _title(results: Results) -> Words:
    said = page_words()["title"]
    return Words(f"{results.name_zh}：{said['zh']}", f"{results.name_en}: {said['en']}")


def _made_up(results: Results, images: Sequence[DatedImage]) -> Words | None:
    if not (results.synthetic or any(image.synthetic for image in images)):
        return None
    said = page_words()["made_up"]
    return Words(said["zh"], said["en"])


def _project(row: _Row, classes: pd.DataFrame) -> dict[str, Any]:
    """Return what the page says of a project; the rest of the row does not reach it."""
    judged = row.get("judged")
    return {
        "name": words(str(row["name"])),
        "kind": _named(labels("measure"), row["kind"]),
        "type": _term("type", row["type"]),
        "before": _class(classes, row["pre_class"]),
        "after": _class(classes, row["post_class"]),
        "year": None if pd.isna(row["year"]) else int(row["year"]),
        "status": _term("status", row["status"]),
        "accepted_on": str(row["accepted_on"]),
        "area_ha": float(row["area_ha"]),
        "judged": _named(labels("seen"), judged) if isinstance(judged, str) else None,
        "shares": [_number(row.get(name)) for name in _SHARES],
    }


def _named(names: Mapping[str, tuple[str, str]], key: str) -> dict[str, Any]:
    """Return a key, by which the page sorts, and its name."""
    return {"key": key, "name": Words(*names.get(key, (key, key)))}


def _term(role: str, key: str) -> Words:
    terms = project_terms()
    if (role, key) not in terms.index:
        return words(key)
    return names_of(*terms.loc[(role, key), ["name_zh", "name_en"]])


def _class(classes: pd.DataFrame, key: str) -> Words:
    if key not in classes.index:
        return words(key or "—")
    return names_of(*classes.loc[key, ["name_zh", "name_en"]])


def _number(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _chip(chip: ProjectChip | None) -> dict[str, Any] | None:
    if chip is None:
        return None
    return {
        "size": chip.chips.size_px,
        "metres_per_px": chip.chips.metres_per_px,
        "views": dict(chip.chips.views),
        "comparable": chip.chips.comparable,
        "outlines": list(chip.chips.outlines),
        "rings": chip.rings,
    }


def _plane(chip: ProjectChip | None) -> str:
    return "" if chip is None else chip.chips.planes[0]


def _figure(facts: dict[str, Any], planes: Sequence[Sequence[str]], language: Language) -> Figure:
    figure = Figure()
    for name in STYLES:
        figure.header.add_child(Asset("style", asset(name)), name=name)
    for name in SCRIPTS:
        figure.header.add_child(Asset("script", asset(name)), name=name)
    blocks = [
        Block(figure, "words", json_text(page_words()), kind="json"),
        Block(figure, "facts", json_text(facts), kind="json"),
        *(
            Block(figure, f"planes_{n}", " ".join(each), kind="base64")
            for n, each in enumerate(planes)
        ),
    ]
    for block in blocks:
        figure.html.add_child(block, name=block.name)
    spoken, told, *seen = (block.name for block in blocks)
    figure.script.add_child(_Start(spoken, told, seen, language), name="start")
    return figure


class _Start(Element):
    """The only code of the page's own: which blocks it is about."""

    def __init__(self, spoken: str, told: str, planes: Sequence[str], language: Language):
        super().__init__()
        self._code = (
            f'sinks.start("{spoken}", "{language}");\n'
            f'sinks.projects("{told}", {json.dumps(list(planes))});'
        )

    def render(self, **kwargs: object) -> str:
        return self._code
