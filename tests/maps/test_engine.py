"""The browser's side: it finds the pixel that was counted, and draws it where it lies."""

from __future__ import annotations

from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from playwright.sync_api import Browser
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, box

from sinks.grid import Grid
from sinks.landcover.cover import cover_from_array
from sinks.maps.elements import ClassRaster, DerivedRaster, Look, Quantity, ShapeLayer
from sinks.maps.inert import Words
from sinks.maps.page import write_page
from sinks.maps.panels import LayerPanel, Legend, Pointer
from sinks.maps.placement import crs_name
from sinks.maps.ramps import change_ramp
from tests.maps.browser import Opened, opened
from tests.maps.scene import LEGEND, grid_at

GRIDS = {
    "projected": Grid(  # 160 km from the central meridian: rows lean by almost a degree
        crs=CRS("EPSG:4549"), transform=Affine(10, 0, 340_000, 0, -10, 3_700_000), shape=(90, 110)
    ),
    "geographic": Grid(
        crs=CRS("EPSG:4490"), transform=Affine(1e-4, 0, 119.7, 0, -1e-4, 33.4), shape=(90, 110)
    ),
}
TO_MERCATOR = "EPSG:3857"


def random_codes(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 8, shape).astype(np.uint8)


def page_of(path: Path, *elements: object) -> Path:
    m = folium.Map([33.4, 120.0], tiles=None, zoom_snap=0.25)
    for element in (*elements, LayerPanel(), Legend(), Pointer()):
        m.add_child(element)
    return write_page(m, path / "page.html", title="x")


def look_at(
    seen: Opened, grid: Grid, zoom: float, *, off_px: tuple[float, float] = (0, 0)
) -> None:
    """Put the middle of the grid into the middle of the view, or a few pixels from it."""
    rows, cols = grid.shape
    x = grid.transform.c + (cols / 2 + off_px[0]) * grid.transform.a
    y = grid.transform.f + (rows / 2 + off_px[1]) * grid.transform.e
    lon, lat = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    seen.run(
        "async (v) => { map.setView([v.lat, v.lon], v.zoom, {animate: false}); }",
        {"lat": lat, "lon": lon, "zoom": zoom},
    )
    seen.settle()


@pytest.mark.parametrize("shape", [(90, 110), (700, 1300)])
def test_a_class_read_in_the_page_is_the_class_in_the_array(
    shape: tuple[int, int], browser: Browser, tmp_path: Path
) -> None:
    codes, grid = random_codes(shape), grid_at(shape)
    cover = cover_from_array(codes, grid=grid, legend=LEGEND, year=2020)
    rng = np.random.default_rng(1)
    row, col = rng.integers(0, shape[0], 1000), rng.integers(0, shape[1], 1000)
    inside = rng.uniform(0.01, 0.99, (2, 1000))
    x = grid.transform.c + (col + inside[0]) * grid.transform.a
    y = grid.transform.f + (row + inside[1]) * grid.transform.e
    points = np.column_stack(
        Transformer.from_crs(grid.crs, TO_MERCATOR, always_xy=True).transform(x, y)
    )
    with opened(browser, page_of(tmp_path, ClassRaster(cover))) as seen:
        read = seen.run(
            "(p) => Promise.all(p.map(([x, y]) => room.bases[0].codeAt(x, y)))", points.tolist()
        )
        far = seen.run("(p) => room.bases[0].codeAt(p[0] - 1e6, p[1])", points[0].tolist())
    np.testing.assert_array_equal(read, codes[row, col])
    assert far == 0


@pytest.mark.parametrize("name", GRIDS)
def test_the_way_back_from_the_screen_agrees_with_pyproj_to_a_centimetre(
    name: str, browser: Browser, tmp_path: Path
) -> None:
    grid = GRIDS[name]
    cover = cover_from_array(random_codes(grid.shape), grid=grid, legend=LEGEND, year=2020)
    west, south, east, north = grid.bounds
    rng = np.random.default_rng(2)
    x, y = rng.uniform(west, east, 500), rng.uniform(south, north, 500)
    mercator = Transformer.from_crs(grid.crs, TO_MERCATOR, always_xy=True).transform(x, y)
    with opened(browser, page_of(tmp_path, ClassRaster(cover))) as seen:
        back = np.array(
            seen.run(
                "(p) => p.map(([x, y]) => room.bases[0].pixels.coordinates(x, y))",
                np.column_stack(mercator).tolist(),
            )
        )
    unit_m = 111_320 if grid.crs.is_geographic else 1
    assert np.hypot(back[:, 0] - x, back[:, 1] - y).max() * unit_m < 0.01


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("zoom", [14.25, 16, 18.5])
def test_pixels_and_a_polygon_around_them_meet_within_one_screen_pixel(
    name: str, zoom: float, browser: Browser, tmp_path: Path
) -> None:
    grid = GRIDS[name]
    rows, cols = np.mgrid[0 : grid.shape[0], 0 : grid.shape[1]]
    board = ((rows + cols) % 2).astype(np.uint8)  # code 1 on every other pixel
    cover = cover_from_array(board, grid=grid, legend=LEGEND, year=2020)
    with opened(browser, page_of(tmp_path, ClassRaster(cover), traced(grid, board))) as seen:
        look_at(seen, grid, zoom, off_px=(3.3, 1.7))
        pixels, shape = (np.array(mask) for mask in seen.run(MASKS))
    assert 0.4 < pixels.mean() < 0.6
    differ = pixels != shape
    assert differ.mean() < 0.12  # both smooth their edges in their own way
    # where they differ, an edge of both lies within one screen pixel
    assert not (differ & ~near_an_edge(pixels))[1:-1, 1:-1].any()
    assert not (differ & ~near_an_edge(shape))[1:-1, 1:-1].any()


