"""What the formulas of accounts take, from tables of parameters and from what was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from sinks.accounts.arguments import KEY, Arguments
from sinks.accounts.items import RuleSet
from sinks.accounts.known import Known, Told
from sinks.errors import Finding, located
from sinks.parameters.accounts import (
    FIXED,
    account_coefficients,
    account_inputs,
    account_prices,
    account_products,
    index_factor,
)
from sinks.study import Study
from sinks.workflow.account_rules import told_accounts

_RANGE = ["value", "low", "high"]
_COLUMNS = [*KEY, *_RANGE, "stream", "basis", "source"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """Coefficients and prices of the study's rule set, and what was told."""

    coefficients: pd.DataFrame
    prices: pd.DataFrame
    told: pd.DataFrame
    district: str
    findings: tuple[Finding, ...] = ()


def account_parameters(study: Study, told: pd.DataFrame) -> Tables:
    """Read the tables of parameters that a study's rule set has.

    Raises
    ------
    InputRefused
        As :mod:`sinks.parameters.accounts`.
    """
    accounts = told_accounts(study)
    with located(file=study.file, place="accounts"):
        coefficients, found = account_coefficients(accounts.rule_set, accounts.coefficients)
        prices, noted = account_prices(accounts.rule_set, accounts.prices)
    return Tables(
        coefficients=coefficients,
        prices=prices,
        told=told,
        district=study.district.id,
        findings=(*found, *noted),
    )


def known_in(study: Study, tables: Tables, rules: RuleSet, year: int) -> Known:
    """Return everything that formulas may take in a year, without uptake of carbon dioxide.

    Raises
    ------
    InputRefused
        ``S71`` if a price index does not reach.
    """
    base = told_accounts(study).base_year
    zones = [""] + [zone for zone in _own_zones(tables.told) if zone != tables.district]
    seed, count = study.study.seed, study.balance.draws
    frames = {zone: argument_frame(tables, rules, year, year, zone) for zone in zones}
    at_base = {zone: argument_frame(tables, rules, year, base, zone) for zone in zones}
    return Known(
        arguments={z: Arguments.of(f, seed=seed, count=count) for z, f in frames.items()},
        constant={z: Arguments.of(f, seed=seed, count=count) for z, f in at_base.items()},
        amounts=_amounts(tables.told, year, seed=seed, count=count),
        uptake={},
    )


def _own_zones(told: pd.DataFrame) -> list[str]:
    """Return the zones that tell numbers of their own besides amounts."""
    own = told[(told["kind"] != "amount") & (told["argument"] != "condition")]
    return list(dict.fromkeys(own["zone"]))


def argument_frame(
    tables: Tables, rules: RuleSet, year: int, price_year: int, zone: str
) -> pd.DataFrame:
    """Return the arguments of a zone (``""`` for the district): index :data:`KEY`.

    Prices are those of ``price_year``, everything else is of ``year``. What was told takes the
    place of what tables have; what a zone tells that of what the district does.
    """
    rows = [*_coefficients(tables), *_products(), *_prices(tables, price_year)]
    for place in dict.fromkeys((tables.district, zone)):
        if place:
            rows += list(_told(tables.told, place, year, price_year))
    frame = pd.DataFrame(rows, columns=_COLUMNS).drop_duplicates(KEY, keep="last")
    frame = frame.set_index(KEY)
    both = pd.concat([frame, _derived(frame, rules)])
    return both[~both.index.duplicated(keep="last")]


def _coefficients(tables: Tables) -> Iterator[tuple[object, ...]]:
    for row in tables.coefficients.reset_index().to_dict("records"):
        name, detail, cover = row["coefficient"], row["detail"], row["land_cover"]
        place = " ".join(part for part in (name, detail, cover) if part)
        yield (
            *(name, detail, cover),
            *(row[f"value{end}_in_unit"] for end in ("", "_low", "_high")),
            f"account/{name}/{detail}",
            "default" if row["grade"] == "D" else "table",
            f"{row['table']} {place}",
        )


def _products() -> Iterator[tuple[object, ...]]:
    """Yield shares of costs and of what came from outside, product by product."""
    for name, row in account_products().to_dict("index").items():
        for share in ("cost_share", "imported_share"):
            ends = (row[f"{share}{end}_ratio"] for end in ("", "_low", "_high"))
            source = f"account_products.csv {name} {share}"
            yield (share, name, "", *ends, f"product/{name}/{share}", "default", source)


