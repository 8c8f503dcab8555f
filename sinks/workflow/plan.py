"""The plan of a study: its targets for district and towns, the way to them, what can prove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InputRefused, located
from sinks.indicators.apportionment import apportioned
from sinks.indicators.coverage import total_se_ha
from sinks.indicators.decomposition import decomposed
from sinks.indicators.detection import (
    change_se,
    detectable_in_sample,
    detectable_on_map,
    detections,
)
from sinks.indicators.outlook import outlook
from sinks.indicators.reported import reported_targets
from sinks.indicators.targets import EXACT, compared, latest, unit_ratio
from sinks.parameters.labels import label, labels
from sinks.study import Study
from sinks.units import M2_PER_HA, Z_95
from sinks.workflow.estimates import Estimates
from sinks.workflow.inputs import Inputs
from sinks.workflow.study_tables import read_town_shares

_LEVELS = ["zone", "indicator"]
_AREAS = ("ha", "mu")
_OF_TREES = ("tree_cover_rate", "afforestation_area")


def plan_tables(
    study: Study, inputs: Inputs, tables: Mapping[str, pd.DataFrame], sampled: Estimates
) -> dict[str, pd.DataFrame]:
    """Compare what was found with what the plan asks, now and until its end.

    Tables: ``targets`` and ``outlook`` of the district (indicator), ``targets_towns`` and
    ``outlook_towns`` (zone, indicator), ``detections`` (indicator, evidence), and
    ``decompositions`` (indicator) where the study tells published figures of a year before.
    """
    asked = _asked(study, inputs)
    if asked.empty:
        return {}
    indicators, last = tables["indicators"], inputs.covers[-1].year
    figures = latest(indicators, last)
    district = study.district.id
    of_district = asked.index.get_level_values("zone") == district
    whole = pd.DataFrame(asked[of_district])
    shared = _of_towns(study, inputs, tables, figures, whole)
    towns = pd.concat([part for part in (shared, asked[~of_district]) if len(part)] or [shared])
    named = {"targets": whole, "targets_towns": towns}
    found = {name: compared(figures, table) for name, table in named.items() if len(table)}
    ahead = {
        name.replace("targets", "outlook"): outlook(
            table, indicators, horizon=study.plan.until, correlation=None
        )
        for name, table in found.items()
    }
    made = {**found, **ahead}
    for name in ("targets", "outlook"):
        made[name] = made[name].droplevel("zone")
    made["detections"] = _detections(made, tables, inputs, sampled, district)
    if study.plan.base:
        made["decompositions"] = _decompositions(study, indicators, last)
    return made


def _asked(study: Study, inputs: Inputs) -> pd.DataFrame:
    """Return every target: those of the study, and those that departments report."""
    own = own_targets(study)
    if "reported" not in inputs.tables:
        return own
    reported = reported_targets(inputs.tables["reported"].frame, district=study.district.id)
    return pd.concat([own, reported[~reported.index.isin(own.index)]])


def own_targets(study: Study) -> pd.DataFrame:
    """Return the targets that the study file asks of the district: index ``(zone, indicator)``.

    Raises
    ------
    InputRefused
        ``F04`` for an indicator that is not known.
    """
    known = labels("indicator")
    if unknown := sorted({t.indicator for t in study.targets} - set(known)):
        raise InputRefused.because(
            "F04", file=study.file, place="targets", unknown=unknown, known=list(known)
        )
    rows = [
        {
            "zone": study.district.id,
            "indicator": target.indicator,
            "name_zh": label(f"indicator.{target.indicator}", "zh"),
            "name_en": label(f"indicator.{target.indicator}", "en"),
            "kind": target.kind,
            "target": target.figure[0],
            "unit": target.figure[1],
            "year": np.nan if target.year is None else float(target.year),
            "document": target.document,
            "department": "",
        }
        for target in study.targets
    ]
    columns = ["zone", "indicator", "name_zh", "name_en", "kind", "target", "unit", "year",
               "document", "department"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index(_LEVELS)


def _of_towns(
    study: Study,
    inputs: Inputs,
    tables: Mapping[str, pd.DataFrame],
    figures: pd.DataFrame,
    whole: pd.DataFrame,
) -> pd.DataFrame:
    """Share the targets of the district among the towns that make it up."""
    towns = list(next(iter(inputs.partitions), ()))
    last = inputs.covers[-1].year
    zone_ha = tables["coverage"]["zone_ha"].xs(last, level="year")
    told = read_town_shares(study)
    rows = []
    for indicator, target in whole.droplevel("zone").iterrows():
        here = figures[figures.index.get_level_values("indicator") == indicator]
        here = here.droplevel("indicator").reindex(towns)
        if not len(here) or here["numerator"].isna().all():
            continue  # reported for the district alone
        frame = _held(here, zone_ha, str(target["unit"]))
        shares = told.get(str(indicator), told.get(""))
        by = study.plan.share_by if shares is not None or not told else "ground"
        if shares is not None:
            frame["share_pct"] = shares.reindex(frame.index)
        with located(file=study.file, place=f"plan.share_by ({indicator})"):
            parts = apportioned(float(target["target"]), frame, by=by, unit=str(target["unit"]))
        for zone, value in parts["target"].dropna().items():
            rows.append(
                {**target.to_dict(), "zone": zone, "indicator": indicator, "target": value}
            )
    if not rows:
        return whole.iloc[:0]
    return pd.DataFrame(rows).set_index(_LEVELS)[list(whole.columns)]


def _held(here: pd.DataFrame, zone_ha: pd.Series, unit: str) -> pd.DataFrame:
    """Return what each town has, its ground, and what it can still add, all in one unit.

    That unit is the one of an amount that is asked for (亩, say); of a rate, that of its parts.
    """
    amount = unit != "%"  # what has no ground of its own is shared by that of the zones
    ground = zone_ha.reindex(here.index) if amount else here["denominator"].fillna(0.0)
    ratio = here["unit"].map(lambda own: unit_ratio(str(own), unit) or 1.0, na_action="ignore")
    held = here["numerator"].fillna(0.0)
    frame = pd.DataFrame({"numerator": held, "denominator": ground})
    frame["potential"] = (ground - held).clip(lower=0.0)
    return frame.mul(ratio.fillna(1.0).astype(float), axis=0)


def _detections(
    made: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    inputs: Inputs,
    sampled: Estimates,
    district: str,
) -> pd.DataFrame:
    """Say of every target whether its evidence, a map or a sample could show what is needed."""
    sight = _Sight(inputs=inputs, tables=tables, sampled=sampled, district=district)
    rows = []
    for indicator, row in made["targets"].join(made["outlook"]["needed_part_per_year"]).iterrows():
        told = {"change": row["needed_part_per_year"], "unit": row["part_unit"]}
        for evidence, detectable in sight.of(str(indicator), row):
            if row["needed_part_per_year"] == 0 and evidence not in EXACT:
                continue  # nothing has to change, so nothing has to be seen
            rows.append(
                {"indicator": indicator, "evidence": evidence, "detectable": detectable, **told}
            )
    columns = ["indicator", "evidence", "change", "detectable", "unit"]
    frame = pd.DataFrame(rows, columns=columns).set_index("indicator")
    return detections(frame).set_index("evidence", append=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sight:
    """What maps, samples and surveys of a study could see of a change, in hectares."""

    inputs: Inputs
    tables: Mapping[str, pd.DataFrame]
    sampled: Estimates
    district: str

    def of(self, indicator: str, row: pd.Series) -> Iterator[tuple[str, float]]:
        """Yield each evidence that may be asked, with the smallest change that it shows."""
        in_area = row["part_unit"] in _AREAS
        own = row["evidence"] if isinstance(row["evidence"], str) else ""
        if own and own != "map":
            survey = own == "survey" and in_area
            yield own, self._surveyed(row) if survey else np.nan
        class_ha = self._class_ha(indicator) if in_area else 0.0
        if class_ha > 0:
            yield "map", detectable_on_map(class_ha, self._pixel_m())
        elif own == "map":
            yield own, np.nan
        if indicator in _OF_TREES and in_area and (se := self._tree_se()):
            yield "sample", detectable_in_sample(se)

    def _surveyed(self, row: pd.Series) -> float:
        """Two surveys of the same error, whose interval the figure tells."""
        per_pct = row["denominator"] / 100 if row["unit"] == "%" else 1.0
        se_ha = float((row["high"] - row["low"]) / (2 * Z_95) * per_pct)
        return detectable_in_sample(change_se(se_ha, se_ha))

    def _class_ha(self, indicator: str) -> float:
        """Return the hectares of what a map would show the change of."""
        legend, last = self.inputs.covers[-1].legend, self.inputs.covers[-1].year
        if indicator in _OF_TREES:
            keys = [c.key for c in legend.classes if c.tree]
        elif "wetland" in indicator:
            keys = [c.key for c in legend.classes if c.natural]
        else:
            return 0.0
        areas = self.tables["areas"]["area_ha"].xs((last, self.district), level=("year", "zone"))
        return float(areas[areas.index.isin(keys)].sum())

    def _pixel_m(self) -> float:
        corner = np.zeros(1)
        pixel_ha = self.inputs.covers[-1].grid.pixel_ha(corner, corner)
        return float(np.sqrt(pixel_ha.max() * M2_PER_HA))

    def _tree_se(self) -> float:
        """Return the standard error of the change of tree cover in a sample of two dates."""
        trees = [c.key for c in self.inputs.covers[0].legend.classes if c.tree]
        for sample in self.sampled.samples:
            if len(sample.years) > 1:
                return total_se_ha(sample.found.change()[1][self.district], trees)
        return 0.0


def _decompositions(study: Study, indicators: pd.DataFrame, last: int) -> pd.DataFrame:
    """Split what changed since a published figure into a changed rule and a real change."""
    values = indicators["value"].xs(study.district.id, level="zone").to_dict()
    rows = {
        base.indicator: {
            "year": base.year,
            "rule": base.rule,
            "document": base.document,
            "published": base.value_pct,
            "redefined": values.get((base.year, base.indicator), np.nan),
            "today": values.get((last, base.indicator), np.nan),
        }
        for base in study.plan.base
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    steps = frame[["published", "redefined", "today"]].astype(float)
    return frame.join(decomposed(steps))
