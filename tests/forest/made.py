"""Made-up inventories for tests of forest stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.forest.stands import MEASURES, Stands
from sinks.parameters.forest import forest_factors

FACTORS = forest_factors()


def stands(*rows: dict[str, object]) -> Stands:
    """Make stands of one hectare from what was measured; the kind is that of the group."""
    blank = dict.fromkeys(MEASURES, np.nan) | {"area_ha": 1.0}
    frame = pd.DataFrame([{**blank, **row} for row in rows])
    frame["kind"] = frame["group"].map(FACTORS.groups["kind"])
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="stand")
    frame[list(MEASURES)] = frame[list(MEASURES)].astype(float)
    return Stands(frame=frame, limits=FACTORS.limits, file="小班.shp")


def cohorts(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    """Make cohorts: zone, group, age, hectares, living carbon."""
    columns = ["zone", "group", "age_years", "area_ha", "live_tc"]
    return pd.DataFrame(list(rows), columns=columns)
