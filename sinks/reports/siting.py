"""The sheets of siting and of ecological networks."""

from __future__ import annotations

import pandas as pd

from sinks.reports.account_words import in_language, rows_of, wan
from sinks.reports.cells import Cell
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import columns_of, section
from sinks.reports.sheets import Book, Sheet

_MOST_PATCHES = 60
_INDICES = ("iic", "pc")
_PLAN = ("objective", "carbon_tco2e", "habitat_ha", "area_ha", "boundary_m")


def write_siting(book: Book) -> None:
    """Write the best plan, what was asked, other plans, the front, and the units."""
    rows = book.records("siting")
    if not rows:
        return
    sheet = book.sheet("siting")
    columns = [
        *columns_of(book, "text", "column.siting"),
        *columns_of(book, "count", "column.candidates", "siting.chosen"),
        *columns_of(book, "number", "column.gap_pct", "column.area_ha", "workbook.cost_wan"),
        *columns_of(
            book, "tco2e",
            *(f"column.carbon{end}_tco2e" for end in ("", "_low", "_high")),
        ),
        *columns_of(book, "number", "column.habitat_ha", "column.boundary_km"),
        *columns_of(book, "year", "column.year", "column.horizon"),
    ]  # fmt: skip
    sheet.table(columns)
    for row in rows.values():
        cells: list[Cell] = [in_language(book, row, "name"), row["candidates"], row["chosen"]]
        cells += [row["gap_pct"], row["area_ha"], wan(row["cost_yuan"])]
        cells += [row[f"carbon{end}_tco2e"] for end in ("", "_low", "_high")]
        cells += [row["habitat_ha"], row["boundary_km"], row["year"], row["horizon"]]
        sheet.row(cells, columns)
    sheet.notes("siting")
    _write_demands(sheet)
    _write_plans(sheet, "siting_plans", "lost")
    _write_plans(sheet, "siting_front", "second")
    _write_units(sheet)


def _write_demands(sheet: Sheet) -> None:
    book = sheet.book
    columns = [
        *columns_of(book, "text", "column.of", "column.zone", "column.sense"),
        *columns_of(book, "number", "column.amount", "column.achieved"),
    ]
    section(sheet, "siting_demands", columns)
    for row in book.records("siting_demands").values():
        zone = row["zone"]
        place = book.name("zones", zone) if zone in book.kinds else ""
        what: list[Cell] = [word_or_key(book, "siting_demand", row["of"]), place]
        what.append(word_or_key(book, "siting_sense", row["sense"]))
        sheet.row([*what, row["amount"], row["achieved"]], columns)


def _write_plans(sheet: Sheet, table: str, extra: str) -> None:
    book, rows = sheet.book, sheet.book.records(table)
    if not rows:
        return
    columns = [
        *columns_of(book, "count", "column.plan" if extra == "lost" else "column.point"),
        *columns_of(book, "number", *(f"column.{name}" for name in _PLAN)),
        *columns_of(book, "number", "workbook.cost_wan"),
        *columns_of(book, "share" if extra == "lost" else "number", f"column.{extra}"),
        *columns_of(book, "count", "siting_plans.units"),
    ]
    section(sheet, table, columns)
    for number, row in rows.items():
        cells: list[Cell] = [float(number), *(row[name] for name in _PLAN)]
        sheet.row([*cells, wan(row["cost_yuan"]), row[extra], row["units"]], columns)


def _write_units(sheet: Sheet) -> None:
    book = sheet.book
    columns = [
        *columns_of(book, "text", "siting_units.unit", "column.zone"),
        *columns_of(book, "number", "column.area_ha", "workbook.cost_wan"),
        *columns_of(book, "tco2e", "column.carbon_tco2e"),
        *columns_of(book, "number", "column.habitat_ha"),
        *columns_of(book, "text", "siting_units.chosen"),
        *columns_of(book, "share", "column.frequency", "column.robust"),
    ]
    section(sheet, "siting_units", columns)
    for unit, row in book.records("siting_units").items():
        zone = str(row["zone"])
        cells: list[Cell] = [str(unit), book.name("zones", zone) if zone in book.kinds else zone]
        cells += [row["area_ha"], wan(row["cost_yuan"]), row["carbon_tco2e"], row["habitat_ha"]]
        cells.append(book.word("word.yes" if row["chosen"] else "word.no"))
        sheet.row([*cells, row["frequency"], row["robust"]], columns)


