"""Made-up densities and areas for tests of carbon."""

from __future__ import annotations

import pandas as pd

from sinks.carbon.densities import POOLS, SEDIMENT, CarbonDensities, with_standard_errors

Range = float | tuple[float, float, float]
COLUMNS = ["density_tc_per_ha", "density_low_tc_per_ha", "density_high_tc_per_ha"]


def make_densities(
    *, sediment: dict[str, Range] | None = None, **classes: tuple[Range, ...]
) -> CarbonDensities:
    """Make densities of four pools per class; a number alone is known exactly.

    A range is ``(density, low, high)``.
    """
    rows = {
        (land_cover, pool): _range(of)
        for land_cover, ranges in classes.items()
        for pool, of in zip(POOLS, ranges, strict=True)
    }
    under_water = {(key, SEDIMENT): _range(of) for key, of in (sediment or {}).items()}
    return CarbonDensities(
        frame=_frame(rows),
        sediment=_frame(under_water),
        table="the test table",
        soil_depth_cm=30,
    )


def area_table(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """AREAS of ``(zone, land_cover, area_ha, area_se_ha)``."""
    columns = ["zone", "land_cover", "area_ha", "area_se_ha"]
    return pd.DataFrame(list(rows), columns=columns).set_index(["zone", "land_cover"])


def transition_table(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """TRANSITIONS of ``(zone, land_cover, land_cover_after, area_ha)``."""
    columns = ["zone", "land_cover", "land_cover_after", "area_ha"]
    return pd.DataFrame(list(rows), columns=columns).set_index(columns[:3])


def _range(of: Range) -> tuple[float, float, float]:
    return of if isinstance(of, tuple) else (of, of, of)


def _frame(rows: dict[tuple[str, str], tuple[float, float, float]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(rows, names=["land_cover", "pool"])
    if not rows:
        index = pd.MultiIndex.from_arrays([[], []], names=["land_cover", "pool"])
    frame = pd.DataFrame(list(rows.values()), index=index, columns=COLUMNS, dtype=float)
    cited = {"reference": "li_2016", "where": "test", "verified": False}
    return with_standard_errors(frame.assign(**cited))
