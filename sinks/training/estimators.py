"""Estimators of scikit-learn by the names a study uses, with checked parameters.

A model is trained again in every run from samples, specification and seed, and comes out
the same bit for bit; nothing is kept on disk, so that no pickle is ever read.

Defaults that differ from those of scikit-learn: leaves hold at least five samples (single
pixels are noise, and the forest is several times smaller), classes weigh the same whatever
their number of samples, and boosting is not stopped early, because the pixels set aside for
that would come from the polygons it learns from.

References: Breiman 2001 (random forest), Geurts et al. 2006 (extra trees), Ke et al. 2017
(histogram gradient boosting), Cortes & Vapnik 1995 (SVM), Pedregosa et al. 2011.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from sinks.errors import Finding, InputRefused
from sinks.training.model import TrainedModel, one_thread
from sinks.training.samples import Samples

_OURS = ("random_state", "n_jobs", "verbose", "warm_start", "probability")
_OBJECTS = ("monotonic_cst", "interaction_cst", "categorical_features", "scoring")
_NONE = "none"  # how a study writes None, which TOML does not have
_BALANCED = {"class_weight": "balanced"}
_FOREST = {"n_estimators": 100, "min_samples_leaf": 5, **_BALANCED}


class _Kind(NamedTuple):
    module: str
    name: str
    defaults: Mapping[str, object]
    scaled: bool = False


_KINDS = {
    "random_forest": _Kind("sklearn.ensemble", "RandomForestClassifier", _FOREST),
    "extra_trees": _Kind("sklearn.ensemble", "ExtraTreesClassifier", _FOREST),
    "hist_gradient_boosting": _Kind(
        "sklearn.ensemble",
        "HistGradientBoostingClassifier",
        {"max_iter": 100, "early_stopping": False, **_BALANCED},
    ),
    "svm": _Kind("sklearn.svm", "SVC", {"kernel": "rbf", "C": 1.0, **_BALANCED}, scaled=True),
    "mlp": _Kind(
        "sklearn.neural_network",
        "MLPClassifier",
        {"hidden_layer_sizes": (32,), "max_iter": 500},
        scaled=True,
    ),
}
KINDS = tuple(_KINDS)
WITHOUT_PROBABILITIES = ("svm",)  # those of SVC are calibrated on the training data; not used


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What to train: kind of estimator, the parameters that were set, and the seed.

    ``parameters`` are plain values (number, text, true or false, list of numbers); ``none``
    stands for no limit or no weights. Those not given keep the defaults of this module.

    Raises
    ------
    InputRefused
        ``G20`` if the kind is not known, ``G21`` if it has no such parameter (or not one a
        study may set), ``G22`` if a value is not allowed.
    """

    kind: str = "random_forest"
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise InputRefused.because(
                "G20", kind=self.kind, near=_near(self.kind, KINDS), known=KINDS
            )
        if not 0 <= self.seed < 2**32:
            raise InputRefused.because(
                "G22", kind=self.kind, name="seed", value=self.seed, allowed="0 … 4294967295"
            )
        if self.parameters:
            self._check_parameters()

    @property
    def settings(self) -> dict[str, object]:
        """Every parameter that differs from the defaults of scikit-learn, or was set."""
        return {**_KINDS[self.kind].defaults, **self.parameters}

    def estimator(self, *, threads: int = 1) -> Any:
        """Make the estimator, not fitted; a pipeline with scaling where distances count."""
        classifier = self._classifier(threads)
        if not _KINDS[self.kind].scaled:
            return classifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), classifier)

    def _classifier(self, threads: int = 1) -> Any:
        kind = _KINDS[self.kind]
        made = getattr(import_module(kind.module), kind.name)()
        known = made.get_params()
        ours = {"random_state": self.seed, "n_jobs": threads}
        given = {name: _python(value) for name, value in self.settings.items()}
        return made.set_params(**given, **{k: v for k, v in ours.items() if k in known})

    def _check_parameters(self) -> None:
        kind = _KINDS[self.kind]
        plain = getattr(import_module(kind.module), kind.name)()
        known = sorted(set(plain.get_params()) - {*_OURS, *_OBJECTS})
        for name, value in self.parameters.items():
            if name not in known:
                raise InputRefused.because(
                    "G21", kind=self.kind, name=name, near=_near(name, known), known=known
                )
            if allowed := _what_is_allowed(plain, name, value):
                raise InputRefused.because(
                    "G22", kind=self.kind, name=name, value=repr(value), allowed=allowed
                )


