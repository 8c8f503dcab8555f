"""The account of ecosystem products: items, services, totals, and how two years compare.

Items are worked out one after the other for every year, so that only the sums of services are
held with their draws. Prices are told twice: those of the year, and those of the base year.
What changed between two years is split into amount and price by Bennet's rule, which leaves
no rest and takes neither year for the basis.

References: Bennet 1920, J. R. Stat. Soc. 83: 455-462 (change of a value as amount and price);
Diewert 2005, J. Product. Anal. 24.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.accounts.arguments import Missing
from sinks.accounts.assets import AssetFlow
from sinks.accounts.evaluation import Found, evaluated
from sinks.accounts.items import GROUP_OF, RuleSet
from sinks.accounts.known import Known
from sinks.accounts.land import Land
from sinks.accounts.quantities import Flow, described
from sinks.errors import located
from sinks.uncertainty.laws import Floats

YUAN = "yuan"
_Key = TypeVar("_Key")
_Amount = TypeVar("_Amount", Flow, "Effects")
_QUANTITY = ("quantity", "quantity_low", "quantity_high")


@dataclass(frozen=True, kw_only=True, eq=False)
class Year:
    """What the account of a year stands on."""

    year: int
    land: Land
    known: Known


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects:
    """What amounts and what prices did to a value between two years, in yuan a year.

    Beside it the value of the first and the last year, at current and at ``constant`` prices,
    of what both years have.
    """

    amount: Flow
    price: Flow
    current: tuple[Flow, Flow]
    constant: tuple[Flow, Flow]

    def __add__(self, other: Effects) -> Effects:
        """Add the effects of another item."""
        return Effects(
            amount=self.amount + other.amount,
            price=self.price + other.price,
            current=(self.current[0] + other.current[0], self.current[1] + other.current[1]),
            constant=(self.constant[0] + other.constant[0], self.constant[1] + other.constant[1]),
        )

    def at(self, rows: NDArray[np.bool_]) -> Effects:
        """Return some of the zones."""
        return Effects(
            amount=self.amount.at(rows),
            price=self.price.at(rows),
            current=(self.current[0].at(rows), self.current[1].at(rows)),
            constant=(self.constant[0].at(rows), self.constant[1].at(rows)),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Account:
    """The account of some zones.

    ``items`` and ``classes`` are rows by year, zone and item (and class). ``current`` (prices
    of the year) and ``constant`` (of the base year) are draws by year and service, shape
    ``(zones, 1 + draws)``; ``effects`` by service. ``missing`` says by year and item what was
    not known; ``assets`` is what capitalises each item.
    """

    zones: tuple[str, ...]
    items: list[pd.DataFrame] = field(default_factory=list)
    classes: list[pd.DataFrame] = field(default_factory=list)
    current: dict[tuple[int, str], Flow] = field(default_factory=dict)
    constant: dict[tuple[int, str], Flow] = field(default_factory=dict)
    effects: dict[str, Effects] = field(default_factory=dict)
    assets: list[AssetFlow] = field(default_factory=list)
    missing: dict[tuple[int, str], Missing] = field(default_factory=dict)

    @property
    def index(self) -> pd.Index:
        """The zones as an index."""
        return pd.Index(self.zones, name="zone", dtype=object)

    def without(self, zones: Collection[str]) -> Account:
        """Leave out some zones, which another account tells of."""
        kept = np.array([zone not in zones for zone in self.zones])
        return Account(
            zones=tuple(zone for zone in self.zones if zone not in zones),
            items=[rows[~rows["zone"].isin(zones)] for rows in self.items],
            classes=[rows[~rows["zone"].isin(zones)] for rows in self.classes],
            current={key: flow.at(kept) for key, flow in self.current.items()},
            constant={key: flow.at(kept) for key, flow in self.constant.items()},
            effects={key: each.at(kept) for key, each in self.effects.items()},
            assets=[each.at(kept) for each in self.assets],
            missing=self.missing,
        )


def account(rules: RuleSet, years: Sequence[Year]) -> Account:
    """Work out every item that counts, in every year.

    Raises
    ------
    InputRefused
        ``S54``, ``S55`` as :func:`sinks.accounts.spreading.spread`.
    """
    made = Account(zones=years[0].land.places.zones)
    for item in rules.items:
        if not item.counted:
            continue
        found: list[Found] = []
        for year in years:
            try:
                with located(place=f"{item.item} {year.year}"):
                    found.append(evaluated(item, year.land, year.known))
            except Missing as missing:
                made.missing[year.year, item.item] = missing
            else:
                _add(made, year.year, found[-1])
        if len(years) > 1 and len(found) == len(years):
            _sum_up(made.effects, item.service, _bennet(found[0], found[-1]))
            made.assets.append(_asset(found, (years[0].land, years[-1].land)))
    return made


def _sum_up(sums: dict[_Key, _Amount], key: _Key, more: _Amount) -> None:
    sums[key] = sums[key] + more if key in sums else more


def _add(made: Account, year: int, found: Found) -> None:
    value = _value(found.quantity, found.worth)
    constant = _value(found.quantity, found.worth_constant)
    _sum_up(made.current, (year, found.item.service), value)
    _sum_up(made.constant, (year, found.item.service), constant)
    made.items.append(_item_rows(made, year, found, value, constant))
    made.classes.append(_class_rows(made, year, found))


def _item_rows(
    made: Account, year: int, found: Found, value: Flow, constant: Flow
) -> pd.DataFrame:
    item, shape = found.item, found.quantity.shape
    worth = Flow(np.broadcast_to(found.worth, shape), YUAN)
    parts = [
        _quantities(found.quantity, made.index).assign(unit=item.unit),
        described(worth, "unit_value", made.index),
        described(value, "value", made.index),
        described(constant, "constant", made.index),
    ]
    frame = pd.concat(parts, axis="columns").assign(
        service=item.service,
        group=GROUP_OF[item.service],
        formula=f"{item.quantity} * {item.worth}",
        gross_yuan=(found.quantity * found.gross)[:, 0],
        exchange_yuan=(found.quantity * found.exchange)[:, 0],
        imports_yuan=(found.quantity * found.imports)[:, 0],
        counted=True,
        spread=found.how,
        rests_on=found.basis,
        sources="; ".join(found.sources),
    )
    return frame.reset_index().assign(year=year, item=item.item)


def _class_rows(made: Account, year: int, found: Found) -> pd.DataFrame:
    parts = []
    for key, drawn in found.by_class.items():
        kept = np.flatnonzero(drawn[:, 0] != 0)
        worth, exchange = (
            each[kept] if len(each) > 1 else each for each in (found.worth, found.exchange)
        )
        value = Flow(drawn[kept] * worth, YUAN)
        columns = [_quantities(drawn[kept], made.index[kept])]
        columns.append(described(value, "value", made.index[kept]))
        rows = pd.concat(columns, axis="columns")
        net = (drawn[kept] * exchange)[:, 0]
        parts.append(rows.assign(land_cover=key, exchange_yuan=net))
    frame = pd.concat(parts).assign(unit=found.item.unit)
    return frame.reset_index().assign(year=year, item=found.item.item)


def _quantities(drawn: Floats, index: pd.Index) -> pd.DataFrame:
    """Return quantity and interval without a unit in the name: it stands in a column."""
    frame = described(Flow(drawn, "unit"), "quantity", index)
    return frame.set_axis(list(_QUANTITY), axis="columns")


def _supplied(found: Found) -> Floats:
    """Return what classes supply; those that take more than they give supply nothing."""
    parts = [np.where(rows[:, :1] > 0, rows, 0.0) for rows in found.by_class.values()]
    return np.asarray(np.sum(parts, axis=0))


def _asset(found: Sequence[Found], lands: tuple[Land, Land]) -> AssetFlow:
    """Return what capitalises an item: amounts, exchange values, and the area that gives it."""
    item = found[0].item
    areas = [
        land.key_ha([key for key in item.land_cover if key in land.mean_ha])
        .loc[list(land.places.zones)]
        .to_numpy()[:, np.newaxis]
        for land in lands
    ]
    return AssetFlow(
        service=item.service,
        quantity_before=_supplied(found[0]),
        quantity_after=_supplied(found[-1]),
        price_before_yuan=found[0].exchange,
        price_after_yuan=found[-1].exchange,
        area_before_ha=areas[0],
        area_after_ha=areas[1],
    )


def _bennet(first: Found, last: Found) -> Effects:
    """Split the change of a value into what the amount did and what the price did."""
    amounts, worths = (first.quantity, last.quantity), (first.worth, last.worth)
    by_amount = (amounts[1] - amounts[0]) * (worths[0] + worths[1]) / 2
    by_price = (worths[1] - worths[0]) * (amounts[0] + amounts[1]) / 2
    return Effects(
        amount=Flow(by_amount, YUAN),
        price=Flow(by_price, YUAN),
        current=(_value(first.quantity, first.worth), _value(last.quantity, last.worth)),
        constant=(
            _value(first.quantity, first.worth_constant),
            _value(last.quantity, last.worth_constant),
        ),
    )


def _value(quantity: Floats, worth: Floats) -> Flow:
    return Flow(quantity * worth, YUAN)
