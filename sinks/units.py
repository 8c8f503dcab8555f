"""Each conversion once, and the suffixes that names may carry.

Suffixes: ``_ha _m2 _m _km _tc _tc_per_ha _tco2e _tco2e_per_year _kg_ch4 _pct _yuan``; a
standard error says ``_se_`` before the unit; ``_low`` and ``_high`` are a 95 % interval.
Carbon is counted in tonnes of carbon; CO2 appears only where gases meet.
"""

from __future__ import annotations

CO2_PER_C = 44 / 12  # IPCC 2006 Guidelines, vol. 1, by convention
HA_PER_MU = 1 / 15  # 1 亩 is 666.667 m2
M2_PER_HA = 10_000.0
N2O_PER_N = 44 / 28  # mass of N2O per mass of its nitrogen
Z_95 = 1.959964  # half-width of a 95 % interval in standard errors

UNITS = {
    "ha": ("公顷", "ha"),
    "m2": ("平方米", "m²"),
    "m": ("米", "m"),
    "km": ("公里", "km"),
    "mu": ("亩", "mu"),
    "tc": ("吨碳", "t C"),
    "tc_per_ha": ("吨碳/公顷", "t C/ha"),
    "tco2e": ("吨二氧化碳当量", "t CO₂e"),
    "tco2e_per_year": ("吨二氧化碳当量/年", "t CO₂e/a"),
    "tco2e_per_ha_per_year": ("吨二氧化碳当量/公顷/年", "t CO₂e/ha/a"),
    "tco2e_per_ha": ("吨二氧化碳当量/公顷", "t CO₂e/ha"),
    "per_ha_per_year": ("每公顷每年", "per ha and year"),
    "in_unit": ("单位见 unit 列", "in the unit of column unit"),
    "tc_per_year": ("吨碳/年", "t C/a"),
    "t_per_m3": ("吨/立方米", "t/m³"),
    "t_per_ha": ("吨/公顷", "t/ha"),
    "per_year": ("每年", "per year"),
    "ratio": ("比值", "ratio"),
    "yuan": ("元", "yuan"),
    "yuan_per_ha": ("元/公顷", "yuan/ha"),
    "yuan_per_tco2e": ("元/吨二氧化碳当量", "yuan/t CO₂e"),
    "years": ("年", "years"),
    "pct": ("%", "%"),
    "px": ("像元", "px"),
    "rivers": ("条", "rivers"),
}


def mu_to_ha(area_mu: float) -> float:
    """Convert 亩 to hectares.

    >>> round(mu_to_ha(100), 3)
    6.667
    """
    return area_mu * HA_PER_MU


def tc_to_tco2(stock_tc: float) -> float:
    """Convert tonnes of carbon to tonnes of CO2.

    >>> tc_to_tco2(12.0)
    44.0
    """
    return stock_tc * CO2_PER_C
