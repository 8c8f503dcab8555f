"""Units that a density raster may be in, as a study states them and as files spell them."""

from __future__ import annotations

from typing import Literal, get_args

from sinks.errors import Finding
from sinks.units import M2_PER_HA

DensityUnit = Literal["tc_per_ha", "t_biomass_per_ha", "kg_c_per_m2", "g_c_per_m2"]

_TC_PER_HA = {"tc_per_ha": 1.0, "kg_c_per_m2": M2_PER_HA / 1e3, "g_c_per_m2": M2_PER_HA / 1e6}
_LEAST_FRACTION, _MOST_FRACTION = 0.3, 0.6  # of carbon in dry matter of plants
_SPELLINGS = {
    "tc_per_ha": "tc/ha tcha-1 tc_per_ha mgc/ha mgcha-1 吨碳/公顷",
    "t_biomass_per_ha": "t/ha tha-1 mg/ha mgha-1 tdm/ha 吨/公顷",
    "kg_c_per_m2": "kgc/m2 kgcm-2 千克碳/平方米",
    "g_c_per_m2": "gc/m2 gcm-2 克碳/平方米",
}
_PLAIN = str.maketrans({"⁻": "-", "¹": "1", "²": "2", "−": "-", "·": "", " ": "", ".": ""})


def tc_per_ha(unit: str, carbon_fraction: float | None) -> float:
    """Return how many tC/ha one of ``unit`` is.

    >>> tc_per_ha("kg_c_per_m2", None), tc_per_ha("t_biomass_per_ha", 0.47)
    (10.0, 0.47)
    """
    return _TC_PER_HA[unit] if carbon_fraction is None else carbon_fraction


def spelled(declared: str | None) -> str | None:
    """Return which unit a file names; None if none that is known.

    >>> spelled("Mg C ha⁻¹"), spelled("t/ha"), spelled("dB")
    ('tc_per_ha', 't_biomass_per_ha', None)
    """
    word = (declared or "").translate(_PLAIN).lower()
    return next((unit for unit, words in _SPELLINGS.items() if word in words.split()), None)


def unit_findings(unit: str, carbon_fraction: float | None, *, file: str) -> list[Finding]:
    """Return ``R91`` for biomass without a carbon fraction, ``C06`` for what cannot be."""
    biomass = unit == "t_biomass_per_ha"
    if unit not in get_args(DensityUnit):
        wanted = {"value": unit, "why": " | ".join(get_args(DensityUnit))}
        return [Finding(code="C06", file=file, place="unit", facts=wanted)]
    if carbon_fraction is None:
        asked = Finding(code="R91", file=file, place="unit", facts={"unit": unit})
        return [asked] if biomass else []
    if biomass and _LEAST_FRACTION <= carbon_fraction <= _MOST_FRACTION:
        return []
    why = f"t_biomass_per_ha: {_LEAST_FRACTION} – {_MOST_FRACTION}"
    facts = {"value": carbon_fraction, "why": why}
    return [Finding(code="C06", file=file, place="carbon_fraction", facts=facts)]
