"""What a piece of HTML or script would load or run, found before it goes into a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

Fault = tuple[str, dict[str, object]]

_LOADING = ("src", "href", "srcset", "poster", "data", "action", "formaction", "xlink:href")
_FRAMES = ("iframe", "object", "embed", "frame", "base", "applet", "portal")
_HARMLESS = re.compile(r"^(data:(?!text/html)|#|blob:|$)", re.IGNORECASE)
_CSS_LOAD = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)([^'\")]*)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s"'`)<>\\]*|(?:https?|wss?)://[^\s"'`)<>\\]+"""
)
_NAMESPACE = "http://www.w3.org/"
_LIBRARIES = {
    "jQuery": re.compile(r"(?<![\w$])\$\s*[(.]|\bjQuery\b"),
    "Leaflet.awesome-markers": re.compile(r"\bL\.AwesomeMarkers\b"),
    "Bootstrap": re.compile(r"\bbootstrap\.\w"),
    "D3": re.compile(r"\bd3\.\w"),
}


@dataclass
class Audit:
    """Inline scripts and styles of a piece of HTML, and what must not be in a page."""

    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    style_attributes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def audited(html: str) -> Audit:
    """Look through a piece of HTML.

    Faults are ``M01`` (something would be loaded from elsewhere) and ``M03`` (code in an
    attribute, or a frame).
    """
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.audit


def script_faults(code: str) -> Iterator[Fault]:
    """Yield what a script needs that is not in the page: addresses (M01), libraries (M02)."""
    for address in _ADDRESS.finditer(code):
        before = code[max(0, address.start() - 1) : address.start()]
        plain = address.group().startswith("//") and before not in "\"'`("
        if not plain and not address.group().startswith(_NAMESPACE):
            yield "M01", {"url": address.group()}
    for library, use in _LIBRARIES.items():
        if use.search(code):
            yield "M02", {"library": library}


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.audit = Audit()
        self._inside: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: text or "" for name, text in attrs}
        self._inside = None
        if tag == "style" or (tag == "script" and _runs(given)):
            self._inside, self._text = tag, []
        if tag in _FRAMES or given.get("http-equiv", "").lower() == "refresh":
            self.audit.faults.append(("M03", {"what": f"<{tag}>"}))
        for name, text in given.items():
            self._attribute(tag, name, text.strip())

    def _attribute(self, tag: str, name: str, text: str) -> None:
        if name.startswith("on"):
            self.audit.faults.append(("M03", {"what": f"{name}="}))
        elif name in _LOADING and not _HARMLESS.match(text):
            code = text.lower().startswith("javascript:")
            self.audit.faults.append(
                ("M03", {"what": text[:60]}) if code else ("M01", {"url": text})
            )
        elif name == "style":
            self._style(text)
            self.audit.style_attributes.append(text)

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag != self._inside:
            return
        text = "".join(self._text)
        if tag == "style":
            self._style(text)
            self.audit.styles.append(text)
        else:
            self.audit.scripts.append(text)
        self._inside = None

    def _style(self, css: str) -> None:
        self.audit.faults.extend(("M01", {"url": m.group()}) for m in _CSS_LOAD.finditer(css))


def _runs(attributes: dict[str, str]) -> bool:
    kind = attributes.get("type", "").strip().lower()
    return kind in ("", "module") or "javascript" in kind or "ecmascript" in kind
