"""Stands and their species: what an inventory may say, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.errors import InputRefused
from sinks.forest.stands import Stands, species_groups
from tests.forest.made import FACTORS, stands


def group(*names):
    return species_groups(names, FACTORS.groups)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("意杨", "poplar"),
        ("杨树林", "poplar"),
        (" Poplar ", "poplar"),
        ("垂柳", "willow"),
        ("水杉", "metasequoia"),
        ("水杉纯林", "metasequoia"),
        ("池杉", "taxodium"),
        ("落羽杉", "taxodium"),
        ("中山杉", "taxodium"),
        ("香樟", "camphor"),
        ("女贞", "hard_broadleaf"),
        ("银杏", "ginkgo"),
        ("国槐", "hard_broadleaf"),
        ("榉树", "hard_broadleaf"),
        ("枫杨", "soft_broadleaf"),
        ("泡桐", "paulownia"),
        ("柏木", "cypress"),
        ("刚竹", "bamboo"),
        ("桃", "orchard"),
        ("桑", "orchard"),
        ("苗木", "nursery"),
        ("紫薇", "shrub"),
        ("杞柳", "shrub"),
        ("硬阔类", "hard_broadleaf"),
        ("针阔混交林", "mixed"),
    ],
)
def test_a_species_belongs_to_a_group(name, key):
    assert group(name) == [key]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("杨树、柳树", "broadleaf", id="two broadleaf"),
        pytest.param("水杉+池杉", "conifer", id="two conifers"),
        pytest.param("水杉、杨树", "mixed", id="conifer and broadleaf"),
        pytest.param("水杉，香樟，女贞", "mixed", id="a full-width comma"),
        pytest.param("池杉、落羽杉、中山杉", "taxodium", id="one group by three names"),
        pytest.param("意杨+杨树", "poplar", id="one group by two names"),
        pytest.param("石楠、香樟", "camphor", id="trees decide among shrubs"),
        pytest.param("刚竹、桃", "bamboo", id="without trees the first does"),
        pytest.param("针阔混、水杉", "mixed", id="mixed and conifer"),
    ],
)
def test_several_species_make_a_stand_of(name, key):
    assert group(name) == [key]


def test_species_that_are_not_known_are_refused_by_name():
    with pytest.raises(InputRefused) as refused:
        species_groups(["杨树", "杨树、红杉", ""], FACTORS.groups, file="小班.shp")

    finding = refused.value.findings[0]
    assert (finding.code, finding.file) == ("H01", "小班.shp")
    assert finding.facts["unknown"] == ["-", "红杉"]


@pytest.mark.parametrize(
    "slip",
    [
        {"area_ha": -1.0},
        {"area_ha": np.nan},
        {"age_years": 2019.0},  # a year, not an age
        {"volume_m3_per_ha": 4000.0},  # of the whole stand
        {"diameter_cm": 200.0},  # in millimetres
        {"height_m": 1500.0},  # in centimetres
        {"stems_per_ha": -5.0},
        {"volume_m3_per_ha": np.inf},
    ],
    ids=str,
)
def test_a_value_that_is_negative_or_absurd_is_refused_with_its_stand(slip):
    with pytest.raises(InputRefused) as refused:
        stands({"group": "poplar"}, {"group": "poplar", **slip})

    finding = refused.value.findings[0]
    assert (finding.code, finding.file, finding.place) == ("H04", "小班.shp", "2")
    assert next(iter(slip)) in finding.facts["rows"][0]


def test_a_table_without_its_form_is_refused():
    frame = stands({"group": "poplar"}, {"group": "bamboo"}).frame
    twice = frame.set_axis([7, 7])
    for faulty in (
        frame.drop(columns="age_years"),
        twice,
        frame.assign(kind="forest"),
    ):
        with pytest.raises(InputRefused, match="H05"):
            Stands(frame=faulty, limits=FACTORS.limits)
