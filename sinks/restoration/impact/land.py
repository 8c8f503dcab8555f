"""The land that a scenario makes: areas by class, and ground for a balance or an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from sinks.carbon.balance import Ground
from sinks.errors import InputRefused
from sinks.restoration.impact.scenario import Measure, Scenario
from sinks.uncertainty.areas import mapped_shares

EVERYWHERE = ""  # the zone of measures that name none
_STRATUM = "scenario/"
_SMALL_HA = 1e-6  # what adding areas may lose


def converted(scenario: Scenario, year: int) -> pd.DataFrame:
    """Return what a scenario has converted by the end of a year: TRANSITIONS.

    Measures to come are left out, and those whose land is again what it was.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, land_cover, land_cover_after)``; ``area_ha``. A measure counts in every
        zone that it names, or under the zone ``""`` if it names none.
    """
    rows = [
        (zone, measure.before, measure.after, measure.area_ha)
        for measure in _standing(scenario, year)
        for zone in measure.zones or (EVERYWHERE,)
    ]
    levels = ["zone", "land_cover", "land_cover_after"]
    frame = pd.DataFrame(rows, columns=[*levels, "area_ha"])
    frame = frame.astype({**dict.fromkeys(levels, object), "area_ha": float})
    return frame.groupby(levels, sort=True)[["area_ha"]].sum()


def area_changes(scenario: Scenario, year: int) -> pd.DataFrame:
    """Return by how much the area of each class has changed by the end of a year.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, land_cover)``; ``area_change_ha``, signed; the classes of a zone add up
        to 0.

    Examples
    --------
    >>> pond = Measure(id="a", year=2027, before="PND", after="MAR", area_ha=5.0)
    >>> area_changes(Scenario(id="s", measures=(pond,)), 2030)["area_change_ha"].to_dict()
    {('', 'MAR'): 5.0, ('', 'PND'): -5.0}
    """
    flat = converted(scenario, year).reset_index()
    sides = [
        pd.DataFrame(
            {
                "zone": flat["zone"],
                "land_cover": flat[level],
                "area_change_ha": sign * flat["area_ha"],
            }
        )
        for level, sign in (("land_cover", -1.0), ("land_cover_after", 1.0))
    ]
    sums = pd.concat(sides).groupby(["zone", "land_cover"], sort=True)[["area_change_ha"]].sum()
    return sums[sums["area_change_ha"] != 0]


def changed_ground(ground: Ground, changes: pd.DataFrame) -> Ground:
    """Return ground with the changes of a scenario added, as strata that are known exactly.

    Parameters
    ----------
    ground
        The ground as it is, with all that is known of its error.
    changes
        What :func:`area_changes` returns; the zone ``""`` stands for every zone of the ground.

    Returns
    -------
    Ground
        The same zones and classes; draws and standard errors of the areas stay as they are.

    Raises
    ------
    InputRefused
        ``N76`` for a zone or class that the ground does not have, or a zone from which more
        of a class is taken than it holds.
    """
    classes, zones = ground.shares.columns, ground.strata_ha.index
    more = _table(changes, zones, classes, ground)
    used = classes[(more != 0).any(axis=0).to_numpy()]
    names = [f"{_STRATUM}{key}" for key in used]
    added = more[used].set_axis(names, axis="columns")
    own = mapped_shares(classes).loc[used].set_axis(names, axis="index")
    shares = pd.concat([ground.shares, own])
    shares.index.name, shares.columns.name = ground.shares.index.name, classes.name
    drawn = ground.drawn
    if drawn is not None:
        exact = np.repeat(own.to_numpy(dtype=float)[:, :, np.newaxis], drawn.shape[2], axis=2)
        drawn = np.concatenate([drawn, exact])
    strata_ha = pd.concat([ground.strata_ha, added], axis="columns")
    strata_ha.columns = shares.index
    return replace(ground, strata_ha=strata_ha, shares=shares, drawn=drawn)


def _standing(scenario: Scenario, year: int) -> Iterator[Measure]:
    for measure in scenario.measures:
        back = measure.reenclosed_in
        if measure.year <= year and (back is None or year < back):
            yield measure


def _table(
    changes: pd.DataFrame, zones: pd.Index, classes: pd.Index, ground: Ground
) -> pd.DataFrame:
    """Return zones by classes, after checking that the ground can bear the changes."""
    flat = changes.reset_index()
    everywhere = flat["zone"] == EVERYWHERE
    spread = [flat[~everywhere], *(flat[everywhere].assign(zone=zone) for zone in zones)]
    flat = pd.concat(spread, ignore_index=True)
    strange = [*sorted(set(flat["zone"]) - set(zones))]
    strange += sorted(set(flat["land_cover"]) - set(classes))
    table = flat.pivot_table("area_change_ha", "zone", "land_cover", aggfunc="sum")
    more = table.reindex(index=zones, columns=classes).fillna(0.0)
    left = (ground.areas_ha + more).to_numpy(dtype=float)
    lacking = np.argwhere((left < -_SMALL_HA) & (more < 0).to_numpy())
    short = [f"{zones[z]!s} {classes[c]!s} {left[z, c]:.4g} ha" for z, c in lacking]
    if strange or short:
        raise InputRefused.because("N76", unknown=strange or ["-"], short=short[:10] or ["-"])
    return more
