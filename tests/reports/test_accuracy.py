"""The sheets of accuracy, of classified maps and of clues; estimates beside mapped figures."""

from __future__ import annotations

import re
from itertools import pairwise

import openpyxl
import pytest

from sinks.errors import Language
from sinks.parameters.formulas import formulas
from sinks.parameters.labels import label, labels
from sinks.reports.workbook import write_workbook
from tests.reports.judged import INPUTS, judged
from tests.reports.scene import CLASSES, ZONES, results
from tests.reports.test_workbook import (
    PAYLOADS,
    cells,
    held,
    section,
    table,
    text,
    written,
)

NEW = ["精度与估计面积", "混淆矩阵", "分类图", "更新线索"]
SAMPLED = ("area_estimates", "map_accuracy", "error_matrix", "agreement", "stock_estimates",
           "change_estimates")  # fmt: skip


def without(found, *names):
    return {name: frame for name, frame in found.tables.items() if name not in names}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_workbook(judged(), path)
    return openpyxl.load_workbook(path, data_only=True)


def formula_count(page):
    return sum(cell.data_type == "f" for row in page.iter_rows() for cell in row)


def test_overall_accuracy_stands_with_its_interval_and_the_size_of_the_sample(book):
    _, rows = section(book["精度与估计面积"], "总体精度")

    assert [row[:7] for row in rows] == [
        ("2020 年地图", "全部", 90.5, 87.25, 93.125, 60, 2025),
        ("2025 年地图", "全部", 90.5, 87.25, 93.125, 60, 2025),
        ("2020—2025 年变化", "全部", 88, 80, 95, 60, 2025),
    ]


def test_users_and_producers_accuracy_are_those_of_the_results(book):
    accuracy = judged().table("map_accuracy").xs((2025, "2025"), level=("sample", "what"))
    _, rows = section(book["精度与估计面积"], "2025 年地图：各类型的用户精度和生产者精度")

    assert [row[1] for row in rows] == [zh for zh, _ in CLASSES.values()]
    names = ["accuracy_pct", "accuracy_low_pct", "accuracy_high_pct", "units"]
    for key, row in zip(CLASSES, rows, strict=True):
        for measure, shown in (("users", row[2:6]), ("producers", row[6:10])):
            assert list(shown) == accuracy.loc[(measure, key), names].map(held).tolist()


def test_changes_that_no_sample_met_are_counted_and_not_judged(book):
    page = book["精度与估计面积"]
    _, rows = section(page, "2020—2025 年变化：各类型的用户精度和生产者精度")

    assert [row[1:] for row in rows] == [
        ("水田（不变）", 95, 85, 98, 40, 96, 86, 99, 41),
        ("水田 → 阔叶林", 50, 10, 90, 2, None, None, None, 0),
    ]
    assert label("workbook.unsampled").format(count=1) in text(page)


def test_areas_of_the_district_are_mapped_and_estimated_with_the_difference(book):
    _, rows = section(book["精度与估计面积"], "全区各类型：制图面积与估计面积")
    estimates = judged().table("area_estimates").xs("d", level="zone")

    assert len(rows) == len(estimates)
    for row, ((year, key), of) in zip(rows, estimates.iterrows(), strict=True):
        assert row[:2] == (f"{year} 年地图", CLASSES[key][0])
        values = [of["area_ha"], of["estimated_ha"], of["estimated_low_ha"],
                  of["estimated_high_ha"], of["estimated_ha"] - of["area_ha"]]  # fmt: skip
        assert list(row[2:7]) == [held(value) for value in values]


def test_a_mapped_area_outside_the_interval_catches_the_eye_in_the_district_alone(book):
    page = book["精度与估计面积"]
    heading = next(c for c in page["A"] if c.value == "全区各类型：制图面积与估计面积")
    shades = {page.cell(heading.row + n, 2).value: page.cell(heading.row + n, 7).fill for n in
              (2, 3, 4)}  # fmt: skip

    warned = {name: fill.start_color.rgb == "FFFFE7CC" for name, fill in shades.items()}
    assert warned == {"湖泊": False, "水田": True, "阔叶林": False}
    differences = [row for row in book["土地覆盖面积"].iter_rows(min_row=4) if row[0].value]
    assert {row[1].value for row in differences if row[7].fill.start_color.rgb == "FFFFE7CC"} == {
        "全区"
    }


def test_agreement_says_how_many_places_are_in_dispute(book):
    _, rows = section(book["精度与估计面积"], "两位判读员的一致程度")

    assert [row[:7] for row in rows] == [
        ("2020 年地图", "全部", 80, 68.25, 88.5, 60, 12),
        ("2020 年地图", "水田", 75, 60, 86, 44, 11),
        ("2025 年地图", "全部", 80, 68.25, 88.5, 60, 12),
        ("2025 年地图", "水田", 75, 60, 86, 44, 11),
    ]


