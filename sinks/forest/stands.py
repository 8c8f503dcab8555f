"""Forest stands as an inventory lists them, and the species group that each belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sinks.errors import InputRefused
from sinks.forest.factors import KINDS

MEASURES = (
    "area_ha",
    "age_years",
    "volume_m3_per_ha",
    "stems_per_ha",
    "diameter_cm",
    "height_m",
)
COLUMNS = ("group", "kind", *MEASURES)
_BETWEEN = re.compile(r"[、,+;/]+")


@dataclass(frozen=True, kw_only=True)
class Stands:
    """Forest stands: index ``stand``; ``group``, ``kind`` and what was measured.

    ``area_ha``, ``age_years``, ``volume_m3_per_ha`` (living trees), ``stems_per_ha``,
    ``diameter_cm`` (mean at breast height) and ``height_m`` (mean) are NaN where they are
    not known; the area always is. ``limits`` (index ``quantity``; ``lowest``, ``highest``)
    says what is absurd. ``file`` is where the inventory comes from.

    Raises
    ------
    InputRefused
        ``H04`` for a value that is negative, infinite or beyond its limits, or an area
        that is blank; ``H05`` for a column that is missing, a stand that is there twice
        or a kind that is not known.
    """

    frame: pd.DataFrame
    limits: pd.DataFrame
    file: str = ""

    def __post_init__(self) -> None:
        self._require_shape()
        faulty = [row for column in MEASURES for row in self._absurd(column)]
        if faulty:
            place = ", ".join(dict.fromkeys(str(stand) for stand, _ in faulty[:10]))
            rows = [text for _, text in faulty[:10]]
            raise InputRefused.because(
                "H04", file=self.file or None, place=place, rows=rows, count=len(faulty)
            )

    def _require_shape(self) -> None:
        faults = [f"{column}: 0" for column in COLUMNS if column not in self.frame]
        if not faults:
            twice = self.frame.index[self.frame.index.duplicated()].unique()
            strange = set(self.frame["kind"]) - set(KINDS)
            faults = [f"{stand}: x2" for stand in twice[:10]]
            faults += [f"kind = {kind}" for kind in sorted(map(str, strange))]
        if faults:
            raise InputRefused.because(
                "H05", file=self.file or None, faults=faults, columns=list(COLUMNS)
            )

    def _absurd(self, column: str) -> list[tuple[object, str]]:
        low, high = (float(self.limits[side][column]) for side in ("lowest", "highest"))
        values = self.frame[column]
        sound = values.between(low, high)
        if column != "area_ha":
            sound |= values.isna()
        return [
            (stand, f"{stand} {column} = {value:g} ({low:g}-{high:g})")
            for stand, value in values[~sound].items()
        ]


def species_groups(
    species: Iterable[str], groups: pd.DataFrame, *, file: object = None
) -> list[str]:
    """Return the species group of each stand from the names of its dominant species.

    Names that stand together (水杉、杨树 or 水杉+杨树) make a mixed stand: of broadleaf, of
    conifers, or of both. Where trees stand among bamboo, fruit trees or shrubs, the trees
    decide, because only they have a volume; without trees the first name does.

    Parameters
    ----------
    groups
        Index ``group``; ``kind``, ``leaf``, ``name_zh``, ``name_en``, ``aliases`` (names
        separated by semicolons).

    Raises
    ------
    InputRefused
        ``H01`` with the names that are not known.
    """
    keys = _keys(groups)
    names = [[_folded(part) for part in _BETWEEN.split(_folded(text))] for text in species]
    found = [[_key(part, keys) for part in parts if part] for parts in names]
    unknown = {
        text or "-"
        for parts, hits in zip(names, found, strict=True)
        for text, hit in zip([p for p in parts if p] or [""], hits or [None], strict=True)
        if hit is None
    }
    if unknown:
        raise InputRefused.because(
            "H01", file=file, unknown=sorted(unknown)[:20], known=list(groups["name_zh"])
        )
    return [_together([str(hit) for hit in hits], groups) for hits in found]


def _keys(groups: pd.DataFrame) -> dict[str, str]:
    return {
        _folded(name): str(key)
        for key, row in groups.iterrows()
        for name in (str(key), row["name_zh"], row["name_en"], *row["aliases"].split(";"))
        if name.strip()
    }


def _key(name: str, keys: dict[str, str]) -> str | None:
    """Return the group that a name means, also when it says 林 (forest) or 类 (and the like)."""
    tries = (name, name.removesuffix("林"), name.removesuffix("类"), name.removesuffix("纯林"))
    return next((keys[text] for text in tries if text in keys), None)


def _together(hits: list[str], groups: pd.DataFrame) -> str:
    """Return the group of a stand that is made of these groups, the dominant one first."""
    trees = [hit for hit in dict.fromkeys(hits) if groups.loc[hit, "kind"] == "tree"]
    if len(trees) < 2:
        return trees[0] if trees else hits[0]
    leaves = {str(groups.loc[hit, "leaf"]) for hit in trees}
    return leaves.pop() if len(leaves) == 1 else "mixed"  # groups named as their leaves


def _folded(text: object) -> str:
    """Drop what typing varies: width of characters, case, blanks around."""
    return unicodedata.normalize("NFKC", str(text)).strip().casefold()


def measured(values: pd.Series) -> pd.Series:
    """Return what was measured, NaN elsewhere: an inventory writes 0 where nothing was."""
    return values.where(values > 0).astype(float)
