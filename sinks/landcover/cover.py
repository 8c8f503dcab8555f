"""What covers the ground in one year: class codes on a grid, in memory or read by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.legend import NO_DATA, LandClass, Legend


class CodeBlocks(Protocol):
    """Class codes that can be read window by window, from any thread."""

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        ...

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``: legend codes, 0 where there is no data."""
        ...


@dataclass(frozen=True, kw_only=True)
class CodesInMemory:
    """Class codes held as an array, for small scenes and notebooks."""

    grid: Grid
    codes: NDArray[np.uint8]

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``."""
        rows = slice(window.row, window.row + window.height)
        return self.codes[rows, window.col : window.col + window.width]


@dataclass(frozen=True, kw_only=True)
class LandCover:
    """Land cover of one year. Nothing may assume that it fits in memory.

    ``pixels`` counts every code that occurs, no data included; whoever makes a LandCover
    has looked at every pixel once. ``findings`` were noted on the way.

    Raises
    ------
    InputRefused
        ``R20`` if a code occurs that the legend does not define, ``R17`` if every pixel is
        no data.
    """

    blocks: CodeBlocks
    legend: Legend
    year: int
    pixels: dict[int, int]
    reference_date: date | None = None
    findings: tuple[Finding, ...] = field(default=())

    def __post_init__(self) -> None:
        known = {NO_DATA, *self.legend.by_code}
        unknown = {code: n for code, n in self.pixels.items() if code not in known}
        if unknown:
            raise InputRefused.because(
                "R20",
                codes=[f"{code} ({n:,} px)" for code, n in sorted(unknown.items())],
                legend=self.legend.name,
            )
        if not any(n for code, n in self.pixels.items() if code != NO_DATA):
            raise InputRefused.because("R17", legend=self.legend.name)

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        return self.blocks.grid

    def classes(self) -> tuple[LandClass, ...]:
        """Return the classes that occur, in the order of the legend."""
        return tuple(c for c in self.legend.classes if self.pixels.get(c.code, 0))

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``; 0 is no data."""
        return self.blocks.read(window)


def cover_from_array(
    codes: NDArray[np.uint8], *, grid: Grid, legend: Legend, year: int
) -> LandCover:
    """Make land cover of an array of legend codes, shape ``(rows, cols)``."""
    found, counts = np.unique(codes, return_counts=True)
    return LandCover(
        blocks=CodesInMemory(grid=grid, codes=codes),
        legend=legend,
        year=year,
        pixels={int(code): int(n) for code, n in zip(found, counts, strict=True)},
    )
