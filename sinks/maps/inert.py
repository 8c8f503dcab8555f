r"""Text and data on their way into a page: inert in HTML, in JavaScript and in Jinja.

folium compiles text that is already rendered a second time as a Jinja template, so a name
like ``{{...}}`` would run as Python, and popup strings are HTML. Here data travels as JSON
in which every character with a meaning elsewhere is a ``\u`` escape, inside a script
element that no browser runs; the page shows it by ``textContent`` alone.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, NamedTuple

from branca.element import Element

from sinks.errors import InputRefused

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ACTIVE = re.compile("[<>&{}$`\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Words(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


def words(text: str | tuple[str, str]) -> Words:
    """Return ``text`` in both languages; a plain string is the same in both.

    >>> words("NDVI")
    Words(zh='NDVI', en='NDVI')
    """
    return Words(text, text) if isinstance(text, str) else Words(*text)


def names_of(zh: object, en: object) -> Words:
    """Return the name of a feature; where one language has none, the other stands in.

    >>> names_of("大纵湖", None)
    Words(zh='大纵湖', en='大纵湖')
    """
    given = [str(n) if isinstance(n, str) or n == n else "" for n in (zh, en)]  # noqa: PLR0124
    first, second = (n if n.strip() and n != "None" else "" for n in given)
    return Words(first or second or "—", second or first or "—")


def json_text(content: Any) -> str:
    r"""Return ``content`` as JSON that means nothing to HTML, JavaScript or Jinja.

    >>> json_text({"name": "{{7*7}}</script>"})
    '{"name":"\\u007b\\u007b7*7\\u007d\\u007d\\u003c/script\\u003e"}'

    Raises
    ------
    InputRefused
        ``M04`` if a text cannot be written.
    """
    text = require_text(
        json.dumps(
            _pairs_as_objects(content), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    )
    return _STRING.sub(lambda string: _ACTIVE.sub(_escaped, string.group()), text)


def require_text(text: str) -> str:
    """Return ``text`` if it can be written.

    Raises
    ------
    InputRefused
        ``M04`` if it holds half of a surrogate pair: it is no text in any encoding.
    """
    if broken := _LONE_SURROGATE.search(text):
        around = text[max(0, broken.start() - 20) : broken.end() + 20]
        raise InputRefused.because("M04", text=around)
    return text


def html_text(text: str) -> str:
    """Return ``text`` for the places where folium insists on HTML: it shows literally.

    Everything but letters, digits and spaces becomes a numeric entity, so that it is no tag,
    no template, no address and no key that JavaScript knows (``__proto__``).

    >>> html_text("<b>{{7*7}}")
    '&#60;b&#62;&#123;&#123;7&#42;7&#125;&#125;'
    """
    return re.sub(r"[^\w \x00-\x1f]|_", lambda c: f"&#{ord(c.group())};", text)


class Block(Element):
    """Data that rides in the page for the script of ``owner``; never compiled, never run."""

    def __init__(self, owner: Element, suffix: str, text: str, *, kind: Literal["json", "base64"]):
        super().__init__()
        self._name = "Block"
        self._owner = owner
        self._suffix = suffix
        self._text = text
        self._media = "application/json" if kind == "json" else "text/plain"

    @property
    def name(self) -> str:
        """The id by which the script of the owner finds the block."""
        return f"{self._owner.get_name()}_{self._suffix}"

    def render(self, **kwargs: object) -> str:
        """Return the script element."""
        return f'<script type="{self._media}" id="{self.name}">{self._text}</script>'


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character.group()):04x}"


def _pairs_as_objects(content: Any) -> Any:
    """Turn :class:`Words`, which JSON would write as lists, into objects with zh and en."""
    if isinstance(content, Words):
        return {"zh": content.zh, "en": content.en}
    if isinstance(content, dict):
        return {key: _pairs_as_objects(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_pairs_as_objects(item) for item in content]
    return content
