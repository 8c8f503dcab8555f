"""Draws of parameters: seeded by name, so that one parameter is drawn once for everything.

A parameter has the same draws in every zone, at every date and in every table, whatever else
is drawn beside it: its stream of random numbers follows from the seed and its own key. Draws
are stratified (one in each of ``count`` equal parts of the law, in random order), so that
their mean is the mean of the law to within a few parts in ten thousand of its error.

References: McKay, Beckman & Conover 1979, Technometrics 21: 239-245 (stratified draws).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd

from sinks.errors import InvariantViolated
from sinks.uncertainty.laws import QUANTITIES, Floats, quantiles

LEAST = 1000  # fewer draws give intervals that differ from seed to seed


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """Draws of parameters: ``drawn`` has a row per key of ``parameters``.

    ``parameters`` has the index ``parameter`` (its key) and the columns ``value``, ``low``,
    ``high`` of :mod:`sinks.uncertainty.laws`, and ``stream``: parameters of one stream move
    together, each along its own law.
    """

    parameters: pd.DataFrame
    drawn: Floats
    seed: int

    @property
    def count(self) -> int:
        """How many draws there are."""
        return int(self.drawn.shape[1])

    def normal(self, key: str, size: int) -> Floats:
        """Return standard normal draws of their own, shape ``(size, count)``, stratified."""
        return quantiles_of_normal(self.seed, key, size, self.count)


def draw(parameters: pd.DataFrame, *, seed: int, count: int = 10_000) -> Draws:
    """Draw every parameter from its law.

    Parameters
    ----------
    parameters
        As in :class:`Draws`; without ``stream`` each parameter is a stream of its own.

    Raises
    ------
    InvariantViolated
        ``I40`` if a key comes twice, a number is not finite, a range does not hold its mean,
        or there are fewer than 1,000 draws.
    """
    _require_sound(parameters, count)
    if "stream" not in parameters:
        parameters = parameters.assign(stream=parameters.index)
    uniform = {str(key): _uniform(seed, str(key), count) for key in parameters["stream"].unique()}
    rows = [uniform[str(key)] for key in parameters["stream"]]
    probabilities = np.array(rows).reshape(len(rows), count)
    return Draws(parameters=parameters, drawn=quantiles(parameters, probabilities), seed=seed)


def parameter_table(rows: Sequence[tuple[str, float, float, float]]) -> pd.DataFrame:
    """Return parameters of ``(key, value, low, high)``, each a stream of its own."""
    frame = pd.DataFrame(list(rows), columns=["parameter", *QUANTITIES]).set_index("parameter")
    return frame.astype(float).assign(stream=frame.index)


def quantiles_of_normal(seed: int, key: str, size: int, count: int) -> Floats:
    """Return stratified standard normal draws that follow from ``seed`` and ``key``."""
    rows = [_uniform(seed, f"{key}#{row}", count) for row in range(size)]
    unit = parameter_table([("unit", 0.0, -1.959964, 1.959964)])
    table = unit.loc[["unit"] * size]
    return quantiles(table, np.array(rows).reshape(size, count))


def _uniform(seed: int, key: str, count: int) -> Floats:
    digest = sha256(f"{seed}:{key}".encode()).digest()
    stream = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
    uniform: Floats = (stream.permutation(count) + stream.random(count)) / count
    return np.clip(uniform, 1e-12, 1 - 1e-12)


def _require_sound(parameters: pd.DataFrame, count: int) -> None:
    numbers = parameters[list(QUANTITIES)].to_numpy(dtype=float)
    value, low, high = numbers.T
    sound = np.isfinite(numbers).all(axis=1) & (low <= value) & (value <= high)
    faults = [str(key) for key in parameters.index[~sound]]
    faults += [f"{key} x2" for key in parameters.index[parameters.index.duplicated()]]
    faults += [f"{count} draws < {LEAST}"] if count < LEAST else []
    if faults:
        raise InvariantViolated.because("I40", faults=faults)