MASKS = """() => {
  const take = (layer) => {
    const { canvas } = layer._shown;
    const [w, h] = [130, 110];
    const x = Math.round(canvas.width / 2 - w / 2), y = Math.round(canvas.height / 2 - h / 2);
    const data = canvas.getContext('2d').getImageData(x, y, w, h).data;
    return Array.from({ length: h }, (_, r) =>
      Array.from({ length: w }, (_, c) => data[(r * w + c) * 4 + 3] > 127));
  };
  return [take(room.bases[0]), take(room.overlays[0])];
}"""


def traced(grid: Grid, board: np.ndarray) -> ShapeLayer:
    """One polygon per pixel of code 1, filled, without an outline."""
    t = grid.transform
    squares = [
        box(t.c + c * t.a, t.f + (r + 1) * t.e, t.c + (c + 1) * t.a, t.f + r * t.e)
        for r, c in np.argwhere(board)
    ]
    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[MultiPolygon(squares)], crs=grid.crs)
    return ShapeLayer(frame, "x", names="name", look=Look(width=0, halo=None, fill="#ff0000"))


def near_an_edge(mask: np.ndarray) -> np.ndarray:
    """Where a neighbour, also across a corner, is of the other kind."""
    padded = np.pad(mask, 1, mode="edge")
    near = np.zeros_like(mask)
    for dy in range(3):
        for dx in range(3):
            near |= padded[dy : dy + mask.shape[0], dx : dx + mask.shape[1]] != mask
    return near


@pytest.mark.parametrize("dpr", [1, 1.5])
def test_every_device_pixel_has_the_colour_of_the_pixel_it_lies_in(
    dpr: float, browser: Browser, tmp_path: Path
) -> None:
    grid = grid_at((300, 400))
    cover = cover_from_array(random_codes(grid.shape), grid=grid, legend=LEGEND, year=2020)
    path = page_of(tmp_path, ClassRaster(cover))
    context = browser.new_context(device_scale_factor=dpr, viewport={"width": 900, "height": 700})
    page = context.new_page()
    page.goto(path.as_uri())
    seen = Opened(page)
    look_at(seen, grid, 16.5)
    wrong = seen.run(WRONG_COLOURS)
    context.close()
    assert wrong == {"looked": 4000, "wrong": 0}


WRONG_COLOURS = """async () => {
  const layer = room.bases[0], view = layer._shown;
  const data = view.canvas.getContext('2d').getImageData(0, 0, view.width, view.height).data;
  const hex = (byte) => byte.toString(16).padStart(2, '0');
  let wrong = 0;
  for (let k = 0; k < 4000; k++) {
    const i = (k * 7919) % view.width, j = (k * 104729) % view.height;
    const x = view.left + (i + 0.5) * view.step, y = view.top - (j + 0.5) * view.step;
    const [c, r] = layer.pixels.locate(x, y);
    const close = Math.min(c % 1, 1 - c % 1, r % 1, 1 - r % 1) < 1e-3;
    const found = layer.byCode.get(await layer.codeAt(x, y));
    const at = (j * view.width + i) * 4;
    const shown = data[at + 3] ? '#' + [0, 1, 2].map((p) => hex(data[at + p])).join('') : null;
    if (!close && shown !== (found ? found.colour : null)) wrong++;
  }
  return { looked: 4000, wrong };
}"""


def test_shapes_come_back_from_the_page_to_half_a_step(browser: Browser, tmp_path: Path) -> None:
    squares = [
        box(5e5 + 900 * i, 3.7e6 + 40 * i, 5e5 + 900 * i + 500, 3.7e6 + 500) for i in range(9)
    ]
    frame = gpd.GeoDataFrame({"name": list("abcdefghi")}, geometry=squares, crs="EPSG:4549")
    with opened(browser, page_of(tmp_path, ShapeLayer(frame, "x", names="name"))) as seen:
        seen.settle()
        rings = seen.run(
            "() => { const l = room.overlays[0]; return l.facts.names.map((n, f) =>"
            " [n.zh, l.shapes.rings(f)[0].map((p) => sinks.mercator(p))]); }"
        )
        inside = seen.run(
            "(p) => room.overlays[0].find(L.latLng(p)).map((f) => f.name.zh)", middle(squares[4])
        )
    placed = dict(zip(frame["name"], frame.to_crs(TO_MERCATOR).geometry, strict=True))
    for name, ring in rings:
        truth = np.asarray(placed[name].exterior.coords)[:-1]
        assert np.abs(np.array(ring) - truth).max() < 0.0501
    assert inside == ["e"]


