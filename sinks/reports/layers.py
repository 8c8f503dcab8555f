"""Layers that say something of every pixel, as cloud-optimised GeoTIFF: how sure a map is where.

Probability, entropy, dissimilarity, scores: numbers of one band or several, read window by
window, so that memory does not grow with the raster. An overview shows the mean of the valid
pixels below (of whole numbers the most frequent). The file is read back before it is moved in.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.grid import Grid, Window
from sinks.reports.painters import Codes, Shrinker, Values
from sinks.reports.quadtree import (
    Block,
    Made,
    QuadTree,
    Quarter,
    compressed,
    grow_all,
    halves,
    resolutions,
)
from sinks.reports.spools import TILE, Spool
from sinks.reports.tiff import Description, assemble

SHRINKERS: Mapping[str, Shrinker] = {"float32": Values(), "uint8": Codes()}


class LayerBlocks(Protocol):
    """Numbers per pixel that can be read window by window, from any thread; as features are."""

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the bands, in order."""
        ...

    def read(self, window: Window) -> NDArray[Any]:
        """Return ``(bands, rows, columns)``; no data is NaN, in whole numbers 0."""
        ...


@dataclass(frozen=True, kw_only=True)
class LayerOutput:
    """A layer to be written: where, what it is called, its unit, and the type of its pixels."""

    path: Path
    name_zh: str
    name_en: str
    unit: str = ""  # as it is shown; a share has none
    dtype: Literal["float32", "uint8"] = "float32"

    def described(self, layer: LayerBlocks, metadata: Mapping[str, str]) -> Description:
        """Return what the file says about itself."""
        name = f"{self.name_zh} {self.name_en}"
        several = len(layer.names) > 1
        return Description(
            crs=layer.grid.crs,
            transform=layer.grid.transform,
            dtype=np.dtype(self.dtype),
            no_data="nan" if self.dtype == "float32" else "0",
            name=name,
            unit=self.unit,
            metadata=tuple(sorted(metadata.items())),
            bands=tuple(f"{name} {band}" for band in layer.names) if several else (),
        )


def write_layer(
    layer: LayerBlocks,
    output: LayerOutput,
    *,
    metadata: Mapping[str, str] | None = None,
    threads: int = 1,
) -> None:
    """Write every band of ``layer`` with its overviews, in one pass over the pixels.

    Parameters
    ----------
    layer
        Numbers of ``output.dtype``.
    metadata
        Items that the file carries, such as the note that it shows synthetic data.
    threads
        Files are the same byte for byte whatever the number.

    Raises
    ------
    EnvironmentFault
        ``X21`` if the file does not read back as it was written; the old one stays then.
    InvariantViolated
        ``I23`` if a GeoTIFF cannot hold the CRS.
    """
    shapes = tuple(resolutions(layer.grid.shape))
    description = output.described(layer, metadata or {})
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix=".tmp-", dir=output.path.parent)
        scratch = Path(stack.enter_context(temporary))
        spools = [Spool(shape, scratch, stack, bands=len(layer.names)) for shape in shapes]
        _fill(spools, layer, SHRINKERS[output.dtype], threads=threads)
        assemble(scratch / output.path.name, spools, description)
        (scratch / output.path.name).replace(output.path)


def _fill(spools: list[Spool], layer: LayerBlocks, shrinker: Shrinker, *, threads: int) -> None:
    """Make the tiles of all resolutions."""
    tree = QuadTree(tuple(spool.shape for spool in spools))
    bands = [shrinker] * len(layer.names)

    def made(place: tuple[int, int]) -> Block:
        return _block(layer, bands, place)

    def store(tiles: Made) -> None:
        for band, tile in enumerate(tiles.tiles):
            spools[tiles.level].append(tiles.row, tiles.col, tile, band=band)

    blocks = map_in_order(made, tree.leaves(0), threads=threads)
    grow_all(tree, bands, blocks, store, leaf_level=0)


def _block(layer: LayerBlocks, bands: list[Shrinker], place: tuple[int, int]) -> Block:
    """Read a tile of every band, fill it up with no data, compress it, and halve it."""
    (row, col), (rows, cols) = place, layer.grid.shape
    top, left = row * TILE, col * TILE
    window = Window(top, left, min(TILE, rows - top), min(TILE, cols - left))
    shape = len(bands), TILE, TILE
    tiles = np.full(shape, bands[0].no_data, dtype=bands[0].dtype)
    tiles[:, : window.height, : window.width] = layer.read(window)
    shrunk = halves(bands)
    Quarter(shrunk, 0, 0).shrink(bands, list(tiles))
    return Block([Made(0, row, col, [compressed(tile) for tile in tiles])], shrunk)
