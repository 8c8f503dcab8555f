"""What the doctor says of the plan: targets, shares, rivers, the ledger, belts and outlines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from sinks.doctor_items import Item, zone_ids
from sinks.errors import Finding, InputRefused, located
from sinks.indicators.apportionment import apportioned
from sinks.parameters.labels import label
from sinks.sources.tables import Table
from sinks.sources.vectors import Layer, read_layer, read_zones
from sinks.study import Study
from sinks.study_layers import PolygonSource, TableSource
from sinks.study_parts import Source
from sinks.units import M2_PER_HA
from sinks.workflow.inputs import layer_options, read_district
from sinks.workflow.ledger_check import checked_ledger
from sinks.workflow.numbers import numbers
from sinks.workflow.plan import own_targets
from sinks.workflow.projects import is_ledger, study_ledger_rules
from sinks.workflow.rates import widened_belts
from sinks.workflow.registers import require_known_zones
from sinks.workflow.rivers import river_register
from sinks.workflow.study_tables import read_study_table, read_town_shares

Look = Callable[[], Item]


def plan_looks(study: Study) -> Iterator[tuple[str, Path, Look]]:
    """Yield the place, file and look of what a run would refuse of the plan and its registers.

    Each looks at what a layer or table means; whether it can be read at all is told by the
    item of the layer or table itself.
    """
    if study.targets:
        yield "targets", study.file, partial(_targets_item, study)
    if study.plan.town_shares is not None:
        yield "plan.town_shares", study.plan.town_shares, partial(_shares_item, study)
    yield from _register_looks(study)
    for role in ("built_up", "felled"):
        source = getattr(study.layers, role)
        if source is not None and source.year_field is not None:
            place = f"layers.{role}.year_field"
            yield place, source.path, partial(_years_item, place, source, study)


def _register_looks(study: Study) -> Iterator[tuple[str, Path, Look]]:
    layers, rivers, projects = study.layers, study.layers.rivers, study.layers.projects
    if rivers is not None and rivers.level_field is not None:
        yield "layers.rivers.level_field", rivers.path, partial(_rivers_item, study)
    if projects is not None and is_ledger(projects):
        yield "layers.projects.type_field", projects.path, partial(_ledger_item, study)
    if layers.belts is not None:
        yield "layers.belts.width_field", layers.belts.path, partial(_belts_item, study)
    if layers.reported is not None:
        yield "layers.reported.zone", layers.reported.path, partial(_reported_item, study)


def _targets_item(study: Study) -> Item:
    names = own_targets(study)[["name_zh", "name_en"]]
    shown = ("、".join(names["name_zh"]), "; ".join(names["name_en"]))
    return _item("targets", study.file, {"targets": shown})


def _shares_item(study: Study) -> Item:
    """Look at the shares of towns: those of a partition must add up."""
    told, path = read_town_shares(study), study.plan.town_shares
    if path is None:
        raise AssertionError
    towns = _towns(study)
    with located(file=path, place="plan.town_shares"):
        for shares in told.values() if towns is not None else ():
            apportioned(
                0.0, pd.DataFrame({"share_pct": shares.reindex(towns)}), by="shares", unit="ha"
            )
    rows = f"{sum(map(len, told.values())):,}"
    return _item("plan.town_shares", path, {"rows": (rows, rows)})


def _towns(study: Study) -> list[str] | None:
    """Return the ids of the towns that make up the district; nothing if they cannot be read."""
    for source in study.zones:
        if source.partition:
            try:
                options = layer_options(source, study.limits)
                zones = read_zones(source.path, zone_field=source.id_field, **options)
            except InputRefused:
                return None
            return list(zones.frame["zone"].astype(str))
    return None


def _rivers_item(study: Study) -> Item:
    source, told = study.layers.rivers, study.layers.river_events
    place = "layers.rivers.level_field"
    if source is None:
        raise AssertionError
    layer = _layer(source, study)
    stretches = None if told is None else _table(told)
    if layer is None or (told is not None and stretches is None):
        return _item(place, source.path)
    register, findings = river_register(study, layer, stretches)
    counted = register.registered_m.loc[register.counted]
    shown = f"{len(counted):,}; {counted.sum() / 1000:,.1f} km"
    return _item(place, source.path, {"rivers": (shown, shown)}, findings)


def _ledger_item(study: Study) -> Item:
    source = study.layers.projects
    if source is None:
        raise AssertionError
    place, layer = "layers.projects.type_field", _layer(source, study)
    if layer is None:
        return _item(place, source.path)
    try:
        district = read_district(study).frame
    except InputRefused:
        district = None
    check = checked_ledger(source, layer, study_ledger_rules(study), district)
    done = check.progress["area_ha"].groupby(level="kind").sum()
    shown = tuple(
        "; ".join(
            [f"{check.projects:,}"]
            + [f"{label(f'measure.{kind}', side)} {ha:,.1f} ha" for kind, ha in done.items()]
        )
        for side in ("zh", "en")
    )
    return _item(place, source.path, {"projects": (shown[0], shown[1])}, check.findings)


def _reported_item(study: Study) -> Item:
    """Look for zones that do not exist; what else is wrong its table tells."""
    source, zones = study.layers.reported, zone_ids(study)
    if source is None:
        raise AssertionError
    place, table = "layers.reported.zone", _table(source)
    if table is None or zones is None:
        return _item(place, source.path)
    require_known_zones(table, zones)
    names = table.frame.drop_duplicates("indicator")["name"]
    return _item(place, source.path, {"targets": ("、".join(names),) * 2})


def _belts_item(study: Study) -> Item:
    source = study.layers.belts
    if source is None:
        raise AssertionError
    place, layer = "layers.belts.width_field", _layer(source, study)
    if layer is None:
        return _item(place, source.path)
    wide_ha = widened_belts(source, layer).geometry.area.sum() / M2_PER_HA
    return _item(place, source.path, {"area": (f"{wide_ha:,.2f} ha",) * 2})


def _years_item(place: str, source: PolygonSource, study: Study) -> Item:
    layer = _layer(source, study)
    if layer is None:
        return _item(place, source.path)
    with located(file=source.path, place=place):
        years = numbers(layer.frame, str(source.year_field)).astype(int)
    shown = ", ".join(map(str, sorted(set(years))))
    return _item(place, source.path, {"years": (shown, shown)})


def _layer(source: Source, study: Study) -> Layer | None:
    """Return a layer; nothing if it cannot be read, which its item says."""
    try:
        return read_layer(source.path, **layer_options(source, study.limits))
    except InputRefused:
        return None


def _table(source: TableSource) -> Table | None:
    """Return a table; nothing if it cannot be read, which its item says."""
    try:
        return read_study_table(source)
    except InputRefused:
        return None


def _item(
    place: str,
    path: Path,
    known: dict[str, tuple[str, str]] | None = None,
    findings: tuple[Finding, ...] = (),
) -> Item:
    return Item(
        place=place,
        file=str(path),
        known=known or {},
        facts={"kind": "plan"},
        findings=findings,
    )
