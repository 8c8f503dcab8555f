"""The quality file of an image, as a mask that leaves out what hides the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio

from sinks.errors import Finding, InputRefused, refuse_if_stopped
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.image import selected
from sinks.imagery.quality import QualityScheme
from sinks.pixels.blocks import RawPixels
from sinks.pixels.facts import RasterFacts, examine_bands
from sinks.pixels.rules import no_data, sparse_findings
from sinks.scenes.placing import placed, placing_note
from sinks.scenes.probe import sample


class Quality(NamedTuple):
    """A file of quality codes, and which of them are clear."""

    path: Path | str
    scheme: QualityScheme


@dataclass(frozen=True, kw_only=True, eq=False)
class ClearPixels:
    """1 where the ground is visible, 0 where it is not: one feature, called ``clear``."""

    raw: RawPixels
    grid: Grid
    scheme: QualityScheme
    nodata: float | None
    names: tuple[str, ...] = ("clear",)

    def read(self, window: Window) -> Features:
        """Return the mask of ``window``, ``(1, rows, columns)``."""
        with rasterio.Env():
            codes = self.raw.read(window)
        clear = self.scheme.clear(codes)
        if self.nodata is not None:
            clear &= codes != codes.dtype.type(self.nodata)
        return clear[np.newaxis].astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskedFeatures:
    """Features where ``clear`` is 1 exactly, NaN elsewhere."""

    source: FeatureBlocks
    clear: FeatureBlocks

    @property
    def grid(self) -> Grid:
        """The grid of the source."""
        return self.source.grid

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the source."""
        return self.source.names

    def read(self, window: Window) -> Features:
        """Return the clear values of ``window``."""
        clear = self.clear.read(window)[0] == 1
        if not clear.any():
            shape = len(self.names), window.height, window.width
            return np.full(shape, np.nan, dtype=np.float32)
        return np.where(clear, self.source.read(window), np.float32(np.nan))

    def selected(self, names: Sequence[str]) -> FeatureBlocks:
        """Return some features, without reading the others."""
        return replace(self, source=selected(self.source, names))


def clear_pixels(
    quality: Quality, grid: Grid, *, crs: str | None, max_gigapixels: float
) -> tuple[FeatureBlocks, tuple[Finding, ...]]:
    """Return the mask of a quality file on ``grid``, and what was noted.

    Where quality pixels are finer, all within a pixel must be clear.

    Raises
    ------
    InputRefused
        With all that stands against the file; ``B17`` if it cannot be brought to the grid,
        ``B18`` if it does not hold codes of its scheme.
    """
    facts = examine_bands(quality.path, crs=crs, max_gigapixels=max_gigapixels)
    noted = refuse_if_stopped([*facts.findings, *_form_findings(facts, quality.scheme)])
    if facts.header is None or facts.raw is None or facts.grid is None:  # a finding says why
        raise InputRefused(facts.findings)
    nodata = no_data(facts.header.nodata_text, None, dtype=facts.raw.dtype, file=facts.file)
    clear = ClearPixels(raw=facts.raw, grid=facts.grid, scheme=quality.scheme, nodata=nodata.value)
    sparse = sparse_findings(facts.header, nodata, file=facts.file)
    refuse_if_stopped([*nodata.findings, *sparse, *_code_findings(clear, facts.file)])
    on_grid = placed(clear, grid)
    if isinstance(on_grid, str):
        raise InputRefused.because("B17", file=facts.file, place="quality", what=on_grid)
    note = placing_note(clear, on_grid, file=facts.file)
    return on_grid, (*noted, *sparse, *([note] if note else []))


def _form_findings(facts: RasterFacts, scheme: QualityScheme) -> list[Finding]:
    if facts.header is None or facts.raw is None:
        return []
    kind = facts.raw.dtype
    wrong = f"{facts.header.bands} bands" if facts.header.bands != 1 else ""
    wrong = wrong or (kind if np.dtype(kind).kind not in "iu" else "")
    return [_unfit(facts.file, scheme, wrong)] if wrong else []


def _code_findings(clear: ClearPixels, file: str) -> list[Finding]:
    codes = sample(clear.raw, [1])
    if clear.nodata is not None:
        codes = codes[codes != codes.dtype.type(clear.nodata)]
    strange = clear.scheme.strange(codes)
    return [_unfit(file, clear.scheme, ", ".join(map(str, strange[:12])))] if strange else []


def _unfit(file: str, scheme: QualityScheme, what: str) -> Finding:
    return Finding(
        code="B18", file=file, place="quality", facts={"scheme": scheme.name, "what": what}
    )
