"""A made-up district of two towns with a park in one of them, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sinks.accounts.arguments import KEY, Arguments
from sinks.accounts.gep import Account, Year
from sinks.accounts.gep_tables import change_table, item_tables, service_table, total_table
from sinks.accounts.items import Item, RuleSet
from sinks.accounts.known import Known, Told
from sinks.accounts.land import Land
from sinks.accounts.spreading import Places
from sinks.study import Study
from sinks.workflow.grounds import ground_of_map

Range = float | tuple[float, float, float]
CLASSES = ("PAD", "MAR", "LAK", "PND")
COUNT = 1000  # draws: the fewest that there may be
WIDTH = 1 + COUNT
TOWNS = {"north": (10.0, 0.0, 5.0, 20.0), "south": (30.0, 40.0, 15.0, 0.0)}
PARK = (0.0, 10.0, 5.0, 0.0)  # hectares by class, all in the south


def table_of(zones: Mapping[str, tuple[float, ...]]) -> pd.DataFrame:
    """Areas, zones by classes."""
    frame = pd.DataFrame.from_dict(dict(zones), orient="index", columns=list(CLASSES), dtype=float)
    return frame.rename_axis(index="zone", columns="land_cover")


def places_of(
    areas: pd.DataFrame, parts: tuple[str, ...], inside: Mapping[str, str] | None = None
) -> Places:
    """Places among ``areas``: ``inside`` says in which part a place lies as a whole."""
    ha = areas.sum(axis=1)
    overlap = pd.DataFrame(np.eye(len(ha)), index=ha.index, columns=ha.index)
    pairs = [("district", part) for part in parts]
    pairs += [(town, site) for site, town in (inside or {}).items()]
    pairs += [("district", site) for site in inside or {}]
    for around, within in pairs:
        overlap.loc[within, around] = 1.0
        overlap.loc[around, within] = ha[within] / ha[around] if ha[around] else 0.0
    return Places(zones=tuple(ha.index), district="district", parts=parts, overlap=overlap)


def make_land(
    towns: Mapping[str, tuple[float, ...]] = TOWNS,
    park: tuple[float, ...] = PARK,
    *,
    width: int = WIDTH,
    park_in: str = "south",
    sampled: bool = False,
) -> Land:
    """Towns that make up the district, and a park; ``sampled`` areas have draws."""
    whole = tuple(np.sum(list(towns.values()), axis=0))
    areas = table_of({"district": whole, **towns, "park": park})
    shown = areas.reset_index().melt(id_vars="zone", value_name="area_ha")
    ground = ground_of_map(shown, areas.index, areas.columns)
    if sampled:
        noise = np.random.default_rng(5).normal(0, 0.05, (len(CLASSES), len(CLASSES), width - 1))
        ground = replace(ground, drawn=np.eye(len(CLASSES))[:, :, np.newaxis] + noise)
    return Land(
        places=places_of(areas, tuple(towns), {"park": park_in}),
        grounds={"all": ground, "unregulated": ground},
        mean_ha=areas,
        width=width,
    )


def make_arguments(
    numbers: Mapping[str, Range], basis: Mapping[str, str] | None = None, *, seed: int = 1
) -> Arguments:
    """Arguments by ``name``, ``name/detail`` or ``name/detail/class``; a range has draws."""
    rows = []
    for key, of in numbers.items():
        name, detail, cover = (*key.split("/"), "", "")[:3]
        ends = of if isinstance(of, tuple) else (of, of, of)
        surely = (basis or {}).get(name, "table")
        rows.append((name, detail, cover, *map(float, ends), key, surely, f"the table: {key}"))
    columns = [*KEY, "value", "low", "high", "stream", "basis", "source"]
    frame = pd.DataFrame(rows, columns=columns).set_index(KEY)
    return Arguments.of(frame, seed=seed, count=COUNT)


def make_known(
    numbers: Mapping[str, Range] | None = None,
    amounts: Mapping[str, Mapping[str, Range]] | None = None,
    *,
    at_base: Mapping[str, Range] | None = None,
    basis: Mapping[str, str] | None = None,
    uptake: Mapping[str, np.ndarray] | None = None,
) -> Known:
    """What is known: numbers of the district, prices ``at_base``, amounts by zone.

    Numbers of a zone of its own are told as ``zone:name/detail/class``.
    """
    frames: dict[str, dict[str, Range]] = {"": {"nothing": 0.0}}
    told = dict(numbers or {})
    zones = {key.split(":")[0] for key in told if ":" in key}
    common = {key: of for key, of in told.items() if ":" not in key}
    for zone in ("", *sorted(zones)):
        own = {k.split(":")[1]: of for k, of in told.items() if zone and k.startswith(f"{zone}:")}
        frames[zone] = {"nothing": 0.0, **common, **own}
    made = {zone: make_arguments(frame, basis) for zone, frame in frames.items()}
    base = {
        zone: make_arguments({**frame, **(at_base or {})}, basis) for zone, frame in frames.items()
    }
    return Known(
        arguments=made,
        constant=base,
        amounts={
            (*key.split("/"), "")[:2]: {
                zone: told_of(f"{key}@{zone}", of) for zone, of in by.items()
            }
            for key, by in (amounts or {}).items()
        },
        uptake=uptake or {},
    )


def told_of(key: str, of: Range) -> Told:
    """An amount that was told, with its draws."""
    return Told(drawn=make_arguments({key: of}).drawn[0], source=f"told {key}")


def make_item(item: str, service: str, quantity: str, worth: str, **other: object) -> Item:
    """An item, of paddies and tonnes if nothing else is said."""
    return Item(
        item=item,
        service=service,
        quantity=quantity,
        worth=worth,
        **{"unit": "t", "land_cover": ("PAD",), **other},  # type: ignore[arg-type]
    )


def make_rules(
    *items: Item, provisioning: str = "net", replication: bool = False, verified: bool = True
) -> RuleSet:
    """A set of rules, with the reason for each item that says which it is."""
    reasons = pd.DataFrame(
        [(i.item, f"因为{i.item}", f"because of {i.item}", verified, "", "") for i in items],
        columns=["item", "reason_zh", "reason_en", "verified", "reference", "where"],
    ).set_index("item")
    return RuleSet(
        name="the test rules",
        provisioning=provisioning,  # type: ignore[arg-type]
        replication=replication,
        items=items,
        reasons=reasons,
    )


RICE = make_item("rice", "crops", "output", "produce_net", detail="rice")
RAIN = make_item(
    "rain_kept", "water_retention", "water_retention", "storage_annual", unit="m3",
    land_cover=("PAD", "MAR"),
)  # fmt: skip
MARSH = make_item(
    "marsh_storage", "flood_regulation", "marsh_storage", "storage_annual", unit="m3",
    land_cover=("MAR",),
)  # fmt: skip
COD = make_item(
    "cod", "water_purification", "purification", "pollutant", unit="kg",
    land_cover=("MAR", "LAK"), detail="cod", limit="water_load_kg", measured="water_cleaned",
)  # fmt: skip
PONDS = make_item(
    "cod_ponds", "water_purification", "discharge", "pollutant", unit="kg", land_cover=("PND",),
    detail="cod",
)  # fmt: skip
TOURISTS = make_item(
    "tourists", "tourism", "visitors", "tourist", unit="persons", land_cover=("LAK", "MAR")
)


STUDY = """
sinks_study = 1

