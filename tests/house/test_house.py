"""The house itself: lint, types, import contracts, sizes, and what must not be committed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "sinks").rglob("*.py"))


def tool(*words: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / words[0], *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports",),
    ],
    ids=" ".join,
)
def test_the_code_keeps_the_rules_of(words):
    assert tool(*words) == ""


def test_modules_and_functions_stay_small():
    large = []
    for path in MODULES:
        text = path.read_text("utf-8")
        if text.count("\n") > 300:
            large.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = node.end_lineno - node.body[0].lineno
                if body > 60:
                    large.append(f"{path.name}:{node.name} {body} lines")

    assert large == []


def test_help_answers_at_once_and_loads_no_science():
    probe = (
        "import sys, resource; from sinks.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "science = {'numpy', 'pandas', 'rasterio', 'numba', 'folium', 'pydantic'}\n"
        "used = science & set(sys.modules)\n"
        "print(sorted(used), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "[]"


def test_no_large_file_is_committed():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    sizes = {name: (ROOT / name).stat().st_size for name in listed if (ROOT / name).is_file()}

    assert {name: size for name, size in sizes.items() if size > 3000 * 1024} == {}
    assert sum(size for name, size in sizes.items() if name.startswith("data/")) < 25_000_000


def test_notebooks_carry_no_output():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert all(not cell.get("outputs") for cell in cells), path.name


def test_pinned_packages_have_hashes_and_name_no_host():
    for name in ("run.txt", "test.txt"):
        text = (ROOT / "requirements" / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert "://" not in text
