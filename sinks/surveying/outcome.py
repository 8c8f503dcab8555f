"""What a step came to: the folder that was published, in words, with what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sinks import __version__
from sinks.errors import Finding, Language
from sinks.publish import publish


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """A published folder, and what to say of it in both languages."""

    folder: Path
    said: Mapping[Language, Sequence[str]]
    findings: tuple[Finding, ...] = ()

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        head = "已写出" if language == "zh" else "Written to"
        return [f"{head} {self.folder}", *self.said[language]]


def published_step(
    folder: Path,
    out: Path,
    *,
    step: str,
    inputs: Mapping[str, str],
    said: Mapping[Language, Sequence[str]],
    findings: Sequence[Finding] = (),
    **facts: object,
) -> StepOutcome:
    """Publish what a step wrote in ``folder`` as ``out``, with its record.

    ``inputs`` are names of files and their SHA-256; ``facts`` are kept in ``run.json``.
    """
    record = {
        "sinks": __version__,
        "step": step,
        "inputs": dict(inputs),
        **facts,
        "findings": [_by_name(finding).as_json() for finding in findings],
        "headlines": {language: list(lines) for language, lines in said.items()},
    }
    publish(folder, out, record)
    return StepOutcome(folder=out, said=said, findings=tuple(findings))


def _by_name(finding: Finding) -> Finding:
    """Name the file of a finding without its folder, which is nobody else's business."""
    return finding if finding.file is None else replace(finding, file=Path(finding.file).name)
