"""Run a study: check, compute, write, publish; or say that the result is up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import pandas as pd

from sinks import __version__
from sinks.errors import Finding, InputRefused, Language, distinct
from sinks.files import file_hash
from sinks.mapmaking.classify import Classified
from sinks.mapmaking.study_maps import land_covers, map_tables, study_maps
from sinks.progress import Progress, silent
from sinks.publish import publish, published, workspace
from sinks.results import Results
from sinks.study import Study
from sinks.surveying.standalone import block_folder, clear_blocks
from sinks.workflow.accounts import account_tables
from sinks.workflow.carbon import Carbon, carbon_tables
from sinks.workflow.compute import area_tables, with_whole_map
from sinks.workflow.draws import draw_samples, refuse_if_labelled
from sinks.workflow.estimates import Estimates, estimates
from sinks.workflow.explain import explained
from sinks.workflow.headlines import headlines
from sinks.workflow.inputs import Inputs, input_files, read_inputs, shown_path
from sinks.workflow.measured_densities import with_measured_densities
from sinks.workflow.networks import network_tables
from sinks.workflow.rates import rate_tables
from sinks.workflow.restoration import restoration_tables
from sinks.workflow.stands import stand_inventory
from sinks.workflow.write import write_all

_LIBRARIES = (
    *("numpy", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "numba"),
    *("scikit-learn", "scipy"),
)
_ROOM = 6  # free disk space wanted, in sizes of the inputs


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run came to: its folder, whether anything was computed, and its results."""

    folder: Path
    reused: bool
    seconds: float
    headlines: Mapping[Language, list[str]]
    findings: int

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        zh = language == "zh"
        if self.reused:
            head = "成果已是最新，没有重新计算" if zh else "The result is up to date"
        else:
            head = f"完成，用时 {self.seconds:.1f} 秒" if zh else f"Done in {self.seconds:.1f} s"
        page = self.folder / "index.html"
        return [
            f"{head}{'：' if zh else ': '}{self.folder}",
            *self.headlines[language],
            f"提示与修复 {self.findings} 条，见工作簿和 run.json"
            if zh
            else f"{self.findings} notes and repairs, see the workbook and run.json",
            f"请打开 {page}" if zh else f"Open {page}",
        ]


