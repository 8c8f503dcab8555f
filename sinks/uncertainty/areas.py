r"""Areas with the error of the map that they were taken from, drawn once for all zones.

A probability sample tells for each stratum *h* of the map which share :math:`p_{hj}` of it is
class *j* on the ground. A zone with :math:`M_{zh}` hectares of stratum *h* then has

.. math:: A_{zj} = \sum_h M_{zh}\, p_{hj}

so that it is enough to draw the shares: every zone takes the same draw of them, zones that
make up the district add up to it in every draw, and the covariance of areas follows by
itself. Without a sample the strata are the map classes and each is what it says.

References: Olofsson et al. 2014, eq. 9; Stehman 2014, eqs. 3 and 26 (shares and covariance).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledShares:
    """What a sample says of the strata of a map.

    ``shares`` has a row per stratum and a column per ``(date, class)``; ``covariance`` holds
    for each stratum the covariance of its row.
    """

    shares: pd.DataFrame
    covariance: Mapping[str, pd.DataFrame]

    def at(self, date: int) -> pd.DataFrame:
        """Return the shares at one date: strata by classes."""
        return pd.DataFrame(self.shares.xs(date, axis="columns", level="date"))

    def with_mapped(self, beyond: Mapping[str, tuple[str, ...]]) -> SampledShares:
        """Add strata that no sample judges: each is what the map shows at every date."""
        pairs = self.shares.columns
        dates, keys = (pairs.get_level_values(level) for level in ("date", "land_cover"))
        rows = {
            name: [float(shown[int(date)] == key) for date, key in zip(dates, keys, strict=True)]
            for name, shown in beyond.items()
        }
        added = pd.DataFrame.from_dict(rows, orient="index", columns=pairs)
        none = pd.DataFrame(0.0, index=pairs, columns=pairs)
        return SampledShares(
            shares=pd.concat([self.shares, added]) if rows else self.shares,
            covariance={**self.covariance, **dict.fromkeys(rows, none)},
        )


def mapped_shares(classes: pd.Index) -> pd.DataFrame:
    """Return the shares of a map that is taken at its word: each class is itself."""
    return pd.DataFrame(np.eye(len(classes)), index=classes, columns=classes)


def drawn_shares(sampled: SampledShares, draws: Draws, name: str) -> Floats:
    """Draw the shares of every stratum, shape ``(strata, dates x classes, draws)``.

    Shares are normal with the covariance that the sample gives; a rare class may fall below
    nothing in single draws, which keeps its mean unbiased.
    """
    shares = sampled.shares.to_numpy(dtype=float)
    drawn = np.repeat(shares[:, :, np.newaxis], draws.count, axis=2)
    for place, stratum in enumerate(sampled.shares.index):
        covariance = sampled.covariance[str(stratum)].to_numpy()
        spread, axes = np.linalg.eigh((covariance + covariance.T) / 2)
        kept = spread > 1e-12 * max(float(spread.max(initial=0.0)), 1e-300)
        if kept.any():
            normal = draws.normal(f"map/{name}/{stratum}", int(kept.sum()))
            drawn[place] += (axes[:, kept] * np.sqrt(spread[kept])) @ normal
    return drawn


def area_se(sampled: SampledShares, strata_ha: pd.DataFrame, date: int) -> pd.DataFrame:
    """Return the standard error of the area of each class: zones by classes, hectares."""
    at = sampled.shares.columns.get_level_values("date") == date
    variances = np.array(
        [np.diag(sampled.covariance[str(name)].to_numpy())[at] for name in sampled.shares.index]
    )
    classes = sampled.shares.columns[at].get_level_values("land_cover")
    ordered = strata_ha[sampled.shares.index].to_numpy()
    se_ha = np.sqrt((ordered**2) @ variances.clip(min=0))
    return pd.DataFrame(se_ha, index=strata_ha.index, columns=classes)
