"""Legend and crosswalks: digits keep their scheme, and no code is guessed or lost."""

from __future__ import annotations

import pytest

from sinks.errors import InputRefused
from sinks.landcover.legend import NO_DATA
from sinks.parameters.legends import (
    crosswalk,
    house_classes,
    house_legend,
    natural_codes,
    scheme_codes,
    schemes,
    wetland_codes,
)
from sinks.parameters.tables import HERE

KEYS = [
    "LAK", "RIV", "PND", "PAD", "DRY", "ORC", "BLF", "CNF",
    "MIX", "SHR", "GRS", "MAR", "MUD", "BLT", "UGR", "BAR",
]  # fmt: skip


def test_the_house_has_sixteen_classes_in_the_order_that_everybody_uses():
    legend = house_legend()

    assert list(legend.keys) == KEYS
    assert [c.code for c in legend.classes] == list(range(1, 17))
    assert [c.key for c in legend.classes if c.water] == ["LAK", "RIV", "PND"]
    assert [c.key for c in legend.classes if c.tree] == ["BLF", "CNF", "MIX"]
    assert house_classes()["group"].nunique() == 8


def test_paddy_and_ponds_are_wetland_and_natural_as_the_law_has_it():
    of = house_legend().by_key

    assert not of["PAD"].wetland
    assert of["PND"].wetland
    assert not of["PND"].natural
    assert of["MAR"].natural


@pytest.mark.parametrize("scheme", schemes())
def test_every_scheme_leads_to_house_classes_only(scheme):
    walk = crosswalk(scheme)

    assert set(walk.to_key.values()) - {None} <= set(KEYS)
    assert walk.scheme == scheme


@pytest.mark.parametrize("scheme", schemes())
def test_no_two_codes_of_a_scheme_become_one_number(scheme):
    digits = [code for code in crosswalk(scheme).to_key if code.isdecimal()]

    assert len({int(code) for code in digits}) == len(digits)


@pytest.mark.parametrize(
    ("code", "sandiao", "ydyh"),
    [
        ("0303", "MAR", "SHR"),  # 红树林地 / 灌木林地
        ("1101", "RIV", "BLT"),  # 河流水面 / 物流仓储用地
        ("0304", "CNF", "MIX"),  # 森林沼泽 / 其他林地
        ("0402", "MAR", "GRS"),  # 沼泽草地 / 人工牧草地
        ("0603", "MUD", None),  # 盐田 / not a code
        ("1208", "DRY", "BLT"),  # 后备耕地 / 交通场站用地
    ],
)
def test_one_code_means_different_things_in_different_schemes(code, sandiao, ydyh):
    assert crosswalk("sandiao").to_key[code] == sandiao
    assert crosswalk("ydyh").to_key.get(code) == ydyh


@pytest.mark.parametrize(
    ("scheme", "code", "key"),
    [
        ("sandiao", "1104A", "PND"),
        ("sandiao", "1107A", "RIV"),
        ("sandiao", "0810", "UGR"),
        ("sandiao", "0810A", "BLT"),
        ("sandiao", "0201K", "ORC"),
        ("sandiao", "05H1", "BLT"),
        ("sandiao", "1005", "BLT"),
        ("gbt21010", "0810", "UGR"),
        ("gbt24708", "V4", "PAD"),
        ("gbt24708", "II1", "RIV"),
        ("worldcover", "80", "LAK"),
        ("worldcover", "0", None),
        ("dynamic_world", "0", "LAK"),
        ("igbp", "0", "LAK"),
        ("igbp", "9", "GRS"),
        ("igbp", "11", "MAR"),
        ("igbp", "255", None),
        ("esri", "10", None),
        ("glc_fcs30d", "82", "CNF"),
        ("glc_fcs30d", "183", "MUD"),
        ("corine", "213", "PAD"),
        ("corine", "14", "PAD"),
        ("corine", "411", "MAR"),
        ("nlcd", "95", "MAR"),
        ("lc100", "90", "MAR"),
        ("lc100", "126", "MIX"),
        ("cci", "180", "MAR"),
    ],
)
def test_the_crosswalks_say(scheme, code, key):
    assert crosswalk(scheme).to_key[code] == key


def test_the_rasters_that_the_project_was_tried_on_have_every_code_they_hold():
    held = {
        "nlcd": [11, 21, 22, 23, 24, 31, 41, 42, 43, 52, 71, 81, 82, 90, 95],
        "lc100": [20, 30, 40, 50, 80, 90, 112, 114, 115, 116, 122, 124, 125, 126],
        "igbp": list(range(17)),
        "cci": [10, 11, 30, 40, 60, 61, 70, 90, 100, 110, 130, 180, 190, 210],
    }
    for scheme, codes in held.items():
        assert set(codes) <= set(crosswalk(scheme).house_codes()), scheme


def test_the_house_translates_to_itself():
    codes = crosswalk("house").house_codes()

    assert codes == {NO_DATA: NO_DATA} | {c.code: c.code for c in house_legend().classes}


