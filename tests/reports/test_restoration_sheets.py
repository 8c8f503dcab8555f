"""The sheets of scenarios of restoration: figures of the results, formulas that give them."""

from __future__ import annotations

import re
from itertools import cycle

import numpy as np
import pandas as pd
import pytest

from sinks.parameters.formulas import formulas
from sinks.parameters.labels import label, labels
from sinks.reports.tables import unit_of
from sinks.reports.workbook import write_workbook
from tests.reports.restored import (
    BASELINES,
    CRAB,
    EFFECTS,
    HORIZONS,
    RESTORED,
    SCENARIOS,
    YEARS,
    restored,
)
from tests.reports.test_accuracy import without
from tests.reports.test_gep_sheets import again, formulas_of
from tests.reports.test_workbook import PAYLOADS, cells, held, section, table, text, written

SHEETS = ("scenarios", "scenario_years", "scenario_measures", "scenario_effects")
ENDS = ("", "_low", "_high")


def page(book, key):
    return book[label(f"sheet.{key}")]


def zh(name):
    return label(f"column.{name}")


def under(book, sheet, heading):
    """The rows under a heading, by the heads of their columns."""
    heads, rows = section(page(book, sheet), heading)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def close(value):
    return None if pd.isna(value) else pytest.approx(value, rel=1e-12)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), restored(), values=True)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), restored())


def test_formulas_come_to_the_values_that_are_held(book, opened):
    found = formulas_of([page(opened, key) for key in SHEETS], book)

    assert {cell.parent.title for cell, _ in found} == {label(f"sheet.{key}") for key in SHEETS}
    for cell, value in found:
        assert again(cell.value, book[cell.parent.title]) == pytest.approx(value, rel=1e-9)


def test_scenarios_have_their_area_years_and_the_cost_of_all_that_is_done(book):
    rows = under(book, "scenarios", label("section.scenarios"))

    assert [row[zh("scenario")] for row in rows] == ["已验收", "计划"]
    assert [row[zh("measures")] for row in rows] == [2, 1]
    assert [row[zh("area_ha")] for row in rows] == [16.25, 20]
    assert [row[label("workbook.cost_wan")] for row in rows] == [49, 21]
    assert rows[0][label("workbook.cost_wan_per_ha")] == pytest.approx(49 / 16.25)
    assert (rows[0][zh("first_year")], rows[0][zh("last_year")]) == (2024, 2025)


@pytest.mark.parametrize(("key", "chosen"), [
    ("scenario_horizons", "AR5"), ("scenario_horizons_others", "AR6_20"),
])  # fmt: skip
def test_horizons_stand_against_every_baseline(book, key, chosen):
    told = restored().table("scenario_horizons").xs(chosen, level="potentials")
    sets = restored().table("potentials")["name_zh"]
    rows = under(book, "scenarios", label(f"section.{key}").format(potentials=sets[chosen]))

    assert len(rows) == len(told)
    assert [row[zh("baseline")] for row in rows[:4]] == ["维持现状", "蟹塘"] * 2
    shown = {(r[zh("scenario")], r[zh("baseline")], r[zh("year")]): r for r in rows}
    for (scenario, baseline, year), of in told.iterrows():
        row = shown[SCENARIOS[scenario][0], BASELINES[baseline][0], year]
        for end in ENDS:
            for name in (f"cumulative{end}_tco2e", f"effect{end}_tco2e_per_year",
                         f"cumulative{end}_tco2e_per_ha"):  # fmt: skip
                assert row[zh(name)] == close(of[name])
            assert row[label(f"workbook.cost{end}_wan")] == close(of[f"cost{end}_yuan"] / 1e4)
            if not pd.isna(of["cost_yuan_per_tco2e"]):
                name = f"cost{end}_yuan_per_tco2e"
                assert row[zh(name)] == close(of[name])
        chance = row[label("scenario_horizons.probability_benefit")]
        assert chance == close(of["probability_benefit"])
        assert row[label("workbook.cost_wan_per_ha")] == close(of["cost_yuan_per_ha"] / 1e4)
        assert row[label("scenario_horizons.area_ha")] == of["area_ha"]


