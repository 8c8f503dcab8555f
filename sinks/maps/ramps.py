"""Colours for numbers: one hue ramp for densities, two around zero for change and balance.

The change ramp is ColorBrewer's PuOr (Brewer et al. 2003), which the colour-blind can read
and which says neither good nor bad as red and green would; that of the balance is its BrBG,
sources brown and sinks teal. Steps of probability are its YlOrBr, the doubtful dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from sinks.maps.inert import Words

# viridis from light to dark, so that little carbon is pale on paper
_DENSITY = ("#f4ec9d", "#c2df4a", "#6ccd5a", "#2db27d", "#21918c", "#31688e", "#443983", "#440154")
_CHANGE = (
    "#7f3b08", "#b35806", "#e08214", "#fdb863", "#fee0b6", "#f4f4f2",
    "#d8daeb", "#b2abd2", "#8073ac", "#542788", "#2d004b",
)  # fmt: skip
_BALANCE = (
    "#543005", "#8c510a", "#bf812d", "#dfc27d", "#f6e8c3", "#f5f5f5",
    "#c7eae5", "#80cdc1", "#35978f", "#01665e", "#003c30",
)  # fmt: skip
PROBABILITY = ("#8c2d04", "#cc4c02", "#ec7014", "#fe9929", "#fec44f", "#fee391", "#ffffd4")
_STEPS = (1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """Colours at values, what is between them mixed; ``ticks`` are written beside them."""

    stops: tuple[tuple[float, str], ...]
    ticks: tuple[float, ...]
    unit: Words


def density_ramp(values: Iterable[float], *, unit: Words) -> Ramp:
    """Return a ramp from zero to the largest of ``values``, rounded up to a tick."""
    largest = max((v for v in values if isfinite(v)), default=0.0)
    step = _step(largest / 4)
    ticks = tuple(step * i for i in range(max(2, ceil(largest / step - 1e-9) + 1)))
    return Ramp(stops=_spread(_DENSITY, 0.0, ticks[-1]), ticks=ticks, unit=unit)


def change_ramp(values: Iterable[float], *, unit: Words) -> Ramp:
    """Return a ramp as far below zero as above, up to the largest of ``values``."""
    return _around_zero(_CHANGE, values, unit)


def balance_ramp(values: Iterable[float], *, unit: Words) -> Ramp:
    """Return the ramp of net sinks: as far below zero, where land is a source, as above."""
    return _around_zero(_BALANCE, values, unit)


def _around_zero(colours: tuple[str, ...], values: Iterable[float], unit: Words) -> Ramp:
    step = _step(max((abs(v) for v in values if isfinite(v)), default=0.0) / 2)
    ticks = tuple(step * i for i in range(-2, 3))
    return Ramp(stops=_spread(colours, ticks[0], ticks[-1]), ticks=ticks, unit=unit)


def _step(least: float) -> float:
    """Return a distance between ticks that is easy to read and not below ``least``.

    >>> _step(35.5), _step(65.0), _step(0.0)
    (40.0, 80.0, 1.0)
    """
    if least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(n * power for n in _STEPS if n * power >= least * (1 - 1e-9))


def _spread(colours: tuple[str, ...], low: float, high: float) -> tuple[tuple[float, str], ...]:
    step = (high - low) / (len(colours) - 1)
    return tuple((low + i * step, colour) for i, colour in enumerate(colours))
