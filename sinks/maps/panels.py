"""Panels of a map: frame of a page, layers, legend, pointer, figures of every kind, notes.

Inside a :class:`Frame` each panel goes into a tab; without one, as in a notebook, it is a
control in a corner of the map.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from branca.element import MacroElement

from sinks.maps.elements import MAKER, Text, add_to_figure
from sinks.maps.inert import Block, json_text, words

Row = tuple[Text, Text]


class Panel(MacroElement):
    """A part of the page that our engine makes."""

    _template = MAKER
    maker = ""

    def __init__(self, *, tab: str | None = None, position: str = "topright"):
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = type(self).__name__
        self._tab, self._position = tab, position

    def facts(self) -> dict[str, Any]:
        """Return what the browser needs to know: here, where the panel stands."""
        return {"tab": self._tab, "position": self._position}

    def render(self, **kwargs: object) -> None:  # type: ignore[override]  # as folium's own do
        """Put engine, data and one line of script into the figure."""
        blocks = iter([Block(self, "facts", json_text(self.facts()), kind="json")])
        add_to_figure(self, blocks)
        super().render(**kwargs)  # type: ignore[no-untyped-call]


class LayerPanel(Panel):
    """One raster at a time, any number of overlays, opacity, and the swipe of two rasters."""

    maker = "layerPanel"


class Legend(Panel):
    """What the colours of the raster mean; a click on a class hides it."""

    maker = "legend"


class Pointer(Panel):
    """The tooltip under the pointer, the popup of a click, and the coordinates."""

    maker = "pointer"


class Frame(Panel):
    """The page around the map: title, banner, tabs at the side, footer.

    ``tabs`` are key and title each; panels name the key. ``bounds_deg`` is what the page
    shows when it opens. Add it to the map before the panels.
    """

    maker = "frame"

    def __init__(
        self,
        title: Text,
        *,
        tabs: Sequence[tuple[str, Text]],
        bounds_deg: tuple[float, float, float, float],
        subtitle: Text = "",
        banner: Text | None = None,
        footer: Sequence[Text] = (),
    ):
        super().__init__()
        self._content = {
            "title": words(title),
            "subtitle": words(subtitle),
            "banner": None if banner is None else words(banner),
            "footer": [words(text) for text in footer],
            "tabs": [{"key": key, "title": words(name)} for key, name in tabs],
            "bounds_deg": bounds_deg,
        }

    def facts(self) -> dict[str, Any]:
        """Return the texts of the page."""
        return self._content


class FiguresPanel(Panel):
    """A panel that shows figures: ``figures`` is plain data (see :mod:`sinks.maps.figures`)."""

    def __init__(
        self, figures: dict[str, Any], *, tab: str | None = None, position: str = "topright"
    ):
        super().__init__(tab=tab, position=position)
        self._figures = figures

    def facts(self) -> dict[str, Any]:
        """Return the figures and where the panel stands."""
        return {**super().facts(), **self._figures}


class ZonePanel(FiguresPanel):
    """A zone from a list: the map goes there; its areas, stocks and change are shown."""

    maker = "zonePanel"


class CarbonPanel(FiguresPanel):
    """Balance of greenhouse gases of a zone, its reasons and years, and its stock of carbon."""

    maker = "carbonPanel"


class AccountPanel(FiguresPanel):
    """Ecosystem products of a zone in money, what they are made of, and accounts of SEEA EA."""

    maker = "accountPanel"


class RestorationPanel(FiguresPanel):
    """Scenarios side by side: what they change by when, against which baseline, at what cost."""

    maker = "restorationPanel"


class IndicatorPanel(FiguresPanel):
    """Indicators against their targets, with what was divided by what."""

    maker = "indicatorPanel"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of notes: paragraphs, then terms and what they stand for."""

    title: Text
    paragraphs: Sequence[Text] = ()
    rows: Sequence[Row] = ()


class NotesPanel(Panel):
    """Sources, findings and how to read the page."""

    maker = "notesPanel"

    def __init__(self, sections: Sequence[Section], *, tab: str | None = None):
        super().__init__(tab=tab)
        self._sections = [section for section in sections if section.paragraphs or section.rows]

    def facts(self) -> dict[str, Any]:
        """Return the sections."""
        return {**super().facts(), "sections": list(_as_data(self._sections))}


def _as_data(sections: Sequence[Section]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield {
            "title": words(section.title),
            "paragraphs": [words(text) for text in section.paragraphs],
            "rows": [[words(what), words(text)] for what, text in section.rows],
        }
