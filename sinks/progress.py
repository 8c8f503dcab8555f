"""What a person sees while a study runs: the stage, a bar, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sinks.errors import Language

# Stages in order, with their share of the time of a district at 10 m.
STAGES = {
    "inputs": ("检查输入", "Checking inputs", 22),
    "maps": ("由影像分类", "Classifying images", 40),
    "areas": ("统计面积", "Tabulating areas", 12),
    "samples": ("由样本估计精度和面积", "Estimating accuracy and areas", 3),
    "carbon": ("计算碳储量", "Computing carbon stocks", 3),
    "accounts": ("核算生态产品", "Accounting for ecosystem products", 10),
    "indicators": ("计算覆盖率", "Computing coverage rates", 13),
    "restoration": ("评估修复情景", "Judging scenarios of restoration", 3),
    "rasters": ("写栅格", "Writing rasters", 15),
    "tables": ("写表格和工作簿", "Writing tables and workbook", 15),
    "page": ("写地图页面", "Writing the map page", 18),
    "publish": ("核对并发布", "Checking and publishing", 2),
}

Progress = Callable[[str], None]
BlockProgress = Callable[[int, int], None]


@contextmanager
def shown_progress(language: Language) -> Iterator[Progress]:
    """Yield a function to be told the name of each stage as it begins."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    zh = language == "zh"
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("已用" if zh else "elapsed"),
        TimeElapsedColumn(),
        TextColumn("约剩" if zh else "left"),
        TimeRemainingColumn(),
    )
    names = list(STAGES)
    with Bar(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("…", total=sum(share for *_, share in STAGES.values()))

        def begin(stage: str) -> None:
            done = sum(STAGES[name][2] for name in names[: names.index(stage)])
            text = STAGES[stage][0] if zh else STAGES[stage][1]
            bar.update(task, completed=done, description=text)
            if not bar.console.is_terminal:
                bar.console.print(f"[{names.index(stage) + 1}/{len(names)}] {text}", markup=False)

        yield begin
        bar.update(task, completed=bar.tasks[0].total, description="完成" if zh else "Done")


@contextmanager
def shown_blocks(language: Language) -> Iterator[BlockProgress]:
    """Yield a function to be told how many blocks of how many are finished."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    zh = language == "zh"
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TextColumn("已用" if zh else "elapsed"),
        TimeElapsedColumn(),
        TextColumn("约剩" if zh else "left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        text = "读取、训练、检验" if zh else "reading, training, validating"
        task = bar.add_task(text, total=None, count="")

        def told(done: int, total: int) -> None:
            text = "分块计算" if zh else "blocks"
            count = f"{done}/{total}"
            bar.update(task, description=text, completed=done, total=total, count=count)

        yield told


def silent_blocks(_done: int, _total: int) -> None:
    """Show nothing; for notebooks and tests."""


def silent(_stage: str) -> None:
    """Show nothing; for notebooks and tests."""
