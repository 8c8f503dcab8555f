"""What scenarios do to rates, land and services of the district: with and without, on one mask.

Projects of the past are in today's figures already: without them, today's figures would lack
what they brought. Measures to come are added to today's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sinks.accounts.arguments import Missing
from sinks.accounts.evaluation import evaluated
from sinks.accounts.items import Item
from sinks.errors import InputRefused
from sinks.parameters.labels import labels
from sinks.restoration.impact.land import area_changes
from sinks.restoration.impact.scenario import AS_IS, Scenario
from sinks.study import Study
from sinks.uncertainty.laws import Floats
from sinks.workflow.account_names import item_names
from sinks.workflow.accounts import AccountBasis
from sinks.workflow.basis import CarbonBasis

_FAR = 9999  # a year by which all measures are done
_ROUNDING = 1e-12  # of a figure that a limit holds where it is
_SMALL_HA = 1e-6  # what adding areas may lose
_FIGURES = ("without", "with", "difference", "difference_low", "difference_high")
_COLUMNS = ("effect", "kind", "unit", *_FIGURES, "name_zh", "name_en")


def scenario_effects(
    study: Study,
    basis: CarbonBasis,
    accounts: AccountBasis | None,
    scenarios: Sequence[Scenario],
    tables: Mapping[str, pd.DataFrame],
    horizons: pd.DataFrame,
) -> pd.DataFrame:
    """Return every effect of every scenario: index ``(scenario, effect)``.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (land, indicator, service, value), ``unit``, ``without``, ``with``,
        ``difference`` with low and high (blank for what is exact), ``name_zh``, ``name_en``,
        ``cost_yuan`` of the scenario and ``cost_yuan_per_unit``, blank where the difference
        is not a gain. A scenario that changes nothing has no rows.

    Raises
    ------
    InputRefused
        ``N76`` for a scenario that takes more of a class than the district has.
    """
    parts = {}
    for scenario in scenarios:
        past, coming = _changes(scenario, basis.last)
        _require_land(basis, scenario, past, coming, tables)
        rows = [
            *_of_land(basis, past, coming, tables),
            *_of_indicators(study, basis, past, coming, tables),
            *(_of_accounts(accounts, basis, past, coming) if accounts is not None else ()),
        ]
        frame = pd.DataFrame(rows, columns=list(_COLUMNS)).set_index("effect")
        frame = frame.astype(dict.fromkeys(_FIGURES, float))
        parts[scenario.id] = _with_costs(frame, _cost(horizons, scenario.id))
    return pd.concat(parts, names=["scenario"])


def _changes(scenario: Scenario, last: int) -> tuple[pd.Series, pd.Series]:
    """Return by how much classes changed up to the last land cover, and will change after it."""
    totals = [
        area_changes(scenario, year)["area_change_ha"].groupby(level="land_cover").sum()
        for year in (last, _FAR)
    ]
    past = totals[0]
    return past, totals[1].sub(past, fill_value=0.0)


def _row(
    effect: str, kind: str, unit: str, ends: tuple[float, float], names: tuple[str, str]
) -> dict[str, Any]:
    without, with_ = ends
    return {
        "effect": effect, "kind": kind, "unit": unit, "without": without, "with": with_,
        "difference": with_ - without, "difference_low": np.nan, "difference_high": np.nan,
        "name_zh": names[0], "name_en": names[1],
    }  # fmt: skip


def _of_land(
    basis: CarbonBasis, past: pd.Series, coming: pd.Series, tables: Mapping[str, pd.DataFrame]
) -> Iterator[dict[str, Any]]:
    """Yield the areas of the classes that change, as the map has them today."""
    today = _today(basis, tables)
    names = {c.key: (c.zh, c.en) for c in basis.inputs.covers[0].legend.classes}
    for key in basis.classes:
        gone, come = float(past.get(key, 0.0)), float(coming.get(key, 0.0))
        if gone or come:
            now = float(today.get(key, 0.0))
            yield _row(f"area_{key}", "land", "ha", (now - gone, now + come), names[str(key)])


def _today(basis: CarbonBasis, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the areas of the district in the last land cover, by class."""
    here = (basis.last, basis.study.district.id)
    return tables["areas"]["area_ha"].xs(here, level=("year", "zone"))


def _require_land(
    basis: CarbonBasis,
    scenario: Scenario,
    past: pd.Series,
    coming: pd.Series,
    tables: Mapping[str, pd.DataFrame],
) -> None:
    today = _today(basis, tables)
    short = [
        f"{key} {left:.4g} ha"
        for change in (-past, coming)
        for key, left in today.add(change, fill_value=0.0).items()
        if left < -_SMALL_HA
    ]
    if short:
        raise InputRefused.because(
            "N76", place=f"scenarios.{scenario.id}", unknown="-", short=short
        )


