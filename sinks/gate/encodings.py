"""In which encoding text was written, decided by its bytes.

Chinese attribute tables come in UTF-8 and in GBK (a part of GB18030), often without saying
so, sometimes saying the wrong thing. Every candidate that can read all bytes is judged by
the share of characters that people seldom write: Chinese in GB 2312 level 1 (3,755
characters) or level 2, and likewise the first levels of Big5, JIS X 0208 and KS X 1001.
Only UTF-8 and GB18030 are ever chosen without being told; everything else is asked for,
with samples.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sinks.errors import Finding, Reaction
from sinks.gate.characters import usual

UTF_8, GB18030 = "utf-8", "gb18030"
_RIVALS = ("cp950", "cp932", "cp949")  # Big5, Shift-JIS, Korean
_LATIN = "cp1252"
_CJK = (UTF_8, GB18030, *_RIVALS)
_FAMILIES = {"gbk": GB18030, "gb2312": GB18030, "big5": "cp950", "shift_jis": "cp932",
             "euc_kr": "cp949", "utf-8-sig": UTF_8}  # fmt: skip
_SHOWN = {GB18030: "GB18030", UTF_8: "UTF-8", "cp950": "Big5", "cp932": "Shift-JIS",
          "cp949": "EUC-KR", _LATIN: "Latin-1"}  # fmt: skip
_PLAUSIBLE = 0.3  # share of seldom written characters that real text stays below
_ENOUGH = 4  # Han characters of valid UTF-8 that do not come about by chance
_JUDGED = 4000  # texts that are judged; all are decoded strictly


@dataclass(frozen=True, slots=True)
class Cell:
    """The bytes of one text; ``cut`` if its field may have been too narrow for it."""

    raw: bytes
    cut: bool = False
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The codec to read with (None if it must be asked for), and why.

    ``plausible`` are the codecs that it may be, ``samples`` up to three texts as each of
    them reads.
    """

    codec: str | None
    plausible: tuple[str, ...] = ()
    samples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one codec reads the cells: Han characters, others, and how many are odd."""

    codec: str
    chars: int
    han: int
    odd: float

    @property
    def odd_share(self) -> float:
        return self.odd / max(self.chars, 1)


def decide(
    cells: Iterable[Cell], *, stated: str | None = None, declared: str | None = None
) -> Decision:
    """Decide in which encoding ``cells`` were written.

    Parameters
    ----------
    cells
        Texts as bytes. Those in pure ASCII do not matter.
    stated
        The study's answer. It is taken unless the bytes contradict it.
    declared
        What the file says of itself. It is taken if content does not say otherwise.

    Returns
    -------
    Decision
        With findings ``V17`` (not clear), ``V18`` (declared wrongly), ``V19`` (another
        language is plausible), ``V20`` (rows differ) or ``V41`` (stated wrongly).
    """
    telling = list({cell.raw: cell for cell in cells if not cell.raw.isascii()}.values())
    if stated and _codec(stated) is None:
        return _stated_wrongly(stated, telling)
    if not telling:
        return Decision(codec=_codec(stated or "") or UTF_8)
    if stated:
        return _as_stated(stated, telling)
    readings = _readings(telling)
    if rows := _mixed_rows(telling, readings):
        facts = {
            "rows": [str(row) for row in rows[:10]],
            "count": len(rows),
            "samples": _samples(telling, _CJK[:2]),
        }
        return Decision(codec=None, findings=(Finding(code="V20", facts=facts),))
    return _by_content(telling, readings, declared)


def decode(cell: Cell, codec: str) -> tuple[str, bool]:
    """Decode a cell strictly; return its text, and whether half a character was cut off.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are not text in ``codec``.
    """
    try:
        return cell.raw.decode(codec), False
    except UnicodeDecodeError:
        if not cell.cut:
            raise
        return codecs.getincrementaldecoder(codec)().decode(cell.raw), True


def readable(cell: Cell, codec: str) -> bool:
    """Whether a codec can decode a cell without loss."""
    try:
        decode(cell, codec)
    except UnicodeDecodeError:
        return False
    return True


def codec_name(codec: str) -> str:
    """Return the name that people know an encoding by."""
    return _SHOWN.get(codec, codec)


def _codec(name: str) -> str | None:
    """Return the codec of a name as a .cpg file or a study may write it."""
    name = name.strip().lower()
    try:
        found = codecs.lookup(f"cp{name}" if name.isdigit() else name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return _FAMILIES.get(found, found)


def _by_content(telling: list[Cell], readings: list[_Reading], declared: str | None) -> Decision:
    by_codec = {reading.codec: reading for reading in readings}
    plausible = [r.codec for r in readings if r.odd_share <= _PLAUSIBLE and r.codec != _LATIN]
    said = _codec(declared or "")
    if codec := _clear(by_codec):
        wrong = bool(declared) and said != codec
        return Decision(
            codec=codec,
            samples=_by_name(telling, (codec,)),
            findings=(_declared_wrongly(declared, codec, telling),) if wrong else (),
        )
    fitting = said in plausible or (not plausible and said not in _CJK)
    if said and fitting and all(readable(cell, said) for cell in telling):
        return Decision(codec=said, samples=_by_name(telling, (said,)))
    shown = plausible or list(by_codec) or [GB18030, UTF_8]
    foreign = shown[0] in _RIVALS
    finding = Finding(
        code="V19" if foreign else "V17",
        facts={"samples": _samples(telling, shown), "count": len(telling)},
    )
    return Decision(
        codec=None,
        plausible=tuple(plausible),
        samples=_by_name(telling, shown),
        findings=(finding,),
    )


def _clear(readings: dict[str, _Reading]) -> str | None:
    """Return the one encoding that the readings leave, if they do."""
    utf, gb = readings.get(UTF_8), readings.get(GB18030)
    rivals = [readings[codec] for codec in _RIVALS if codec in readings]
    if utf:
        others = [*rivals, gb] if gb else rivals
        certain = utf.han >= _ENOUGH and utf.han >= utf.chars / 2
        likelier = utf.odd_share <= _PLAUSIBLE and all(o.odd >= utf.odd + 1 for o in others)
        return UTF_8 if certain or likelier or not others else None
    if gb is None or gb.odd_share > _PLAUSIBLE:
        return None
    margin = max(1.0, 0.05 * gb.chars)
    return GB18030 if all(rival.odd >= gb.odd + margin for rival in rivals) else None


def _as_stated(stated: str, telling: list[Cell]) -> Decision:
    """Take the study's word, unless the bytes are text in another encoding for certain."""
    codec = _codec(stated) or UTF_8
    if not all(readable(cell, codec) for cell in telling):
        return _stated_wrongly(stated, telling)
    if codec != UTF_8 and all(readable(cell, UTF_8) for cell in telling):
        utf, other = _reading(telling, UTF_8), _reading(telling, codec)
        if utf.han >= _ENOUGH and other.odd > utf.odd:
            return _stated_wrongly(stated, telling)
    return Decision(codec=codec, samples=_by_name(telling, (codec,)))


