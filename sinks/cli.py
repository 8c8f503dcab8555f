"""Commands: read, call one step, show.

Only the command that runs loads what it needs, so that ``sinks --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import click

from sinks import __version__
from sinks.errors import Cancelled, EnvironmentFault, Finding, Language, SinksError, messages


def _wanted_language() -> Language:
    """Read the language before click does, because the help texts depend on it."""
    words = sys.argv[1:]
    asked = os.environ.get("SINKS_LANG", "zh")
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--lang":
            asked = following
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
    return "en" if asked == "en" else "zh"


LANGUAGE: Language = _wanted_language()


@cache
def _texts() -> dict[str, Any]:
    with (Path(__file__).parent / "help.toml").open("rb") as file:
        return tomllib.load(file)


def _help(name: str) -> str:
    return str(_texts()[name][LANGUAGE])


def _option(*names: str, text: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, help=_texts()["options"][text][LANGUAGE], **settings)


class _Command(click.Command):
    """A command whose headings follow the language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        prefix = "用法：" if LANGUAGE == "zh" else None
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _texts()["options"]["help"][LANGUAGE]
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
        with formatter.section("选项" if LANGUAGE == "zh" else "Options"):
            formatter.write_dl(rows)


class _Group(_Command, click.Group):
    command_class = _Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        rows = [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]
        with formatter.section("命令" if LANGUAGE == "zh" else "Commands"):
            formatter.write_dl(rows)


_FILE = click.Path(path_type=Path)
_LANG = _option("--lang", text="lang", type=click.Choice(["zh", "en"]), expose_value=False)
_DEBUG = _option("--debug", text="debug", is_flag=True)
_OUT_CSV = _option("--out", text="out", type=_FILE, required=True)
_THREADS = _option("--threads", text="threads", type=click.IntRange(1, 256), default=1)


@click.group(cls=_Group, help=_help("main"), context_settings={"max_content_width": 100})
@click.version_option(
    __version__, prog_name="sinks", help=_texts()["options"]["version"][LANGUAGE]
)
@_LANG
def main() -> None:  # noqa: D103 (click shows the text of help.toml)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@main.command(help=_help("run"))
@click.argument("study", type=_FILE)
@_option("--out", text="out", type=_FILE, required=True)
@_THREADS
@_option("--again", text="again", is_flag=True)
@_LANG
@_DEBUG
def run(study: Path, out: Path, threads: int, again: bool, debug: bool) -> None:  # noqa: D103, FBT001
    with _plain_errors(debug=debug):
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


@main.command(help=_help("areas"))
@_option("--land-cover", text="land_cover", type=_FILE, required=True)
@_option("--after", text="after", type=_FILE)
@_option("--scheme", text="scheme", required=True)
@_option("--zones", text="zones", type=_FILE, required=True)
@_option("--zone-id", text="zone_id", required=True)
@_option("--nodata", text="nodata")
@_option("--crs", text="crs")
@_option("--align", text="align", type=click.Choice(["nearest"]))
@_OUT_CSV
@_THREADS
@_LANG
@_DEBUG
def areas(out: Path, debug: bool, **inputs: Any) -> None:  # noqa: D103, FBT001
    with _plain_errors(debug=debug):
        from sinks.workflow.steps import area_table

        table, findings = area_table(**inputs)
        _write(table, out, findings)


@main.command(help=_help("stocks"))
@_option("--areas", text="areas", type=_FILE, required=True)
@_option("--densities", text="densities", type=_FILE)
@_option(
    "--soil-depth-cm",
    text="soil_depth",
    type=click.Choice(["30", "100"]),
    default="30",
    callback=lambda _context, _option, text: int(text),
)
@_OUT_CSV
@_LANG
@_DEBUG
def stocks(  # noqa: D103
    areas: Path,
    densities: Path | None,
    soil_depth_cm: Literal[30, 100],
    out: Path,
    debug: bool,  # noqa: FBT001
) -> None:
    with _plain_errors(debug=debug):
        from sinks.workflow.steps import stock_table

        table, findings = stock_table(areas, densities, soil_depth_cm=soil_depth_cm)
        _write(table, out, findings)


@main.command(help=_help("doctor"))
@click.argument("paths", type=_FILE, nargs=-1, required=True)
@_option("--scheme", text="scheme")
@_option("--json", "as_json", text="json", is_flag=True)
@_LANG
@_DEBUG
def doctor(paths: tuple[Path, ...], scheme: str | None, as_json: bool, debug: bool) -> None:  # noqa: D103, FBT001
    with _plain_errors(debug=debug):
        from sinks.doctor import examine

        report = examine(paths, scheme=scheme)
        if as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(report.lines(LANGUAGE)))
        if report.refused:
            raise SystemExit(2)


@main.command(help=_help("explain"))
@click.argument("code")
@_LANG
def explain(code: str) -> None:  # noqa: D103
    key = code.upper().removeprefix("SNK-")
    if key not in messages():
        known = ", ".join(messages())
        raise click.BadParameter(f"{code}: {known}")
    entry = messages()[key]
    click.echo(f"SNK-{key}  {entry[LANGUAGE]}")
    click.echo(entry[f"remedy_{LANGUAGE}"])


def _write(table: Any, out: Path, findings: tuple[Finding, ...]) -> None:
    from sinks.reports.tables import write_table

    write_table(table, out)
    for finding in findings:
        click.echo("\n".join(finding.lines(LANGUAGE)), err=True)
    words = {"zh": f"已写出 {len(table)} 行：{out}", "en": f"{len(table)} rows written: {out}"}
    click.echo(words[LANGUAGE])


@contextmanager
def _plain_errors(*, debug: bool) -> Iterator[None]:
    """Turn what the user can put right into plain sentences and an exit status."""
    try:
        yield
    except KeyboardInterrupt:
        _stop(Cancelled.because("X03"))
    except MemoryError:
        _stop(EnvironmentFault.because("X06"))
    except SinksError as error:
        if debug:
            raise
        _stop(error)


def _stop(error: SinksError) -> None:
    click.echo("\n".join(error.lines(LANGUAGE)), err=True)
    raise SystemExit(error.exit_status)


if __name__ == "__main__":
    main()
