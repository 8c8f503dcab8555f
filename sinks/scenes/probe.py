"""A look at some pixels of an image: enough to see that no data or the scale was forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray

from sinks.blocks import windows
from sinks.errors import Finding
from sinks.grid import Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.roles import THERMAL
from sinks.pixels.blocks import RawPixels

_SPOTS, _SIDE = 3, 256  # so many places down and across, so many pixels each way
_LOW, _HIGH = -0.3, 2.0  # no surface reflects less or more, errors of correction included
_ODD_PCT = 0.1  # glints and broken pixels are fewer
_DARK, _TINY = 0.1, 0.002
_ROWS = 1024
_USUAL_FILLS = (0, -1, -99, -999, -9999, 255, 65535)


class BandValues(NamedTuple):
    """What the sample shows of one band, in reflectance; NaN without a valid pixel."""

    impossible_pct: float
    example: float
    dark: float  # 1st percentile
    bright: float  # 99th percentile
    scale: float
    offset: float

    def question(self, role: str, *, file: str, whole: bool) -> Finding | None:
        """Return ``B07`` if the values cannot be reflectance, or are ``whole`` numbers.

        ``B30`` if only some of them cannot be: they are probably no data too.
        """
        if role in THERMAL or not (whole or self.impossible_pct > _ODD_PCT):
            return None
        facts = {
            "role": role,
            "scale": self.scale,
            "offset": self.offset,
            "percent": round(self.impossible_pct, 1),
            "example": self.example,
        }
        code = "B07" if whole or self.impossible_pct > 50 else "B30"
        return Finding(code=code, file=file, place=role, facts=facts)


def sample(raw: RawPixels, bands: Sequence[int]) -> NDArray[Any]:
    """Return the values of pixels in nine places, corners among them: ``(bands, pixels)``."""
    with rasterio.Env():
        parts = [raw.read(spot, bands).reshape(len(bands), -1) for spot in spots(raw.shape)]
    return np.concatenate(parts, axis=1)


def spots(shape: tuple[int, int]) -> list[Window]:
    """Return up to nine windows spread over a raster, each at most 256 pixels wide."""
    high, wide = (min(side, _SIDE) for side in shape)
    rows = sorted({round(at) for at in np.linspace(0, shape[0] - high, _SPOTS)})
    cols = sorted({round(at) for at in np.linspace(0, shape[1] - wide, _SPOTS)})
    return [Window(row, col, high, wide) for row in rows for col in cols]


def no_data_question(raw: NDArray[Any], *, file: str) -> Finding:
    """Return ``B10``: which of the values that often mean no data occur, and how often."""
    usual = {float(value) for value in _USUAL_FILLS}
    if raw.dtype.kind in "iu":
        usual |= {float(np.iinfo(raw.dtype).min), float(np.iinfo(raw.dtype).max)}
    shares = {value: 100 * float((raw == value).mean()) for value in sorted(usual)}
    if raw.dtype.kind == "f":
        shares[np.nan] = 100 * float(np.isnan(raw).mean())
    suspects = [f"{v:g} ({pct:.3g} %)" for v, pct in shares.items() if pct or v == 0]
    return Finding(code="B10", file=file, place="nodata", facts={"values": suspects})


def band_values(
    raw: NDArray[Any], scaled: NDArray[np.float32], *, scaling: tuple[float, float]
) -> BandValues:
    """Describe a band by its sample, as it stands in the file and as reflectance."""
    clear = np.isfinite(scaled)
    values = scaled[clear]
    if not len(values):
        return BandValues(0.0, np.nan, np.nan, np.nan, *scaling)
    impossible = (values < _LOW) | (values > _HIGH)
    example = raw[clear][impossible][0] if impossible.any() else raw[clear][0]
    dark, bright = (float(v) for v in np.percentile(values, [1, 99]))
    return BandValues(100 * float(impossible.mean()), float(example), dark, bright, *scaling)


def brightness_findings(values: dict[str, BandValues], *, file: str) -> list[Finding]:
    """Judge all bands together: ``B09`` if all are tiny, ``B29`` if nothing is dark."""
    seen = [v for role, v in values.items() if role not in THERMAL and not np.isnan(v.dark)]
    if not seen:
        return []
    scale = seen[0].scale
    if scale != 1 and all(-_TINY < v.bright < _TINY for v in seen):
        return [
            Finding(code="B09", file=file, place="scale", facts={"high": _TINY, "scale": scale})
        ]
    if len(seen) > 1 and all(v.dark >= _DARK and not v.offset for v in seen):
        return [Finding(code="B29", file=file, place="offset", facts={"low": _DARK})]
    return []


def has_data(blocks: FeatureBlocks) -> bool:
    """Whether some pixel has all features; looks no further than the first."""
    return any(bool(np.isfinite(values).all(axis=0).any()) for values in _looks(blocks))


def _looks(blocks: FeatureBlocks) -> Iterable[Features]:
    """Read the sample's windows, and then, should they be empty, all of them."""
    for window in (*spots(blocks.grid.shape), *windows(blocks.grid.shape, _ROWS, _ROWS)):
        yield blocks.read(window)