def middle(shape: object) -> list[float]:
    centre = gpd.GeoSeries([shape], crs="EPSG:4549").centroid.to_crs("EPSG:4326").iloc[0]
    return [centre.y, centre.x]


def test_change_is_after_minus_before_and_its_overview_is_the_mean(
    browser: Browser, tmp_path: Path
) -> None:
    shape = (256, 256)
    early = np.full(shape, 3, np.uint8)
    late = early.copy()
    late[::2, ::2] = 5  # every fourth pixel gains: no majority would show it
    grid = grid_at(shape)
    rasters = [
        ClassRaster(
            cover_from_array(codes, grid=grid, legend=LEGEND, year=year), show=year == 2025
        )
        for codes, year in ((early, 2020), (late, 2025))
    ]
    ramp = change_ramp([80.0], unit=Words("x", "x"))
    quantity = Quantity(subject=Words("变化", "change"), unit=Words("x", "x"), ramp=ramp)
    change = DerivedRaster(
        rasters[1], quantity, value_by_code={3: 20.0, 5: 100.0}, minus=rasters[0]
    )
    corner = grid.transform.c + 5, grid.transform.f - 5
    mercator = Transformer.from_crs(grid.crs, TO_MERCATOR, always_xy=True).transform(*corner)
    with opened(browser, page_of(tmp_path, *rasters, change)) as seen:
        assert seen.run("(p) => room.bases[2].valueAt(p[0], p[1])", list(mercator)) == 80.0
        seen.page.locator(".sinks-pill input").nth(2).check()
        look_at(seen, grid, 12)
        mean = seen.run(MEAN_CHANGE)
    assert mean == pytest.approx(20.0, abs=1.0)  # a quarter of the pixels gains 80


MEAN_CHANGE = """() => {
  const layer = room.bases[2], { canvas } = layer._shown;
  const values = new Map();
  for (let v = 0; v <= 80; v += 0.05) values.set(layer.ramp(v) & 0xffffff, v);
  const [x, y] = [canvas.width / 2 - 20, canvas.height / 2 - 20];
  const data = canvas.getContext('2d').getImageData(x, y, 40, 40).data;
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += values.get(data[i] | data[i + 1] << 8 | data[i + 2] << 16);
  }
  return sum / 1600;
}"""


def test_layers_that_come_after_the_panel_are_listed_too(browser: Browser, tmp_path: Path) -> None:
    grid = grid_at((20, 20))
    covers = [
        cover_from_array(random_codes(grid.shape), grid=grid, legend=LEGEND, year=year)
        for year in (2020, 2025)
    ]
    square = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(*grid.bounds)], crs=grid.crs)
    m = folium.Map([33.4, 120.0], tiles=None)
    ClassRaster(covers[0]).add_to(m)
    LayerPanel().add_to(m)
    ClassRaster(covers[1]).add_to(m)
    ShapeLayer(square, "方块", names="name").add_to(m)
    with opened(browser, write_page(m, tmp_path / "page.html", title="x")) as seen:
        seen.settle()
        assert seen.texts(".sinks-pill") == ["2020", "2025"]
        assert seen.run("() => room.bases.map((l) => map.hasLayer(l))") == [False, True]
        assert seen.texts(".sinks-overlays label") == ["方块"]
        assert seen.page.locator(".sinks-overlays input").is_checked()


def test_elements_show_in_a_notebook_as_folium_shows_a_map() -> None:
    grid = grid_at((20, 20))
    cover = cover_from_array(random_codes(grid.shape), grid=grid, legend=LEGEND, year=2020)
    m = folium.Map([33.4, 120.0], tiles=None)
    ClassRaster(cover, "<b>{{'q' * 9}}</b>").add_to(m)
    folium.LayerControl().add_to(m)
    shown = m._repr_html_()
    assert "srcdoc" in shown
    assert "q" * 9 not in shown


def test_a_crs_without_a_name_goes_by_its_ellipsoid() -> None:
    assert crs_name(CRS("EPSG:4549")).zh.endswith("(EPSG:4549)")
    clarke = CRS.from_proj4("+proj=longlat +ellps=clrk66 +no_defs")
    assert "Clarke 1866" in crs_name(clarke).zh


def test_an_element_without_a_map_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match="add_to"):
        LayerPanel().render()
