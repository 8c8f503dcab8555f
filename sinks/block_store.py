"""Finished blocks of a long computation, kept on disk so that a killed run can go on.

A folder holds one file per finished window (:mod:`sinks.block_file`) and ``key.txt``, which
names everything that the blocks depend on; with another key the store is emptied. A block that
is not as it was written is computed again, never used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.block_file import DamagedBlock, read_block, write_block, write_whole, writing
from sinks.blocks import map_in_order, parts_of, windows
from sinks.errors import EnvironmentFault, Finding
from sinks.grid import Grid, Window
from sinks.inference.prediction import CODES, SIDE, BlockResult

KEY_FILE = "key.txt"

Progress = Callable[[int, int], None]  # blocks that are done, of how many

_CODES = "codes"
_KEPT_BLOCKS = 64  # of codes in memory: 16 MB


def key_of(facts: Mapping[str, object]) -> str:
    """Return one hash of everything that blocks depend on: inputs, model, settings, version.

    >>> key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    True
    """
    return sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class BlockStore:
    """Blocks of one computation on one grid, in ``folder``; ``key`` says which computation.

    Nothing but its own files is ever deleted from the folder.
    """

    folder: Path
    key: str
    grid: Grid

    def windows(self) -> list[Window]:
        """Return the windows of all blocks, row by row."""
        return windows(self.grid.shape, SIDE, SIDE)

    def path(self, window: Window) -> Path:
        """Return where the block of ``window`` is kept."""
        return self.folder / f"r{window.row:07d}_c{window.col:07d}.block"

    def open(self) -> tuple[Finding, ...]:
        """Make the folder, and empty it of blocks with another key: ``U04`` if there were any.

        Raises
        ------
        EnvironmentFault
            ``U06`` if the folder cannot be written.
        """
        key_file = self.folder / KEY_FILE
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for unfinished in self.folder.glob("*.part"):
                unfinished.unlink()
            if key_file.is_file() and key_file.read_text("utf-8", "replace") == self.key:
                return ()
            old = self._blocks()
            self.clear()
        write_whole(key_file, self.key.encode())
        facts = {"blocks": len(old)}
        return (Finding(code="U04", file=str(self.folder), facts=facts),) if old else ()

    def write(self, block: BlockResult) -> None:
        """Keep a finished block.

        Raises
        ------
        EnvironmentFault
            ``U06`` if it cannot be written.
        """
        arrays: dict[str, NDArray[Any]] = {_CODES: block.codes, **block.layers}
        write_block(self.path(block.window), arrays, key=self.key, window=block.window)

    def read(self, window: Window, name: str) -> NDArray[Any]:
        """Return one array of the block of ``window``: ``codes``, or a layer by name.

        Raises
        ------
        EnvironmentFault
            ``U05`` if the block is missing, or not as it was written.
        """
        path = self.path(window)
        try:
            return read_block(path, key=self.key, window=window, names=(name,))[name]
        except DamagedBlock as error:
            raise EnvironmentFault.because("U05", file=path, why=str(error)) from error

    def counts(self, window: Window) -> NDArray[np.int64] | None:
        """Count the codes of a block that is finished and as it was written, all of it."""
        try:
            arrays = read_block(self.path(window), key=self.key, window=window)
        except DamagedBlock:
            return None
        return np.bincount(arrays[_CODES].ravel(), minlength=CODES)

    def codes(self) -> StoredCodes:
        """Return the class codes of all blocks, as a land cover reads them."""
        return StoredCodes(store=self)

    def layer(self, name: str, bands: tuple[str, ...]) -> StoredLayer:
        """Return a layer of all blocks, to be read by window; ``bands`` names its bands."""
        return StoredLayer(store=self, name=name, names=bands)

    def clear(self) -> None:
        """Delete the blocks, when what they were for is finished."""
        for path in [*self._blocks(), self.folder / KEY_FILE]:
            path.unlink(missing_ok=True)

    def _blocks(self) -> list[Path]:
        return list(self.folder.glob("r*_c*.block"))


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredCodes:
    """Class codes in a store, read by window across the borders of blocks."""

    store: BlockStore
    _kept: Callable[[Window], NDArray[np.uint8]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        read = lru_cache(maxsize=_KEPT_BLOCKS)(lambda window: self.store.read(window, _CODES))
        object.__setattr__(self, "_kept", read)

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        return self.store.grid

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``.

        Raises
        ------
        EnvironmentFault
            ``U05`` if a block is missing or damaged.
        """
        codes = np.empty((window.height, window.width), dtype=np.uint8)
        for block, here, there in parts_of(window, self.grid.shape, SIDE):
            codes[here] = self._kept(block)[there]
        return codes


@dataclass(frozen=True, kw_only=True)
class StoredLayer:
    """A layer in a store, read by window across the borders of blocks, as features are."""

    store: BlockStore
    name: str
    names: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        return self.store.grid

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return float32 ``(bands, rows, columns)``; NaN where there is no data.

        Raises
        ------
        EnvironmentFault
            ``U05`` if a block is missing or damaged.
        """
        values = np.empty((len(self.names), window.height, window.width), dtype=np.float32)
        for block, here, there in parts_of(window, self.grid.shape, SIDE):
            values[:, *here] = self.store.read(block, self.name)[:, *there]
        return values


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What a run over all blocks found.

    ``pixels`` counts every code, as :class:`~sinks.landcover.cover.LandCover` wants it;
    ``computed`` and ``kept`` are numbers of blocks.
    """

    pixels: dict[int, int]
    computed: int
    kept: int
    findings: tuple[Finding, ...] = ()


def run_blocks(
    make: Callable[[Window], BlockResult],
    store: BlockStore,
    *,
    threads: int = 1,
    progress: Progress = lambda done, total: None,
) -> Finished:
    """Make every block that the store does not hold yet.

    ``progress`` is told how many blocks are done, first with those of an earlier run, so that
    the time left follows from the pace of the others. The blocks are the same bytes whatever
    the number of threads, and however often a run was killed.

    Raises
    ------
    EnvironmentFault
        ``U06`` if a block cannot be written.
    """
    noted = store.open()
    every = store.windows()
    total = np.zeros(CODES, dtype=np.int64)
    missing = list[Window]()
    checks = map_in_order(store.counts, every, threads=threads)
    for window, counts in zip(every, checks, strict=True):
        if counts is None:
            missing.append(window)
        else:
            total += counts
    damaged = [store.path(window).name for window in missing if store.path(window).exists()]

    def made(window: Window) -> NDArray[np.int64]:
        block = make(window)
        store.write(block)
        return np.bincount(block.codes.ravel(), minlength=CODES)

    kept = len(every) - len(missing)
    progress(kept, len(every))
    for done, counts in enumerate(map_in_order(made, missing, threads=threads), start=kept + 1):
        total += counts
        progress(done, len(every))
    if damaged:
        facts = {"blocks": len(damaged), "names": damaged[:10]}
        noted = (*noted, Finding(code="U03", file=str(store.folder), facts=facts))
    pixels = {int(code): int(total[code]) for code in np.flatnonzero(total)}
    return Finished(pixels=pixels, computed=len(missing), kept=kept, findings=noted)