def _prices(tables: Tables, year: int) -> Iterator[tuple[object, ...]]:
    for row in tables.prices.reset_index().to_dict("records"):
        name, detail = row["price"], row["detail"]
        factor = index_factor(str(row["index"]), int(row["year"]), year)
        yield (
            *(name, detail, ""),
            *(factor * row[f"value{end}_in_unit"] for end in ("", "_low", "_high")),
            f"price/{name}/{detail}",
            "default" if row["grade"] == "D" else "table",
            f"{row['table']} {name} {detail} {row['year']}".replace("  ", " "),
        )


def _told(
    told: pd.DataFrame, zone: str, year: int, price_year: int
) -> Iterator[tuple[object, ...]]:
    """Yield figures and prices that a zone tells: of the year, or of the one nearest to it."""
    kinds, inputs = ("figure", "price"), account_inputs()
    own = told[
        (told["zone"] == zone) & told["kind"].isin(kinds) & (told["argument"] != "condition")
    ]
    for (name, detail), rows in own.groupby(["argument", "detail"], sort=False):
        is_price = rows["kind"].iloc[0] == "price"
        wanted = price_year if is_price else year
        row = rows.loc[(rows["year"] - wanted).abs().sort_values(kind="stable").index[0]]
        index = str(inputs.loc[str(name), "index"]) or FIXED
        factor = index_factor(index, int(row["year"]), wanted) if is_price else 1.0
        of_class = inputs.loc[str(name), "detail"] == "land_cover"
        stream = f"told/{name}/{detail}/{zone}"
        ends = (factor * float(row[end]) for end in _RANGE)
        yield (
            *((name, "", detail) if of_class else (name, detail, "")),
            *ends, stream, "told", _dated(str(row["source"]), int(row["year"]), wanted),
        )  # fmt: skip


def _dated(source: str, year: int, wanted: int) -> str:
    """Say where a figure is from, and of what year if it is not of the one it is used for."""
    return source if year == wanted else f"{source} [{year}]"


def _derived(frame: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Return what follows from other arguments: shares of told costs, storms that count twice."""
    rows = []
    flat = frame.reset_index()
    prices = flat[flat["argument"] == "price_yuan_per_t"].set_index("detail")["value"].to_dict()
    for row in flat[flat["argument"] == "cost_yuan_per_t"].to_dict("records"):
        if row["detail"] in prices:
            ends = [row[end] / prices[row["detail"]] for end in _RANGE]
            where = (row["stream"], "told", row["source"])
            rows.append(("cost_share", row["detail"], "", *ends, *where))
    told = frame[frame.index.get_level_values("argument") == "storm_rain_mm"]
    counted = rules.counts("storm_storage") and len(told) > 0 and not rules.replication
    storm = told.iloc[0] if counted else None
    ends = [0.0, 0.0, 0.0] if storm is None else [storm[end] for end in _RANGE]
    source = "" if storm is None else storm["source"]
    basis = "told" if storm is None else storm["basis"]
    stream = "none" if storm is None else storm["stream"]
    rows.append(("storm_rain_counted_mm", "", "", *ends, stream, basis, source))
    return pd.DataFrame(rows, columns=_COLUMNS).set_index(KEY)


def _amounts(
    told: pd.DataFrame, year: int, *, seed: int, count: int
) -> dict[tuple[str, str], dict[str, Told]]:
    """Return what was told for the year itself, with draws."""
    rows = told[(told["kind"] == "amount") & (told["year"] == year)]
    if rows.empty:
        return {}
    names = [f"{a}|{z}" for a, z in zip(rows["argument"], rows["zone"], strict=True)]
    frame = rows.assign(
        land_cover="",
        detail=rows["detail"],
        argument=names,
        stream=[f"told/{n}/{d}" for n, d in zip(names, rows["detail"], strict=True)],
        basis="told",
    ).set_index(KEY)
    drawn = Arguments.of(frame, seed=seed, count=count).drawn
    found: dict[tuple[str, str], dict[str, Told]] = {}
    for row, values in zip(rows.to_dict("records"), drawn, strict=True):
        place = found.setdefault((str(row["argument"]), str(row["detail"])), {})
        place[str(row["zone"])] = Told(drawn=values, source=str(row["source"]))
    return found
