"""Spectral indices: ratios of bands that bring out vegetation, water, buildings, moisture.

Formulas are data (``parameters/spectral_indices.csv``): arithmetic over band roles, such as
``(nir - red) / (nir + red)``. They are compiled from a short list of permitted operations,
and nothing else of Python is understood. Where a divisor is zero the index has no value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.roles import ROLES

_ZERO = 1e-6  # a divisor nearer to zero says nothing, whatever the quotient
_LONGEST = 200

Values = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SpectralIndex:
    """An index by its formula over band roles; ``zh`` and ``en`` are its names.

    Raises
    ------
    InputRefused
        ``B24`` if the formula holds anything but roles, numbers, brackets and
        ``+ - * / **``.

    Examples
    --------
    >>> ndvi = SpectralIndex(key="ndvi", formula="(nir - red) / (nir + red)")
    >>> ndvi.roles, ndvi.of({"nir": np.float32([0.5]), "red": np.float32([0.3])})
    (('nir', 'red'), array([0.24999999], dtype=float32))
    """

    key: str
    formula: str
    zh: str = ""
    en: str = ""
    citation: str = ""

    def __post_init__(self) -> None:
        for node in ast.walk(self._tree):
            why = _objection(node)
            if why:
                raise _faulty(self.formula, why)
        if not self.roles:
            raise _faulty(self.formula, "no band")

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that the formula needs, in order of the alphabet."""
        names = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return tuple(sorted(names))

    def of(self, bands: Mapping[str, Values]) -> Values:
        """Compute the index of reflectance by role; NaN where it is not defined."""
        with np.errstate(over="ignore", invalid="ignore"):
            result = np.asarray(_value(self._tree.body, bands), dtype=np.float32)
        result[~np.isfinite(result)] = np.nan
        return result

    @cached_property
    def _tree(self) -> ast.Expression:
        if len(self.formula) > _LONGEST:
            raise _faulty(self.formula[:_LONGEST], f"{len(self.formula)} > {_LONGEST}")
        try:
            return ast.parse(self.formula.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise _faulty(self.formula, str(error)) from error


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexedFeatures:
    """Features followed by indices of them: see :func:`with_indices`."""

    source: FeatureBlocks
    indices: tuple[SpectralIndex, ...]
    suffix: str = ""

    @property
    def grid(self) -> Grid:
        """The grid of the source."""
        return self.source.grid

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the source, then keys of the indices."""
        return (*self.source.names, *(index.key + self.suffix for index in self.indices))

    def read(self, window: Window) -> Features:
        """Return the features of ``window`` with the indices appended."""
        values = self.source.read(window)
        by_role = {
            name.removesuffix(self.suffix): band
            for name, band in zip(self.source.names, values, strict=True)
            if name.endswith(self.suffix)
        }
        return np.stack([*values, *(index.of(by_role) for index in self.indices)])


def with_indices(
    features: FeatureBlocks, indices: Sequence[SpectralIndex], *, suffix: str = ""
) -> FeatureBlocks:
    """Append indices to features whose names are roles, computed window by window.

    Parameters
    ----------
    suffix
        What follows the role in the names, and will follow the key of the index: with
        ``"_median"`` the indices of a median composite are computed.

    Raises
    ------
    InputRefused
        ``B22`` if a band is missing, by name; ``B28`` if a name would come twice.
    """
    if not indices:
        return features
    there = {name.removesuffix(suffix) for name in features.names if name.endswith(suffix)}
    for index in indices:
        missing = [role for role in index.roles if role not in there]
        if missing:
            raise InputRefused.because(
                "B22", place=index.key, index=index.key, missing=missing, names=features.names
            )
    result = IndexedFeatures(source=features, indices=tuple(indices), suffix=suffix)
    if twice := sorted({name for name in result.names if result.names.count(name) > 1}):
        raise InputRefused.because("B28", place=", ".join(twice), names=twice)
    return result


def _quotient(a: Any, b: Any) -> Any:
    return np.where(np.abs(b) < _ZERO, np.float32(np.nan), a / np.where(np.abs(b) < _ZERO, 1, b))


_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: _quotient,
    ast.Pow: lambda a, b: np.float32(a) ** np.float32(b),
}
_PLAIN_NODES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.USub, ast.Load, *_OPERATIONS)


def _objection(node: ast.AST) -> str:
    """Say what is wrong with a part of a formula, or nothing."""
    if isinstance(node, ast.Name):
        return "" if node.id in ROLES else f"{node.id} ?"
    if isinstance(node, ast.Constant):
        return "" if type(node.value) in (int, float) else f"{node.value!r}"
    return "" if isinstance(node, _PLAIN_NODES) else type(node).__name__


def _value(node: ast.expr, bands: Mapping[str, Values]) -> Any:
    if isinstance(node, ast.BinOp):
        operation = _OPERATIONS[type(node.op)]
        return operation(_value(node.left, bands), _value(node.right, bands))
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, bands)
    if isinstance(node, ast.Name):
        return bands[node.id]
    return float(ast.literal_eval(node))


def _faulty(formula: str, why: str) -> InputRefused:
    refusal: InputRefused = InputRefused.because("B24", place=formula, formula=formula, why=why)
    return refusal
