"""The sheet of scenarios of restoration: what has added up by each horizon, and at what cost.

Every scenario stands against every baseline. What the baseline alone makes of it is told and
never averaged. Costs are in 万元; positive effects are benefits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.account_words import WAN, amount, live, wan, wan_cells
from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.sections import columns_of, section
from sinks.reports.sheets import Book, Sheet

ENDS = ("", "_low", "_high")
AS_IS = "as_is"  # the baseline against which scenarios are told first
EFFECT = tuple(f"effect{end}_tco2e_per_year" for end in ENDS)
CUMULATIVE = tuple(f"cumulative{end}_tco2e" for end in ENDS)
_PER_HA = tuple(f"{name}_per_ha" for name in CUMULATIVE)
_COST = tuple(f"cost{end}_yuan" for end in ENDS)
_PER_TONNE = tuple(f"{name}_per_tco2e" for name in _COST)
_SPREAD = ("least_tco2e", "most_tco2e", "spread_tco2e")
_YEARLY_SPREAD = tuple(f"{name}_per_year" for name in _SPREAD)

Row = Mapping[str, Any]


def write_scenarios(book: Book) -> None:
    """Write the scenarios; what they come to against every baseline; what baselines make of it.

    What the set of potentials that the study chose gives comes first, then all other sets.
    """
    if not book.records("scenarios") or not book.records("scenario_horizons"):
        return
    sheet = book.sheet("scenarios")
    write_caution(sheet, "scenario_first_years")
    _write_scenarios(sheet)
    chosen = chosen_set(book)
    others = [key for key in _sets(book) if key != chosen]
    _write_horizons(sheet, "scenario_horizons", [chosen])
    sheet.notes("scenario_horizons")
    _write_spread(sheet, "scenario_spread", [chosen])
    if others:
        _write_horizons(sheet, "scenario_horizons_others", others)
        _write_spread(sheet, "scenario_spread_others", others)
        sheet.notes("potentials")
    sheet.notes("rounding")


def write_caution(sheet: Sheet, *keys: str) -> None:
    """Say sign and warming potentials, that amounts are for accounts, and what ``keys`` say."""
    book, accounting = sheet.book, sheet.book.word("crediting.accounting_only")
    name = set_name(book, chosen_set(book))
    sheet.line(book.word("workbook.scenario_heading", name=name, accounting=accounting), "caution")
    for key in keys:
        sheet.line(book.word(f"workbook.{key}"), "caution")


def scenario_name(book: Book, scenario: object) -> str:
    """Return the name of a scenario, or its id where the results do not name it."""
    return _named(book, "scenarios", scenario)


def baseline_name(book: Book, baseline: object) -> str:
    """Return the name of a baseline, or its id where the results do not name it."""
    return _named(book, "baselines", baseline)


def set_name(book: Book, potentials: object) -> str:
    """Return the name of a set of warming potentials, or its id."""
    return _named(book, "potentials", potentials)


def _named(book: Book, table: str, key: object) -> str:
    known = str(key) in book.results.table(table).index
    return book.name(table, str(key)) if known else str(key)


def chosen_set(book: Book) -> str:
    """Return the set of potentials that the study chose, or else the first that is told."""
    sets = book.records("potentials")
    chosen = [str(key) for key, row in sets.items() if row["chosen"]]
    return next(iter([*chosen, *_sets(book)]), "")


def horizon_years(book: Book) -> list[int]:
    """Return the years for which the results tell what has added up."""
    table = book.results.table("scenario_horizons")
    return sorted(set(map(int, table.index.get_level_values("year")))) if len(table) else []


def ordered(book: Book, table: str) -> list[str]:
    """Return the scenarios that a table tells of, in the order of the scenarios."""
    frame = book.results.table(table)
    told = set(frame.index.get_level_values("scenario")) if len(frame) else set()
    return [str(scenario) for scenario in book.records("scenarios") if scenario in told]


def _sets(book: Book) -> list[str]:
    """Return the sets of potentials of the horizons, in the order of the results."""
    table = book.results.table("scenario_horizons")
    return (
        list(map(str, table.index.get_level_values("potentials").unique())) if len(table) else []
    )


def ratio(top: tuple[int, int], bottom: tuple[int, int], *, of_wan: bool = False) -> str:
    """Return the formula of a cell over another, in yuan where the first is in 万元.

    >>> ratio((4, 2), (4, 1)), ratio((4, 2), (4, 1), of_wan=True)
    ('=C5/B5', '=C5*10000/B5')
    """
    times = f"*{WAN:.0f}" if of_wan else ""
    return f"={xl_rowcol_to_cell(*top)}{times}/{xl_rowcol_to_cell(*bottom)}"


def over(top: float | None, bottom: float | None) -> float:
    """Return a number over another; nothing over nothing is no number."""
    return top / bottom if top is not None and bottom else math.nan


def _write_scenarios(sheet: Sheet) -> None:
    """Write every scenario with its area, its years and what all of it costs."""
    book, horizons = sheet.book, sheet.book.records("scenario_horizons")
    chosen, last = chosen_set(book), horizon_years(book)[-1]
    columns = [
        *book.columns("scenario", widest=40),
        *columns_of(book, "count", "column.measures"),
        *columns_of(book, "year", "column.first_year", "column.last_year"),
        *book.columns("area_ha"),
        *_cost_columns(book),
    ]
    section(sheet, "scenarios", columns)
    for scenario, row in book.records("scenarios").items():
        at = sheet.next_row
        head: list[Cell] = [scenario_name(book, scenario)]
        head += [row[name] for name in ("measures", "first_year", "last_year", "area_ha")]
        of = horizons.get((scenario, AS_IS, chosen, last))
        cost = (
            [None] * 4 if of is None else _cost_cells(of, at, len(head), (at, 4), row["area_ha"])
        )
        sheet.row([*head, *cost], columns)
    sheet.line(book.word("note.scenarios", year=last))


def _cost_columns(book: Book) -> list[Column]:
    money = columns_of(book, "number", *(f"workbook.cost{end}_wan" for end in ENDS))
    return [*money, *columns_of(book, "number", "workbook.cost_wan_per_ha")]


def _cost_cells(
    row: Row, at: int, first: int, area: tuple[int, int], area_ha: float
) -> Sequence[Cell]:
    """Return what is under :func:`_cost_columns`; the last follows from the first and the area."""
    cost, per_ha = wan(row["cost_yuan"]), wan(row["cost_yuan_per_ha"])
    ratio_cell = live(ratio((at, first), area), over(cost, area_ha), per_ha)
    return [*wan_cells(dict(row), *_COST), ratio_cell]


def _write_horizons(sheet: Sheet, key: str, sets: Sequence[str]) -> None:
    """Write what has added up by each horizon: by scenario and year, baselines side by side."""
    book, horizons = sheet.book, sheet.book.records("scenario_horizons")
    columns = [
        *book.columns("scenario", widest=40),
        *book.columns("potentials", widest=52),
        *book.columns("year", "baseline", *CUMULATIVE),
        *columns_of(book, "share", "scenario_horizons.probability_benefit"),
        *book.columns(*EFFECT),
        *columns_of(book, "ha", "scenario_horizons.area_ha"),
        *columns_of(book, "number", *(f"column.{name}" for name in _PER_HA)),
        *_cost_columns(book),
        *columns_of(book, "number", *(f"column.{name}" for name in _PER_TONNE)),
    ]
    section(sheet, key, columns, potentials=set_name(book, sets[0]))
    scenarios, years = ordered(book, "scenario_horizons"), horizon_years(book)
    for scenario, potentials, year, baseline in product(scenarios, sets, years, _baselines(book)):
        row = horizons.get((scenario, baseline, potentials, year))
        if row is not None:
            head: list[Cell] = [scenario_name(book, scenario), set_name(book, potentials)]
            head += [year, baseline_name(book, baseline)]
            sheet.row(_horizon_cells(sheet, head, row), columns)


def _baselines(book: Book) -> list[str]:
    """Return the baselines of the horizons, first the land as it is."""
    table = book.results.table("scenario_horizons")
    told = map(str, table.index.get_level_values("baseline").unique())
    return sorted(told, key=lambda baseline: baseline != AS_IS)


def _horizon_cells(sheet: Sheet, head: list[Cell], row: Row) -> list[Cell]:
    """Return the cells of a horizon: what is per hectare and per tonne follows from the others."""
    at, added, area_ha = sheet.next_row, len(head), row["area_ha"]
    cells: list[Cell] = [*head, *(row[name] for name in CUMULATIVE)]
    cells += [row["probability_benefit"], *(row[name] for name in EFFECT)]
    area = (at, len(cells))
    cells.append(area_ha)
    for place, (name, of) in enumerate(zip(_PER_HA, CUMULATIVE, strict=True)):
        cells.append(live(ratio((at, added + place), area), over(row[of], area_ha), row[name]))
    cost = len(cells)
    cells += _cost_cells(row, at, cost, area, area_ha)
    return [*cells, *_per_tonne(sheet.book, row, (at, cost), (at, added))]


def _per_tonne(
    book: Book, row: Row, cost: tuple[int, int], added: tuple[int, int]
) -> Sequence[Cell]:
    """Return the cost of a tonne with range, or that it cannot be told.

    It is blank where nothing is done yet or no cost is known.
    """
    value, ends = row[_PER_TONNE[0]], [row[name] for name in _PER_TONNE[1:]]
    if not math.isnan(value):
        text = ratio(cost, added, of_wan=True)
        return [live(text, over(row[_COST[0]], row[CUMULATIVE[0]]), value), *ends]
    if math.isnan(row[_COST[0]]):
        return [None, None, None]
    harm = row[CUMULATIVE[2]] < 0
    return [Marked(book.word(f"benefit.{'cost' if harm else 'open'}"), "same"), None, None]


def _write_spread(sheet: Sheet, key: str, sets: Sequence[str]) -> None:
    """Write between which ends the choice of the baseline alone moves an effect."""
    book, spread = sheet.book, sheet.book.records("scenario_spread")
    if not spread:
        return
    columns = [
        *book.columns("scenario", widest=40),
        *book.columns("potentials", widest=52),
        *book.columns("year", "least_baseline", "most_baseline", *_SPREAD),
        *book.columns("low_tco2e", "high_tco2e", *_YEARLY_SPREAD),
    ]
    section(sheet, key, columns, potentials=set_name(book, sets[0]))
    scenarios = ordered(book, "scenario_spread")
    for scenario, potentials, year in product(scenarios, sets, horizon_years(book)):
        row = spread.get((scenario, potentials, year))
        if row is not None:
            head: list[Cell] = [scenario_name(book, scenario), set_name(book, potentials), year]
            head += [baseline_name(book, row[f"{end}_baseline"]) for end in ("least", "most")]
            sheet.row(_spread_cells(sheet, head, row), columns)
    sheet.notes("scenario_spread")


def _spread_cells(sheet: Sheet, head: list[Cell], row: Row) -> list[Cell]:
    """Return the cells of a range; its width is the difference of its ends."""
    cells = list(head)
    for names, more in ((_SPREAD, ("low_tco2e", "high_tco2e")), (_YEARLY_SPREAD, ())):
        ends: list[Cell] = [row[name] for name in names[:2]]
        width = less((sheet.next_row, len(cells)), ends, row[names[2]])
        cells += [*ends, width, *(row[name] for name in more)]
    return cells


def less(at: tuple[int, int], ends: Sequence[Cell], value: float | None) -> Cell:
    """Return the second of two cells, the first of which is ``at``, less the first.

    >>> less((4, 1), [2.0, 5.0], 3.0)
    Formula(text='=C5-B5', value=3.0)
    """
    text = f"={xl_rowcol_to_cell(at[0], at[1] + 1)}-{xl_rowcol_to_cell(*at)}"
    return live(text, amount(ends[1]) - amount(ends[0]), value)
