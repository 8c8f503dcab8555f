"""Composites: by hand over three dates, then held to laws on any stack."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sinks.blocks import windows
from sinks.errors import InputRefused, Reaction
from sinks.grid import Window
from sinks.imagery import composites
from sinks.imagery.composites import (
    composite,
    composite_of,
    count_unseen,
    unseen_findings,
)
from sinks.imagery.image import in_pieces
from tests.imagery.pictures import codes_of, image_of, whole

NAN = np.nan
STACKS = arrays(
    "float32",
    array_shapes(min_dims=4, max_dims=4, max_side=5),
    elements=st.one_of(st.floats(-1, 2, width=32), st.just(NAN)),
)
ALL = ("min", "p10", "p25", "median", "p75", "p90", "max", "mean", "count")


def test_statistics_over_the_clear_dates_by_hand():
    stack = np.float32([0.4, NAN, 0.1, 0.3, 0.2]).reshape(5, 1, 1, 1)

    result = composite(stack, ["median", "mean", "min", "max", "count", "p25", "p10"])

    np.testing.assert_allclose(result.ravel(), [0.25, 0.25, 0.1, 0.4, 4, 0.175, 0.13], rtol=1e-6)


def test_a_pixel_that_no_date_shows_has_a_count_and_no_value():
    result = composite(np.full((3, 1, 1, 1), NAN, dtype=np.float32), ["median", "mean", "count"])

    np.testing.assert_array_equal(result.ravel(), [NAN, NAN, 0])


@given(STACKS)
def test_statistics_agree_with_numpy(stack):
    result = composite(stack, ALL)

    seen = ~np.isnan(stack).all(axis=0)
    columns = stack[:, seen].astype(float)
    expected = [np.nanpercentile(columns, p, axis=0) for p in (0, 10, 25, 50, 75, 90, 100)]
    expected += [np.nanmean(columns, axis=0), (~np.isnan(columns)).sum(axis=0)]
    np.testing.assert_allclose(result[:, seen], expected, rtol=1e-6, atol=1e-7)
    assert np.isnan(result[:-1, ~seen]).all()


@given(STACKS)
def test_percentiles_are_ordered_and_nothing_leaves_the_range(stack):
    result = composite(stack, ALL)[:, ~np.isnan(stack).all(axis=0)]

    assert (np.diff(result[:7], axis=0) >= 0).all()
    assert ((result[0] <= result[7]) & (result[7] <= result[6])).all()


@given(STACKS, st.randoms(use_true_random=False))
def test_the_order_of_the_dates_does_not_matter(stack, random):
    order = list(range(len(stack)))
    random.shuffle(order)

    np.testing.assert_array_equal(composite(stack[order], ALL), composite(stack, ALL))


def test_a_composite_of_images_names_feature_and_statistic():
    images = [
        image_of({"red": [[0.1, NAN]], "nir": [[0.5, NAN]]}),
        image_of({"red": [[0.3, NAN]], "nir": [[0.7, 0.9]]}),
    ]

    features = composite_of(images, ["median", "count"])

    assert features.names == ("red_median", "nir_median", "red_count", "nir_count")
    np.testing.assert_allclose(
        whole(features), [[[0.2, NAN]], [[0.6, 0.9]], [[2, 0]], [[2, 1]]], rtol=1e-6
    )


@pytest.mark.parametrize("held", [1, 7, 100, 10_000])
def test_windows_and_pieces_of_any_size_give_the_same(monkeypatch, held):
    random = np.random.default_rng(5)
    bands = [random.random((2, 11, 13), dtype=np.float32) for _ in range(3)]
    images = [image_of({"red": red, "nir": nir}) for red, nir in bands]
    at_once = composite(np.stack(bands), ALL).reshape(-1, 11, 13)
    monkeypatch.setattr(composites, "_STACK_NUMBERS", held)

    features = composite_of(images, ALL)

    for window in windows((11, 13), 4, 5):
        row, col, high, wide = window
        np.testing.assert_array_equal(
            features.read(window), at_once[:, row : row + high, col : col + wide]
        )


def test_pieces_are_no_larger_than_is_said():
    read = []

    def note(window):
        read.append(window)
        return np.zeros((1, window.height, window.width), dtype=np.float32)

    in_pieces(note, Window(3, 4, 10, 7), features=1, most_px=5)

    assert max(w.height * w.width for w in read) <= 5
    assert sum(w.height * w.width for w in read) == 70


def test_pixels_that_no_date_shows_are_counted_and_said():
    images = [image_of({"red": [[0.1, NAN, NAN, 0.2]]}), image_of({"red": [[NAN, NAN, 0.3, 0.2]]})]

    unseen = count_unseen(composite_of(images, ["median"]))
    (note,) = unseen_findings(unseen, 4, what="2020")

    assert (unseen, note.code, note.reaction) == (1, "B21", Reaction.NOTE)
    assert note.facts == {"px": 1, "percent": 25}
    assert unseen_findings(0, 4, what="2020") == ()


def test_dates_that_show_nothing_at_all_stop_a_run():
    (finding,) = unseen_findings(4, 4, what="2020")

    assert (finding.code, finding.stops) == ("B20", True)


@pytest.mark.parametrize(
    "statistics", [["medain"], ["p0"], ["p100"], ["p05"], ["mean", "mean"], []]
)
def test_an_unknown_statistic_is_refused(statistics):
    with pytest.raises(InputRefused) as refusal:
        composite(np.zeros((1, 1, 1, 1), dtype=np.float32), statistics)
    assert codes_of(refusal) == ["B27"]


@pytest.mark.parametrize(
    "other", [{"red": [[0.1, 0.2]]}, {"nir": [[0.1]]}], ids=["another grid", "another band"]
)
def test_dates_must_lie_on_one_grid_with_the_same_bands(other):
    with pytest.raises(InputRefused) as refusal:
        composite_of([image_of({"red": [[0.1]]}), image_of(other, label="秋")], ["median"])

    assert codes_of(refusal) == ["B25"]
    assert refusal.value.findings[0].place == "秋"
