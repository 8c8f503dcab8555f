"""What a run says in its last lines: carbon of the district, then rates against their targets."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sinks.carbon.balance import verdict
from sinks.errors import Language
from sinks.parameters.labels import label
from sinks.results import Results
from sinks.units import UNITS

NET = "net_sink_tco2e_per_year"
_LARGE = 1e9  # yuan: from here on in 亿元


def headlines(results: Results, language: Language) -> list[str]:
    """Return the figures of the district in words, one line each."""
    return [*_carbon(results, language), *_gep(results, language), *_targets(results, language)]


def _carbon(results: Results, language: Language) -> Iterator[str]:
    zones = results.table("zones")
    district = str(zones.index[zones["kind"] == "district"][0])
    last = results.years[-1]
    stocks = results.table("stock_estimates")
    if stocks.empty or last not in stocks.index.get_level_values("year"):
        stocks = results.table("stock_totals")
    row = stocks.loc[[(last, district)]].to_dict("records")[0]
    ends = (f"{row[f'stock_{end}tc']:,.0f}" for end in ("", "low_", "high_"))
    said = dict(zip(("value", "low", "high"), ends, strict=True))
    yield label("headline.stock", language).format(year=last, **said)
    net = results.table("balance").loc[[district]].to_dict("records")[0]
    chosen = results.table("potentials")["chosen"]
    ends = (f"{net[f'net_sink_{end}tco2e_per_year']:+,.0f}" for end in ("", "low_", "high_"))
    said = dict(zip(("value", "low", "high"), ends, strict=True))
    yield label("headline.balance", language).format(
        year=last,
        verdict=label(f"verdict.{verdict(net[NET], net['probability_sink'])}", language),
        potentials=chosen.index[chosen][0],
        accounting=label("crediting.accounting_only", language),
        **said,
    )


def _gep(results: Results, language: Language) -> Iterator[str]:
    """Say the value of the district's ecosystem products in the last year, where it has one."""
    totals = results.table("gep_totals")
    if totals.empty:
        return
    zones, last = results.table("zones"), results.years[-1]
    district = str(zones.index[zones["kind"] == "district"][0])
    row = totals.loc[[(last, district)]].to_dict("records")[0]
    rule_set = results.table("rule_set")[f"name_{language}"].iloc[0]
    large = abs(row["gep_yuan"]) >= _LARGE
    unit, digits = (1e8, 2) if large else (1e4, 0)
    money = label("money.yi" if large else "money.wan", language)
    ends = (f"{row[f'gep_{end}yuan'] / unit:,.{digits}f}" for end in ("", "low_", "high_"))
    said = dict(zip(("value", "low", "high"), ends, strict=True))
    share = row["default_share_pct"]
    told = {"year": last, "rule_set": rule_set, "share": share, "money": money}
    yield label("headline.gep", language).format(**told, **said)


def _targets(results: Results, language: Language) -> Iterator[str]:
    zh = language == "zh"
    for _, row in results.table("targets").iterrows():
        name = row[f"name_{language}"]
        if pd.isna(row["value"]):
            yield f"{name}：未计算" if zh else f"{name}: not computed"
            continue
        comma, unit = ("，目标" if zh else ", target"), str(row["unit"])
        unit = UNITS[unit][not zh] if unit in UNITS else unit
        yield f"{name} {row['value']:.2f} {unit}{comma} {row['target']:g} {unit}"
