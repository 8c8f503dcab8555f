"""The small district with a balance of greenhouse gases: a source, a sink, and one untold."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.maps.atlas import Rasters
from tests.maps.scene import Scene, scene
from tests.maps.surveyed_scene import sample_tables

U = "tco2e_per_year"
NET_BY_CODE = {1: -1.37, 3: -7.2184, 4: -0.567, 5: 1.438, 6: -1.476, 7: 0.0}
SETS = {"AR5": (28.0, 265.0), "AR6": (27.0, 273.0), "AR6_20": (81.2, 273.0), "SAR": (21.0, 310.0)}
PARTS = ("land", "reservoirs", "stands", "conversion")
YEARS = range(2020, 2061)


@dataclass(frozen=True, kw_only=True)
class Gases:
    """Tonnes a year that a zone takes up and gives off, and how sure its balance is."""

    co2_removed: float
    co2_emitted: float
    ch4: float
    n2o: float
    probability: float

    def net(self, name: str) -> float:
        ch4, n2o = SETS[name]
        return self.co2_removed - self.co2_emitted - ch4 * self.ch4 - n2o * self.n2o


ZONES = {
    "district": Gases(
        co2_removed=253_490.4, co2_emitted=112_623.3, ch4=7378.7, n2o=403.4, probability=0.0001
    ),
    "t1": Gases(co2_removed=9120.7, co2_emitted=310.2, ch4=41.3, n2o=2.6, probability=0.9996),
    "t2": Gases(co2_removed=845.6, co2_emitted=20.3, ch4=27.9, n2o=0.7, probability=0.2347),
    "t3": Gases(co2_removed=12.34, co2_emitted=1.21, ch4=0.3, n2o=0.001, probability=0.95),
    "t4": Gases(co2_removed=800.7, co2_emitted=100.1, ch4=30.2, n2o=1.1, probability=0.05),
    "lake": Gases(co2_removed=1608.2, co2_emitted=0.0, ch4=106.4, n2o=0.55, probability=0.0977),
}


@dataclass(frozen=True, kw_only=True)
class Balanced(Scene):
    """A scene with the net sink of each class."""

    @property
    def rasters(self) -> Rasters:
        return Rasters(
            covers=self.covers, densities_by_code=self.density_by_code, net_by_code=NET_BY_CODE
        )


def balanced(*, sampled: bool = True) -> Balanced:
    base = scene()
    tables = {**base.results.tables, **carbon_tables(base)}
    if sampled:
        tables |= sample_tables(base)
    return Balanced(
        results=replace(base.results, tables=tables),
        covers=base.covers,
        layers=base.layers,
        density_by_code=base.density_by_code,
    )


def carbon_tables(base: Scene) -> dict[str, pd.DataFrame]:
    before = base.results.table("stock_change")
    phased = {
        "change_stands_tc": -12.0,
        "change_phased_tc": 0.31 * before["change_tc"],
        "change_phased_low_tc": 0.31 * before["change_tc"] - 401.4,
        "change_phased_high_tc": 0.31 * before["change_tc"] + 502.6,
        "change_phased_probability_gain": 0.7127,
    }
    return {
        "potentials": potentials(),
        "balance": balance(),
        "balance_potentials": balance_potentials(),
        "balance_gases": balance_gases(),
        "fluxes": fluxes(),
        "balance_years": balance_years(),
        "contributions": contributions(),
        "stock_change": before.assign(**phased),
        **beside_stocks(),
    }


def potentials() -> pd.DataFrame:
    rows = [
        (name, f"{name} 潜势", f"{name} potentials", ch4, n2o, 100, name == "AR5", f"{name} 2013")
        for name, (ch4, n2o) in reversed(SETS.items())
    ]
    columns = ["potentials", "name_zh", "name_en", "ch4", "n2o", "years", "chosen", "citation"]
    return pd.DataFrame(rows, columns=columns).set_index("potentials")


def around(net: pd.Series | float, name: str = "net_sink") -> dict[str, pd.Series | float]:
    """Return a number of the table with an error of a third of it."""
    half = 0.66 * abs(net)
    return {
        f"{name}_{U}": net,
        f"{name}_se_{U}": 0.33 * abs(net),
        f"{name}_low_{U}": net - half,
        f"{name}_high_{U}": net + 1.1 * half,
    }


def balance() -> pd.DataFrame:
    rows = {
        zone: {
            f"removal_{U}": g.co2_removed,
            f"emission_{U}": g.co2_emitted + 28 * g.ch4 + 265 * g.n2o,
            **around(g.net("AR5")),
            "probability_sink": g.probability,
            f"detectable_{U}": 1.644854 * 0.33 * abs(g.net("AR5")),
        }
        for zone, g in ZONES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("zone")


def balance_potentials() -> pd.DataFrame:
    """Make the net balance from the tonnes, set by set."""
    rows = {
        (name, zone): {**around(g.net(name)), "probability_sink": probability(name, g)}
        for name in SETS
        for zone, g in ZONES.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(frame.index, names=["potentials", "zone"])
    return frame


def probability(name: str, gases: Gases) -> float:
    return 0.0 if name == "AR6_20" and gases.probability < 0.9 else gases.probability


def balance_gases() -> pd.DataFrame:
    rows = {}
    for zone, g in ZONES.items():
        rows[zone, "co2"] = around(g.co2_removed - g.co2_emitted)
        rows[zone, "ch4"] = around(-28 * g.ch4)
        rows[zone, "n2o"] = around(-265 * g.n2o)
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(frame.index, names=["zone", "gas"])
    return frame


def fluxes() -> pd.DataFrame:
    rows = [
        row
        for zone, g in ZONES.items()
        for row in (
            (zone, "BLF", "broadleaf", "biomass_gain", "co2", 0.75 * g.co2_removed, 0.0),
            (zone, "PAD", "rice_wheat", "soil_gain", "co2", 0.25 * g.co2_removed, 0.0),
            (zone, "BLF", "broadleaf", "biomass_loss", "co2", 0.0, g.co2_emitted),
            (zone, "PAD", "rice_wheat", "ch4", "ch4", 0.0, 28 * 0.4 * g.ch4),
            (zone, "LAK", "lake", "ch4", "ch4", 0.0, 28 * 0.6 * g.ch4),
            (zone, "PAD", "rice_wheat", "n2o", "n2o", 0.0, 265 * g.n2o),
        )
    ]
    index = ["zone", "land_cover", "use", "process", "gas"]
    frame = pd.DataFrame(rows, columns=[*index, f"removal_{U}", f"emission_{U}"])
    return frame.set_index(index)


def balance_years() -> pd.DataFrame:
    rows = {}
    for zone, g in ZONES.items():
        for k, year in enumerate(YEARS):
            net = g.net("AR5") * (1 + 0.01 * k)
            sums = sum(g.net("AR5") * (1 + 0.01 * j) for j in range(1, k + 1))
            rows[year, zone] = {
                **around(net),
                f"net_sink_land_{U}": 0.7 * net,
                f"net_sink_reservoirs_{U}": 0.0,
                f"net_sink_stands_{U}": 0.4 * net,
                f"net_sink_conversion_{U}": -0.1 * net,
                "cumulative_tco2e": sums,
                "cumulative_low_tco2e": sums - 0.5 * abs(sums),
                "cumulative_high_tco2e": sums + 0.6 * abs(sums),
            }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(frame.index, names=["year", "zone"])
    return frame


def contributions() -> pd.DataFrame:
    reasons = [
        ("flux/rice_wheat/ch4", 56.93, "稻麦轮作 · 甲烷", "rice and wheat · methane"),
        ("flux/lake/ch4", 11.84, "湖泊 · 甲烷", "lake · methane"),
        ("map", 4.46, "土地覆盖图的误差", "error of the land-cover map"),
    ]
    rows = [
        (result, zone, rank, parameter, pct, zh, en, False)
        for result in ("stock", "net_sink")
        for zone in ZONES
        for rank, (parameter, pct, zh, en) in enumerate(
            reasons if result == "net_sink" else reasons[::-1], 1
        )
    ]
    columns = ["result", "zone", "rank", "parameter", "contribution_pct", "name_zh", "name_en",
               "verified"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index(["result", "zone", "rank"])


def beside_stocks() -> dict[str, pd.DataFrame]:
    zones = pd.Index(list(ZONES), name="zone")
    places = pd.MultiIndex.from_product([[2020, 2025], zones], names=["year", "zone"])
    sediment = pd.DataFrame(
        {"stock_tc": 5398.4, "stock_low_tc": 3665.7, "stock_high_tc": 7998.4}, index=places
    )
    return {
        "sediment": sediment,
        "stand_replacement": pd.DataFrame(
            {"stands_ha": 1901.6, "replaced_ha": 1901.6, "live_tc": 68_349.2,
             "live_by_class_tc": 41_009.6}, index=zones[:2],
        ),
        "trees_outside": pd.DataFrame(
            {"above_ground_tc": 3010.8, "below_ground_tc": 788.8, "live_low_tc": 1069.2,
             "live_high_tc": 8886.2}, index=zones[:1],
        ),
        "crediting": pd.DataFrame(
            {"area_ha": [214.47, 0.0, 214.47], "of_ha": 339.39,
             "name_zh": ["营造经济林", "权属不清", ""],
             "name_en": ["planting of economic forest", "tenure is not clear", ""]},
            index=pd.Index(["economic_forest", "tenure", "any"], name="rule"),
        ),
    }  # fmt: skip


def digits_for(values: list[float]) -> int:
    """Return the digits that figures of a place are shown with."""
    most = float(np.abs(values).max())
    return 0 if most >= 1000 else 1 if most >= 10 else 2
