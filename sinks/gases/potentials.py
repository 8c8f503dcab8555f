"""Global warming potentials: tonnes of CO2 that warm as much as a tonne of another gas.

A set of potentials is a choice, not an error: it is named in every result and never drawn
at random. CO2 counts 1 in every set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sinks.errors import InputRefused
from sinks.units import CO2_PER_C

_T_PER_KG = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmingPotentials:
    """Potentials of methane and nitrous oxide over a horizon, relative to CO2.

    ``name`` is the key of the set (``AR5``), ``zh`` and ``en`` what people read,
    ``citation`` the publication.

    Raises
    ------
    InputRefused
        ``Y06`` if a potential is not a positive number.

    Examples
    --------
    >>> ar5 = WarmingPotentials(name="AR5", ch4=28, n2o=265, years=100)
    >>> ar5.tco2e("ch4", 1000.0), ar5.tco2e("n2o", 1000.0), ar5.tco2e("co2", 12.0)
    (28.0, 265.0, 44.0)
    """

    name: str
    ch4: float
    n2o: float
    years: int
    zh: str = ""
    en: str = ""
    citation: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite([self.ch4, self.n2o]).all() and min(self.ch4, self.n2o) > 0):
            raise InputRefused.because(
                "Y06", found=f"{self.name}: CH4 {self.ch4}, N2O {self.n2o}", known=["> 0"]
            )

    def factor(self, gas: str) -> float:
        """Return the tCO2e of one unit of a gas as rates count it.

        ``co2`` is counted in tonnes of carbon, ``ch4`` and ``n2o`` in kilograms of gas.

        Raises
        ------
        LookupError
            For another gas: a slip of the program.
        """
        factors = {"co2": CO2_PER_C, "ch4": self.ch4 * _T_PER_KG, "n2o": self.n2o * _T_PER_KG}
        return factors[gas]

    def tco2e(self, gas: str, amount: float) -> float:
        """Convert tC (``co2``), kg CH4 (``ch4``) or kg N2O (``n2o``) to tCO2e."""
        return amount * self.factor(gas)
