"""The browser code of a page: Leaflet from its package, the engine from this folder."""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from functools import cache
from pathlib import Path

from branca.element import Element, Figure
from xstatic.pkg import leaflet

from sinks.maps.inert import Block, json_text

_OURS = Path(__file__).parent / "assets"
_LEAFLET = Path(leaflet.BASE_DIR)
SCRIPTS = (
    "core.js", "view.js", "pixels.js", "raster.js", "mask.js", "shapes.js", "labels.js",
    "swipe.js", "layers.js", "legend.js", "pointer.js", "choice.js", "zones.js", "charts.js",
    "carbon.js", "lights.js", "town_map.js", "indicators.js", "account_tables.js", "accounts.js",
    "restoration.js", "frame.js",
)  # fmt: skip
# Leaflet looks for its pictures beside its style sheet, and its line in the corner of the
# map would link to its site and show a flag.
_SETTLED = """
L.Icon.Default.mergeOptions({{imagePath: '', iconUrl: '{icon}', iconRetinaUrl: '{icon2}',
  shadowUrl: '{shadow}'}});
L.Icon.Default.prototype._getIconUrl = L.Icon.prototype._getIconUrl;
L.Control.Attribution.mergeOptions({{prefix: 'Leaflet'}});
"""


class Asset(Element):
    """Code or style of ours in the head of a page, as it stands in its file."""

    def __init__(self, tag: str, text: str):
        super().__init__()
        self._name = "Asset"
        self._tag = tag
        self._text = text

    def render(self, **kwargs: object) -> str:
        """Return the element; nothing in it is a template."""
        return f"<{self._tag}>{self._text}</{self._tag}>"


def figure_of(element: Element) -> Figure:
    """Return the page that an element is on."""
    figure = element.get_root()
    if not isinstance(figure, Figure):
        raise TypeError(f"{type(element).__name__} is not on a map yet: use .add_to(m) first")
    return figure


def add_leaflet(figure: Figure) -> None:
    """Put Leaflet itself where folium links to a copy on another host."""
    figure.header.add_child(Asset("script", leaflet_script()), name="leaflet")
    figure.header.add_child(Asset("style", leaflet_style()), name="leaflet_css")


def add_engine(figure: Figure, language: str = "zh") -> None:
    """Put the engine, its style and its words into a page, once."""
    add_leaflet(figure)
    if "sinks_style" in figure.header._children:
        return
    figure.header.add_child(Asset("style", asset("sinks.css")), name="sinks_style")
    for name in SCRIPTS:
        figure.header.add_child(Asset("script", asset(name)), name=f"sinks_{name}")
    spoken = Block(figure, "words", json_text(interface_words()), kind="json")
    figure.html.add_child(spoken, name="sinks_words")
    start = _Start(figure, language)
    figure.script.add_child(start, name="sinks_start", index=0)


@cache
def interface_words() -> dict[str, dict[str, str]]:
    """Return what the page says by itself: key to zh and en."""
    with (Path(__file__).parent / "words.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def leaflet_script() -> str:
    """Return the code of Leaflet, its pictures inside."""
    code = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    code = re.sub(r"//# sourceMappingURL=.*", "", code)
    pictures = {
        "icon": _picture("marker-icon.png"),
        "icon2": _picture("marker-icon-2x.png"),
        "shadow": _picture("marker-shadow.png"),
    }
    return _closed(code + _SETTLED.format(**pictures))


@cache
def leaflet_style() -> str:
    """Return the style sheet of Leaflet, its pictures inside."""
    css = (_LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    return re.sub(
        r"url\(\s*['\"]?images/([\w.-]+)['\"]?\s*\)", lambda m: f"url({_picture(m[1])})", css
    )


class _Start(Element):
    """The first line of the script: words and language, before any layer is made."""

    def __init__(self, figure: Figure, language: str):
        super().__init__()
        self._figure, self._language = figure, language

    def render(self, **kwargs: object) -> str:
        return f'sinks.start("{self._figure.get_name()}_words", "{self._language}");'


@cache
def asset(name: str) -> str:
    """Return a file of ours as it may stand inside an element."""
    return _closed((_OURS / name).read_text(encoding="utf-8"))


def _closed(code: str) -> str:
    """Keep code from ending the element it stands in."""
    return code.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _picture(name: str) -> str:
    content = b64encode((_LEAFLET / "images" / name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{content}"