def _of_indicators(
    study: Study,
    basis: CarbonBasis,
    past: pd.Series,
    coming: pd.Series,
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[dict[str, Any]]:
    """Yield the rates that follow from areas: more trees, more wetland, protected or not."""
    table = tables.get("indicators", pd.DataFrame())
    if table.empty:
        return
    here = pd.DataFrame(table.xs((basis.last, study.district.id), level=("year", "zone")))
    known = here.to_dict("index")
    classes = basis.inputs.covers[0].legend.classes
    trees = [c.key for c in classes if c.tree]
    wetland = [c.key for c in classes if c.natural]
    for name, keys in (("tree_cover_rate", trees), ("wetland_protection_rate", wetland)):
        gone, come = (float(of.reindex(keys).fillna(0.0).sum()) for of in (past, coming))
        if name not in known or not (gone or come):
            continue
        row = known[name]
        parts = (float(row["numerator"]), float(row["denominator"]))
        words = labels("indicator")[name]
        if name == "tree_cover_rate":
            ends = (_rate(parts, -gone, 0.0), _rate(parts, come, 0.0))
            yield _row(name, "indicator", "%", ends, words)
            continue
        for kept, suffix in ((True, "protected"), (False, "unprotected")):
            share = 1.0 if kept else 0.0
            ends = (_rate(parts, -gone * share, -gone), _rate(parts, come * share, come))
            zh, en = labels("scenario_effect")[suffix]
            yield _row(
                f"{name}_{suffix}", "indicator", "%", ends, (f"{words[0]}{zh}", words[1] + en)
            )


def _rate(parts: tuple[float, float], numerator: float, denominator: float) -> float:
    return 100 * (parts[0] + numerator) / (parts[1] + denominator)


def _of_accounts(
    accounts: AccountBasis, basis: CarbonBasis, past: pd.Series, coming: pd.Series
) -> Iterator[dict[str, Any]]:
    """Yield services without and with: the account made twice, on the same draws."""
    year, district = basis.last, basis.study.district.id
    zones = tuple(dict.fromkeys((district, *accounts.land.anchors)))
    lands, known = [], []
    for change in (-past, coming):
        told = _as_changes(change, district)
        lands.append(accounts.land.land(year, zones, told))
        uptake = accounts.land.uptake(year, zones, told)
        known.append(replace(accounts.known[year], uptake=uptake))
    names = labels("service")
    sums: dict[str, list[Floats]] = {}
    for item in accounts.rules.items:
        if not item.counted:
            continue
        try:
            found = [evaluated(item, lands[n], known[n]) for n in range(2)]
        except Missing:
            continue
        values = [each.quantity[0] * each.worth[0] for each in found]
        kept = sums.setdefault(item.service, [np.zeros_like(values[0]) for _ in range(2)])
        sums[item.service] = [kept[n] + values[n] for n in range(2)]
        ends = [each.quantity[0] for each in found]
        if _moves(ends):
            yield _drawn(f"item_{item.item}", item, ends, item_names(item.item))
    for service, (without, with_) in sums.items():
        if _moves((without, with_)):
            means = (float(without[0]), float(with_[0]))
            row = _row(f"value_{service}", "value", "yuan", means, names[service])
            yield row | _interval(with_ - without)


def _as_changes(change: pd.Series, district: str) -> pd.DataFrame:
    """Return changes of area of the district in the form that ground takes."""
    index = pd.MultiIndex.from_product([[district], change.index], names=["zone", "land_cover"])
    frame = pd.DataFrame({"area_change_ha": change.to_numpy(dtype=float)}, index=index)
    return frame[frame["area_change_ha"] != 0]


def _moves(ends: Sequence[Floats]) -> bool:
    """Whether a figure changes by more than the rounding of its sum."""
    return not np.allclose(ends[0], ends[1], rtol=_ROUNDING, atol=0.0)


def _drawn(
    effect: str, item: Item, ends: Sequence[Floats], names: tuple[str, str]
) -> dict[str, Any]:
    row = _row(effect, "service", item.unit, (float(ends[0][0]), float(ends[1][0])), names)
    return row | _interval(ends[1] - ends[0])


def _interval(difference: Floats) -> dict[str, float]:
    low, high = np.quantile(difference[1:], [0.025, 0.975])
    return {"difference_low": float(low), "difference_high": float(high)}


def _cost(horizons: pd.DataFrame, scenario: str) -> float:
    """Return what a scenario costs when all of it is done, in yuan; not a number if unknown."""
    rows = horizons.xs((scenario, AS_IS), level=("scenario", "baseline"))
    return float(rows["cost_yuan"].iloc[-1])


def _with_costs(frame: pd.DataFrame, cost_yuan: float) -> pd.DataFrame:
    gain = frame["difference"].where(frame["difference"] > 0)
    return frame.assign(cost_yuan=cost_yuan, cost_yuan_per_unit=cost_yuan / gain)
