"""What a plan does to the network: the same ground without it and with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.restoration.network.corridors import corridors_between
from sinks.restoration.network.landscape import Network
from sinks.restoration.network.lattice import Mask

CHEAPER, DEARER, SAME, JOINED, NEW, GONE = "cheaper", "dearer", "same", "joined", "new", "gone"

_ALIKE = 1e-9  # costs that differ by less, relatively, are the same


@dataclass(frozen=True, kw_only=True)
class NetworkChange:
    """Tables without the plan (``_before``), with it (``_after``), and what changed.

    - ``pattern`` (pattern): ``area_ha_before``, ``area_ha_after``, ``change_ha``
    - ``indices`` (index): ``before``, ``after``, ``change``, ``change_pct`` of ``cores``,
      ``core_ha``, ``iic``, ``pc``, ``eca_ha``; ``change_pct`` is blank where before is nought
    - ``corridors`` (patch, patch_beyond; numbers of the patches before): ``cost_m_before``,
      ``cost_m_after``, ``length_m_before``, ``length_m_after``, ``saved_m`` (of cost), and
      ``change``: cheaper, dearer, same, joined (both are one core with the plan), new or gone
      (they became or no longer are neighbours; what is missing is blank)
    """

    pattern: pd.DataFrame
    indices: pd.DataFrame
    corridors: pd.DataFrame


def changed(before: Network, after: Network) -> NetworkChange:
    """Compare a network without a plan with one with it, on the same lattice.

    Corridors are those between the cores before, over the ground as it is with the plan.
    """
    return NetworkChange(
        pattern=_pattern(before, after),
        indices=_indices(before, after),
        corridors=_corridors(before, after),
    )


def _pattern(before: Network, after: Network) -> pd.DataFrame:
    was, is_now = before.pattern.table()["area_ha"], after.pattern.table()["area_ha"]
    return pd.DataFrame(
        {"area_ha_before": was, "area_ha_after": is_now, "change_ha": is_now - was}
    )


def _indices(before: Network, after: Network) -> pd.DataFrame:
    was, is_now = _numbers(before), _numbers(after)
    change = is_now - was
    return pd.DataFrame(
        {
            "before": was,
            "after": is_now,
            "change": change,
            "change_pct": 100 * change / was.where(was > 0),
        }
    )


def _numbers(network: Network) -> pd.Series:
    found = network.connectivity
    numbers = {
        "cores": float(len(network.patches)),
        "core_ha": found.habitat_ha,
        "iic": found.iic,
        "pc": found.pc,
        "eca_ha": found.eca_ha,
    }
    return pd.Series(numbers, dtype=np.float64).rename_axis("index")


def _corridors(before: Network, after: Network) -> pd.DataFrame:
    resistance, limit_m = after.terrain.resistance, before.rule.limit_m
    with_plan = corridors_between(before.patches, resistance, limit_m=limit_m).table
    names = ["cost_m", "length_m"]
    both = (
        before.corridors.table[names]
        .add_suffix("_before")
        .join(with_plan[names].add_suffix("_after"), how="outer")
    )
    both["saved_m"] = both["cost_m_before"] - both["cost_m_after"]
    both["change"] = _kinds(both, _joined(before, after, both.index))
    return both.sort_index()


def _joined(before: Network, after: Network, pairs: pd.Index) -> Mask:
    """Say of pairs of patches before whether one patch after holds part of both."""
    old, new = before.patches.labels.ravel(), after.patches.labels.ravel()
    shared = (old > 0) & (new > 0)
    within: dict[int, set[int]] = {}
    for was, is_now in np.unique(np.column_stack([old[shared], new[shared]]), axis=0):
        within.setdefault(int(was), set()).add(int(is_now))
    both = [bool(within.get(one, set()) & within.get(other, set())) for one, other in pairs]
    return np.array(both, dtype=bool)


def _kinds(both: pd.DataFrame, joined: Mask) -> list[str]:
    close = both["saved_m"].abs() <= _ALIKE * both["cost_m_before"]
    kinds = np.select(
        [
            both["cost_m_before"].isna(),
            joined,
            both["cost_m_after"].isna(),
            close,
            both["saved_m"] > 0,
        ],
        [NEW, JOINED, GONE, SAME, CHEAPER],
        default=DEARER,
    )
    return [str(kind) for kind in kinds]