def test_the_error_matrix_counts_samples_and_shares_with_their_sums(book):
    head, units = section(book["混淆矩阵"], "2020 年地图：样点数")
    _, shares = section(book["混淆矩阵"], "2020 年地图：占全区面积的比例")

    assert head == ("地图 ↓　参考 →", "湖泊", "水田", "阔叶林", "合计")
    assert units == [
        ("湖泊", 8, None, None, 8),
        ("水田", 2, 40, None, 42),
        ("阔叶林", None, None, 10, 10),
        ("合计", 10, 40, 10, 60),
    ]
    assert [round(value, 12) for value in shares[-1][1:]] == [0.1, 0.7, 0.2, 1]


def test_pairs_of_change_are_told_by_name(book):
    _, rows = section(book["精度与估计面积"], "2020—2025 年变化：样点数与占全区面积的比例")

    assert [row[:4] for row in rows] == [
        ("水田（不变）", "水田（不变）", 59, 0.9875),
        ("水田 → 阔叶林", "水田（不变）", 1, 0.0125),
    ]


def test_zones_have_estimates_beside_mapped_areas_and_the_assumption_is_printed(book):
    rows = {(r["统计单元"], r["土地覆盖类型"]): r for r in table(book["土地覆盖面积"])}

    for (year, zone, key), of in judged().table("area_estimates").iterrows():
        row = rows[ZONES[zone][0], CLASSES[key][0]]
        assert row[f"{year} 年制图面积（公顷）"] == held(of["area_ha"])
        assert row[f"{year} 年估计面积（公顷）"] == held(of["estimated_ha"])
        assert row[f"{year} 年估计面积 95% 下限（公顷）"] == held(of["estimated_low_ha"])
        assert row[f"{year} 年估计面积 95% 上限（公顷）"] == held(of["estimated_high_ha"])
        difference = held(of["estimated_ha"] - of["area_ha"])
        assert row[f"{year} 年估计 − 制图（公顷）"] == difference
    assert "与全区相同（合成估计）" in text(book["土地覆盖面积"])
    assert "与全区情况差别大时会有偏差" in text(book["精度与估计面积"])


def test_estimated_areas_add_up_to_the_zone_in_a_formula(tmp_path):
    found = judged()
    live, values = written(tmp_path, found), written(tmp_path, found, values=True)
    rows = [row for row in live["土地覆盖面积"].iter_rows(min_row=4) if row[2].value == "合计"]

    for row in rows:
        span = re.fullmatch(r"=SUM\((\w+:\w+)\)", row[4].value)[1]
        again = sum(cell.value for line in values["土地覆盖面积"][span] for cell in line)
        assert values["土地覆盖面积"][row[4].coordinate].value == pytest.approx(again, rel=1e-14)


def test_a_year_without_labels_says_that_it_has_no_sample(tmp_path):
    rows = table(written(tmp_path, judged(years=(2025,)), values=True)["土地覆盖面积"])
    paddy = next(row for row in rows if row["土地覆盖类型"] == "水田")

    assert paddy["2020 年估计面积（公顷）"] == "无概率样本"
    assert paddy["2025 年估计面积（公顷）"] == 298 - 3.5
    assert "2020 年估计 − 制图（公顷）" not in paddy


def test_a_class_that_only_the_sample_found_in_a_zone_has_a_row(tmp_path):
    found = judged()
    areas = found.table("areas").drop((2025, "001", "LAK")).drop((2020, "001", "LAK"))
    book = written(tmp_path, judged(tables={**found.tables, "areas": areas}), values=True)
    lake = next(
        r for r in table(book["土地覆盖面积"])
        if r["统计单元"] == "东镇" and r["土地覆盖类型"] == "湖泊"
    )  # fmt: skip

    assert lake["2025 年制图面积（公顷）"] == 0
    estimate = found.table("area_estimates").loc[(2025, "001", "LAK"), "estimated_ha"]
    assert lake["2025 年估计面积（公顷）"] == held(estimate)


