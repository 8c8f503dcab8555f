"""How hard ground is to cross: a number for each class, 1 for the easiest.

The numbers are the caller's, each with a range; the ground next to built-up areas may be
harder than its class says. Ground that is not known cannot be crossed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from sinks.errors import InputRefused
from sinks.restoration.network.lattice import Lattice, Mask, Numbers, refuse_unless_positive

Bound = Literal["resistance", "low", "high"]

EASIEST = 1.0


@dataclass(frozen=True, kw_only=True)
class Resistances:
    """Resistance by class, with its range.

    ``table`` has the index ``land_cover`` (class keys) and the columns ``resistance``, ``low``
    and ``high``, all at least 1.

    Raises
    ------
    InputRefused
        ``N33`` if a number lies below 1 or outside its range, or a class comes twice.
    """

    table: pd.DataFrame

    def __post_init__(self) -> None:
        low, middle, high = (self.table[name] for name in ("low", "resistance", "high"))
        right = (low >= EASIEST) & (low <= middle) & (middle <= high) & (high < np.inf)
        wrong = right.index[~right | right.index.duplicated()]
        if len(wrong):
            raise InputRefused.because("N33", classes=[str(key) for key in wrong])


@dataclass(frozen=True, kw_only=True)
class BuiltUpShadow:
    """Ground within ``reach_m`` of built-up areas is harder: by ``factor`` at the border.

    Raises
    ------
    InputRefused
        ``N30`` if the reach is not above nought, ``N33`` if the factor lies below 1.
    """

    reach_m: float
    factor: float

    def __post_init__(self) -> None:
        refuse_unless_positive(reach_m=self.reach_m)
        if not EASIEST <= self.factor < np.inf:
            raise InputRefused.because("N33", classes=[f"factor = {self.factor:g}"])


def resistance_of(
    codes: NDArray[np.uint8],
    keys: Mapping[int, str],
    resistances: Resistances,
    *,
    bound: Bound = "resistance",
) -> Numbers:
    """Return the resistance of every pixel by its class; inf where there is no class (code 0).

    Parameters
    ----------
    keys
        Class key by code.
    bound
        Which column of the table is used; ``low`` and ``high`` tell what the range does.

    Raises
    ------
    InputRefused
        ``N34`` if a class occurs without a resistance.
    """
    told = {str(key): float(value) for key, value in resistances.table[bound].items()}
    by_code = np.full(256, np.inf)
    missing = []
    for code in np.flatnonzero(np.bincount(codes.ravel(), minlength=256)):
        if code == 0:
            continue
        key = keys.get(int(code), str(code))
        if key in told:
            by_code[code] = told[key]
        else:
            missing.append(key)
    if missing:
        raise InputRefused.because("N34", classes=missing)
    return np.asarray(by_code[codes])


def shadowed(
    resistance: Numbers, built_up: Mask, lattice: Lattice, shadow: BuiltUpShadow
) -> Numbers:
    """Return resistance with the shadow of built-up areas.

    At distance d (straight line between middles of pixels) resistance grows by the factor
    1 + (factor - 1) (1 - d / reach), inside the reach; built-up ground itself stays as it is.
    """
    if not built_up.any():
        return resistance
    distance_m = ndimage.distance_transform_edt(~built_up) * lattice.size_m
    nearness = np.clip(1 - distance_m / shadow.reach_m, 0, None)
    nearness[built_up] = 0
    return np.asarray(resistance * (1 + (shadow.factor - 1) * nearness))
