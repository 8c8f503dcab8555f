"""What forest stands need: wood, equations, growth, densities, limits, crediting rules.

The coefficients of GB/T 43648-2024 (national equations of single trees, in force since
2024-10) are in no table here: they stand in the paper copy alone and have to be keyed in
from it. Until then M3 uses the equations published for the neighbouring province.

A district's own table of wood factors or growth curves replaces the rows that it names and
leaves the others as they ship.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from sinks.carbon.densities import CarbonDensities
from sinks.errors import Finding, InputRefused
from sinks.forest.eligibility import CreditingRules
from sinks.forest.factors import Constant, ForestFactors
from sinks.parameters.densities import carbon_densities
from sinks.parameters.tables import TableForm, own_table, shipped

_NAMES = ("name_zh", "name_en")
_NUMBER = ("number", "number_low", "number_high", "unit", *_NAMES)
_WOOD = TableForm(
    key=("wood",),
    quantities=(
        "wood_density_t_per_m3",
        "expansion_ratio",
        "root_to_shoot_ratio",
        "carbon_content_ratio",
    ),
    optional=(*_NAMES, "grade", "basis"),
    headings={"wood": ("树种组", "树种")},
)
_CURVES = TableForm(
    key=("growth",),
    quantities=("limit_tc_per_ha", "rate_per_year", "shape_ratio"),
    optional=(*_NAMES, "grade", "basis"),
    headings={"growth": ("林分类型", "生长曲线")},
)
_EQUATIONS = TableForm(
    key=("volume_biomass", "equation"),
    text=("determination",),
    flags=("in_use",),
    quantities=("slope_t_per_m3", "intercept_t_per_ha"),
)
_ALLOMETRY = TableForm(
    key=("allometry", "organ"),
    text=("coefficient", "exponent", "diameter_from_cm", "diameter_to_cm", "determination"),
)
_VOLUME_CURVES = TableForm(
    key=("curve",),
    text=(*_NAMES, "limit", "offset", "rate", "exponent_m", "determination"),
    flags=("in_use",),
)
_GROUPS = TableForm(
    key=("group",),
    text=(
        *_NAMES,
        *("aliases", "kind", "leaf", "wood", "volume_biomass", "allometry", "growth"),
        "land_cover",
    ),
)
_CONSTANTS = TableForm(key=("constant",), text=_NUMBER)
_LIMITS = TableForm(key=("quantity",), text=("lowest", "highest", "unit", *_NAMES))
_RULES = TableForm(key=("rule",), text=("property", "test", "limit", "unit", *_NAMES))
_POOLS = ("above_ground", "below_ground")
_CLASS_OF = {"orchard": "ORC", "shrub": "SHR"}
_ROTATION = "rotation_"


@cache
def wood_factors() -> pd.DataFrame:
    """Return density, expansion, roots and carbon of wood, by ``wood`` (method M1)."""
    return shipped("wood_factors.csv", _WOOD).set_index("wood")


@cache
def volume_biomass() -> pd.DataFrame:
    """Return every linear equation of volume (M2), by ``(volume_biomass, equation)``.

    One equation per type is ``in_use``; the others show how far published ones differ.
    """
    return shipped("volume_biomass.csv", _EQUATIONS).set_index(list(_EQUATIONS.key))


@cache
def tree_allometry() -> pd.DataFrame:
    """Return the equations of single trees (M3), by ``(allometry, organ)``."""
    return shipped("tree_allometry.csv", _ALLOMETRY).set_index(list(_ALLOMETRY.key))


@cache
def growth_curves() -> pd.DataFrame:
    """Return the growth curves of stands (M4), by ``growth``."""
    return shipped("growth_curves.csv", _CURVES).set_index("growth")


@cache
def volume_curves() -> pd.DataFrame:
    """Return published curves of volume with four parameters, by ``curve``; none is in use."""
    return shipped("volume_curves.csv", _VOLUME_CURVES).set_index("curve")


@cache
def species_groups() -> pd.DataFrame:
    """Return the species groups with their aliases and what each uses, by ``group``."""
    return shipped("species_groups.csv", _GROUPS).set_index("group")


@cache
def stand_constants() -> pd.DataFrame:
    """Return the single figures that stands need, by ``constant``."""
    return shipped("stand_constants.csv", _CONSTANTS).set_index("constant")


@cache
def forest_limits() -> pd.DataFrame:
    """Return between which values factors and measures of stands make sense, by ``quantity``."""
    return shipped("forest_limits.csv", _LIMITS).set_index("quantity")


@cache
def crediting_table() -> pd.DataFrame:
    """Return what the afforestation methodology does not accept, by ``rule``."""
    return shipped("crediting_rules.csv", _RULES).set_index("rule")


def crediting_rules() -> CreditingRules:
    """Return the rules of CCER-14-001-V01 that land is held to.

    >>> crediting_rules().frame.loc["small_patch", "limit"]
    '400'
    """
    return CreditingRules(frame=crediting_table())


def stand_limits() -> pd.DataFrame:
    """Return the limits of measures and factors as numbers: ``lowest``, ``highest``.

    >>> stand_limits().loc["expansion_ratio"].to_list()
    [1.1, 4.0]
    """
    return forest_limits()[["lowest", "highest"]].astype(float)


def forest_factors(
    *,
    wood: Path | str | None = None,
    curves: Path | str | None = None,
    densities: CarbonDensities | None = None,
) -> ForestFactors:
    """Return what forest stands need, from the tables that ship or a district's own.

    Parameters
    ----------
    wood, curves
        A district's own wood factors or growth curves (CSV or Excel); its rows replace
        those of the same key.
    densities
        Carbon densities of the study, for economic forest, shrub and dead organic matter;
        without them, those that ship.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells, ``P02`` to ``P06`` about citation and ranges,
        ``H02`` a factor outside its limits, ``H03`` a row that is not known.

    Examples
    --------
    >>> float(forest_factors().wood.loc["poplar", "expansion_ratio"])
    1.446
    """
    own_wood, said_wood = _with_own(wood_factors(), wood, _WOOD)
    own_curves, said_curves = _with_own(growth_curves(), curves, _CURVES)
    used = volume_biomass()
    numbers = ["coefficient", "exponent", "diameter_from_cm", "diameter_to_cm"]
    frame = (densities or carbon_densities()).frame
    constants = _constants()
    tables = (wood or "wood_factors.csv", curves or "growth_curves.csv")
    return ForestFactors(
        groups=species_groups(),
        wood=own_wood,
        equations=used[used["in_use"]].reset_index("equation"),
        allometry=tree_allometry()[numbers].astype(float),
        curves=own_curves,
        densities=_stand_densities(frame, constants),
        dead=frame.loc[(slice(None), ["dead_organic_matter"]), :].droplevel("pool"),
        constants=constants,
        rotations=_rotations(constants),
        limits=stand_limits(),
        table=", ".join(map(str, tables)),
        findings=(*said_wood, *said_curves),
    )


def _with_own(
    frame: pd.DataFrame, path: Path | str | None, form: TableForm
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Put a district's rows in the place of those that ship; refuse keys that are not known."""
    if path is None:
        return frame, ()
    own, findings = own_table(path, form)
    key = form.key[0]
    named = {name: k for k, row in frame.iterrows() for name in (k, row["name_zh"])}
    strange = own[~own[key].isin(named)]
    if len(strange):
        place = f"row {', '.join(map(str, strange.index[:10]))}"
        raise InputRefused.because(
            "H03", file=path, place=place, unknown=sorted(strange[key]), known=list(frame.index)
        )
    own = own.assign(**{key: own[key].map(named)}).set_index(key)
    rest = frame[~frame.index.isin(own.index)]
    return pd.concat([rest, own.reindex(columns=frame.columns)]).loc[frame.index], findings


