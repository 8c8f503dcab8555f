"""A study from images to areas with an interval: each figure by hand, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.mapmaking.study_maps import study_maps
from sinks.publish import published
from sinks.sources.sample_files import read_sample
from sinks.study import Study
from sinks.surveying.sampling import sample_map
from sinks.workflow.run import run_study
from tests.mapmaking.scene import (
    BLF,
    BLT,
    LAK,
    PAD,
    before_building,
    ground,
    looked_up,
    mapped,
    place_at,
    read_codes,
    with_slips,
    write_codes,
    write_labels,
)
from tests.workflow.imagery import SAMPLES, imagery_study, write_imagery, write_plain
from tests.workflow.small import STUDY, rectangle, write_layer
from tests.workflow.test_run import ALL_HA, figure, sinks, tables

PND = 3
KEYS = {LAK: "LAK", PND: "PND", PAD: "PAD", BLF: "BLF", BLT: "BLT"}
PIXEL_HA = 0.01
ONE_YEAR = """
[[samples]]
path = "样本/样点/sample.gpkg"
year = 2025
labels = ["样本/甲.csv"]
"""


def draw(folder: Path, before: Path, after: Path | None = None, **options: object) -> Path:
    """Draw the sample of a study on its maps; return the file."""
    years = ["2025"] if after is None else ["2020", "2025"]
    wanted = {"size": 200, "minimum": 20, "within": folder / "图层" / "边界.gpkg", **options}
    sample_map(
        before=before, after=after, out=folder / "样本" / "样点", scheme="house", years=years,
        **wanted,
    )  # fmt: skip
    return folder / "样本" / "样点" / "sample.gpkg"


def label(folder: Path, sample: Path) -> list[pd.Series]:
    """Label both dates as three persons; return the truth, which the third one tells."""
    truth = [looked_up(sample, codes) for codes in (before_building(), ground())]
    slips = [with_slips(truth[0], every=25), with_slips(truth[1], every=40, start=3)]
    for name, labels in {
        "甲": [slips[0], truth[1]],
        "乙": [truth[0], slips[1]],
        "丙": truth,
    }.items():
        write_labels(folder / "样本" / f"{name}.csv", sample, name, *labels)
    return truth


@pytest.fixture(scope="module")
def classified(tmp_path_factory) -> Path:
    """Run the study without a sample by the command itself; return its results."""
    folder = tmp_path_factory.mktemp("盐都 影像（一）")
    done = sinks("run", write_imagery(folder / "数据"), "--out", folder / "成果")
    assert done.returncode == 0, done.stderr
    return folder / "成果"


@pytest.fixture(scope="module")
def judged(classified) -> tuple[Path, list[pd.Series]]:
    """Draw a sample on the classified maps, label it, and run the study with it."""
    folder = classified.parent / "数据"
    rasters = [classified / "rasters" / f"map_{year}_land_cover.tif" for year in (2020, 2025)]
    truth = label(folder, draw(folder, *rasters))
    (folder / "研究.toml").write_text(imagery_study() + SAMPLES, encoding="utf-8")
    out = classified.parent / "有样本"
    run_study(Study.read(folder / "研究.toml"), out)
    return out, truth


def shown(classified: Path, year: int) -> np.ndarray:
    return read_codes(classified / "rasters" / f"map_{year}_land_cover.tif")


# ---- the classified maps are the land cover ---------------------------------------------------


def test_areas_are_the_pixels_of_the_classified_maps(classified):
    areas = tables(classified)["areas"]

    for year in (2020, 2025):
        codes = shown(classified, year)
        for code in np.unique(codes):
            counted_ha = PIXEL_HA * (codes == code).sum()
            found = figure(areas, "area_ha", year=year, zone="district", land_cover=KEYS[code])
            assert found == pytest.approx(counted_ha, rel=1e-6)


def test_official_polygons_make_the_western_half_of_the_lake_a_pond(classified):
    codes, rules = shown(classified, 2025), tables(classified)["map_rules"]

    there = np.zeros_like(codes, dtype=bool)
    there[20:40, 30:40] = True
    assert not (there & (codes == LAK)).any()
    assert not (~there & (codes == PND)).any()
    moved = figure(rules, "px", map="map_2025", land_cover="LAK", land_cover_after="PND")
    assert moved == (codes == PND).sum() > 0


def test_the_parcel_that_disagrees_is_a_clue_and_the_other_is_not(classified):
    clues = tables(classified)["map_clues"]

    assert clues[["map", "parcel", "official", "majority"]].to_numpy().tolist() == [
        ["map_2025", "乙", "PAD", "BLF"]
    ]
    forest = shown(classified, 2025)[40:60, 45:65] == BLF
    assert clues["purity"].iloc[0] == pytest.approx(forest.mean(), rel=1e-6)


def test_stocks_and_change_are_those_of_the_classified_maps(classified):
    by_name = tables(classified)
    density = by_name["densities"].query("pool != 'sediment'")
    held = density.groupby("land_cover")["density_tc_per_ha"].sum()

    stocks = {
        year: sum(PIXEL_HA * held[KEYS[code]] for code in shown(classified, year).ravel())
        for year in (2020, 2025)
    }

    totals = by_name["stock_totals"]
    for year, stock_tc in stocks.items():
        found = figure(totals, "stock_tc", year=year, zone="district")
        assert found == pytest.approx(stock_tc, rel=1e-6)
    change = figure(by_name["stock_change"], "change_tc", zone="district")
    assert change == pytest.approx(stocks[2025] - stocks[2020], rel=1e-6)


def test_both_maps_are_judged_in_four_ways_and_written_with_their_layers(classified):
    validation = tables(classified)["map_validation"]

    assert validation.groupby("map")["validation"].apply(set).to_dict() == {
        name: {"random", "polygon", "block", "matched"} for name in ("map_2020", "map_2025")
    }
    written = {path.name for path in (classified / "rasters").iterdir()}
    assert {
        "map_2020_probability.tif", "map_2025_dissimilarity.tif", "map_2025_next_samples.tif",
        "map_2025_next_samples.gpkg", "map_2025_clues.gpkg", "carbon_density_2025.tif",
    } <= written  # fmt: skip
    assert "map_2020_dissimilarity.tif" not in written
    assert not list(classified.parent.glob(".*.blocks"))


def test_what_is_made_of_a_made_up_image_says_so_and_the_other_map_does_not(classified):
    record = json.loads((classified / "run.json").read_text("utf-8"))

    assert record["synthetic"] == ["images.image_2020"]
    for path in (classified / "rasters").glob("*.tif"):
        with rasterio.open(path) as file:
            marked = "合成" in file.tags().get("SINKS_SYNTHETIC", "")
        assert marked == (not path.name.startswith("map_2025")), path.name


def test_page_and_workbook_hold_the_classified_areas(classified):
    paddy = figure(tables(classified)["areas"], "area_ha", year=2025, zone="district",
                   land_cover="PAD")  # fmt: skip
    book = openpyxl.load_workbook(classified / "workbook.xlsx", read_only=True, data_only=True)

    cells = [
        value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
        if isinstance(value, float)
    ]  # fmt: skip
    assert any(value == pytest.approx(paddy, abs=0.005) for value in cells)
    assert "2025 年分类图" in (classified / "index.html").read_text("utf-8")


def test_a_zone_that_the_map_does_not_hold_has_no_areas(classified):
    areas = tables(classified)["map_areas"]

    sums = areas.groupby(["map", "zone"])["area_ha"].sum()
    assert sums["map_2025"].to_dict() == pytest.approx(
        {"district": ALL_HA, "001": ALL_HA / 2, "002": ALL_HA / 2}, rel=1e-6
    )


# ---- what the sample says ---------------------------------------------------------------------


def strata_ha(result: Path) -> tuple[pd.Series, pd.Series]:
    """Return hectares and pixels of the strata: classes that stay, and change."""
    before, after = (shown(result, year).ravel() for year in (2020, 2025))
    stays = pd.Series(before).map(KEYS).where(before == after, "change")
    px = stays.value_counts()
    return px * PIXEL_HA, px


def by_hand(result: Path, design: pd.DataFrame, told: pd.Series, key: str) -> tuple[float, float]:
    """Return area and standard error of a class: Stehman (2014), eqs. 3 and 25."""
    area_ha, px = strata_ha(result)
    right = (told == key).groupby(design["stratum"])
    n, p = right.size(), right.mean()
    variance = (area_ha**2 * (1 - n / px) * p * (1 - p) / (n - 1)).sum()
    return float((area_ha * p).sum()), float(np.sqrt(variance))


def test_estimated_areas_and_their_errors_are_those_of_hand_arithmetic(judged):
    out, truth = judged
    sample = out.parent / "数据" / "样本" / "样点" / "sample.gpkg"
    design = read_sample(sample).design.set_index("sample")
    estimates = tables(out)["area_estimates"]

    for year, told in zip((2020, 2025), truth, strict=True):
        for key in told.unique():
            hectares, se = by_hand(out, design, told, key)
            where = {"year": year, "zone": "district", "land_cover": key}
            assert figure(estimates, "estimated_ha", **where) == pytest.approx(hectares, rel=1e-6)
            assert figure(estimates, "estimated_se_ha", **where) == pytest.approx(se, rel=1e-5)


def test_mapped_and_estimated_area_stand_side_by_side(judged):
    by_name = tables(judged[0])
    both = by_name["area_estimates"].merge(by_name["areas"], on=["year", "zone", "land_cover"])

    np.testing.assert_allclose(both["area_ha_x"], both["area_ha_y"], rtol=1e-9)
    inside = both["estimated_low_ha"].le(both["estimated_ha"]) & both["estimated_ha"].le(
        both["estimated_high_ha"])  # fmt: skip
    assert inside.all()


def test_the_truth_lies_where_the_sample_says(judged):
    estimates = tables(judged[0])["area_estimates"]

    for year, codes in ((2020, before_building()), (2025, ground())):
        for code in np.unique(codes):
            where = {"year": year, "zone": "district", "land_cover": KEYS[code]}
            estimated, se = (figure(estimates, f"estimated_{c}ha", **where) for c in ("", "se_"))
            # four standard errors: one class in ten thousand would lie farther
            assert abs(PIXEL_HA * (codes == code).sum() - estimated) <= 4 * se + 1e-6


def test_towns_add_up_to_the_district(judged):
    estimates = tables(judged[0])["area_estimates"]
    sums = estimates.pivot_table(
        index=["year", "land_cover"], columns="zone", values="estimated_ha", fill_value=0.0
    )

    np.testing.assert_allclose(sums["001"] + sums["002"], sums["district"], rtol=1e-6)
    assert sums["district"].groupby("year").sum().to_dict() == pytest.approx(
        {2020: ALL_HA, 2025: ALL_HA}, rel=1e-6
    )


def test_rows_of_the_covariance_add_up_to_nothing(judged):
    covariance = tables(judged[0])["area_covariance"]

    sums = covariance.groupby(["year", "land_cover", "year_other"])["covariance_ha2"].sum()
    assert sums.abs().max() < 1e-9 * covariance["covariance_ha2"].max()
    assert set(covariance["year_other"]) == {2020, 2025}  # both dates hang together


def densities_of(by_name: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    kept = by_name["densities"].query("pool != 'sediment'")
    return kept.groupby("land_cover")[["density_tc_per_ha", "density_se_tc_per_ha"]].sum()


def test_stocks_are_those_of_estimated_areas_and_carry_the_error_of_the_sample(judged):
    by_name = tables(judged[0])
    held = densities_of(by_name)["density_tc_per_ha"]
    district = by_name["area_estimates"].query("zone == 'district' and year == 2025")
    estimated = district.set_index("land_cover")["estimated_ha"]
    matrix = by_name["area_covariance"].query("year == 2025 and year_other == 2025").pivot_table(
        index="land_cover", columns="land_cover_other", values="covariance_ha2", fill_value=0.0
    )  # fmt: skip

    def stock(column):
        return figure(by_name["stock_estimates"], column, year=2025, zone="district")

    assert stock("stock_tc") == pytest.approx((held * estimated).sum(), rel=1e-6)
    weights = held[matrix.index].to_numpy()
    sampled_se = np.sqrt(weights @ matrix.to_numpy() @ weights)
    # three standard errors of a deviation that 10,000 draws tell
    assert stock("stock_area_se_tc") == pytest.approx(sampled_se, rel=3 / 20_000**0.5)
    assert stock("stock_se_tc") > max(stock("stock_area_se_tc"), stock("stock_density_se_tc"))


def test_the_change_on_estimated_areas_has_an_interval_around_it(judged):
    by_name = tables(judged[0])
    held = densities_of(by_name)["density_tc_per_ha"]
    estimates = by_name["area_estimates"].query("zone == 'district'")
    areas = estimates.pivot_table(
        index="land_cover", columns="year", values="estimated_ha", fill_value=0.0
    )

    def change(column):
        return figure(by_name["change_estimates"], column, zone="district")

    expected = (held * (areas[2025] - areas[2020])).dropna().sum()
    assert change("change_tc") == pytest.approx(expected, rel=1e-6)
    assert change("change_low_tc") < change("change_tc") < change("change_high_tc")
    assert change("change_area_se_tc") > 0


def test_the_tree_cover_that_the_sample_estimates_has_an_interval(judged):
    by_name = tables(judged[0])

    def rate(column, indicator="tree_cover_estimated_rate"):
        frame = by_name["indicators"]
        return figure(frame, column, year=2025, zone="district", indicator=indicator)

    forest = figure(by_name["area_estimates"], "estimated_ha", year=2025, zone="district",
                    land_cover="BLF")  # fmt: skip
    assert rate("value") == pytest.approx(100 * forest / ALL_HA, rel=1e-6)
    assert rate("low") < rate("value") < rate("high")
    assert np.isnan(rate("low", "tree_cover_mapped_rate"))


def test_accuracy_of_maps_and_agreement_of_interpreters_are_told(judged):
    out, truth = judged
    by_name = tables(out)

    overall = by_name["map_accuracy"].query("measure == 'overall'").set_index("what")
    assert set(overall.index) == {"2020", "2025", "change"}
    right = [(shown(out, year) == codes).mean() for year, codes in ((2020, before_building()),
             (2025, ground()))]  # fmt: skip
    # ponds are right by decree, not by the ground: the sample calls them lake
    assert overall.loc["2025", "accuracy_low_pct"] < 100 * right[1] < 100
    agreement = by_name["agreement"].query("land_cover == 'all'").set_index("date")
    count = len(truth[0])
    wrong = {"before": len(range(0, count, 25)), "after": len(range(3, count, 40))}
    for date, slips in wrong.items():
        assert agreement.loc[date, "agreement_pct"] == pytest.approx(100 * (1 - slips / count))
    matrix = by_name["error_matrix"]
    assert matrix.groupby("what")["units"].sum().to_dict() == {
        "2020": count, "2025": count, "change": count,
    }  # fmt: skip


# ---- the same again ---------------------------------------------------------------------------


def test_two_threads_give_the_same_and_a_second_run_does_nothing(judged):
    out, _ = judged
    study = Study.read(out.parent / "数据" / "研究.toml")

    run_study(study, out.parent / "两线程", threads=2)

    assert run_study(study, out.parent / "两线程").reused
    parts = [published(out.parent / name)["outputs"] for name in ("有样本", "两线程")]
    assert parts[0].keys() == parts[1].keys()
    for name, facts in parts[0].items():
        if not name.endswith((".xlsx", ".gpkg")):  # these hold the time they were written
            assert facts == parts[1][name], name


def test_every_input_is_recorded(judged):
    record = json.loads((judged[0] / "run.json").read_text("utf-8"))

    assert {row["place"] for row in record["inputs"]} >= {
        "images.image_2025", "classifications.map_2025.training", "samples.2025",
        "classifications.map_2025.splits.1", "classifications.map_2025.parcels",
        "samples.2025.labels.1", "samples.2025.labels.2", "samples.2025.decided",
    }  # fmt: skip


def test_no_result_tells_the_folders_of_the_machine(judged):
    for path in judged[0].rglob("*"):
        if path.suffix in {".json", ".csv", ".html"}:
            assert str(judged[0].parent) not in path.read_text("utf-8"), path.name


# ---- samples of maps that come as files ---------------------------------------------------------


@pytest.fixture
def plain(tmp_path) -> Path:
    """Write the study with maps from files and a labelled sample of both; return its folder."""
    folder = tmp_path / "数据"
    file = write_plain(folder, STUDY + SAMPLES)
    label(folder, draw(folder, *(folder / f"土地覆盖_{year}.tif" for year in (2020, 2025))))
    assert file.exists()
    return folder


def run(folder: Path, old: str = "", new: str = "") -> object:
    text = STUDY + SAMPLES
    assert old in text
    (folder / "研究.toml").write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return run_study(Study.read(folder / "研究.toml"), folder.parent / "成果")


def refusal(folder: Path, old: str = "", new: str = "") -> tuple[str, str | None]:
    with pytest.raises(InputRefused) as refused:
        run(folder, old, new)
    assert not (folder.parent / "成果").exists()
    (finding,) = refused.value.findings
    assert finding.file
    return finding.code, finding.place


def test_a_changed_label_makes_the_study_run_again(plain):
    run(plain)
    assert run(plain).reused
    before = tables(plain.parent / "成果")["area_estimates"]

    third = pd.read_csv(plain / "样本" / "丙.csv", encoding="utf-8-sig")
    third.loc[0, "label"] = "LAK" if third.loc[0, "label"] != "LAK" else "PAD"
    third.to_csv(plain / "样本" / "丙.csv", index=False, encoding="utf-8-sig")

    assert not run(plain).reused
    assert not tables(plain.parent / "成果")["area_estimates"].equals(before)


def test_a_map_that_changed_after_the_sample_was_drawn_is_refused(plain):
    write_codes(plain / "土地覆盖_2025.tif", mapped(ground(), seed=99, wrong=0.05))

    assert refusal(plain) == ("J08", "samples.2025")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("year_before = 2020\nyear = 2025", "year_before = 2020\nyear = 2023"),
        ("year_before = 2020\nyear = 2025", "year = 2025"),  # two dates were labelled
    ],
)
def test_years_that_do_not_fit_are_refused(old, new, plain):
    assert refusal(plain, old, new)[0] == "J09"


def test_two_dates_that_are_not_the_first_and_the_last_are_refused(plain):
    write_codes(plain / "土地覆盖_2027.tif", ground())
    later = (
        '[[land_cover]]\npath = "土地覆盖_2027.tif"\nyear = 2027\nscheme = "house"\n\n[[zones]]'
    )

    assert refusal(plain, "[[zones]]", later)[0] == "J09"


def test_one_date_is_labelled_for_one_year(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    sample = draw(folder, folder / "土地覆盖_2025.tif", design="simple", size=150)
    write_labels(folder / "样本" / "甲.csv", sample, "甲", looked_up(sample, ground()))
    (folder / "研究.toml").write_text(STUDY + ONE_YEAR, encoding="utf-8")

    run_study(Study.read(folder / "研究.toml"), tmp_path / "成果")

    by_name = tables(tmp_path / "成果")
    assert set(by_name["area_estimates"]["year"]) == {2025}
    assert "change_estimates" not in by_name
    assert "agreement" not in by_name
    # a simple sample is divided by what the map shows, so that towns differ
    told = looked_up(sample, ground())
    on_map = looked_up(sample, mapped(ground(), seed=2, wrong=0.05))
    codes = pd.Series(mapped(ground(), seed=2, wrong=0.05)[:, :40].ravel()).map(KEYS)
    west_ha = PIXEL_HA * codes.value_counts()
    paddy = (west_ha * (told == "PAD").groupby(on_map).mean()).sum()
    found = figure(by_name["area_estimates"], "estimated_ha", zone="001", land_cover="PAD")
    assert found == pytest.approx(paddy, rel=1e-6)


def test_classes_that_a_simple_sample_hardly_met_join_the_largest_and_are_noted(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    codes = mapped(ground(), seed=2, wrong=0.05)
    codes[0, :3] = PND  # three pixels that no sample of this size is likely to meet
    write_codes(folder / "土地覆盖_2025.tif", codes)

    assert _one_year(folder, design="simple", size=150) == []

    record = json.loads((tmp_path / "成果" / "run.json").read_text("utf-8"))
    noted = [f["facts"]["joined"] for f in record["findings"] if f["code"] == "SNK-E17"]
    assert noted == [["PND + PAD"]]
    sample = folder / "样本" / "样点" / "sample.gpkg"
    joined = np.where(codes == PND, PAD, codes)
    told, on_map = looked_up(sample, ground()), looked_up(sample, joined)
    strata_ha = PIXEL_HA * pd.Series(joined.ravel()).map(KEYS).value_counts()
    paddy = (strata_ha * (told == "PAD").groupby(on_map).mean()).sum()
    found = tables(tmp_path / "成果")["area_estimates"].query("zone == 'district'")
    assert figure(found, "estimated_ha", land_cover="PAD") == pytest.approx(paddy, rel=1e-6)
    assert found["estimated_ha"].sum() == pytest.approx(ALL_HA, rel=1e-6)


def test_a_sample_of_a_part_of_the_district_is_refused(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    write_layer(folder / "样本" / "西.gpkg", [place_at(0, 0, 60, 75)], 名称=["西"])

    assert _one_year(folder, within=folder / "样本" / "西.gpkg") == ["J13"]


def test_a_sample_of_more_than_the_district_is_refused(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    write_layer(folder / "图层" / "边界.gpkg", [place_at(0, 0, 60, 75)], 名称=["试验区"])

    assert _one_year(folder, within=None) == ["J13"]


def test_a_class_that_the_district_does_not_have_is_refused(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    for year in (2020, 2025):
        write_codes(folder / f"土地覆盖_{year}.tif", ground())
    west = place_at(0, 0, 60, 35)  # no forest and no strip
    write_layer(folder / "图层" / "边界.gpkg", [west], 名称=["试验区"])

    assert _one_year(folder, within=None) == ["J10"]


def _one_year(folder: Path, **options: object) -> list[str]:
    """Judge the map of 2025 alone, without towns; return the codes of the refusal, or none."""
    sample = draw(folder, folder / "土地覆盖_2025.tif", **options)
    write_labels(folder / "样本" / "甲.csv", sample, "甲", looked_up(sample, ground()))
    text = STUDY[: STUDY.index("[[zones]]")] + ONE_YEAR
    (folder / "研究.toml").write_text(text, encoding="utf-8")
    try:
        run_study(Study.read(folder / "研究.toml"), folder.parent / "成果")
    except InputRefused as error:
        assert not (folder.parent / "成果").exists()
        return [finding.code for finding in error.findings]
    return []


def test_slivers_of_a_class_at_the_boundary_count_as_mapped_and_are_noted(tmp_path):
    folder = tmp_path / "数据"
    write_plain(folder)
    codes = np.where(ground() == BLT, BLF, ground())
    codes[:, 79] = BLT  # one column, of which four tenths lie in the district
    for year in (2020, 2025):
        write_codes(folder / f"土地覆盖_{year}.tif", codes)
    boundary = rectangle(0, 0, 794, 600)
    write_layer(folder / "图层" / "边界.gpkg", [boundary], 名称=["试验区"])

    assert _one_year(folder, size=90) == []
    record = json.loads((tmp_path / "成果" / "run.json").read_text("utf-8"))
    noted = [f for f in record["findings"] if f["code"] == "SNK-J06"]
    assert [f["facts"]["classes"] for f in noted] == [["BLT"]]
    sliver_ha = 60 * PIXEL_HA * 0.4
    found = tables(tmp_path / "成果")["area_estimates"].query("land_cover == 'BLT'")
    assert found["area_ha"].iloc[0] == pytest.approx(sliver_ha, rel=1e-5)


def test_a_pure_parcel_takes_its_majority_whole_where_the_study_says_so(tmp_path):
    file = write_imagery(tmp_path / "数据")
    text = file.read_text("utf-8").replace("[[zones]]", "take_majority = true\n\n[[zones]]", 1)

    made = study_maps(Study.parse(text, file=file), tmp_path / "块")[1]

    there = made.cover.read(Window(40, 45, 20, 20))
    assert (there == BLF).all()  # as most of it was before, not paddy as the parcel says
    assert made.clues["purity"].between(0.75, 0.99).all()
    assert "U17" in {finding.code for finding in made.findings}


def test_codes_of_parcels_that_the_scheme_does_not_know_are_refused(tmp_path):
    file = write_imagery(tmp_path / "数据")
    write_layer(tmp_path / "数据" / "样本" / "图斑.gpkg", [place_at(0, 0)],
                编号=["甲"], 地类编码=["9999"])  # fmt: skip

    with pytest.raises(InputRefused) as refused:
        run_study(Study.read(file), tmp_path / "成果")

    (finding,) = refused.value.findings
    assert (finding.code, finding.facts["codes"]) == ("J11", ["9999"])
    assert Path(finding.file).name == "图斑.gpkg"
    assert not (tmp_path / "成果").exists()
