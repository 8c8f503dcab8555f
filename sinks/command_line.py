"""What every command has in common: language, help texts, options, plain errors.

Only the command that runs loads what it needs, so that ``sinks --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import click

from sinks.errors import Cancelled, EnvironmentFault, Finding, Language, SinksError, said_once


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
def texts() -> dict[str, Any]:
    """Return the texts of commands and options, by name and language."""
    with (Path(__file__).parent / "help.toml").open("rb") as file:
        return tomllib.load(file)


def help_text(name: str) -> str:
    """Return the help of a command in the language of the user."""
    return str(texts()[name][LANGUAGE])


def option(*names: str, text: str, **settings: Any) -> Callable[[Any], Any]:
    """Make an option whose help stands in ``help.toml`` under ``text``."""
    return click.option(*names, help=texts()["options"][text][LANGUAGE], **settings)


class Command(click.Command):
    """A command whose headings follow the language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of usage."""
        prefix = "用法：" if LANGUAGE == "zh" else None
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option of help with its text."""
        shown = super().get_help_option(ctx)
        if shown is not None:
            shown.help = texts()["options"]["help"][LANGUAGE]
        return shown

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options below a heading."""
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
        with formatter.section("选项" if LANGUAGE == "zh" else "Options"):
            formatter.write_dl(rows)


class Group(Command, click.Group):
    """A group of commands whose headings follow the language."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        rows = [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]
        with formatter.section("命令" if LANGUAGE == "zh" else "Commands"):
            formatter.write_dl(rows)


FILE = click.Path(path_type=Path)
LANG = option("--lang", text="lang", type=click.Choice(["zh", "en"]), expose_value=False)
DEBUG = option("--debug", text="debug", is_flag=True)
OUT_CSV = option("--out", text="out", type=FILE, required=True)
THREADS = option("--threads", text="threads", type=click.IntRange(1, 256), default=1)


def write_result(table: Any, out: Path, findings: tuple[Finding, ...]) -> None:
    """Write a table and say so; what was noted goes to the error stream."""
    from sinks.reports.tables import write_table

    write_table(table, out)
    for finding in said_once(findings):
        click.echo("\n".join(finding.lines(LANGUAGE)), err=True)
    words = {"zh": f"已写出 {len(table)} 行：{out}", "en": f"{len(table)} rows written: {out}"}
    click.echo(words[LANGUAGE])


def listed(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Take a comma-separated option apart."""
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def say(outcome: Any) -> None:
    """Say what a step came to; what was noted goes to the error stream."""
    for finding in said_once(outcome.findings):
        click.echo("\n".join(finding.lines(LANGUAGE)), err=True)
    click.echo("\n".join(outcome.lines(LANGUAGE)))


@contextmanager
def plain_errors(*, debug: bool) -> Iterator[None]:
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
