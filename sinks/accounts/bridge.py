"""From the yearly account (GEP) to the monetary supply of SEEA EA, one difference at a time.

Both look at the same services and differ in what they count. Each difference stands in a row of
its own, so that a reader of either figure can go over to the other; what is left unexplained is
a mistake and no row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sinks.errors import InputRefused, InvariantViolated

GEP, SEEA = "gep", "seea"
ROW = ["year", "zone", "step"]
_SLACK = 1e-6  # relative, plus a fen: money is rounded on its way
_SLACK_YUAN = 0.01


def bridge(
    steps: Sequence[tuple[str, pd.Series]], supply_yuan: pd.Series, names: pd.DataFrame
) -> pd.DataFrame:
    """Put the differences between both accounts in a row, and check that they explain it all.

    Parameters
    ----------
    steps
        Key and yuan of each step by ``(year, zone)``: ``gep`` first, then differences with
        their sign; a place that a difference does not name has none of it.
    supply_yuan
        Monetary supply of SEEA EA, by ``(year, zone)``.
    names
        Index ``step``; ``name_zh``, ``name_en``.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone, step)``; ``order`` from 0, ``name_zh``, ``name_en``,
        ``value_yuan``, ``cumulative_yuan``. The last step, ``seea``, is the supply itself.

    Raises
    ------
    InputRefused
        ``S83`` for a step without a name.
    InvariantViolated
        ``I82`` if the first step is not ``gep``, a step comes twice, or what they come to is
        not the supply.

    Examples
    --------
    >>> from sinks.parameters.accounts_seea import bridge_steps
    >>> district = pd.MultiIndex.from_tuples([(2025, "d")], names=["year", "zone"])
    >>> gep, oxygen = (pd.Series([yuan], index=district) for yuan in (100.0, -20.0))
    >>> table = bridge([("gep", gep), ("not_exchange", oxygen)], gep + oxygen, bridge_steps())
    >>> table["cumulative_yuan"].tolist()
    [100.0, 80.0, 80.0]
    """
    keys = _keys(steps, names)
    parts = [yuan for _, yuan in steps]
    places = pd.MultiIndex.from_tuples(
        dict.fromkeys(place for part in (*parts, supply_yuan) for place in part.index),
        names=ROW[:2],
    )
    values = pd.DataFrame({key: yuan.reindex(places, fill_value=0.0) for key, yuan in steps})
    supply = supply_yuan.reindex(places, fill_value=0.0)
    _require_explained(values, supply)
    order = [*keys, SEEA]
    table = pd.DataFrame(
        {
            "order": np.tile(np.arange(len(order)), len(places)),
            "name_zh": np.tile(names.loc[order, "name_zh"].to_numpy(), len(places)),
            "name_en": np.tile(names.loc[order, "name_en"].to_numpy(), len(places)),
            **{
                column: frame.assign(**{SEEA: supply})[order].to_numpy().ravel()
                for column, frame in (
                    ("value_yuan", values),
                    ("cumulative_yuan", values.cumsum(axis="columns")),
                )
            },
        }
    )
    rows = [(*place, key) for place in places for key in order]
    return table.set_axis(pd.MultiIndex.from_tuples(rows, names=ROW))


def _keys(steps: Sequence[tuple[str, pd.Series]], names: pd.DataFrame) -> list[str]:
    """Return the keys of the steps, if their order holds and each has a name."""
    keys = [key for key, _ in steps]
    if keys[:1] != [GEP] or len({*keys, SEEA}) <= len(keys):
        law = {"zh": "衔接步骤的次序不对", "en": "steps are out of order or come twice"}
        raise InvariantViolated.because("I82", law=law, rows=keys, count=len(keys))
    if missing := sorted({*keys, SEEA} - set(names.index)):
        raise InputRefused.because("S83", table="bridge_steps.csv", missing=missing)
    return keys


def _require_explained(values: pd.DataFrame, supply: pd.Series) -> None:
    rest = (values.sum(axis="columns", skipna=False) - supply).abs()
    kept = rest <= _SLACK * values.abs().sum(axis="columns") + _SLACK_YUAN
    if not kept.all():
        law = {"zh": "各步之和不等于 SEEA 供给", "en": "steps do not come to the supply of SEEA"}
        rows = [" ".join(map(str, place)) for place in kept.index[~kept]]
        raise InvariantViolated.because("I82", law=law, rows=rows[:10], count=len(rows))
