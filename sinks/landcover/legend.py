"""What kinds of land cover there are: classes, the legend that lists them, crosswalks to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from sinks.errors import InputRefused

NO_DATA = 0  # in every legend, and in every block of a LandCover
MAX_CODE = 254  # 255 marks a code that a legend does not define

IpccCategory = Literal[
    "forest_land", "cropland", "grassland", "wetlands", "settlements", "other_land"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LandClass:
    """One kind of land cover.

    ``tree``: counts as tree cover on a map; ``wetland``: a wetland in the sense of the
    wetland law (2022); ``natural``: counts for the natural-wetland rates; ``water``: open
    water. ``colour`` is ``#rrggbb``.
    """

    code: int
    key: str
    zh: str
    en: str
    colour: str
    ipcc: IpccCategory
    tree: bool = False
    wetland: bool = False
    natural: bool = False
    water: bool = False


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The list of classes that a raster may hold; code 0 is no data in every legend.

    Raises
    ------
    InputRefused
        ``L01`` if a code or key comes twice or a code lies outside 1-254.
    """

    name: str
    classes: tuple[LandClass, ...]

    def __post_init__(self) -> None:
        for what in ("code", "key"):
            values = [getattr(c, what) for c in self.classes]
            twice = sorted({str(v) for v in values if values.count(v) > 1})
            if twice:
                raise InputRefused.because("L01", legend=self.name, what=what, values=twice)
        outside = [c.code for c in self.classes if not NO_DATA < c.code <= MAX_CODE]
        if outside:
            raise InputRefused.because("L01", legend=self.name, what="code", values=outside)

    @cached_property
    def by_key(self) -> Mapping[str, LandClass]:
        """Classes by key."""
        return {c.key: c for c in self.classes}

    @cached_property
    def by_code(self) -> Mapping[int, LandClass]:
        """Classes by code."""
        return {c.code: c for c in self.classes}

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys in the order of the legend."""
        return tuple(c.key for c in self.classes)


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """From the codes of one scheme to the classes of a legend.

    ``to_key`` maps each code of the scheme (as text: ``0101`` is not ``101``) to a class key
    of ``legend``, or to ``None`` where the code means no data. ``split_with`` names, per
    code, the layer that would resolve a class the scheme does not separate.

    Raises
    ------
    InputRefused
        ``L02`` if a code leads to a class that the legend does not have.
    """

    scheme: str
    legend: Legend
    to_key: Mapping[str, str | None]
    split_with: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        strange = {k for k in self.to_key.values() if k is not None} - set(self.legend.keys)
        if strange:
            raise InputRefused.because("L02", scheme=self.scheme, keys=sorted(strange))

    def house_codes(self) -> dict[int, int]:
        """Numeric codes of the scheme to codes of the legend, for rasters."""
        by_key = self.legend.by_key
        return {
            int(code): NO_DATA if key is None else by_key[key].code
            for code, key in self.to_key.items()
            if code.isdecimal()
        }
