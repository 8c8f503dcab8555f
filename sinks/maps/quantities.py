"""The numbers that a map of a study shows by class: density, its change, and the net balance."""

from __future__ import annotations

from collections.abc import Collection

from sinks.maps.carbon_figures import potential_sets
from sinks.maps.elements import Quantity
from sinks.maps.inert import Words
from sinks.maps.ramps import balance_ramp, change_ramp, density_ramp
from sinks.results import Results

PER_HA = Words("吨碳/公顷", "t C/ha")
NET_PER_HA = Words("吨二氧化碳当量/公顷/年", "t CO₂e/ha/a")
_DENSITY_UNIT = Words("吨碳/公顷（四个碳库，不含水下底泥）", "t C/ha, four pools, no sediment")
_CHANGE_UNIT = Words("吨碳/公顷（橙 = 减少，紫 = 增加）", "t C/ha (orange = loss, purple = gain)")
_NET_UNIT = Words(
    "吨二氧化碳当量/公顷/年（褐 = 排放源，青 = 碳汇）", "t CO₂e/ha/a (brown = source, teal = sink)"
)
_DENSITY_NOTE = Words(
    "按地类碳密度表逐像元查得；缩小时显示均值。",
    "Looked up by class for every pixel; means where zoomed out.",
)
_CHANGE_NOTE = Words(
    "土壤按平衡态计潜在变化，未分 20 年计入；水陆转换处含土壤与底泥之间的账目转移。"
    "缩小时显示均值。",
    "Soil at equilibrium, not phased over 20 years; where land and water change places, soil is "
    "booked to or from sediment. Means where zoomed out.",
)
_NET_NOTE = Words(
    "每类土地单位面积的净碳汇，含 CO₂、CH₄、N₂O{potentials}，逐像元查得；同类各处相同。"
    "不含小班生长采伐、水库库龄和土地转换，合计不等于净收支。缩小时显示均值。",
    "Net sink of one hectare of each class, with CO₂, CH₄ and N₂O{potentials}, looked up for "
    "every pixel, alike wherever the class is. Growth and harvest of stands, age of reservoirs "
    "and change of land are left out: it does not add up to the balance. Means where zoomed out.",
)


def density_quantity(held: Collection[float]) -> Quantity:
    """Return carbon density, coloured up to the largest of ``held``, in tC/ha."""
    return Quantity(
        subject=Words("碳密度", "Carbon density"),
        unit=PER_HA,
        ramp=density_ramp(held, unit=_DENSITY_UNIT),
        note=_DENSITY_NOTE,
    )


def change_quantity(held: Collection[float]) -> Quantity:
    """Return change of carbon density between any two of ``held``, in tC/ha."""
    return Quantity(
        subject=Words("碳密度变化", "Change of carbon density"),
        unit=PER_HA,
        ramp=change_ramp([max(held) - min(held)], unit=_CHANGE_UNIT),
        note=_CHANGE_NOTE,
        signed=True,
    )


def net_quantity(results: Results, held: Collection[float]) -> Quantity:
    """Return the net sink by class, coloured up to the largest of ``held``, in tCO2e/ha/a."""
    names = [each["name"] for each in potential_sets(results) if each["chosen"]]
    zh, en = (f"（{name.zh}）" for name in names), (f" ({name.en})" for name in names)
    return Quantity(
        subject=Words(
            "净碳汇（按类型，不含小班和水库）", "Net sink by class, no stands or reservoirs"
        ),
        unit=NET_PER_HA,
        ramp=balance_ramp(held, unit=_NET_UNIT),
        note=Words(
            _NET_NOTE.zh.format(potentials="".join(zh)),
            _NET_NOTE.en.format(potentials="".join(en)),
        ),
        digits=2,
        signed=True,
        quiet=True,
    )
