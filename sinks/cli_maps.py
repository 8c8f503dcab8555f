"""Commands that make and judge maps: classify, sample, assess, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sinks.command_line import (
    DEBUG,
    FILE,
    LANG,
    LANGUAGE,
    THREADS,
    Command,
    help_text,
    listed,
    option,
    plain_errors,
    say,
)

_OUT = option("--out", text="out_folder", type=FILE, required=True)
_BANDS = option("--bands", text="bands", callback=listed)
_SCALE = option("--scale", text="scale", type=float)
_OFFSET = option("--offset", text="offset", type=float)
_NODATA = option("--nodata", text="nodata")
_SEED = option("--seed", text="seed", type=int, default=1)
_SE_PCT, _PCT = click.FloatRange(0, 50, min_open=True), click.FloatRange(1, 100)
_MODELS = (
    "random_forest",
    "extra_trees",
    "hist_gradient_boosting",
    "svm",
    "mlp",
)
_ENGINES = ("exact", "library", "distilled")


@click.command(cls=Command, help=help_text("classify"))
@option("--image", "images", text="image", type=FILE, multiple=True, required=True)
@_BANDS
@option("--day", "days", text="day", type=click.DateTime(["%Y-%m-%d"]), multiple=True)
@_SCALE
@_OFFSET
@_NODATA
@option("--crs", text="crs")
@option("--quality", text="quality", type=FILE, multiple=True)
@option("--quality-scheme", text="quality_scheme")
@option("--indices", text="indices", callback=listed)
@option("--statistics", text="statistics", callback=listed, default="median")
@option("--phenology", text="phenology")
@option("--training", text="training", type=FILE, required=True)
@option("--class-field", text="class_field", required=True)
@option("--training-crs", text="training_crs")
@option("--group-field", text="group_field")
@option("--scheme", text="training_scheme")
@option("--classes", text="classes", callback=listed)
@option("--model", text="model", type=click.Choice(_MODELS), default="random_forest")
@option("--set", "parameters", text="set", multiple=True)
@option(
    "--engine",
    text="engine",
    type=click.Choice(["exact", "library", "distilled"]),
    default="exact",
)
@option("--layers", text="layers", callback=listed, default="probability,dissimilarity")
@option("--minimum-ha", text="minimum_ha", type=click.FloatRange(min=0, min_open=True))
@option("--year", text="year", type=int, required=True)
@option("--folds", text="folds", type=click.IntRange(2, 20), default=5)
@_SEED
@_OUT
@THREADS
@LANG
@DEBUG
def classify(out: Path, threads: int, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.mapmaking.requests import classification_request
        from sinks.progress import shown_blocks
        from sinks.surveying.standalone import classify_files

        with shown_blocks(LANGUAGE) as progress:
            outcome = classify_files(
                classification_request(**words),
                out,
                language=LANGUAGE,
                threads=threads,
                progress=progress,
            )
        say(outcome)


@click.command(cls=Command, help=help_text("sample"))
@option("--map", "before", text="map", type=FILE, required=True)
@option("--after", text="map_after", type=FILE)
@option("--scheme", text="scheme", required=True)
@_NODATA
@option("--years", text="years", callback=listed)
@option("--within", text="within", type=FILE)
@option(
    "--design",
    text="design",
    type=click.Choice(["simple", "stratified", "systematic"]),
    default="stratified",
)
@option("--size", text="size", type=click.IntRange(2, 1_000_000))
@option(
    "--target-se-pct", "target_se", text="target_se", type=click.FloatRange(0, 50, min_open=True)
)
@option(
    "--users-accuracy-pct",
    "users_accuracy",
    text="users_accuracy",
    type=click.FloatRange(1, 100),
    default=80.0,
)
@option("--minimum", text="minimum", type=click.IntRange(2, 100_000), default=50)
@option("--image", "images", text="sample_image", type=FILE, multiple=True)
@_BANDS
@_SCALE
@_OFFSET
@_SEED
@_OUT
@THREADS
@LANG
@DEBUG
def sample(out: Path, threads: int, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.surveying.sampling import sample_map

        say(sample_map(out=out, language=LANGUAGE, threads=threads, **words))


@click.command(cls=Command, help=help_text("assess"))
@option("--sample", "sample_file", text="sample_file", type=FILE, required=True)
@option("--labels", text="labels", type=FILE, multiple=True)
@option("--decided", text="decided", type=FILE)
@option("--where-different", "rule", text="rule", type=click.Choice(["first", "second"]))
@_OUT
@LANG
@DEBUG
def assess(out: Path, debug: bool, **words: Any) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.surveying.assessing import assess_files

        say(assess_files(out=out, language=LANGUAGE, **words))


@click.command(cls=Command, help=help_text("fetch"))
@click.argument("study", type=FILE)
@_OUT
@LANG
@DEBUG
def fetch(study: Path, out: Path, debug: bool) -> None:  # noqa: D103, FBT001
    with plain_errors(debug=debug):
        from sinks.progress import shown_blocks
        from sinks.study import Study
        from sinks.surveying.fetching import fetch_composite

        with shown_blocks(LANGUAGE) as progress:
            outcome = fetch_composite(Study.read(study), out, language=LANGUAGE, progress=progress)
        say(outcome)