def write_networks(book: Book) -> None:
    """Write the indices of every network, its pattern, what a plan adds, cores and corridors."""
    rows = book.records("networks")
    if not rows:
        return
    sheet = book.sheet("networks")
    numbers = ("landscape_ha", "core_ha", "eca_ha", "eca_low_ha", "eca_high_ha")
    indices = tuple(f"{name}{end}" for name in _INDICES for end in ("", "_low", "_high"))
    columns = [
        *columns_of(book, "text", "column.network"),
        *columns_of(book, "number", *(f"column.{name}" for name in numbers)),
        *columns_of(book, "count", "column.cores", "column.corridors"),
        *columns_of(book, "text", *(f"column.{name}" for name in indices)),
        *columns_of(book, "count", "column.half_m", "column.pixel_m"),
    ]
    sheet.table(columns)
    for row in rows.values():
        cells: list[Cell] = [in_language(book, row, "name"), *(row[name] for name in numbers)]
        cells += [row["cores"], row["corridors"], *(f"{row[name]:.3g}" for name in indices)]
        sheet.row([*cells, row["half_m"], row["pixel_m"]], columns)
    sheet.notes("networks")
    _write_pattern(sheet)
    _write_change(sheet)
    _write_patches(sheet)
    _write_corridors(sheet)


def _network(book: Book, key: object) -> str:
    return in_language(book, book.records("networks")[key], "name")


def _write_pattern(sheet: Sheet) -> None:
    book = sheet.book
    columns = [
        *columns_of(book, "text", "column.network", "column.pattern"),
        *columns_of(book, "number", "column.area_ha", "network_pattern.share_pct"),
    ]
    section(sheet, "network_pattern", columns)
    for (network, key), row in rows_of(book, "network_pattern"):
        named = [_network(book, network), book.word(f"pattern.{key}")]
        sheet.row([*named, row["area_ha"], row["share_pct"]], columns)


def _write_change(sheet: Sheet) -> None:
    """Write what a plan changes; indices without unit are too small for two decimals."""
    book, rows = sheet.book, rows_of(sheet.book, "network_change")
    if not rows:
        return
    names = ("before", "after", "change")
    columns = [
        *columns_of(book, "text", "column.network", "network_change.index"),
        *columns_of(book, "number", *(f"column.{name}" for name in names), "column.change_pct"),
    ]
    section(sheet, "network_change", columns)
    for (network, key), row in rows:
        numbers = [f"{row[name]:.3g}" if key in _INDICES else row[name] for name in names]
        named = [_network(book, network), book.word(f"column.{key}")]
        sheet.row([*named, *numbers, row["change_pct"]], columns)


def _write_patches(sheet: Sheet) -> None:
    """Write the cores that matter most, each with its share of PC."""
    book = sheet.book
    names = ("area_ha", *(f"pc{part}_pct" for part in ("", "_intra", "_flux", "_connector")))
    columns = [
        *columns_of(book, "text", "column.network", "column.patch"),
        *columns_of(book, "number", *(f"column.{name}" for name in names)),
    ]
    section(sheet, "network_patches", columns, most=_MOST_PATCHES)
    table = book.results.table("network_patches")
    for network in dict.fromkeys(table.index.get_level_values("network")):
        of = pd.DataFrame(table.xs(network, level="network"))
        for patch, row in of.nlargest(_MOST_PATCHES, "pc_pct").to_dict("index").items():
            cells: list[Cell] = [_network(book, network), str(patch)]
            sheet.row([*cells, *(row[name] for name in names)], columns)


def _write_corridors(sheet: Sheet) -> None:
    book, names = sheet.book, ("length_m", "cost_m", "mean_resistance")
    columns = [
        *columns_of(book, "text", "column.network", "column.patch", "column.patch_beyond"),
        *columns_of(book, "number", *(f"column.{name}" for name in names)),
    ]
    section(sheet, "network_corridors", columns)
    for (network, one, other), row in rows_of(book, "network_corridors"):
        cells: list[Cell] = [_network(book, network), str(one), str(other)]
        sheet.row([*cells, *(row[name] for name in names)], columns)
