r"""Monetary asset account: what the services of the coming years are worth today.

.. math:: NPV = V \cdot \frac{1 - (1 + r)^{-n}}{r}

for a yearly value *V* that stays as it is over a life of *n* years, paid at the end of each,
at a discount rate *r*. What it is worth changes with the ground, with what a hectare gives,
and with prices:

    opening + extent + condition + revaluation = closing

The effect of extent is what the change of area of the supplying classes would bring at the
yield of the first year; that of condition (enhancement less degradation) the rest of the change
of the quantity; both at prices of the first year. Revaluation is the change of price on the
quantity of the last year.

This is a stock. It is never added to the yearly account.

References: United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem
Accounting, ch. 10 (net present value, entries of the asset account).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InputRefused, InvariantViolated
from sinks.uncertainty.laws import Floats

ALL = "all"
PARTS = ("opening", "extent", "condition", "revaluation", "closing")
COLUMNS = (
    "opening_yuan",
    "opening_low_yuan",
    "opening_high_yuan",
    "extent_yuan",
    "condition_yuan",
    "revaluation_yuan",
    "closing_yuan",
    "closing_low_yuan",
    "closing_high_yuan",
    "life_years",
    "discount_pct",
)
_PER_ZONE = (
    *("quantity_before", "quantity_after", "price_before_yuan", "price_after_yuan"),
    *("area_before_ha", "area_after_ha"),
)
_SLACK = 1e-9
_NOTHING_HA = 1e-6  # a hundredth of a square metre is the rounding of areas, and no ground


@dataclass(frozen=True, kw_only=True, eq=False)
class Capitalisation:
    """Discount rate (a fraction per year) and life (years), shape ``(1 + draws,)`` each.

    Column 0 is at the means.
    """

    rate: Floats
    life_years: Floats
    factor: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", annuity(self.rate, self.life_years))


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetFlow:
    """One yearly flow at two dates, arrays of shape ``(zones, 1 + draws)``.

    ``quantity`` is per year, ``price_yuan`` for a unit of it in the money of its year,
    ``area_ha`` that of the classes that supply it. Each may have one row or one column where
    zones or draws do not differ. Flows of one service are added up.
    """

    service: str
    quantity_before: Floats
    quantity_after: Floats
    price_before_yuan: Floats
    price_after_yuan: Floats
    area_before_ha: Floats
    area_after_ha: Floats

    def at(self, rows: NDArray[np.bool_]) -> AssetFlow:
        """Return some of the zones; what is the same for all stays."""
        named = {name: getattr(self, name) for name in _PER_ZONE}
        return replace(
            self,
            **{
                name: each[rows] if len(each) == len(rows) else each
                for name, each in named.items()
            },
        )

    def effects(self, factor: Floats) -> dict[str, Floats]:
        """Return the entries of the account, each ``(zones, 1 + draws)``, in yuan."""
        before, after = self.quantity_before, self.quantity_after
        scaled = self._at_old_yield()
        worth = self.price_before_yuan * factor
        gain = (self.price_after_yuan - self.price_before_yuan) * factor
        parts = {
            "opening": before * worth,
            "extent": (scaled - before) * worth,
            "condition": (after - scaled) * worth,
            "revaluation": after * gain,
            "closing": after * self.price_after_yuan * factor,
        }
        return dict(zip(parts, np.broadcast_arrays(*parts.values()), strict=True))

    def _at_old_yield(self) -> Floats:
        """Quantity that the area of the last year would give at the yield of the first.

        Where nothing supplied it before, there is no yield, and what comes is new ground.
        """
        had = self.area_before_ha > _NOTHING_HA
        growth = self.area_after_ha / np.where(had, self.area_before_ha, 1.0)
        new = np.where(self.area_after_ha > _NOTHING_HA, self.quantity_after, self.quantity_before)
        scaled: Floats = np.where(had, self.quantity_before * growth, new)
        return scaled


def annuity(rate: Floats | float, life_years: Floats | float) -> Floats:
    """Return what one yuan a year over a life is worth today, paid at the end of each year.

    Parameters
    ----------
    rate
        Fraction per year; without discount the factor is the life itself.

    Raises
    ------
    InputRefused
        ``S84`` for a life that is not positive, a rate below nothing, or either no number.

    Examples
    --------
    >>> annuity(0.05, 2).round(6).item(), annuity(0.0, 25).item()
    (1.85941, 25.0)
    """
    r, n = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(life_years, dtype=float))
    sound = np.isfinite(r) & np.isfinite(n) & (r >= 0) & (n > 0)
    if not sound.all():
        found = [
            f"{100 * yearly:g} %, {life:g}"
            for yearly, life in zip(r[~sound], n[~sound], strict=True)
        ]
        raise InputRefused.because("S84", found=found[:5], count=len(found))
    discounted = -np.expm1(-n * np.log1p(r))
    factor: Floats = np.where(r > 0, discounted / np.where(r > 0, r, 1.0), n)
    return factor


def asset_account(
    flows: Sequence[AssetFlow], zones: pd.Index, capital: Capitalisation
) -> pd.DataFrame:
    """Return the asset account of every zone and service, and of all services together.

    Parameters
    ----------
    flows
        Flows with an exchange value: those of the monetary supply table.
    zones
        What the rows of the arrays are.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, service)``; the columns of :data:`COLUMNS`. ``_low_`` and ``_high_`` are
        a 95 % interval of the draws, NaN without draws. The service ``all`` is the sum of the
        others, in every draw.

    Raises
    ------
    InvariantViolated
        ``I83`` if the entries of a row do not add up.
    """
    sums: dict[str, dict[str, Floats]] = {}
    shape = (len(zones), len(capital.factor))
    for flow in flows:
        parts = flow.effects(capital.factor)
        for service in (flow.service, ALL):
            account = sums.setdefault(service, {part: np.zeros(shape) for part in PARTS})
            for part in PARTS:
                account[part] = account[part] + parts[part]
    frames = {}
    for service in [*(s for s in sums if s != ALL), *([ALL] if sums else [])]:
        _require_identity(sums[service], service, zones)
        frames[service] = _row(sums[service], zones, capital)
    if not frames:
        index = pd.MultiIndex.from_arrays([[], []], names=["zone", "service"])
        return pd.DataFrame(columns=list(COLUMNS), index=index, dtype=float)
    table = pd.concat(frames, names=["service"]).swaplevel()
    return table.reindex(pd.MultiIndex.from_product([zones, frames], names=["zone", "service"]))


def _row(parts: dict[str, Floats], zones: pd.Index, capital: Capitalisation) -> pd.DataFrame:
    columns = {f"{part}_yuan": parts[part][:, 0] for part in PARTS}
    for part in ("opening", "closing"):
        low, high = _interval(parts[part])
        columns |= {f"{part}_low_yuan": low, f"{part}_high_yuan": high}
    columns["life_years"] = np.full(len(zones), capital.life_years[0])
    columns["discount_pct"] = np.full(len(zones), 100 * capital.rate[0])
    return pd.DataFrame(columns, index=zones.rename("zone"))[list(COLUMNS)]


def _interval(values: Floats) -> tuple[Floats, Floats]:
    drawn = values[:, 1:]
    if not drawn.shape[1]:
        nothing = np.full(len(values), np.nan)
        return nothing, nothing
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    return low, high


def _require_identity(parts: dict[str, Floats], service: str, zones: pd.Index) -> None:
    opening, extent, condition, revaluation, closing = (parts[part] for part in PARTS)
    size = sum(np.abs(part) for part in parts.values())
    off = opening + extent + condition + revaluation - closing
    broken = ~(np.abs(off) <= _SLACK * size).all(axis=1)
    if broken.any():
        rows = [f"{zone} {service}" for zone in zones[np.flatnonzero(broken)]]
        raise InvariantViolated.because("I83", rows=rows[:10], count=len(rows))