def test_stocks_stand_on_mapped_and_on_estimated_areas(book):
    rows = {(r["统计单元"], r["碳库"]): r for r in table(book["碳储量"])}
    found = judged()

    for (year, zone), of in found.table("stock_estimates").iterrows():
        mapped = rows[ZONES[zone][0], "四库合计，按制图面积"]
        assert (
            mapped[f"{year} 年碳储量（吨碳）"]
            == (found.table("stock_totals").loc[(year, zone), "stock_tc"])
        )
        assert mapped[f"{year} 年其中面积的标准误（吨碳）"] is None
        row = rows[ZONES[zone][0], "四库合计，按估计面积"]
        assert row[f"{year} 年碳储量（吨碳）"] == held(of["stock_tc"])
        assert row[f"{year} 年 95% 下限（吨碳）"] == held(of["stock_low_tc"])
        assert row[f"{year} 年 95% 上限（吨碳）"] == held(of["stock_high_tc"])
        assert row[f"{year} 年其中面积的标准误（吨碳）"] == 3
        assert row[f"{year} 年其中密度的标准误（吨碳）"] == 4


def test_the_mapped_total_is_still_the_sum_of_the_pools(tmp_path):
    found = judged()
    live, values = written(tmp_path, found), written(tmp_path, found, values=True)
    cell = live["碳储量"]["D4"]
    span = re.fullmatch(r"=SUM\((\w+:\w+)\)", cell.value)[1]
    pools = [line[0] for line in values["碳储量"][span]]

    assert [values["碳储量"].cell(c.row, 3).value for c in pools] == [
        label(f"pool.{pool}")
        for pool in ("above_ground", "below_ground", "dead_organic_matter", "soil")
    ]
    assert values["碳储量"]["D4"].value == pytest.approx(sum(c.value for c in pools), rel=1e-14)


def test_the_change_of_the_district_stands_on_estimated_areas_too(book):
    page, found = book["碳储量变化"], judged().table("change_estimates")
    heads, rows = section(page, label("section.change_estimated"))

    assert [row[0] for row in rows] == ["全区"]
    shown = dict(zip(heads, rows[0], strict=True))
    for name in found.columns.drop("change_se_tc"):
        assert shown[label(f"column.{name}")] == held(found.loc["d", name])


def test_an_interval_of_change_that_straddles_nought_catches_the_eye(tmp_path):
    found = judged()
    surely = found.table("change_estimates").assign(change_low_tc=1.0)
    for estimates, shade in ((found.table("change_estimates"), True), (surely, False)):
        tables = {**found.tables, "change_estimates": estimates}
        page = written(tmp_path, judged(tables=tables))["碳储量变化"]
        heading = next(c for c in page["A"] if c.value == label("section.change_estimated"))
        low = [c.value for c in page[heading.row + 1]].index(label("column.change_low_tc"))
        cell = page[heading.row + 2][low]
        assert (cell.fill.start_color.rgb == "FFFFE7CC") is shade


@pytest.mark.parametrize(
    ("sheet", "with_sample", "alone"),
    [
        ("碳储量", "zones_carbon", "density_error"),
        ("土地覆盖面积", "mapped_sample", "mapped"),
        ("碳储量", "stock_sample", "density_error"),
        ("各单元指标", "interval_sample", "interval"),
    ],
)
def test_notes_say_what_the_sample_adds_or_that_there_is_none(
    tmp_path, book, sheet, with_sample, alone
):
    plain = written(tmp_path, results())
    yes, no = label(f"note.{with_sample}"), label(f"note.{alone}")

    assert (yes in text(book[sheet]), no in text(book[sheet])) == (True, False)
    assert (yes in text(plain[sheet]), no in text(plain[sheet])) == (False, True)


def test_the_change_on_mapped_areas_always_says_that_it_lacks_the_error_of_areas(tmp_path, book):
    plain, told = text(written(tmp_path, results())["碳储量变化"]), text(book["碳储量变化"])

    assert label("note.change_density_error") in plain
    assert label("note.change_density_error") in told
    assert label("note.change_sample") in told
    assert label("note.change_sample") not in plain


def test_the_first_sheet_explains_estimates_and_tests_only_where_there_are_any(tmp_path, book):
    plain, told = text(written(tmp_path, results())["说明"]), text(book["说明"])

    for key in ("area", "interval"):
        assert label(f"about_text.{key}") in plain
        assert label(f"about_text.{key}_sample") in told
        assert label(f"about_text.{key}") not in told
    for key in ("accuracy", "maps"):
        assert label(f"about_text.{key}") in told
        assert label(f"about_text.{key}") not in plain


def test_a_mapped_rate_is_not_called_unsampled_beside_a_sampled_one(tmp_path, book):
    names = [row["指标"] for row in table(book["各单元指标"]) if row["统计单元"] == "东镇"]
    plain = [row["指标"] for row in table(written(tmp_path, results())["各单元指标"])]

    assert "林木覆盖率（概率样本估计）" in names
    assert "林木覆盖率（遥感制图）" in names
    assert "林木覆盖率（遥感制图，未抽样检验）" not in names
    assert "林木覆盖率（遥感制图，未抽样检验）" in plain
    evidence = {row["指标"]: row["依据"] for row in table(book["各单元指标"])}
    assert evidence["林木覆盖率（概率样本估计）"] == label("evidence.sample")


