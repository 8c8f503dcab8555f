"""Items worked out: quantities by zone and class, and what a unit is worth, with their draws.

A quantity is one of three: what a hectare of a class gives times its area; what was told for
the district or places, spread over ground; or what the carbon accounts find. The sum that a
load limits is limited once, for the district: each zone then has its share of the whole, so
that zones that make up the district add up to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sinks.accounts.arguments import Arguments
from sinks.accounts.formulas import AMOUNTS, arguments, formula_of
from sinks.accounts.items import Item
from sinks.accounts.known import Known, Told
from sinks.accounts.land import Land
from sinks.accounts.spreading import of_district, spread
from sinks.uncertainty.laws import Floats

QUANTITY = "quantity"  # the input that tells the quantity of an item as such
_FELT_SHARE = "felt_share"  # how much of all ground is near dwellings, where they are not known
_MAY_LACK = ("felt", "account")  # grounds that there need not be
_PRODUCE = ("produce_net", "produce_gross", "produce_output")


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """An item worked out.

    ``by_class``: quantity by class, each ``(zones, 1 + draws)``; ``worth`` and
    ``worth_constant`` in yuan per unit, ``gross`` before costs, ``exchange`` after all of them
    and ``imports`` from outside, each ``(zones, 1 + draws)`` or ``(1, 1 + draws)``. ``how``
    each zone came by it; ``basis`` is the least sure number that entered; ``sources`` where
    they are from.
    """

    item: Item
    by_class: Mapping[str, Floats]
    worth: Floats
    worth_constant: Floats
    gross: Floats
    exchange: Floats
    imports: Floats
    how: tuple[str, ...]
    basis: str
    sources: tuple[str, ...]

    @property
    def quantity(self) -> Floats:
        """The quantity of every zone, shape ``(zones, 1 + draws)``."""
        return np.asarray(sum(self.by_class.values()))


def evaluated(item: Item, land: Land, known: Known) -> Found:
    """Work out one item.

    Raises
    ------
    Missing
        If something that it takes is not known.
    InputRefused
        ``S54``, ``S55`` as :func:`sinks.accounts.spreading.spread`.
    """
    by_class, how, names, sources = _quantity(item, land, known)
    here = [known.at(zone) for zone in land.places.zones]
    base = [known.constant.get(zone, known.constant[""]) for zone in land.places.zones]
    worth = _worth(item.worth, item.detail, here)
    taken = (*names, *arguments(item.worth))
    classes = _with_area(item, land)
    return Found(
        item=item,
        by_class=by_class,
        worth=worth,
        worth_constant=_worth(item.worth, item.detail, base),
        gross=_worth("produce_output", item.detail, here) if item.worth in _PRODUCE else worth,
        exchange=_worth("produce_net", item.detail, here) if item.worth in _PRODUCE else worth,
        imports=_imports(item, here),
        how=how,
        basis=known.at("").basis(taken, item.detail, classes),
        sources=(*sources, *known.at("").sources(taken, item.detail, classes)),
    )


def _imports(item: Item, here: Sequence[Arguments]) -> Floats:
    """Return what of a unit's price came from outside the area, in yuan."""
    if item.worth not in _PRODUCE:
        return np.zeros((1, here[0].width))
    price = _worth("produce_output", item.detail, here)
    return price - _worth("produce_gross", item.detail, here)


def _worth(formula: str, detail: str, here: Sequence[Arguments]) -> Floats:
    """Evaluate a formula of worth for every zone; once where all have the same arguments."""
    few = here[:1] if all(each is here[0] for each in here) else here
    made: dict[int, Floats] = {}
    for each in few:
        if id(each) not in made:
            taken = {name: each.take(name, detail, ()) for name in arguments(formula)}
            value = np.broadcast_to(formula_of(formula)(**taken), (1, each.width))
            made[id(each)] = np.asarray(value, dtype=float)
    return np.vstack([made[id(each)] for each in few])


def _quantity(
    item: Item, land: Land, known: Known
) -> tuple[dict[str, Floats], tuple[str, ...], tuple[str, ...], list[str]]:
    """Return quantity by class, how each zone came by it, arguments taken, sources of amounts."""
    if (QUANTITY, item.item) in known.amounts:
        told = known.told(QUANTITY, item.item)
        return (*_spread(item, {z: t.drawn for z, t in told.items()}, land), (), _told_at(told))
    if item.quantity in AMOUNTS:
        return _amount(item, land, known)
    if item.ground == "account":
        factor = _taken(item, known.at(""), ())
        by_class = {key: rows * factor for key, rows in known.uptake.items()}
        how = ("account",) * len(land.places.zones)
        return by_class, how, arguments(item.quantity), ["balance"]
    return _per_ha(item, land, known)


def _taken(item: Item, known: Arguments, classes: Sequence[str]) -> Floats:
    taken = {name: known.take(name, item.detail, classes) for name in arguments(item.quantity)}
    return np.asarray(formula_of(item.quantity)(**taken), dtype=float)


def _ground(item: Item, land: Land) -> str:
    """Return the ground of an item; all of it where what is felt near dwellings is not known."""
    lacking = item.ground not in land.grounds and item.ground in _MAY_LACK
    return "all" if lacking else item.ground


def _with_area(item: Item, land: Land) -> tuple[str, ...]:
    """Return the classes of an item that there are."""
    ground = land.grounds[_ground(item, land)]
    known = [key for key in item.land_cover if key in ground.shares.columns]
    areas = ground.strata_ha.to_numpy() @ ground.shares[known].to_numpy()
    return tuple(key for key, there in zip(known, (areas > 0).any(axis=0), strict=True) if there)


