"""What draws of a result come to: error, interval, sign, and what moves it most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats

Z_90 = 1.644854  # a change beyond so many standard errors is told from none, two-sided at 90 %
MAP = "map"  # key of the contribution of the error of the map


def summarised(drawn: Floats, mean: pd.Series, *, name: str, unit: str) -> pd.DataFrame:
    """Return mean, standard error and 95 % interval of every row of draws.

    Parameters
    ----------
    drawn
        Shape ``(rows, draws)``.
    mean
        The closed-form mean of each row; its index is kept.

    Examples
    --------
    >>> drawn = np.array([np.linspace(0, 10, 1001)])
    >>> summarised(drawn, pd.Series([5.0]), name="stock", unit="tc").round(2).iloc[0].to_dict()
    {'stock_tc': 5.0, 'stock_se_tc': 2.89, 'stock_low_tc': 0.25, 'stock_high_tc': 9.75}
    """
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    return pd.DataFrame(
        {
            f"{name}_{unit}": mean,
            f"{name}_se_{unit}": drawn.std(axis=1),
            f"{name}_low_{unit}": low,
            f"{name}_high_{unit}": high,
        },
        index=mean.index,
    )


def closed_form_se(coefficients: pd.DataFrame, draws: Draws) -> pd.Series:
    """Return the standard error of sums of parameters without drawing any of them.

    Parameters of one stream add up plainly, streams in quadrature (IPCC 2006 Guidelines,
    vol. 1 ch. 3, eq. 3.2). ``coefficients`` are rows by parameters.
    """
    keys = draws.parameters.index
    spread = coefficients.reindex(columns=keys, fill_value=0.0) * draws.drawn.std(axis=1)
    streams = spread.T.groupby(draws.parameters["stream"].to_numpy(dtype=object)).sum()
    return pd.Series((streams**2).sum(axis=0) ** 0.5, index=coefficients.index)


def probability_positive(drawn: Floats) -> Floats:
    """Return the share of draws above nothing, by row."""
    return np.asarray((drawn > 0).mean(axis=1))


def contributions(
    drawn: Floats, draws: Draws, coefficients: pd.DataFrame, *, moved_by_map: Floats | None = None
) -> pd.DataFrame:
    """Return what moves each result: squared rank correlation with every stream of parameters.

    Parameters
    ----------
    drawn
        Results, shape ``(rows, draws)``, rows as in ``coefficients``.
    coefficients
        Rows by parameters; parameters with the coefficient 0 do not enter.
    moved_by_map
        Draws that only the error of the map moves; the key :data:`MAP` is given to them.

    Returns
    -------
    pandas.DataFrame
        Index of ``coefficients`` and ``rank`` (1 is the largest); ``parameter`` (its stream),
        ``contribution_pct`` (100 x squared rank correlation, scaled to add up to 100 over all
        streams of the row), the largest five.
    """
    used = coefficients.reindex(columns=draws.parameters.index, fill_value=0.0).fillna(0.0)
    varies = (draws.drawn.std(axis=1) > 0) & (used != 0).any(axis=0).to_numpy()
    streams = draws.parameters["stream"].to_numpy(dtype=object)[varies]
    enters = (used.loc[:, varies] != 0).T.groupby(streams, sort=False).any().T
    first = pd.Series(np.flatnonzero(varies)).groupby(streams, sort=False).first()
    ranks = _ranks(draws.drawn[first.loc[enters.columns].to_numpy()])
    results = _ranks(drawn)
    squared = (results @ ranks.T / draws.count) ** 2
    shares = pd.DataFrame(squared, index=coefficients.index, columns=enters.columns).where(
        enters, 0.0
    )
    if moved_by_map is not None:
        alone = _ranks(moved_by_map)
        shares[MAP] = ((results * alone).sum(axis=1) / draws.count) ** 2
    return _largest(shares)


def _largest(shares: pd.DataFrame, most: int = 5) -> pd.DataFrame:
    total = shares.sum(axis=1)
    pct = 100 * shares.div(total.where(total > 0), axis=0).fillna(0.0)
    order = np.argsort(-pct.to_numpy(), axis=1, kind="stable")[:, :most]
    values = np.take_along_axis(pct.to_numpy(), order, axis=1)
    ranks = pd.Index(range(1, order.shape[1] + 1), name="rank")
    index = pd.MultiIndex.from_product([shares.index, ranks], names=[shares.index.name, "rank"])
    named = pd.DataFrame(
        {
            "parameter": shares.columns.to_numpy(dtype=object)[order].ravel(),
            "contribution_pct": values.ravel(),
        },
        index=index,
    )
    return named[named["contribution_pct"] > 0]


def _ranks(values: Floats) -> Floats:
    """Return ranks of each row, with mean 0 and variance 1; a row without spread gives zeros."""
    order = np.argsort(np.argsort(values, axis=1), axis=1).astype(float)
    order[values.std(axis=1) == 0] = 0.0
    order -= order.mean(axis=1, keepdims=True)
    spread = order.std(axis=1, keepdims=True)
    scaled: Floats = np.divide(order, spread, out=np.zeros_like(order), where=spread > 0)
    return scaled
