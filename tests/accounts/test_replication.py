"""A published account made again from its printed quantities: Garzê, 2010.

白玛卓嘎, 肖燚, 欧阳志云, 王莉雁 2017. 甘孜藏族自治州生态系统生产总值核算研究. 生态学报 37(19):
6302-6312, doi:10.5846/stxb201607011362. Quantities, prices and values of Table 3, sections 3.1
to 3.3; areas of Table 1.

A line is met if its value lies within what the printed quantity can mean: half of its last
digit times the price, and half of the last digit of the printed value. Five lines are printed
in money alone: net output of four branches, and tourism, whose spending is here the printed
value over the printed visits; they pass through and prove only that nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from sinks.accounts.gep import Year, account
from sinks.accounts.land import Land
from sinks.accounts.spreading import Places
from sinks.parameters.legends import house_classes
from sinks.study_layers import StatisticsSource
from sinks.workflow.account_arguments import account_parameters, known_in
from sinks.workflow.account_guards import checked_guards
from sinks.workflow.account_rules import study_rules
from sinks.workflow.grounds import ground_of_map
from sinks.workflow.statistics import statistics
from sinks.workflow.study_tables import read_study_table
from tests.accounts.made_gep import make_study, tables_of

YEAR = 2010
DISTRICT = "district"
E8 = 1e8  # values are printed in 亿元
LAST = 0.00005  # half of the last digit of a printed value
WHOLE = 7545.59  # 亿元, printed; the lines together 7545.5980
AREAS_KM2 = {
    "BLF": 31920.60,
    "SHR": 32283.46,
    "GRS": 71113.87,
    "MAR": 2864.27,
    "DRY": 1707.87,
    "BLT": 74.53,
    "BAR": 8463.19 + 1259.91,  # with glaciers and snow
}


@dataclass(frozen=True)
class Line:
    """A printed line: quantity as printed, its unit as written by a bureau, value in 亿元."""

    quantity: str
    scale: int  # of the printed unit in units of ``unit``
    unit: str
    value: str

    @property
    def told(self) -> Decimal:
        return Decimal(self.quantity) * self.scale

    @property
    def tolerance(self) -> float:
        """What the value may differ by, in 亿元."""
        half = Decimal((0, (5,), int(Decimal(self.quantity).as_tuple().exponent) - 1))
        return float(self.value) * float(half / Decimal(self.quantity)) + LAST


LINES = {
    "water_homes": Line("1.36", 1, "亿立方米", "3.5400"),
    "water_industry": Line("150.17", 1, "亿立方米", "540.6113"),
    "water_farming": Line("17.31", 1, "亿立方米", "1.2117"),
    "hydropower": Line("95.30", 1, "亿千瓦时", "50.5090"),
    "rain_kept": Line("321.49", 1, "亿立方米", "2269.7074"),
    "soil_kept": Line("38.86", 10_000, "万吨", "156.2555"),  # 亿吨, 10.03亿m3 of sediment
    "soil_nitrogen": Line("1437.94", 1, "万吨", "125.8199"),
    "soil_phosphorus": Line("419.72", 1, "万吨", "117.5226"),
    "sand_held": Line("60.89", 1, "平方公里", "2.2835"),
    "lake_storage": Line("2.43", 1, "亿立方米", "17.1430"),
    "reservoir_storage": Line("0.01", 1, "亿立方米", "0.0684"),
    "marsh_storage": Line("6.00", 1, "亿立方米", "42.3436"),
    "so2": Line("1137", 1, "吨", "0.0136"),
    "nox": Line("2772", 1, "吨", "0.0175"),
    "dust": Line("941", 1, "吨", "0.0014"),
    "cod": Line("5424", 1, "吨", "0.0380"),
    "nh3n": Line("625", 1, "吨", "0.0055"),
    "co2": Line("0.31", 10_000, "万吨", "117.3548"),  # 亿吨
    "o2": Line("2.51", 10_000, "万吨", "1821.9182"),  # 亿吨
    "plant_cooling": Line("2799.10", 1, "亿千瓦时", "1483.5208"),
    "water_cooling": Line("1272.35", 1, "亿千瓦时", "674.3433"),
    "pests_forest": Line("158", 10_000, "公顷", "5.9250"),  # 万公顷
    "pests_grass": Line("711.13", 10_000, "公顷", "8.0003"),  # 万公顷
}
BRANCHES = {
    "crops": Line("12.2875", 1, "亿元", "12.2875"),
    "forestry": Line("2.3777", 1, "亿元", "2.3777"),
    "livestock": Line("22.0760", 1, "亿元", "22.0760"),
    "fishery": Line("0.0356", 1, "亿元", "0.0356"),
}
TOURISTS = Line("358.68", 1, "万人次", "70.6669")
PRINTED = {
    **LINES,
    **{f"{branch}_value": line for branch, line in BRANCHES.items()},
    "tourists": TOURISTS,
}


def statistics_file(folder: Path) -> Path:
    """The printed figures as a bureau would tell them."""
    rows = [("功能量", item, line.told, line.unit) for item, line in LINES.items()]
    rows += [("净产值", branch, line.told, line.unit) for branch, line in BRANCHES.items()]
    spend = Decimal(TOURISTS.value) * 10_000 / Decimal(TOURISTS.quantity)  # 亿元 over 万人次
    rows.append(("游客人次", "", TOURISTS.told, TOURISTS.unit))
    rows.append(("游客人均消费", "", round(spend, 6), "元/人次"))
    columns = ["项目", "明细", "数值", "计量单位"]
    frame = pd.DataFrame(rows, columns=columns).assign(年份=YEAR, 单元="", 依据文件="表3")
    path = folder / "统计.csv"
    frame.to_csv(path, index=False, encoding="utf-8")
    return path


def one_zone() -> Land:
    """The prefecture: one zone of seven kinds of ecosystems."""
    classes = pd.Index(house_classes().index, name="land_cover")
    areas = pd.DataFrame({key: 100 * km2 for key, km2 in AREAS_KM2.items()}, index=[DISTRICT])
    areas = areas.reindex(columns=classes, fill_value=0.0).rename_axis("zone")
    shown = areas.reset_index().melt(id_vars="zone", value_name="area_ha")
    ground = ground_of_map(shown, areas.index, classes)
    return Land(
        places=Places(
            zones=(DISTRICT,),
            district=DISTRICT,
            parts=(),
            overlap=pd.DataFrame(1.0, index=[DISTRICT], columns=[DISTRICT]),
        ),
        grounds={"all": ground, "unregulated": ground},
        mean_ha=areas,
        width=1 + make_study().balance.draws,
    )


def made_under(rule_set: str, folder: Path) -> dict[str, pd.DataFrame]:
    """Return every table of the account of 2010 under a rule set."""
    study = make_study(f'rule_set = "{rule_set}"\nbase_year = {YEAR}\n')
    table = read_study_table(StatisticsSource(path=statistics_file(folder)))
    told = statistics(table, [DISTRICT], [], DISTRICT)
    rules = study_rules(study, told)
    known = known_in(study, account_parameters(study, told), rules, YEAR)
    years = [Year(year=YEAR, land=one_zone(), known=known)]
    tables = tables_of(account(rules, years), rules, years)
    tables["gep_guards"], _ = checked_guards(study, rules, {YEAR: known}, tables, {})
    return tables


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, pd.DataFrame]:
    return made_under("BAI2017", tmp_path_factory.mktemp("garze"))


@pytest.fixture(scope="module")
def standard(tmp_path_factory) -> dict[str, pd.DataFrame]:
    return made_under("GBT46869", tmp_path_factory.mktemp("garze"))


def values(tables: dict[str, pd.DataFrame]) -> pd.Series:
    """Values by item in 亿元."""
    return tables["gep_items"].xs((YEAR, DISTRICT), level=("year", "zone"))["value_yuan"] / E8


def test_the_account_has_the_lines_that_were_printed_and_no_other(published):
    assert len(PRINTED) == 28
    assert set(values(published).index) == set(PRINTED)


@pytest.mark.parametrize("item", PRINTED)
def test_a_line_is_what_was_printed_within_its_rounding(published, item):
    line = PRINTED[item]

    assert values(published)[item] == pytest.approx(float(line.value), abs=line.tolerance)


def test_the_printed_sediment_is_that_of_the_printed_soil(published):
    kept_t = published["gep_items"].loc[(YEAR, DISTRICT, "soil_kept"), "quantity"]

    assert kept_t * 0.24 / 0.93 / E8 == pytest.approx(10.03, abs=0.005)  # 亿m3


def test_the_whole_is_what_was_printed_within_the_sum_of_roundings(published):
    printed = sum(float(line.value) for line in PRINTED.values())
    tolerance = sum(line.tolerance for line in PRINTED.values())
    whole = published["gep_totals"].loc[(YEAR, DISTRICT), "gep_yuan"] / E8

    assert printed == pytest.approx(7545.5980, abs=1e-4)
    assert printed == pytest.approx(WHOLE, abs=0.01)
    assert whole == pytest.approx(WHOLE, abs=tolerance)
    assert tolerance < 0.001 * WHOLE
    assert whole == pytest.approx(WHOLE, rel=5e-4)  # quantities as printed: 7548.9


def test_groups_are_what_was_printed(published):
    totals = published["gep_totals"].loc[(YEAR, DISTRICT)] / E8

    assert totals["provisioning_yuan"] == pytest.approx(632.64, abs=0.05)
    assert totals["regulating_yuan"] == pytest.approx(6842.28, abs=5.0)
    assert totals["cultural_yuan"] == pytest.approx(70.67, abs=0.011)


def test_every_figure_rests_on_what_was_told_or_printed(published):
    totals = published["gep_totals"].loc[(YEAR, DISTRICT)]

    # tourism alone takes a default: that no lodging is to be taken off
    assert totals["default_share_pct"] < 1
    assert (published["gep"]["verified"]).all()


def tripped(tables: dict[str, pd.DataFrame]) -> set[str]:
    """The guards that a set of tables did not pass."""
    guards = tables["gep_guards"]
    return set(guards.index[~guards["passed"].astype(bool)])


def test_what_the_paper_counts_twice_and_at_gross_is_said_and_kept(published):
    assert tripped(published) == {"water_once", "gross_utility"}


# ---- the same statistics under the standard in force -------------------------------------------


def test_under_the_standard_oxygen_and_pest_control_do_not_count(standard):
    services = standard["gep"].xs((YEAR, DISTRICT), level=("year", "zone"))

    for service in ("oxygen_release", "pest_control", "water_supply"):
        assert services.loc[service, "status"] == "switched_off"
        assert services.loc[service, "reason_zh"]
        assert pd.isna(services.loc[service, "value_yuan"])
    assert services.loc["carbon_fixation", "status"] == "counted"


def test_under_the_standard_stored_water_is_worth_what_it_costs_in_a_year(published, standard):
    items = ["rain_kept", "lake_storage", "marsh_storage", "reservoir_storage"]

    share = values(standard)[items] / values(published)[items]
    assert (share < 0.04).all()  # 0.25 yuan/m3 in a year, not 7.06 to build it
    assert (share > 0.03).all()
    services = standard["gep"].xs((YEAR, DISTRICT), level=("year", "zone"))
    assert services.loc["water_retention", "value_yuan"] / E8 == pytest.approx(80, abs=1)


def test_the_difference_is_the_rule_set_alone(published, standard):
    old, new = (
        tables["gep_items"].xs((YEAR, DISTRICT), level=("year", "zone"))["quantity"]
        for tables in (published, standard)
    )
    both = old.index.intersection(new.index)
    left_out = {"o2", "pests_forest", "pests_grass", "hydropower"}
    left_out |= {"water_homes", "water_industry", "water_farming"}
    unpriced = {"sand_held", "soil_nitrogen", "soil_phosphorus"}  # the table has no price of these

    pd.testing.assert_series_equal(old[both], new[both])
    assert set(old.index) - set(both) == left_out | unpriced
    assert (new.drop(both) == 0).all()  # ponds, of which there are none
    whole = [t["gep_totals"].loc[(YEAR, DISTRICT), "gep_yuan"] for t in (published, standard)]
    assert whole[1] < whole[0] / 3
    assert values(standard)["crops_value"] == pytest.approx(values(published)["crops_value"])


def test_what_is_left_is_mostly_coolness_and_an_alarm_says_so(standard):
    assert tripped(standard) == {"one_account"}
    assert "88 %" in standard["gep_guards"].loc["one_account", "finding_en"]
