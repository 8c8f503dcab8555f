"""Publications by key: what a row of a parameter table cites.

The keys stand in ``references.toml``. A district that brings its own parameter table puts
a ``references.toml`` of the same form beside it, so that its own measurements can be cited.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sinks.errors import InputRefused

FILE = "references.toml"
READ = ("full", "excerpt", "code", "memory", "judgement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A publication, and how it was read.

    ``read``: ``full`` (its text), ``excerpt`` (abstract, notice or part), ``code`` (figures
    seen in public code or tables that transcribe it), ``memory`` (not opened; to be
    confirmed), ``judgement`` (decided for this project or by the district).
    """

    key: str
    title: str
    read: str
    authors: str = ""
    year: int | None = None
    venue: str = ""
    link: str = ""

    def cited(self) -> str:
        """Return the reference as a line of a reference list.

        >>> Reference(key="a", title="On soil", read="full", authors="Li", year=2020).cited()
        'Li. 2020. On soil'
        """
        parts = (self.authors, str(self.year or ""), self.title, self.venue, self.link)
        return ". ".join(part for part in parts if part)


@cache
def references() -> Mapping[str, Reference]:
    """Return the publications that come with the program."""
    return _read(Path(__file__).parent / FILE)


def references_beside(table: Path) -> Mapping[str, Reference]:
    """Return those and the ones in a ``references.toml`` beside a district's own table.

    Raises
    ------
    InputRefused
        ``P08`` if that file cannot be read, lacks title or ``read``, or reuses a key.
    """
    file = table.parent / FILE
    if not file.is_file():
        return references()
    own = _read(file)
    if taken := sorted(set(own) & set(references())):
        raise InputRefused.because("P08", file=file, why=f"{', '.join(taken)}: ×2")
    return {**references(), **own}


def _read(file: Path) -> dict[str, Reference]:
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        return {key: _reference(key, entry) for key, entry in content.items()}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise InputRefused.because("P08", file=file, why=str(error)) from error


def _reference(key: str, entry: Any) -> Reference:
    known = {"authors", "year", "title", "venue", "doi", "url", "read"}
    if not isinstance(entry, dict) or set(entry) - known or not entry.get("title"):
        raise ValueError(f"[{key}]: title, read, {', '.join(sorted(known))}")
    if entry.get("read") not in READ:
        raise ValueError(f"[{key}] read: {' | '.join(READ)}")
    doi = entry.get("doi")
    return Reference(
        key=key,
        title=str(entry["title"]),
        read=str(entry["read"]),
        authors=str(entry.get("authors", "")),
        year=entry.get("year"),
        venue=str(entry.get("venue", "")),
        link=f"doi:{doi}" if doi else str(entry.get("url", "")),
    )
