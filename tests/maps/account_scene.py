"""The small district with ecosystem accounts: a gain, a loss, services apart, gaps and checks."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from tests.maps.scene import Scene, scene

NAN = np.nan
YEARS = (2020, 2025)
SHARE = {"district": 1.0, "t1": 0.41, "t2": 0.3, "t3": 0.2, "t4": 0.09, "lake": 0.053}
PRICE_IN_2020 = 0.8  # of that of 2025
AREA_HA = {"district": 2000.0, "t1": 500.0, "t2": 500.0, "t3": 500.0, "t4": 500.0, "lake": 120.0}
GROUPS = ("provisioning", "regulating", "cultural")

# item: service, unit, quantity of the district in 2025, yuan a unit, counted, rests on, spread
ITEMS = {
    "rice": ("crops", "t", 61_234.5, 812.4, True, "told", "spread"),
    "crab": ("fishery", "t", 4321.9, 14_321.7, True, "told", "told"),
    "flood_lake": ("flood_regulation", "m3", 55_850_123.0, 0.5317, True, "table", "map"),
    "cod": ("water_purification", "kg", -312_456.7, 5.6, True, "table", "map"),
    "tn": ("water_purification", "kg", -21_345.6, 7.0, True, "default", "map"),
    "carbon": ("carbon_fixation", "tco2", 12.345, 67.561, True, "table", "account"),
    "oxygen": ("carbon_fixation", "t", 9.1, 727.0, False, "default", "account"),
    "visits": ("tourism", "visits", 812_345.0, 61.37, True, "default", "spread"),
}
_ITEM = ["service", "unit", "quantity", "price", "counted", "rests_on", "spread"]
GROUP_OF = {
    "crops": "provisioning", "fishery": "provisioning", "flood_regulation": "regulating",
    "water_purification": "regulating", "carbon_fixation": "regulating", "tourism": "cultural",
}  # fmt: skip
# service: group, status, reason
APART = {
    "coastal_protection": ("regulating", "not_applicable", "内陆，没有海岸线", "no coast"),
    "air_purification": ("regulating", "no_data", "没有排放量", "no emissions told"),
    "oxygen_release": ("regulating", "switched_off", "本规范不计释氧", "not in the rule set"),
}
GUARDS = {
    "rain_once": ("同一场雨不重复计", "rain counted once", True, "没有重叠", "no overlap"),
    "cooling_share": ("气候调节占比", "share of local climate", False, "占 61%", "61 %"),
}
BRIDGE = (("gep", 1.0), ("inputs", -0.12), ("willingness", -0.031), ("seea", 0.849))
EXTENT = {
    "LAK": ("F2.2", 120.4, 10.5, 0.0, 0.0, 0.0, 0.0),
    "PAD": ("T7.1", 1234.56, 0.0, 3.25, 41.7, 2.2, -1.31),
    "BLT": ("T7.4", 310.0, 35.1, 0.0, 0.0, 4.95, 1.31),
}


def accounted() -> Scene:
    base = scene()
    tables = {**base.results.tables, **account_tables()}
    return replace(base, results=replace(base.results, tables=tables))


def account_tables() -> dict[str, pd.DataFrame]:
    items = gep_items()
    gep = gep_services(items)
    totals = gep_totals(gep)
    return {
        "gep_items": items,
        "gep": gep,
        "gep_totals": totals,
        "gep_change": gep_change(gep),
        **about(),
        **gaps_and_guards(),
        **seea(totals),
    }


def about() -> dict[str, pd.DataFrame]:
    names = pd.DataFrame(
        {
            "name_zh": [f"指标{k}" for k in range(len(ITEMS))],
            "name_en": [f"item {k}" for k in range(len(ITEMS))],
        },
        index=pd.Index(list(ITEMS), name="item"),
    )
    formulas = pd.DataFrame(
        {"text_zh": "数量乘以单价", "text_en": "quantity times price", "method": "market",
         "reference": "ndrc_2022"},
        index=pd.Index(["priced"], name="formula"),
    )  # fmt: skip
    services = [*GROUP_OF, *APART]
    rules = pd.DataFrame(
        {"reference": "ndrc_2022", "where": "table 3"}, index=pd.Index(services, name="service")
    )
    rule_set = pd.DataFrame(
        {"name_zh": "核算规范", "name_en": "accounting rules", "document": "2022-481",
         "status_zh": "试行", "status_en": "on trial", "base_year": 2020, "annualise": True,
         "provisioning": "net", "verified": False},
        index=pd.Index(["NDRC2022"], name="rule_set"),
    )  # fmt: skip
    return {
        "account_items": names,
        "account_formulas": formulas,
        "gep_rules": rules,
        "rule_set": rule_set,
    }


def around(value: float, stem: str, spread: float) -> dict[str, float]:
    half = spread * abs(value)
    return {
        f"{stem}_yuan": value,
        f"{stem}_low_yuan": value - half,
        f"{stem}_high_yuan": value + 1.3 * half,
    }


def gep_items() -> pd.DataFrame:
    rows = []
    for year in YEARS:
        for zone, share in SHARE.items():
            for item, told in ITEMS.items():
                row = dict(zip(_ITEM, told, strict=True))
                quantity = told[2] * share * (0.9 if year == YEARS[0] else 1.0)
                price = told[3] * (PRICE_IN_2020 if year == YEARS[0] else 1.0)
                rows.append(
                    {
                        **{key: row[key] for key in ("service", "unit", "counted", "rests_on")},
                        "year": year, "zone": zone, "item": item, "spread": row["spread"],
                        "group": GROUP_OF[told[0]], "formula": "priced", "quantity": quantity,
                        "quantity_low": quantity - 0.1 * abs(quantity),
                        "quantity_high": quantity + 0.11 * abs(quantity),
                        **around(price, "unit_value", 0.2),
                        **around(quantity * price, "value", 0.23),
                        **around(quantity * told[3] * PRICE_IN_2020, "constant", 0.23),
                        "gross_yuan": quantity * price * (2.5 if item == "crab" else 1.0),
                        "sources": f"account_prices.{item}; statistics row 7",
                    }
                )  # fmt: skip
    return pd.DataFrame(rows).set_index(["year", "zone", "item"]).sort_index()


def gep_services(items: pd.DataFrame) -> pd.DataFrame:
    counted = items[items["counted"]]
    sums = counted.groupby(["year", "zone", "service"])[
        ["value_yuan", "constant_yuan", "gross_yuan"]
    ].sum()
    rows = []
    for year in YEARS:
        for zone in SHARE:
            whole = sums.loc[(year, zone), "value_yuan"].sum()
            place = {"year": year, "zone": zone}
            for service, group in GROUP_OF.items():
                sum_of = sums.loc[(year, zone, service)]
                partly = service == "tourism"
                rows.append(
                    {
                        **place, "service": service, "group": group,
                        "status": "partly" if partly else "counted",
                        "reason_zh": "只有门票人次" if partly else "",
                        "reason_en": "ticketed visits alone" if partly else "",
                        **around(sum_of["value_yuan"], "value", 0.23),
                        **around(sum_of["constant_yuan"], "constant", 0.23),
                        "gross_yuan": sum_of["gross_yuan"],
                        "share_pct": 100 * sum_of["value_yuan"] / whole, "verified": not partly,
                    }
                )  # fmt: skip
            rows += [
                {**place, "service": service, "group": group, "status": status, "reason_zh": zh,
                 "reason_en": en, "verified": True}
                for service, (group, status, zh, en) in APART.items()
            ]  # fmt: skip
    return pd.DataFrame(rows).set_index(["year", "zone", "service"]).sort_index()


def gep_totals(gep: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for year, zone in product(YEARS, SHARE):
        of = gep.xs((year, zone))
        whole = of["value_yuan"].sum()
        by_group = of.groupby("group")["value_yuan"].sum()
        rows.append(
            {
                "year": year, "zone": zone, **around(whole, "gep", 0.19),
                **around(of["constant_yuan"].sum(), "constant", 0.19),
                "gross_yuan": of["gross_yuan"].sum(), "imports_yuan": 0.07 * whole,
                **{k: v for g in GROUPS for k, v in around(by_group[g], g, 0.21).items()},
                "gep_yuan_per_ha": whole / AREA_HA[zone], "area_ha": AREA_HA[zone],
                "default_share_pct": 31.6, "told_share_pct": 44.06, "table_share_pct": 24.34,
                "services_counted": 6, "services_missing": 1,
                "standing": "full" if zone == "district" else "reference",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index(["year", "zone"]).sort_index()


def gep_change(gep: pd.DataFrame) -> pd.DataFrame:
    rows = []
    values = gep[["value_yuan", "constant_yuan"]].dropna()
    for zone in SHARE:
        before, after = (values.loc[(year, zone)] for year in YEARS)
        parts = {service: (before.loc[service], after.loc[service]) for service in GROUP_OF}
        parts["all"] = (before.sum(), after.sum())
        for service, (first, last) in parts.items():
            change = last["value_yuan"] - first["value_yuan"]
            constant = last["constant_yuan"] - first["constant_yuan"]
            rows.append(
                {
                    "zone": zone, "service": service, "value_before_yuan": first["value_yuan"],
                    "value_after_yuan": last["value_yuan"], **around(change, "change", 0.4),
                    **around(1.1 * constant, "quantity_effect", 0.5),
                    **around(change - 1.1 * constant, "price_effect", 0.3),
                    "constant_before_yuan": first["constant_yuan"],
                    "constant_after_yuan": last["constant_yuan"],
                    **around(constant, "constant_change", 0.5),
                    "constant_change_pct": 100 * constant / first["constant_yuan"],
                }
            )  # fmt: skip
    return pd.DataFrame(rows).set_index(["zone", "service"]).sort_index()


def gaps_and_guards() -> dict[str, pd.DataFrame]:
    gaps = [
        {"year": year, "zone": zone, "input": "output_t", "detail": f"p{k}", "name_zh": "产量",
         "name_en": "output", "unit": "t", "services": "crops,fishery",
         "effect": "missing" if k % 8 == 0 else "default_used",
         "default_value": NAN if k % 8 == 0 else 12.5, "default_source": "yearbook 2024",
         "department_zh": "农业农村局", "department_en": "agriculture"}
        for year in YEARS
        for zone, n in (("district", 40), ("t1", 3))
        for k in range(n)
    ]  # fmt: skip
    columns = ["name_zh", "name_en", "passed", "finding_zh", "finding_en"]
    return {
        "gep_gaps": pd.DataFrame(gaps).set_index(["year", "zone", "input", "detail"]),
        "gep_guards": pd.DataFrame.from_dict(GUARDS, orient="index", columns=columns).rename_axis(
            "guard"
        ),
    }


def seea(totals: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "seea_extent": seea_extent(),
        "seea_assets": seea_assets(totals),
        "seea_condition": seea_condition(),
        "seea_bridge": seea_bridge(totals),
    }


def seea_extent() -> pd.DataFrame:
    rows = []
    for zone, share in SHARE.items():
        for land_cover, (get, *amounts) in EXTENT.items():
            opening, up, up_alone, down, down_alone, appraised = (share * a for a in amounts)
            closing = opening + up + up_alone - down - down_alone + appraised
            rows.append(
                (
                    zone,
                    land_cover,
                    get,
                    opening,
                    up,
                    up_alone,
                    down,
                    down_alone,
                    appraised,
                    closing,
                )
            )
    columns = [
        "zone", "land_cover", "get", "opening_ha", "managed_expansion_ha",
        "unmanaged_expansion_ha", "managed_reduction_ha", "unmanaged_reduction_ha",
        "reappraisal_ha", "closing_ha",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns).set_index(["zone", "land_cover"])
    sampled = frame.index.get_level_values("zone") == "district"
    for side in ("opening", "closing"):
        mapped = frame[f"{side}_ha"].where(sampled)
        frame[f"{side}_estimated_ha"] = 1.04 * mapped
        frame[f"{side}_estimated_low_ha"] = 0.96 * mapped
        frame[f"{side}_estimated_high_ha"] = 1.12 * mapped
    return frame


def seea_assets(totals: pd.DataFrame) -> pd.DataFrame:
    rows = []
    gep = totals["gep_yuan"].to_dict()
    for zone in SHARE:
        for k, service in enumerate(GROUP_OF, 1):
            opening = gep[YEARS[0], zone] * 5 / k
            parts = {
                "extent_yuan": -0.02 * opening,
                "condition_yuan": 0.013 * opening,
                "revaluation_yuan": 0.25 * opening,
            }
            rows.append(
                {
                    "zone": zone, "service": service, **around(opening, "opening", 0.3), **parts,
                    **around(opening + sum(parts.values()), "closing", 0.3), "life_years": 100,
                    "discount_pct": 3.0,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).set_index(["zone", "service"]).sort_index()


def seea_condition() -> pd.DataFrame:
    rows = []
    for year, better in zip(YEARS, (0.0, 0.1), strict=True):
        for zone in ("district", "lake"):
            rows += [
                (year, zone, "index", NAN, "", 0.5 + better, "", 2, 3),
                (year, zone, "vegetation_cover", 61.2, "%", 0.61 + better, "map", 1, 1),
                (year, zone, "canopy_closure", 45.5, "%", 0.39 + better, "survey", 1, 1),
            ]
    columns = ["year", "zone", "variable", "value", "unit", "indicator", "source", "variables",
               "variables_of"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index(["year", "zone", "variable"])


def seea_bridge(totals: pd.DataFrame) -> pd.DataFrame:
    rows = []
    gep = totals["gep_yuan"].to_dict()
    for year, zone in product(YEARS, SHARE):
        cumulative = 0.0
        for k, (step, ratio) in enumerate(BRIDGE):
            amount = ratio * gep[year, zone]
            cumulative = amount if step == "seea" else cumulative + amount
            rows.append((year, zone, step, k, f"步骤{k}", f"step {k}",
                         amount, cumulative))  # fmt: skip
    columns = ["year", "zone", "step", "order", "name_zh", "name_en", "value_yuan",
               "cumulative_yuan"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns).set_index(["year", "zone", "step"])
    return frame.sort_index()  # by name: the order is a column
