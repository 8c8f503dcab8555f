"""Made-up items and classes for tests of supply, use and the bridge."""

from __future__ import annotations

import pandas as pd

from sinks.accounts.supply_use import SeeaServices

SERVICES = pd.DataFrame(
    {"final": [True, True, False, True], "exchange": [True, True, False, False]},
    index=pd.Index(["crops", "cooling", "oxygen", "species"], name="service"),
)
USERS = {
    ("crops", "agriculture"): 0.75,
    ("crops", "exports"): 0.25,
    ("cooling", "households"): 1.0,
    ("cooling", "industry"): 0.0,
    ("oxygen", "government"): 1.0,
    ("species", "government"): 1.0,
}


def seea(surplus: frozenset[str] = frozenset(), **shares: float) -> SeeaServices:
    """Services of the tests; ``crops_exports=0.5`` changes a share."""
    users = pd.Series(USERS).rename_axis(["service", "unit"])
    for name, share in shares.items():
        users[tuple(name.split("_"))] = share
    return SeeaServices(frame=SERVICES, users=users, table="the test users", surplus_items=surplus)


def item_table(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Return ``gep_items`` of ``(item, service, quantity, value_yuan)``: zone d, 2025, counted."""
    columns = ["item", "service", "quantity", "value_yuan"]
    frame = pd.DataFrame(list(rows), columns=columns).assign(
        year=2025, zone="d", unit="t", counted=True
    )
    return frame.set_index(["year", "zone", "item"])


def class_table(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Return ``gep_classes`` of ``(item, land_cover, quantity, value_yuan)``: zone d, 2025."""
    columns = ["item", "land_cover", "quantity", "value_yuan"]
    frame = pd.DataFrame(list(rows), columns=columns).assign(year=2025, zone="d")
    return frame.set_index(["year", "zone", "item", "land_cover"])