def test_a_cost_per_tonne_that_cannot_be_told_is_said_and_nothing_where_nothing_is_done(book):
    told = restored().table("potentials").loc["AR5", "name_zh"]
    rows = under(book, "scenarios", label("section.scenario_horizons").format(potentials=told))
    shown = {(r[zh("scenario")], r[zh("baseline")], r[zh("year")]): r[zh("cost_yuan_per_tco2e")]
             for r in rows}  # fmt: skip

    of = restored().table("scenario_horizons").loc[("done", "as_is", "AR5", 2030)]
    assert shown["已验收", "维持现状", 2030] == pytest.approx(of["cost_yuan_per_tco2e"])
    assert shown["已验收", "蟹塘", 2026] == "不能判定"
    assert shown["计划", "维持现状", 2026] is None


def test_a_surely_harmful_scenario_has_no_cost_per_tonne(tmp_path):
    found = restored()
    worse = found.table("scenario_horizons").copy()
    worse.loc[("done", "crab", "AR5", 2030), "cumulative_high_tco2e"] = -1.0
    worse.loc[("done", "crab", "AR5", 2030), "cost_yuan_per_tco2e"] = np.nan
    tables = {**found.tables, "scenario_horizons": worse}
    shown = text(page(written(tmp_path, restored(tables=tables)), "scenarios"))

    assert "\n有损\n" in shown


def test_the_spread_of_baselines_is_the_difference_of_its_ends(book, opened):
    told = restored().table("scenario_spread")
    name = restored().table("potentials").loc["AR5", "name_zh"]
    rows = under(book, "scenarios", label("section.scenario_spread").format(potentials=name))
    others = under(book, "scenarios", label("section.scenario_spread_others"))

    assert len(rows) == len(others) == len(told) / 2
    for row in rows:
        scenario = next(k for k, of in SCENARIOS.items() if of[0] == row[zh("scenario")])
        of = told.loc[(scenario, "AR5", row[zh("year")])]
        for column in told.select_dtypes("number"):
            assert row[zh(column)] == close(of[column])
        assert (row[zh("least_baseline")], row[zh("most_baseline")]) == ("蟹塘", "维持现状")
    assert rows[0][zh("spread_tco2e")] == pytest.approx(-3 * CRAB)
    found = [str(c.value) for c in cells([page(opened, "scenarios")]) if c.data_type == "f"]
    assert sum(bool(re.fullmatch(r"=[A-Z]+\d+-[A-Z]+\d+", one)) for one in found) == 2 * len(told)


def test_cautions_say_what_the_amounts_are(book):
    for key in ("scenarios", "scenario_years"):
        told = text(page(book, key))
        for part in ("核算量，非可交易减排量", "植被一次性增长", "正值为多吸收或少排放", "第五次"):
            assert part in told
    assert "核算量，非可交易减排量" in text(page(book, "scenario_measures"))
    assert "不能相加" in text(page(book, "scenario_effects"))


def test_years_are_those_of_the_results_and_their_parts_add_up(book):
    told = restored().table("scenario_years")
    for scenario, of in SCENARIOS.items():
        rows = _years(page(book, "scenario_years"), of[0])
        assert len(rows) == len(YEARS) * len(BASELINES)
        for row in rows:
            baseline = next(k for k, n in BASELINES.items() if n[0] == row[zh("baseline")])
            figures = told.loc[(scenario, baseline, row[zh("year")])]
            for column in told:
                assert row[zh(column)] == close(figures[column]), column


def _years(sheet, name):
    """The years of a scenario: below its heading, the room of its chart and the heads."""
    rows = list(sheet.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[0] == name)
    head = next(n for n in range(start, len(rows)) if rows[n][0] == zh("year"))
    body = rows[head + 1 : head + 1 + len(YEARS) * len(BASELINES)]
    return [dict(zip(rows[head], row, strict=True)) for row in body]


