"""Write a folium map as one file that opens anywhere: no network, no other file needed.

Everything the map uses is put inside or the map is refused by name. A content security
policy lets only the scripts and styles run that were written here, known by their hashes,
so that text which passed every other guard still cannot act. Element ids, which folium
draws at random, become numbers: one map gives one file, byte for byte.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path

import folium
from branca.element import Element, Figure, Link
from folium import folium as defaults

from sinks.errors import InputRefused, Language
from sinks.maps.assets import Asset, add_leaflet, figure_of
from sinks.maps.audit import Audit, audited, script_faults
from sinks.maps.inert import Block, Words, require_text, words

_DROPPED = {url for _, url in (*defaults._default_js, *defaults._default_css)}
_RANDOM_ID = re.compile(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])")
_LANG = {"zh": "zh-CN", "en": "en"}
_OLD_BROWSER = Words(
    "浏览器版本过旧，无法显示此页面。请使用 Edge、Chrome 80 以上版本，或 360 浏览器的极速模式。",
    "This browser is too old for the page. Please use Edge, Chrome 80 or later.",
)
# plain ES5: it must run where nothing else does
_CHECK = (
    "if(!window.DecompressionStream||!window.Promise||!Object.fromEntries){"
    "document.getElementById('sinks-too-old').hidden=false;}"
)


def write_page(
    m: folium.Map,
    path: Path | str,
    *,
    title: str | tuple[str, str],
    language: Language = "zh",
    max_mb: float = 100.0,
) -> Path:
    """Write ``m`` to ``path`` as a page that opens by a double click, without a network.

    Works for maps of this package and for any folium map that keeps to Leaflet itself.

    Raises
    ------
    InputRefused
        ``M01`` if an element needs an address on another host, ``M02`` if it needs a browser
        library that the page does not hold, ``M03`` if it brings code in an attribute or a
        frame, ``M04`` if a text is no text, ``M07`` if the page exceeds ``max_mb``.
    """
    figure = figure_of(m)
    for child in figure._children.values():
        child.render()
    add_leaflet(figure)
    return write_figure(figure, path, title=title, language=language, max_mb=max_mb)


def write_figure(
    figure: Figure,
    path: Path | str,
    *,
    title: str | tuple[str, str],
    language: Language = "zh",
    max_mb: float = 100.0,
) -> Path:
    """Write a page that may hold no map, under the same rules as :func:`write_page`."""
    path = Path(path)
    document = _document(figure, words(title), language).encode("utf-8")
    if len(document) > max_mb * 1e6:
        raise InputRefused.because("M07", file=path, mb=len(document) / 1e6, limit_mb=max_mb)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(document)
    part.replace(path)
    return path


def _document(figure: Figure, title: Words, language: Language) -> str:
    rename = _numbered_ids(figure)
    head = [rename(text) for text in _parts(figure.header, "head")]
    body = [rename(text) for text in _parts(figure.html, "body")]
    script = rename("\n".join(_scripts(figure.script)))
    old = (
        f'<div id="sinks-too-old" class="sinks-too-old" hidden><p lang="zh">{_OLD_BROWSER.zh}</p>'
        f'<p lang="en">{_OLD_BROWSER.en}</p></div><script>{_CHECK}</script>'
        f"<noscript>{_OLD_BROWSER.zh} / {_OLD_BROWSER.en}</noscript>"
    )
    body = [old, *body, f"<script>{script}</script>"]
    name = escape(require_text(getattr(title, language)))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{_LANG[language]}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy([*head, *body])}">',
            '<meta http-equiv="X-UA-Compatible" content="IE=edge,chrome=1">',
            '<meta name="renderer" content="webkit">',
            '<meta name="referrer" content="no-referrer">',
            '<link rel="icon" href="data:,">',
            f"<title>{name}</title>",
            *head,
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def _parts(parent: Element, where: str) -> Iterator[str]:
    """Yield the HTML of the children of ``parent``, those of others looked through first."""
    for name, child in parent._children.items():
        if isinstance(child, Link):
            if child.url not in _DROPPED:
                raise InputRefused.because("M01", place=_element(name), url=child.url)
        elif isinstance(child, (Asset, Block)):
            yield child.render()
        elif name != "meta_http":
            html = _lines(child.render())
            _refuse_faults(audited(html), name, where)
            yield html


def _scripts(parent: Element) -> Iterator[str]:
    """Yield the script of every element."""
    for name, child in parent._children.items():
        code = _lines(child.render()).replace("</script", r"<\/script").replace("<!--", r"<\!--")
        for fault_code, facts in script_faults(code):
            raise InputRefused.because(fault_code, place=_element(name), **facts)
        yield code


def _refuse_faults(audit: Audit, name: str, where: str) -> None:
    for code, facts in audit.faults:
        raise InputRefused.because(code, place=f"{_element(name)} ({where})", **facts)


def _policy(parts: Iterable[str]) -> str:
    """Return the policy that lets exactly the scripts and styles in ``parts`` work."""
    audits = [audited(part) for part in parts]
    scripts = [_hash(text) for audit in audits for text in audit.scripts]
    styles = [_hash(text) for audit in audits for text in audit.styles]
    attributes = [_hash(text) for audit in audits for text in audit.style_attributes]
    if attributes:
        styles += ["'unsafe-hashes'", *attributes]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(dict.fromkeys(scripts))}",
            f"style-src {' '.join(dict.fromkeys(styles))}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _lines(text: str) -> str:
    """Use the line ends that a browser sees, so that hashes agree."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _element(name: str) -> str:
    """Turn ``tile_layer_5c7d...`` into the kind of element that a user wrote."""
    return re.sub(r"_[0-9a-f]{32}.*", "", name)


class _numbered_ids:  # noqa: N801  a function with a memory
    """Replace the random ids of elements by numbers, in the order in which they were made."""

    def __init__(self, figure: Figure):
        self._numbers = {eid: f"{n:04d}" for n, eid in enumerate(dict.fromkeys(_ids(figure)))}

    def __call__(self, text: str) -> str:
        return _RANDOM_ID.sub(lambda m: self._numbers.get(m.group(), m.group()), text)


def _ids(element: Element) -> Iterator[str]:
    yield element._id
    for child in element._children.values():
        yield from _ids(child)
