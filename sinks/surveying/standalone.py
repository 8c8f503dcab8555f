"""A map from images without a study: everything that judges it in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sinks.errors import InputRefused, Language
from sinks.mapmaking.classify import Classified, classified, described, input_hashes
from sinks.mapmaking.requests import ClassificationRequest
from sinks.progress import BlockProgress, silent_blocks
from sinks.publish import workspace
from sinks.reports.cogs import write_classes
from sinks.reports.geopackage import SYNTHETIC as LAYER_SYNTHETIC
from sinks.reports.geopackage import write_layers
from sinks.reports.layers import LayerOutput, write_layer
from sinks.reports.tables import write_table
from sinks.surveying.outcome import StepOutcome, published_step

MAP = "land_cover.tif"
SYNTHETIC = {"SINKS_SYNTHETIC": "合成数据，仅供演示 Synthetic data, for demonstration only"}
LAYERS = {
    "probability": ("所示类型的概率", "probability of the class shown"),
    "entropy": ("分类熵（0 确定，1 不定）", "entropy (0 sure, 1 undecided)"),
    "dissimilarity": ("与训练样本的差异指数", "dissimilarity to the training places"),
    "next_samples": ("补充样本的需要程度", "need of a further sample"),
}


def classify_files(
    request: ClassificationRequest,
    out: Path,
    *,
    language: Language = "zh",
    threads: int = 1,
    progress: BlockProgress = silent_blocks,
) -> StepOutcome:
    """Make a map and publish it in ``out`` with its layers, tables and record.

    Finished blocks wait beside ``out``, so that a run that was stopped goes on from them;
    they are removed when the map is published.

    Raises
    ------
    InputRefused
        As :func:`sinks.mapmaking.classify.classified`, and ``C12`` if ``out`` is not ours.
    """
    store = block_folder(out)
    with workspace(out) as folder, _as_options(request):
        result = classified(request, store, threads=threads, progress=progress)
        write_map(result, folder, threads=threads)
        for name, table in result.tables.items():
            write_table(_indexed(table), folder / f"{name}.csv")
        outcome = published_step(
            folder,
            out,
            step="classify",
            inputs=input_hashes(request),
            said={"zh": _said(result, "zh"), "en": _said(result, "en")},
            findings=(*result.findings, *result.resumed),
            request=described(request),
            seed=request.seed,
            threshold=result.threshold,
            language=language,
        )
    clear_blocks(store)
    return outcome


@contextmanager
def _as_options(request: ClassificationRequest) -> Iterator[None]:
    """Name options of the command where a study would name its parts."""
    options = {f"classifications.{request.classification.id}.training": "--training"}
    options |= {f"images.{image.id}": "--image" for image in request.images}
    try:
        yield
    except InputRefused as error:
        raise InputRefused(
            replace(finding, place=options.get(finding.place or "", finding.place))
            for finding in error.findings
        ) from error


def block_folder(out: Path) -> Path:
    """Return where the finished blocks of a run to ``out`` wait."""
    target = out.resolve()
    return target.parent / f".{target.name}.blocks"


def clear_blocks(store: Path) -> None:
    """Remove the blocks of a run that is published, and the folder if nothing else is in it."""
    for path in [*store.rglob("*.block"), *store.rglob("key.txt")]:
        path.unlink()
    for folder in sorted([*store.rglob("*"), store], reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def write_map(result: Classified, folder: Path, *, prefix: str = "", threads: int = 1) -> None:
    """Write the map, its layers, and the places to sample next."""
    metadata = SYNTHETIC if result.synthetic else None
    name = f"{prefix}{MAP}"
    write_classes(result.cover, folder / name, metadata=metadata, threads=threads)
    for layer, blocks in result.layers.items():
        name_zh, name_en = LAYERS[layer]
        output = LayerOutput(
            path=folder / f"{prefix}{layer}.tif", name_zh=name_zh, name_en=name_en
        )
        write_layer(blocks, output, metadata=metadata, threads=threads)
    if result.places is not None:
        description = f"{LAYER_SYNTHETIC if result.synthetic else ''}{LAYERS['next_samples'][0]}"
        path = folder / f"{prefix}next_samples.gpkg"
        write_layers({"next_samples": result.places}, path, {"next_samples": description})
    if result.clues is not None:
        description = f"{LAYER_SYNTHETIC if result.synthetic else ''}更新线索 / update clues"
        clues = {"clues": result.clues.reset_index()}
        write_layers(clues, folder / f"{prefix}clues.gpkg", {"clues": description})


def _indexed(table: pd.DataFrame) -> pd.DataFrame:
    return table if table.index.names[0] is not None else table.rename_axis("row")


def _said(result: Classified, language: Language) -> list[str]:
    """Say how good the map is, the optimism of random folds beside it."""
    zh = language == "zh"
    accuracy = 100 * result.tables["validation"].filter(like="overall_accuracy").astype(float)
    random_pct = accuracy["overall_accuracy"]["random"]
    matched_pct, low, high = accuracy.loc["matched"].to_numpy(dtype=float)
    classes = result.tables["classes"]
    outside_pct = 100 * classes["outside_ha"].sum() / classes["area_ha"].sum()
    area_ha = classes["area_ha"].sum()
    if zh:
        return [
            f"分类面积 {area_ha:,.1f} 公顷，{len(classes)} 个类型{_seen(result, language)}",
            f"交叉验证总体精度：空间 {matched_pct:.1f} %（{low:.1f}—{high:.1f}），"
            f"随机 {random_pct:.1f} %（以空间的为准）",
            f"{outside_pct:.1f} % 的面积在模型适用范围之外，精度未知",
            "这些样本不是概率样本：地图精度和面积请用 sinks sample 和 sinks assess 估计",
        ]
    return [
        f"{area_ha:,.1f} ha classified, {len(classes)} classes{_seen(result, language)}",
        f"Cross-validated overall accuracy: in space {matched_pct:.1f} % "
        f"({low:.1f}-{high:.1f}), "
        f"at random {random_pct:.1f} % (rely on the former)",
        f"{outside_pct:.1f} % of the area lies where the model was never tested",
        "These places are no probability sample: use sinks sample and sinks assess for the "
        "accuracy of the map and for areas",
    ]


def _seen(result: Classified, language: Language) -> str:
    """Say how much of the image had data, where not all of it had."""
    rows, cols = result.cover.grid.shape
    share_pct = 100 * sum(n for code, n in result.cover.pixels.items() if code) / (rows * cols)
    if share_pct == 100:
        return ""
    if language == "zh":
        return f"（影像范围的 {share_pct:.1f} %；其余没有数据，不分类）"
    return f" ({share_pct:.1f} % of the image; the rest has no data)"
