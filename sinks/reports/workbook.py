"""The workbook of a run: every figure with unit, interval and source, ready to be printed.

All sheets are made of the result tables. What a run did not make has no sheet.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from sinks.errors import Finding, Language, printable
from sinks.parameters.labels import labels
from sinks.reports.accuracy import write_accuracy, write_error_matrix
from sinks.reports.areas import write_areas
from sinks.reports.balance import write_balance, write_fluxes
from sinks.reports.balance_years import write_balance_years, write_contributions
from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.change import write_change
from sinks.reports.classified import write_clues, write_maps
from sinks.reports.figures import write_matrix, write_stocks
from sinks.reports.gep import write_gep
from sinks.reports.gep_inputs import write_gep_gaps, write_gep_rules
from sinks.reports.gep_items import write_gep_classes, write_gep_items
from sinks.reports.gep_parameters import write_gep_parameters
from sinks.reports.gep_zones import write_gep_change, write_gep_zones
from sinks.reports.glance import write_charts
from sinks.reports.ledger import write_ledger
from sinks.reports.parameters import write_densities, write_flux_rates, write_uses
from sinks.reports.proofs import write_decompositions, write_detections
from sinks.reports.protection import write_redline, write_wetland_protection
from sinks.reports.rates import write_indicator_years, write_rates
from sinks.reports.restoration import write_scenarios
from sinks.reports.restoration_years import (
    write_scenario_effects,
    write_scenario_measures,
    write_scenario_years,
)
from sinks.reports.seea import write_seea_carbon, write_seea_condition, write_seea_extent
from sinks.reports.seea_flows import (
    write_seea_assets,
    write_seea_bridge,
    write_seea_supply_use,
)
from sinks.reports.sheets import Book, Sheet
from sinks.reports.siting import write_networks, write_siting
from sinks.reports.stands import write_stands
from sinks.reports.targets import write_targets, write_towns
from sinks.results import Results

_WITH_SAMPLE = ("area", "interval")
_ABOUT = ("area", "units", "interval", "stock", "change", "target", "parameters", "rounding")


def write_workbook(results: Results, path: Path, *, language: Language = "zh") -> None:
    """Write the results of a run as an Excel workbook with native charts.

    The same results give the same bytes. Numbers keep full precision; totals and shares are
    formulas with their values. Texts of the inputs stay texts: none becomes a formula or a
    link, and characters that XML cannot hold are taken out and noted.

    Raises
    ------
    InputRefused
        ``O09`` if a sheet cannot hold the rows.
    """
    book = Book(results=results, language=language)
    about = book.sheet("about", pages=1)
    _write_plan(book)
    write_charts(book)
    write_accuracy(book)
    write_error_matrix(book)
    write_areas(book)
    write_matrix(book)
    write_stocks(book)
    write_change(book)
    write_balance(book)
    write_fluxes(book)
    write_balance_years(book)
    write_contributions(book)
    write_stands(book)
    _write_accounts(book)
    _write_restoration(book)
    write_maps(book)
    write_clues(book)
    write_densities(book)
    write_flux_rates(book)
    write_uses(book)
    _write_inputs(book)
    _write_lineage(book)
    findings = book.sheet("findings")
    _write_about(book, about)
    _write_findings(book, findings)
    book.write(path)


def _write_plan(book: Book) -> None:
    """Write the targets of the plan, then what stands behind them."""
    write_targets(book)
    write_towns(book)
    write_indicator_years(book)
    write_rates(book)
    write_detections(book)
    write_decompositions(book)
    write_wetland_protection(book)
    write_redline(book)
    write_ledger(book)


def _write_accounts(book: Book) -> None:
    """Write gross ecosystem product and what stands behind it, then the accounts of SEEA EA."""
    write_gep(book)
    write_gep_items(book)
    write_gep_classes(book)
    write_gep_zones(book)
    write_gep_change(book)
    write_gep_gaps(book)
    write_gep_rules(book)
    write_gep_parameters(book)
    write_seea_extent(book)
    write_seea_condition(book)
    write_seea_supply_use(book)
    write_seea_assets(book)
    write_seea_carbon(book)
    write_seea_bridge(book)


def _write_restoration(book: Book) -> None:
    """Write scenarios, year by year and by measure, what else changes, siting, and networks."""
    write_scenarios(book)
    write_scenario_years(book)
    write_scenario_measures(book)
    write_scenario_effects(book)
    write_siting(book)
    write_networks(book)


def _about(results: Results) -> list[tuple[str, str]]:
    """Return what is told about the figures: item, and text with or without a sample."""
    sampled = "area_estimates" in results.tables
    told = [(key, f"{key}_sample" if sampled and key in _WITH_SAMPLE else key) for key in _ABOUT]
    present = {"balance": "balance", "accuracy": "map_accuracy", "maps": "map_validation"}
    return told + [(key, key) for key, table in present.items() if table in results.tables]


def _write_about(book: Book, sheet: Sheet) -> None:
    results, word = book.results, book.word
    columns = [
        Column(word("workbook.item"), widest=26),
        Column(word("workbook.meaning"), widest=112),
    ]
    places = ", ".join(results.synthetic)
    made_up = word("about_text.synthetic", places=places) if places else word("about_text.real")
    facts: list[tuple[str, Cell]] = [
        ("what", word("about_text.what")),
        ("study", f"{book.study_name} ({results.study})"),
        ("years", ", ".join(map(str, results.years))),
        ("run", results.run),
        ("version", f"sinks {results.version}"),
        ("synthetic", Marked(made_up, "warn") if places else made_up),
        *((key, word(f"about_text.{text}")) for key, text in _about(results)),
        ("sheets", "\n".join(other.name for other in book.sheets)),
    ]
    sheet.table(columns)
    for key, text in facts:
        sheet.row([word(f"about.{key}"), text], columns)


def _write_inputs(book: Book) -> None:
    inputs = book.records("inputs")
    if not inputs:
        return
    columns = [
        *book.columns("place", "file", widest=44),
        *book.columns("sha256", widest=80),
        *book.columns("bytes", "synthetic"),
        *book.columns("source", widest=60),
    ]
    sheet = book.sheet("inputs")
    sheet.table(columns)
    for place, row in inputs.items():
        synthetic = Marked(book.word("word.yes"), "warn") if row["synthetic"] else None
        cells: list[Cell] = [str(place), str(row["file"]), str(row["sha256"]), row["bytes"]]
        cells += [synthetic or book.word("word.no"), str(row["source"])]
        sheet.row(cells, columns)
    sheet.filtered()


def _write_lineage(book: Book) -> None:
    lineage = book.records("lineage")
    if not lineage:
        return
    formula = f"formula_{book.language}"
    columns = [
        *book.columns("table", "column", widest=28),
        *book.columns(formula, widest=58),
        *book.columns("method", "parameters", widest=34),
        *book.columns("inputs", widest=62),
    ]
    sheet, inputs = book.sheet("lineage"), book.records("inputs")
    marks = {str(place): f"{place} {row['file']} sha256:" for place, row in inputs.items()}
    sheet.table(columns)
    tables = list(dict.fromkeys(table for table, _ in lineage))
    for (table, column), row in sorted(lineage.items(), key=lambda of: tables.index(of[0][0])):
        # files and hashes have a sheet of their own: here their places are enough
        places = [place for place, mark in marks.items() if mark in str(row["inputs"])]
        # a column that means something else in this table has a name of its own there
        named = f"{table}.{column}" if column in labels(table) else f"column.{column}"
        cells: list[Cell] = [book.word(f"table.{table}"), book.word(named)]
        cells += [str(row[text]) for text in (formula, "method", "parameters")]
        sheet.row([*cells, ", ".join(places) or str(row["inputs"])], columns)
    sheet.filtered()
    sheet.notes("lineage")


def _write_findings(book: Book, sheet: Sheet) -> None:
    """Write what was noted and repaired, and last what this workbook itself left out."""
    findings = list(book.results.findings)
    if book.removed:
        findings.append(Finding(code="O08", facts={"count": book.removed}))
    if not findings:
        sheet.line(book.word("workbook.no_findings"))
        return
    columns = [
        *book.columns("code", "reaction"),
        *book.columns("file", "place", widest=30),
        *book.columns("message", widest=64),
        *book.columns("remedy", widest=44),
    ]
    sheet.table(columns)
    for finding in findings:
        sheet.row(_finding(book, finding), columns)
    sheet.filtered()


def _finding(book: Book, finding: Finding) -> list[Cell]:
    sentence, found = finding.sentence(book.language), finding.found(book.language)
    # only the name of the file: folders of a computer can name its user
    file = PureWindowsPath(finding.file).name if finding.file else ""
    return [
        f"SNK-{finding.code}",
        book.word(f"reaction.{finding.reaction}"),
        printable(file),
        printable(finding.place or ""),
        f"{sentence}\n{found}" if found else sentence,
        finding.remedy(book.language),
    ]
