"""Where a result would restore next, in words; nothing is computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sinks.errors import InputRefused, Language, printable
from sinks.parameters.labels import label
from sinks.workflow.stored import Stored, stored_result


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingBoard:
    """The plan of a result."""

    stored: Stored

    @property
    def units(self) -> pd.DataFrame:
        """The units that any plan takes, index ``unit``."""
        return self.stored.table("siting_units")

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        row = _record(self.stored.table("siting"))
        names = self.stored.names
        head = {
            "study": printable(names[0 if language == "zh" else 1]),
            "name": printable(str(row[f"name_{language}"])),
        }
        lines = [label("plan_board.head", language).format(**head)]
        if self.stored.synthetic:
            lines.append(label("workbook.synthetic", language))
        lines.append(label("plan_board.found", language).format(**row))
        lines.append(label("plan_board.benefit", language).format(**row))
        return [*lines, *self._demands(language), *self._others(language), *self._towns(language)]

    def _demands(self, language: Language) -> Iterator[str]:
        zones = self.stored.table("zones")[f"name_{language}"].to_dict()
        for row in self.stored.table("siting_demands").to_dict("records"):
            told = {str(key): value for key, value in row.items()}
            name = label(f"siting_demand.{told['of']}", language)
            place = zones.get(told["zone"])
            said = name if place is None else f"{name} {printable(str(place))}"
            sense = label(f"siting_sense.{told['sense']}", language)
            sizes = {key: round(told[key], 2) for key in ("amount", "achieved")}
            yield label("plan_board.demand", language).format(name=said, sense=sense, **sizes)

    def _others(self, language: Language) -> Iterator[str]:
        plans, units = self.stored.table("siting_plans"), self.units
        always = units["frequency"] >= 1
        yield label("plan_board.others", language).format(
            plans=len(plans) - 1, lost=100 * plans["lost"].max(), always=int(always.sum())
        )
        trials = self.stored.table("siting_trials")
        if not trials.empty:
            regret = pd.to_numeric(trials["regret"])
            yield label("plan_board.trials", language).format(
                trials=len(trials),
                survive=int((units["robust"] >= 1).sum()),
                regret=100 * regret.median(),
            )

    def _towns(self, language: Language) -> Iterator[str]:
        chosen = self.units[self.units["chosen"].astype(bool)]
        names = self.stored.table("zones")[f"name_{language}"].to_dict()
        sums = chosen.groupby("zone")["area_ha"].sum().sort_values(ascending=False)
        for zone, area_ha in sums.items():
            name = printable(str(names.get(zone, zone)))
            yield label("plan_board.town", language).format(name=name, area_ha=area_ha)


def siting_board(result: Path) -> SitingBoard:
    """Read the plan of a result.

    Raises
    ------
    InputRefused
        ``C18`` if the folder holds no result of a run, ``N84`` if it has no siting.
    """
    stored = stored_result(result)
    if stored.table("siting").empty:
        raise InputRefused.because("N84", file=result)
    return SitingBoard(stored=stored)


def _record(table: pd.DataFrame) -> Mapping[str, Any]:
    return {str(key): value for key, value in table.to_dict("records")[0].items()}
