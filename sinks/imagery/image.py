"""An image: reflectance by role on one grid, of one day; and features of several put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sinks.blocks import windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.roles import checked_roles


@dataclass(frozen=True, kw_only=True, eq=False)
class Image:
    """One image, read window by window.

    The names of ``blocks`` are roles; its values are reflectance (1 is all light reflected;
    of thermal bands, kelvin), NaN where there is no data or cloud was masked. ``label`` says
    which image it is, for people; ``findings`` were noted when it was read.

    Raises
    ------
    InputRefused
        ``B02``, ``B03`` if a name is no role or comes twice.
    """

    blocks: FeatureBlocks
    day: date | None = None
    label: str = ""
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        checked_roles(self.blocks.names)

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        return self.blocks.grid

    @property
    def names(self) -> tuple[str, ...]:
        """Roles of the bands, in order."""
        return self.blocks.names

    def read(self, window: Window) -> Features:
        """Return float32 ``(bands, rows, columns)`` of ``window``."""
        return self.blocks.read(window)

    def selected(self, names: Sequence[str]) -> FeatureBlocks:
        """Return the bands of some roles."""
        return selected(self.blocks, names)


@dataclass(frozen=True, kw_only=True, eq=False)
class StackedFeatures:
    """Features of several sources on one grid, one after another: see :func:`stacked`."""

    parts: tuple[FeatureBlocks, ...]

    @property
    def grid(self) -> Grid:
        """The grid of all parts."""
        return self.parts[0].grid

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features of all parts, in order."""
        return tuple(name for part in self.parts for name in part.names)

    def read(self, window: Window) -> Features:
        """Return the features of all parts."""
        return np.concatenate([part.read(window) for part in self.parts])

    def selected(self, names: Sequence[str]) -> FeatureBlocks:
        """Return those parts, and of each those features, that are named."""
        wanted = [[name for name in part.names if name in names] for part in self.parts]
        pairs = zip(self.parts, wanted, strict=True)
        return stacked([selected(part, some) for part, some in pairs if some])


def stacked(parts: Sequence[FeatureBlocks]) -> FeatureBlocks:
    """Put features of several sources on one grid together.

    Raises
    ------
    InputRefused
        ``B25`` if the grids differ or there is none, ``B28`` if a name comes twice.
    """
    require_one_grid(parts)
    names = [name for part in parts for name in part.names]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputRefused.because("B28", place=", ".join(twice), names=twice)
    return parts[0] if len(parts) == 1 else StackedFeatures(parts=tuple(parts))


@dataclass(frozen=True, kw_only=True, eq=False)
class SelectedFeatures:
    """Some features of a source, in an order of their own: see :func:`selected`."""

    source: FeatureBlocks
    names: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """The grid of the source."""
        return self.source.grid

    def read(self, window: Window) -> Features:
        """Return the chosen features of ``window``."""
        places = [self.source.names.index(name) for name in self.names]
        return self.source.read(window)[places]


def selected(features: FeatureBlocks, names: Sequence[str]) -> FeatureBlocks:
    """Return some features, by name and in the order given.

    A source with a method ``selected`` of its own reads no others.
    """
    if tuple(names) == features.names:
        return features
    choose = getattr(features, "selected", None)
    chosen: FeatureBlocks = features if choose is None else choose(names)
    if chosen.names == tuple(names):
        return chosen
    return SelectedFeatures(source=chosen, names=tuple(names))


def require_one_grid(parts: Sequence[FeatureBlocks]) -> None:
    """Refuse parts that do not lie on one grid pixel by pixel (``B25``)."""
    if not parts:
        raise InputRefused.because("B25", what="0")
    first = parts[0].grid
    for number, part in enumerate(parts[1:], start=2):
        if not same_grid(part.grid, first):
            what = f"{part.grid.shape} {tuple(part.grid.transform)[:6]}"
            what += f" ≠ {first.shape} {tuple(first.transform)[:6]}"
            raise InputRefused.because("B25", place=_label(part, number), what=what)


def same_grid(grid: Grid, other: Grid) -> bool:
    """Whether both have the same pixels, to a hundredth of a pixel."""
    a, b = grid.transform, other.transform
    shift = max(abs((b.c - a.c) / a.a), abs((b.f - a.f) / a.e))
    return grid.shape == other.shape and grid.aligned_with(other) and shift < 0.5


def in_pieces(
    read: Callable[[Window], Features], window: Window, *, features: int, most_px: int
) -> Features:
    """Read a window of any size in pieces of ``most_px`` pixels, so that memory is bounded."""
    height, width = window.height, window.width
    if height * width <= most_px:
        return read(window)
    values = np.empty((features, height, width), dtype=np.float32)
    piece_width = min(width, most_px)
    for row, col, high, wide in windows((height, width), most_px // piece_width, piece_width):
        piece = Window(window.row + row, window.col + col, high, wide)
        values[:, row : row + high, col : col + wide] = read(piece)
    return values


def _label(part: FeatureBlocks, number: int) -> str:
    return str(getattr(part, "label", "") or f"第 {number} 个 / no. {number}")
