"""Names that would act if a page let them: each is shown letter by letter, and nothing runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser
from shapely.geometry import box

from sinks.landcover.cover import LandCover, cover_from_array
from sinks.landcover.legend import Legend
from sinks.maps.atlas import Rasters, study_map
from sinks.maps.elements import ShapeLayer
from sinks.maps.page import write_page
from sinks.results import Results
from tests.maps.browser import Opened, opened
from tests.maps.payloads import PAYLOADS
from tests.maps.scene import CGCS2000_GK, LEGEND, NORTH, WEST, grid_at, scene

ALL = " | ".join(PAYLOADS)
SIDE = 4  # pixels of a square of the scene


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A page with every payload in every place where a text from outside can stand."""
    results, cover, layers = hostile_results(), hostile_cover(), hostile_layers()
    covers = {year: replace(cover, year=year) for year in results.years}
    rasters = Rasters(covers=covers, densities_by_code=np.arange(256.0))
    m = study_map(results, rasters, layers)
    for payload in PAYLOADS:
        named = layers["wetland"].head(1)
        ShapeLayer(named, payload, names="name_zh", show=False).add_to(m)
    folium.LayerControl().add_to(m)  # folium's own list of our layers
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(m, path, title=ALL)
    with opened(browser, path) as page:
        page.settle()
        yield page


def hostile_cover() -> LandCover:
    """A class per payload, in squares side by side."""
    classes = tuple(
        replace(LEGEND.classes[0], code=i + 1, key=f"k{i}", zh=payload, en=payload)
        for i, payload in enumerate(PAYLOADS)
    )
    codes = np.repeat(np.arange(1, len(PAYLOADS) + 1, dtype=np.uint8), SIDE)
    strip = np.repeat(codes[np.newaxis, :], SIDE, axis=0)
    legend = Legend(name="hostile", classes=classes)
    return cover_from_array(strip, grid=grid_at(strip.shape), legend=legend, year=2025)


def hostile_layers() -> dict[str, gpd.GeoDataFrame]:
    side_m = 10.0 * SIDE
    squares = [
        box(WEST + i * side_m, NORTH - side_m, WEST + (i + 1) * side_m, NORTH)
        for i in range(len(PAYLOADS))
    ]
    named = {"name_zh": PAYLOADS, "name_en": PAYLOADS}
    frame = gpd.GeoDataFrame(named, geometry=squares, crs=CGCS2000_GK)
    zones = frame.assign(zone=[f"z{i}" for i in range(len(PAYLOADS))], kind="town")
    return {"wetland": frame, "zones": zones}


def hostile_results() -> Results:
    base = scene(names=(ALL,)).results
    index = [f"z{i}" for i in range(len(PAYLOADS))]
    zones = pd.DataFrame(
        {"name_zh": PAYLOADS, "name_en": PAYLOADS, "kind": "town"},
        index=pd.Index(index, name="zone"),
    )
    keys = pd.Index([f"k{i}" for i in range(len(PAYLOADS))], name="land_cover")
    classes = pd.DataFrame(
        {"code": 1, "name_zh": PAYLOADS, "name_en": PAYLOADS, "colour": "#123456"}, index=keys
    )
    places = pd.MultiIndex.from_product(
        [base.years, index, keys], names=["year", "zone", "land_cover"]
    )
    inputs = pd.DataFrame({"place": PAYLOADS, "file": PAYLOADS, "source": PAYLOADS})
    tables = {
        **base.tables,
        "zones": zones,
        "classes": classes,
        "areas": pd.DataFrame({"area_ha": 1.0, "area_se_ha": np.nan}, index=places),
        "inputs": inputs.set_index("place"),
        **hostile_rates(base.years),
    }
    return replace(base, tables=tables, run=ALL, version=ALL, synthetic=PAYLOADS)