def test_a_layer_is_named_where_a_scheme_does_not_separate_paddy():
    for scheme in ("worldcover", "clcd", "globeland30", "esri", "dynamic_world", "igbp"):
        crops = {code for code, key in crosswalk(scheme).to_key.items() if key == "DRY"}
        assert crops <= set(crosswalk(scheme).split_with), scheme


def test_the_law_leaves_out_paddy_and_aquaculture():
    law = wetland_codes("sandiao", "W_law")

    assert law >= {"0304", "0306", "0402", "1105", "1106", "1108"}
    assert law >= {"1101", "1102", "1103", "1104", "1107", "1107A"}
    assert not law & {"0101", "1104A", "1104K", "0603"}


def test_class_00_of_the_third_survey_is_not_all_wetland():
    assert wetland_codes("sandiao", "W_3d") == {
        "0303", "0304", "0306", "0402", "0603", "1105", "1106", "1108",
    }  # fmt: skip


def test_the_second_survey_counts_aquaculture_but_no_rice():
    assert {"V1", "V3", "V5"} <= wetland_codes("gbt24708", "W_2nd")
    assert "V4" not in wetland_codes("gbt24708", "W_2nd")
    assert "1104A" in wetland_codes("sandiao", "W_2nd")


def test_what_people_dug_is_not_natural():
    assert {"1101", "1102", "1108"} <= natural_codes("sandiao")
    assert not natural_codes("sandiao") & {"1103", "1104", "1104A", "1107", "0603"}
    assert not natural_codes("gbt24708") & {"V1", "V2", "V3", "V4", "V5"}


@pytest.mark.parametrize("scheme", ["sandiao", "gbt21010", "gbt24708", "ydyh"])
def test_natural_wetland_by_law_is_wetland_by_law(scheme):
    assert natural_codes(scheme) & wetland_codes(scheme, "W_law")
    assert wetland_codes(scheme, "W_law") <= set(scheme_codes(scheme)["code"])


def test_an_unknown_scheme_is_refused_with_those_that_are_known():
    with pytest.raises(InputRefused) as refused:
        crosswalk("worldcovr")

    finding = refused.value.findings[0]
    assert finding.code == "P07"
    assert finding.facts["near"] == "worldcover"
    assert set(finding.facts["known"]) == set(schemes())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("三调", "sandiao"),
        ("用地用海", "ydyh"),
        ("SANDIAO ", "sandiao"),
        ("IGBP", "igbp"),
        ("", "—"),
    ],
)
def test_the_name_that_a_clerk_writes_leads_to_the_scheme(said, meant):
    with pytest.raises(InputRefused) as refused:
        crosswalk(said)

    assert refused.value.findings[0].facts["near"] == meant


@pytest.mark.parametrize("name", ["../legends/house", "crosswalks/igbp", "", "/etc/passwd"])
def test_a_scheme_is_a_name_and_never_a_path(name):
    with pytest.raises(InputRefused, match="P07"):
        crosswalk(name)


@pytest.mark.parametrize(("scheme", "wetland_set"), [("gbt24708", "W_3d"), ("igbp", "W_law")])
def test_a_scheme_that_does_not_say_what_is_wetland_is_refused(scheme, wetland_set):
    with pytest.raises(InputRefused) as refused:
        wetland_codes(scheme, wetland_set)

    assert refused.value.findings[0].code == "P10"
    assert "sandiao" in refused.value.findings[0].facts["known"]


def test_shares_that_do_not_add_up_are_refused(tmp_path, monkeypatch):
    lines = (HERE / "crosswalks" / "clcd.csv").read_text("utf-8").splitlines()
    folder = tmp_path / "crosswalks"
    folder.mkdir()
    lines[2] = lines[2].replace(",DRY,1,", ",DRY,0.5,")
    (folder / "half.csv").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr("sinks.parameters.tables.HERE", tmp_path)
    monkeypatch.setattr("sinks.parameters.legends.schemes", lambda: ("half",))

    with pytest.raises(InputRefused, match="P09"):
        crosswalk("half")


def test_a_code_shared_by_two_classes_goes_to_the_larger(tmp_path, monkeypatch):
    lines = (HERE / "crosswalks" / "clcd.csv").read_text("utf-8").splitlines()
    folder = tmp_path / "crosswalks"
    folder.mkdir()
    paddy = lines[2].replace(",DRY,1,", ",PAD,0.7,")
    lines[2] = lines[2].replace(",DRY,1,", ",DRY,0.3,")
    (folder / "shared.csv").write_text("\n".join([*lines, paddy]), "utf-8")
    monkeypatch.setattr("sinks.parameters.tables.HERE", tmp_path)
    monkeypatch.setattr("sinks.parameters.legends.schemes", lambda: ("shared",))

    assert crosswalk("shared").to_key["1"] == "PAD"