[study]
id = "shiyan"
name_zh = "试验区"
name_en = "Test district"

[district]
path = "边界.gpkg"
name_zh = "试验区"
name_en = "Test district"

[[land_cover]]
path = "土地覆盖.tif"
year = 2020
scheme = "house"

[accounts]
hilly = true
coast = false
drifting_sand = true
"""


def make_study(more: str = "") -> Study:
    """A study with accounts; ``more`` is said of them besides."""
    return Study.parse(STUDY + more, file=Path("研究.toml"))


def years_of(first: Known, last: Known | None = None, **land: object) -> list[Year]:
    """One year or two on the same land."""
    ground = make_land(**land)  # type: ignore[arg-type]
    known = [first] if last is None else [first, last]
    return [Year(year=2020 + 5 * n, land=ground, known=k) for n, k in enumerate(known)]


def tables_of(made: Account, rules: RuleSet, years: list[Year]) -> dict[str, pd.DataFrame]:
    """All tables of an account, as a run makes them."""
    told = [year.year for year in years]
    tables = item_tables([made])
    tables["gep"] = service_table([made], rules, told, tables["gep_items"])
    tables["gep_totals"] = total_table([made], told, tables["gep_items"], tables["gep"])
    tables["gep_change"] = change_table([made], told)
    return tables
