"""What the scenarios of a result bring, in words; nothing is computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sinks.carbon.balance import SURE
from sinks.errors import InputRefused, Language, printable
from sinks.parameters.labels import label
from sinks.units import UNITS
from sinks.workflow.stored import Stored, stored_result

_KINDS = ("land", "indicator", "service", "value")


@dataclass(frozen=True, kw_only=True, eq=False)
class RestorationBoard:
    """The scenarios of a result, those that were asked for."""

    stored: Stored
    scenarios: tuple[str, ...]

    @property
    def horizons(self) -> pd.DataFrame:
        """What has added up by each horizon: index scenario, baseline, potentials, year."""
        table = self.stored.table("scenario_horizons")
        return table[table.index.get_level_values("scenario").isin(self.scenarios)]

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        side = 0 if language == "zh" else 1
        head = label("restore_board.head", language).format(
            study=printable(self.stored.names[side])
        )
        lines = [head, label("restore_board.how", language).format(potentials=self._chosen())]
        if self.stored.synthetic:
            lines.insert(1, label("workbook.synthetic", language))
        for scenario in self.scenarios:
            lines += self._scenario(scenario, language)
        return lines

    def _chosen(self) -> str:
        potentials = self.stored.table("potentials")
        return str(potentials.index[potentials["chosen"].astype(bool)][0])

    def _scenario(self, scenario: str, language: Language) -> Iterator[str]:
        row = self.stored.table("scenarios").loc[[scenario]].to_dict("records")[0]
        yield label("restore_board.scenario", language).format(
            name=printable(str(row[f"name_{language}"])),
            area_ha=row["area_ha"],
            first=row["first_year"],
            last=row["last_year"],
        )
        names = self.stored.table("baselines")[f"name_{language}"].to_dict()
        key = (scenario, self._chosen())
        table = pd.DataFrame(self.horizons.xs(key, level=("scenario", "potentials")))
        for (baseline, year), found in zip(table.index, table.to_dict("records"), strict=True):
            told = {str(key): value for key, value in found.items()}
            yield label("restore_board.horizon", language).format(
                baseline=printable(str(names[baseline])),
                year=year,
                verdict=label(f"benefit.{_verdict(told)}", language),
                cost=_cost(told, language),
                **told,
            )
        yield from self._effects(scenario, language)

    def _effects(self, scenario: str, language: Language) -> Iterator[str]:
        table = self.stored.table("scenario_effects")
        rows = table[table.index.get_level_values("scenario") == scenario]
        side = 0 if language == "zh" else 1
        for kind in _KINDS[:2]:
            for row in rows[rows["kind"] == kind].to_dict("records"):
                yield label("restore_board.effect", language).format(
                    name=row[f"name_{language}"],
                    without=row["without"],
                    with_=row["with"],
                    difference=row["difference"],
                    unit=UNITS.get(row["unit"], (row["unit"],) * 2)[side],
                )


def restoration_board(result: Path, *, scenario: str | None = None) -> RestorationBoard:
    """Read the scenarios of a result, or one of them by id or name.

    Raises
    ------
    InputRefused
        ``C18`` if the folder holds no result of a run, ``N82`` if it has no scenarios, or not
        the one that is asked for.
    """
    stored = stored_result(result)
    table = stored.table("scenarios")
    known = [] if table.empty else [str(key) for key in table.index]
    if scenario is not None and known:
        hit = (table.index == scenario) | (table["name_zh"] == scenario)
        hit |= table["name_en"] == scenario
        known = [str(key) for key in table.index[hit]]
    if not known:
        there = "—" if table.empty else [f"{k} {n}" for k, n in table["name_zh"].items()]
        raise InputRefused.because("N82", file=result, wanted=scenario or "—", known=there)
    return RestorationBoard(stored=stored, scenarios=tuple(known))


def _verdict(row: Mapping[str, Any]) -> str:
    """Return what may be said of the sign of what has added up."""
    chance = row["probability_benefit"]
    if chance is None or pd.isna(chance):
        return "none"
    if 1 - SURE < chance < SURE:
        return "open"
    return "benefit" if chance >= SURE else "cost"


def _cost(row: Mapping[str, Any], language: Language) -> str:
    value = row["cost_yuan_per_tco2e"]
    if value is None or pd.isna(value):
        return label("restore_board.no_cost", language)
    return label("restore_board.cost", language).format(value=value)