def hostile_rates(years: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    rows = [
        {"year": year, "zone": "z0", "indicator": payload, "value": 1.0, "low": 0.5, "high": 2.0,
         "unit": payload, "numerator": 1.0, "denominator": 2.0, "part_unit": payload,
         "rule": payload, "evidence": payload}
        for year in years for payload in PAYLOADS
    ]  # fmt: skip
    targets = pd.DataFrame(
        {"indicator": PAYLOADS, "name_zh": PAYLOADS, "name_en": PAYLOADS, "kind": "reach",
         "target": 3.0, "unit": "%", "year": 2030, "document": PAYLOADS, "gap": 2.0, "met": "no"}
    )  # fmt: skip
    return {
        "indicators": pd.DataFrame(rows).set_index(["year", "zone", "indicator"]),
        "targets": targets.set_index("indicator"),
    }


def test_the_list_is_long_enough() -> None:
    assert len(set(PAYLOADS)) >= 35


def test_nothing_ran(seen: Opened) -> None:
    assert seen.run("() => window.hacked") is None
    assert seen.run("() => document.querySelectorAll('iframe, body img, svg[onload]').length") == 0
    assert seen.run("() => document.querySelectorAll('script').length") == seen.run(
        "() => document.scripts.length"
    )


def test_no_template_was_evaluated(seen: Opened) -> None:
    source = seen.run("() => document.documentElement.outerHTML")
    assert f"os.getpid() = {os.getpid()}" not in source
    assert "{{7*7}}" in seen.texts("body")[0]


def test_title_header_and_footer(seen: Opened) -> None:
    assert seen.texts("title") == [ALL]
    assert seen.texts("h1") == [ALL]
    footer = seen.texts(".sinks-footer")[0]
    assert f"sinks {ALL}" in footer
    assert f"运行编号 {ALL}" in footer


def test_classes_in_the_legend(seen: Opened) -> None:
    assert seen.texts(".sinks-class bdi") == list(PAYLOADS)


def test_layers_in_our_list_and_in_that_of_folium(seen: Opened) -> None:
    assert seen.texts(".sinks-overlays label > span")[-len(PAYLOADS) :] == list(PAYLOADS)
    theirs = seen.texts(".leaflet-control-layers-overlays label")
    shown = [text.removeprefix(" ") for text in theirs][-len(PAYLOADS) :]
    assert shown == [payload.replace("\x00", "") for payload in PAYLOADS]  # HTML has no NUL
    labels = seen.page.eval_on_selector_all(
        ".sinks-zoom", "nodes => nodes.map((n) => n.getAttribute('aria-label'))"
    )
    assert labels[-len(PAYLOADS) :] == [f"缩放到图层：{payload}" for payload in PAYLOADS]


def test_names_on_the_map(seen: Opened) -> None:
    assert sorted(seen.texts(".sinks-label")) == sorted(PAYLOADS)


def test_zones_and_their_figures(seen: Opened) -> None:
    assert seen.texts("#sinks-zone option") == list(PAYLOADS)
    for number, payload in enumerate(PAYLOADS):
        seen.page.eval_on_selector(
            "#sinks-zone",
            "(n, i) => { n.value = i; n.dispatchEvent(new Event('change')); }",
            str(number),
        )
        assert seen.texts(".sinks-zone h2 bdi") == [payload]
    assert seen.texts(".sinks-zone tbody th bdi") == list(PAYLOADS)


def test_indicators_their_rules_units_and_documents(seen: Opened) -> None:
    assert seen.texts(".sinks-indicator h3") == list(PAYLOADS)
    facts = seen.texts(".sinks-indicator dd")
    for payload in PAYLOADS:
        for shown in (payload, f"0.50 – 2.00 {payload}", f"1.0\u2009{payload}"):
            assert shown in facts
    assert facts.count(PAYLOADS[0]) == 3  # rule, evidence, document


def test_sources_findings_and_made_up_inputs(seen: Opened) -> None:
    notes = seen.texts(".sinks-notes dt")
    assert [text for text in notes if text in PAYLOADS] == list(PAYLOADS)
    paragraphs = seen.texts(".sinks-notes p")
    assert any("、".join(PAYLOADS) in text for text in paragraphs)


def test_tooltip_and_popup_over_every_name(seen: Opened) -> None:
    rows = seen.run(
        """async () => {
          const shown = [];
          const texts = (what) =>
            Array.from(document.querySelectorAll(what)).map((n) => n.textContent);
          for (let i = 0; i < given.places.length; i++) {
            await room.pointer.identify(L.latLng(given.places[i]));
            const values = texts('.sinks-popup dd');
            await room.pointer._hover({ latlng: L.latLng(given.places[i]),
              originalEvent: { target: map.getContainer() } });
            await new Promise((go) => setTimeout(go, 60));
            shown.push([values, texts('.sinks-tooltip dd')]);
          }
          return shown;
        }""",
        {"places": places()},
    )
    for payload, (values, brief) in zip(PAYLOADS, rows, strict=True):
        assert values.count(payload) >= 4  # town, wetland, class of two years
        assert brief.count(payload) >= 3


def places() -> list[list[float]]:
    """Latitude and longitude of the middle of every square."""
    middles = hostile_layers()["wetland"].centroid.to_crs("EPSG:4326")
    return [[point.y, point.x] for point in middles]


def test_the_other_language_shows_the_same_names(seen: Opened) -> None:
    seen.run("() => sinks.speak('en')")
    assert seen.texts(".sinks-class bdi") == list(PAYLOADS)
    assert seen.texts("#sinks-zone option") == list(PAYLOADS)
    assert seen.texts("h1") == [ALL]
    seen.run("() => sinks.speak('zh')")
