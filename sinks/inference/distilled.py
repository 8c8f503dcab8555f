"""A small network that has learnt to answer as a forest does, and says how often it does.

Distilling (Buciluă, Caruana & Niculescu-Mizil 2006, KDD, "Model compression"): the forest
labels pixels of the image, as many as one likes and without a reference, and a network of one
small hidden layer learns those labels. It is a hundred times as fast, and it is another model:
some pixels get another class. So it is never a default, its agreement with the forest is
measured on pixels it has not learnt from and reported, and below 97 % it refuses itself.

Pixels come in the order in which the image is read. They are cut into 50 runs, strips of the
image, and every fifth strip is held out: neighbours, which resemble one another, then lie on
the same side but for those along the seams. (Pixels in random order are held out apart, but
not far apart.) The interval takes strips, not pixels, as independent.

Probabilities are those of the network. They are not the forest's shares of votes, and only the
labels have been compared.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.errors import Finding, InputRefused
from sinks.imagery.features import Features
from sinks.inference import network_kernel as kernel
from sinks.inference.predictors import Predictor, predictor_for
from sinks.training.model import TrainedModel, one_thread

AGREEMENT_MIN = 0.97  # the change of model then stays well below the error of a usual map, 10 %
PIXELS_MIN = 1000
STRIPS, EVERY = 50, 5
_EPOCHS = 200
_BATCH_PX = 500

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Share of held-out pixels with the forest's label, with a 95 % interval over strips."""

    share: float
    low: float
    high: float
    pixels: int
    strips: int