def test_sheets_of_samples_and_maps_are_there_only_with_their_tables(tmp_path):
    found = judged()
    for gone, absent in (
        (SAMPLED, NEW[:2]),
        (("map_validation",), NEW[2:3]),
        (("map_clues",), NEW[3:]),
    ):
        names = written(tmp_path, judged(tables=without(found, *gone))).sheetnames
        assert [name for name in NEW if name not in names] == absent
    assert not set(NEW) & set(written(tmp_path, results()).sheetnames)


def test_the_validation_of_a_map_shows_the_optimism_of_random_folds_and_claims_no_accuracy(book):
    page = book["分类图"]
    _, rows = section(page, "交叉验证：随机分组与三种空间分组对照")
    validation = judged().table("map_validation").loc["west"]

    assert [row[1] for row in rows] == [label(f"folds.{kind}") for kind in validation.index]
    for row, (kind, of) in zip(rows, validation.iterrows(), strict=True):
        assert row[2:9] == tuple(held(value) for value in of.iloc[:7])
        assert row[9] == (None if kind == "random" else held(of["optimism"]))
    assert page["A3"].value == label("note.validation")
    assert "不是地图精度" in page["A3"].value


def test_classes_of_a_map_stand_with_training_places_and_what_was_told_of_those_held_back(book):
    _, rows = section(book["分类图"], "训练样本与各类型的交叉验证精度（按预测距离匹配的分组）")
    found = judged()

    for key, row in zip(CLASSES, rows, strict=True):
        training = found.table("map_training").loc[("west", key)]
        tested = found.table("map_validation_classes").loc[("west", key)]
        assert row[:2] == ("west", CLASSES[key][0])
        assert row[2:] == tuple(held(v) for v in [*training, *tested])


def test_areas_of_a_map_say_how_much_lies_outside_the_model(book):
    _, rows = section(book["分类图"], "分类图各类型面积，及其中模型适用范围之外的面积")
    classes = judged().table("map_classes").loc["west"]

    for key, row in zip(CLASSES, rows, strict=False):
        assert row[2:5] == tuple(held(value) for value in classes.loc[key])
    area, outside = classes["area_ha"].sum(), classes["outside_ha"].sum()
    assert rows[-1][1] == "合计"
    assert rows[-1][2:5] == pytest.approx((area, outside, 100 * outside / area))


def test_features_come_by_importance_and_rules_are_summed(book):
    page = book["分类图"]
    _, features = section(page, label("section.importance"))
    _, rules = section(page, label("section.map_rules"))

    assert [row[:4] for row in features] == [
        ("west", "mndwi", 12.25, 2), ("west", "ndvi", 3.5, 1)]  # fmt: skip
    assert [row[:4] for row in rules] == [
        ("west", label("map_rule.mapping_unit"), 15, 1.5),
        ("west", label("map_rule.official_polygons"), 7, 0.75),
    ]


def test_clues_come_by_disagreement_with_class_names_and_can_be_filtered(book):
    page = book["更新线索"]

    assert [tuple(row.values()) for row in table(page) if row["图斑编号"]] == [
        ("west", "320903002", "", "阔叶林", 3.5, 3.25, 3, 0.95, None),
        ("west", "320903001", "水田", "湖泊", 1.5, 1.25, 1, 0.8, 0.9),
    ]
    assert page["B4"].data_type == "s"
    assert page.auto_filter.ref == "A3:I5"
    assert page.freeze_panes == "B4"
    assert label("note.clues") in text(page)


def test_estimated_areas_are_charted_with_their_interval(tmp_path, book):
    page = written(tmp_path, judged())["图表"]
    bars = page._charts[1].series[1].errBars

    assert len(page._charts) == 3
    minus, plus = (getattr(bars, end).numRef.f for end in ("minus", "plus"))
    assert (minus, plus) == ("图表!$D$21:$D$23", "图表!$E$21:$E$23")
    down, up = ([c[0].value for c in book["图表"][f"{c}21:{c}23"]] for c in "DE")
    estimates = judged().table("area_estimates").loc[2025].loc["d"]
    estimated = estimates["estimated_ha"]
    assert down == [held(v) for v in estimated - estimates["estimated_low_ha"]]
    assert up == [held(v) for v in estimates["estimated_high_ha"] - estimated]


