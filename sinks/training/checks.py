"""What can be wrong with samples before a model sees them, and what is done about each.

Equal samples of one class are kept: water has few values, and how often one occurs tells
how likely it is; many of them are noted, because an image enlarged from coarser pixels
repeats itself and shows fewer samples than it seems. Equal samples of different classes
teach nothing and are dropped, every one of them, because none is known to be right. That
makes the rest a little easier to tell apart than the ground is, by no more than the share
beyond which they are refused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, refuse_if_stopped
from sinks.training.samples import Samples, class_counts, counted

_LISTED = 10


@dataclass(frozen=True, kw_only=True)
class SampleRules:
    """Where samples become too few, too uneven or too contradictory.

    Fewer groups than ``least_groups`` in a class, or more than ``contradictory_pct`` of the
    samples equal to one of another class, are refused. Noted are: fewer samples than
    ``few_px`` or groups than ``few_groups`` in a class, the most frequent class more than
    ``imbalance`` times the rarest, more than ``repeated_pct`` equal to one of their class.
    """

    few_px: float
    few_groups: float
    least_groups: float
    imbalance: float
    contradictory_pct: float
    repeated_pct: float


def examined(samples: Samples, rules: SampleRules) -> Samples:
    """Return the samples that a model may be trained on, with everything that was noted.

    Raises
    ------
    InputRefused
        With every reason: ``G31`` if too many samples contradict one another, ``G33`` if a
        class has too few groups for any of it to be held back as a test.
    """
    vectors = _numbered(samples.features)
    contradicted = _contradicted(vectors, samples.codes)
    clean = samples.subset(~contradicted)
    found = [
        *_contradictions(samples, contradicted, rules),
        *_repeats(vectors[~contradicted], rules),
        *_few(samples, clean, rules),
        *_imbalance(clean, rules),
        *_absent(samples),
        *_poor_features(clean),
        *_telltales(clean),
    ]
    return replace(clean, findings=(*samples.findings, *refuse_if_stopped(found)))


def _numbered(features: NDArray[np.float32]) -> NDArray[np.int64]:
    """Give every sample a number that it shares with those equal to it."""
    number = np.zeros(len(features), np.int64)
    for column in features.T:
        _, value = np.unique(column, return_inverse=True)
        _, number = np.unique(number * len(features) + value, return_inverse=True)
    return number


def _contradicted(vectors: NDArray[np.int64], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    pairs = np.unique(np.column_stack([vectors, codes]), axis=0)
    classes = np.bincount(pairs[:, 0], minlength=1)
    return np.asarray(classes[vectors] > 1)


def _contradictions(
    samples: Samples, contradicted: NDArray[np.bool_], rules: SampleRules
) -> list[Finding]:
    count = int(contradicted.sum())
    if not count:
        return []
    share_pct = 100 * count / len(samples)
    groups = Counter(samples.group[contradicted].tolist()).most_common(_LISTED)
    facts = {
        "count": count,
        "share_pct": round(share_pct, 2),
        "classes": counted(Counter(samples.codes[contradicted].tolist()), samples.legend),
        "groups": [f"{samples.group_names[group]} × {n}" for group, n in groups],
        "limit_pct": rules.contradictory_pct,
    }
    if share_pct > rules.contradictory_pct:
        return [Finding(code="G31", facts=facts)]
    return [Finding(code="G30", facts=facts)]


def _repeats(vectors: NDArray[np.int64], rules: SampleRules) -> list[Finding]:
    again = len(vectors) - len(np.unique(vectors))
    share_pct = 100 * again / max(len(vectors), 1)
    if share_pct <= rules.repeated_pct:
        return []
    return [Finding(code="G32", facts={"count": again, "share_pct": round(share_pct, 1)})]


def _few(samples: Samples, clean: Samples, rules: SampleRules) -> list[Finding]:
    """Look at every class that there was, also one that has lost all of its samples."""
    counts = class_counts(clean)
    counts = counts[counts["code"].isin(samples.classes)]
    too_few = counts["groups"] < rules.least_groups
    few = (counts["pixels"] < rules.few_px) | (counts["groups"] < rules.few_groups)
    found = []
    for code, which in (("G33", too_few), ("G34", few & ~too_few)):
        rows = counts[which]
        shown = [
            f"{row['zh']} {key}: {row['pixels']} px / {row['groups']}"
            for key, row in rows.iterrows()
        ]
        facts = {"classes": shown, "least": int(rules.least_groups)}
        facts |= {"px": int(rules.few_px), "groups": int(rules.few_groups)}
        found += [Finding(code=code, facts=facts)] if shown else []
    return found


def _imbalance(samples: Samples, rules: SampleRules) -> list[Finding]:
    counts = Counter(samples.codes.tolist())
    if not counts or max(counts.values()) <= rules.imbalance * min(counts.values()):
        return []
    ratio = round(max(counts.values()) / min(counts.values()), 1)
    return [
        Finding(code="G35", facts={"ratio": ratio, "classes": counted(counts, samples.legend)})
    ]


def _absent(samples: Samples) -> list[Finding]:
    absent = [f"{c.zh} {c.key}" for c in samples.legend.classes if c.code not in samples.classes]
    facts = {"classes": absent, "count": len(absent), "legend": samples.legend.name}
    return [Finding(code="G38", facts=facts)] if absent else []


def _poor_features(samples: Samples) -> list[Finding]:
    """Return ``G36`` for features that never vary, ``G37`` for those equal to another."""
    first: dict[bytes, str] = {}
    constant, twins = [], []
    for name, column in zip(samples.names, samples.features.T, strict=True):
        if len(column) and np.ptp(column) == 0:
            constant.append(name)
        elif (same := first.setdefault(_digest(column), name)) != name:
            twins.append(f"{same} = {name}")
    found = [Finding(code="G36", facts={"names": constant})] if constant else []
    return [*found, *([Finding(code="G37", facts={"pairs": twins})] if twins else [])]


def _digest(column: NDArray[np.float32]) -> bytes:
    return sha256(column.tobytes()).digest()


def _telltales(samples: Samples) -> list[Finding]:
    """Return ``G39`` for features with one value for each class: they come from a map."""
    classes = len(samples.classes)
    if classes < 2 or len(samples) == classes:
        return []
    told = []
    for name, column in zip(samples.names, samples.features.T, strict=True):
        pairs = np.unique(np.column_stack([column, samples.codes.astype(np.float32)]), axis=0)
        if len(pairs) == len(np.unique(column)) == classes:
            told.append(name)
    return [Finding(code="G39", facts={"names": told})] if told else []
