"""What one cell of a table says: a number with its unit, a code, a date, a yes or no.

A cell is read strictly or not at all. What is read although it was not written plainly
(full-width digits, thousands separators, other units) is noted with its code.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sinks.units import HA_PER_MU, M2_PER_HA

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_EDGES = " \t\r\n\v\f\u00a0\ufeff\u3000"
_MINUS = str.maketrans("\u2212\u2013\u2010\u2011", "----")
_BLANKS = {"", "-", "--", "—", "——", "–", "/", "\\", "无", "暂无", "缺", "na", "n/a", "nan",
           "null", "none", "nil", "…", "..."}  # fmt: skip
_ERRORS = {"#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#n/a", "#n/a n/a"}
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_LEADING = re.compile(r"[+-]?[0-9.,_'\s\u00a0]*[0-9][0-9.,_'\s\u00a0]*(?:[eE][+-]?[0-9]+)?")
_INFINITE = re.compile(r"[+-]?(?:inf(?:inity)?|∞)", re.I)
_ODD_MINUS = re.compile(r"[—―﹣]\s*[0-9.]|\(\s*[0-9.,]+\s*\)")
_DATE_IN_CODE = re.compile(
    r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?: 0?0:00(?::00)?)?|[0-9]{1,2}月[0-9]{1,2}日"
    r"|[0-9]{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]{1,2}"
)
_ROUNDED_CODE = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_DATE = re.compile(
    r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?(?:[ T]0?0:00(?::00)?)?"
)
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YES = {"是", "有", "true", "yes", "y", "1", "√", "✓"}
_NO = {"否", "无", "没有", "false", "no", "n", "0", "×", "✗"}
_TIMES = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_EXACT = 10**15  # whole numbers beyond this lose digits in a workbook

# word -> (unit of sinks.units, or the base unit of its kind; how many of them)
_WORDS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("ha", "公顷", "hm2", "hm²"), ("m2", M2_PER_HA)),
    **dict.fromkeys(("mu", "亩", "市亩"), ("m2", M2_PER_HA * HA_PER_MU)),
    **dict.fromkeys(("m2", "m²", "㎡", "平方米", "平米"), ("m2", 1.0)),
    **dict.fromkeys(("km2", "km²", "平方公里", "平方千米"), ("m2", 1e6)),
    **dict.fromkeys(("m", "米"), ("m", 1.0)),
    **dict.fromkeys(("km", "公里", "千米"), ("m", 1e3)),
    **dict.fromkeys(("pct", "%", "百分比"), ("pct", 1.0)),
    **dict.fromkeys(("‰",), ("pct", 0.1)),
    **dict.fromkeys(("yuan", "元"), ("yuan", 1.0)),
    **dict.fromkeys(("t", "吨"), ("t", 1.0)),
    **dict.fromkeys(("kg", "千克", "公斤"), ("t", 1e-3)),
    **dict.fromkeys(("m3", "m³", "立方米"), ("m3", 1.0)),
    **dict.fromkeys(("tc", "tc", "吨碳"), ("tc", 1.0)),
    **dict.fromkeys(("tco2e", "tco2", "吨二氧化碳当量"), ("tco2e", 1.0)),
    **dict.fromkeys(("tc_per_ha", "tc/ha", "tc·ha-1", "吨碳/公顷"), ("tc_per_ha", 1.0)),
    **dict.fromkeys(("株", "棵"), ("株", 1.0)),
    **dict.fromkeys(("年", "a"), ("年", 1.0)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell that holds no content: ``T19`` a formula without a stored value, ``T20`` an error."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A number together with the format that it is shown in."""

    stored: int | float
    pattern: str


class Reading(NamedTuple):
    """What a cell says (None if it is blank), and the codes of what to note about it."""

    content: object
    notes: tuple[str, ...] = ()


