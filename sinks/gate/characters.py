"""Which characters everyday text is made of, by encoding, from the tables of the standards.

GB 2312, Big5, JIS X 0208 and KS X 1001 each put the characters in common use first.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

_SIGNS = frozenset(
    "·×°±²³µ§—–‘’“”…‰′″℃㎡㎞㎏№→←↑↓≥≤①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
    + "".join(map(chr, chain(range(0x3000, 0x3020), range(0xFF01, 0xFF5F))))
)


@cache
def usual(codec: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters of everyday text in an encoding, and rarer ones it also has."""
    level_1, level_2 = _table("gb2312", 0xB0, 0xD7), _table("gb2312", 0xD8, 0xF7)
    if codec == "cp950":
        return _table("big5", 0xA4, 0xC6) | _SIGNS, frozenset()
    if codec == "cp932":
        kana = frozenset(map(chr, range(0x3041, 0x30FF)))
        return _table("euc_jp", 0xB0, 0xCF) | kana | _SIGNS, frozenset()
    if codec == "cp949":
        return _table("euc_kr", 0xB0, 0xC8) | _SIGNS, frozenset()
    if codec == "cp1252":
        return frozenset(), frozenset(map(chr, range(0xC0, 0x100)))
    if codec == "utf-8":
        level_2 = level_2 | _table("big5", 0xA4, 0xC6)
    return level_1 | _SIGNS, level_2


def _table(codec: str, first: int, last: int) -> frozenset[str]:
    """Return the characters whose first byte lies between ``first`` and ``last``."""
    pairs = (bytes((a, b)) for a in range(first, last + 1) for b in range(0x40, 0xFF))
    return frozenset(c for pair in pairs for c in pair.decode(codec, "ignore") if not c.isascii())
