"""Every parameter table that ships: read whole, cited row by row, and refused when it slips."""

from __future__ import annotations

import pandas as pd
import pytest

from sinks.errors import InputRefused, messages
from sinks.parameters import (
    accounts,
    accounts_seea,
    forest,
    gases,
    imagery,
    indicators,
    ledger,
    network,
    restoration,
)
from sinks.parameters.densities import carbon_densities
from sinks.parameters.labels import label, labels
from sinks.parameters.legends import house_classes, scheme_codes, schemes
from sinks.parameters.plausibility import plausibility_table
from sinks.parameters.references import READ, references, references_beside
from sinks.parameters.tables import HERE, TableForm, shipped, twins
from sinks.parameters.training import training_rules
from sinks.units import UNITS

READERS = {
    "legends/house.csv": house_classes,
    "carbon_density.csv": lambda: carbon_densities().frame,
    "forms.csv": indicators.protection_forms,
    "stand_kinds.csv": indicators.stand_kinds,
    "indicator_rules.csv": indicators.indicator_rules,
    "river_terms.csv": indicators.river_terms,
    "green_classes.csv": indicators.green_table,
    "project_terms.csv": ledger.project_terms,
    "band_roles.csv": imagery.band_roles,
    "spectral_indices.csv": imagery.index_table,
    "quality_schemes.csv": imagery.quality_table,
    "training_rules.csv": training_rules,
    "wood_factors.csv": forest.wood_factors,
    "volume_biomass.csv": forest.volume_biomass,
    "tree_allometry.csv": forest.tree_allometry,
    "growth_curves.csv": forest.growth_curves,
    "volume_curves.csv": forest.volume_curves,
    "species_groups.csv": forest.species_groups,
    "stand_constants.csv": forest.stand_constants,
    "forest_limits.csv": forest.forest_limits,
    "crediting_rules.csv": forest.crediting_table,
    "plausibility_bands.csv": plausibility_table,
    "land_uses.csv": gases.land_use_table,
    "greenhouse_fluxes.csv": gases.flux_table,
    "warming_potentials.csv": gases.potential_table,
    "restoration_factors.csv": restoration.restoration_table,
    "network_resistance.csv": network.network_table,
    "ecosystem_types.csv": accounts_seea.ecosystem_types,
    "condition_variables.csv": accounts_seea.condition_table,
    "service_users.csv": accounts_seea.service_users,
    "seea_services.csv": accounts_seea.seea_service_table,
    "bridge_steps.csv": accounts_seea.bridge_steps,
    **{f"{table}.csv": lambda t=table: accounts.account_table(t) for table in accounts.TABLES},
    **{f"{table}.csv": lambda t=table: gases.factors(t).frame for table in gases.FACTOR_TABLES},
    **{f"crosswalks/{scheme}.csv": lambda s=scheme: scheme_codes(s) for scheme in schemes()},
}
WORDS = {"labels.csv", "formulas.csv", "statistic_units.csv"}  # texts and units, no figures
CONSTANTS = TableForm(key=("constant",), text=("number", "number_low", "number_high", "unit"))
SCRATCH = TableForm(key=("name",), quantities=("density_tc_per_ha",), flags=("tree",))
ROW = {
    "name": "a",
    "density_tc_per_ha": "2",
    "density_low_tc_per_ha": "1",
    "density_high_tc_per_ha": "3",
    "tree": "true",
    "reference": "li_2016",
    "where": "table 3",
    "verified": "true",
}


def scratch(tmp_path, monkeypatch, *rows: dict[str, str]) -> pd.DataFrame:
    monkeypatch.setattr("sinks.parameters.tables.HERE", tmp_path)
    pd.DataFrame([{**ROW, **row} for row in rows]).to_csv(tmp_path / "scratch.csv", index=False)
    return shipped("scratch.csv", SCRATCH)


def test_no_table_ships_unread():
    there = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.csv")}

    assert there == {*READERS, *WORDS, "indicator_constants.csv"}


