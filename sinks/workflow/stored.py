"""The published result of a run, read back: tables and names, nothing computed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sinks.errors import InputRefused


@dataclass(frozen=True, kw_only=True, eq=False)
class Stored:
    """What ``results.json`` of a run holds."""

    folder: Path
    content: dict[str, Any]

    @property
    def names(self) -> tuple[str, str]:
        """The name of the study, Chinese and English."""
        return self.content["name_zh"], self.content["name_en"]

    @property
    def synthetic(self) -> bool:
        """Whether any input is made up."""
        return bool(self.content["synthetic"])

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by name; empty if the run did not make it."""
        table = self.content["tables"].get(name)
        if table is None:
            return pd.DataFrame()
        return pd.DataFrame(table["rows"], columns=table["columns"]).set_index(table["index"])

    def zone(self, wanted: str | None, among: Sequence[str]) -> str:
        """Return the id of a zone that is named by id or by name; the district without one.

        Raises
        ------
        InputRefused
            ``F60`` if it is none of ``among``.
        """
        zones = self.table("zones")
        if wanted is None:
            return str(zones.index[zones["kind"] == "district"][0])
        known = zones[zones.index.isin(list(among))]
        hit = (known.index == wanted) | (known["name_zh"] == wanted) | (known["name_en"] == wanted)
        if int(hit.sum()) != 1:
            names = [f"{zone} {name}" for zone, name in known["name_zh"].items()]
            facts = {"town": wanted, "known": names or "—"}
            raise InputRefused.because("F60", file=self.folder, **facts)
        return str(known.index[hit][0])

    def zone_names(self, zone: str) -> tuple[str, str]:
        """Return the name of a zone, Chinese and English."""
        row = self.table("zones").loc[zone]
        return str(row["name_zh"]), str(row["name_en"])


def stored_result(folder: Path) -> Stored:
    """Read the result of a run.

    Raises
    ------
    InputRefused
        ``C18`` if the folder holds no result of a run.
    """
    path = folder / "results.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if "zones" not in content["tables"]:
            raise KeyError("zones")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputRefused.because("C18", file=folder, name=path.name) from error
    return Stored(folder=folder, content=content)