class Network(NamedTuple):
    """Layers of a network: features are scaled first, rows filled up to fours."""

    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]  # (outputs, inputs)
    biases: tuple[Floats, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Distilled:
    """A network in the place of a forest. ``findings`` say how well it agrees (``K07``).

    Raises
    ------
    InputRefused
        ``K05`` if the agreement is below 0.97.
    """

    codes: tuple[int, ...]
    network: Network
    agreement: Agreement

    def __post_init__(self) -> None:
        if self.agreement.share < AGREEMENT_MIN:
            needed = 100 * AGREEMENT_MIN
            raise InputRefused.because("K05", needed_pct=needed, **_facts(self.agreement))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """That the labels are the network's, and how often they are the forest's."""
        return (Finding(code="K07", facts=_facts(self.agreement)),)

    def labels(self, features: Features) -> NDArray[np.uint8]:
        """Return the network's most probable code of each pixel, ``(pixels,)``."""
        places = np.empty(features.shape[1], dtype=np.uint8)
        kernel.network_labels(
            np.ascontiguousarray(features), tuple(self.network), places, len(self.codes)
        )
        return np.asarray(self.codes, dtype=np.uint8)[places]

    def probabilities(self, features: Features) -> Floats:
        """Return the network's own probabilities, ``(classes, pixels)``."""
        return network_probabilities(self.network, features, len(self.codes))


def distil(
    model: TrainedModel,
    features_sample: Features,
    *,
    seed: int,
    hidden: tuple[int, ...] = (32,),
    threads: int = 1,
) -> Distilled:
    """Train a network on the labels that a model gives to a sample of the image's pixels.

    Parameters
    ----------
    model
        A forest, or any other model.
    features_sample
        Finite features of pixels of the image to be mapped, ``(features, pixels)``, in the
        order in which the image is read; 50,000 to 200,000 pixels are enough.
    seed
        Of the network's first weights and the order in which it sees pixels.
    hidden
        Sizes of the hidden layers.
    threads
        For labelling the sample; the network is trained in one, so that it is always the same.

    Raises
    ------
    InputRefused
        ``K05`` if the network agrees with the model on less than 97 % of the held-out pixels,
        ``K06`` if there are too few pixels or classes to learn from.
    """
    strips = np.array_split(np.arange(features_sample.shape[1]), STRIPS)
    labels = _labels(predictor_for(model), features_sample, strips, threads)
    held_out = strips[EVERY // 2 :: EVERY]
    learnt = np.setdiff1d(np.arange(len(labels)), np.concatenate(held_out))
    classes = len(np.unique(labels[learnt]))
    if len(labels) < PIXELS_MIN or classes < 2:
        raise InputRefused.because("K06", count=len(labels), classes=classes, least=PIXELS_MIN)
    network = _trained(features_sample[:, learnt], labels[learnt], model.codes, hidden, seed)
    places = np.empty(len(labels), dtype=np.uint8)
    kernel.network_labels(
        np.ascontiguousarray(features_sample), tuple(network), places, len(model.codes)
    )
    same = np.asarray(model.codes, dtype=np.uint8)[places] == labels
    agreement = agreement_of([same[strip] for strip in held_out])
    return Distilled(codes=model.codes, network=network, agreement=agreement)


def agreement_of(strips: list[NDArray[np.bool_]]) -> Agreement:
    """Average over strips; the interval is that of Student for as many strips."""
    from scipy.stats import t

    shares = np.array([strip.mean() for strip in strips])
    half = t.ppf(0.975, len(shares) - 1) * shares.std(ddof=1) / np.sqrt(len(shares))
    share = float(shares.mean())
    return Agreement(
        share=share,
        low=max(share - float(half), 0.0),
        high=min(share + float(half), 1.0),
        pixels=sum(len(strip) for strip in strips),
        strips=len(strips),
    )


def network_probabilities(network: Network, features: Features, classes: int) -> Floats:
    """Return the softmax of a network's scores, ``(classes, pixels)``."""
    scores = np.empty((classes, features.shape[1]), dtype=np.float32)
    kernel.network_scores(np.ascontiguousarray(features), tuple(network), scores)
    scores -= scores.max(axis=0)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=0)
    return scores


def network_of(fitted: Any, codes: tuple[int, ...], mean: Floats, scale: Floats) -> Network:
    """Take the layers out of a fitted ``MLPClassifier`` of features that were scaled.

    A class it has not met scores minus infinity; of two classes the first scores 0.
    """
    weights = [np.asarray(each.T, dtype=np.float32) for each in fitted.coefs_]
    biases = [np.asarray(each, dtype=np.float32) for each in fitted.intercepts_]
    met = [codes.index(int(code)) for code in fitted.classes_]
    last = np.zeros((len(codes), weights[-1].shape[1]), dtype=np.float32)
    bias = np.full(len(codes), -np.inf, dtype=np.float32)
    bias[met] = 0
    scored = met[-len(biases[-1]) :]
    last[scored], bias[scored] = weights[-1], biases[-1]
    return Network(
        mean=mean,
        scale=scale,
        weights=tuple(_filled_up(each) for each in [*weights[:-1], last]),
        biases=tuple(_filled_up(each) for each in [*biases[:-1], bias]),
    )


def _labels(
    predictor: Predictor, features: Features, strips: list[NDArray[np.int64]], threads: int
) -> NDArray[np.uint8]:
    found = map_in_order(
        lambda strip: predictor.labels(features[:, strip]), strips, threads=threads
    )
    return np.concatenate(list(found))


def _trained(
    features: Features,
    labels: NDArray[np.uint8],
    codes: tuple[int, ...],
    hidden: tuple[int, ...],
    seed: int,
) -> Network:
    """Train until the loss stands still or for 200 rounds; agreement will be the judge."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    mean = features.mean(axis=1, dtype=np.float64).astype(np.float32)
    deviation = features.std(axis=1, dtype=np.float64)
    scale = (1 / np.where(deviation > 0, deviation, 1)).astype(np.float32)
    fitted = MLPClassifier(
        hidden,
        batch_size=min(_BATCH_PX, len(labels)),
        learning_rate_init=0.005,
        max_iter=_EPOCHS,
        random_state=seed,
    )
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(((features.T - mean) * scale).astype(np.float32), labels)
    return network_of(fitted, codes, mean, scale)


def _filled_up(array: Floats) -> Floats:
    """Fill every axis up to a multiple of four with noughts."""
    filled = np.pad(array, [(0, -size % kernel.ROWS) for size in array.shape])
    return np.ascontiguousarray(filled)


def _facts(agreement: Agreement) -> dict[str, object]:
    names = ("share", "low", "high")
    shares = {f"{name}_pct": round(100 * getattr(agreement, name), 2) for name in names}
    return {**shares, "count": agreement.pixels}
