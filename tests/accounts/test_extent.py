"""Extent: who made which change, counted by hand; rows and zones that always add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists

from sinks.accounts.extent import COLUMNS, MOVES, EcosystemKinds, extent_account
from sinks.errors import InputRefused, InvariantViolated
from tests.carbon.made import transition_table

KEYS = ("lake", "pond", "marsh", "idle")
KINDS = EcosystemKinds(
    frame=pd.DataFrame(
        {
            "get": ["F2.2", "F3.2", "TF1.3", "T7.4"],
            "managed": [False, True, False, False],
            "restored": [True, False, True, False],
        },
        index=pd.Index(KEYS, name="land_cover"),
    ),
    table="the test kinds",
)
AREAS = lists(floats(0, 1e5), min_size=16, max_size=16)
law = settings(max_examples=50, deadline=None)


def mapped(*rows: tuple[int, str, str, float], column: str = "area_ha") -> pd.DataFrame:
    levels = ["year", "zone", "land_cover"]
    return pd.DataFrame(list(rows), columns=[*levels, column]).set_index(levels)


def scene(matrix: np.ndarray, once: np.ndarray, zone: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Areas and change of a zone: a matrix of what both maps show, and what one alone shows."""
    rows = [(2020, zone, key, ha) for key, ha in zip(KEYS, matrix.sum(1) + once[0], strict=True)]
    rows += [(2025, zone, key, ha) for key, ha in zip(KEYS, matrix.sum(0) + once[1], strict=True)]
    pairs = [(before, after) for before in KEYS for after in KEYS]
    change = [(zone, *pair, ha) for pair, ha in zip(pairs, matrix.ravel(), strict=True)]
    return mapped(*rows), transition_table(*change)


def account_of(matrix: list[list[float]], once: list[list[float]] | None = None) -> pd.DataFrame:
    return extent_account(
        *scene(np.array(matrix), np.array(once if once else np.zeros((2, 4))), "d"), KINDS
    ).loc["d"]


def test_ponds_given_back_are_managed_and_reed_that_spreads_is_not():
    account = account_of(
        [
            [10, 0, 2, 0],  # 2 ha of lake silt up
            [3, 20, 4, 1],  # ponds: 3 to lake, 4 to marsh, 1 left idle
            [0, 5, 6, 0],  # 5 ha of marsh dug out
            [0, 0, 0, 7],
        ]
    )

    assert account.loc["lake", list(MOVES)].to_list() == [3, 0, 0, 2]
    assert account.loc["pond", list(MOVES)].to_list() == [5, 0, 7, 1]
    assert account.loc["marsh", list(MOVES)].to_list() == [4, 2, 5, 0]
    assert account.loc["idle", list(MOVES)].to_list() == [0, 1, 0, 0]
    assert account["opening_ha"].to_list() == [12, 28, 11, 7]
    assert account["closing_ha"].to_list() == [13, 25, 12, 8]
    assert (account["reappraisal_ha"] == 0).all()


def test_what_one_map_alone_shows_is_reappraised():
    account = account_of(np.diag([1, 2, 3, 4]), [[5, 0, 0, 1], [0, 6, 0, 2]])

    assert account["reappraisal_ha"].to_list() == [-5, 6, 0, 1]
    assert account[list(MOVES)].to_numpy().sum() == 0


def test_a_class_that_only_one_year_has_is_a_row():
    account = extent_account(
        mapped((2020, "d", "pond", 2.0), (2025, "d", "lake", 2.0)),
        transition_table(("d", "pond", "lake", 2.0)),
        KINDS,
    ).loc["d"]

    assert list(account.index) == ["lake", "pond"]  # as the kinds list them
    assert account["opening_ha"].to_list() == [0, 2]
    assert account["closing_ha"].to_list() == [2, 0]
    assert account["get"].to_list() == ["F2.2", "F3.2"]


