"""A flat sheet that land is drawn on, and how it is bent into the landscape.

Canals, fields, ponds and villages of a polder plain are rectangles. They are drawn on a
sheet whose rows and columns are 10 m apart, which needs no geometry, and then the sheet is
bent by a smooth displacement so that nothing runs quite straight. Only sums and products
are used, so the result is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from .places import CODE, COLS, NORTH, PIXEL_M, ROWS, WEST

MARGIN = 80  # pixels of the sheet outside the raster, so that bending never leaves it
SHEET_ROWS, SHEET_COLS = ROWS + 2 * MARGIN, COLS + 2 * MARGIN
SHEET_WEST, SHEET_NORTH = WEST - MARGIN * PIXEL_M, NORTH + MARGIN * PIXEL_M


class Rect(NamedTuple):
    """A rectangle of the sheet in pixels; ``bottom`` and ``right`` are just outside."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def lies_flat(self) -> bool:
        """Whether it is wider than high."""
        return self.width >= self.height

    @property
    def length(self) -> int:
        """The longer side."""
        return max(self.width, self.height)

    @property
    def middle(self) -> tuple[float, float]:
        """Sheet coordinates of the middle, in metres."""
        row, col = (self.top + self.bottom) / 2, (self.left + self.right) / 2
        return SHEET_WEST + col * PIXEL_M, SHEET_NORTH - row * PIXEL_M

    def rows(self, start: float, stop: float) -> Rect:
        """Return the rows between two positions, counted from the top."""
        return self._replace(top=self.top + round(start), bottom=self.top + round(stop))

    def cols(self, start: float, stop: float) -> Rect:
        """Return the columns between two positions, counted from the left."""
        return self._replace(left=self.left + round(start), right=self.left + round(stop))

    def cut(self, start: float, stop: float) -> Rect:
        """Return the part between two positions along the longer side."""
        return self.cols(start, stop) if self.lies_flat else self.rows(start, stop)

    def slice_across(self, start: float, stop: float) -> Rect:
        """Return the part between two positions along the shorter side."""
        return self.rows(start, stop) if self.lies_flat else self.cols(start, stop)

    def polygon(self) -> shapely.Polygon:
        """Return it in sheet coordinates, in metres."""
        return shapely.box(
            SHEET_WEST + self.left * PIXEL_M,
            SHEET_NORTH - self.bottom * PIXEL_M,
            SHEET_WEST + self.right * PIXEL_M,
            SHEET_NORTH - self.top * PIXEL_M,
        )


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of land in both years; ``kind`` says what a layer makes of it."""

    shape: shapely.Geometry
    before: str
    after: str
    kind: str


class Stroke(NamedTuple):
    """One painted rectangle: a field, a pond, a road; and its class in both years."""

    rect: Rect
    before: str
    after: str


@dataclass
class Sheet:
    """Codes of both years, shape ``(2, rows, cols)``, and the pieces that layers need.

    ``numbers`` says which of the ``strokes`` painted a pixel last, counted from 1.
    """

    codes: NDArray[np.uint8] = field(
        default_factory=lambda: np.zeros((2, SHEET_ROWS, SHEET_COLS), dtype=np.uint8)
    )
    patches: list[Patch] = field(default_factory=list)
    numbers: NDArray[np.int32] = field(
        default_factory=lambda: np.zeros((SHEET_ROWS, SHEET_COLS), dtype=np.int32)
    )
    strokes: list[Stroke] = field(default_factory=list)

    def paint(self, rect: Rect, before: str, after: str | None = None, *, kind: str = "") -> None:
        """Paint both years; what has a ``kind`` is kept as a piece. Later paint wins."""
        after = after or before
        top, left = max(rect.top, 0), max(rect.left, 0)
        if rect.bottom <= top or rect.right <= left:
            return
        self.codes[0, top : rect.bottom, left : rect.right] = CODE[before]
        self.codes[1, top : rect.bottom, left : rect.right] = CODE[after]
        self.strokes.append(Stroke(rect, before, after))
        self.numbers[top : rect.bottom, left : rect.right] = len(self.strokes)
        if kind:
            self.patches.append(Patch(rect.polygon(), before, after, kind))


@dataclass(frozen=True)
class Noise:
    """A smooth field: cubic B-spline through random numbers on a lattice."""

    knots: NDArray[np.float64]
    spacing_m: float

    @classmethod
    def draw(cls, seed: tuple[int, ...], *, spacing_m: float, amplitude: float) -> Noise:
        """Draw a field over the sheet, between ``-amplitude`` and ``amplitude``."""
        rng = np.random.Generator(np.random.PCG64(seed))
        shape = (
            int(SHEET_ROWS * PIXEL_M / spacing_m) + 5,
            int(SHEET_COLS * PIXEL_M / spacing_m) + 5,
        )
        return cls((rng.random(shape) * 2 - 1) * amplitude, spacing_m)

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the field at points."""
        i, down = self._weights(SHEET_NORTH - np.asarray(y, dtype=float), axis=0)
        j, right = self._weights(np.asarray(x, dtype=float) - SHEET_WEST, axis=1)
        columns = [sum(w * self.knots[i + a, j + b] for a, w in enumerate(down)) for b in range(4)]
        return np.asarray(sum(w * c for w, c in zip(right, columns, strict=True)))

    def on_grid(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the field on a grid, shape ``(len(ys), len(xs))``, equal to :meth:`at`."""
        i, down = self._weights(SHEET_NORTH - ys, axis=0)
        j, right = self._weights(xs - SHEET_WEST, axis=1)
        rows = np.asarray(sum(w[:, np.newaxis] * self.knots[i + a] for a, w in enumerate(down)))
        return np.asarray(sum(w * rows[:, j + b] for b, w in enumerate(right)))

    def _weights(
        self, along_m: NDArray[np.float64], *, axis: int
    ) -> tuple[NDArray[np.intp], tuple[NDArray[np.float64], ...]]:
        """Return the first knot and the four weights of a cubic B-spline."""
        position = np.clip(along_m / self.spacing_m, 0, self.knots.shape[axis] - 4.001)
        knot = position.astype(np.intp)
        t = position - knot
        s = 1 - t
        inner = [(3 * u * u * u - 6 * u * u + 4) / 6 for u in (t, s)]
        return knot, (s * s * s / 6, *inner, t * t * t / 6)


@dataclass(frozen=True)
class Bend:
    """How the sheet is bent: a displacement east and one north."""

    east: Noise
    north: Noise

    @classmethod
    def draw(cls, seed: int) -> Bend:
        """Draw the displacements: about 250 m, turning lines by up to ten degrees."""
        return cls(*(Noise.draw((seed, n), spacing_m=4_000, amplitude=1_000) for n in (901, 902)))

    def rows_and_cols(
        self, xs: NDArray[np.float64], ys: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the sheet pixel under each point of a grid."""
        u = xs + self.east.on_grid(xs, ys)
        v = ys[:, np.newaxis] + self.north.on_grid(xs, ys)
        rows = np.floor((SHEET_NORTH - v) / PIXEL_M).astype(np.intp)
        cols = np.floor((u - SHEET_WEST) / PIXEL_M).astype(np.intp)
        return np.clip(rows, 0, SHEET_ROWS - 1), np.clip(cols, 0, SHEET_COLS - 1)

    def to_ground(self, sheet: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sheet coordinates to ground coordinates in metres, shape ``(n, 2)``."""
        x, y = sheet[:, 0].copy(), sheet[:, 1].copy()
        for _ in range(40):  # a contraction by less than a half each time
            x, y = sheet[:, 0] - self.east.at(x, y), sheet[:, 1] - self.north.at(x, y)
        return np.column_stack((x, y))

    def to_sheet(self, ground: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ground coordinates to sheet coordinates in metres, shape ``(n, 2)``."""
        x, y = ground[:, 0], ground[:, 1]
        return np.column_stack((x + self.east.at(x, y), y + self.north.at(x, y)))

    def shapes(self, flat: ArrayLike) -> NDArray[np.object_]:
        """Return shapes of the sheet on the ground, their long sides bent along."""
        pieces = shapely.segmentize(np.asarray(flat, dtype=object), 200.0)
        return np.asarray(shapely.transform(pieces, self.to_ground))
