"""What lies between the land and the sensor: haze, light, one cloud and its shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .sheet import Noise

CLOUD_M = (479_300.0, 3_675_900.0)  # its middle, on the plane of the study
CLOUD_REACH_M = 520.0
SHADOW_SHIFT = (-34, -46)  # pixels down and right: the sun stands in the south-east
HAZE_M, LIGHT_M, EDGE_M = 2_600.0, 1_400.0, 130.0
THICK, THIN, DARK = 0.60, 0.02, 0.10  # from here on the quality band says so
CLOUDY_YEAR = 2020

Plane = NDArray[np.float64]


@dataclass(frozen=True)
class Sky:
    """Per pixel: haze (1 is usual), light (1 is usual), share of cloud and of its shadow."""

    haze: Plane
    light: Plane
    cloud: Plane
    shadow: Plane

    @classmethod
    def over(cls, xs: Plane, ys: Plane, *, seed: int, year: int) -> Sky:
        """Draw the sky of one day over a grid."""
        haze = Noise.draw((seed, 71, year), spacing_m=HAZE_M, amplitude=1.6)
        light = Noise.draw((seed, 72, year), spacing_m=LIGHT_M, amplitude=0.10)
        cloud = _cloud(xs, ys, seed) if year == CLOUDY_YEAR else np.zeros((len(ys), len(xs)))
        return cls(
            np.maximum(0.1, 1 + haze.on_grid(xs, ys)),
            1 + light.on_grid(xs, ys),
            cloud,
            _shifted(cloud, SHADOW_SHIFT),
        )

    def classify(self, scene: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Lay shadow (3) and cloud (8 thin, 9 thick) over a scene classification."""
        scene = np.where(self.shadow > DARK, 3, scene)
        scene = np.where(self.cloud > THIN, 8, scene)
        return np.where(self.cloud > THICK, 9, scene).astype(np.uint8)


def _cloud(xs: Plane, ys: Plane, seed: int) -> Plane:
    east, north = (xs - CLOUD_M[0]) / CLOUD_REACH_M, (ys - CLOUD_M[1]) / CLOUD_REACH_M
    away = east * east + (north * north)[:, np.newaxis]
    edge = Noise.draw((seed, 73), spacing_m=EDGE_M, amplitude=2.6).on_grid(xs, ys)
    return np.clip(1.5 * (1 - away) + edge * (away < 2), 0, 1)


def _shifted(values: Plane, by: tuple[int, int]) -> Plane:
    """Move values by rows and columns; what comes in from outside is nothing."""
    moved = np.zeros_like(values)
    rows, cols = (slice(max(n, 0), size + min(n, 0))
                  for n, size in zip(by, values.shape, strict=True))  # fmt: skip
    from_rows, from_cols = (slice(max(-n, 0), size + min(-n, 0))
                            for n, size in zip(by, values.shape, strict=True))  # fmt: skip
    moved[rows, cols] = values[from_rows, from_cols]
    return moved
