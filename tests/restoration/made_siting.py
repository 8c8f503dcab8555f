"""Small ground on which every plan can be tried, and large ground on which none can."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sinks.restoration.siting.demands import Aim, Demand
from sinks.restoration.siting.units import Units

BENEFITS = ("carbon_tco2e", "habitat")


def grid_borders(rows: int, columns: int, names: Sequence[str], length_m: float = 100.0):
    """Return the borders of a grid of units."""
    at = np.arange(rows * columns).reshape(rows, columns)
    across = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    down = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    pairs = np.vstack([across, down])
    named = np.array(names, dtype=object)
    return pd.DataFrame(
        {"unit": named[pairs[:, 0]], "beside": named[pairs[:, 1]], "length_m": length_m}
    )


def grid(rows: int, columns: int, seed: int = 1) -> Units:
    """Return a grid of units in two zones, with whole numbers throughout."""
    count, random = rows * columns, np.random.default_rng(seed)
    names = [f"u{n}" for n in range(count)]
    table = pd.DataFrame(
        {
            "area_ha": random.integers(1, 20, count).astype(float),
            "cost_yuan": random.integers(1, 50, count) * 1e4,
            "zone": np.where(np.arange(count) < count // 2, "north", "south"),
            "locked": "",
            "beside_wetland": random.random(count) < 0.5,
            "outer_m": random.integers(0, 3, count) * 50.0,
            "carbon_tco2e": random.integers(1, 200, count).astype(float),
            "habitat": random.integers(0, 30, count).astype(float),
        },
        index=pd.Index(names, name="unit"),
    )
    return Units(table=table, benefits=BENEFITS, borders=grid_borders(rows, columns, names))


def all_plans(units: Units, demands: Sequence[Demand]) -> np.ndarray:
    """Return every plan of whole units that keeps the demands and locks, by plain counting."""
    table, count = units.table, len(units.table)
    plans = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(float)
    kept = np.ones(len(plans), dtype=bool)
    for at, lock in enumerate(table["locked"]):
        kept &= {"in": plans[:, at] == 1, "out": plans[:, at] == 0}.get(lock, kept)
    for demand in demands:
        inside = np.ones(count) if demand.zone is None else table["zone"] == demand.zone
        own = plans * np.asarray(inside, dtype=float)
        if demand.of == "units":
            amount = own.sum(axis=1)
        elif demand.of == "beside_wetland":
            area_ha = own @ table["area_ha"].to_numpy()
            beside_ha = own @ (table["area_ha"] * table["beside_wetland"]).to_numpy()
            amount = np.where(area_ha > 0, beside_ha / np.where(area_ha > 0, area_ha, 1), 1.0)
        else:
            amount = own @ table[demand.of].to_numpy()
        least = demand.sense == "at_least"
        kept &= amount >= demand.amount - 1e-9 if least else amount <= demand.amount + 1e-9
    return plans[kept]


def objectives(units: Units, aim: Aim, plans: np.ndarray) -> np.ndarray:
    """Return the objective of plans, border by border."""
    table = units.table
    sign = 1.0 if aim.maximise is None else -1.0
    if aim.maximise is None:
        value = plans @ table["cost_yuan"].to_numpy()
    else:
        value = sum(w * (plans @ table[name].to_numpy()) for name, w in aim.maximise.items())
    place = {name: at for at, name in enumerate(table.index)}
    if "outer_m" in table:
        value = value + sign * aim.penalty_per_m * (plans @ table["outer_m"].to_numpy())
    for row in units.borders.itertuples():
        first, second = plans[:, place[row.unit]], plans[:, place[row.beside]]
        value = value + sign * aim.penalty_per_m * row.length_m * (first != second)
        value = value - sign * aim.bonus_per_pair * (first * second)
    return np.asarray(value)


def large(side: int, seed: int = 1) -> Units:
    """Return a grid of many units with clustered costs and benefits."""
    count, random = side * side, np.random.default_rng(seed)
    east, north = np.meshgrid(*[np.linspace(0, 9, side)] * 2)
    hills = (np.sin(east * 2) * np.cos(north * 1.5)).ravel()
    names = [f"u{n}" for n in range(count)]
    table = pd.DataFrame(
        {
            "area_ha": random.uniform(0.5, 2.0, count),
            "cost_yuan": 3e4 * np.exp(0.4 * hills + 0.2 * random.standard_normal(count)),
            "zone": [f"z{n}" for n in (np.arange(count) // side * 4 // side)],
            "locked": "",
            "carbon_tco2e": 100 * np.exp(0.3 * random.standard_normal(count) - 0.4 * hills),
        },
        index=pd.Index(names, name="unit"),
    )
    borders = grid_borders(side, side, names)
    return Units(table=table, benefits=("carbon_tco2e",), borders=borders)
