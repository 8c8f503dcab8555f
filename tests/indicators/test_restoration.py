"""Wetland restored: each place once across the years, from the baseline on, accepted alone."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, tuples

from sinks.indicators.restoration import RestorationRule, restoration_rows, restored_wetland
from tests.indicators.ground import box, layer, zones

RULE = RestorationRule(since=date(2021, 1, 1), wetland=frozenset({"marsh", "lake"}))


def project(sides, day, before="pond", after="marsh", status="accepted"):
    return (box(*sides), day, before, after, status)


def ledger(*projects):
    shapes, days, before, after, status = zip(*projects, strict=True) if projects else [()] * 5
    return layer(
        shapes, accepted_on=list(days), pre_class=list(before), post_class=list(after),
        status=list(status),
    )  # fmt: skip


def table(*projects, until=2025, rule=RULE):
    return restored_wetland(ledger(*projects), zones(), rule, until=until)[0]


def test_restored_and_enhanced_wetland_are_told_apart_and_accumulate():
    found = table(
        project((0, 0, 1, 1), "2021-05-20"),
        project((3, 0, 4, 2), "2023-06-01", before="marsh"),
    )

    whole = found.xs("whole", level="zone")
    assert whole["restored_ha"].to_list() == pytest.approx([100, 0, 0, 0, 0])
    assert whole["enhanced_ha"].to_list() == pytest.approx([0, 0, 200, 0, 0])
    assert whole["cumulative_ha"].to_list() == pytest.approx([100, 100, 300, 300, 300])
    assert found.loc[(2025, "west"), "cumulative_restored_ha"] == pytest.approx(100)
    assert found.loc[(2025, "east"), "cumulative_restored_ha"] == 0


def test_a_place_accepted_twice_counts_in_its_first_year():
    found = table(
        project((0, 0, 2, 1), "2022-05-20"),
        project((1, 0, 3, 1), "2024-05-20", before="marsh"),  # half of it was restored before
    ).xs("whole", level="zone")

    assert found.loc[2022, "restored_ha"] == pytest.approx(200)
    assert found.loc[2024, ["enhanced_ha", "again_ha"]].to_list() == pytest.approx([100, 100])
    assert found.loc[2025, "cumulative_ha"] == pytest.approx(300)


def test_on_one_day_a_restored_place_comes_before_an_enhanced_one():
    found = table(
        project((0, 0, 1, 1), "2022-05-20", before="marsh"), project((0, 0, 1, 1), "2022-05-20")
    )

    assert found.loc[(2022, "whole"), "restored_ha"] == pytest.approx(100)
    assert found.loc[(2022, "whole"), "enhanced_ha"] == 0


def test_the_baseline_decides():
    old, new = project((0, 0, 1, 1), "2019-03-01"), project((0, 1, 1, 2), "2022-03-01")

    late = table(old, new)
    early = table(old, new, rule=RestorationRule(since=date(2019, 1, 1), wetland=RULE.wetland))

    assert late.loc[(2025, "whole"), "cumulative_ha"] == pytest.approx(100)
    assert early.loc[(2025, "whole"), "cumulative_ha"] == pytest.approx(200)


def test_what_does_not_count_is_listed_by_reason():
    projects = ledger(
        project((0, 0, 1, 1), None, status="planned"),
        project((0, 0, 1, 1), None),
        project((0, 0, 1, 1), "2020-12-31"),
        project((0, 0, 1, 1), "2022-05-20", after="paddy"),
        project((0, 0, 1, 1), "2026-05-20"),  # after the year of the report: not looked at
    )

    found, findings = restored_wetland(projects, zones(), RULE, until=2025)

    assert found.loc[(2025, "whole"), "cumulative_ha"] == 0
    assert [finding.code for finding in findings] == ["F31"]
    reasons = ("not_accepted", "no_day", "too_early", "not_wetland")
    assert [findings[0].facts[reason] for reason in reasons] == [1, 1, 1, 1]


def test_a_ledger_without_projects_has_years_of_nothing():
    found, findings = restored_wetland(
        ledger(project((0, 0, 1, 1), "2026-01-01")), zones(), RULE, until=2022
    )

    assert found.index.get_level_values("year").unique().to_list() == [2021, 2022]
    assert (found == 0).all(axis=None)
    assert findings == ()


def test_rows_give_the_area_of_the_plan_and_its_two_parts():
    found = table(
        project((0, 0, 1, 1), "2021-05-20"), project((1, 0, 2, 1), "2021-05-20", before="lake")
    )

    rows = restoration_rows(found, year=2021, headline="restored").xs("whole")

    assert rows["value"].to_dict() == pytest.approx(
        {
            "wetland_restored_area_restored_and_enhanced": 200,
            "wetland_restored_area": 100,
            "wetland_restored_area_enhanced": 100,
        }
    )
    assert set(rows["unit"]) == {"ha"}
    assert rows["denominator"].isna().all()


@settings(max_examples=30)
@given(lists(tuples(integers(0, 3), integers(0, 3), integers(2021, 2025)), min_size=1, max_size=6))
def test_the_order_of_the_ledger_and_the_number_of_entries_do_not_matter(drawn):
    projects = [
        project((x, y, x + 1, y + 1), f"{year}-06-{10 + n}")
        for n, (x, y, year) in enumerate(drawn)
    ]

    found = table(*projects)
    whole = found.xs("whole", level="zone")

    assert whole["restored_ha"].sum() == pytest.approx(100 * len({place[:2] for place in drawn}))
    gross_ha = whole[["restored_ha", "again_ha"]].sum().sum()
    assert gross_ha == pytest.approx(100 * len(drawn))
    pd.testing.assert_frame_equal(found, table(*projects[::-1]))
    halves = found.drop("whole", level="zone").groupby(level="year").sum()
    pd.testing.assert_frame_equal(halves, whole, check_like=True)
