"""``sinks carbon``: stocks and the annual balance of a table of areas, as files and in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import ValidationError

from sinks.errors import Finding, InputRefused, Language, located
from sinks.files import file_hash
from sinks.gases.potentials import WarmingPotentials
from sinks.parameters.densities import carbon_densities
from sinks.parameters.gases import flux_rates, land_uses, potential_sets, warming_potentials
from sinks.parameters.labels import label
from sinks.parameters.legends import house_legend
from sinks.publish import workspace
from sinks.reports.tables import write_table
from sinks.results import AREAS, TRANSITIONS, checked
from sinks.sources.tables import Column, Table, read_table
from sinks.study_carbon import Balance
from sinks.study_file import findings as study_findings
from sinks.surveying.outcome import StepOutcome, published_step
from sinks.workflow.area_carbon import AreaCarbon, KnownAreas
from sinks.workflow.carbon_parameters import with_parameter_names
from sinks.workflow.carbon_words import balance_lines
from sinks.workflow.uses import use_shares

_COMMAND = Path("sinks carbon")
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_KEY = ["zone", "land_cover", "land_cover_after"]
_COLUMNS = {
    "zone": Column(kind="code"),
    "land_cover": Column(kind="code"),
    "land_cover_after": Column(kind="code", required=False),
    "area_ha": Column(kind="number", unit="ha", low=0),
    "area_se_ha": Column(kind="number", unit="ha", low=0, required=False),
}


def carbon_files(  # noqa: PLR0913 (the options of the command)
    areas: Path,
    *,
    out: Path,
    uses: Sequence[str] = (),
    potentials: str = "AR5",
    fluxes: Path | None = None,
    densities: Path | None = None,
    soil_depth_cm: Literal[30, 100] = 30,
    years_between: int | None = None,
    draws: int = 10_000,
    seed: int = 1,
    language: Language = "zh",
) -> StepOutcome:
    """Work out the carbon of a table that ``sinks areas`` wrote, and publish it in ``out``.

    Parameters
    ----------
    areas
        Columns ``zone``, ``land_cover``, ``area_ha``; if known ``area_se_ha``; for a change
        ``land_cover_after``.
    uses
        What stands on a class: ``CLASS=use:share,use:share``.
    fluxes, densities
        Tables of a district's own.
    years_between
        Years between the two dates of a change.

    Raises
    ------
    InputRefused
        ``D14`` for a change without its years, ``D15`` for years without a change, ``D16``
        for uses that are not well written, ``D01`` for a class without density; and as
        tables, densities, rates, potentials and uses refuse.
    """
    known, noted = known_areas(areas, years_between)
    told = balance_of_options(uses, potentials, draws)
    rates, of_rates = flux_rates(path=fluxes)
    carbon = AreaCarbon(
        densities=carbon_densities(soil_depth_cm, path=densities),
        rates=rates,
        uses=use_shares(told.uses, _classes(), known.zones, file=_COMMAND),
        potentials=_potentials(told.potentials),
        classes=_classes(),
        seed=seed,
        count=told.draws,
    )
    with located(file=areas):
        tables = _named(carbon.tables(known), carbon)
    files = {"areas": areas, "densities": densities, "fluxes": fluxes}
    with workspace(out) as folder:
        for name, table in tables.items():
            write_table(table, folder / f"{name}.csv")
        return published_step(
            folder,
            out,
            step="carbon",
            inputs={part: file_hash(path) for part, path in files.items() if path is not None},
            said={
                spoken: balance_lines(tables, carbon.potentials[0], known, spoken)
                for spoken in _LANGUAGES
            },
            findings=(*noted, *of_rates, *carbon.densities.findings),
            uses=_told(carbon.uses.everywhere),
            potentials=potentials,
            soil_depth_cm=soil_depth_cm,
            years_between=years_between,
            draws=draws,
            seed=seed,
            language=language,
        )


def balance_of_options(uses: Sequence[str], potentials: str, draws: int) -> Balance:
    """Make the balance of a study of the options of the command.

    Raises
    ------
    InputRefused
        ``D16`` for a use that is not ``CLASS=use:share,use:share``; ``C06`` for values that a
        study would refuse too.
    """
    told = {"uses": [_use(text) for text in uses], "potentials": potentials, "draws": draws}
    try:
        return Balance.model_validate(told)
    except ValidationError as error:
        raise InputRefused(study_findings(error, Balance, _COMMAND)) from error


def known_areas(path: Path, years_between: int | None) -> tuple[KnownAreas, tuple[Finding, ...]]:
    """Read a table of areas, of one date or of what became what.

    Raises
    ------
    InputRefused
        ``D14``, ``D15``, and as :func:`sinks.sources.tables.read_table`.
    """
    table = read_table(path, columns=_COLUMNS, key=_KEY)
    changed = bool(table.frame["land_cover_after"].notna().any())
    if changed and years_between is None:
        raise InputRefused.because("D14", file=path, place="land_cover_after")
    if years_between is not None and not changed:
        raise InputRefused.because("D15", file=path, years=years_between)
    return _known(table, changed=changed, years=years_between or 1), table.findings


def _known(table: Table, *, changed: bool, years: int) -> KnownAreas:
    columns = {"area_ha": table.frame["area_ha"], "area_se_ha": table.frame["area_se_ha"]}
    if not changed:
        frame = table.frame[_KEY[:2]].assign(**columns).set_index(_KEY[:2])
        return KnownAreas(areas=checked(frame, AREAS), transitions=frame.iloc[:0])
    transitions = table.frame[_KEY].assign(area_ha=columns["area_ha"]).set_index(_KEY)
    after = transitions.groupby(level=["zone", "land_cover_after"], sort=False).sum()
    areas = after.rename_axis(_KEY[:2]).assign(area_se_ha=float("nan"))
    return KnownAreas(
        areas=checked(areas, AREAS), transitions=checked(transitions, TRANSITIONS), years=years
    )


def _use(text: str) -> dict[str, object]:
    """Take ``PND=pond_crab:0.6,pond_mixed_fish:0.4`` apart."""
    key, _, listed = (part.strip() for part in text.partition("="))
    pairs = [word.partition(":")[::2] for word in listed.split(",")]
    try:
        shares = {use.strip(): float(share) for use, share in pairs}
    except ValueError:
        shares = {}
    classes = list(house_legend().by_key)
    if "" in shares or len(shares) < len(pairs) or key not in classes:
        raise InputRefused.because("D16", place="--use", text=text, classes=classes)
    return {"land_cover": key, "shares": shares}


def _told(shares: pd.Series) -> dict[str, float]:
    """Return shares of uses by ``class use``, for the record."""
    rows = shares.reset_index()
    keys = rows["land_cover"] + " " + rows["use"]
    return dict(zip(keys, rows["share"].astype(float), strict=True))


def _classes() -> pd.Index:
    return pd.Index(house_legend().keys, name="land_cover", dtype=object)


def _potentials(chosen: str) -> tuple[WarmingPotentials, ...]:
    """Return the set that was chosen, and the others behind it."""
    first = warming_potentials(chosen)
    others = [name for name in potential_sets() if name != chosen]
    return (first, *map(warming_potentials, others))


def _named(tables: dict[str, pd.DataFrame], carbon: AreaCarbon) -> dict[str, pd.DataFrame]:
    """Put names beside the keys that people read: classes, uses, processes, parameters."""
    uses = land_uses().frame[["name_zh", "name_en"]]
    legend, fluxes = house_legend(), tables["fluxes"]
    names: dict[str, Sequence[str] | pd.Index] = {}
    for language in _LANGUAGES:
        classes = {key: getattr(c, language) for key, c in legend.by_key.items()}
        of_uses = {**uses[f"name_{language}"], "conversion": label("use.conversion", language)}
        names |= {
            f"land_cover_{language}": fluxes.index.get_level_values("land_cover").map(classes),
            f"use_{language}": fluxes.index.get_level_values("use").map(of_uses),
            f"process_{language}": [
                label(f"flow.{process}", language)
                for process in fluxes.index.get_level_values("process")
            ],
        }
    named = with_parameter_names(
        tables["contributions"],
        uses,
        legend=legend,
        rates=carbon.rates,
        densities=carbon.densities,
    )
    return {**tables, "fluxes": fluxes.assign(**names), "contributions": named}