class Unreadable(Exception):
    """A cell that cannot be read as it should; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def narrow(text: str) -> str:
    """Turn full-width letters, digits and signs into plain ones, and trim.

    Only those: NFKC as a whole would turn 10² into 102.
    """
    return text.translate(_FULL_WIDTH).strip(_EDGES)


def folded(text: str) -> str:
    """Return text as names are compared: narrow, lower case, without spaces."""
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def unit_factor(word: str, unit: str | None) -> float | None:
    """Return how many ``unit`` one ``word`` is, e.g. 亩 in ha; None if that is not known.

    >>> unit_factor("万亩", "ha")
    666.6666666666666
    """
    times, plain = 1.0, narrow(word).lower()
    while plain and plain[0] in _TIMES and plain not in _WORDS:
        times, plain = times * _TIMES[plain[0]], plain[1:]
    if plain == "" and times != 1.0:
        return times
    source, target = _WORDS.get(plain), _WORDS.get((unit or "").lower())
    if source is None or target is None or source[0] != target[0]:
        return times if plain and plain == (unit or "").lower() else None
    return times * source[1] / target[1]


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing at all."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_EDGES))


def read_cell(cell: object, kind: str, *, unit: str | None, decimal_comma: bool) -> Reading:
    """Read a cell as ``text``, ``number``, ``code``, ``date`` or ``flag``.

    Raises
    ------
    Unreadable
        ``T06``, ``T07``, ``T09``, ``T10``, ``T12``, ``T13``, ``T15``, ``T19``, ``T20``, ``T26``.
    """
    if isinstance(cell, Trouble):
        raise Unreadable(cell.code)
    if isinstance(cell, str) and cell.lstrip().startswith("#") and folded(cell) in _ERRORS:
        raise Unreadable("T20")
    if is_blank(cell):
        return Reading(None)
    if kind == "number":
        return _number(cell, unit, decimal_comma=decimal_comma)
    return _KINDS[kind](cell)


def _number(cell: object, unit: str | None, *, decimal_comma: bool) -> Reading:
    if isinstance(cell, bool):
        raise Unreadable("T26")
    if isinstance(cell, (date, datetime)):
        raise Unreadable("T13")
    if isinstance(cell, Shown):
        percent = unit == "pct" and "%" in cell.pattern
        notes = ("T21",) if percent or ("%" in cell.pattern and abs(cell.stored) > 1) else ()
        return Reading(_finite(cell.stored * 100 if percent else cell.stored), notes)
    if isinstance(cell, (int, float)):
        return Reading(_finite(cell))
    return _number_in_text(str(cell), unit, decimal_comma=decimal_comma)


def _number_in_text(text: str, unit: str | None, *, decimal_comma: bool) -> Reading:
    if _PLAIN.fullmatch(text):
        return Reading(_finite(float(text)))
    plain = narrow(text)
    if folded(plain) in _BLANKS:
        return Reading(None, ("T37",))
    _refuse_special(plain)
    signed = plain.translate(_MINUS)
    token = _LEADING.match(signed)
    if token is None:
        raise Unreadable("T07")
    digits, word = token.group().strip(), signed[token.end() :].strip()
    factor = _factor(word, unit)
    grouped = bool(_GROUPED.fullmatch(digits)) and not decimal_comma
    if grouped:
        digits = digits.replace(",", "")
    if not _PLAIN.fullmatch(digits):
        raise Unreadable("T09")
    notes = {"T08": plain != text.strip(_EDGES), "T30": signed != plain, "T28": bool(word)}
    noted = tuple(code for code, is_so in {**notes, "T27": grouped}.items() if is_so)
    return Reading(_finite(float(digits) * factor), noted)


def _refuse_special(plain: str) -> None:
    if _INFINITE.fullmatch(plain):
        raise Unreadable("T06")
    if _ODD_MINUS.match(plain):
        raise Unreadable("T12")


def _factor(word: str, unit: str | None) -> float:
    """Return what a unit in a cell multiplies its number by."""
    factor = unit_factor(word, unit) if word else 1.0
    if factor is None:
        raise Unreadable("T07" if word[0] in "+-*/^eE.,:" else "T10")
    return factor


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise Unreadable("T06")
    return float(number)


def _code(cell: object) -> Reading:
    if isinstance(cell, bool):
        raise Unreadable("T26")
    if isinstance(cell, (date, datetime)):
        raise Unreadable("T13")
    if isinstance(cell, str):
        return _code_in_text(cell)
    stored = cell.stored if isinstance(cell, Shown) else cell
    if not isinstance(stored, (int, float)) or stored != stored // 1 or abs(stored) >= _EXACT:
        raise Unreadable("T15" if isinstance(stored, (int, float)) else "T07")
    digits = str(int(stored))
    padded = re.fullmatch(r"0+", cell.pattern) if isinstance(cell, Shown) else None
    return Reading(digits.zfill(len(padded.group())) if padded else digits, ("T14",))


def _code_in_text(text: str) -> Reading:
    plain = narrow(text)
    if plain.lower() in _BLANKS:
        return Reading(None, ("T37",))
    if _DATE_IN_CODE.fullmatch(plain):
        raise Unreadable("T13")
    if _ROUNDED_CODE.fullmatch(plain):
        raise Unreadable("T15")
    return Reading(plain, ("T08",) if plain != text.strip(_EDGES) else ())


def _text(cell: object) -> Reading:
    if isinstance(cell, bool):
        raise Unreadable("T26")
    if isinstance(cell, (date, datetime)):
        return Reading(cell.isoformat()[:10])
    if isinstance(cell, (int, float, Shown)):
        stored = cell.stored if isinstance(cell, Shown) else cell
        return Reading(str(int(stored)) if stored == stored // 1 else repr(stored))
    return Reading(str(cell).strip())


def _date(cell: object) -> Reading:
    if isinstance(cell, datetime):
        return Reading(cell.date())
    if isinstance(cell, date):
        return Reading(cell)
    if isinstance(cell, bool):
        raise Unreadable("T26")
    plain = narrow(str(cell)) if isinstance(cell, str) else str(cell)
    if folded(plain) in _BLANKS:
        return Reading(None, ("T37",))
    match = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    if match is None:
        raise Unreadable("T39")
    try:
        return Reading(date(*(int(part) for part in match.groups())))
    except ValueError:
        raise Unreadable("T39") from None


def _flag(cell: object) -> Reading:
    if isinstance(cell, bool):
        return Reading(cell)
    stored = cell.stored if isinstance(cell, Shown) else cell
    plain = f"{stored:g}" if isinstance(stored, (int, float)) else folded(str(stored))
    if plain in _YES or plain in _NO:
        return Reading(plain in _YES)
    if plain in _BLANKS:
        return Reading(None, ("T37",))
    raise Unreadable("T39")


_KINDS: dict[str, Callable[[object], Reading]] = {
    "code": _code,
    "text": _text,
    "date": _date,
    "flag": _flag,
}
