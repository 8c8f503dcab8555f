"""Look at inputs before a run does: what each file is, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sinks.doctor_accounts import account_looks
from sinks.doctor_carbon import carbon_looks, density_item
from sinks.doctor_items import LABELS, Item, cover_item, file_item, image_item, source_item
from sinks.doctor_plan import plan_looks
from sinks.errors import Finding, InputRefused, Language, printable
from sinks.study import LandCoverSource, Study
from sinks.study_carbon import DensityRasterSource


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the doctor found, input by input."""

    items: tuple[Item, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, in the order of the inputs."""
        return tuple(finding for item in self.items for finding in item.findings)

    @property
    def refused(self) -> bool:
        """Whether a run with these inputs would be refused."""
        return any(finding.stops for finding in self.findings)

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        side = 0 if language == "zh" else 1
        out = []
        for item in self.items:
            out.append(f"■ {printable(item.place)}  {printable(item.file)}")
            out += [f"    {LABELS[key][side]}  {text[side]}" for key, text in item.known.items()]
            out += [f"    {line}" for f in item.findings for line in f.lines(language)]
        return [*out, self._verdict(language)]

    def as_json(self) -> dict[str, object]:
        """Return the same as plain data."""
        return {
            "refused": self.refused,
            "inputs": [
                {
                    "place": item.place,
                    "file": item.file,
                    **item.facts,
                    "findings": [finding.as_json() for finding in item.findings],
                }
                for item in self.items
            ],
        }

    def _verdict(self, language: Language) -> str:
        stops = sum(finding.stops for finding in self.findings)
        others = len(self.findings) - stops
        if language == "zh":
            head = f"不能运行：{stops} 处必须先处理" if stops else "可以运行"
            return f"{head}；另有提示与修复 {others} 条。"
        head = f"Cannot be run: {stops} things must be put right first" if stops else "Can be run"
        return f"{head}; {others} notes and repairs."


def examine(paths: Iterable[Path | str] | Path | str, *, scheme: str | None = None) -> Report:
    """Examine files, or every input of a study (a .toml file).

    ``scheme`` says what the codes of rasters mean; without it they are counted and not
    judged. Nothing is raised for a bad file: what is wrong is in the report.
    """
    wanted = [paths] if isinstance(paths, (Path, str)) else list(paths)
    items: list[Item] = []
    for path in map(Path, wanted):
        if path.suffix.lower() == ".toml":
            items += _study_items(path)
        else:
            items.append(_examined("—", path, partial(file_item, path, scheme)))
    return Report(items=tuple(items))


def _study_items(path: Path) -> list[Item]:
    try:
        study = Study.read(path)
    except InputRefused as refused:
        return [Item(place="—", file=str(path), known={}, facts={}, findings=refused.findings)]
    items, first = [], None
    for image in study.images:
        file = image.path or next(iter(image.files.values()))
        look = partial(image_item, image)
        items.append(_examined(f"images.{image.id}", file, look))
    for place, source in study.sources():
        if place.startswith("images."):
            continue
        if isinstance(source, LandCoverSource):
            item, grid = cover_item(place, source, first)
            first = first or grid
        elif isinstance(source, DensityRasterSource):
            look = partial(density_item, source, study, first)
            item = _examined(place, source.path, look)
        else:
            item = _examined(place, source.path, partial(source_item, place, source, study.limits))
        items.append(item)
    looks = [*carbon_looks(study), *account_looks(study), *plan_looks(study)]
    items += [_examined(place, file, look) for place, file, look in looks]
    return items


def _examined(place: str, path: Path, look: Callable[[], Item]) -> Item:
    """Turn a refusal into an item: the doctor goes on with the next file."""
    try:
        return look()
    except InputRefused as refused:
        return Item(place=place, file=str(path), known={}, facts={}, findings=refused.findings)
