"""Tables of ecosystem accounts for the district of the scene, made by hand: two years, a site."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sinks.results import Results
from tests.reports.judged import lineage_of
from tests.reports.scene import ZONES, results

YEARS = (2020, 2025)
SITES = {"s": ("湖区", "Lakeside", "site")}
PLACES = {**ZONES, **SITES}
ACCOUNTS = (
    "gep_items", "gep_classes", "gep", "gep_totals", "gep_change", "gep_rules", "gep_gaps",
    "gep_guards", "gep_prices", "rule_set", "account_items", "account_formulas", "seea_extent",
    "seea_condition", "seea_physical", "seea_monetary", "seea_assets", "seea_carbon",
    "seea_carbon_flows", "seea_bridge",
)  # fmt: skip
# item: names, service, formula, unit, quantities in the east and prices of both years, counted
ITEMS = {
    "rice": ("稻谷", "Rice", "crops", "net_output", "t", (1500.0, 1600.0),
             (1310.25, 1405.5), True),
    "crab": ("螃蟹", "Crab", "fishery", "net_output", "t", (70.5, 82.25),
             (20300.0, 19800.0), True),
    "retained": ("涵养水量", "Water retained", "water_retention", "water_balance", "m3",
                 (-2500.5, -2750.25), (0.79, 0.85), True),
    "so2": ("二氧化硫", "SO2", "air_purification", "min_load", "kg", (310.5, 305.0),
            (5.052632, 5.052632), True),
    "dust": ("粉尘", "Dust", "air_purification", "min_load", "kg", (2110.0, 2250.5), (1.2, 1.2),
             True),
    "co2": ("固碳量", "CO2 fixed", "carbon_fixation", "carbon_balance", "tco2", (410.5, 455.125),
            (60.0, 95.5), True),
    "oxygen": ("释氧量", "Oxygen", "oxygen_release", "oxygen", "t", (300.0, 331.0),
               (1000.0, 1000.0), False),
    "visitors": ("游客", "Visitors", "tourism", "travel_cost", "visits", (9000.0, 12500.0),
                 (155.0, 171.5), True),
}  # fmt: skip
STATUS = {
    "crops": ("provisioning", "counted", "", ""),
    "fishery": ("provisioning", "partly", "缺鱼", "no fish"),
    "water_supply": ("provisioning", "no_data", "缺用水量", "no use of water"),
    "water_retention": ("regulating", "counted", "", ""),
    "coastal_protection": ("regulating", "not_applicable", "没有海岸", "no coast"),
    "air_purification": ("regulating", "counted", "", ""),
    "carbon_fixation": ("regulating", "counted", "", ""),
    "oxygen_release": ("regulating", "switched_off", "规范不计", "not in the rules"),
    "tourism": ("cultural", "counted", "", ""),
}
PART = {"001": 1.0, "002": 0.375, "d": 1.375, "s": 0.125}
COUNTED = {"counted", "partly"}
HA = {"d": 331.5, "001": 230.0, "002": 101.5, "s": 4.75}
ENDS = {"": 0.0, "_low": -0.2, "_high": 0.25}
MONEY = [f"{name}{end}_yuan" for name in ("value", "constant") for end in ENDS] + ["gross_yuan"]


def accounted(*, imports: float = 0.0, **changed: object) -> Results:
    """The scene with ecosystem accounts; ``imports`` in yuan are deducted below the services."""
    plain = results()
    items = _items()
    services = _services(items)
    tables = {
        **plain.tables, "gep_items": items, "gep": services,
        "gep_totals": _totals(services, imports), "gep_classes": _classes(items),
        "gep_change": _change(services), **_rules(), **_inputs(), **_seea(services, items),
    }  # fmt: skip
    tables["zones"] = pd.concat([tables["zones"], _named(SITES, "zone", "kind")])
    tables["lineage"] = lineage_of(tables)
    return results(**{"tables": tables, **changed})  # type: ignore[arg-type]


def _ends(name: str, value: float, tail: str = "_yuan") -> dict[str, float]:
    return {f"{name}{end}{tail}": value + by * abs(value) for end, by in ENDS.items()}


def places(frame: pd.DataFrame) -> dict[tuple[int, str], pd.DataFrame]:
    """The rows of each year and zone, by what is left of their index."""
    parts = frame.groupby(level=["year", "zone"], sort=False)
    return {where: part.droplevel(["year", "zone"]) for where, part in parts}


def _items() -> pd.DataFrame:
    rows = {}
    for at, year in enumerate(YEARS):
        for zone in PLACES:
            rows |= {(year, zone, item): _item(zone, at, *of[2:]) for item, of in ITEMS.items()}
    return _framed(rows, "year", "zone", "item")


def _item(
    zone: str, at: int, service: str, formula: str, unit: str, amounts: tuple[float, float],
    prices: tuple[float, float], counted: bool,
) -> dict[str, object]:  # fmt: skip
    quantity, price = amounts[at] * PART[zone], prices[at]
    value, constant = quantity * price, quantity * prices[0]
    found: dict[str, object] = {"service": service, "group": STATUS[service][0],
                                "formula": formula, "unit": unit, "counted": counted}  # fmt: skip
    found |= _ends("quantity", quantity, "") | _ends("unit_value", price)
    found |= _ends("value", value) | _ends("constant", constant)
    gross = value * 1.75 if formula == "net_output" else value
    return {**found, "gross_yuan": gross, "spread": "told" if zone == "d" else "spread",
            "rests_on": "default" if service == "tourism" else "told",
            "sources": "prices.csv: 1; 产量表 第 3 行"}  # fmt: skip


def _services(items: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for (year, zone), of in places(items[items["counted"]]).items():
        sums, whole = of.groupby("service")[MONEY].sum(), of["value_yuan"].sum()
        for service, (group, status, zh, en) in STATUS.items():
            blank = dict.fromkeys(MONEY, np.nan)
            values = sums.loc[service].to_dict() if status in COUNTED else blank
            rows[year, zone, service] = {
                "group": group, "status": status, "reason_zh": zh, "reason_en": en, **values,
                "share_pct": 100 * values["value_yuan"] / whole,
                "verified": service != "tourism"}  # fmt: skip
    return _framed(rows, "year", "zone", "service")


def _totals(services: pd.DataFrame, imports: float) -> pd.DataFrame:
    rows = {}
    for (year, zone), of in places(services).items():
        less, sums = imports * PART[zone], of[MONEY].sum()
        row = {name.replace("value", "gep"): sums[name] - less for name in MONEY}
        for group in ("provisioning", "regulating", "cultural"):
            part = of.loc[of["group"] == group, MONEY].sum()
            row |= {f"{group}{end}_yuan": part[f"value{end}_yuan"] for end in ENDS}
        rows[year, zone] = {
            **row, "gross_yuan": sums["gross_yuan"], "imports_yuan": less,
            "gep_yuan_per_ha": row["gep_yuan"] / HA[zone], "area_ha": HA[zone],
            "default_share_pct": 41.25, "told_share_pct": 50.5, "table_share_pct": 8.25,
            "services_counted": 6, "services_missing": 1,
            "standing": "full" if zone == "d" else "reference"}  # fmt: skip
    return _framed(rows, "year", "zone")


def _classes(items: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    names = [*(f"quantity{end}" for end in ENDS), *(f"value{end}_yuan" for end in ENDS)]
    for (year, zone, item), of in items.iterrows():
        for key, part in (("LAK", 0.25), ("PAD", 0.75)):
            amounts = {name: of[name] * part for name in names}
            rows[year, zone, item, key] = {**amounts, "unit": of["unit"]}
    return _framed(rows, "year", "zone", "item", "land_cover")


def _change(services: pd.DataFrame) -> pd.DataFrame:
    rows, of = {}, places(services)
    for zone in PLACES:
        before, after = (of[year, zone] for year in YEARS)
        for key, (_, status, _, _) in STATUS.items():
            if status in COUNTED:
                rows[zone, key] = _moved(before.loc[key], after.loc[key])
        parts = [row for (where, _), row in rows.items() if where == zone]
        whole = pd.DataFrame(parts).sum()
        fixed = whole["constant_change_yuan"], whole["constant_before_yuan"]
        rows[zone, "all"] = {**whole, "constant_change_pct": 100 * fixed[0] / fixed[1]}
    return _framed(rows, "zone", "service")


def _moved(before: pd.Series, after: pd.Series) -> dict[str, float]:
    change = after["value_yuan"] - before["value_yuan"]
    fixed = after["constant_yuan"] - before["constant_yuan"]
    told = {f"{name}_{at}_yuan": row[f"{name}_yuan"] for name in ("value", "constant")
            for at, row in (("before", before), ("after", after))}  # fmt: skip
    effects = _ends("change", change) | _ends("quantity_effect", fixed)
    effects |= _ends("price_effect", change - fixed) | _ends("constant_change", fixed)
    return {**told, **effects, "constant_change_pct": 100 * fixed / before["constant_yuan"]}


def _rules() -> dict[str, pd.DataFrame]:
    rules = {
        key: {"rule_set": "GBT46869", "status": status, "formula": f"f_{key}", "reason_zh": zh,
              "reason_en": en, "verified": key != "tourism", "reference": "li_2017",
              "where": "table 3"}
        for key, (_, status, zh, en) in STATUS.items()
    }  # fmt: skip
    guards = {
        "rain_once": {"name_zh": "雨水只计一次", "name_en": "rain once", "passed": True,
                      "finding_zh": "没有重复", "finding_en": "nothing twice"},
        "gross_utility": {"name_zh": "水费不作水价值", "name_en": "no gross utility revenue",
                          "passed": False, "finding_zh": "按水费计价", "finding_en": "gross"},
    }  # fmt: skip
    prices = {
        ("so2", year): {"unit": "yuan/kg", "value_yuan": 5.0 * factor, "low_yuan": 4.0,
                        "high_yuan": 6.5, "told_value": 5.0, "told_year": 2018.0, "index": "ppi",
                        "factor": factor, "reference": "li_2017", "where": "p. 3",
                        "verified": year == 2025}
        for year, factor in zip(YEARS, (1.0, 1.125), strict=True)
    }  # fmt: skip
    one = {"name_zh": "国标指南", "name_en": "national guide", "document": "GB/T 46869-2025",
           "status_zh": "现行", "status_en": "in force", "base_year": 2020, "annualise": True,
           "provisioning": "net", "verified": False}  # fmt: skip
    return {
        "gep_rules": _framed(rules, "service"), "gep_guards": _framed(guards, "guard"),
        "gep_prices": _framed(prices, "price", "year"),
        "rule_set": _framed({"GBT46869": one}, "rule_set"),
        "account_items": _framed(
            {key: dict(zip(("name_zh", "name_en", "service", "formula", "unit"), of[:5],
                           strict=True)) for key, of in ITEMS.items()}, "item"),
        "account_formulas": _framed(
            {key: {"text_zh": f"{key} 的公式", "text_en": f"formula of {key}", "method": "",
                   "reference": "li_2017"} for key in ("net_output", "min_load")}, "formula"),
    }  # fmt: skip


def _inputs() -> dict[str, pd.DataFrame]:
    def asked(effect: str, value: float, source: str) -> dict[str, object]:
        return {"name_zh": "用水量", "name_en": "water used", "unit": "m3", "effect": effect,
                "services": "water_supply;fishery", "default_value": value,
                "default_source": source, "department_zh": "水利局",
                "department_en": "water bureau"}  # fmt: skip

    rows = {
        (2025, "001", "water_used", "工业"): asked("missing", np.nan, ""),
        (2025, "", "water_used", ""): asked("default_used", 0.0125, "li_2017"),
        (2025, "s", "yield", "crab"): asked("default_used", 2.0, "li_2017"),
    }
    return {"gep_gaps": _framed(rows, "year", "zone", "input", "detail")}


def _seea(services: pd.DataFrame, items: pd.DataFrame) -> dict[str, pd.DataFrame]:
    extent, carbon = {}, {}
    for zone, part in PART.items():
        for n, key in enumerate(("PAD", "LAK"), start=1):
            extent[zone, key] = _extent(part * n, n)
            stock = (1000.5 * part, 20.25 * n, 3.125, -1.5)
            carbon[zone, key] = dict(zip(
                ("opening_tc", "additions_tc", "reductions_tc", "reappraisal_tc", "closing_tc"),
                (*stock, stock[0] + stock[1] - stock[2] + stock[3]), strict=True))  # fmt: skip
    flows = {zone: {"co2_net_sink_tco2e_per_year": 300.5 * part,
                    "ch4_net_sink_tco2e_per_year": -90.25 * part,
                    "own_measure": 1.5} for zone, part in PART.items()}  # fmt: skip
    condition = {}
    for year in YEARS:
        for zone in PART:
            known = {"bird_species": 0.625, "own_variable": 0.25}
            for name, value in {**known, "index": 0.4375}.items():
                condition[year, zone, name] = {
                    "value": 100 * value, "low_reference": 0.0, "high_reference": 100.0,
                    "unit": "", "indicator": value, "source": "监测站",
                    "variables": 2 if name == "index" else 1, "variables_of": 2}  # fmt: skip
    assets = {(zone, key): _asset(part * n) for zone, part in PART.items()
              for n, key in enumerate(("crops", "tourism"), start=1)}  # fmt: skip
    return {
        "seea_extent": _framed(extent, "zone", "land_cover"),
        "seea_carbon": _framed(carbon, "zone", "land_cover"),
        "seea_carbon_flows": _framed(flows, "zone"),
        "seea_condition": _framed(condition, "year", "zone", "variable"),
        "seea_assets": _framed(assets, "zone", "service"),
        **_supply_use(services, items), "seea_bridge": _bridge(services),
    }  # fmt: skip


def _extent(by: float, n: int) -> dict[str, object]:
    parts = {"opening_ha": 100.25 * by, "managed_expansion_ha": 2.5 * by,
             "unmanaged_expansion_ha": 0.125, "managed_reduction_ha": 1.5 * by,
             "unmanaged_reduction_ha": 0.25, "reappraisal_ha": -0.75 * n}  # fmt: skip
    signs = (1, 1, 1, -1, -1, 1)
    closing = sum(sign * value for sign, value in zip(signs, parts.values(), strict=True))
    estimated = _ends("opening_estimated", 99.5 * by, "_ha")
    estimated |= _ends("closing_estimated", 100.5 * by, "_ha")
    return {"get": "F2.2", **parts, "closing_ha": closing, **estimated}


def _asset(by: float) -> dict[str, float]:
    parts = dict(zip(("opening_yuan", "extent_yuan", "condition_yuan", "revaluation_yuan"),
                     (5e6 * by, -2500.5 * by, 1200.25, 60000.0), strict=True))  # fmt: skip
    closing = sum(parts.values())
    ends = _ends("opening", 5e6 * by) | _ends("closing", closing)
    return {**ends, **parts, "life_years": 50, "discount_pct": 3.0}


def _supply_use(services: pd.DataFrame, items: pd.DataFrame) -> dict[str, pd.DataFrame]:
    physical = _both(items, "quantity", lambda of: {"unit": of["unit"]})
    monetary = _both(services[services["status"].isin(COUNTED)], "value_yuan", lambda _: {})
    return {
        "seea_physical": _framed(physical, "year", "zone", "item", "side", "party"),
        "seea_monetary": _framed(monetary, "year", "zone", "service", "side", "party"),
    }


def _both(
    frame: pd.DataFrame, column: str, more: Callable[[pd.Series], dict[str, object]]
) -> dict[tuple[object, ...], dict[str, object]]:
    rows = {}
    sides = (("supply", "LAK", 0.25), ("supply", "PAD", 0.75), ("use", "households", 0.5),
             ("use", "own_user", 0.5))  # fmt: skip
    for where, of in frame.iterrows():
        for side, party, part in sides:
            rows[(*where, side, party)] = {column: of[column] * part, **more(of)}
    return rows


def _bridge(services: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for (year, zone), of in places(services).items():
        gep = of["value_yuan"].sum()
        less = -0.125 * gep
        steps = {"gep": (1, "GEP", "GEP", gep, gep),
                 "surplus": (2, "消费者剩余", "surplus", less, gep + less),
                 "seea": (3, "SEEA", "SEEA", gep + less, gep + less)}  # fmt: skip
        names = ("order", "name_zh", "name_en", "value_yuan", "cumulative_yuan")
        for key, values in steps.items():
            rows[year, zone, key] = dict(zip(names, values, strict=True))
    return _framed(rows, "year", "zone", "step")


def _named(rows: dict[str, tuple[str, ...]], index: str, *more: str) -> pd.DataFrame:
    columns = ["name_zh", "name_en", *more]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(index)


def _framed(rows: dict, *levels: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows.values()))
    if len(levels) == 1:
        return frame.set_axis(pd.Index(list(rows), name=levels[0]))
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=list(levels)))