def test_every_new_column_leads_back_to_a_formula_and_its_files(book):
    known, found = formulas(), judged()
    names = [*SAMPLED, *(name for name in found.tables if name.startswith("map_"))]
    missing = [
        (name, column)
        for name in names
        for column in found.table(name).select_dtypes("number")
        if (name, column) not in known.index
    ]
    assert not missing

    rows = {(r["表"], r["列"]): r["输入"] for r in table(book["来源追溯"]) if r["列"]}
    accuracy = rows[label("table.map_accuracy"), label("column.accuracy_pct")]
    assert {"samples.2025", "samples.2025.labels.1"} <= set(accuracy.split(", "))
    tested = rows[label("table.map_validation"), label("column.overall_accuracy")]
    assert tested.split(", ") == ["classifications.west.training", "images.summer"]
    files = {
        row["位置"]: (row["文件"], row["校验值（SHA-256）"]) for row in table(book["输入文件"])
    }
    inputs = found.table("inputs")
    for place, file in INPUTS.items():
        assert files[place] == (file, inputs.loc[place, "sha256"])


def test_a_column_that_means_something_else_in_a_table_is_named_for_that_table(book):
    rows = {(row["表"], row["列"]) for row in table(book["来源追溯"])}

    outside = "其中适用范围之外（公顷）"
    assert (label("table.map_classes"), outside) in rows
    assert (label("table.coverage"), label("column.outside_ha")) in rows


def test_rows_of_one_table_stand_together_in_the_lineage(book):
    tables = [row["表"] for row in table(book["来源追溯"]) if row["列"]]

    changes = sum(one != other for one, other in pairwise(tables))
    assert changes == len(set(tables)) - 1


def test_names_of_maps_parcels_features_and_classes_stay_texts(tmp_path):
    found = judged()
    tables = dict(found.tables)
    for of, column in (("map_clues", "parcel"), ("map_importance", "feature")):
        one = tables[of].reset_index().iloc[[0] * len(PAYLOADS)]
        named = one.assign(map=list(PAYLOADS), **{column: list(PAYLOADS)})
        tables[of] = named.set_index(["map", column])
    tables["map_rules"] = tables["map_rules"].rename(index=lambda _: PAYLOADS[0], level="rule")
    tables["classes"] = tables["classes"].assign(name_zh=PAYLOADS[0])
    book, plain = written(tmp_path, judged(tables=tables)), written(tmp_path, found)

    parcels = [row[1].value for row in book["更新线索"].iter_rows(min_row=4)][: len(PAYLOADS)]
    assert sorted(map(str.rstrip, parcels)) == sorted(PAYLOADS)
    for sheet in NEW:
        assert formula_count(book[sheet]) == formula_count(plain[sheet])
        assert not book[sheet]._hyperlinks


def test_english_has_no_chinese_of_ours(tmp_path):
    book = written(tmp_path, judged(), language="en")
    texts = {c.value for c in cells(book) if isinstance(c.value, str)} - {"方案"}

    assert len(book.sheetnames) == len(written(tmp_path, judged()).sheetnames)
    assert not [t for t in [*texts, *book.sheetnames] if re.search("[\u3000-\u9fff]", t)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kappa_is_not_computed_and_every_new_sheet_is_marked_synthetic(
    tmp_path, language: Language
):
    book = written(tmp_path, judged(), language=language)

    heads = [str(c.value) for c in cells(book) if c.font.bold]
    assert not [head for head in heads if "kappa" in head.casefold()]
    for key in ("accuracy", "error_matrix", "maps", "clues"):
        page = book[label(f"sheet.{key}", language)]
        assert page["A1"].value == label("workbook.synthetic", language)


def test_every_kind_of_folds_that_is_made_has_a_name():
    assert set(labels("folds")) == {"random", "polygon", "block", "matched"}
    assert set(labels("map_rule")) == {"mapping_unit", "official_polygons"}


def test_a_class_that_the_results_do_not_name_keeps_its_key(tmp_path):
    found = judged()
    strange = found.table("map_classes").rename(index={"BLF": "XYZ"})
    book = written(tmp_path, judged(tables={**found.tables, "map_classes": strange}), values=True)
    _, rows = section(book["分类图"], "分类图各类型面积，及其中模型适用范围之外的面积")

    assert [row[1] for row in rows] == ["湖泊", "水田", "XYZ", "合计"]


def test_two_writes_of_a_judged_study_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(judged(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_study_with_accuracy_but_one_interpreter_has_no_agreement(tmp_path):
    found = judged()
    page = written(tmp_path, judged(tables=without(found, "agreement")))["精度与估计面积"]

    assert label("section.agreement") not in text(page)
