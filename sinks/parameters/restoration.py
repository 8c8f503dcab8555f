"""Parameters of restoration: how fast things come about, what they cost, which baselines."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.gases.factors import Factors
from sinks.parameters.tables import TableForm, shipped
from sinks.restoration.impact.scenario import AS_IS, Baseline

_TABLE = "restoration_factors.csv"
_FORM = TableForm(
    key=("factor", "level"),
    text=("unit",),
    quantities=("value_in_unit",),
    optional=("grade", "anchors", "basis"),
)
_KEPT = ("PND", "LAK")  # classes on which animals are kept


@cache
def restoration_table() -> pd.DataFrame:
    """Return the table behind :func:`restoration_factors`, index ``(factor, level)``."""
    return shipped(_TABLE, _FORM).set_index(["factor", "level"])


@cache
def restoration_factors() -> Factors:
    """Return the factors of restoration.

    >>> restoration_factors().get("vegetation_approach", "default").middle
    0.5
    """
    return Factors(frame=restoration_table(), table=_TABLE)


def horizon_years() -> tuple[int, ...]:
    """Return the years for which what has added up is told.

    >>> horizon_years()
    (2030, 2040, 2060)
    """
    levels = restoration_factors().levels("horizon")
    return tuple(int(restoration_factors().get("horizon", level).middle) for level in levels)


def baselines() -> dict[str, Baseline]:
    """Return the baselines that are told side by side: by key, as the land is first.

    What a pond or a lake under culture has been is not seen on a map. ``enclosure`` and
    ``crab`` say which culture went on there, ``paddy`` that the land was paddy.

    >>> list(baselines())
    ['as_is', 'enclosure', 'crab', 'paddy']
    """
    crop = {"PAD": {"rice_wheat": 1.0}}
    return {
        AS_IS: Baseline(id=AS_IS, name=f"baseline.{AS_IS}"),
        "enclosure": _culture("enclosure", "pond_enclosure"),
        "crab": _culture("crab", "pond_crab"),
        "paddy": Baseline(
            id="paddy", name="baseline.paddy", classes=dict.fromkeys(_KEPT, "PAD"), uses=crop
        ),
    }


def _culture(key: str, use: str) -> Baseline:
    uses = {land_cover: {use: 1.0} for land_cover in _KEPT}
    return Baseline(id=key, name=f"baseline.{key}", uses=uses)
