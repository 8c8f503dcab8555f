"""What no account may do: count a thing twice, add stocks to flows, keep what is from outside.

Eight guards against double counting, and an alarm for an account that outweighs all others.
They run in every account. Those against counting twice stop it, unless a rule set repeats
what was published as it was; the others are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sinks.accounts.formulas import FLUXES
from sinks.accounts.items import GROUP_OF, RuleSet

HALF_PCT = 50.0  # of the whole: an account beyond it decides everything
_FED = ("fishery", "livestock")
_UTILITIES = ("cubic_metre",)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the guards look at, for one year and the district.

    ``found`` are the items that have a figure; ``value_yuan`` by service, ``total_yuan`` as
    the table of totals has it. ``storm_rain_mm`` is what was told, ``storm_counted_mm`` what
    water retention leaves to flood regulation. ``fish_growth_t`` is the carbon that growth in
    fish ponds adds to the account of carbon.
    """

    rules: RuleSet
    found: frozenset[str]
    value_yuan: Mapping[str, float]
    total_yuan: float
    storm_rain_mm: float
    storm_counted_mm: float
    lodging_yuan: float
    fish_growth_t: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a guard found: ``double`` counts stop an account, an ``alarm`` is told."""

    guard: str
    passed: bool
    kind: Literal["double", "alarm"]
    what: str = ""


def verdicts(seen: Evidence) -> tuple[Verdict, ...]:
    """Return what every guard says."""
    return (
        _rain_once(seen),
        _water_once(seen),
        _visitors_once(seen),
        _fish_not_carbon(seen),
        _soil_not_produce(seen),
        _gross_utility(seen),
        _stocks_apart(seen),
        _imports_deducted(seen),
        _one_account(seen),
    )


def _rain_once(seen: Evidence) -> Verdict:
    """Rain that plants keep in storms is not water retention too."""
    both = {"rain_kept", "storm_storage"} <= seen.found
    twice = both and seen.storm_counted_mm < seen.storm_rain_mm
    return Verdict(guard="rain_once", passed=not twice, kind="double")


def _water_once(seen: Evidence) -> Verdict:
    """Water that is sold is not counted beside the water that land retains."""
    sold = sorted(_of_service(seen, "water_supply"))
    twice = bool(sold) and "rain_kept" in seen.found
    return Verdict(guard="water_once", passed=not twice, kind="double", what=", ".join(sold))


def _visitors_once(seen: Evidence) -> Verdict:
    """Hotels' gain from a landscape is not in the spending of visitors too."""
    twice = {"tourists", "hotel_nights"} <= seen.found and seen.lodging_yuan <= 0
    return Verdict(guard="visitors_once", passed=not twice, kind="double")


def _fish_not_carbon(seen: Evidence) -> Verdict:
    """Fish that are sold have not fixed carbon that stays."""
    twice = bool(_of_service(seen, "fishery")) and seen.fish_growth_t > 0
    return Verdict(guard="fish_not_carbon", passed=not twice, kind="double")


def _soil_not_produce(seen: Evidence) -> Verdict:
    """Carbon that soil gains is counted by one item, and none of it is a product."""
    counted = [i for i in seen.rules.items if i.counted and i.quantity in FLUXES]
    uptake = [i.item for i in counted if i.quantity == "uptake"]
    products = [i.item for i in counted if GROUP_OF[i.service] == "provisioning"]
    twice = len(uptake) > 1 or bool(products)
    what = ", ".join(sorted({*uptake, *products}))
    return Verdict(guard="soil_not_produce", passed=not twice, kind="double", what=what)


def _gross_utility(seen: Evidence) -> Verdict:
    """Water and power at what a utility earns hold its works and staff."""
    priced = [
        i.item
        for i in seen.rules.items
        if i.item in seen.found and (i.worth in _UTILITIES or i.item == "hydropower")
    ]
    what = ", ".join(priced)
    return Verdict(guard="gross_utility", passed=not priced, kind="alarm", what=what)


def _stocks_apart(seen: Evidence) -> Verdict:
    """Nothing but the yearly flows of services is in the total."""
    whole = sum(seen.value_yuan.values())
    off = abs(whole - seen.total_yuan)
    return Verdict(guard="stocks_apart", passed=off <= 1e-9 * max(abs(whole), 1.0), kind="double")


def _imports_deducted(seen: Evidence) -> Verdict:
    """Feed and fry from outside are no product of the area."""
    fed = [s for s in _FED if any(i.quantity == "output" for i in seen.rules.of_service(s))]
    kept = seen.rules.provisioning == "output" and bool(fed)
    return Verdict(
        guard="imports_deducted",
        passed=not kept,
        kind="alarm",
        what=", ".join(fed) if kept else "",
    )


def _one_account(seen: Evidence) -> Verdict:
    """No account should be more than half of all: then its assumptions decide everything."""
    if seen.total_yuan <= 0 or not seen.value_yuan:
        return Verdict(guard="one_account", passed=True, kind="alarm")
    largest = max(seen.value_yuan, key=lambda service: seen.value_yuan[service])
    share_pct = 100 * seen.value_yuan[largest] / seen.total_yuan
    what = f"{largest} {share_pct:.0f} %" if share_pct > HALF_PCT else ""
    return Verdict(guard="one_account", passed=share_pct <= HALF_PCT, kind="alarm", what=what)


def _of_service(seen: Evidence, service: str) -> set[str]:
    return {item.item for item in seen.rules.of_service(service)} & seen.found