def test_years_between_the_first_and_the_last_do_not_matter():
    areas, change = scene(np.diag([1.0, 2, 3, 4]), np.zeros((2, 4)), "d")
    between = mapped((2022, "d", "lake", 99.0))

    pd.testing.assert_frame_equal(
        extent_account(pd.concat([areas, between]), change, KINDS),
        extent_account(areas, change, KINDS),
    )


def test_estimated_areas_stand_beside_the_mapped_ones():
    areas, change = scene(np.diag([1.0, 2, 3, 4]), np.zeros((2, 4)), "d")
    estimates = mapped((2025, "d", "lake", 1.5), column="estimated_ha").assign(
        estimated_low_ha=1.0, estimated_high_ha=2.0
    )

    account = extent_account(areas, change, KINDS, estimates).loc["d"]

    told = [f"closing_estimated{side}_ha" for side in ("", "_low", "_high")]
    assert account.loc["lake", told].to_list() == [1.5, 1.0, 2.0]
    assert account.loc["pond", told].isna().all()
    assert account["opening_estimated_ha"].isna().all()


def test_a_single_year_has_no_account():
    account = extent_account(mapped((2025, "d", "lake", 1.0)), transition_table(), KINDS)

    assert account.empty
    assert list(account.columns) == list(COLUMNS)
    assert account.index.names == ["zone", "land_cover"]


@law
@given(AREAS, lists(floats(0, 1e3), min_size=8, max_size=8))
def test_every_row_adds_up_and_what_one_gains_another_loses(hectares, once):
    account = extent_account(
        *scene(np.array(hectares).reshape(4, 4), np.array(once).reshape(2, 4), "d"), KINDS
    )

    gained = account["managed_expansion_ha"] + account["unmanaged_expansion_ha"]
    lost = account["managed_reduction_ha"] + account["unmanaged_reduction_ha"]
    after = account["opening_ha"] + gained - lost + account["reappraisal_ha"]
    assert (after - account["closing_ha"]).abs().max() <= 1e-6
    for who in ("managed", "unmanaged"):
        gains, losses = account[f"{who}_expansion_ha"], account[f"{who}_reduction_ha"]
        assert gains.sum() == pytest.approx(losses.sum())
    assert (account[list(MOVES)] >= 0).all(axis=None)


@law
@given(AREAS, AREAS)
def test_zones_that_make_up_the_district_add_up_to_it(left, right):
    matrices = {
        "left": np.array(left).reshape(4, 4),
        "right": np.array(right).reshape(4, 4),
    }
    matrices["district"] = matrices["left"] + matrices["right"]
    scenes = [scene(matrix, np.zeros((2, 4)), zone) for zone, matrix in matrices.items()]

    account = extent_account(
        pd.concat([areas for areas, _ in scenes]),
        pd.concat([change for _, change in scenes]),
        KINDS,
    )

    figures = account.drop(columns="get").filter(regex="^(?!.*estimated)").astype(float)
    parts = figures.loc["left"] + figures.loc["right"]
    np.testing.assert_allclose(parts, figures.loc["district"], rtol=1e-12, atol=1e-6)


def test_a_class_of_which_nothing_is_said_is_refused():
    with pytest.raises(InputRefused, match=r"S83(.|\n)*the test kinds: dune"):
        extent_account(
            mapped((2020, "d", "dune", 1.0), (2025, "d", "dune", 1.0)),
            transition_table(("d", "dune", "dune", 1.0)),
            KINDS,
        )


@pytest.mark.parametrize(
    ("closing", "changed"), [(1.0, 3.0), (np.nan, 1.0)], ids=["more than the map", "no number"]
)
def test_an_account_that_cannot_be_is_our_mistake(closing, changed):
    with pytest.raises(InvariantViolated, match="I81"):
        extent_account(
            mapped((2020, "d", "lake", 5.0), (2025, "d", "pond", closing)),
            transition_table(("d", "lake", "pond", changed)),
            KINDS,
        )
