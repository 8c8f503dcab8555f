"""Refinements follow one another, from finished blocks on disk to the file that is written."""

from __future__ import annotations

import numpy as np
import rasterio
from shapely.geometry import box

from sinks.block_store import BlockStore, run_blocks
from sinks.grid import Window
from sinks.inference.prediction import BlockResult
from sinks.landcover.cover import LandCover
from sinks.refinement.mapping_unit import MappingUnit, generalised
from sinks.refinement.parcels import ParcelRule, Parcels, by_parcel, compared
from sinks.refinement.splits import SplitRule, split
from sinks.reports.cogs import write_classes
from tests.scenes import SCENE_LEGEND, cover_from_codes, scene_grid, zones_at

SHAPE = 560, 700
RULE = ParcelRule(purity=0.6, minimum_ha=1.0)


def made(window):
    rows = np.arange(window.row, window.row + window.height)[:, np.newaxis]
    cols = np.arange(window.col, window.col + window.width)[np.newaxis, :]
    codes = (rows // 40 + cols // 60) % 3 + 1
    codes = np.where((rows * 31 + cols * 17) % 23 == 0, codes % 3 + 1, codes)
    return BlockResult(window=window, codes=codes.astype(np.uint8))


def refined(cover):
    cover = generalised(cover, MappingUnit(unit_ha=5.0)).cover
    reeds = {"reeds": zones_at({"r": box(100.2, 90.7, 640.3, 555.5)})}
    rule = SplitRule(land_cover="water", kind="reeds", becomes="grass")
    cover = split(cover, reeds, [rule], threads=2).cover
    shapes = {f"p{n}": box(60 * n, 480, 60 * n + 50, 550) for n in range(8)}
    parcels = Parcels(zones=zones_at(shapes), official=dict.fromkeys(shapes, "forest"))
    table = compared(cover, parcels, RULE, threads=2)
    return by_parcel(cover, parcels, table, RULE, threads=2)


def test_a_map_is_refined_in_three_steps_from_disk_as_in_memory(tmp_path):
    store = BlockStore(folder=tmp_path / "blocks", key="k", grid=scene_grid(SHAPE))
    done = run_blocks(made, store)
    stored = LandCover(blocks=store.codes(), legend=SCENE_LEGEND, year=2024, pixels=done.pixels)
    whole = made(Window(0, 0, *SHAPE)).codes

    cover, twin = refined(stored), refined(cover_from_codes(whole))
    write_classes(cover, tmp_path / "map.tif", threads=2)

    expected = twin.read(Window(0, 0, *SHAPE))
    with rasterio.open(tmp_path / "map.tif") as file:
        np.testing.assert_array_equal(file.read(1), expected)
    assert cover.pixels == {code: int((expected == code).sum()) for code in (1, 2, 3)}
    assert [f.code for f in cover.findings] == ["U09", "U13", "U17"]
    assert (expected != whole).mean() > 0.05
