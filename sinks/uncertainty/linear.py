r"""Results that are sums of area times parameter, with draws of both: the whole engine.

.. math:: R_z = \sum_h M_{zh} \sum_j p_{hj} \sum_i w_{ji}\,\theta_i + \sum_i f_{zi}\,\theta_i

``w`` says what a hectare of class *j* is worth per unit of parameter *i*; ``f`` holds what
does not depend on the map (stands of a register, a reservoir of known area). Stocks, fluxes
and their changes are of this form, so that ten thousand draws of all zones are two products
of small matrices and never touch a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InvariantViolated
from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearResult:
    """What a result is made of.

    ``strata_ha``: zones by strata, hectares. ``shares``: strata by classes, the mean share of
    each class. ``per_ha``: classes by parameters. ``fixed``: zones by parameters. No number
    may be blank.

    Raises
    ------
    InvariantViolated
        ``I40`` if one is.
    """

    strata_ha: pd.DataFrame
    shares: pd.DataFrame
    per_ha: pd.DataFrame
    fixed: pd.DataFrame

    def __post_init__(self) -> None:
        parts = {"strata_ha": self.strata_ha, "per_ha": self.per_ha, "fixed": self.fixed}
        if blank := [name for name, part in parts.items() if part.isna().any(axis=None)]:
            raise InvariantViolated.because("I40", faults=blank)

    @property
    def areas_ha(self) -> pd.DataFrame:
        """Mean areas: zones by classes."""
        return self.strata_ha @ self.shares

    def coefficients(self) -> pd.DataFrame:
        """Return zones by parameters: what a zone gains per unit of each, at mean areas."""
        through_classes = self.areas_ha @ self.per_ha
        return through_classes.add(self.fixed, fill_value=0.0).fillna(0.0)

    def mean(self, parameters: pd.DataFrame) -> pd.Series:
        """Return the result of every zone at the means of all parameters and shares."""
        coefficients = self.coefficients()
        means = parameters["value"].reindex(coefficients.columns).to_numpy()
        return pd.Series(coefficients.to_numpy() @ means, index=coefficients.index)

    def drawn(self, draws: Draws, shares: Floats | None = None) -> Floats:
        """Return draws of the result, shape ``(zones, draws)``.

        ``shares`` are draws of the shares, shape ``(strata, classes, draws)``; without them
        the areas are taken as exact.
        """
        keys = draws.parameters.index
        through = self.per_ha.reindex(columns=keys, fill_value=0.0).to_numpy()
        per_ha = through @ draws.drawn
        fixed = self.fixed.reindex(
            index=self.strata_ha.index, columns=keys, fill_value=0.0
        ).fillna(0.0)
        if shares is None:
            areas = self.areas_ha[self.per_ha.index].to_numpy()
            return np.asarray(areas @ per_ha + fixed.to_numpy() @ draws.drawn)
        of_strata = np.einsum("hjd,jd->hd", shares, per_ha)
        return np.asarray(self.strata_ha.to_numpy() @ of_strata + fixed.to_numpy() @ draws.drawn)

    def moved_by_map(self, parameters: pd.DataFrame, shares: Floats) -> Floats:
        """Return draws with all parameters at their means: what the error of the map does."""
        means = parameters["value"].reindex(self.per_ha.columns).to_numpy()
        per_ha = self.per_ha.to_numpy() @ means
        of_strata = np.einsum("hjd,j->hd", shares, per_ha)
        return np.asarray(self.strata_ha.to_numpy() @ of_strata)
