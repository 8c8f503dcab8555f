"""The accounts of a place in words: ecosystem products, and SEEA EA; nothing is computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sinks.errors import InputRefused, Language, printable
from sinks.parameters.labels import label, labels
from sinks.workflow.stored import Stored, stored_result

_LARGE = 1e9  # yuan: from here on in 亿元
_SHOWN_HA = 0.05  # less is the rounding of edges
_MOVES = ("opening_ha", "managed_expansion_ha", "unmanaged_expansion_ha", "closing_ha")
_ENDS = ("", "_low", "_high")
_GROUPS = ("provisioning", "regulating", "cultural")
_FORM = ("项目", "明细", "单元", "年份", "数值", "单位", "下限", "上限", "部门", "文件", "说明")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    """A unit of money, and how amounts are written in it."""

    unit: float
    word: str
    digits: int

    def ranged(self, row: Mapping[Any, Any], name: str) -> str:
        """Write an amount with its interval."""
        value, low, high = (self._number(row[f"{name}{end}_yuan"]) for end in _ENDS)
        if self.word.isascii():
            return f"{value} {self.word} ({low} to {high})"
        return f"{value} {self.word}（{low}—{high}）"

    def signed(self, yuan: float) -> str:
        """Write an amount with its sign."""
        return f"{yuan / self.unit:+,.{self.digits}f} {self.word}"

    def _number(self, yuan: float) -> str:
        return f"{round(yuan / self.unit, self.digits) + 0.0:,.{self.digits}f}"


@dataclass(frozen=True, kw_only=True, eq=False)
class AccountBoard:
    """The accounts of one place and year."""

    stored: Stored
    zone: str
    year: int

    @property
    def services(self) -> pd.DataFrame:
        """The services of the place, index ``service``."""
        return self._here("gep")

    @property
    def gaps(self) -> pd.DataFrame:
        """What was not told, as a table of statistics that can be filled in.

        Products of a branch have a row each; what no bureau tells (a price that tables of
        parameters lack) has none.
        """
        rows = [
            {
                "项目": row["input"], "明细": detail, "单元": "", "年份": row["year"],
                "数值": "", "单位": row["unit"], "下限": "", "上限": "",
                "部门": row["department_zh"], "文件": "",
                "说明": f"{row['name_zh']}：{labels('gap_effect')[row['effect']][0]}",
            }
            for row in self.stored.table("gep_gaps").reset_index().to_dict("records")
            for detail in str(row["detail"]).split(";")
            if row["name_zh"]
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(_FORM)).set_index("项目")

    def _here(self, name: str) -> pd.DataFrame:
        table = self.stored.table(name)
        if table.empty:
            return table
        here = table.index.get_level_values("zone") == self.zone
        if "year" not in table.index.names:
            return table[here].droplevel("zone")
        here &= table.index.get_level_values("year") == self.year
        return table[here].droplevel(["year", "zone"])

    def _total(self) -> dict[str, Any]:
        table = self.stored.table("gep_totals")
        rows = table.loc[[(self.year, self.zone)]].to_dict("records")
        return {str(name): value for name, value in rows[0].items()}

    def _scale(self, language: Language) -> _Scale:
        """Return the unit of money that suits the place."""
        if language == "en":
            return _Scale(unit=1e6, word="million yuan", digits=1)
        if abs(self._total()["gep_yuan"]) >= _LARGE:
            return _Scale(unit=1e8, word="亿元", digits=2)
        return _Scale(unit=1e4, word="万元", digits=0)

    def gep_lines(self, language: Language = "zh") -> list[str]:
        """Say the account of ecosystem products for people."""
        return [*self._head("gep_board.head", language), *self._gep(language)]

    def seea_lines(self, language: Language = "zh") -> list[str]:
        """Say the accounts of SEEA EA for people."""
        return [*self._head("seea_board.head", language), *self._seea(language)]

    def _head(self, key: str, language: Language) -> Iterator[str]:
        side = 0 if language == "zh" else 1
        names = {
            "study": printable(self.stored.names[side]),
            "place": printable(self.stored.zone_names(self.zone)[side]),
            "year": self.year,
        }
        yield label(key, language).format(**names)
        if self.stored.synthetic:
            yield label("workbook.synthetic", language)

    def _gep(self, language: Language) -> Iterator[str]:
        scale = self._scale(language)
        total = self._total()
        rules = self.stored.table("rule_set").reset_index().to_dict("records")[0]
        yield label("gep_board.rules", language).format(
            rule_set=rules[f"name_{language}"],
            status=rules[f"status_{language}"],
            basis=label(f"provisioning.{rules['provisioning']}", language),
            standing=label(f"standing.{total['standing']}", language),
        )
        yield label("gep_board.total", language).format(
            value=scale.ranged(total, "gep"),
            constant=scale.ranged(total, "constant"),
            base=rules["base_year"],
        )
        for group in _GROUPS:
            name = label(f"service_group.{group}", language)
            yield f"{name}  {scale.ranged(total, group)}"
            rows = self.services[self.services["group"] == group]
            yield from (
                "    " + _service(str(service), row, scale, language)
                for service, row in zip(rows.index, rows.to_dict("records"), strict=True)
            )
        yield label("gep_board.rests", language).format(
            told=total["told_share_pct"],
            table=total["table_share_pct"],
            default=total["default_share_pct"],
            gaps=len(self.stored.table("gep_gaps")),
        )
        yield from self._change(language)
        yield from self._guards(language)

    def _change(self, language: Language) -> Iterator[str]:
        scale = self._scale(language)
        table = self._here("gep_change")
        if table.empty:
            return
        row = table.loc[["all"]].to_dict("records")[0]
        yield label("gep_board.change", language).format(
            change=scale.signed(row["change_yuan"]),
            amount=scale.signed(row["quantity_effect_yuan"]),
            price=scale.signed(row["price_effect_yuan"]),
            constant=scale.signed(row["constant_change_yuan"]),
        )

    def _guards(self, language: Language) -> Iterator[str]:
        rows = self.stored.table("gep_guards").to_dict("records")
        failed = [row for row in rows if not row["passed"]]
        count = {"passed": len(rows) - len(failed), "all": len(rows)}
        yield label("gep_board.guards", language).format(**count)
        colon = "：" if language == "zh" else ": "
        yield from (
            f"    {row[f'name_{language}']}{colon}{row[f'finding_{language}']}" for row in failed
        )

    def _seea(self, language: Language) -> Iterator[str]:
        scale = self._scale(language)
        yield from self._extent(language)
        condition = self._here("seea_condition")
        if "index" in condition.index:
            row = condition.loc[["index"]].to_dict("records")[0]
            yield label("seea_board.condition", language).format(
                value=row["value"], variables=row["variables"], of=row["variables_of"]
            )
        assets = self._here("seea_assets")
        if not assets.empty:
            row = assets.loc[["all"]].to_dict("records")[0]
            moved = {part: scale.signed(row[f"{part}_yuan"]) for part in
                    ("extent", "condition", "revaluation")}  # fmt: skip
            yield label("seea_board.assets", language).format(
                opening=scale.ranged(row, "opening"),
                closing=scale.ranged(row, "closing"),
                life=row["life_years"],
                rate=row["discount_pct"],
                **moved,
            )
        for row in self._here("seea_bridge").to_dict("records"):
            yield f"    {row[f'name_{language}']}  {scale.signed(row['value_yuan'])}"

    def _extent(self, language: Language) -> Iterator[str]:
        extent = self._here("seea_extent")
        names = self.stored.table("classes")
        for key, row in zip(extent.index, extent.to_dict("records"), strict=True):
            told = {str(n): value for n, value in row.items() if str(n).endswith("_ha")}
            if max(abs(told[part]) for part in _MOVES) < _SHOWN_HA:
                continue
            name = names.loc[key, f"name_{language}"]
            yield label("seea_board.extent", language).format(name=name, get=row["get"], **told)


def account_board(
    result: Path, *, zone: str | None = None, year: int | None = None
) -> AccountBoard:
    """Read the accounts of a place from the folder of a run; of the district without one.

    Raises
    ------
    InputRefused
        ``C18`` if the folder holds no result of a run, ``S73`` if that has no accounts (of the
        year), ``F60`` for a zone that does not exist.
    """
    stored = stored_result(result)
    totals = stored.table("gep_totals")
    years = [] if totals.empty else sorted(totals.index.unique("year"))
    if not years or (year is not None and year not in years):
        raise InputRefused.because("S73", file=result, years=[str(y) for y in years] or "—")
    place = stored.zone(zone, list(totals.index.unique("zone")))
    return AccountBoard(stored=stored, zone=place, year=year or int(years[-1]))


def _service(service: str, row: Mapping[Any, Any], scale: _Scale, language: Language) -> str:
    """Say one service: its value with interval and share, or why it has none."""
    name = label(f"service.{service}", language)
    if pd.isna(row["value_yuan"]):
        status = label(f"service_status.{row['status']}", language)
        reason = printable(str(row[f"reason_{language}"] or ""))
        return f"{name}  {status}{'：' if language == 'zh' else ': '}{reason}"
    share = "" if pd.isna(row["share_pct"]) else f"  {row['share_pct']:.1f} %"
    lacks = ""
    if row["status"] == "partly":
        lacks = label("gep_board.lacks", language).format(what=row[f"reason_{language}"])
    return f"{name}  {scale.ranged(row, 'value')}{share}{lacks}"
