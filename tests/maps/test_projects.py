"""The page of the ledger's projects: figures of the table, chips of their size, outlines."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from playwright.sync_api import Browser
from shapely.geometry import Polygon, box

from sinks.imagery.features import FeaturesInMemory
from sinks.maps.chips import DatedImage
from sinks.maps.project_chips import ProjectChip, project_chips
from sinks.maps.projects import page_words, write_projects_page
from sinks.results import Results
from sinks.sources.vectors import read_layer
from sinks.study import Study
from sinks.workflow.inputs import layer_options
from sinks.workflow.project_page import write_project_page
from tests.maps.browser import Opened, opened
from tests.maps.labelling_scene import image
from tests.maps.payloads import PAYLOADS
from tests.maps.scene import CGCS2000_GK, LEGEND, NORTH, WEST, grid_at

ROOT = Path(__file__).parents[2]
SECRET = "演示〔2025〕机密号"


def square(row: float, col: float, side_px: float, *, pixel_m: float = 10.0) -> Polygon:
    """A square whose north-west corner is that of a pixel of the scene."""
    west, north = WEST + col * pixel_m, NORTH - row * pixel_m
    return box(west, north - side_px * pixel_m, west + side_px * pixel_m, north)


LEDGER = pd.DataFrame(
    [
        ("甲退圩还湖", "restoration", "polder_to_lake", "PAD", "LAK", 2024.0, "accepted",
         "2024-05-20", 16.004, 91.25, 87.46, 80.04, "seen"),
        ("乙造林", "planting", "planting", "DRY", "BLF", 2022.0, "accepted",
         "2022-11-02", 1.236, 100.0, 12.5, 12.5, "unseen"),
        ("丙植被恢复", "restoration", "vegetation_recovery", "MAR", "MAR", 2023.0, "planned",
         "", 1234.5, np.nan, np.nan, np.nan, "no_map"),
        ("丁造林", "planting", "planting", "DRY", "BLF", np.nan, "under_way",
         "", 0.25, 40.0, 60.0, 30.0, "not_due"),
    ],
    columns=["name", "kind", "type", "pre_class", "post_class", "year", "status", "accepted_on",
             "area_ha", "was_before_pct", "is_after_pct", "became_pct", "judged"],
    index=pd.Index(["P1", "P2", "P3", "P4"], name="project"),
).assign(document=SECRET, mapped_ha=1.0)  # fmt: skip
PLACES = gpd.GeoSeries(
    # out of order on purpose: the table decides; P3 lies beyond, P4 where there is no data
    [square(2, 2, 5), square(40, 40, 40), square(900, 900, 20), square(70, 20, 10)],
    index=["P4", "P1", "P3", "P2"],
    crs=CGCS2000_GK,
)


def results(ledger: pd.DataFrame = LEDGER, *, synthetic: bool = False) -> Results:
    classes = pd.DataFrame(
        [{"land_cover": c.key, "name_zh": c.zh, "name_en": c.en} for c in LEGEND.classes]
    )
    return Results(
        study="scene",
        name_zh="盐湖区",
        name_en="Yanhu",
        run="0123456789ab",
        version="0.1.0",
        years=(2020, 2025),
        tables={"ledger": ledger, "classes": classes.set_index("land_cover")},
        synthetic=("land_cover.2020",) if synthetic else (),
    )


def dated() -> list[DatedImage]:
    return [image("2020-08-14", seed=1), image("2025-07-23", seed=2)]


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("成果（2025）") / "项目 projects.html"
    return write_projects_page(results(), PLACES, path, images=dated())


@contextmanager
def drawn(browser: Browser, path: Path) -> Iterator[Opened]:
    with opened(browser, path, width=1366, height=768) as seen:
        seen.page.evaluate("sinks.page.busy")
        yield seen


def press(seen: Opened, key: str) -> None:
    seen.page.click(f'[data-key="{key}"]')
    seen.page.evaluate("sinks.page.busy")


def facts(seen: Opened, n: int) -> list[str]:
    return seen.page.locator(".prj-project").nth(n).locator("dd").all_text_contents()


def pixels(seen: Opened, n: int) -> np.ndarray:
    """Return canvas ``n`` as it is painted, (rows, columns, red green blue)."""
    data, side = seen.page.evaluate(
        """(n) => {
          const canvas = document.querySelectorAll('.prj-project canvas')[n];
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return [Array.from(data), canvas.width];
        }""",
        n,
    )
    return np.array(data, dtype=np.uint8).reshape(side, side, 4)[..., :3]


# ---- the page ------------------------------------------------------------------------------


def test_the_page_says_what_stands_in_the_table(browser: Browser, page_path: Path) -> None:
    with drawn(browser, page_path) as seen:
        assert seen.texts("h1 bdi") == ["盐湖区：项目台账前后影像对照"]
        assert seen.texts(".sinks-subtitle") == ["共 4 个项目，2 个有影像"]
        assert seen.texts(".prj-project h2") == ["乙造林", "丙植被恢复", "甲退圩还湖", "丁造林"]
        assert facts(seen, 2) == [
            "退圩还湖（湿地修复）", "水田 → 湖泊", "2024", "已验收", "2024-05-20",
            "16.00\u2009公顷",
        ]  # fmt: skip
        assert facts(seen, 1)[2:] == ["2023", "计划", "—", "1,234.50\u2009公顷"]
        assert facts(seen, 3)[2:] == ["—", "实施中", "—", "0.25\u2009公顷"]
        assert seen.texts(".prj-judged") == [
            "! 图上还不是目标地类", "– 图上没有数据", "✓ 图上已是目标地类", "– 两期之间没有验收",
        ]  # fmt: skip
        assert seen.texts(".prj-shares") == [
            "2020 年图上 100.0% 为旱地水浇地，2025 年图上 12.5% 为阔叶林，12.5% 由前者变为后者。",
            "2020 年图上 91.3% 为水田，2025 年图上 87.5% 为湖泊，80.0% 由前者变为后者。",
            "2020 年图上 40.0% 为旱地水浇地，2025 年图上 60.0% 为阔叶林，30.0% 由前者变为后者。",
        ]


def test_every_image_of_a_project_is_there_with_its_day_or_the_page_says_there_is_none(
    browser: Browser, page_path: Path
) -> None:
    with drawn(browser, page_path) as seen:
        cards = seen.page.locator(".prj-project")
        assert [cards.nth(n).locator("canvas").count() for n in range(4)] == [2, 0, 2, 0]
        assert seen.texts(".prj-none") == ["此项目不在研究的影像范围内"] * 2
        assert cards.nth(2).locator("figcaption").all_text_contents() == [
            "2020-08-14宽 640 米", "2025-07-23宽 640 米",
        ]  # fmt: skip


def test_a_date_that_does_not_show_a_project_says_so_beside_the_one_that_does(
    browser: Browser, tmp_path: Path
) -> None:
    images = dated()
    images[0].image.values[:, 40:80, 40:80] = np.nan  # type: ignore[attr-defined]
    path = write_projects_page(results(), PLACES, tmp_path / "a.html", images=images)
    with drawn(browser, path) as seen:
        figures = seen.page.locator(".prj-project").nth(2).locator("figure")
        assert [figures.nth(n).locator("canvas:visible").count() for n in (0, 1)] == [0, 1]
        assert "这一期没有此处的影像" in (figures.nth(0).text_content() or "")


def test_projects_are_sorted_as_asked_and_else_stay_in_the_order_of_the_ledger(
    browser: Browser, page_path: Path
) -> None:
    orders = {"kind": "甲丙乙丁", "judged": "乙丙丁甲", "year": "乙丙甲丁"}
    with drawn(browser, page_path) as seen:
        for key, order in orders.items():
            press(seen, key)
            assert [name[0] for name in seen.texts(".prj-project h2")] == list(order)
            assert (
                seen.texts('.prj-bar [aria-pressed="true"]')[0]
                == page_words()[f"sort_{key}"]["zh"]
            )


def test_the_boundary_is_drawn_and_the_view_is_switched(browser: Browser, page_path: Path) -> None:
    with drawn(browser, page_path) as seen:
        natural = pixels(seen, 2)  # of the 40 pixels wide project, in a chip of 64
        press(seen, "false")
        false = pixels(seen, 2)
    zoom = len(natural) // 64
    yellow = np.abs(natural.astype(int) - [255, 225, 0]).max(axis=2) < 10
    rows, cols = np.nonzero(yellow)
    # its corners lie on those of pixels: 12 to 52 of the chip
    for found in (rows, cols):
        assert found.min() == pytest.approx(12 * zoom, abs=zoom / 2)
        assert found.max() == pytest.approx(52 * zoom, abs=zoom / 2)
    assert not yellow[14 * zoom : 50 * zoom, 14 * zoom : 50 * zoom].any()
    middle = np.s_[14 * zoom : 50 * zoom, 14 * zoom : 50 * zoom]
    # near infrared, red, green: what was red is shown green
    np.testing.assert_array_equal(false[middle][..., 1], natural[middle][..., 0])
    assert (false[middle][..., 0] != natural[middle][..., 0]).any()


def test_the_page_speaks_english_too(browser: Browser, page_path: Path) -> None:
    with drawn(browser, page_path) as seen:
        seen.page.get_by_text("EN", exact=True).click()
        assert facts(seen, 2)[:2] == [
            "Polder given back to the lake (restoration of wetland)", "Paddy → Lake",
        ]  # fmt: skip
        assert seen.texts(".prj-shares")[1] == (
            "On the map of 2020, 91.3% of the project is Paddy; on that of 2025, 87.5% is Lake; "
            "80.0% turned from the one into the other."
        )
        left = seen.page.evaluate("document.querySelector('.prj').innerText")
        assert set(re.findall(r"[\u4e00-\u9fff]+", left)) == {"中文", *LEDGER["name"]}


def test_a_study_of_one_year_has_projects_without_the_word_of_maps(
    browser: Browser, tmp_path: Path
) -> None:
    plain = LEDGER.drop(columns=["was_before_pct", "is_after_pct", "became_pct", "judged"])
    path = write_projects_page(results(plain), PLACES, tmp_path / "a.html", images=dated())
    with drawn(browser, path) as seen:
        assert seen.texts(".prj-judged, .prj-shares") == []
        assert seen.page.locator("canvas").count() == 4


def test_no_name_acts_and_what_is_not_shown_does_not_ride_along(
    browser: Browser, tmp_path: Path
) -> None:
    names = list(PAYLOADS)
    hostile = pd.concat([LEDGER.iloc[[2]]] * len(names)).assign(name=names, accepted_on=names)
    hostile.index = pd.Index([f"Q{n}" for n in range(len(names))], name="project")
    images = [replace(image("x"), label=names[-3])]
    path = write_projects_page(results(hostile), PLACES, tmp_path / "a.html", images=images)
    assert SECRET not in path.read_text("utf-8")
    with drawn(browser, path) as seen:
        assert seen.texts(".prj-project h2 bdi") == names
        assert seen.texts('[data-fact="accepted_on"]') == names
        assert seen.page.evaluate("window.hacked") is None


@pytest.mark.parametrize(("table", "picture", "told"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_only_made_up_tables_or_images_raise_the_banner(
    tmp_path: Path, table: int, picture: int, told: bool
) -> None:
    images = [replace(each, synthetic=bool(picture)) for each in dated()]
    made = results(synthetic=bool(table))
    path = write_projects_page(made, PLACES, tmp_path / "a.html", images=images)
    assert ('"banner":null' not in path.read_text("utf-8")) == told


# ---- chips ---------------------------------------------------------------------------------


def chip_of(shape: shapely.Geometry, *images: DatedImage, crs: Any = CGCS2000_GK) -> ProjectChip:
    (chip,) = project_chips(shape, crs, images or [image("2025")])
    assert chip is not None
    return chip


def shades(chip: ProjectChip) -> np.ndarray:
    size = chip.chips.size_px
    steps = np.frombuffer(zlib.decompress(b64decode(chip.chips.planes[0])), dtype=np.uint8)
    return np.cumsum(steps.reshape(-1, size, size), axis=2, dtype=np.uint8)


def test_a_chip_is_as_wide_as_its_project_and_its_surroundings():
    small, large = chip_of(square(60, 60, 4)), chip_of(square(40, 40, 40))
    assert (small.chips.size_px, large.chips.size_px) == (24, 64)  # 40 × 1.6
    assert small.chips.metres_per_px == pytest.approx(10, rel=1e-3)
    # the middle of the project, pixel corner (62, 62), is corner 12 of the chip
    assert small.rings == ((14.0, 14.0, 14.0, 10.0, 10.0, 10.0, 10.0, 14.0),)


def test_a_large_project_is_shown_coarser_each_pixel_a_mean():
    side = 400
    ramp = np.broadcast_to(np.arange(side, dtype=np.float32), (4, side, side)).copy()
    ramp[:, 60, 100] = np.nan  # of its square the other three pixels are known
    held = FeaturesInMemory(
        grid=grid_at((side, side)), names=("blue", "green", "red", "nir"), values=ramp
    )
    chip = chip_of(square(100, 100, 200), DatedImage(label="a", image=held))

    # 200 × 1.6 = 320 pixels, by two: 160 of the chip, from pixel 40 on
    assert chip.chips.size_px == 160
    assert chip.chips.metres_per_px == pytest.approx(20, rel=1e-3)
    assert sorted(set(chip.rings[0])) == [30.0, 130.0]
    shown = shades(chip)[0].astype(float)
    assert (shown > 0).all()
    means = np.tile(np.arange(40, 360).reshape(-1, 2).mean(axis=1), (160, 1))
    means[10, 30] = (101 + 100 + 101) / 3
    low, high = np.percentile(means, [2, 98])
    expected = np.round(np.clip((means - low) / (high - low), 0, 1) * 254) + 1
    np.testing.assert_array_equal(shown, expected)


def test_images_of_two_pixel_sizes_show_the_same_ground():
    finer = replace(grid_at((480, 480)), transform=Affine(2.5, 0, WEST, 0, -2.5, NORTH))
    pair = [image("2018"), image("2025", side=480, grid=finer)]
    coarse, fine = project_chips(square(50, 50, 20), CGCS2000_GK, pair)
    assert coarse is not None
    assert fine is not None
    widths = [each.chips.size_px * each.chips.metres_per_px for each in (coarse, fine)]
    assert widths == pytest.approx([320, 320], rel=1e-3)
    np.testing.assert_allclose(np.array(fine.rings), 4 * np.array(coarse.rings), atol=0.02)


def test_a_project_in_degrees_lies_where_it_lies_in_metres():
    plain = square(40, 40, 40)
    shape = gpd.GeoSeries([plain], crs=CGCS2000_GK).to_crs("EPSG:4490")
    here, there = chip_of(plain), chip_of(shape.iloc[0], crs=shape.crs)
    found = [np.reshape(each.rings[0], (-1, 2)) for each in (here, there)]
    for chip, corners in zip((here, there), found, strict=True):
        np.testing.assert_allclose(corners.mean(axis=0), chip.chips.size_px / 2, atol=1)
    shapes = [Polygon(corners - corners.mean(axis=0)) for corners in found]
    assert shapely.hausdorff_distance(*shapes) < 0.02


def test_parts_and_holes_are_rings_of_their_own_and_straight_lines_carry_no_corners():
    with_hole = square(40, 40, 40).difference(square(50, 50, 10))
    both = shapely.union_all([with_hole, square(90, 90, 4)])
    dense = shapely.segmentize(both, 1.0)
    rings = chip_of(dense).rings
    assert sorted(map(len, rings)) == [8, 8, 8]


def test_a_project_beyond_an_image_or_where_it_knows_nothing_has_no_chip():
    images = [image("2025")]  # 120 × 120; nothing known of pixels (0…9, 0…9)
    for shape in (square(900, 900, 5), square(1, 1, 5), square(-60, 50, 20), Polygon()):
        assert project_chips(shape, CGCS2000_GK, images) == (None,)
    assert project_chips(square(110, 110, 40), CGCS2000_GK, images) != (None,)  # a part of it
    assert project_chips(box(170, -80, 171, -79), "EPSG:4326", images) == (None,)


def test_dates_of_a_project_share_one_stretch():
    bright, dark = dated()
    dark = image("2025-07-23", seed=1)
    dark.image.values[:] *= 0.8  # type: ignore[attr-defined]
    first, second = project_chips(square(40, 40, 40), CGCS2000_GK, [bright, dark])
    assert first is not None
    assert second is not None
    assert first.chips.comparable
    assert shades(second)[0].mean() < shades(first)[0].mean()


# ---- in a study ----------------------------------------------------------------------------


def test_the_demonstration_study_shows_the_projects_within_its_images(tmp_path: Path) -> None:
    study = Study.read(ROOT / "data" / "yandu.toml")
    source = study.layers.projects
    assert source is not None
    layer = read_layer(source.path, **layer_options(source, study.limits))
    ledger = pd.concat([LEDGER.iloc[[0]]] * len(layer.frame))
    ledger.index = pd.Index(layer.frame["id"].astype(str), name="project")
    inputs: Any = SimpleNamespace(layers={"projects": layer})
    path = tmp_path / "projects.html"
    write_project_page(study, results(ledger), inputs, path, language="zh")

    assert path.stat().st_size < 3e6
    told = re.search(r'id="[^"]*_facts">(.*?)</script>', path.read_text("utf-8"))
    assert told
    page = json.loads(told[1])
    assert [label["zh"] for label in page["images"]] == ["2020-08-14", "2025-07-23"]
    shown = [i for i, p in zip(ledger.index, page["projects"], strict=True) if all(p["chips"])]
    # all that lie around 大纵湖
    assert shown == ["P001", "P002", "P003", "P004", "P005", "P006", "P007", "P013", "P014"]

    without = study.model_copy(update={"images": ()})
    assert write_project_page(without, results(ledger), inputs, path, language="zh") is None
    assert write_project_page(study, results(ledger[:0]), inputs, path, language="zh") is None
