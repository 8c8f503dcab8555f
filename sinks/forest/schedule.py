"""When each cohort of stands is cut, and on which curve it grows until then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.forest.factors import ForestFactors
from sinks.forest.growth import Floats, curve_age, curve_stock

_NEVER = 10**6  # years from now: a cohort that is not cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Cohorts with curve, scale and cuts; arrays of one value per cohort, or part of one.

    ``cohort`` is the number of the cohort that a part belongs to.
    ``curve_age`` may be infinite (no more growth) or negative (not yet planted);
    ``first_cut`` and ``rotation`` count years from the inventory and between cuts; what is
    replanted keeps the scale of its place within the limits of the curve.
    """

    cohort: NDArray[np.int64]
    area_ha: Floats
    limit: Floats
    limit_replanted: Floats
    rate: Floats
    shape: Floats
    curve_age: Floats
    first_cut: NDArray[np.int64]
    rotation: NDArray[np.int64]

    def stock_tc(self, age: Floats, limit: Floats) -> Floats:
        """Carbon of every cohort at ages of shape ``(cohorts, years)``."""
        return self.area_ha[:, None] * curve_stock(
            age, limit, self.rate[:, None], self.shape[:, None]
        )


def curves_of(groups: pd.Series, factors: ForestFactors) -> pd.DataFrame:
    """Return the curve of each row's group; NaN for groups without one."""
    found = factors.curves.reindex(groups.map(factors.groups["growth"])).set_axis(groups.index)
    names = {
        "limit_tc_per_ha": "limit",
        "limit_low_tc_per_ha": "low",
        "limit_high_tc_per_ha": "high",
        "rate_per_year": "rate",
        "shape_ratio": "shape",
    }
    return found[list(names)].rename(columns=names).astype(float)


def with_schedule(cohorts: pd.DataFrame, factors: ForestFactors) -> Schedule:
    """Give every cohort its curve, its scale on it and its cuts."""
    numbered = cohorts.reset_index(drop=True)
    rows = _split_overdue(numbered.assign(cohort=numbered.index), factors)
    curves = curves_of(rows["group"], factors)
    scale, age = _fitted(rows, curves)
    held = (rows["live_tc"] / rows["area_ha"].where(rows["area_ha"] > 0)).fillna(0.0)
    without = curves["limit"].isna()
    return Schedule(
        cohort=rows["cohort"].to_numpy(),
        area_ha=rows["area_ha"].to_numpy(dtype=float),
        limit=(curves["limit"] * scale).where(~without, held).to_numpy(),
        limit_replanted=(curves["limit"] * scale).clip(upper=curves["high"]).to_numpy(),
        rate=curves["rate"].fillna(1.0).to_numpy(),
        shape=curves["shape"].fillna(1.0).to_numpy(),
        curve_age=age.where(~without, np.inf).to_numpy(),
        first_cut=rows["first_cut"].to_numpy(),
        rotation=rows["rotation"].to_numpy(),
    )


def _split_overdue(cohorts: pd.DataFrame, factors: ForestFactors) -> pd.DataFrame:
    """Give every cohort its first cut, and share those past their rotation among years."""
    rotation = cohorts["group"].map(factors.rotations).fillna(_NEVER).astype(int)
    left = (rotation - cohorts["age_years"].round()).astype(int)
    rows = cohorts.assign(rotation=rotation, first_cut=left.clip(lower=1))
    overdue = left < 1
    if not overdue.any():
        return rows
    parts = int(factors.number("overdue_cut_years"))
    shared = rows[overdue].assign(area_ha=rows["area_ha"] / parts, live_tc=rows["live_tc"] / parts)
    split = [shared.assign(first_cut=year) for year in range(1, parts + 1)]
    return pd.concat([rows[~overdue], *split], ignore_index=True)


def _fitted(rows: pd.DataFrame, curves: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return scale and age with which the curve gives the carbon of the inventory.

    The age is the stand's own as long as the scale lies within the limits of the curve.
    """
    curve = [curves[name] for name in ("limit", "rate", "shape")]
    expected = pd.Series(curve_stock(rows["age_years"], *curve), rows.index)
    held = rows["live_tc"] / rows["area_ha"].where(rows["area_ha"] > 0)
    ratio = (held / expected.where(expected > 0)).mask((expected == 0) & (held > 0), np.inf)
    scale = ratio.clip(curves["low"] / curves["limit"], curves["high"] / curves["limit"])
    at = pd.Series(curve_age(held / scale, *curve), rows.index)
    own = ratio.isna() | (scale == ratio)
    full = held / curves["limit"]
    above = full > scale
    return scale.mask(above, full).fillna(1.0), rows["age_years"].where(own, at)
