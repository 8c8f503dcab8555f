"""How good the maps are, as sections of the notes: by a probability sample, and by the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import pandas as pd

from sinks.maps.figures import names_by_id, records
from sinks.maps.inert import Words, words
from sinks.maps.panels import Row, Section
from sinks.results import Results

Record = Mapping[Any, Any]

_WORST = 3  # classes named of a date
_TO = "\u2060–\u2060"  # a dash at which no line ends
_ALL, _CHANGE = "all", "change"
_OVERALL = Words("总体精度", "overall accuracy")
_AGREE = Words("判读员一致", "interpreters agree")
_MEASURES = {
    "users": Words("用户精度最低", "lowest user's accuracy"),
    "producers": Words("生产者精度最低", "lowest producer's accuracy"),
}
_BY_SAMPLE = Words(
    "由概率样本按抽样设计估计，括号内为 95% 区间。用户精度：图上这一类型中画对的比例；"
    "生产者精度：地上这一类型中图上画出的比例。",
    "Estimated from a probability sample by its design, with 95 % intervals. User's accuracy: "
    "how much of a class on the map is right; producer's accuracy: how much of it on the ground "
    "is on the map.",
)
_NO_SAMPLE = Words(
    "没有概率样本，土地覆盖图的精度未知，面积只是制图面积。",
    "Without a probability sample the accuracy of the land cover is unknown, and areas are "
    "mapped areas.",
)
_BY_MODEL = Words(
    "交叉验证说明模型在没有训练过的地方判得怎样，不是地图的精度；地图的精度和面积要由概率样本估计。"
    "随机分组用相邻像元互相检验，偏高；距离匹配分组的距离与实际预测时相当，以它为准。",
    "Cross-validation says how the model does where it was not trained and is no accuracy of the "
    "map: that, and areas, take a probability sample. Random folds test on neighbours of what "
    "was learnt and flatter; matched folds are as far apart as prediction is and count.",
)
_HATCHED = Words(
    "适用范围之外：与训练样本差异过大，模型在这样的地方没有检验过，精度未知。",
    "Outside the area of applicability pixels are unlike the training places: the model was "
    "never tested on such, and their accuracy is unknown.",
)


def quality_sections(results: Results, maps: Mapping[str, Words]) -> Iterator[Section]:
    """Yield the sections on accuracy: of the land cover, and of classified maps by their names."""
    sampled, validated = list(_sample_rows(results)), list(_map_rows(results, maps))
    if sampled:
        yield Section(title=("精度", "Accuracy"), paragraphs=[_BY_SAMPLE], rows=sampled)
    elif validated:
        yield Section(title=("精度", "Accuracy"), paragraphs=[_NO_SAMPLE])
    if validated:
        yield Section(
            title=(
                "分类图的交叉验证：总体精度",
                "Cross-validation of classified maps: overall accuracy",
            ),
            paragraphs=[_BY_MODEL, _HATCHED],
            rows=validated,
        )


def _sample_rows(results: Results) -> Iterator[Row]:
    """Yield overall accuracy of every date and of change, the worst classes, and agreement."""
    table = results.table("map_accuracy")
    for (sample, what), rows in _groups(table, "sample", "what"):
        name = _what(results, int(sample), str(what))
        for row in rows:
            if row["measure"] == "overall":
                text = _listed(_interval(row, "accuracy_{}pct"), _places(row["units"]))
                yield _spaced(name, _OVERALL), text
        if what != _CHANGE:
            yield from _worst_rows(results, name, rows)
    if not table.empty:
        yield from _agreement_rows(results)


def _worst_rows(results: Results, name: Words, rows: Sequence[Record]) -> Iterator[Row]:
    """Yield the classes with the lowest accuracies; classes without samples have none."""
    names = names_by_id(results.table("classes"))
    for measure, title in _MEASURES.items():
        known = [r for r in rows if r["measure"] == measure and isfinite(r["accuracy_pct"])]
        worst = sorted(known, key=lambda row: float(row["accuracy_pct"]))[:_WORST]
        texts = [
            _spaced(
                names.get(row["land_cover"], words(row["land_cover"])),
                _interval(row, "accuracy_{}pct"),
            )
            for row in worst
        ]
        yield _spaced(name, title), _listed(*texts, between="\n")


def _agreement_rows(results: Results) -> Iterator[Row]:
    """Yield how often the interpreters agreed, for each sample and date."""
    for row in records(results.table("agreement")):
        if row["land_cover"] == _ALL:
            sample = int(row["sample"])
            year = _before(results, sample) if row["date"] == "before" else sample
            text = _listed(_interval(row, "agreement_{}pct"), _places(row["places"]))
            yield _spaced(_what(results, sample, str(year)), _AGREE), text


def _groups(table: pd.DataFrame, *keys: str) -> Iterator[tuple[tuple[Any, ...], list[Record]]]:
    """Yield the rows of a table that have ``keys`` in common, in the order of the table."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for row in records(table):
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    yield from groups.items()


