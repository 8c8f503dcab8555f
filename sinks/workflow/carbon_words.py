"""A balance in words: sink, source or neither first, then figures, unit and potentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from sinks.carbon.balance import verdict
from sinks.errors import Language
from sinks.gases.potentials import WarmingPotentials
from sinks.parameters.labels import label
from sinks.units import UNITS
from sinks.workflow.area_carbon import KnownAreas

_MOST = 20  # zones told one by one
_NET = "net_sink_{}tco2e_per_year"
_LEFT_OUT = {
    "zh": "没有小班、水库、稻田水分和秸秆：这些要在研究文件里写，用 sinks run",
    "en": "Without stands, reservoirs, water and straw of rice: a study tells them (sinks run)",
}
_SIDES = {"zh": ("净碳汇", "净排放"), "en": ("net sink", "net emission")}


def balance_lines(
    tables: Mapping[str, pd.DataFrame],
    potentials: WarmingPotentials,
    known: KnownAreas,
    language: Language,
) -> list[str]:
    """Say what the balance of every zone came to; of many zones the first twenty."""
    zh = language == "zh"
    zones = [str(zone) for zone in tables["balance"].index]
    lines = [_basis(potentials, language), _of_areas(known, zh=zh), _LEFT_OUT[language]]
    for zone in zones[:_MOST]:
        lines += _of_zone(tables, zone, language)
    if (more := len(zones) - _MOST) > 0:
        lines.append(
            f"另有 {more} 个单元，见 balance.csv" if zh else f"{more} more zones: see balance.csv"
        )
    return lines


def _basis(potentials: WarmingPotentials, language: Language) -> str:
    unit = UNITS["tco2e_per_year"][0 if language == "zh" else 1]
    what = label("crediting.accounting_only", language)
    factors = f"CH₄ {potentials.ch4:g}，N₂O {potentials.n2o:g}"
    if language == "zh":
        return (
            f"{what}；单位：{unit}；全球增温潜势 {potentials.name}（{potentials.zh}：{factors}）"
        )
    factors = factors.replace("，", ", ")
    return (
        f"{what}; unit: {unit}; warming potentials {potentials.name} ({potentials.en}: {factors})"
    )


def _of_areas(known: KnownAreas, *, zh: bool) -> str:
    told = known.areas["area_se_ha"].notna()
    if told.all():
        return (
            "面积误差按 area_se_ha 计入，各类相互独立"
            if zh
            else "Errors of areas are those of area_se_ha, classes independent"
        )
    if told.any():
        return (
            "没有 area_se_ha 的面积按准确计，其余误差已计入"
            if zh
            else "Areas without area_se_ha are taken as exact, the errors of others are counted"
        )
    return (
        "面积按准确计：面积表没有误差，区间只来自参数"
        if zh
        else "Areas are taken as exact: the table tells no errors, intervals come from parameters"
    )


def _of_zone(tables: Mapping[str, pd.DataFrame], zone: str, language: Language) -> Iterator[str]:
    row = _row(tables["balance"], zone)
    net, low, high = (_sided(row[_NET.format(end)], language) for end in ("", "low_", "high_"))
    chance = _chance(row["probability_sink"])
    sign = label(f"verdict.{verdict(row[_NET.format('')], row['probability_sink'])}", language)
    gases = tables["balance_gases"].xs(zone, level="zone")[_NET.format("")]
    parts = [f"{label(f'gas.{gas}', language)} {_amount(value)}" for gas, value in gases.items()]
    stock = _row(tables["stock_totals"], zone)
    held = [_amount(stock[f"stock_{end}tc"]) for end in ("", "low_", "high_")]
    decided = _decided(tables["contributions"].reset_index(), zone, language)
    if language == "zh":
        yield f"{zone}  {sign}：{net}（95 % 区间：{low} 至 {high}；为净碳汇的概率 {chance}）"
        yield f"    各气体（正为吸收，负为排放）：{'，'.join(parts)}"
        yield f"    碳储量 {held[0]} 吨碳（{held[1]} 至 {held[2]}）"
        yield f"    区间宽度主要来自：{'；'.join(decided) or '—'}"
    else:
        yield (
            f"{zone}  {sign}: {net} "
            f"(95 % interval: {low} to {high}; probability of a net sink {chance})"
        )
        yield f"    by gas (positive is taken up): {', '.join(parts)}"
        yield f"    carbon stock {held[0]} t C ({held[1]} to {held[2]})"
        yield f"    the width comes mostly from: {'; '.join(decided) or '—'}"


def _decided(table: pd.DataFrame, zone: str, language: Language) -> list[str]:
    """Return the three parameters that decide the width of the balance of a zone."""
    top = table[(table["result"] == "net_sink") & (table["zone"] == zone)].head(3)
    pairs = zip(top[f"name_{language}"], top["contribution_pct"], strict=True)
    return [f"{name} {pct:.0f} %" for name, pct in pairs]


def _row(table: pd.DataFrame, zone: str) -> dict[str, float]:
    return {str(name): value for name, value in table.loc[[zone]].to_dict("records")[0].items()}


def _sided(net: float, language: Language) -> str:
    """Say on which side a balance lies, and how far."""
    return f"{_SIDES[language][0 if net >= 0 else 1]} {_amount(abs(net))}"


def _chance(probability: float) -> str:
    """Say a probability no closer to 0 or 1 than draws can tell."""
    if not 0.001 <= probability <= 0.999:
        return "< 0.1 %" if probability < 0.5 else "> 99.9 %"
    return f"{100 * probability:.1f} %"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
