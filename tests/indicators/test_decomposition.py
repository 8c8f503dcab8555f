"""Why a figure changed: parts by hand, and parts that always add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats, just, lists, one_of

from sinks.indicators.decomposition import PARTS, STEPS, decomposed
from sinks.parameters.labels import labels


def split(**figures):
    return decomposed(pd.DataFrame({name: [float(v)] for name, v in figures.items()})).iloc[0]


def test_one_switch_after_the_other_tells_what_each_did():
    # 22 published; belts counted +1.5; a new map -0.5; a smaller boundary +0.2; trees +0.8
    row = split(published=22, redefined=23.5, remapped=23.0, rebounded=23.2, today=24.0)

    assert row[list(PARTS)].to_list() == pytest.approx([1.5, -0.5, 0.2, 0.8])
    assert row["change"] == 2
    assert row["unresolved"] == 0


def test_what_was_not_switched_has_no_part():
    row = split(published=22, remapped=21, today=24)

    assert row[list(PARTS)].to_list() == [0, -1, 0, 3]


def test_around_a_figure_that_could_not_be_computed_two_parts_stay_together():
    row = split(published=22, redefined=23, remapped=np.nan, rebounded=25, today=26)

    assert row["definition"] == 1
    assert row[["map", "boundary"]].isna().all()
    assert row["unresolved"] == 2
    assert row["real"] == 1


def test_without_today_nothing_is_said():
    row = split(published=22, redefined=23, today=np.nan)

    assert row.isna().all()


@given(lists(one_of(floats(-1e6, 1e6), just(np.nan)), min_size=3, max_size=3),
       floats(-1e6, 1e6), floats(-1e6, 1e6))  # fmt: skip
def test_the_parts_are_the_whole(between, first, last):
    row = split(**dict(zip(STEPS, [first, *between, last], strict=True)))

    parts = row[[*PARTS, "unresolved"]].sum()  # blanks are nothing
    assert parts == pytest.approx(row["change"], abs=1e-9 * max(1e6, abs(first)))
    assert row["change"] == last - first


def test_every_part_can_be_said():
    assert set(labels("part")) == {*PARTS, "unresolved"}
