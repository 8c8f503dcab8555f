"""Carbon of a study: stocks, change, balance, stands, and what explains each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from sinks.carbon.laws import implausible
from sinks.errors import Finding
from sinks.forest.biomass import LIVE, trees_outside
from sinks.forest.eligibility import crediting, ineligible_areas
from sinks.parameters.forest import crediting_rules, forest_factors
from sinks.parameters.indicators import constant
from sinks.parameters.plausibility import plausibility_bands
from sinks.study import Study
from sinks.workflow.balance import balance_tables, mapped_balance
from sinks.workflow.basis import CarbonBasis, carbon_basis
from sinks.workflow.carbon_parameters import explained_parameters, named_contributions
from sinks.workflow.compute import WHOLE_MAP, Tables
from sinks.workflow.estimates import Estimates
from sinks.workflow.inputs import Inputs
from sinks.workflow.rates import tree_count
from sinks.workflow.stands import StandInventory
from sinks.workflow.stocks import change_tables, estimate_tables, stock_tables
from sinks.workflow.uses import reservoir_uses


@dataclass(frozen=True, kw_only=True, eq=False)
class Carbon:
    """Tables of carbon by name, what they were made from, and what was noted.

    ``whole_map`` are the same tables for the zone of the whole map alone, and the balance
    with the map taken at its word: what rasters are held to.
    """

    tables: Mapping[str, pd.DataFrame]
    whole_map: Mapping[str, pd.DataFrame]
    basis: CarbonBasis
    findings: tuple[Finding, ...]


def carbon_tables(
    study: Study,
    inputs: Inputs,
    areas: Tables,
    stands: StandInventory | None,
    sampled: Estimates,
) -> Carbon:
    """Work out everything that a study tells of carbon.

    Raises
    ------
    InputRefused
        If what the study says of uses, reservoirs or stands does not fit.
    InvariantViolated
        ``I41`` if a law of the accounts is broken.
    """
    zones = pd.Index([*inputs.zones.frame["zone"].astype(str), WHOLE_MAP], name="zone")
    basis = carbon_basis(study, inputs, areas, stands, sampled, zones)
    made = {
        **stock_tables(basis),
        **estimate_tables(basis, study.district.id),
        **change_tables(basis),
        **balance_tables(basis),
    }
    whole = {name: _of(table, [WHOLE_MAP]) for name, table in made.items()}
    whole["mapped_balance"] = mapped_balance(basis).to_frame("net_sink_tco2e_per_year")
    own = [str(zone) for zone in zones if zone != WHOLE_MAP]
    tables = {name: _of(table, own) for name, table in made.items()}
    tables |= explained_parameters(basis) | _of_stands(study, inputs, stands, own)
    tables["contributions"] = named_contributions(tables["contributions"], basis, tables["uses"])
    return Carbon(
        tables={name: table for name, table in tables.items() if not table.empty},
        whole_map=whole,
        basis=basis,
        findings=(*basis.findings, *_noted(basis, tables)),
    )


def _of(table: pd.DataFrame, zones: list[str]) -> pd.DataFrame:
    return table[table.index.get_level_values("zone").isin(zones)]


def _of_stands(
    study: Study, inputs: Inputs, stands: StandInventory | None, zones: list[str]
) -> dict[str, pd.DataFrame]:
    """Return tables of stands: carbon by zone and group, year by year, and eligibility."""
    tables = {}
    counts = tree_count(study, inputs)
    if not counts.empty:
        tables["trees_outside"] = trees_outside(
            counts.rename_axis("zone"),
            forest_factors(),
            count_relative_se=constant("tree_count_relative_se"),
        )
    if stands is None:
        return tables
    held = _of(stands.held(), zones)
    ranges = stands.ranges.loc[held.index.get_level_values("group")]
    live = held["above_ground_tc"] + held["below_ground_tc"]
    tables["stands"] = held.assign(
        live_tc=live,
        live_low_tc=live * ranges["relative_low"].to_numpy(),
        live_high_tc=live * ranges["relative_high"].to_numpy(),
    )
    years = _of(stands.years, zones)
    tables["stand_years"] = years.groupby(level=["year", "zone"]).sum()
    tables["stand_methods"] = _methods(stands)
    tables["crediting"] = _crediting(stands)
    groups = stands.factors.groups[["name_zh", "name_en"]]
    tables["species_groups"] = groups.loc[held.index.unique("group")]
    return tables


def _methods(stands: StandInventory) -> pd.DataFrame:
    """Return by species group how its stands were worked out, and what each method gives."""
    columns = ["m1_tc_per_ha", "m2_tc_per_ha", "m3_tc_per_ha", "m4_tc_per_ha"]
    rows = stands.carbon[columns].assign(
        live_tc_per_ha=stands.carbon[LIVE].sum(axis=1),
        group=stands.stands.frame["group"],
        methods=stands.carbon["methods"],
        area_ha=stands.stands.frame["area_ha"],
    )
    parts = {}
    for (group, methods), of in rows.groupby(["group", "methods"]):
        weights = of["area_ha"]
        means = {c: _mean(of[c], weights) for c in [*columns, "live_tc_per_ha"]}
        parts[group, methods] = {"stands": len(of), "area_ha": weights.sum(), **means}
    table = pd.DataFrame.from_dict(parts, orient="index")
    return table.rename_axis(["group", "methods"])


def _mean(values: pd.Series, weights: pd.Series) -> float:
    known = values.notna()
    if not known.any():
        return float("nan")
    return float((values[known] * weights[known]).sum() / weights[known].sum())


def _crediting(stands: StandInventory) -> pd.DataFrame:
    """Return the hectares of new stands that the methodology for credits would not accept."""
    frame = stands.stands.frame[stands.new]
    land = pd.DataFrame({"kind": frame["kind"], "patch_m2": frame["area_ha"] * 1e4})
    rules = crediting_rules()
    verdicts = crediting(land, rules)
    table = ineligible_areas(frame["area_ha"], verdicts, rules)
    # a rule that no stand tells anything about was not checked: blank, not 0 hectares
    unknown = [set(text.split()) for text in verdicts["not_known"]]
    unchecked = set.intersection(*unknown) if unknown else set(rules.frame.index)
    table["area_ha"] = table["area_ha"].mask(table.index.isin(unchecked))
    names = rules.frame[["name_zh", "name_en"]].reindex(table.index).fillna("")
    return table.assign(of_ha=float(frame["area_ha"].sum())).join(names)


def _noted(basis: CarbonBasis, tables: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Note what lies outside its band, and when a reservoir changes its class."""
    bands, last = plausibility_bands().to_dict("index"), basis.last
    mapped_ha = basis.divided.areas.xs(last, level="year")["area_ha"].groupby(level="zone").sum()
    totals = tables["stock_totals"]["stock_tc"].xs(last, level="year")
    figures = {
        "stock_density": totals / mapped_ha,
        "net_sink": tables["balance"]["net_sink_tco2e_per_year"] / mapped_ha,
    }
    if "stock_change" in tables:
        change = tables["stock_change"]
        years = last - basis.years[0]
        ratio = change["stock_after_tc"] / change["stock_before_tc"].where(
            change["stock_before_tc"] > 0
        )
        figures["stock_change"] = 100 * (ratio ** (1 / years) - 1)
    for name, values in figures.items():
        row = bands[name]
        yield from implausible(
            values.dropna(),
            (float(row["lowest"]), float(row["highest"])),
            quantity={"zh": str(row["name_zh"]), "en": str(row["name_en"])},
            year=last,
        )
    yield from _aging(basis)


def _aging(basis: CarbonBasis) -> Iterator[Finding]:
    names = basis.inputs.zones.frame.set_index("zone")
    before = reservoir_uses(basis.study, basis.last)
    for year in range(basis.last + 1, basis.study.balance.until + 1):
        now = reservoir_uses(basis.study, year)
        for zone in [zone for zone in now if now[zone] != before.get(zone, now[zone])]:
            facts = {
                "name": {lang: str(names.loc[zone, f"name_{lang}"]) for lang in ("zh", "en")},
                "year": str(year),
            }
            yield Finding(code="D22", place=f"balance.reservoirs.{zone}", facts=facts)
        before = now
