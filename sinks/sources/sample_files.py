"""Samples as files: the points interpreters may see, and apart from them how they were drawn.

A sample is *blind*: its points, which :func:`sinks.accuracy.selection.draw` numbers at random,
say nothing of stratum or map class; these stand in tables of their own. What identifies the
sample (points, seed, map) goes into one hash, which every label carries, so that labels
cannot be put to the wrong sample.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from sinks.accuracy.selection import SECRET
from sinks.errors import Finding, InputRefused, located
from sinks.gate.environment import checked_path
from sinks.gate.kinds import vector_driver
from sinks.sources.vectors import read_layer

POINTS, DESIGN, STRATA, FACTS = "sample", "design", "strata", "facts"  # tables of the file
_DRAWN = ("sample", "stratum", "map_class", "x", "y", "weight_px", "weight_ha", "pixel_ha")
_OF_STRATA = ("stratum", "population_px", "area_ha")
_HASH_DIGITS = 16
_DEGREES = "EPSG:4326"


@dataclass(frozen=True, kw_only=True)
class SampleFacts:
    """How a sample was drawn.

    ``kind`` is simple, stratified or systematic; ``map_hash`` the SHA-256 of the map it was
    drawn on; ``dates`` what is to be labelled, in words: one date, or two for change.
    ``pixel`` is the width and height of a sample unit in units of the CRS. ``synthetic``
    says which inputs are made up, and is empty where all are real.

    Raises
    ------
    InputRefused
        ``A09`` for other than one or two dates, or a pixel without size.
    """

    kind: str
    seed: int
    map_hash: str
    dates: tuple[str, ...]
    pixel: tuple[float, float]
    synthetic: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.dates) not in (1, 2) or min(self.pixel) <= 0:
            raise InputRefused.because("A09", why=f"dates = {self.dates}, pixel = {self.pixel}")


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleFile:
    """A sample as it stands in its file.

    ``points`` (blind): ``sample``, ``x``, ``y``, ``lon``, ``lat``, blank labels, ``note``,
    ``sample_hash``, geometry. ``design``: ``sample``, ``stratum``, ``map_class`` (and
    ``map_class_after``), ``weight_px``, ``weight_ha``, ``pixel_ha``. ``strata`` is the table
    of :func:`sinks.accuracy.selection.sampling_frame`.
    """

    points: gpd.GeoDataFrame
    design: pd.DataFrame
    strata: pd.DataFrame
    facts: SampleFacts
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    @property
    def hash(self) -> str:
        """What identifies the sample: 16 hex digits of its points, seed and map."""
        return _hash(self.points, self.facts)


def blind_sample(drawn: gpd.GeoDataFrame, strata: pd.DataFrame, facts: SampleFacts) -> SampleFile:
    """Set what interpreters may see of a sample apart from its design.

    Raises
    ------
    InputRefused
        ``A09`` if columns, ids, places or weights are missing, or strata do not fit.
    """
    _require_complete(drawn, strata, facts)
    ordered = drawn.sort_values("sample").reset_index(drop=True)
    told = [c for c in ordered.columns if c in ("sample", "pixel_ha", *SECRET)]
    return SampleFile(
        points=_points(ordered, facts),
        design=pd.DataFrame(ordered[told]),
        strata=strata.reset_index(drop=True),
        facts=facts,
    )


def read_sample(path: Path | str) -> SampleFile:
    """Read a sample that :func:`sinks.reports.sample_file.write_sample` wrote.

    Labels that were filled in meanwhile do no harm; points that were moved, added or
    removed do.

    Raises
    ------
    InputRefused
        ``A08`` if it is no such file, lacks its design or was changed; else as
        :func:`sinks.sources.vectors.read_layer`.
    """
    file = checked_path(path)
    with located(file=path), _refusing_damage():
        if vector_driver(file) != "GPKG":
            raise InputRefused.because("A08", why=f"{file.suffix} ≠ GeoPackage")
        tables = {str(name) for name, _ in pyogrio.list_layers(file)}
        if missing := sorted({POINTS, DESIGN, STRATA, FACTS} - tables):
            raise InputRefused.because("A08", place=missing[0], why=f"− {', '.join(missing)}")
        layer = read_layer(file, layer=POINTS, geometry="point")
        facts = facts_of(_table(file, FACTS))
        points = layer.frame.sort_values("sample").reset_index(drop=True)
        design = _table(file, DESIGN).sort_values("sample").reset_index(drop=True)
        _require_unchanged(points, design, facts)
        return SampleFile(
            points=points,
            design=design,
            strata=_table(file, STRATA),
            facts=facts,
            findings=layer.findings,
        )


def facts_table(sample: SampleFile) -> pd.DataFrame:
    """Return the facts of a sample as a table of names and JSON."""
    told = {**asdict(sample.facts), "sample_hash": sample.hash}
    content = [json.dumps(each, ensure_ascii=False) for each in told.values()]
    return pd.DataFrame({"name": list(told), "content": content})


def facts_of(table: pd.DataFrame) -> SampleFacts:
    """Return the facts that :func:`facts_table` wrote down.

    Raises
    ------
    InputRefused
        ``A08`` if they cannot be read.
    """
    try:
        told = {n: json.loads(c) for n, c in zip(table["name"], table["content"], strict=True)}
        lists: dict[str, Any] = {n: tuple(told.pop(n)) for n in ("dates", "pixel", "synthetic")}
        return SampleFacts(**lists, **{n: told[n] for n in ("kind", "seed", "map_hash")})
    except (KeyError, TypeError, ValueError) as error:
        raise InputRefused.because("A08", place=FACTS, why=str(error)[:120]) from error


def _points(drawn: gpd.GeoDataFrame, facts: SampleFacts) -> gpd.GeoDataFrame:
    places = gpd.points_from_xy(drawn["x"], drawn["y"], crs=drawn.crs)
    degrees = places.to_crs(_DEGREES)
    wanted = ("label", "label_after")[: len(facts.dates)]
    labels = {f"{label}_{n}": None for label in wanted for n in (1, 2)}
    told = {
        "sample": drawn["sample"].to_numpy(dtype=np.int64),
        "x": drawn["x"].to_numpy(dtype=float),
        "y": drawn["y"].to_numpy(dtype=float),
        "lon": degrees.x.round(8),
        "lat": degrees.y.round(8),
    }
    frame = gpd.GeoDataFrame(told, geometry=places)
    blanks = {n: pd.Series([None] * len(drawn), dtype="str") for n in (*labels, "note")}
    return frame.assign(**blanks, sample_hash=_hash(frame, facts))


def _hash(points: gpd.GeoDataFrame, facts: SampleFacts) -> str:
    rows = zip(points["sample"], points["x"], points["y"], strict=True)
    head = f"{facts.kind},{facts.seed},{facts.map_hash},{facts.dates}"
    text = "\n".join([head, *(f"{int(s)},{float(x)!r},{float(y)!r}" for s, x, y in rows)])
    return sha256(text.encode()).hexdigest()[:_HASH_DIGITS]


def _require_complete(drawn: gpd.GeoDataFrame, strata: pd.DataFrame, facts: SampleFacts) -> None:
    wanted = {*_DRAWN, *(("map_class_after",) if len(facts.dates) == 2 else ())}
    missing = sorted(wanted - set(drawn.columns)) + sorted(set(_OF_STRATA) - set(strata.columns))
    if missing:
        raise InputRefused.because("A09", why=f"− {', '.join(missing)}")
    numbers = drawn[["x", "y", "weight_px", "weight_ha", "pixel_ha"]].to_numpy(dtype=float)
    unknown = set(drawn["stratum"]) - set(strata["stratum"])
    faults = {
        "CRS": drawn.crs is None,
        "sample = 0": len(drawn) == 0,
        "sample": drawn["sample"].duplicated().any(),
        "x, y, weight_px, weight_ha, pixel_ha": not np.isfinite(numbers).all(),
        f"stratum {sorted(map(str, unknown))}": bool(unknown),
    }
    for why, wrong in faults.items():
        if wrong:
            raise InputRefused.because("A09", why=why)


def _require_unchanged(points: gpd.GeoDataFrame, design: pd.DataFrame, facts: SampleFacts) -> None:
    stated = set(points["sample_hash"]) if "sample_hash" in points else set()
    if stated != {_hash(points, facts)} or list(points["sample"]) != list(design["sample"]):
        raise InputRefused.because("A08", place=POINTS, why=f"sample_hash {sorted(stated)}")
    off = np.hypot(points.geometry.x - points["x"], points.geometry.y - points["y"])
    if (off > max(facts.pixel) * 1e-3).any():
        moved = points.loc[off > max(facts.pixel) * 1e-3, "sample"].tolist()
        raise InputRefused.because("A08", place=POINTS, why=f"x, y ≠ {moved[:10]}")


@contextmanager
def _refusing_damage() -> Iterator[None]:
    """Refuse a file whose tables cannot be read, or lack a column that was written."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError, LookupError) as error:
        raise InputRefused.because("A08", why=str(error)[:120]) from error


def _table(file: Path, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = pyogrio.read_dataframe(file, layer=name, read_geometry=False)
    return frame
