"""The colours of the house legend: told apart by every eye, sixteen classes and eight groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sinks.parameters.legends import house_classes
from tests.parameters.vision import VISION, difference, lab

LEADS = ("LAK", "DRY", "ORC", "BLF", "GRS", "MAR", "BLT", "BAR")  # one class of each group
BLIND = ("protan", "deutan", "tritan")


def closest(colours: list[str], vision: str) -> float:
    seen = [lab(colour, vision) for colour in colours]
    return min(difference(one, other) for one, other in combinations(seen, 2))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Sharma et al. 2005, table 1, rows 1, 7, 17, 25 and 34
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_gives_the_published_differences(one, other, expected):
    assert difference(np.array(one), np.array(other)) == pytest.approx(expected, abs=5e-5)


def test_eight_groups_differ_as_much_as_was_asked_for():
    classes = house_classes()
    leads = list(classes.loc[list(LEADS), "colour"])

    assert list(classes.loc[list(LEADS), "group"].unique()) == list(classes["group"].unique())
    assert closest(leads, "normal") >= 18
    assert min(closest(leads, vision) for vision in BLIND) >= 12


@pytest.mark.parametrize(
    ("vision", "reached"), [("normal", 17.7), ("protan", 12.5), ("deutan", 13.1), ("tritan", 12.5)]
)
def test_sixteen_classes_differ_by(vision, reached):
    assert closest(list(house_classes()["colour"]), vision) >= reached


def test_no_class_looks_like_an_empty_page():
    for vision in VISION:
        white = lab("#ffffff", vision)
        nearest = min(difference(lab(c, vision), white) for c in house_classes()["colour"])
        assert nearest >= 8