def fit(samples: Samples, spec: ModelSpec, *, threads: int = 1) -> TrainedModel:
    """Train a model.

    The result does not depend on ``threads``: every tree has a seed of its own, and sums
    that threads would share are made by one. The fitted estimator predicts in one thread,
    because forests add up votes in whatever order threads finish.

    Raises
    ------
    InputRefused
        ``G23`` if there are fewer than two classes, ``G25`` if scikit-learn cannot train on
        these samples with these parameters.
    """
    if len(samples.classes) < 2:
        found = [samples.legend.by_code[code].key for code in samples.classes]
        raise InputRefused.because("G23", classes=found, count=len(samples))
    estimator, findings = _fitted(spec, samples, threads)
    if "n_jobs" in estimator.get_params():
        estimator.set_params(n_jobs=1)
    return TrainedModel(
        estimator=estimator,
        kind=spec.kind,
        names=samples.names,
        codes=tuple(int(code) for code in estimator.classes_),
        parameters=spec.settings,
        seed=spec.seed,
        findings=findings,
    )


def _fitted(spec: ModelSpec, samples: Samples, threads: int) -> tuple[Any, tuple[Finding, ...]]:
    """Fit, with what scikit-learn warns of turned into notes."""
    estimator = spec.estimator(threads=threads)
    # threads of numerical libraries wait by spinning, which stalls a busy machine
    with warnings.catch_warnings(record=True) as caught, one_thread():
        warnings.simplefilter("always")
        try:
            estimator.fit(samples.features, samples.codes)
        except (ValueError, TypeError) as error:
            raise InputRefused.because("G25", kind=spec.kind, why=str(error)[:300]) from error
    return estimator, tuple(_notes(spec, caught))


def _notes(spec: ModelSpec, caught: list[warnings.WarningMessage]) -> Iterator[Finding]:
    """Yield ``G24`` if iterations ran out, ``G26`` for anything else that was said."""
    from sklearn.exceptions import ConvergenceWarning

    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        limit = spec.settings.get("max_iter", "—")
        yield Finding(code="G24", facts={"kind": spec.kind, "iterations": limit})
    others = [w for w in caught if not issubclass(w.category, ConvergenceWarning)]
    for why in dict.fromkeys(str(warning.message)[:300] for warning in others):
        yield Finding(code="G26", facts={"kind": spec.kind, "why": why})


def _what_is_allowed(plain: Any, name: str, value: object) -> str:
    """Return what a parameter may be if ``value`` is not allowed, else nothing."""
    if not _is_plain(value):
        return "number, text, true / false, list of numbers"
    if isinstance(value, bool) and "boolean" not in plain._parameter_constraints[name]:
        return "not true / false"
    try:
        plain.set_params(**{name: _python(value)})._validate_params()
    except (ValueError, TypeError) as error:
        told = str(error).partition(" must be ")[2].rpartition(". Got ")[0]
        return told or str(error)
    return ""


def _is_plain(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(type(item) in (int, float) for item in value)
    return isinstance(value, (bool, int, float, str))


def _python(value: object) -> object:
    if isinstance(value, list):
        return tuple(value)
    return None if value == _NONE else value


def _near(said: str, known: tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(said.casefold(), known, n=1, cutoff=0.4)
    return near[0] if near else "—"
