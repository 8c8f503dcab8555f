"""The ground of a year: areas of classes by zone with their draws, and how zones lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sinks.accounts.spreading import Places
from sinks.carbon.balance import Ground
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Land:
    """The ground of a year: areas of classes by zone, and how zones lie to each other.

    ``grounds`` by name; ``felt`` may be missing. Rows of each are ``places.zones``; ``mean_ha``
    has the mean areas of all zones there are by class, of the whole ground.
    """

    places: Places
    grounds: Mapping[str, Ground]
    mean_ha: pd.DataFrame
    width: int
    _areas: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def area_ha(self, ground: str, land_cover: str) -> Floats:
        """Return the area of a class by zone, shape ``(zones, 1 + draws)``."""
        if (ground, land_cover) not in self._areas:
            self._areas[ground, land_cover] = self._drawn(self.grounds[ground], land_cover)
        return self._areas[ground, land_cover]

    def _drawn(self, ground: Ground, land_cover: str) -> Floats:
        strata = ground.strata_ha.to_numpy()
        mean = strata @ ground.shares[land_cover].to_numpy()
        if ground.drawn is None:
            return np.repeat(mean[:, np.newaxis], self.width, axis=1)
        place = ground.shares.columns.get_loc(land_cover)
        return np.hstack([mean[:, np.newaxis], strata @ ground.drawn[:, place, :]])

    def key_ha(self, classes: Sequence[str]) -> pd.Series:
        """Return the mean area of some classes together, for all zones there are."""
        return self.mean_ha[list(classes)].sum(axis=1)

    def row(self, zone: str) -> int:
        """Return the row of a zone."""
        return self.places.zones.index(zone)
