"""The labelling page: samples with their images, classes by key, in one file without a network.

The page is blind: neither stratum nor map class of a sample stands in it, not even where
nobody looks. Labels stay in the browser at every key and leave it as CSV, which
:func:`sinks.sources.labels.read_labels` takes back.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from branca.element import Element, Figure
from pyproj import CRS

from sinks.errors import InputRefused, Language
from sinks.landcover.legend import Legend
from sinks.maps.assets import Asset, asset
from sinks.maps.chips import Chips, DatedImage, image_chips
from sinks.maps.inert import Block, Words, json_text, words
from sinks.maps.page import write_figure
from sinks.maps.placement import crs_name
from sinks.sources.sample_files import SampleFile

SCRIPTS = (
    "core.js", "labelling_store.js", "labelling_chips.js", "labelling_dialogs.js",
    "labelling_page.js",
)  # fmt: skip
STYLES = ("sinks.css", "labelling.css")
MAX_MB = 60.0  # 1,000 samples at two dates take 21
# digits for the first ten classes; letters that mean something else are left out (c f n s u)
PRESSES = "1234567890qwertyiopadghjklzxvbm"
_MADE_UP = Words(
    "合成数据，仅供演示，不得用于管理决策",
    "Synthetic data, for demonstration only, not for decisions",
)


def write_labelling_page(
    sample: SampleFile,
    path: Path | str,
    *,
    legend: Legend,
    title: str | tuple[str, str],
    images: Sequence[DatedImage] = (),
    language: Language = "zh",
) -> Path:
    """Write the page on which a sample is labelled.

    Parameters
    ----------
    sample
        The sample; if it or an image is made up, the page says so.
    legend
        The classes to choose from, in the order in which they are shown.
    images
        What is shown of every sample, side by side; the page works without any.
    language
        What the page speaks when it opens; it can be switched.

    Raises
    ------
    InputRefused
        ``A10`` to ``A12`` for images that cannot be shown, ``A13`` if there are more classes
        than keys, ``A14`` if the page would be too large.
    """
    presses = class_presses(legend)
    chips = image_chips(sample.points, images, pixel=sample.facts.pixel)
    if (size_mb := sum(each.bytes for each in chips) / 1e6) > MAX_MB:
        raise InputRefused.because("A14", file=path, mb=size_mb, limit_mb=MAX_MB)
    made_up = bool(sample.facts.synthetic) or any(image.synthetic for image in images)
    facts = {
        **_sample_facts(sample),
        "title": words(title),
        "banner": _MADE_UP if made_up else None,
        "legend": [
            {"key": c.key, "name": Words(c.zh, c.en), "colour": c.colour, "press": presses[c.key]}
            for c in legend.classes
        ],
        "chips": [_chip_facts(each) for each in chips],
    }
    figure = _figure(facts, chips, language)
    return write_figure(figure, path, title=title, language=language)


def class_presses(legend: Legend) -> dict[str, str]:
    """Return the key on the keyboard of each class.

    Raises
    ------
    InputRefused
        ``A13`` if there are more classes than keys.
    """
    if len(legend.classes) > len(PRESSES):
        facts = {"count": len(legend.classes), "limit": len(PRESSES)}
        raise InputRefused.because("A13", place=legend.name, **facts)
    return dict(zip(legend.keys, PRESSES, strict=False))


@cache
def page_words() -> dict[str, dict[str, str]]:
    """Return what the page says by itself: key to zh and en."""
    with (Path(__file__).parent / "labelling.toml").open("rb") as file:
        return tomllib.load(file)


def _sample_facts(sample: SampleFile) -> dict[str, Any]:
    """Return what interpreters may see of a sample, and nothing else."""
    crs = CRS(sample.points.crs)
    seen = zip(*(sample.points[name] for name in ("sample", "x", "y", "lon", "lat")), strict=True)
    return {
        "hash": sample.hash,
        "crs": None if crs.is_geographic else crs_name(crs),
        "dates": list(sample.facts.dates),
        "samples": [
            {"id": int(s), "x": float(x), "y": float(y), "lon": float(lon), "lat": float(lat)}
            for s, x, y, lon, lat in seen
        ],
    }


def _chip_facts(chips: Chips) -> dict[str, Any]:
    return {
        "label": chips.label,
        "size": chips.size_px,
        "metres_per_px": chips.metres_per_px,
        "views": dict(chips.views),
        "comparable": chips.comparable,
        "outlines": list(chips.outlines),
    }


def _figure(facts: dict[str, Any], chips: Sequence[Chips], language: Language) -> Figure:
    figure = Figure()
    for name in STYLES:
        figure.header.add_child(Asset("style", asset(name)), name=name)
    for name in SCRIPTS:
        figure.header.add_child(Asset("script", asset(name)), name=name)
    blocks = [
        Block(figure, "words", json_text(page_words()), kind="json"),
        Block(figure, "facts", json_text(facts), kind="json"),
        *(
            Block(figure, f"planes_{n}", " ".join(each.planes), kind="base64")
            for n, each in enumerate(chips)
        ),
    ]
    for block in blocks:
        figure.html.add_child(block, name=block.name)
    spoken, told, *planes = (block.name for block in blocks)
    figure.script.add_child(_Start(spoken, told, planes, language), name="start")
    return figure


class _Start(Element):
    """The only code of the page's own: which blocks it is about."""

    def __init__(self, spoken: str, told: str, planes: Sequence[str], language: Language):
        super().__init__()
        self._code = (
            f'sinks.start("{spoken}", "{language}");\n'
            f'sinks.label("{told}", {json.dumps(list(planes))});'
        )

    def render(self, **kwargs: object) -> str:
        return self._code
