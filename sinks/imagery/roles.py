"""What a band shows, by role: the words by which bands, indices and models know one another.

Sensors number their bands in ways of their own; a role says which part of the spectrum a
band holds. Names in Chinese and English and wavelengths stand in ``parameters/band_roles.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sinks.errors import InputRefused

ROLES = (
    *("coastal", "blue", "green", "yellow", "red", "red_edge_1", "red_edge_2", "red_edge_3"),
    *("nir", "nir_narrow", "water_vapour", "cirrus", "swir_1", "swir_2"),
    *("pan", "thermal_1", "thermal_2"),
)
THERMAL = frozenset({"thermal_1", "thermal_2"})  # temperatures, not reflectance
SKIP = "skip"  # declared of a band that is not wanted


def checked_roles(roles: Sequence[str]) -> tuple[str, ...]:
    """Return roles as a tuple; ``skip`` may come more than once.

    Raises
    ------
    InputRefused
        ``B02`` with the nearest known role, ``B03`` if a role comes twice.
    """
    for role in roles:
        if role not in (*ROLES, SKIP):
            raise InputRefused.because(
                "B02", place=role, role=role, near=nearest(role, ROLES), known=ROLES
            )
    wanted = [role for role in roles if role != SKIP]
    if twice := sorted({role for role in wanted if wanted.count(role) > 1}):
        raise InputRefused.because("B03", place=", ".join(twice), what=twice)
    return tuple(roles)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest in spelling, or a dash.

    >>> nearest("grean", ROLES)
    'green'
    """
    return next(iter(get_close_matches(str(word), list(known), n=1, cutoff=0.3)), "—")
