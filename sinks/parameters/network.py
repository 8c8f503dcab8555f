"""Parameters of the ecological network: how hard classes are to cross, for each guild."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.parameters.tables import TableForm, shipped
from sinks.restoration.network.resistance import Resistances

_FORM = TableForm(key=("guild", "land_cover"), quantities=("resistance_ratio",))


@cache
def network_table() -> pd.DataFrame:
    """Return the table of resistances, index ``(guild, land_cover)``."""
    table = shipped("network_resistance.csv", _FORM)
    return table.set_index(["guild", "land_cover"])


def resistances(guild: str) -> Resistances:
    """Return how hard each class is to cross for a guild.

    >>> float(resistances("wetland").table.loc["MAR", "resistance"])
    1.0
    """
    rows = network_table().xs(guild, level="guild")
    return Resistances(
        table=pd.DataFrame(
            {
                "resistance": rows["resistance_ratio"],
                "low": rows["resistance_low_ratio"],
                "high": rows["resistance_high_ratio"],
            }
        )
    )
