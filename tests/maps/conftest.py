from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from sinks.maps.atlas import study_map
from sinks.maps.page import write_page
from tests.maps.browser import launched
from tests.maps.scene import Scene, scene


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def small_scene() -> Scene:
    return scene()


@pytest.fixture(scope="session")
def small_page(small_scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(small_scene, tmp_path_factory.mktemp("成果（2025）") / "地图 一张图.html")


def written(what: Scene, path: Path, *, language: str = "zh") -> Path:
    m = study_map(what.results, what.rasters, what.layers)
    title = (what.results.name_zh, what.results.name_en)
    return write_page(m, path, title=title, language=language)  # type: ignore[arg-type]