def _stated_wrongly(stated: str, telling: list[Cell]) -> Decision:
    codec = _codec(stated)
    unread = [cell.row for cell in telling if codec and not readable(cell, codec)]
    facts = {
        "stated": stated,
        "rows": [str(row) for row in unread[:10]] or "—",
        "count": len(unread) if codec else len(telling),
        "samples": _samples(telling, [r.codec for r in _readings(telling)][:3]) or "—",
    }
    return Decision(codec=None, findings=(Finding(code="V41", facts=facts),))


def _declared_wrongly(declared: str | None, codec: str, telling: list[Cell]) -> Finding:
    facts = {
        "declared": declared or "",
        "used": codec_name(codec),
        "samples": _samples(telling, (codec,)),
    }
    return Finding(code="V18", facts=facts, reaction_override=Reaction.NOTE)


def _readings(telling: list[Cell]) -> list[_Reading]:
    """Every codec that can read all the cells, the least odd first."""
    codecs_ = [c for c in (*_CJK, _LATIN) if all(readable(cell, c) for cell in telling)]
    judged = telling[:_JUDGED]
    return sorted((_reading(judged, codec) for codec in codecs_), key=lambda r: r.odd_share)


def _reading(cells: Sequence[Cell], codec: str) -> _Reading:
    texts = (decode(cell, codec)[0] for cell in cells)
    chars = [char for char in chain.from_iterable(texts) if not char.isascii()]
    everyday, rare = usual(codec)
    odd = sum(0.0 if c in everyday else 0.25 if c in rare else 1.0 for c in chars)
    return _Reading(codec, len(chars), sum("\u3400" <= c <= "\u9fff" for c in chars), odd)


def _mixed_rows(telling: list[Cell], readings: list[_Reading]) -> list[int]:
    """Rows in UTF-8 among rows that cannot be UTF-8, or the other way round."""
    if any(reading.codec == UTF_8 for reading in readings):
        return []
    in_utf = {c.row for c in telling if readable(c, UTF_8) and _utf_8_for_sure(c)}
    unread = not readings or all(reading.codec == _LATIN for reading in readings)
    if not in_utf and not unread:
        return []
    in_gb = {c.row for c in telling if not readable(c, UTF_8) and _plain_gb(c)}
    if in_utf and in_gb:
        return sorted(in_utf if len(in_utf) < len(in_gb) else in_gb)
    neither = {c.row for c in telling} - in_utf - in_gb
    return sorted(neither) if unread and len(in_utf | in_gb) > len(neither) else []


def _utf_8_for_sure(cell: Cell) -> bool:
    if _reading([cell], UTF_8).han == 0:
        return False
    return not readable(cell, GB18030) or _reading([cell], GB18030).odd >= 1


def _plain_gb(cell: Cell) -> bool:
    return readable(cell, GB18030) and _reading([cell], GB18030).odd_share <= _PLAUSIBLE


def _by_name(telling: list[Cell], codecs_: Iterable[str]) -> dict[str, tuple[str, ...]]:
    few = sorted(telling, key=lambda cell: cell.row)[:3]
    return {
        codec_name(codec): tuple(decode(cell, codec)[0][:24] for cell in few)
        for codec in codecs_
        if all(readable(cell, codec) for cell in few)
    }


def _samples(telling: list[Cell], codecs_: Iterable[str]) -> list[str]:
    named = _by_name(telling, codecs_)
    read = [f"{name} → {'、'.join(texts)}" for name, texts in named.items()]
    return read or [f"0x{cell.raw[:12].hex()}" for cell in telling[:3]]
