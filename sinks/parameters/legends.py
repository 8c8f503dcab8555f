"""The house legend, the crosswalks to it, and which codes of a scheme are wetland.

The same digits mean different things in different schemes (三调 0303 is mangrove, 用地用海
0303 is shrub land), so a scheme is always named and never guessed.
"""

from __future__ import annotations

import difflib
from functools import cache
from typing import Literal, cast, get_args

import pandas as pd

from sinks.errors import InputRefused
from sinks.landcover.legend import Crosswalk, IpccCategory, LandClass, Legend
from sinks.parameters.labels import labels
from sinks.parameters.tables import HERE, TableForm, shipped

WetlandSet = Literal["W_law", "W_3d", "W_2nd"]

_LEGEND = TableForm(
    key=("key",),
    text=("code", "name_zh", "name_en", "colour", "group", "ipcc", "get", "hj"),
    flags=("tree", "wetland", "natural", "water"),
)
_CROSSWALK = TableForm(
    key=("code", "land_cover"), text=("label_zh", "label_en", "share", "split_with")
)


@cache
def house_classes() -> pd.DataFrame:
    """Return the table behind the house legend.

    Returns
    -------
    pandas.DataFrame
        Index ``land_cover`` (class key) in the order of the legend; code, names, colour,
        ``group`` (one of eight families of hue), IPCC category, flags, IUCN GET groups
        (``get``) and HJ 1166 ecosystem (``hj``), with their citation.
    """
    frame = shipped("legends/house.csv", _LEGEND)
    return frame.assign(code=frame["code"].astype(int)).set_index("key").rename_axis("land_cover")


@cache
def house_legend() -> Legend:
    """Return the sixteen classes that every calculation works in.

    >>> house_legend().by_key["MAR"].zh
    '芦苇沼泽'
    """
    return Legend(
        name="house",
        classes=tuple(
            LandClass(
                code=int(row["code"]),
                key=str(key),
                zh=row["name_zh"],
                en=row["name_en"],
                colour=row["colour"],
                ipcc=_ipcc(row["ipcc"]),
                tree=bool(row["tree"]),
                wetland=bool(row["wetland"]),
                natural=bool(row["natural"]),
                water=bool(row["water"]),
            )
            for key, row in house_classes().iterrows()
        ),
    )


@cache
def schemes() -> tuple[str, ...]:
    """Return the schemes that can be translated, in alphabetical order."""
    return tuple(sorted(path.stem for path in (HERE / "crosswalks").glob("*.csv")))


@cache
def crosswalk(scheme: str) -> Crosswalk:
    """Return the crosswalk from the codes of ``scheme`` to the house classes.

    Each code leads to the class that stands for most of its area; ``split_with`` names the
    layer that would tell the rest apart. A code without a class is no data.

    Raises
    ------
    InputRefused
        ``P07`` if the scheme is not known, naming those that are.

    Examples
    --------
    >>> crosswalk("sandiao").to_key["1101"], crosswalk("ydyh").to_key["1101"]
    ('RIV', 'BLT')
    """
    frame = scheme_codes(scheme)
    shares = frame["share"].astype(float)
    uneven = shares.groupby(frame["code"]).sum().round(9).ne(1.0)
    if uneven.any():
        codes = sorted(uneven.index[uneven])
        raise InputRefused.because("P09", file=f"crosswalks/{scheme}.csv", codes=codes)
    most = frame.loc[shares.groupby(frame["code"], sort=False).idxmax()].set_index("code")
    return Crosswalk(
        scheme=scheme,
        legend=house_legend(),
        to_key={str(code): key or None for code, key in most["land_cover"].items()},
        split_with={str(code): layer for code, layer in most["split_with"].items() if layer},
    )


@cache
def scheme_codes(scheme: str) -> pd.DataFrame:
    """Return the rows of a crosswalk: codes, labels, classes, what splits them, citation.

    Raises
    ------
    InputRefused
        ``P07`` if the scheme is not known.
    """
    if scheme not in schemes():
        raise InputRefused.because(
            "P07", scheme=scheme or "—", near=_nearest(scheme), known=list(schemes())
        )
    return shipped(f"crosswalks/{scheme}.csv", _CROSSWALK)


def wetland_codes(scheme: str, wetland_set: WetlandSet) -> frozenset[str]:
    """Return the codes of ``scheme`` that are wetland by one definition.

    ``W_law``: the wetland law of 2022, without paddy and aquaculture; ``W_3d``: the first
    class (00) of the third land survey alone; ``W_2nd``: the types of the second wetland
    survey (its smallest sizes, 8 ha and rivers of 10 m by 5 km, are not in the codes).

    Raises
    ------
    InputRefused
        ``P07`` if the scheme is not known, ``P10`` if it does not say what is wetland by
        this definition.

    Examples
    --------
    >>> "1104A" in wetland_codes("sandiao", "W_law"), "1104A" in wetland_codes("sandiao", "W_2nd")
    (False, True)
    """
    return _flagged(scheme, f"wetland_{wetland_set.removeprefix('W_')}")


def natural_codes(scheme: str) -> frozenset[str]:
    """Return the codes of ``scheme`` that are natural, for the natural-wetland rates.

    Dug channels in class 1101 are not natural either; only a register of rivers can tell.
    """
    return _flagged(scheme, "natural")


def _nearest(scheme: str) -> str:
    """Return the scheme that people may mean who write its Chinese name, or mistype it."""
    said = scheme.strip().casefold()
    for key, names in labels("scheme").items():
        if said and any(said in name.casefold() for name in (key, *names)):
            return key
    near = difflib.get_close_matches(said, schemes(), n=1)
    return near[0] if near else "—"


def _flagged(scheme: str, flag: str) -> frozenset[str]:
    frame = scheme_codes(scheme)
    if flag not in frame or (frame[flag] == "").all():
        having = [s for s in schemes() if flag in scheme_codes(s) and _flags(s, flag).any()]
        raise InputRefused.because("P10", scheme=scheme, flag=flag, known=having)
    return frozenset(frame.loc[_flags(scheme, flag), "code"])


def _flags(scheme: str, flag: str) -> pd.Series:
    return scheme_codes(scheme)[flag] == "true"


def _ipcc(text: str) -> IpccCategory:
    if text not in get_args(IpccCategory):
        raise InputRefused.because("L02", scheme="house", keys=[text])
    return cast("IpccCategory", text)
