"""Run a function over aligned blocks of pixels, in threads, with bounded memory.

Results come back in the order of the blocks whatever the number of threads, so that sums
are the same bit for bit; at most a few blocks per thread are held at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sinks.grid import Window

Item = TypeVar("Item")
Result = TypeVar("Result")


def windows(shape: tuple[int, int], height: int, width: int | None = None) -> list[Window]:
    """Cut a raster of ``shape`` (rows, columns) into windows, row by row.

    >>> windows((3, 5), 2)
    [Window(row=0, col=0, height=2, width=5), Window(row=2, col=0, height=1, width=5)]
    """
    rows, cols = shape
    width = width or cols
    return [
        Window(row, col, min(height, rows - row), min(width, cols - col))
        for row in range(0, rows, height)
        for col in range(0, cols, width)
    ]


def parts_of(
    window: Window, shape: tuple[int, int], side: int
) -> Iterator[tuple[Window, tuple[slice, slice], tuple[slice, slice]]]:
    """Yield the tiles of ``side`` that a window meets, and what both share.

    With each tile come the rows and columns of the shared part, counted in the window and
    counted in the tile. Tiles at the edge of a raster of ``shape`` are cut off.

    >>> [(tile.row, here[0], there[0]) for tile, here, there in parts_of(
    ...     Window(3, 0, 2, 1), (9, 9), 4)]
    [(0, slice(0, 1, None), slice(3, 4, None)), (4, slice(1, 2, None), slice(0, 1, None))]
    """
    row, col, height, width = window
    for top in range(row // side * side, row + height, side):
        for left in range(col // side * side, col + width, side):
            tile = Window(top, left, min(side, shape[0] - top), min(side, shape[1] - left))
            rows = _shared(top, tile.height, row, height)
            cols = _shared(left, tile.width, col, width)
            yield tile, (rows[0], cols[0]), (rows[1], cols[1])


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int = 1
) -> Iterator[Result]:
    """Yield ``function(item)`` for every item, in their order; ``threads`` work ahead.

    An error of one item ends the whole: there are no partial results.
    """
    if threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 3 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _shared(start: int, length: int, first: int, count: int) -> tuple[slice, slice]:
    """Return what a stretch of a window shares with one of a tile, counted from each."""
    low, high = max(start, first), min(start + length, first + count)
    return slice(low - first, high - first), slice(low - start, high - start)
