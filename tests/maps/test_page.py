"""What a page may hold: everything inside, nothing that loads, nothing that runs but ours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import folium
import pytest
from branca.element import Element
from folium.plugins import MarkerCluster
from playwright.sync_api import Browser

from sinks.errors import InputRefused
from sinks.maps.page import write_page
from tests.maps.browser import opened
from tests.maps.conftest import written
from tests.maps.scene import Scene


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, text in attrs:
            if name in ("src", "href", "srcset", "action", "data", "poster"):
                self.links.append(text or "")
            if name.startswith("on"):
                self.handlers.append(name)


def map_without_tiles() -> folium.Map:
    return folium.Map([33.3, 120.0], tiles=None)


def refusal_of(m: folium.Map, path: Path) -> tuple[str, str]:
    with pytest.raises(InputRefused) as refusal:
        write_page(m, path / "page.html", title="x")
    assert not list(path.iterdir())
    finding = refusal.value.findings[0]
    assert finding.remedy("zh")
    return finding.code, f"{finding.place} {finding.found('en')}"


def test_nothing_in_the_page_points_anywhere_else(small_page: Path) -> None:
    text = small_page.read_text(encoding="utf-8")
    found = _Links()
    found.feed(text)
    assert [link for link in found.links if not link.startswith("data:")] == []
    assert found.handlers == []
    assert not re.search(r"url\(\s*['\"]?\s*(https?:|//)|@import|sourceMappingURL", text)


def test_the_policy_lets_only_known_scripts_and_styles_run(small_page: Path) -> None:
    text = small_page.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert text.index("<meta charset") < 60
    assert policy.start() < text.index("<script")


def test_old_browsers_and_two_core_browsers_are_told_what_to_do(small_page: Path) -> None:
    text = small_page.read_text(encoding="utf-8")
    assert '<meta name="renderer" content="webkit">' in text
    assert "IE=edge" in text
    check = re.search(r"<script>(if\(!window.Decomp.*?)</script>", text)
    assert check
    assert not re.search(r"=>|`|\b(const|let|class)\b", check[1])  # plain ES5
    assert "360" in text


def test_a_browser_without_streams_shows_the_message(browser: Browser, small_page: Path) -> None:
    context = browser.new_context()
    context.add_init_script("delete window.DecompressionStream")
    page = context.new_page()
    page.goto(small_page.as_uri())
    assert page.is_visible("#sinks-too-old")
    context.close()


def test_one_map_gives_one_file_byte_for_byte(small_scene: Scene, tmp_path: Path) -> None:
    first = written(small_scene, tmp_path / "a.html").read_bytes()
    again = written(small_scene, tmp_path / "b.html").read_bytes()
    assert first == again
    assert not re.search(rb"_[0-9a-f]{32}\b", first)


def test_a_page_can_be_written_twice_from_one_map(tmp_path: Path) -> None:
    m = map_without_tiles()
    folium.Marker([33.3, 120.0]).add_to(m)
    first = write_page(m, tmp_path / "a.html", title="x").read_bytes()
    assert write_page(m, tmp_path / "b.html", title="x").read_bytes() == first


def test_online_tiles_are_refused_by_name(tmp_path: Path) -> None:
    code, found = refusal_of(folium.Map([33.3, 120.0]), tmp_path)
    assert code == "M01"
    assert "tile_layer" in found
    assert "openstreetmap" in found


def test_a_plugin_from_another_host_is_refused_by_name(tmp_path: Path) -> None:
    m = map_without_tiles()
    MarkerCluster().add_to(m)
    code, found = refusal_of(m, tmp_path)
    assert code == "M01"
    assert "markercluster" in found


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://evil.example/x.png">',
        '<link rel="stylesheet" href="//evil.example/x.css">',
        "<style>@import 'x.css';</style>",
        "<style>p{background:url(https://evil.example/x.png)}</style>",
        '<p style="background:url(x.png)">',
        '<a href="https://evil.example/">away</a>',
        '<svg><image xlink:href="http://evil.example/x.svg"/></svg>',
    ],
)
def test_html_that_loads_something_is_refused(html: str, tmp_path: Path) -> None:
    m = map_without_tiles()
    m.get_root().html.add_child(Element(html), name="my_title")
    code, found = refusal_of(m, tmp_path)
    assert code == "M01"
    assert "my_title" in found


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick='f()'>",
        "<iframe></iframe>",
        '<a href="javascript:f()">',
        '<base target="x">',
        '<meta http-equiv="refresh" content="0">',
        '<object data="data:text/plain,x"></object>',
    ],
)
def test_html_that_runs_something_is_refused(html: str, tmp_path: Path) -> None:
    m = map_without_tiles()
    m.get_root().html.add_child(Element(html), name="my_title")
    assert refusal_of(m, tmp_path)[0] == "M03"


def test_a_popup_needs_a_library_that_the_page_does_not_hold(tmp_path: Path) -> None:
    m = map_without_tiles()
    folium.Marker([33.3, 120.0], popup="x").add_to(m)
    code, found = refusal_of(m, tmp_path)
    assert code == "M02"
    assert "popup" in found
    assert "jQuery" in found


def test_a_title_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        write_page(map_without_tiles(), tmp_path / "page.html", title="a\ud83d")
    assert refusal.value.findings[0].code == "M04"


def test_a_page_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        write_page(map_without_tiles(), tmp_path / "page.html", title="x", max_mb=0.1)
    assert refusal.value.findings[0].code == "M07"
    assert not list(tmp_path.iterdir())


def test_a_folium_map_of_ones_own_opens_without_a_network(
    browser: Browser, tmp_path: Path
) -> None:
    m = map_without_tiles()
    folium.Marker([33.3, 120.0], tooltip="标记").add_to(m)
    lake = {
        "type": "Feature",
        "properties": {"name": "湖"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[119.9, 33.2], [120.1, 33.2], [120.1, 33.4], [119.9, 33.2]]],
        },
    }
    lakes = {"type": "FeatureCollection", "features": [lake]}
    folium.GeoJson(lakes, name="湖", tooltip=folium.GeoJsonTooltip(["name"])).add_to(m)
    folium.LayerControl().add_to(m)
    m.get_root().html.add_child(Element('<p style="color: red">说明</p>'))
    path = write_page(m, tmp_path / "我的 地图.html", title="我的地图 <&>")
    with opened(browser, path) as seen:
        assert seen.page.title() == "我的地图 <&>"
        assert seen.texts(".leaflet-control-attribution") == ["Leaflet"]
        marker = seen.page.eval_on_selector(".leaflet-marker-icon", "n => n.naturalWidth")
        assert marker == 25
        assert (
            seen.page.eval_on_selector("body > p", "n => getComputedStyle(n).color")
            == "rgb(255, 0, 0)"
        )
        assert seen.page.locator("path.leaflet-interactive").count() == 1