def run_study(
    study: Study,
    out: Path | str,
    *,
    language: Language = "zh",
    threads: int = 1,
    again: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Run ``study`` and publish its results in ``out``.

    Nothing is computed if the result in ``out`` was made of the same study, inputs,
    parameters and code, and no byte of it has changed; ``again`` computes anyway.

    Raises
    ------
    InputRefused
        If an input cannot be used; every reason is named.
    EnvironmentFault
        If the machine is in the way.
    InvariantViolated
        If a law that must hold does not; nothing is published.
    """
    start = perf_counter()
    out = Path(out)
    files = input_files(study)
    key = _run_key(study, files, language)
    if not again and (record := published(out)) and record.get("key") == key:
        return _outcome(out, record, seconds=perf_counter() - start, reused=True)
    refuse_if_labelled(out)
    blocks = block_folder(out)
    with workspace(out, need_bytes=_ROOM * int(files["bytes"].sum())) as folder:
        progress("inputs")
        inputs = read_inputs(study, files, threads=threads)
        progress("maps")
        maps = study_maps(study, blocks, threads=threads)
        inputs = inputs.with_covers(land_covers(maps))
        inputs = with_measured_densities(study, inputs, threads=threads)
        noted = draw_samples(study, inputs, folder, language=language, threads=threads)
        inputs = replace(inputs, findings=(*inputs.findings, *noted))
        results, carbon, found = _results(
            study, inputs, maps, key, threads=threads, progress=progress
        )
        write_all(
            study, results, inputs, carbon, folder, language,
            maps=maps, found=found, threads=threads, progress=progress,
        )  # fmt: skip
        progress("publish")
        _require_unchanged(files, input_files(study))
        record = _record(study, results, key, seconds=perf_counter() - start)
        publish(folder, out, record)
    clear_blocks(blocks)
    return _outcome(out, record, seconds=perf_counter() - start, reused=False)


def _results(
    study: Study,
    inputs: Inputs,
    maps: Sequence[Classified],
    key: str,
    *,
    threads: int,
    progress: Progress,
) -> tuple[Results, Carbon, dict[str, gpd.GeoDataFrame]]:
    """Return the results, what rasters are made of, and the layers that were made."""
    progress("areas")
    zones = with_whole_map(inputs.zones, inputs.covers[0])
    stands = stand_inventory(study, inputs, zones)
    areas = area_tables(study, inputs, zones, stands, threads=threads)
    progress("samples")
    sampled = estimates(study, inputs, areas.by_name)
    progress("carbon")
    carbon = carbon_tables(study, inputs, areas, stands, sampled)
    named = {**areas.by_name, **sampled.tables, **carbon.tables}
    named |= map_tables(maps, inputs.zones, threads=threads)
    progress("accounts")
    accounted = account_tables(study, carbon.basis, named, threads=threads)
    named |= accounted.tables
    progress("indicators")
    rates = rate_tables(study, inputs, named, sampled)
    named |= rates.tables
    progress("restoration")
    restored = restoration_tables(study, carbon.basis, accounted.basis, named)
    named |= restored.tables
    networks = network_tables(study, inputs.covers[-1], restored.units)
    named |= networks.tables
    named |= explained(inputs, named, parameters=study.parameters, accounts=study.accounts)
    noted = (*accounted.findings, *rates.findings, *restored.findings)
    results = Results(
        study=study.study.id,
        name_zh=study.study.name_zh,
        name_en=study.study.name_en,
        run=key[:12],
        version=__version__,
        years=tuple(cover.year for cover in inputs.covers),
        tables=named,
        findings=tuple(
            replace(f, file=f.file and shown_path(Path(f.file), study.file))
            for f in distinct(_all_findings(inputs, maps, sampled, carbon, noted))
        ),
        synthetic=study.synthetic,
    )
    layers = {"siting_units": restored.units, "network_corridors": networks.corridors}
    return results, carbon, {name: made for name, made in layers.items() if made is not None}


def _all_findings(
    inputs: Inputs,
    maps: Sequence[Classified],
    sampled: Estimates,
    carbon: Carbon,
    others: Sequence[Finding],
) -> Iterator[Finding]:
    for made in maps:
        yield from made.findings
    for group in (inputs.findings, sampled.findings, carbon.findings, others):
        yield from group


def _run_key(study: Study, files: pd.DataFrame, language: Language) -> str:
    """Hash what a result depends on: study, inputs, parameters, code, language."""
    package = Path(__file__).parents[1]
    code = [
        file_hash(path)
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".csv", ".toml", ".js", ".css"}
    ]
    named = [*(value for _, value in study.parameters), study.plan.town_shares]
    named += [] if study.accounts is None else [*study.accounts.own_tables().values()]
    own = [file_hash(path) for path in named if isinstance(path, Path)]
    return sha256(
        "\n".join([study.text, *files["sha256"], *own, *code, language]).encode()
    ).hexdigest()


def _require_unchanged(before: pd.DataFrame, now: pd.DataFrame) -> None:
    for place in before.index:
        if before.loc[place, "sha256"] != now.loc[place, "sha256"]:
            raise InputRefused.because(
                "X14",
                file=before.loc[place, "file"],
                place=place,
                before=before.loc[place, "sha256"],
                now=now.loc[place, "sha256"],
            )


def _record(study: Study, results: Results, key: str, *, seconds: float) -> dict[str, object]:
    inputs = results.table("inputs").reset_index()
    return {
        "sinks": results.version,
        "key": key,
        "run": results.run,
        "seconds": round(seconds, 2),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "study": {"id": results.study, "file": study.file.name, "text": study.text},
        "seed": study.study.seed,
        "synthetic": list(results.synthetic),
        "inputs": inputs.to_dict("records"),
        "references": results.table("references").reset_index().to_dict("records"),
        "findings": [finding.as_json() for finding in results.findings],
        "headlines": {lang: headlines(results, lang) for lang in ("zh", "en")},
    }


def _outcome(out: Path, record: Mapping[str, object], *, seconds: float, reused: bool) -> Outcome:
    findings: list[Finding] = record["findings"]  # type: ignore[assignment]
    headlines: dict[Language, list[str]] = record["headlines"]  # type: ignore[assignment]
    return Outcome(
        folder=out, reused=reused, seconds=seconds, headlines=headlines, findings=len(findings)
    )