@pytest.mark.parametrize("table", [*READERS, "indicator_constants.csv"])
def test_every_row_that_ships_can_be_cited(table):
    frame = READERS[table]() if table in READERS else shipped(table, CONSTANTS)

    assert len(frame)
    assert (frame["where"].str.strip() != "").all()
    assert set(frame["reference"]) <= set(references())
    assert frame["citation"].str.len().min() > 10


@pytest.mark.parametrize("table", READERS)
def test_nothing_is_called_verified_that_was_not_read(table):
    frame = READERS[table]()
    verified = frame[frame["verified"] & (frame["grade"] != "identity")]

    assert all(references()[key].read == "full" for key in verified["reference"])


@pytest.mark.parametrize("table", READERS)
def test_every_number_has_its_unit_in_its_name(table):
    numbers = READERS[table]().select_dtypes("number").drop(columns="code", errors="ignore")

    assert [c for c in numbers if not c.endswith(tuple(UNITS))] in ([], ["priority"])


@pytest.mark.parametrize("key", references())
def test_every_reference_says_how_it_was_read(key):
    reference = references()[key]

    assert reference.title
    assert reference.read in READ
    assert reference.link or reference.read not in ("full", "excerpt")


def test_files_use_plain_line_ends_and_no_mark():
    for path in [*HERE.rglob("*.csv"), HERE / "references.toml"]:
        text = path.read_bytes()
        assert not text.startswith(b"\xef\xbb\xbf"), path.name
        assert b"\r" not in text, path.name


def test_constants_stand_within_their_range():
    frame = shipped("indicator_constants.csv", CONSTANTS).set_index("constant")
    low, number, high = (frame[c].astype(float) for c in ("number_low", "number", "number_high"))

    assert (low <= number).all()
    assert (number <= high).all()
    assert indicators.constant("trees_per_ha") == 1650  # 110 per mu


def test_the_range_of_a_quantity_stands_before_its_unit():
    assert twins("area_ha") == ("area_low_ha", "area_high_ha")
    assert twins("net_tco2e_per_year") == ("net_low_tco2e_per_year", "net_high_tco2e_per_year")


def test_a_sound_table_is_read_by_line(tmp_path, monkeypatch):
    frame = scratch(tmp_path, monkeypatch, {}, {"name": "b", "tree": "false"})

    assert list(frame.index) == [2, 3]
    assert list(frame["tree"]) == [True, False]
    assert frame.loc[2, "citation"].startswith("李银")


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"reference": ""}, "P02"),
        ({"where": ""}, "P02"),
        ({"reference": "nobody_1999"}, "P03"),
        ({"density_tc_per_ha": "2,0"}, "P04"),
        ({"density_tc_per_ha": ""}, "P04"),
        ({"density_high_tc_per_ha": "inf"}, "P04"),
        ({"verified": "yes"}, "P04"),
        ({"tree": ""}, "P04"),
        ({"density_low_tc_per_ha": "2.5"}, "P05"),
        ({"density_high_tc_per_ha": "1.5"}, "P05"),
        ({"name": "a"}, "P06"),
    ],
    ids=str,
)
def test_a_slip_in_the_second_row_is_refused_with_its_line(tmp_path, monkeypatch, slip, code):
    with pytest.raises(InputRefused) as refused:
        scratch(tmp_path, monkeypatch, {}, {"name": "b", **slip})

    finding = refused.value.findings[0]
    assert finding.code == code
    assert finding.file.endswith("scratch.csv")
    assert "3" in finding.place


def test_a_missing_column_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr("sinks.parameters.tables.HERE", tmp_path)
    pd.DataFrame([ROW]).drop(columns="density_low_tc_per_ha").to_csv(tmp_path / "scratch.csv")

    with pytest.raises(InputRefused) as refused:
        shipped("scratch.csv", SCRATCH)

    assert refused.value.findings[0].code == "P01"
    assert refused.value.findings[0].facts["columns"] == ["density_low_tc_per_ha"]


