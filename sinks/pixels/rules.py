"""What is wrong with a raster, rule by rule: its tags, its no-data value, its codes.

Each function looks at facts that were gathered before and returns findings; none reads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sinks.errors import Finding, Reaction
from sinks.landcover.legend import NO_DATA, Crosswalk
from sinks.pixels.codes import CodeCounts, Strange
from sinks.pixels.tiff import TiffHeader

_BLOCK_BYTES = 512_000_000
_BOMB_BYTES, _BOMB_RATIO = 4_000_000_000, 1000  # maps of land cover shrink to a tenth or less
_LOSSY = {6: "JPEG", 7: "JPEG", 50001: "WebP"}
_PALETTE = 3
_PICTURES = {2: "RGB", 5: "CMYK", 6: "YCbCr", 8: "CIELab"}
_NOT_FINITE_PCT = 0.1  # more than that is a no-data value that nobody declared
_MOST_SHOWN = 12


class NoData(NamedTuple):
    """The no-data value in force; ``settled`` if the file or the study says one, or none."""

    value: float | None
    settled: bool
    findings: tuple[Finding, ...] = ()


def header_findings(
    header: TiffHeader, *, file: str, max_gigapixels: float, image: bool = False
) -> list[Finding]:
    """Refuse from the tags alone what must not, or cannot sensibly, be read.

    An ``image`` may have several bands; it may not be made for the eye.
    """
    size = {"width": header.width, "height": header.height}
    gigapixels, ends = header.pixels / 1e9, max(header.claimed_bytes, 1)
    blocks = {"shape": header.block_shape, "blocks": header.blocks, "bytes": header.block_bytes}
    rules: list[tuple[object, str, dict[str, object]]] = [
        (
            gigapixels > max_gigapixels or _is_bomb(header),
            "R29",
            {
                **size,
                "bytes": header.file_bytes,
                "gigapixels": gigapixels,
                "limit": max_gigapixels,
            },
        ),
        (header.block_bytes > _BLOCK_BYTES, "R30", {**blocks}),
        (header.pages > 1, "R31", {"pages": header.pages}),
        (not image and _picture(header), "R32", {"what": _picture(header)}),
        (not image and header.complex, "R33", {"why": "complex numbers"}),
        (image and _view(header), "B11", {"what": _view(header)}),
        (image and header.complex, "B12", {"what": "complex numbers"}),
        (header.masks, "R34", {"masks": header.masks}),
        (header.overview or file.lower().endswith(".ovr"), "R35", {**size}),
        (
            header.file_bytes < header.claimed_bytes,
            "R25",
            {
                "bytes": header.file_bytes,
                "claimed": header.claimed_bytes,
                "percent": 100 * header.file_bytes / ends,
            },
        ),
    ]
    return [Finding(code=code, file=file, facts=facts) for wrong, code, facts in rules if wrong]


def _is_bomb(header: TiffHeader) -> bool:
    raw_bytes = header.pixels * math.ceil(header.bits / 8)
    return raw_bytes > _BOMB_BYTES and raw_bytes > _BOMB_RATIO * header.file_bytes


def _picture(header: TiffHeader) -> str:
    """Say what makes it a picture of a map instead of a raster of classes, or nothing."""
    bands = f"{header.bands} bands" if header.bands > 1 else ""
    kinds = (bands, _PICTURES.get(header.photometric), _LOSSY.get(header.compression))
    return ", ".join(kind for kind in kinds if kind)


def _view(header: TiffHeader) -> str:
    """Say what makes it a picture for the eye instead of an image of reflectance, or nothing."""
    colours = {**_PICTURES, _PALETTE: "palette"}.get(header.photometric)
    eye = colours if header.bits <= 8 or header.photometric == _PALETTE else None
    kinds = (eye and f"{header.bits} bit {eye}", _LOSSY.get(header.compression))
    return ", ".join(kind for kind in kinds if kind)


def no_data(declared: str | None, stated: float | str | None, *, dtype: str, file: str) -> NoData:
    """Decide which value means no data: the study's answer, else what the file declares.

    Returns ``R14`` for NaN in a raster of integers and ``R15`` for a value that the pixels
    cannot have: both would match nothing, silently.
    """
    if stated is None:
        if declared is None:
            return NoData(None, settled=False)
        return _declared(declared, dtype, file)
    if stated == "none":
        value, findings = None, list[Finding]()
    else:
        value, findings = _stated(stated, dtype, file)
    said = _number(declared)
    if declared is not None and not _same(said, value):
        facts = {"what": "nodata", "declared": declared, "used": stated}
        findings = [*findings, Finding(code="R40", file=file, facts=facts)]
    return NoData(value, settled=True, findings=tuple(findings))


def _declared(declared: str, dtype: str, file: str) -> NoData:
    value = _number(declared)
    facts = {"declared": declared, "dtype": dtype}
    if value is not None and math.isnan(value) and not _is_float(dtype):
        return NoData(None, settled=False, findings=(Finding(code="R14", file=file, facts=facts),))
    fitting = None if value is None else _fitting(value, dtype)
    if fitting is None:
        return NoData(None, settled=False, findings=(Finding(code="R15", file=file, facts=facts),))
    return NoData(fitting, settled=True)


def _stated(stated: float | str, dtype: str, file: str) -> tuple[float | None, list[Finding]]:
    value = _number(str(stated))
    if value is None:
        facts: dict[str, object] = {"value": stated, "why": 'nodata = 0 | nodata = "none"'}
        return None, [Finding(code="C06", file=file, place="nodata", facts=facts)]
    fitting = _fitting(value, dtype)
    if fitting is None:
        facts = {"declared": stated, "dtype": dtype}
        return None, [Finding(code="R15", file=file, place="nodata", facts=facts)]
    return fitting, []


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return math.nan if "#" in text and "N" in text.upper() else None  # 1.#QNAN of Windows


def _is_float(dtype: str) -> bool:
    return np.dtype(dtype).kind == "f"


def _fitting(value: float, dtype: str) -> float | None:
    """Return the value as pixels of ``dtype`` can have it, or None."""
    if _is_float(dtype):
        largest = float(np.finfo(dtype).max)
        if math.isfinite(value) and abs(value) > largest * (1 + 1e-6):
            return None
        # rounded in its text, the largest number may have become a little larger still
        return float(np.dtype(dtype).type(np.clip(value, -largest, largest)))
    limits = np.iinfo(dtype)
    fits = math.isfinite(value) and value.is_integer() and limits.min <= value <= limits.max
    return value if fits else None


def _same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and math.isnan(a) and math.isnan(b))


def sparse_findings(header: TiffHeader, nodata: NoData, *, file: str) -> list[Finding]:
    """Return ``R28`` for blocks that were never written: a note if they read as no data."""
    if not header.sparse:
        return []
    filled_with = _number(header.nodata_text) or 0.0
    safe = nodata.settled and _same(nodata.value, filled_with)
    facts = {"sparse": header.sparse, "blocks": header.blocks}
    override = Reaction.NOTE if safe else Reaction.REFUSE
    return [Finding(code="R28", file=file, facts=facts, reaction_override=override)]


def code_findings(
    counts: CodeCounts, nodata: NoData, *, dtype: str, crosswalk: Crosswalk | None, file: str
) -> list[Finding]:
    """Compare what the pixels hold with the no-data value and with the scheme."""
    found = _strange_values(counts, nodata.value, dtype, file)
    suspects = [] if nodata.settled else _suspects(counts, dtype)
    if not nodata.settled and not nodata.findings:
        shares = [f"{code} ({counts.share_pct(code):.4g} %)" for code in suspects]
        found.append(Finding(code="R12", file=file, facts={"values": shares}))
    scheme = crosswalk.scheme if crosswalk else "—"
    valid = set(counts.pixels)
    if crosswalk is not None:
        house = crosswalk.house_codes()
        found += _scheme_findings(counts, nodata, crosswalk, suspects, file)
        valid = {code for code in valid if house.get(code, -1) != NO_DATA}
    if not (valid or counts.fractional.px or counts.far_off.px):
        found.append(Finding(code="R17", file=file, facts={"legend": scheme}))
    return found


def _strange_values(
    counts: CodeCounts, nodata: float | None, dtype: str, file: str
) -> list[Finding]:
    found = []
    share_pct = 100 * counts.not_finite / max(counts.total, 1)
    if counts.not_finite:
        override = Reaction.REFUSE if share_pct > _NOT_FINITE_PCT else Reaction.NOTE
        odd = {"px": counts.not_finite, "percent": share_pct}
        found.append(Finding(code="R19", file=file, facts=odd, reaction_override=override))
    if counts.fractional.px:
        found.append(_located("R18", counts.fractional, file))
    far = counts.far_off
    almost = nodata is not None and math.isclose(far.value, nodata, rel_tol=1e-4)
    if far.px and almost:
        facts = {"declared": repr(nodata), "dtype": f"{dtype} ({far.value!r}: {far.px:,} px)"}
        found.append(Finding(code="R15", file=file, place=_place(far), facts=facts))
    elif far.px:
        found.append(_located("R16", far, file))
    return found


def _scheme_findings(
    counts: CodeCounts, nodata: NoData, crosswalk: Crosswalk, suspects: list[int], file: str
) -> list[Finding]:
    house, found = crosswalk.house_codes(), []
    fill = None if nodata.value is None or math.isnan(nodata.value) else int(nodata.value)
    if counts.nodata and fill is not None and house.get(fill, NO_DATA) != NO_DATA:
        label = crosswalk.legend.by_code[house[fill]]
        facts = {"value": fill, "zh": label.zh, "en": label.en, "px": counts.nodata}
        found.append(Finding(code="R13", file=file, facts=facts))
    unknown = [c for c in sorted(counts.pixels) if c not in house and c not in suspects]
    if unknown:
        facts = {"codes": _quantities(counts, unknown), "legend": crosswalk.scheme}
        found.append(Finding(code="R20", file=file, facts=facts))
    absent = [c for c, to in sorted(house.items()) if to != NO_DATA and c not in counts.pixels]
    if absent:
        facts = {"codes": _shortened([str(c) for c in absent]), "legend": crosswalk.scheme}
        found.append(Finding(code="R21", file=file, facts=facts))
    return found


def _suspects(counts: CodeCounts, dtype: str) -> list[int]:
    """Return 0 and those values that occur and often stand for no data."""
    usual = {255, -1, -99, -999, -9999}
    if not _is_float(dtype):
        usual |= {int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)}
    return sorted({0, *(usual & set(counts.pixels))})


def _quantities(counts: CodeCounts, codes: list[int]) -> list[str]:
    def size(code: int) -> str:
        if code in counts.hectares:
            return f"{counts.hectares[code]:,.1f} ha"
        return f"{counts.pixels[code]:,} px"

    return _shortened([f"{c} ({size(c)}, {counts.share_pct(c):.2g} %)" for c in codes])


def _shortened(words: list[str]) -> list[str]:
    rest = len(words) - _MOST_SHOWN
    return words if rest <= 0 else [*words[:_MOST_SHOWN], f"… +{rest}"]


def _located(code: str, strange: Strange, file: str) -> Finding:
    facts: Mapping[str, object] = {"px": strange.px, "value": strange.value}
    return Finding(code=code, file=file, place=_place(strange), facts=facts)


def _place(strange: Strange) -> str:
    return f"行 row {strange.row}，列 column {strange.col}"
