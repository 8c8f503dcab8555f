"""Carbon densities from the table that ships or from a district's own.

A district's table has the same columns (their Chinese headings are understood), covers
every house class, and cites every row; a density outside the range of the table that ships
needs a ``reason``, because a slip of unit (CO2 for C, mu for hectare) looks just like that.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from sinks.carbon.densities import POOLS, SEDIMENT, SOIL, CarbonDensities, with_standard_errors
from sinks.errors import Finding, InputRefused, located
from sinks.parameters.labels import labels
from sinks.parameters.legends import house_legend
from sinks.parameters.tables import TableForm, own_table, shipped

_TABLE = "carbon_density.csv"
_DEPTHS_CM = (30, 100)
_FORM = TableForm(
    key=("land_cover", "pool"),
    quantities=("density_tc_per_ha",),
    optional=("grade", "anchors", "basis", "reason"),
    headings={
        "land_cover": ("土地覆盖", "类型", "地类"),
        "pool": ("碳库",),
        "density_tc_per_ha": ("碳密度",),
        "density_low_tc_per_ha": ("碳密度下限", "下限"),
        "density_high_tc_per_ha": ("碳密度上限", "上限"),
        "reason": ("理由", "说明"),
    },
)


def carbon_densities(
    soil_depth_cm: Literal[30, 100] = 30, *, path: Path | str | None = None
) -> CarbonDensities:
    """Return the carbon densities of every house class, soil down to ``soil_depth_cm``.

    Parameters
    ----------
    soil_depth_cm
        30 or 100; the two are alternatives, the second holds the first.
    path
        A district's own table (CSV or Excel); without one, the table that ships.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells, ``P02`` to ``P06`` about citation and ranges,
        ``P11`` a class or pool that is not known, ``P12`` a density outside the range of
        the table that ships without a reason, ``D01`` a house class without densities,
        ``D02`` a class without one of the pools.

    Examples
    --------
    >>> float(carbon_densities(30).by_pool.loc["PAD", "soil"])
    48.0
    """
    if path is None:
        return _built(_shipped(), (), soil_depth_cm, name=_TABLE)
    with located(file=path):
        frame, findings = own_table(path, _FORM)
        frame = _known(frame)
        _require_reasons(frame)
        densities = _built(frame, findings, soil_depth_cm, name=Path(path).name)
        densities.require(house_legend().keys)
        _require_sediment(densities)
    return densities


@cache
def _shipped() -> pd.DataFrame:
    return shipped(_TABLE, _FORM)


def _built(
    frame: pd.DataFrame, findings: tuple[Finding, ...], soil_depth_cm: int, *, name: str
) -> CarbonDensities:
    """Choose one soil depth and split sediment off."""
    other = {
        f"{pool}_{cm}" for pool in (SOIL, SEDIMENT) for cm in _DEPTHS_CM if cm != soil_depth_cm
    }
    chosen = frame[~frame["pool"].isin(other)]
    chosen = chosen.assign(pool=chosen["pool"].str.removesuffix(f"_{soil_depth_cm}"))
    chosen = with_standard_errors(chosen.set_index(list(_FORM.key)))
    under_water = chosen.index.get_level_values("pool") == SEDIMENT
    return CarbonDensities(
        frame=chosen[~under_water],
        sediment=chosen[under_water],
        table=name,
        soil_depth_cm=soil_depth_cm,
        findings=findings,
    )


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn names of classes and pools into keys; refuse those that are not known."""
    classes = {name: c.key for c in house_legend().classes for name in (c.key, c.zh, c.en)}
    keys = [*POOLS[:3], *(f"{pool}_{cm}" for pool in (SOIL, SEDIMENT) for cm in _DEPTHS_CM)]
    named = labels("pool")
    pools = {name: key for key in keys for name in (key, *named[key])}
    for column, known in (("land_cover", classes), ("pool", pools)):
        strange = frame[~frame[column].isin(known)]
        if len(strange):
            raise InputRefused.because(
                "P11",
                place=f"row {', '.join(map(str, strange.index[:10]))}",
                found=sorted(set(strange[column])),
                known=list(dict.fromkeys(known.values())),
            )
    return frame.assign(land_cover=frame["land_cover"].map(classes), pool=frame["pool"].map(pools))


def _require_sediment(densities: CarbonDensities) -> None:
    """Refuse a table that leaves out the sediment of a water class."""
    for land_class in house_legend().classes:
        if land_class.water and land_class.key not in densities.water_classes:
            raise InputRefused.because(
                "D02",
                place=land_class.key,
                pools=list(densities.by_pool.columns),
                wanted=[*POOLS, SEDIMENT],
                table=densities.table,
            )


def _require_reasons(frame: pd.DataFrame) -> None:
    """Ask for a reason where a density lies outside the range of the table that ships."""
    usual = _shipped().set_index(list(_FORM.key)).add_suffix("_usual")
    both = frame.join(usual, on=list(_FORM.key))
    density = both["density_tc_per_ha"]
    low, high = both["density_low_tc_per_ha_usual"], both["density_high_tc_per_ha_usual"]
    odd = both[((density < low) | (density > high)) & (both["reason"].str.strip() == "")]
    if len(odd):
        rows = [
            f"{row.land_cover} {row.pool} {row.density_tc_per_ha:g} "
            f"({row.density_low_tc_per_ha_usual:g}-{row.density_high_tc_per_ha_usual:g})"
            for row in odd.itertuples()
        ]
        place = f"row {', '.join(map(str, odd.index[:10]))}"
        raise InputRefused.because("P12", place=place, rows=rows[:10], count=len(odd))