def test_every_scenario_has_a_line_of_what_adds_up_with_its_interval(opened):
    sheet = page(opened, "scenario_years")
    charts = sheet._charts

    assert len(charts) == len(SCENARIOS)
    heads = [row[0].row for row in sheet.iter_rows() if row[0].value == zh("year")]
    for chart, head in zip(charts, heads, strict=True):
        first, last = head + 1, head + len(YEARS)
        refs = [series.val.numRef.f.split("!")[1] for series in chart.series]
        assert refs == [f"${column}${first}:${column}${last}" for column in "KLM"]
        assert [sheet[f"{column}{head}"].value for column in "KLM"] == [
            zh(f"cumulative{end}_tco2e") for end in ENDS
        ]
        assert {sheet[f"B{row}"].value for row in range(first, last + 1)} == {"维持现状"}


def test_measures_have_names_of_classes_uses_types_and_species(book):
    rows = under(book, "scenario_measures", label("section.scenario_measures"))
    first, second, third = rows

    assert [row[label("workbook.cost_wan")] for row in rows] == [0.04, None, 0.021]
    assert first[label("scenario_measures.land_cover")] == "水田"
    assert first[label("scenario_measures.land_cover_after")] == "湖泊"
    assert first[zh("uses_before")] == "稻麦轮作 100 %"
    assert first[zh("uses_after")] == "湖区：水库 75 %; other 25 %"
    assert first[zh("type")] == "退圩还湖"
    assert (second[zh("group")], second[zh("uses_before")] or "") == ("杨树", "")
    assert (third[zh("type")], third[zh("group")]) == ("own_type", "strange")
    assert [row[zh("area_ha")] for row in rows] == [12.5, 3.75, 20]


def test_measures_add_up_to_their_scenario_at_every_horizon(book, opened):
    heading = label("section.scenario_cohorts").format(baseline="维持现状")
    rows = under(book, "scenario_measures", heading)
    cohorts, years = (restored().table(f"scenario_{name}") for name in ("cohorts", "years"))

    assert len(rows) == len(HORIZONS) * (3 + len(SCENARIOS))
    for row in rows:
        scenario = next(k for k, of in SCENARIOS.items() if of[0] == row[zh("scenario")])
        key, year = row[zh("cohort")], row[zh("year")]
        whole = key == label("workbook.total")
        of = years.loc[(scenario, "as_is", year)] if whole else cohorts.loc[(scenario, key, year)]
        for column in cohorts:
            assert row[zh(column)] == close(of[column]), column
    sums = [c.value for c in cells([page(opened, "scenario_measures")]) if c.data_type == "f"]
    assert len(sums) == len(HORIZONS) * len(SCENARIOS) * 6


def test_effects_are_with_less_without(book, opened):
    told = restored().table("scenario_effects")
    sheet = page(book, "scenario_effects")
    rows = [row for row in table(sheet) if row[zh("unit")]]

    assert len(rows) == len(told)
    assert [row[zh("kind")] for row in rows[:4]] == [
        label(f"scenario_kind.{kind}") for kind in ("land", "indicator", "service", "value")
    ]
    for row in rows:
        scenario = next(k for k, of in SCENARIOS.items() if of[0] == row[zh("scenario")])
        name = row[label("scenario_effects.effect")]
        key = next(k for k, of in EFFECTS.items() if of[5] == name)
        of = told.loc[(scenario, key)]
        for column in ("without", "with", "difference", "difference_low", "difference_high",
                       "cost_yuan_per_unit"):  # fmt: skip
            assert row[zh(column)] == close(of[column])
        assert row[label("workbook.cost_wan")] == close(of["cost_yuan"] / 1e4)
    differences = [row[6].value for row in page(opened, "scenario_effects").iter_rows()]
    assert sum(bool(re.fullmatch(r"=F\d+-E\d+", str(value))) for value in differences) == len(told)


def test_a_cost_of_what_may_be_no_gain_catches_the_eye(opened):
    marked = [
        row[2].value
        for row in page(opened, "scenario_effects").iter_rows()
        if row[10].fill.start_color.rgb == "FFFFE7CC" and row[10].data_type == "f"
    ]

    assert marked == ["固碳"]


