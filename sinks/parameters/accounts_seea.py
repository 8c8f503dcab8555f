"""Parameters of SEEA EA: kinds of ecosystems, condition, services and who uses them, bridge.

Everything here is classification or judgement; none of it changes the yearly account.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.accounts.condition import ConditionVariables
from sinks.accounts.extent import EcosystemKinds
from sinks.accounts.supply_use import SeeaServices
from sinks.parameters.tables import TableForm, shipped

_NAMES = ("name_zh", "name_en")
_KINDS = "ecosystem_types.csv"
_VARIABLES = "condition_variables.csv"
_SERVICES = "seea_services.csv"
_USERS = "service_users.csv"
_KINDS_FORM = TableForm(
    key=("land_cover",),
    text=("get", "get_name_zh", "get_name_en", "grade", "basis"),
    flags=("managed", "restored"),
)
_VARIABLES_FORM = TableForm(
    key=("variable",),
    text=(*_NAMES, "unit", "low_reference", "high_reference", "ecosystem", "grade", "basis"),
)
_SERVICES_FORM = TableForm(
    key=("service",), text=(*_NAMES, "cices", "grade", "basis"), flags=("final", "exchange")
)
_USERS_FORM = TableForm(key=("service", "unit"), text=("share", "grade", "basis"))
_STEPS_FORM = TableForm(key=("step",), text=(*_NAMES, "grade", "basis"))


@cache
def ecosystem_types() -> pd.DataFrame:
    """Return the kind of ecosystem of each class, index ``land_cover`` in its order."""
    return shipped(_KINDS, _KINDS_FORM).set_index("land_cover")


@cache
def ecosystem_kinds() -> EcosystemKinds:
    """Return the kinds of ecosystems that the account of extent is made with.

    >>> ecosystem_kinds().frame.loc["MAR", "get"]
    'TF1.3'
    """
    return EcosystemKinds(frame=ecosystem_types(), table=_KINDS)


@cache
def condition_table() -> pd.DataFrame:
    """Return the variables of condition, index ``variable``; their levels are still text.

    A level is blank where it differs from place to place and has to be told.
    """
    return shipped(_VARIABLES, _VARIABLES_FORM).set_index("variable")


@cache
def condition_variables() -> ConditionVariables:
    """Return the variables of condition with their reference levels as numbers.

    >>> float(condition_variables().frame.loc["trophic_state_index", "low_reference"])
    70.0
    """
    levels = {
        column: pd.to_numeric(condition_table()[column]).astype(float)
        for column in ("low_reference", "high_reference")
    }
    return ConditionVariables(frame=condition_table().assign(**levels), table=_VARIABLES)


@cache
def service_users() -> pd.DataFrame:
    """Return who uses each service, index ``(service, unit)``; the share is still text."""
    return shipped(_USERS, _USERS_FORM).set_index(["service", "unit"])


@cache
def seea_service_table() -> pd.DataFrame:
    """Return where each service stands in the reference list of SEEA EA, index ``service``."""
    return shipped(_SERVICES, _SERVICES_FORM).set_index("service")


def seea_services(surplus_items: frozenset[str] = frozenset()) -> SeeaServices:
    """Return the services of SEEA EA and the shares of their users.

    Parameters
    ----------
    surplus_items
        Items of the account whose money is, or holds, consumer surplus.

    Raises
    ------
    InputRefused
        ``S82`` if the shares of a service do not add up to 1.

    Examples
    --------
    >>> float(seea_services().users[("carbon_fixation", "government")])
    1.0
    """
    return SeeaServices(
        frame=seea_service_table(),
        users=service_users()["share"].astype(float),
        table=f"{_SERVICES}, {_USERS}",
        surplus_items=surplus_items,
    )


@cache
def bridge_steps() -> pd.DataFrame:
    """Return the names of the steps from the yearly account to SEEA EA, index ``step``."""
    return shipped("bridge_steps.csv", _STEPS_FORM).set_index("step")
