"""What a study says of ecosystem accounts: specification, price base, facts of the land."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sinks.study_parts import Part, Year


class Accounts(Part):
    """How ecosystem products are accounted for.

    ``hilly``, ``coast`` and ``drifting_sand`` decide which services can be there at all; they
    are facts of the land that nothing else in a study tells, and are never guessed.
    """

    rule_set: str = "GBT46869"
    base_year: Year = 2020  # of constant prices
    hilly: bool
    coast: bool
    drifting_sand: bool
    provisioning: Literal["net", "gross", "output"] | None = None  # else as the rule set has it
    living_within_m: float = Field(default=500.0, gt=0, le=10_000)  # where coolness is felt
    rules: Path | None = None  # tables of a specification of one's own
    rule_sets: Path | None = None
    coefficients: Path | None = None
    prices: Path | None = None

    def own_tables(self) -> dict[str, Path]:
        """Return the tables that the study brings, by the name of those that ship."""
        named = {
            "account_rules": self.rules,
            "account_rule_sets": self.rule_sets,
            "account_coefficients": self.coefficients,
            "account_prices": self.prices,
        }
        return {name: path for name, path in named.items() if path is not None}
