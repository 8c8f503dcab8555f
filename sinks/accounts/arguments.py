"""What formulas take, by name, detail and class: numbers with their draws and where each is from.

A number was told by the bureau, or stands in a parameter table, or is the default of one
(grade D, a judgement). Draws follow from the name of a number alone, so that it moves alike in
every zone, class, year and account (:mod:`sinks.uncertainty.draws`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.uncertainty.draws import draw
from sinks.uncertainty.laws import QUANTITIES, Floats

KEY = ["argument", "detail", "land_cover"]
BASES = ("told", "table", "default")  # from the surest to the least sure


class Missing(LookupError):
    """An argument that nobody told and no table has; ``argument`` and ``detail`` name it."""

    def __init__(self, argument: str, detail: str) -> None:
        super().__init__(f"{argument} {detail}".strip())
        self.argument, self.detail = argument, detail


@dataclass(frozen=True, kw_only=True, eq=False)
class Arguments:
    """Numbers of one place and year.

    ``frame`` has the index :data:`KEY` (blank where a number has no detail or holds for every
    class) and the columns ``basis`` and ``source``; ``drawn`` has a row for each, the value at
    the means first, shape ``(rows, 1 + draws)``.
    """

    frame: pd.DataFrame
    drawn: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, *, seed: int, count: int) -> Arguments:
        """Draw the numbers of ``frame``.

        Parameters
        ----------
        frame
            Index :data:`KEY`; ``value``, ``low``, ``high`` (95 %), ``stream``, ``basis``,
            ``source``.
        """
        table = frame[[*QUANTITIES, "stream"]].copy()
        table.index = pd.Index(["/".join(key) for key in frame.index], name="parameter")
        draws = draw(table, seed=seed, count=count)
        means = table["value"].to_numpy(dtype=float)[:, np.newaxis]
        return cls(frame=frame[["basis", "source"]], drawn=np.hstack([means, draws.drawn]))

    @property
    def width(self) -> int:
        """How many columns draws have, the mean among them."""
        return int(self.drawn.shape[1])

    def take(self, argument: str, detail: str, classes: Sequence[str]) -> Floats:
        """Return an argument for classes, shape ``(classes, 1 + draws)`` or ``(1, 1 + draws)``.

        Raises
        ------
        Missing
            If it is not known, or not for one of the classes.
        """
        return self.drawn[self._rows(argument, detail, classes)]

    def basis(self, names: Iterable[str], detail: str, classes: Sequence[str]) -> str:
        """Return the least sure basis of several arguments; ``told`` if there are none."""
        found = [self.frame["basis"].iloc[self._rows(n, detail, classes)] for n in names]
        told = {str(basis) for bases in found for basis in bases}
        return max(told, key=BASES.index, default="told")

    def sources(self, names: Iterable[str], detail: str, classes: Sequence[str]) -> list[str]:
        """Return where several arguments are from, each once."""
        found = [self.frame["source"].iloc[self._rows(n, detail, classes)] for n in names]
        return list(dict.fromkeys(str(source) for sources in found for source in sources))

    def has(self, argument: str, detail: str = "", classes: Sequence[str] = ()) -> bool:
        """Whether an argument is known."""
        try:
            self._rows(argument, detail, classes)
        except Missing:
            return False
        return True

    def _rows(self, argument: str, detail: str, classes: Sequence[str]) -> list[int]:
        """Return the rows of an argument: for its detail before any, of classes before all."""
        places = self._places
        for key in dict.fromkeys((detail, "")):
            if (argument, key, "") in places:
                return [places[argument, key, ""]]
            rows = [places.get((argument, key, each), -1) for each in classes]
            if rows and min(rows) >= 0:
                return rows
        raise Missing(argument, detail)

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], int]:
        return {(str(a), str(d), str(c)): n for n, (a, d, c) in enumerate(self.frame.index)}
