"""Extent of ecosystems: what each class had, gained, lost and has now, in hectares.

    opening + managed expansion + unmanaged expansion
            - managed reduction - unmanaged reduction + reappraisal = closing

Gains and losses are those of the matrix of change, on the ground that both maps show. A change
is managed if people made it: the class after is one that they keep (paddy, pond, built-up
land), or kept land was turned into a class that restoration aims at. What only one of the maps
shows is reappraisal: it says something about the maps and nothing about the ground.

The account is of mapped areas, because rows of a matrix have to add up; areas estimated from a
sample stand beside it with their intervals.

References: United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem
Accounting, ch. 4; Keith et al. 2020 (typology).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InputRefused, InvariantViolated

ROW = ["zone", "land_cover"]
ALLOWED_HA = 1e-6  # how far a row may be off: the rounding of its sums
_ESTIMATED = ("estimated_ha", "estimated_low_ha", "estimated_high_ha")
MOVES = (
    "managed_expansion_ha",
    "unmanaged_expansion_ha",
    "managed_reduction_ha",
    "unmanaged_reduction_ha",
)
COLUMNS = (
    "get",
    "opening_ha",
    *MOVES,
    "reappraisal_ha",
    "closing_ha",
    *(f"opening_{column}" for column in _ESTIMATED),
    *(f"closing_{column}" for column in _ESTIMATED),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class EcosystemKinds:
    """What kind of ecosystem each class is.

    ``frame`` has the index ``land_cover``, in the order in which classes are listed, and the
    columns ``get`` (code of the IUCN typology), ``managed`` (people keep it as it is) and
    ``restored`` (restoration aims at it). ``table`` names where it comes from.
    """

    frame: pd.DataFrame
    table: str

    def require(self, classes: Iterable[str]) -> None:
        """Refuse classes of which nothing is said, by name.

        Raises
        ------
        InputRefused
            ``S83``.
        """
        if missing := sorted(set(classes) - set(self.frame.index)):
            raise InputRefused.because("S83", table=self.table, missing=missing)

    def is_managed(self, before: pd.Index, after: pd.Index) -> NDArray[np.bool_]:
        """Return for pairs of classes whether people turned one into the other.

        >>> frame = pd.DataFrame({"managed": [True, False, False],
        ...                       "restored": [False, True, False]}, index=["PND", "LAK", "BAR"])
        >>> kinds = EcosystemKinds(frame=frame, table="kinds")
        >>> before, after = pd.Index(["PND", "LAK", "PND"]), pd.Index(["LAK", "PND", "BAR"])
        >>> kinds.is_managed(before, after).tolist()
        [True, True, False]
        """
        managed, restored = self.frame["managed"], self.frame["restored"]
        kept_before, kept_after = (
            managed.loc[classes].to_numpy(dtype=bool) for classes in (before, after)
        )
        made: NDArray[np.bool_] = kept_after | (
            kept_before & restored.loc[after].to_numpy(dtype=bool)
        )
        return made


def extent_account(
    areas: pd.DataFrame,
    transitions: pd.DataFrame,
    kinds: EcosystemKinds,
    estimates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the extent account between the first and the last year of the land cover.

    Parameters
    ----------
    areas
        Index ``(year, zone, land_cover)``; ``area_ha`` as mapped.
    transitions
        TRANSITIONS from the first to the last year, on the ground that both show.
    estimates
        Index ``(year, zone, land_cover)``; ``estimated_ha`` with ``_low_`` and ``_high_``,
        where a sample tells them.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, land_cover)``; the columns of :data:`COLUMNS`, ``reappraisal_ha`` signed;
        estimated areas are NaN where no sample tells them. Empty with a single year.

    Raises
    ------
    InputRefused
        ``S83`` if nothing is said of a class that occurs.
    InvariantViolated
        ``I81`` if a row does not add up, or the change covers more than a map shows.

    Examples
    --------
    >>> from sinks.parameters.accounts_seea import ecosystem_kinds
    >>> level = ["year", "zone", "land_cover"]
    >>> areas = pd.DataFrame([(2020, "d", "PND", 5.0), (2025, "d", "PND", 2.0),
    ...                       (2025, "d", "LAK", 4.0)], columns=[*level, "area_ha"])
    >>> change = pd.DataFrame([("d", "PND", "LAK", 3.0), ("d", "PND", "PND", 2.0)],
    ...                       columns=["zone", "land_cover", "land_cover_after", "area_ha"])
    >>> account = extent_account(areas.set_index(level),
    ...     change.set_index(["zone", "land_cover", "land_cover_after"]), ecosystem_kinds())
    >>> lake = account.loc[("d", "LAK")]
    >>> [float(lake[f"{entry}_ha"]) for entry in ("managed_expansion", "reappraisal", "closing")]
    [3.0, 1.0, 4.0]
    """
    years = sorted(areas.index.unique("year"))
    if len(years) < 2:
        index = pd.MultiIndex.from_arrays([[], []], names=ROW)
        return pd.DataFrame(columns=list(COLUMNS), index=index)
    shown = [areas["area_ha"].xs(year, level="year") for year in (years[0], years[-1])]
    seen = [_margin(transitions, side) for side in ("land_cover", "land_cover_after")]
    rows = _rows([*shown, *seen], kinds)
    opening, closing, before, after = (_on(rows, series) for series in (*shown, *seen))
    once_before, once_after = opening - before, closing - after
    account = pd.DataFrame(
        {
            "get": kinds.frame["get"].loc[rows.get_level_values("land_cover")].to_numpy(),
            "opening_ha": opening,
            **_moves(transitions, kinds, rows),
            "reappraisal_ha": once_after - once_before,
            "closing_ha": closing,
            **_estimated(estimates, rows, opening=years[0], closing=years[-1]),
        },
        index=rows,
    )
    _require_sound(account, once_before, once_after)
    return account[list(COLUMNS)]


