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