def _what(results: Results, sample: int, what: str) -> Words:
    """Return the name of what was assessed: a year, or the change up to that of the sample."""
    if what != _CHANGE:
        return Words(f"{what} 年", what)
    years = f"{_before(results, sample)} → {sample}"
    return Words(f"{years} 变化", f"{years} change")


def _before(results: Results, sample: int) -> int:
    return max((year for year in results.years if year < sample), default=sample)


def _map_rows(results: Results, maps: Mapping[str, Words]) -> Iterator[Row]:
    """Yield, for every classified map, its cross-validation and what lies outside."""
    for (made,), rows in _groups(results.table("map_validation"), "map"):
        yield maps.get(made, words(str(made))), _validation(rows)
        yield Words("适用范围之外", "Outside applicability"), _outside(results, made)


def _validation(rows: Sequence[Record]) -> Words:
    """Say matched beside random folds, and by how much the random ones flatter."""
    by_kind = {row["validation"]: row for row in rows}
    matched, random = (
        _interval(by_kind[kind], "overall_accuracy{}", scale=100, ends=("", "_low", "_high"))
        for kind in ("matched", "random")
    )
    optimism = 100 * float(by_kind["matched"]["optimism"])
    return Words(
        f"距离匹配分组 {matched.zh}\n随机分组 {random.zh}\n随机偏高 {optimism:.1f} 个百分点",
        f"matched folds {matched.en}\nrandom folds {random.en}\nrandom too high by "
        f"{optimism:.1f} points",
    )


def _outside(results: Results, made: str) -> Words:
    rows = [row for row in records(results.table("map_classes")) if row["map"] == made]
    outside_ha, area_ha = (sum(float(row[c]) for row in rows) for c in ("outside_ha", "area_ha"))
    share = f"{100 * outside_ha / area_ha:.2f}%"
    return Words(
        f"{outside_ha:,.1f} 公顷，占分类面积 {area_ha:,.1f} 公顷的 {share}",
        f"{outside_ha:,.1f} ha, {share} of the {area_ha:,.1f} ha classified",
    )


def _interval(
    row: Record,
    column: str,
    *,
    scale: float = 1.0,
    ends: tuple[str, str, str] = ("", "low_", "high_"),
) -> Words:
    """Say a share in % with its interval; ``column`` has a blank for value, low and high."""
    value, low, high = (scale * float(row[column.format(end)]) for end in ends)
    if not (isfinite(low) and isfinite(high)):
        return words(f"{value:.1f}%")
    limits = f"{low:.1f}{_TO}{high:.1f}"
    return Words(f"{value:.1f}%（{limits}）", f"{value:.1f}% ({limits})")


def _places(count: float) -> Words:
    return Words(f"{count:,.0f} 个样点", f"{count:,.0f} places")


def _spaced(*parts: Words) -> Words:
    return Words(" ".join(p.zh for p in parts), " ".join(p.en for p in parts))


def _listed(*parts: Words, between: str | None = None) -> Words:
    zh, en = (between, between) if between else ("；", "; ")
    return Words(zh.join(p.zh for p in parts), en.join(p.en for p in parts))