def test_a_figure_that_its_parts_do_not_make_is_no_formula(tmp_path):
    found = restored()
    off = found.table("scenario_effects").copy()
    off["difference"] += 1.0
    shown = written(tmp_path, restored(tables={**found.tables, "scenario_effects": off}))
    sheet = page(shown, "scenario_effects")

    values = [row[6].value for row in sheet.iter_rows() if row[6].data_type == "n"]
    assert held(13.5) in values
    assert not [row for row in sheet.iter_rows() if row[6].data_type == "f"]


@pytest.mark.parametrize(("name", "gone"), [
    ("scenarios", SHEETS), ("scenario_horizons", ("scenarios",)),
    ("scenario_years", ("scenario_years",)), ("scenario_measures", ("scenario_measures",)),
    ("scenario_effects", ("scenario_effects",)), ("scenario_spread", ()),
    ("scenario_cohorts", ()), ("baselines", ()), ("potentials", ()),
])  # fmt: skip
def test_what_a_run_did_not_make_has_no_sheet(tmp_path, name, gone):
    missing = RESTORED if gone == SHEETS else (name,)
    if name == "potentials":
        missing = (name, "balance_potentials", "balance")
    shown = written(tmp_path, restored(tables=without(restored(), *missing))).sheetnames

    told = {key for key in SHEETS if label(f"sheet.{key}") in shown}
    assert told == set(SHEETS) - set(gone)


def test_every_column_has_a_name_and_leads_back_to_a_formula(book):
    known, found = formulas(), restored()
    for name in RESTORED:
        frame = found.table(name)
        own = set(labels(name)) | set(labels("column"))
        assert {*map(str, frame.columns), *frame.index.names} <= own, name
        assert name in labels("table")
        numbers = frame.select_dtypes("number").columns
        assert {(name, column) for column in numbers} <= set(known.index)
        told = [key[1] for key in known.index if key[0] == name]
        assert set(told) == set(numbers), name
    shown = {row[0].value for row in page(book, "lineage").iter_rows()}
    assert {label(f"table.{name}") for name in RESTORED if name != "baselines"} <= shown


def test_units_are_those_that_names_say():
    assert unit_of("cumulative_low_tco2e_per_ha") == "tco2e_per_ha"
    assert unit_of("cost_yuan_per_tco2e") == "yuan_per_tco2e"


def test_texts_of_the_study_stay_texts(tmp_path):
    found = restored()
    tables, payloads = dict(found.tables), cycle(PAYLOADS)
    for name, columns in {
        "scenarios": ["name_zh"], "baselines": ["name_zh"], "potentials": ["name_zh"],
        "scenario_measures": ["uses_before", "uses_after", "type", "group", "land_cover"],
        "scenario_effects": ["name_zh", "unit", "kind"], "uses": ["name_zh"],
    }.items():  # fmt: skip
        count = len(tables[name])
        told = {column: [next(payloads) for _ in range(count)] for column in columns}
        tables[name] = tables[name].assign(**told)
    shown, plain = written(tmp_path, restored(tables=tables)), written(tmp_path, found)

    for key in SHEETS:
        counts = [sum(c.data_type == "f" for c in cells([page(b, key)])) for b in (shown, plain)]
        assert counts[0] == counts[1], key
        assert not page(shown, key)._hyperlinks
    assert len(page(shown, "scenario_years")._charts) == len(SCENARIOS)


def test_english_has_no_chinese_of_ours(tmp_path):
    shown = written(tmp_path, restored(), language="en")
    texts = [c.value for key in SHEETS for c in cells([shown[label(f"sheet.{key}", "en")]])]

    assert len(shown.sheetnames) == len(written(tmp_path, restored()).sheetnames)
    ours = [t for t in [*texts, *shown.sheetnames] if isinstance(t, str)]
    assert not [t for t in ours if re.search("[\u3000-\u9fff]", t)]
    assert "cannot be told" in ours


def test_two_writes_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(restored(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
