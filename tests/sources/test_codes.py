"""Every code that layers and tables raise is provoked by a test in this folder."""

from __future__ import annotations

import re
from pathlib import Path

import sinks


def test_every_code_of_layers_and_tables_is_provoked_by_a_test():
    raised = codes_in(
        path
        for room in ("sources", "features", "sheets", "gate")
        for path in (Path(sinks.__file__).parent / room).glob("*.py")
    )
    provoked = codes_in(Path(__file__).parent.glob("test_*.py"))

    assert raised - provoked == set()


def codes_in(paths):
    return {
        code for path in paths for code in re.findall(r"\b[VT]\d\d\b", path.read_text("utf-8"))
    }
