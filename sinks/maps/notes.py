"""What a page says about itself: made-up data, sources, findings, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from sinks.errors import Reaction
from sinks.landcover.cover import LandCover
from sinks.maps.inert import Words, words
from sinks.maps.panels import Row, Section
from sinks.maps.placement import crs_name
from sinks.maps.quality import quality_sections
from sinks.maps.roles import input_name
from sinks.results import Results

_REACTIONS = {
    Reaction.REPAIR: Words("已修复", "repaired"),
    Reaction.NOTE: Words("提示", "note"),
}
_READING = (
    Words(
        "页面中的每个数字都取自成果文件夹里的 results 表，页面本身不计算面积。",
        "Every figure on this page comes from the results tables; the page itself counts nothing.",
    ),
    Words(
        "栅格按原始格网逐像元显示，没有重采样；缩小后显示的是概览。",
        "Rasters are shown pixel by pixel on their own grid, not resampled; zoomed out, an "
        "overview is shown.",
    ),
    Words(
        "面积为 CGCS2000 椭球面上的面积，边界像元按覆盖比例计。",
        "Areas are on the CGCS2000 ellipsoid; pixels at a boundary count by the part inside.",
    ),
    Words(
        "键盘：Tab 在控件间移动，空格切换图例，方向键移动卷帘或地图，回车查询地图中心。",
        "Keyboard: Tab moves between controls, Space switches a class, arrows move swipe bar "
        "or map, Enter asks for the centre of the map.",
    ),
)


def banner(results: Results) -> Words | None:
    """Return the warning for made-up data, or nothing if all of it is real."""
    if not results.synthetic:
        return None
    return Words(
        "合成数据，仅供演示，不得用于管理决策",
        "Synthetic data, for demonstration only, not for decisions",
    )


def footer(results: Results, covers: Mapping[int, LandCover]) -> Iterator[Words]:
    """Yield the line at the foot: sources, years, CRS, version, run, use, review number."""
    years = "、".join(map(str, results.years))
    sources = list(dict.fromkeys(text for text in _sources(results).values() if text))
    yield Words(f"数据年份 {years}", f"Years {years.replace('、', ', ')}")
    if sources:
        shown = sources[:3]
        more = Words(" 等", " and others") if len(sources) > len(shown) else Words("", "")
        yield Words(f"来源 {'；'.join(shown)}{more.zh}", f"Sources {'; '.join(shown)}{more.en}")
    crs = crs_name(next(iter(covers.values())).grid.crs)
    yield Words(f"坐标系 {crs.zh}", f"CRS {crs.en}")
    yield words(f"sinks {results.version}")
    yield Words(f"运行编号 {results.run}", f"Run {results.run}")
    yield Words("内部用图", "For internal use")
    yield Words("审图号 ——", "Map review no. ——")  # filled in before a map leaves the house


def sections(
    results: Results, covers: Mapping[int, LandCover], maps: Mapping[str, Words]
) -> list[Section]:
    """Return the sections of the notes; ``maps`` are the names of classified maps by id."""
    made_up = [input_name(place) for place in results.synthetic]
    zh, en = "、".join(name.zh for name in made_up), ", ".join(name.en for name in made_up)
    return [
        Section(
            title=("合成数据", "Synthetic data"),
            paragraphs=[Words(f"以下输入为合成数据：{zh}", f"These inputs are made up: {en}")]
            if made_up
            else [],
        ),
        *quality_sections(results, maps),
        Section(title=("怎样读这张图", "How to read this map"), paragraphs=_READING),
        Section(title=("数据来源", "Sources"), rows=list(_source_rows(results, covers))),
        Section(title=("修复与提示", "Repairs and notes"), rows=list(_finding_rows(results))),
        Section(
            title=("程序", "Software"),
            rows=[
                (("版本", "Version"), f"sinks {results.version}"),
                (("运行编号", "Run"), results.run),
                (("地图库", "Map library"), "Leaflet (BSD-2-Clause)"),
            ],
        ),
    ]


def _sources(results: Results) -> dict[str, str]:
    inputs = results.table("inputs")
    if "source" not in inputs:
        return {}
    return {
        str(place): "" if pd.isna(text) else str(text) for place, text in inputs["source"].items()
    }


def _source_rows(results: Results, covers: Mapping[int, LandCover]) -> Iterator[Row]:
    inputs = results.table("inputs")
    for place, text in _sources(results).items():
        yield (
            input_name(place),
            " · ".join(part for part in (str(inputs.loc[place, "file"]), text) if part),
        )
    for year, cover in covers.items():
        rows, cols = cover.grid.shape
        size = abs(cover.grid.transform.a), abs(cover.grid.transform.e)
        unit = cover.grid.crs.axis_info[0].unit_name
        grid = f"{cols} × {rows}, {size[0]:.6g} × {size[1]:.6g} {unit}"
        crs = crs_name(cover.grid.crs)
        yield (
            Words(f"{year} 年格网", f"Grid of {year}"),
            Words(f"{grid}；{crs.zh}", f"{grid}; {crs.en}"),
        )


def _finding_rows(results: Results) -> Iterator[Row]:
    for finding in results.findings:
        kind = _REACTIONS.get(finding.reaction, words(str(finding.reaction)))
        place = " · ".join(part for part in (finding.file, finding.place) if part)
        text = Words(
            " ".join([finding.sentence("zh"), finding.found("zh"), place]).strip(),
            " ".join([finding.sentence("en"), finding.found("en"), place]).strip(),
        )
        code = f"SNK-{finding.code}"
        yield Words(f"{code} {kind.zh}", f"{code} {kind.en}"), text
