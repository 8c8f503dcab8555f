"""Commands: read, call one step, show."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

import click

from sinks import __version__
from sinks.cli_maps import assess, classify, fetch, sample
from sinks.command_line import (
    DEBUG,
    FILE,
    LANG,
    LANGUAGE,
    OUT_CSV,
    THREADS,
    Group,
    help_text,
    option,
    plain_errors,
    say,
    texts,
    write_result,
)
from sinks.errors import messages

SOIL_DEPTH = option(
    "--soil-depth-cm",
    text="soil_depth",
    type=click.Choice(["30", "100"]),
    default="30",
    callback=lambda _context, _option, text: int(text),
)


@click.group(cls=Group, help=help_text("main"), context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="sinks", help=texts()["options"]["version"][LANGUAGE])
@LANG
def main() -> None:  # noqa: D103 (click shows the text of help.toml)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@main.command(help=help_text("run"))
@click.argument("study", type=FILE)
@option("--out", text="out", type=FILE, required=True)
@THREADS
@option("--again", text="again", is_flag=True)
@LANG
@DEBUG
def run(study: Path, out: Path, threads: int, again: bool, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.progress import shown_progress
        from sinks.study import Study
        from sinks.workflow.run import run_study

        with shown_progress(LANGUAGE) as progress:
            outcome = run_study(
                Study.read(study),
                out,
                language=LANGUAGE,
                threads=threads,
                again=again,
                progress=progress,
            )
        click.echo("\n".join(outcome.lines(LANGUAGE)))


@main.command(help=help_text("areas"))
@option("--land-cover", text="land_cover", type=FILE, required=True)
@option("--after", text="after", type=FILE)
@option("--scheme", text="scheme", required=True)
@option("--zones", text="zones", type=FILE, required=True)
@option("--zone-id", text="zone_id", required=True)
@option("--nodata", text="nodata")
@option("--crs", text="crs")
@option("--align", text="align", type=click.Choice(["nearest"]))
@OUT_CSV
@THREADS
@LANG
@DEBUG
def areas(out: Path, debug: bool, **inputs: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.steps import area_table

        table, findings = area_table(**inputs)
        write_result(table, out, findings)


@main.command(help=help_text("stocks"))
@option("--areas", text="areas", type=FILE, required=True)
@option("--densities", text="densities", type=FILE)
@SOIL_DEPTH
@OUT_CSV
@LANG
@DEBUG
def stocks(  # noqa: D103
    areas: Path,
    densities: Path | None,
    soil_depth_cm: Literal[30, 100],
    out: Path,
    debug: bool,  # noqa: FBT001
) -> None:
    with plain_errors(debug=debug):
        from sinks.workflow.steps import stock_table

        table, findings = stock_table(areas, densities, soil_depth_cm=soil_depth_cm)
        write_result(table, out, findings)


@main.command(help=help_text("carbon"))
@option("--areas", text="areas", type=FILE, required=True)
@option("--use", "uses", text="use", multiple=True)
@option("--potentials", text="potentials", default="AR5")
@option("--fluxes", text="fluxes", type=FILE)
@option("--densities", text="densities", type=FILE)
@SOIL_DEPTH
@option("--years-between", text="years_between", type=click.IntRange(1, 200))
@option("--draws", text="monte_carlo", type=int, default=10_000)
@option("--seed", text="seed", type=int, default=1)
@option("--out", text="out_folder", type=FILE, required=True)
@LANG
@DEBUG
def carbon(areas: Path, out: Path, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.carbon_step import carbon_files

        say(carbon_files(areas, out=out, language=LANGUAGE, **words))


@main.command(help=help_text("doctor"))
@click.argument("paths", type=FILE, nargs=-1, required=True)
@option("--scheme", text="scheme")
@option("--json", "as_json", text="json", is_flag=True)
@LANG
@DEBUG
def doctor(paths: tuple[Path, ...], scheme: str | None, as_json: bool, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.doctor import examine

        report = examine(paths, scheme=scheme)
        if as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(report.lines(LANGUAGE)))
        if report.refused:
            raise SystemExit(2)


@main.command(help=help_text("indicators"))
@click.argument("result", type=FILE)
@option("--town", text="town")
@option("--csv", text="csv", type=FILE)
@LANG
@DEBUG
def indicators(result: Path, town: str | None, csv: Path | None, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.board import status_board

        board = status_board(result, town=town)
        click.echo("\n".join(board.lines(LANGUAGE)))
        if csv is not None:
            write_result(board.rows, csv, ())


@main.command(help=help_text("gep"))
@click.argument("result", type=FILE)
@option("--zone", text="zone", type=str)
@option("--year", text="account_year", type=int)
@option("--csv", text="csv", type=FILE)
@option("--gaps", text="gaps", type=FILE)
@LANG
@DEBUG
def gep(result: Path, csv: Path | None, gaps: Path | None, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.account_board import account_board

        board = account_board(result, **words)
        click.echo("\n".join(board.gep_lines(LANGUAGE)))
        for table, path in ((board.services, csv), (board.gaps, gaps)):
            if path is not None:
                write_result(table, path, ())


@main.command(help=help_text("seea"))
@click.argument("result", type=FILE)
@option("--zone", text="zone", type=str)
@option("--year", text="account_year", type=int)
@LANG
@DEBUG
def seea(result: Path, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.account_board import account_board

        click.echo("\n".join(account_board(result, **words).seea_lines(LANGUAGE)))


@main.command(help=help_text("restore"))
@click.argument("result", type=FILE)
@option("--scenario", text="scenario", type=str)
@option("--csv", text="csv", type=FILE)
@LANG
@DEBUG
def restore(result: Path, scenario: str | None, csv: Path | None, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.restoration_board import restoration_board

        board = restoration_board(result, scenario=scenario)
        click.echo("\n".join(board.lines(LANGUAGE)))
        if csv is not None:
            write_result(board.horizons, csv, ())


@main.command(help=help_text("plan"))
@click.argument("result", type=FILE)
@option("--csv", text="csv", type=FILE)
@LANG
@DEBUG
def plan(result: Path, csv: Path | None, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.siting_board import siting_board

        board = siting_board(result)
        click.echo("\n".join(board.lines(LANGUAGE)))
        if csv is not None:
            write_result(board.units, csv, ())


@main.command(help=help_text("ledger"))
@click.argument("action", type=click.Choice(["check"]))
@click.argument("layer", type=FILE, required=False)
@option("--study", text="study", type=FILE)
@option("--field", "fields", text="field", multiple=True)
@option("--area-unit", text="area_unit", type=click.Choice(["ha", "mu", "m2"]), default="ha")
@option("--crs", text="crs")
@LANG
@DEBUG
def ledger(action: str, layer: Path | None, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.workflow.ledger_check import check_ledger

        check = check_ledger(layer, **words)
        click.echo("\n".join(check.lines(LANGUAGE)))
        if check.refused:
            raise SystemExit(2)


@main.command(help=help_text("explain"))
@click.argument("code")
@LANG
def explain(code: str) -> None:  # noqa: D103
    key = code.upper().removeprefix("SNK-")
    if key not in messages():
        known = ", ".join(messages())
        raise click.BadParameter(f"{code}: {known}")
    entry = messages()[key]
    click.echo(f"SNK-{key}  {entry[LANGUAGE]}")
    click.echo(entry[f"remedy_{LANGUAGE}"])


for command in (classify, sample, assess, fetch):
    main.add_command(command)


if __name__ == "__main__":
    main()
