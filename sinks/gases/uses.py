"""Uses of the land: what grows, stands or is kept on a class, as far as its gases differ.

A pond of crabs and an embanked enclosure look alike on a map and differ twentyfold in
methane. Each class has one use that it is taken to have unless the study says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sinks.errors import InputRefused


@dataclass(frozen=True, kw_only=True)
class LandUses:
    """Uses by key, the classes that each may stand on, and the default of each class.

    ``frame`` has the index ``use`` and the columns ``name_zh``, ``name_en``,
    ``land_cover`` (tuple of class keys), ``default`` (whether it is the default of the
    first of them) and ``inventory`` (whether a national inventory counts its gases as
    caused by people; natural lakes and rivers are not).

    Raises
    ------
    InputRefused
        ``Y07`` if a class has two defaults.
    """

    frame: pd.DataFrame
    table: str

    def __post_init__(self) -> None:
        classes = [covers[0] for covers in self.frame["land_cover"][self.frame["default"]]]
        if twice := sorted({key for key in classes if classes.count(key) > 1}):
            raise InputRefused.because("Y07", classes=twice, table=self.table)

    @cached_property
    def default_by_class(self) -> Mapping[str, str]:
        """The use that a class has unless something else is said: class key to use."""
        chosen = self.frame[self.frame["default"]]
        return {covers[0]: str(use) for use, covers in chosen["land_cover"].items()}

    @cached_property
    def inventory(self) -> frozenset[str]:
        """The uses whose gases a national inventory counts."""
        return frozenset(self.frame.index[self.frame["inventory"]])

    def allowed(self, land_cover: str) -> tuple[str, ...]:
        """Return the uses that may stand on a class, its default first."""
        uses = [str(u) for u, covers in self.frame["land_cover"].items() if land_cover in covers]
        default = self.default_by_class.get(land_cover)
        return tuple(sorted(uses, key=lambda use: use != default))

    def require(self, use: str, land_cover: str) -> None:
        """Refuse a use that cannot stand on a class.

        Raises
        ------
        InputRefused
            ``Y08``.
        """
        if use not in self.allowed(land_cover):
            raise InputRefused.because(
                "Y08", use=use, land_cover=land_cover, known=list(self.allowed(land_cover))
            )