def _per_ha(
    item: Item, land: Land, known: Known
) -> tuple[dict[str, Floats], tuple[str, ...], tuple[str, ...], list[str]]:
    classes = _with_area(item, land)
    how = ["map"] * len(land.places.zones)
    if not classes:
        nothing = np.zeros((len(how), land.width))
        return {item.land_cover[0]: nothing}, tuple(how), (), []
    rates = _rates(item, land, known, classes)
    by_class = {key: land.area_ha(_ground(item, land), key) * rates[key] for key in classes}
    names = arguments(item.quantity)
    if item.ground != _ground(item, land):
        felt = known.at("").take(_FELT_SHARE, "", ())
        by_class = {key: rows * felt for key, rows in by_class.items()}
        names = (*names, _FELT_SHARE)
    sources: list[str] = []
    if item.limit:
        load = known.told(item.limit, item.detail)
        most = of_district({zone: told.drawn for zone, told in load.items()}, land.places)
        capacity = sum(rows[land.row(land.places.district)] for rows in by_class.values())
        used = np.clip(np.divide(most, capacity, out=np.ones_like(most), where=capacity > 0), 0, 1)
        by_class = {key: rows * used for key, rows in by_class.items()}
        sources += _told_at(load)
    if item.measured and (cleaned := _measured(item, known)):
        by_class, how = _with_measured(by_class, cleaned, land)
        sources += [told.source for told in cleaned.values()]
    return by_class, tuple(how), names, sources


def _rates(item: Item, land: Land, known: Known, classes: Sequence[str]) -> dict[str, Floats]:
    """Return what a hectare of each class gives, for every zone or for all alike."""
    made: dict[int, Floats] = {}
    here = [known.at(zone) for zone in land.places.zones]
    for each in here:
        if id(each) not in made:
            rates = _taken(item, each, classes)
            made[id(each)] = np.broadcast_to(rates, (len(classes), each.width))
    if len(made) == 1:
        return {key: made[id(here[0])][n] for n, key in enumerate(classes)}
    return {key: np.array([made[id(each)][n] for each in here]) for n, key in enumerate(classes)}


def _amount(
    item: Item, land: Land, known: Known
) -> tuple[dict[str, Floats], tuple[str, ...], tuple[str, ...], list[str]]:
    """Evaluate a formula where its amount was told, and spread the result."""
    names = arguments(item.quantity)
    amounts = [name for name in names if (name, item.detail) in known.amounts or name in _BARE]
    main = amounts[0] if amounts else names[0]
    told = known.told(main, item.detail)
    others = tuple(name for name in names if name != main)
    by_zone = {}
    for zone, each in told.items():
        figures = {name: known.at(zone).take(name, item.detail, ())[0] for name in others}
        by_zone[zone] = np.asarray(formula_of(item.quantity)(**{main: each.drawn}, **figures))
    return (*_spread(item, by_zone, land), others, _told_at(told))


_BARE = ("water_through_m3",)  # amounts that are told without the detail that others have


def _spread(
    item: Item, told: Mapping[str, Floats], land: Land
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Put what was told on zones, then on the classes of each zone by their area."""
    known = list(land.mean_ha.columns)
    classes = [key for key in item.land_cover if key in known] or known
    found = spread(told, land.key_ha(classes), land.places, land.key_ha(known))
    areas = land.mean_ha.loc[list(land.places.zones), classes].to_numpy().T
    first = np.zeros_like(areas)
    first[0] = 1.0  # a zone without any of the classes: all on the first
    shares = np.divide(areas, areas.sum(axis=0), out=first, where=areas.sum(axis=0) > 0)
    by_class = {
        key: found.amounts * shares[n][:, np.newaxis]
        for n, key in enumerate(classes)
        if shares[n].any()
    }
    return by_class, found.how


def _measured(item: Item, known: Known) -> dict[str, Told]:
    """Return what places took out of their water as they measured it, in the item's unit."""
    names = arguments(item.measured)
    made = {}
    for zone, through in known.amounts.get((names[0], ""), {}).items():
        here = known.at(zone)
        if all(here.has(name, item.detail) for name in names[1:]):
            figures = {name: here.take(name, item.detail, ())[0] for name in names[1:]}
            drawn = formula_of(item.measured)(**{names[0]: through.drawn}, **figures)
            made[zone] = Told(drawn=np.asarray(drawn), source=through.source)
    return made


def _with_measured(
    by_class: dict[str, Floats], cleaned: Mapping[str, Told], land: Land
) -> tuple[dict[str, Floats], list[str]]:
    """Put what was measured in the place of what capacity says, there and in what holds it."""
    zones = land.places.zones
    places = list(cleaned)
    lies = land.places.lies(places, zones)
    rows = [land.row(zone) for zone in places]
    there = np.array([sum(values[row] for values in by_class.values()) for row in rows])
    more = np.array([cleaned[zone].drawn for zone in places]) - there
    changed = {}
    for n, (key, values) in enumerate(by_class.items()):
        first = np.full_like(there, float(n == 0))  # a place without capacity: all on the first
        share = np.divide(values[rows], there, out=first, where=there > 0)
        changed[key] = values + lies.T @ (share * more)
    how = ["told" if zone in cleaned else "map" for zone in zones]
    return changed, how


def _told_at(told: Mapping[str, Told]) -> list[str]:
    return list(dict.fromkeys(each.source for each in told.values()))
