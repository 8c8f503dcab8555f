"""Quality codes of pixels: which of them leave the ground visible.

Producers mark cloud, shadow and fill by a class (Sentinel-2) or by bits (Landsat). The
schemes that ship stand in ``parameters/quality_schemes.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.errors import InputRefused

_MOST_BITS = 32


@dataclass(frozen=True, kw_only=True)
class QualityScheme:
    """Which codes are clear; exactly one of ``keep``, ``drop`` and ``drop_bits`` says it.

    ``keep`` lists the codes of clear pixels, ``drop`` those of all others; with
    ``drop_bits`` a pixel is clear if none of these bits (0 is the lowest) is set. ``known``
    are the codes that the scheme defines, empty if any may occur.

    Raises
    ------
    InputRefused
        ``B16`` if none or several of the three are given, or a bit or code cannot be.
    """

    name: str
    keep: frozenset[int] | None = None
    drop: frozenset[int] | None = None
    drop_bits: frozenset[int] | None = None
    known: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        given = [codes for codes in (self.keep, self.drop, self.drop_bits) if codes is not None]
        bits = self.drop_bits or frozenset()
        if len(given) != 1 or not given[0] or any(not 0 <= bit < _MOST_BITS for bit in bits):
            raise InputRefused.because(
                "B16", place=self.name, scheme=self.name, near="keep | drop | drop_bits"
            )

    def clear(self, codes: NDArray[Any]) -> NDArray[np.bool_]:
        """Say of every code whether the ground is visible."""
        if self.drop_bits is not None:
            bits = sum(1 << bit for bit in self.drop_bits)
            unset: NDArray[np.bool_] = (codes.astype(np.int64) & bits) == 0
            return unset
        if self.keep is not None:
            return np.isin(codes, sorted(self.keep))
        return np.isin(codes, sorted(self.drop or ()), invert=True)

    def strange(self, codes: NDArray[Any]) -> list[int]:
        """Return the codes that occur and that the scheme does not define."""
        if not self.known:
            return []
        return sorted({int(code) for code in np.unique(codes)} - self.known)
