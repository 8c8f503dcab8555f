"""Edges of zones traced through pixels: each piece leaves the two numbers that it covers.

See :mod:`sinks.zones.coverage_kernel` for how they become shares and sums. The compiled cache of
that module holds this code too, and is renewed when that file changes: touch it after a change
here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 16  # pixels of a row that are worked on together
Function = TypeVar("Function", bound=Callable[..., Any])
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]  # blocks that an edge runs through
Edge = tuple[float, float, float, float]  # x and y where it starts, x and y where it ends
Cell = tuple[int, int]  # row and column
Size = tuple[int, int, int]  # of a window: rows, cells of a row in scratch, columns


def compiled(function: Function) -> Function:
    """Compile a function that runs without the interpreter's lock."""
    return cast(Function, njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """Compile a function into each of its callers."""
    inline = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)
    return cast(Function, inline(function))


@compiled
def trace_ring(
    share: Floats, touched: Marks, size: Size, points: Floats, origin: Cell, inside: float
) -> None:
    """Trace every edge of a ring; the window starts at the row and column ``origin``."""
    rows, _, width = size
    row, col = origin
    x0, y0 = points[0, 0] - col, points[0, 1] - row
    for point in range(1, len(points)):
        x1, y1 = points[point, 0] - col, points[point, 1] - row
        if y0 != y1 and min(y0, y1) < rows and max(y0, y1) > 0:
            downward = y0 < y1
            sign = inside if downward else -inside
            edge = (x0, y0, x1, y1) if downward else (x1, y1, x0, y0)
            beside, within = _clipped(edge, rows, width)
            if beside[1] < beside[3]:
                _trace(share, touched, size, beside, sign)
            if within[1] < within[3]:
                _trace(share, touched, size, within, sign)
        x0, y0 = x1, y1


@inlined
def _clipped(edge: Edge, rows: int, width: int) -> tuple[Edge, Edge]:
    """Cut an edge that runs down to the window: what is left of it, and what is inside.

    What is left of the window covers its rows as if it lay on the left side; what is right
    of it covers nothing.
    """
    x0, y0, x1, y1 = edge
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0:
        x0, y0 = x0 - slope * y0, 0.0
    if y1 > rows:
        x1, y1 = x1 - slope * (y1 - rows), float(rows)
    if min(x0, x1) >= 0 and max(x0, x1) <= width:
        return (0.0, y0, 0.0, y0), (x0, y0, x1, y1)
    down_per_col = (y1 - y0) / (x1 - x0)  # infinite for an upright edge
    at_left = min(max(y0 - x0 * down_per_col, y0), y1)
    at_right = min(max(y0 + (width - x0) * down_per_col, y0), y1)
    start, stop = min(max(x0, 0.0), float(width)), min(max(x1, 0.0), float(width))
    if x0 <= x1:
        return (0.0, y0, 0.0, at_left), (start, at_left, stop, at_right)
    return (0.0, at_left, 0.0, y1), (start, at_right, stop, at_left)


@inlined
def _trace(share: Floats, touched: Marks, size: Size, edge: Edge, sign: float) -> None:
    """Trace an edge that runs down within the window, from grid line to grid line."""
    x0, y0, x1, y1 = edge
    dx, dy = x1 - x0, y1 - y0
    col, row = int(x0), int(y0)
    step, side = (1, col + 1) if dx >= 0 else (-1, col)  # side: the next upright line
    per_x, per_y = 1 / dx if dx != 0 else np.inf, 1 / dy
    x, y = x0, y0
    for _ in range(abs(int(x1) - col) + int(y1) - row):  # lines to cross
        to_side, to_floor = (side - x0) * per_x, (row + 1 - y0) * per_y
        part = min(to_side, to_floor)
        x_next, y_next = x0 + part * dx, y0 + part * dy
        _leave(share, touched, size, (row, col), (0.5 * (x + x_next) - col, sign * (y_next - y)))
        x, y = x_next, y_next
        across = to_side < to_floor
        col, side, row = col + step * across, side + step * across, row + 1 - across
    _leave(share, touched, size, (row, col), (0.5 * (x + x1) - col, sign * (y1 - y)))


@inlined
def _leave(
    share: Floats, touched: Marks, size: Size, place: Cell, piece: tuple[float, float]
) -> None:
    """Leave the two numbers of a piece: how far from the left of its cell, how far down.

    Rounding may end an edge one cell beyond the window, with nothing left to add.
    """
    row, col = place
    from_left, down = piece
    rows, stride, width = size
    here = (row >= 0) & (row < rows) & (col >= 0) & (col < width)
    cell = row * stride + col if here else 0
    beyond = from_left * down
    share[cell] += down - beyond if here else 0.0
    touched[cell // BLOCK] = True
    right = here & (col + 1 < width)
    cell = cell + 1 if right else 0
    share[cell] += beyond if right else 0.0
    touched[cell // BLOCK] = True