def _margin(transitions: pd.DataFrame, side: str) -> pd.Series:
    """Area of each class on the common ground, at one side of the matrix."""
    margin: pd.Series = transitions["area_ha"].groupby(level=["zone", side], sort=False).sum()
    return margin.rename_axis(index=ROW)


def _rows(parts: list[pd.Series], kinds: EcosystemKinds) -> pd.MultiIndex:
    """Return every zone and class that occurs, zones as they come, classes as listed."""
    pairs = dict.fromkeys(pair for part in parts for pair in part.index)
    kinds.require(key for _, key in pairs)
    zones = {zone: place for place, zone in enumerate(dict.fromkeys(zone for zone, _ in pairs))}
    classes = {key: place for place, key in enumerate(kinds.frame.index)}
    ordered = sorted(pairs, key=lambda pair: (zones[pair[0]], classes[pair[1]]))
    return pd.MultiIndex.from_tuples(ordered, names=ROW)


def _on(rows: pd.MultiIndex, series: pd.Series) -> pd.Series:
    return series.reindex(rows, fill_value=0.0)


def _moves(
    transitions: pd.DataFrame, kinds: EcosystemKinds, rows: pd.MultiIndex
) -> dict[str, pd.Series]:
    """Add up what each class gained and lost, by who made it."""
    before = transitions.index.get_level_values("land_cover")
    after = transitions.index.get_level_values("land_cover_after")
    changed = np.asarray(before != after)
    managed = kinds.is_managed(before, after)
    return {
        f"{who}_{name}_ha": _on(rows, _margin(transitions[changed & made], side))
        for name, side in (("expansion", "land_cover_after"), ("reduction", "land_cover"))
        for who, made in (("managed", managed), ("unmanaged", ~managed))
    }


def _estimated(
    estimates: pd.DataFrame | None, rows: pd.MultiIndex, **years: int
) -> dict[str, pd.Series]:
    columns = {}
    for side, year in years.items():
        told = estimates is not None and year in estimates.index.unique("year")
        for column in _ESTIMATED:
            series = (
                estimates[column].xs(year, level="year").reindex(rows)
                if estimates is not None and told
                else pd.Series(np.nan, index=rows)
            )
            columns[f"{side}_{column}"] = series
    return columns


def _require_sound(account: pd.DataFrame, *once: pd.Series) -> None:
    gained, lost = account[list(MOVES[:2])].sum(axis=1), account[list(MOVES[2:])].sum(axis=1)
    after = account["opening_ha"] + gained - lost + account["reappraisal_ha"]
    adds_up = (after - account["closing_ha"]).abs() <= ALLOWED_HA
    covered = pd.concat([part >= -ALLOWED_HA for part in once], axis=1).all(axis=1)
    for law, kept in (
        ({"zh": "期初加减各项不等于期末", "en": "opening and moves are not closing"}, adds_up),
        ({"zh": "变化面积大于制图面积", "en": "more changed than was mapped"}, covered),
    ):
        if not kept.all():
            broken = [" ".join(map(str, row)) for row in account.index[~kept]]
            raise InvariantViolated.because("I81", law=law, rows=broken[:10], count=len(broken))
