"""Tables of carbon, balance and stands for the district of the scene, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.results import Results
from tests.reports.judged import lineage_of
from tests.reports.scene import ZONES, results

SITES = {"s": ("湖区", "Lakeside", "site")}
PLACES = {**ZONES, **SITES}
GASES = ("co2", "ch4", "n2o")
SETS = {
    "AR5": ("第五次", "fifth", 28.0, 265.0, 100),
    "AR6_20": ("第六次", "sixth", 81.2, 273.0, 20),
}
# net balance in tCO2e a year and the probability that it is a sink, by zone
NET = {"d": (-1700.5, 0.0001), "001": (-900.25, 0.05), "002": (40.5, 0.95), "s": (-3.5, 0.5)}
CARBON = (
    "fluxes", "balance", "balance_gases", "balance_potentials", "balance_years", "contributions",
    "stock_estimates", "stock_change", "stock_change_by_class", "stock_totals", "stock_pools",
    "stands", "stand_years", "stand_methods", "stand_replacement", "trees_outside", "crediting",
    "flux_rates", "use_shares", "potentials", "densities",
)  # fmt: skip


def balanced(**changed: object) -> Results:
    """The scene with a site, a balance of greenhouse gases, and forest stands."""
    plain = results()
    tables = {**plain.tables, **_balance(), **_parameters(), **_stands()}
    tables["zones"] = pd.concat([tables["zones"], _named(SITES, "zone", "kind")])
    place = pd.Index(["layers.forest", "samples.2025"], name="place")
    files = {"file": ["stands.gpkg", "sample.gpkg"], "sha256": ["3c" * 32, "4d" * 32], "bytes": 9}
    more = pd.DataFrame({**files, "synthetic": False, "source": ""}, index=place)
    tables["inputs"] = pd.concat([tables["inputs"], more])
    tables["lineage"] = lineage_of(tables)
    return results(**{"tables": tables, **changed})  # type: ignore[arg-type]


def _net(net: float, *, spread: float = 100.0) -> dict[str, float]:
    ends = {"": net, "_se": spread / 2, "_low": net - spread, "_high": net + spread}
    return {f"net_sink{end}_tco2e_per_year": value for end, value in ends.items()}


def _balance() -> dict[str, pd.DataFrame]:
    balance = {
        zone: {
            "removal_tco2e_per_year": max(net, 0.0) + 10.5, "probability_sink": chance,
            "emission_tco2e_per_year": max(-net, 0.0) + 10.5, **_net(net),
            "detectable_tco2e_per_year": 82.25}
        for zone, (net, chance) in NET.items()
    }  # fmt: skip
    gases = {(zone, gas): _net(net * share, spread=50.0) for zone, (net, _) in NET.items()
             for gas, share in zip(GASES, (-0.5, 1.0, 0.5), strict=True)}  # fmt: skip
    sets = {(name, zone): {**_net(net * (1 + 9 * n)), "probability_sink": chance}
            for n, name in enumerate(SETS) for zone, (net, chance) in NET.items()}  # fmt: skip
    years = {(year, zone): _year(year, *of) for year in range(2020, 2024)
             for zone, of in NET.items()}  # fmt: skip
    return {
        "balance": _framed(balance, "zone"), "balance_gases": _framed(gases, "zone", "gas"),
        "balance_potentials": _framed(sets, "potentials", "zone"), "fluxes": _fluxes(),
        "balance_years": _framed(years, "year", "zone"), "contributions": _contributions(),
    }  # fmt: skip


def _year(year: int, net: float, chance: float) -> dict[str, float]:
    parts = {"land": net - 30.0, "reservoirs": -2.5, "stands": 40.0, "conversion": -7.5}
    named = {f"net_sink_{part}_tco2e_per_year": value for part, value in parts.items()}
    since = float(year - 2020)
    sums = {"": net * since, "_low": (net - 100) * since, "_high": (net + 100) * since}
    added = {f"cumulative{end}_tco2e": value for end, value in sums.items()}
    return {**_net(net), "probability_sink": chance, **named, **added}


def _fluxes() -> pd.DataFrame:
    rows = {}
    for zone, (net, _) in NET.items():
        rows[zone, "PAD", "rice_wheat", "ch4", "ch4"] = _flux(net)
        rows[zone, "BLF", "stand_poplar", "stand_growth", "co2"] = _flux(abs(net) / 4)
        rows[zone, "LAK", "lake_s", "soil_gain", "co2"] = _flux(0.0)
    table = _framed(rows, "zone", "land_cover", "use", "process", "gas")
    return table.iloc[::-1]


def _flux(net: float) -> dict[str, float]:
    named = {name: value for name, value in _net(net).items() if "_se_" not in name}
    sides = {"removal_tco2e_per_year": max(net, 0.0), "emission_tco2e_per_year": max(-net, -0.0)}
    return {**sides, **named}


def _contributions() -> pd.DataFrame:
    named = {"flux/rice_wheat/ch4": ("稻麦 · 甲烷", "rice · methane", False),
             "map": ("图的误差", "error of the map", True),
             "density/PAD": ("水田 · 碳密度", "Paddy · density", True)}  # fmt: skip
    rows = {}
    for result, keys in (("stock", ("density/PAD", "map")),
                         ("net_sink", ("flux/rice_wheat/ch4", "map"))):  # fmt: skip
        for zone in NET:
            for rank, key in enumerate(keys, start=1):
                zh, en, verified = named[key]
                rows[result, zone, rank] = {
                    "parameter": key, "contribution_pct": 70.25 / rank, "name_zh": zh,
                    "name_en": en, "verified": verified}  # fmt: skip
    return _framed(rows, "result", "zone", "rank")


def _parameters() -> dict[str, pd.DataFrame]:
    uses = {"rice_wheat": ("稻麦轮作", "rice and wheat"),
            "lake_s": ("湖区：水库", "Lakeside: reservoir"),
            "stand_poplar": ("小班：杨树", "Stands: Poplar")}  # fmt: skip
    cited = {"grade": "D", "reference": "li_2017", "anchors": "li_2017", "where": "table 3",
             "basis": "judgement", "citation": "Li 2017. Soils."}  # fmt: skip
    rates = {
        ("rice_wheat", "ch4"): ("kg_ch4", 170.5, True),
        ("lake_s", "soil_gain"): ("tc", 0.25, False),
    }
    return {
        "uses": _named(uses, "use").assign(inventory=[True, False, True]),
        "use_shares": _framed({("PAD", "rice_wheat"): {"share": 1.0},
                               ("LAK", "lake_s"): {"share": 0.25}}, "land_cover", "use"),
        "potentials": _framed(
            {name: {"name_zh": zh, "name_en": en, "ch4": ch4, "n2o": n2o, "years": years,
                    "chosen": name == "AR5", "citation": "IPCC."}
             for name, (zh, en, ch4, n2o, years) in SETS.items()}, "potentials"),
        "flux_rates": _framed(
            {key: {"unit": unit, "rate_per_ha_per_year": rate,
                   "rate_low_per_ha_per_year": rate / 2, "rate_high_per_ha_per_year": rate * 2,
                   "verified": verified, **cited}
             for key, (unit, rate, verified) in rates.items()}, "use", "flow"),
    }  # fmt: skip


def _stands() -> dict[str, pd.DataFrame]:
    groups = {("BLF", "poplar"): (20.0, 300.5, 60.25), ("BLF", "willow"): (10.0, 200.0, 50.0)}
    stands = {(zone, *key): _stand(*of) for zone in ("001", "d") for key, of in groups.items()}
    stands["s", "BLF", "poplar"] = _stand(0.0000003, 0.00001, 0.000002)  # a sliver at its edge
    methods = {
        ("poplar", "M1 M2"): (7, 20.0, 18.0, 20.0, np.nan, 22.0, 19.0),
        ("willow", "density"): (3, 10.0, np.nan, np.nan, np.nan, np.nan, 25.0),
    }
    columns = ["stands", "area_ha", *(f"m{n}_tc_per_ha" for n in (1, 2, 3, 4)), "live_tc_per_ha"]
    replaced = {zone: {"stands_ha": ha, "replaced_ha": ha, "live_tc": 610.75,
                       "live_by_class_tc": 500.5} for zone, ha in (("001", 30.0), ("d", 30.0),
                                                                   ("s", 0.0000003))}  # fmt: skip
    flows = dict(zip(("opening_tc", "growth_tc", "harvest_tc", "mortality_tc", "closing_tc"),
                     (610.75, 30.5, 10.25, 1.0, 630.0), strict=True))  # fmt: skip
    tree = {"above_ground_tc": 30.5, "below_ground_tc": 6.25, "live_low_tc": 10.0,
            "live_high_tc": 99.0}  # fmt: skip
    rules = {"economic_forest": (2.5, "营造经济林", "economic forest"),
             "tenure": (0.5, "权属不清", "tenure"),
             "any": (2.75, "", "")}  # fmt: skip
    return {
        "stands": _framed(stands, "zone", "land_cover", "group"),
        "stand_methods": _framed({key: dict(zip(columns, of, strict=True))
                                  for key, of in methods.items()}, "group", "methods"),
        "stand_replacement": _framed(replaced, "zone"),
        "stand_years": _framed({(2026, zone): flows for zone in ("001", "d")}, "year", "zone"),
        "trees_outside": _framed({"d": tree, "002": tree}, "zone"),
        "crediting": _framed({rule: {"area_ha": ha, "of_ha": 3.0, "name_zh": zh, "name_en": en}
                              for rule, (ha, zh, en) in rules.items()}, "rule"),
        "species_groups": _named(
            {"poplar": ("杨树", "Poplar"), "willow": ("柳树", "Willow")}, "group"),
    }  # fmt: skip


def _stand(area_ha: float, above_tc: float, below_tc: float) -> dict[str, float]:
    live = above_tc + below_tc
    return {"area_ha": area_ha, "above_ground_tc": above_tc, "below_ground_tc": below_tc,
            "live_tc": live, "live_low_tc": 0.5 * live, "live_high_tc": 2 * live}  # fmt: skip


def _named(rows: dict[str, tuple[str, ...]], index: str, *more: str) -> pd.DataFrame:
    columns = ["name_zh", "name_en", *more]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(index)


def _framed(rows: dict, *levels: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows.values()))
    if len(levels) == 1:
        return frame.set_axis(pd.Index(list(rows), name=levels[0]))
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=list(levels)))
