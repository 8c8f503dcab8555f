"""What is known in a year: amounts that were told for places, and the numbers formulas take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sinks.accounts.arguments import Arguments, Missing
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """An amount that was told for a place: its draws, shape ``(1 + draws,)``, and from where."""

    drawn: Floats
    source: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """Everything that was told or stands in tables, for one year.

    ``arguments`` by zone, those of the district under the empty name; ``constant`` the same
    with prices of the base year. ``amounts`` by argument and detail, then by zone. ``uptake``
    of carbon dioxide by class, shape ``(zones, 1 + draws)``, in t.
    """

    arguments: Mapping[str, Arguments]
    constant: Mapping[str, Arguments]
    amounts: Mapping[tuple[str, str], Mapping[str, Told]]
    uptake: Mapping[str, Floats]

    def at(self, zone: str) -> Arguments:
        """Return the arguments of a zone: its own, or those of the district."""
        return self.arguments.get(zone, self.arguments[""])

    def told(self, argument: str, detail: str) -> Mapping[str, Told]:
        """Return where an amount was told.

        Raises
        ------
        Missing
            If nowhere.
        """
        found = self.amounts.get((argument, detail), {})
        if not found:
            raise Missing(argument, detail)
        return found