def _constants() -> dict[str, Constant]:
    numbers = stand_constants()[["number", "number_low", "number_high"]].to_numpy(dtype=float)
    return {
        str(name): Constant(number=number, low=low, high=high)
        for name, (number, low, high) in zip(stand_constants().index, numbers, strict=True)
    }


def _rotations(constants: dict[str, Constant]) -> pd.Series:
    years = {
        name.removeprefix(_ROTATION): constant.number
        for name, constant in constants.items()
        if name.startswith(_ROTATION)
    }
    return pd.Series(years, dtype=float).rename("rotation_years")


def _stand_densities(frame: pd.DataFrame, constants: dict[str, Constant]) -> pd.DataFrame:
    """Carbon of stands that are area x density: classes of the house, and bamboo."""
    columns = ["density_tc_per_ha", "density_low_tc_per_ha", "density_high_tc_per_ha"]
    by_kind = {
        kind: frame.loc[land_cover].loc[list(_POOLS), columns]
        for kind, land_cover in _CLASS_OF.items()
    }
    live, roots = constants["bamboo_live_tc_per_ha"], constants["bamboo_root_to_shoot"].number
    shares = (1 / (1 + roots), roots / (1 + roots))
    numbers = [[share * x for x in (live.number, live.low, live.high)] for share in shares]
    index = pd.Index(_POOLS, name="pool")
    by_kind["bamboo"] = pd.DataFrame(numbers, index=index, columns=columns)
    return pd.concat(by_kind, names=["kind"])
