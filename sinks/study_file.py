"""What stands in a study file before it is a study: its paths, and its slips put in words."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from sinks.errors import Finding

_PATH_KEYS = {
    *("path", "quality", "decided"),
    *("carbon_density", "greenhouse_fluxes", "wood_factors", "growth_curves", "town_shares"),
    *("rules", "rule_sets", "coefficients", "prices"),
}
_PATHS_KEYS = {"files", "labels"}  # tables or lists of paths


def resolved(node: Any, base: Path) -> Any:
    """Make paths absolute; text that is no path (``http://``, ``/vsi...``) stays as it is."""
    if isinstance(node, list):
        return [resolved(item, base) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _resolved_value(key, value, base) for key, value in node.items()}


def _resolved_value(key: str, value: Any, base: Path) -> Any:
    if key in _PATH_KEYS and isinstance(value, str):
        return _absolute(value, base)
    if key in _PATHS_KEYS and isinstance(value, dict):
        return {name: _absolute(path, base) for name, path in value.items()}
    if key in _PATHS_KEYS and isinstance(value, list):
        return [_absolute(path, base) for path in value]
    return resolved(value, base)


def _absolute(path: Any, base: Path) -> Any:
    return str(base / path) if isinstance(path, str) and ":" not in path else path


def unfit(kind: str, **facts: str) -> PydanticCustomError:
    """Return the error for values that contradict each other; ``study_faults.toml`` words it."""
    return PydanticCustomError(kind, _faults()[kind]["en"], facts)


def findings(error: ValidationError, model: type[BaseModel], file: Path) -> Iterator[Finding]:
    """Say each fault of a study that pydantic found as a finding, with the nearest known key."""
    for fault in error.errors():
        place = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            key = str(fault["loc"][-1])
            near = difflib.get_close_matches(key, _keys(model, fault["loc"][:-1]), n=1)
            facts = {"key": key, "near": near[0] if near else "—"}
            yield Finding(code="C01", file=str(file), place=place, facts=facts)
        else:
            value = repr(fault.get("input"))[:80]
            said = {"value": value, "why": _reason(fault)}
            yield Finding(code="C06", file=str(file), place=place, facts=said)


@cache
def _faults() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "study_faults.toml").read_text("utf-8"))


def _reason(fault: ErrorDetails) -> dict[str, str]:
    """Say why a value does not fit, in both languages."""
    said = _faults().get(fault["type"])
    if said is None:
        return {"zh": fault["msg"], "en": fault["msg"]}
    facts = fault.get("ctx", {})
    return {language: text.format_map(facts) for language, text in said.items()}


def _keys(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Keys that exist at a place of the study."""
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation)
    return [key for key in model.model_fields if key not in ("file", "text")]


def _model_in(annotation: Any) -> type[BaseModel]:
    if get_origin(annotation) in (Union, UnionType, tuple, Annotated):
        for inner in get_args(annotation):
            if inner not in (type(None), Ellipsis):
                return _model_in(inner)
    return annotation  # type: ignore[no-any-return]
