"""The sheets of scenarios year by year, of their measures, and of what else they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.parameters.ledger import project_terms
from sinks.reports.account_words import (
    amount_unit,
    in_language,
    live,
    sum_to,
    told,
    wan,
)
from sinks.reports.cells import Cell, Column, Formula, Marked
from sinks.reports.charts import dress, reach_of, series_at
from sinks.reports.plan_words import word_or_key
from sinks.reports.restoration import (
    AS_IS,
    CUMULATIVE,
    EFFECT,
    baseline_name,
    horizon_years,
    less,
    ordered,
    over,
    ratio,
    scenario_name,
    write_caution,
)
from sinks.reports.sections import class_name, columns_of, section
from sinks.reports.sheets import Book, Sheet

_PARTS = tuple(f"effect_{part}_tco2e_per_year" for part in ("biomass", "soil", "ch4", "n2o"))
_CHANCE, _CHANCES = "probability_benefit", "cumulative_probability_benefit"
_COHORT = (*CUMULATIVE, _CHANCES, *EFFECT, _CHANCE, *_PARTS)
_FIRST_PART, _EFFECT_AT, _ADDED_AT = 2, 6, 10  # columns of the years
_CHART_LINES = 18
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#1F4E79", "width": 2.25},
    {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"},
    {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"},
)
_COVERS = ("land_cover", "land_cover_after")
_KINDS = ("land", "indicator", "service", "value")
_WITHOUT_AT = 4  # column of the effects


def write_scenario_years(book: Book) -> None:
    """Write every scenario year by year against every baseline, each with a chart above."""
    scenarios = ordered(book, "scenario_years")
    if not scenarios:
        return
    sheet = book.sheet("scenario_years")
    write_caution(sheet, "scenario_first_years")
    columns = [
        *book.columns("year", "baseline", *_PARTS, *EFFECT),
        *columns_of(book, "share", f"column.{_CHANCE}"),
        *book.columns(*CUMULATIVE),
        *columns_of(book, "share", f"column.{_CHANCES}"),
    ]
    table = book.results.table("scenario_years")
    for scenario in scenarios:
        of = pd.DataFrame(table.xs(scenario, level="scenario"))
        _write_years(sheet, columns, scenario, of)
    sheet.notes("scenario_years", "rounding")


def _write_years(sheet: Sheet, columns: list[Column], scenario: str, of: pd.DataFrame) -> None:
    book, name = sheet.book, scenario_name(sheet.book, scenario)
    baselines = sorted(of.index.unique("baseline"), key=lambda baseline: baseline != AS_IS)
    sheet.line("")
    sheet.line(book.word("section.scenario_years", scenario=name), "section")
    top = sheet.next_row
    if baselines[0] == AS_IS:
        while sheet.next_row < top + _CHART_LINES:
            sheet.line("")
    head = sheet.next_row
    sheet.table(columns, main=False)
    for baseline in baselines:
        years = pd.DataFrame(of.xs(baseline, level="baseline"))
        before: float | None = None
        for year, row in zip(years.index, years.to_dict("records"), strict=True):
            cells = _year_cells(sheet, row, before)
            sheet.row([int(year), baseline_name(book, baseline), *cells], columns)
            before = row[CUMULATIVE[0]]
        if baseline == AS_IS:
            sheet.chart(_chart(sheet, head, name, years), top, 0)


def _year_cells(sheet: Sheet, row: Mapping[Any, Any], before: float | None) -> list[Cell]:
    """Return a year: the sum of its parts, and that sum added to what there was ``before``."""
    at = sheet.next_row
    parts: list[Cell] = [row[name] for name in _PARTS]
    first, last = (at, _FIRST_PART), (at, _FIRST_PART + len(_PARTS) - 1)
    effect = sum_to(first, last, parts, row[EFFECT[0]])
    here = xl_rowcol_to_cell(at, _EFFECT_AT)
    text = f"={here}" if before is None else f"={xl_rowcol_to_cell(at - 1, _ADDED_AT)}+{here}"
    added = live(text, (before or 0.0) + row[EFFECT[0]], row[CUMULATIVE[0]])
    ends = [row[name] for name in EFFECT[1:]]
    sums = [row[name] for name in CUMULATIVE[1:]]
    return [*parts, effect, *ends, row[_CHANCE], added, *sums, row[_CHANCES]]


def _chart(sheet: Sheet, head: int, scenario: str, years: pd.DataFrame) -> Any:
    """Return what adds up against the land as it is, as a line between those of its interval."""
    chart = sheet.book.workbook.add_chart({"type": "line"})
    for place, look in enumerate(_LOOKS, start=_ADDED_AT):
        chart.add_series(series_at(sheet, head, len(years), place) | {"line": look})
    reach = reach_of(years[list(CUMULATIVE)].to_numpy().ravel())
    name = sheet.book.clean(scenario)
    lines = _CHART_LINES - 1
    dress(sheet.book, chart, "scenario_years", lines=lines, reach=reach, scenario=name)
    return chart


def write_scenario_measures(book: Book) -> None:
    """Write the measures of every scenario, and what each has brought by the horizons."""
    measures = book.records("scenario_measures")
    if not measures:
        return
    sheet = book.sheet("scenario_measures")
    write_caution(sheet)
    columns = [
        *book.columns("scenario", widest=40),
        *columns_of(book, "text", "scenario_measures.measure"),
        *columns_of(book, "year", "scenario_measures.year"),
        *columns_of(book, "text", "column.type"),
        *columns_of(book, "text", *(f"scenario_measures.{name}" for name in _COVERS)),
        *book.columns("area_ha", "uses_before", "uses_after", "group"),
        *columns_of(book, "number", "workbook.cost_wan"),
    ]
    section(sheet, "scenario_measures", columns)
    for (scenario, measure), row in measures.items():
        head: list[Cell] = [scenario_name(book, scenario), str(measure), row["year"]]
        head += [_type_name(book, row["type"]), *(class_name(book, row[name]) for name in _COVERS)]
        uses = [_uses(book, row[name]) for name in ("uses_before", "uses_after")]
        cost = wan(row["cost_yuan"])  # blank where that of the type stands in
        sheet.row([*head, row["area_ha"], *uses, _group(book, row["group"]), cost], columns)
    sheet.notes("scenario_measures")
    _write_cohorts(sheet)


def _type_name(book: Book, key: object) -> str:
    """Return the name of a type of project; one that the ledger does not know stays as told."""
    terms, of = project_terms(), ("type", told(key))
    return str(terms.loc[of, f"name_{book.language}"]) if of in terms.index else of[1]


def _uses(book: Book, text: object) -> str:
    """Return shares of uses with the names of the uses; blank where the usual ones hold."""
    known, found = book.results.table("uses"), []
    for part in told(text).split("; "):
        use, _, share = part.partition(" ")
        found.append(f"{book.name('uses', use)} {share}" if use in known.index else part)
    return "; ".join(found)


def _group(book: Book, key: object) -> str:
    groups = book.results.table("species_groups")
    return book.name("species_groups", str(key)) if key in groups.index else told(key)


def _write_cohorts(sheet: Sheet) -> None:
    """Write what every measure has brought by each horizon, with the sum of a scenario."""
    book, cohorts = sheet.book, sheet.book.results.table("scenario_cohorts")
    if cohorts.empty:
        return
    columns = [
        *book.columns("scenario", widest=40),
        *book.columns("year", "cohort", *CUMULATIVE),
        *columns_of(book, "share", f"column.{_CHANCES}"),
        *book.columns(*EFFECT),
        *columns_of(book, "share", f"column.{_CHANCE}"),
        *book.columns(*_PARTS),
    ]
    section(sheet, "scenario_cohorts", columns, baseline=baseline_name(book, AS_IS))
    known = set(cohorts.index.get_level_values("year"))
    whole = book.records("scenario_years")
    for scenario in ordered(book, "scenario_cohorts"):
        of = pd.DataFrame(cohorts.xs(scenario, level="scenario"))
        for year in horizon_years(book):
            if year in known:
                rows = pd.DataFrame(of.xs(year, level="year"))
                total = whole.get((scenario, AS_IS, year))
                _write_horizon(sheet, columns, [scenario_name(book, scenario), year], rows, total)
    sheet.notes("scenario_cohorts", "rounding")


def _write_horizon(
    sheet: Sheet,
    columns: list[Column],
    head: list[Cell],
    rows: pd.DataFrame,
    total: dict[str, Any] | None,
) -> None:
    """Write the measures by one horizon, then what they come to; intervals do not add up."""
    first = sheet.next_row
    for cohort, row in zip(rows.index, rows.to_dict("records"), strict=True):
        sheet.row([*head, str(cohort), *(row[name] for name in _COHORT)], columns)
    if total is None:
        return
    cells: list[Cell] = [*head, sheet.book.word("workbook.total")]
    for place, name in enumerate(_COHORT, start=len(cells)):
        if name in (CUMULATIVE[0], EFFECT[0], *_PARTS):
            ends = (first, place), (sheet.next_row - 1, place)
            cells.append(sum_to(*ends, list(rows[name]), total[name]))
        else:
            cells.append(total[name])
    sheet.row(cells, columns, "total")


def write_scenario_effects(book: Book) -> None:
    """Write what scenarios do to land, rates, services and their value: without and with."""
    effects = book.records("scenario_effects")
    if not effects:
        return
    sheet = book.sheet("scenario_effects")
    sheet.line(book.word("workbook.scenario_effects_caution"), "caution")
    columns = [
        *book.columns("scenario", widest=40),
        *book.columns("kind"),
        *columns_of(book, "text", "scenario_effects.effect"),
        *book.columns("unit"),
        *columns_of(book, "number", "column.without", "column.with", "column.difference"),
        *columns_of(book, "number", "column.difference_low", "column.difference_high"),
        *columns_of(book, "number", "workbook.cost_wan", "column.cost_yuan_per_unit"),
    ]
    sheet.table(columns)
    for scenario in ordered(book, "scenario_effects"):
        of = {effect: row for (where, effect), row in effects.items() if where == scenario}
        for effect, row in sorted(of.items(), key=lambda item: _kind_order(item[1])):
            name = in_language(book, row, "name") or str(effect)
            head: list[Cell] = [scenario_name(book, scenario)]
            head += [word_or_key(book, "scenario_kind", row["kind"]), name]
            sheet.row([*head, amount_unit(book, row["unit"]), *_change(sheet, row)], columns)
    sheet.filtered()
    sheet.notes("scenario_effects", "rounding")


def _kind_order(row: dict[str, Any]) -> int:
    return _KINDS.index(row["kind"]) if row["kind"] in _KINDS else len(_KINDS)


def _change(sheet: Sheet, row: dict[str, Any]) -> list[Cell]:
    """Return without, with, their difference with interval, and the cost of a unit of it.

    A cost per unit of what may be no gain at all catches the eye.
    """
    at = sheet.next_row
    ends: list[Cell] = [row["without"], row["with"]]
    difference = less((at, _WITHOUT_AT), ends, row["difference"])
    limits = row["difference_low"], row["difference_high"]
    text = ratio((at, _WITHOUT_AT + 5), (at, _WITHOUT_AT + 2), of_wan=True)
    again = over(row["cost_yuan"], row["difference"])
    cost = live(text, again, row["cost_yuan_per_unit"])
    if isinstance(cost, (float, Formula)) and limits[0] <= 0:
        cost = Marked(cost, "warn")
    return [*ends, difference, *limits, wan(row["cost_yuan"]), cost]
