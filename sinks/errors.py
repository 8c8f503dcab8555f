"""Everything that is refused, asked, repaired or noted on purpose, and the words for it.

A :class:`Finding` is one thing found in one place: its code (``R01``, ``V17``, ...) names
an entry of the tables in ``messages/``, its facts fill the blanks of that entry. Findings
that stop a run travel in an :class:`InputRefused`; the others travel with the object they
concern.
There are four reactions and no silent fifth.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class Reaction(StrEnum):
    """What is done about a finding."""

    REFUSE = "refuse"  # the run stops
    ASK = "ask"  # the run stops until the study states the answer
    REPAIR = "repair"  # put right, and listed with its effect in hectares
    NOTE = "note"  # accepted, and listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found in one place.

    ``code`` is an entry of ``messages/*.toml``; ``file`` and ``place`` say where (a layer and
    feature, a sheet and cell, a row and column of pixels, a key of the study);
    ``facts`` fill the entry's blanks; a fact in words is given in each language.
    """

    code: str
    file: str | None = None
    place: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    reaction_override: Reaction | None = None

    def __post_init__(self) -> None:
        if self.code not in messages():
            raise LookupError(f"no message has the code {self.code!r}")

    @property
    def reaction(self) -> Reaction:
        """The reaction that the catalogue prescribes, unless this finding has its own."""
        return self.reaction_override or Reaction(messages()[self.code]["reaction"])

    @property
    def stops(self) -> bool:
        """Whether a run cannot go on."""
        return self.reaction in (Reaction.REFUSE, Reaction.ASK)

    def sentence(self, language: Language = "zh") -> str:
        """Say in one sentence what is wrong."""
        return self._fill(language, language)

    def found(self, language: Language = "zh") -> str:
        """Say what was found, with how much of it."""
        return self._fill(f"found_{language}", language)

    def remedy(self, language: Language = "zh") -> str:
        """Say what to do about it."""
        return self._fill(f"remedy_{language}", language)

    def lines(self, language: Language = "zh") -> list[str]:
        """Say all of it, a line each: code and sentence, file, place, finding, remedy."""
        words = _WORDS[language]
        parts = [
            (words["file"], printable(self.file or "")),
            (words["place"], printable(self.place or "")),
            (words["found"], self.found(language)),
            (words["remedy"], self.remedy(language)),
        ]
        head = f"SNK-{self.code}  {words[self.reaction]}{words['colon']}{self.sentence(language)}"
        return [head, *(f"  {word}  {text}" for word, text in parts if text)]

    def as_json(self) -> dict[str, object]:
        """Return the same as plain data, in both languages."""
        return {
            "code": f"SNK-{self.code}",
            "reaction": str(self.reaction),
            "file": self.file,
            "place": self.place,
            "facts": {key: _plain(value) for key, value in self.facts.items()},
            "zh": " ".join([self.sentence("zh"), self.found("zh"), self.remedy("zh")]).strip(),
            "en": " ".join([self.sentence("en"), self.found("en"), self.remedy("en")]).strip(),
        }

    def _fill(self, key: str, language: Language) -> str:
        template = str(messages()[self.code].get(key, ""))
        facts = {k: v[language] if isinstance(v, dict) else v for k, v in self.facts.items()}
        return template.format_map({k: _shown(v) for k, v in facts.items()})


class SinksError(Exception):
    """The root of every error raised on purpose; ``exit_status`` is what a command returns."""

    exit_status: ClassVar[int] = 1

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(self.lines("en")))

    @classmethod
    def because(cls, code: str, *, file: object = None, place: object = None, **facts: object):  # type: ignore[no-untyped-def]  # noqa: D102
        return cls(
            [
                Finding(
                    code=code,
                    file=None if file is None else str(file),
                    place=None if place is None else str(place),
                    facts=facts,
                )
            ]
        )

    def lines(self, language: Language = "zh") -> list[str]:
        """Say everything that was found, for people."""
        return [line for one in said_once(self.findings) for line in one.lines(language)]


class InputRefused(SinksError):
    """An input or a setting cannot be used as it is; the user can put it right."""

    exit_status = 2


class EnvironmentFault(SinksError):
    """The machine is in the way: disk, rights, memory, a lock."""

    exit_status = 3


class InvariantViolated(SinksError):
    """A law that must hold does not: our mistake, and no number may be published."""

    exit_status = 4


class Cancelled(SinksError):
    """The user stopped the run; nothing was published."""

    exit_status = 5


@contextmanager
def located(*, file: object = None, place: object = None) -> Iterator[None]:
    """Tell an error that passes through in which file and place it happened.

    What an error already knows is kept: the innermost caller knows best.
    """
    try:
        yield
    except SinksError as error:
        raise type(error)(
            replace(
                finding,
                file=finding.file or (None if file is None else str(file)),
                place=finding.place or (None if place is None else str(place)),
            )
            for finding in error.findings
        ) from error


def refuse_if_stopped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that let a run go on; raise :class:`InputRefused` if one does not."""
    findings = tuple(findings)
    if any(finding.stops for finding in findings):
        raise InputRefused(finding for finding in findings if finding.stops)
    return findings


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in their order, each once."""
    kept: list[Finding] = []
    for finding in findings:
        if finding not in kept:
            kept.append(finding)
    return tuple(kept)


def said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings to be read: those alike but for the file become one that names the files.

    Of more than three files the first three are named, with the number of all.
    """
    alike: dict[str, list[Finding]] = {}
    for finding in distinct(findings):
        alike.setdefault(repr(replace(finding, file=None)), []).append(finding)
    return tuple(replace(group[0], file=_files(group)) for group in alike.values())


def _files(findings: list[Finding]) -> str | None:
    names = [finding.file for finding in findings if finding.file]
    more = f", … ({len(names)})" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more or None


@cache
def messages() -> dict[str, dict[str, str]]:
    """Return the message table: code to reaction, sentences, findings and remedies."""
    table: dict[str, dict[str, str]] = {}
    for path in sorted((Path(__file__).parent / "messages").glob("*.toml")):
        entries = tomllib.loads(path.read_text("utf-8"))
        if twice := sorted(set(entries) & set(table)):
            raise LookupError(f"{path.name}: {', '.join(twice)} stand in another table too")
        table |= entries
    return table


def printable(text: str) -> str:
    """Show control and direction characters as escapes, so that no file forges a line."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "refuse": "不能接受",
        "ask": "需要说明",
        "repair": "已修复",
        "note": "提示",
        "file": "文件",
        "place": "位置",
        "found": "发现",
        "remedy": "处理",
        "colon": "：",
    },
    "en": {
        "refuse": "refused",
        "ask": "please state",
        "repair": "repaired",
        "note": "note",
        "file": "file  ",
        "place": "place ",
        "found": "found ",
        "remedy": "remedy",
        "colon": ": ",
    },
}


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_shown(item) for item in value)
    return printable(str(value))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)
