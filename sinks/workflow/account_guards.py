"""The guards of an account, run: what stops it, what is told, and the table of all."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sinks.accounts.arguments import Arguments
from sinks.accounts.guards import Evidence, Verdict, verdicts
from sinks.accounts.items import RuleSet
from sinks.accounts.known import Known
from sinks.errors import Finding, InputRefused
from sinks.parameters.labels import label, labels
from sinks.study import Study

_FISH_PONDS = "pond"


def checked_guards(
    study: Study,
    rules: RuleSet,
    known: Mapping[int, Known],
    made: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Run the guards of every year, and return the table of the last with what is to be told.

    Raises
    ------
    InputRefused
        ``S61`` if something is counted twice and the rule set replicates nothing.
    """
    found: tuple[Verdict, ...] = ()
    for year, each in known.items():
        found = verdicts(_evidence(study, rules, each, made, tables, year))
        twice = [v for v in found if v.kind == "double" and not v.passed]
        if twice and not rules.replication:
            raise InputRefused(_finding("S61", verdict, year, study) for verdict in twice)
    year = max(known)
    alarms = [_finding("S62", verdict, year, study) for verdict in found if not verdict.passed]
    rows = {verdict.guard: _row(verdict) for verdict in found}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("guard"), tuple(alarms)


def _evidence(
    study: Study,
    rules: RuleSet,
    known: Known,
    made: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    year: int,
) -> Evidence:
    district = study.district.id
    items = made["gep_items"].xs((year, district), level=("year", "zone"))
    services = made["gep"].xs((year, district), level=("year", "zone"))["value_yuan"].dropna()
    totals = made["gep_totals"].xs((year, district), level=("year", "zone"))
    here = known.at("")
    return Evidence(
        rules=rules,
        found=frozenset(map(str, items.index)),
        value_yuan={str(service): float(value) for service, value in services.items()},
        total_yuan=float(totals["gep_yuan"].iloc[0]),
        storm_rain_mm=_mean(here, "storm_rain_mm"),
        storm_counted_mm=_mean(here, "storm_rain_counted_mm"),
        lodging_yuan=_mean(here, "visitor_lodging_yuan"),
        fish_growth_t=_fish_growth(tables.get("fluxes", pd.DataFrame()), district),
    )


def _mean(known: Arguments, name: str) -> float:
    """Return the mean of an argument, nothing where it is not known."""
    return float(known.take(name, "", ())[0, 0]) if known.has(name) else 0.0


def _fish_growth(fluxes: pd.DataFrame, district: str) -> float:
    """Return what growth in fish ponds takes out of the air in the account of carbon, in t."""
    if fluxes.empty:
        return 0.0
    flat = fluxes.reset_index()
    ponds = flat["use"].astype(str).str.startswith(_FISH_PONDS)
    growth = (flat["process"] == "biomass_gain") & (flat["zone"] == district) & ponds
    return float(flat.loc[growth, "removal_tco2e_per_year"].sum())


def _finding(code: str, verdict: Verdict, year: int, study: Study) -> Finding:
    """Say what a guard found in a year."""
    said = {lang: _said(verdict, lang) for lang in ("zh", "en")}
    name = {
        "zh": label(f"guard.{verdict.guard}", "zh"),
        "en": label(f"guard.{verdict.guard}", "en"),
    }
    facts = {"guard": name, "said": said, "year": str(year)}
    return Finding(code=code, file=str(study.file), place="accounts", facts=facts)


def _row(verdict: Verdict) -> dict[str, object]:
    zh, en = labels("guard")[verdict.guard]
    said = {f"finding_{lang}": _said(verdict, lang) for lang in ("zh", "en")}
    return {"name_zh": zh, "name_en": en, "passed": verdict.passed, "kind": verdict.kind, **said}


def _said(verdict: Verdict, language: str) -> str:
    group = "guard_passed" if verdict.passed else "guard_failed"
    words = labels(group)[verdict.guard][0 if language == "zh" else 1]
    return words.format(what=_named(verdict.what, language))


def _named(what: str, language: str) -> str:
    """Name the services in a text of keys."""
    for key, names in labels("service").items():
        what = what.replace(key, names[0 if language == "zh" else 1])
    return what