def test_a_district_can_cite_its_own_publications(tmp_path):
    (tmp_path / "references.toml").write_text(
        '[survey_2024]\ntitle = "盐都区土壤普查"\nread = "full"\nyear = 2024\n', "utf-8-sig"
    )

    known = references_beside(tmp_path / "碳密度.csv")

    assert known["survey_2024"].cited() == "2024. 盐都区土壤普查"
    assert "li_2016" in known


@pytest.mark.parametrize(
    "text",
    [
        '[own]\nread = "full"\n',
        '[own]\ntitle = "a"\nread = "yes"\n',
        '[own]\ntitle = "a"\nread = "full"\nisbn = "1"\n',
        '[li_2016]\ntitle = "a"\nread = "full"\n',
        "own = 3\n",
        "[own\n",
    ],
)
def test_a_file_of_references_that_cannot_be_used_is_refused(tmp_path, text):
    (tmp_path / "references.toml").write_text(text, "utf-8")

    with pytest.raises(InputRefused, match="P08"):
        references_beside(tmp_path / "own.csv")


def test_references_in_another_encoding_are_refused(tmp_path):
    (tmp_path / "references.toml").write_bytes('[own]\ntitle = "土壤"\n'.encode("gbk"))

    with pytest.raises(InputRefused, match="P08"):
        references_beside(tmp_path / "own.csv")


def test_every_name_exists_in_both_languages():
    raw = pd.read_csv(HERE / "labels.csv", dtype=str, na_filter=False)

    assert not raw["key"].duplicated().any()
    assert (raw[["zh", "en"]].map(str.strip) != "").all(axis=None)
    assert raw["key"].str.fullmatch(r"[a-z_]+\.[A-Za-z0-9_]+").all()


def test_names_of_figures_say_their_unit():
    for name, (zh, en) in labels("column").items():
        for unit in ("ha", "tc", "tc_per_ha"):
            if name.endswith(f"_{unit}") and not name.endswith("_per_ha"):
                assert UNITS[unit][0] in zh, name
                assert UNITS[unit][1] in en, name


def test_every_scheme_pool_and_group_has_a_name():
    assert set(labels("scheme")) == set(schemes())
    assert set(labels("group")) == set(house_classes()["group"])
    assert set(labels("ipcc")) == set(house_classes()["ipcc"])
    assert set(labels("form")) == set(indicators.protection_forms().index)
    assert set(labels("stand")) == set(indicators.stand_kinds().index)


def test_units_that_bureaus_write_are_multiples_of_those_of_inputs_and_items():
    units = accounts.statistic_units()

    used = {*accounts.account_inputs()["unit"], *accounts.account_items()["unit"]} - {"item"}
    assert used == {unit for unit, _ in units}
    assert used == {unit for (unit, _), factor in units.items() if factor == 1}
    assert all(factor > 0 for factor in units.values())
    assert units["yuan/t", "元/公斤"] == 1000
    assert units["ha", "亩"] == pytest.approx(1 / 15)
    assert not accounts.account_table("account_inputs")["name_zh"].duplicated().any()


def test_a_name_that_does_not_exist_is_a_slip_of_the_program():
    with pytest.raises(LookupError, match=r"pool\.bark"):
        label("pool.bark")


def test_soil_change_is_named_potential_in_both_languages():
    assert "平衡" in label("column.change_tc", "zh")
    assert "equilibrium" in label("column.change_tc", "en")
    assert "20年" in label("column.change_soil_potential_tc", "zh")
    assert "20 years" in label("column.change_soil_potential_tc", "en")


def test_formulas_name_tables_and_columns_that_have_names():
    formulas = pd.read_csv(HERE / "formulas.csv", dtype=str, na_filter=False)

    assert set(formulas["table"]) <= set(labels("table"))
    assert set(formulas["column"]) <= set(labels("column"))
    assert not formulas.duplicated(["table", "column"]).any()


def test_the_messages_of_this_room_are_complete():
    entries = {code: entry for code, entry in messages().items() if code[0] in "PD"}

    for code, entry in entries.items():
        for part in ("zh", "en", "found_zh", "found_en", "remedy_zh", "remedy_en"):
            assert entry[part], (code, part)
