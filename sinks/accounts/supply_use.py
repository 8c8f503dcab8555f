"""Supply and use of ecosystem services: each class supplies, economic units use, and both agree.

Only final services enter, those that leave the ecosystem for people, and only items that the
account of the year counts, so that nothing comes in twice by way of a guard. Money is exchange
value: what would be paid in a market that existed. So there is no consumer surplus, no value of
existence, and no supply below nothing (a class that takes water supplies none). Carbon is used
by the government on behalf of society, because no household can be kept from it.

Who uses a service is a share of the whole (``service_users.csv``, by judgement), the same in
every zone. Classes are clipped zone by zone: where one class takes in one town and gives in
another, towns add up to more than the district.

References: United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem
Accounting, ch. 6 and 7 (physical supply and use), ch. 8 and 9 (exchange values).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InputRefused, InvariantViolated

ITEM = ["year", "zone", "item"]
PHYSICAL = ["year", "zone", "item", "side", "party"]
MONETARY = ["year", "zone", "service", "side", "party"]
LEFT_OUT = ("not_final", "not_exchange", "consumer_surplus", "negative_services")
_SLACK = 1e-9  # relative: the rounding of sums


@dataclass(frozen=True, kw_only=True, eq=False)
class SeeaServices:
    """Which services SEEA EA takes, and who uses them.

    ``frame`` has the index ``service`` and the flags ``final`` (it leaves the ecosystem for
    people) and ``exchange`` (it has an exchange value). ``users`` is the share of each
    ``(service, unit)``; shares of a service add up to 1. ``surplus_items`` are items whose
    money is, or holds, consumer surplus. ``table`` names where it comes from.

    Raises
    ------
    InputRefused
        ``S82`` if shares are blank or negative, or those of a service do not add up to 1.
    """

    frame: pd.DataFrame
    users: pd.Series
    table: str
    surplus_items: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        sums = self.users.groupby(level="service", sort=False).sum()
        faulty = set(sums.index[~((sums - 1).abs() <= _SLACK)])
        faulty |= set(self.users.index[~(self.users >= 0)].get_level_values("service"))
        if faulty:
            rows = [f"{service}: {sums[service]:.9g}" for service in sorted(faulty)]
            raise InputRefused.because("S82", table=self.table, rows=rows)

    def require(self, services: Iterable[str]) -> None:
        """Refuse services of which nothing is said, or that nobody uses, by name.

        Raises
        ------
        InputRefused
            ``S83``.
        """
        known = set(self.frame.index) & set(self.users.index.unique("service"))
        if missing := sorted(set(services) - known):
            raise InputRefused.because("S83", table=self.table, missing=missing)


def physical_tables(
    items: pd.DataFrame, classes: pd.DataFrame, services: SeeaServices
) -> pd.DataFrame:
    """Return the physical supply and use of every item.

    Parameters
    ----------
    items
        ``gep_items``: index ``(year, zone, item)``; ``service``, ``counted``, ``unit``,
        ``quantity``.
    classes
        ``gep_classes``: index ``(year, zone, item, land_cover)``; ``quantity``.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone, item, side, party)``; ``quantity``, ``unit``. At the side
        ``supply`` the party is a class, at ``use`` an economic unit.

    Raises
    ------
    InputRefused
        ``S83`` for a service of which nothing is said.
    InvariantViolated
        ``I82`` if classes do not add up to their item, or supply is not use.
    """
    entering = _entering(items, services, "quantity")
    taken = entering[_is(entering, services, "final")]
    supply = _supplied(taken, classes, "quantity")
    whole = supply.groupby(level=ITEM, sort=False).sum()
    both = pd.concat(
        {
            "supply": supply.rename_axis(index={"land_cover": "party"}),
            "use": _used(whole, taken["service"].loc[whole.index], services.users),
        },
        names=["side"],
    ).reorder_levels(PHYSICAL)
    _require_balance(both, ITEM)
    units = taken["unit"].loc[both.droplevel(["side", "party"]).index].to_numpy()
    return _by_place(pd.DataFrame({"quantity": both, "unit": units}), ITEM)


def monetary_tables(
    items: pd.DataFrame, classes: pd.DataFrame, services: SeeaServices
) -> pd.DataFrame:
    """Return the monetary supply and use of every service, in exchange values.

    Parameters
    ----------
    items, classes
        As in :func:`physical_tables`, with ``value_yuan``: yearly values net of what people
        put in (costs of building are annual), whatever the headline of the account counts.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone, service, side, party)``; ``value_yuan``.

    Raises
    ------
    InputRefused, InvariantViolated
        As :func:`physical_tables`.
    """
    entering = _entering(items, services, "value_yuan")
    taken = entering[_reason(entering, services) == ""]
    supply = _supplied(taken, classes, "value_yuan")
    service = taken["service"].loc[supply.droplevel("land_cover").index].to_numpy()
    supply = supply.groupby(
        [
            supply.index.get_level_values("year"),
            supply.index.get_level_values("zone"),
            pd.Index(service, name="service"),
            supply.index.get_level_values("land_cover"),
        ],
        sort=False,
    ).sum()
    by_service = ["year", "zone", "service"]
    whole = supply.groupby(level=by_service, sort=False).sum()
    named = pd.Series(whole.index.get_level_values("service"), index=whole.index, dtype=object)
    both = pd.concat(
        {
            "supply": supply.rename_axis(index={"land_cover": "party"}),
            "use": _used(whole, named, services.users),
        },
        names=["side"],
    ).reorder_levels(MONETARY)
    _require_balance(both, by_service)
    return _by_place(pd.DataFrame({"value_yuan": both}), by_service)


def left_out(items: pd.DataFrame, classes: pd.DataFrame, services: SeeaServices) -> pd.DataFrame:
    """Return what the account counts and SEEA EA does not, as differences.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone, step)`` over :data:`LEFT_OUT`; ``value_yuan``: what has to be
        added to the counted items to come to the monetary supply.
    """
    entering = _entering(items, services, "value_yuan")
    reason = _reason(entering, services)
    supply = _class_amounts(entering[reason == ""], classes, "value_yuan")
    amounts = {step: entering.loc[reason == step, "value_yuan"] for step in LEFT_OUT[:3]}
    amounts[LEFT_OUT[3]] = supply.clip(upper=0.0)
    places = entering.droplevel("item").index.unique()
    sums = {
        step: amount.groupby(level=["year", "zone"]).sum().reindex(places, fill_value=0.0)
        for step, amount in amounts.items()
    }
    frame = pd.DataFrame({"value_yuan": 0.0 - pd.concat(sums, names=["step"])})
    return frame.reorder_levels(["year", "zone", "step"])


def _entering(items: pd.DataFrame, services: SeeaServices, amount: str) -> pd.DataFrame:
    """Items that the account counts and has a figure for."""
    entering = items[items["counted"].astype(bool) & items[amount].notna()]
    services.require(entering["service"].unique())
    return entering


def _is(items: pd.DataFrame, services: SeeaServices, flag: str) -> pd.Series:
    flags = services.frame[flag].loc[items["service"]].to_numpy(dtype=bool)
    return pd.Series(flags, index=items.index)


def _reason(items: pd.DataFrame, services: SeeaServices) -> pd.Series:
    """Say why an item has no exchange value: a step of :data:`LEFT_OUT`, or nothing."""
    surplus = items.index.get_level_values("item").isin(services.surplus_items)
    why = np.select(
        [~_is(items, services, "final"), ~_is(items, services, "exchange"), surplus],
        LEFT_OUT[:3],
        default="",
    )
    return pd.Series(why, index=items.index, dtype=object)


def _class_amounts(items: pd.DataFrame, classes: pd.DataFrame, amount: str) -> pd.Series:
    """Return what each class gives of the items; it must add up to them."""
    of_items = classes.droplevel("land_cover").index.isin(items.index)
    rows = classes.loc[of_items].reorder_levels([*ITEM, "land_cover"])
    amounts: pd.Series = rows[amount].astype(float)
    sums = amounts.groupby(level=ITEM, sort=False).sum().reindex(items.index, fill_value=0.0)
    scale = amounts.abs().groupby(level=ITEM).sum().reindex(items.index, fill_value=0.0)
    law = {"zh": "各类型之和不等于该项", "en": "classes do not add up to their item"}
    _require(law, (sums - items[amount]).abs() <= _SLACK * np.maximum(scale, items[amount].abs()))
    return amounts


def _supplied(items: pd.DataFrame, classes: pd.DataFrame, amount: str) -> pd.Series:
    return _class_amounts(items, classes, amount).clip(lower=0.0)


def _used(whole: pd.Series, service: pd.Series, users: pd.Series) -> pd.Series:
    """Share amounts among economic units: the index of ``whole`` and the level ``party``."""
    shares = users[users > 0].rename("share").reset_index()
    rows = pd.DataFrame({"whole": whole, "service_of": service}).reset_index()
    named = shares.rename(columns={"service": "service_of", "unit": "party"})
    both = rows.merge(named, on="service_of")
    used = (both["whole"] * both["share"]).set_axis(
        pd.MultiIndex.from_frame(both[[*whole.index.names, "party"]])
    )
    return used.astype(float)


def _by_place(frame: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Put the use of each item below its supply."""
    groups = frame.groupby(level=levels, sort=False).ngroup()
    return frame.iloc[np.argsort(groups.to_numpy(), kind="stable")]


def _require_balance(both: pd.Series, levels: list[str]) -> None:
    sides = both.index.get_level_values("side")
    supply, use = (
        both[sides == side].groupby(level=levels, sort=False).sum() for side in ("supply", "use")
    )
    everywhere = supply.index.union(use.index, sort=False)
    given, taken = (part.reindex(everywhere, fill_value=0.0) for part in (supply, use))
    kept = (given - taken).abs() <= _SLACK * given.abs()
    _require({"zh": "供给不等于使用", "en": "supply is not use"}, kept)


def _require(law: dict[str, str], kept: pd.Series) -> None:
    if not kept.all():
        broken = [" ".join(map(str, row)) for row in kept.index[~kept]]
        raise InvariantViolated.because("I82", law=law, rows=broken[:10], count=len(broken))
