"""What is wrong, or doubtful, with a row of the evidence tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from locoregional.errors import EvidenceError

__all__ = ["Problem", "refuse"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a row, or that a person should confirm.

    Attributes
    ----------
    table, row, column : str
        Where it is; empty where it concerns the whole.
    words : str
        What is wrong, in words.
    remedy : str
        What to do about it.
    code : str
        Short name of the check, for example ``grim``; a question is accepted by this name.
    question : bool
        True: implausible, to be confirmed; False: wrong.
    """

    table: str
    row: str
    column: str
    words: str
    remedy: str = ""
    code: str = "schema"
    question: bool = False

    def __str__(self) -> str:
        """One line: place, what, remedy."""
        place = ": ".join(p for p in (self.table, self.row, self.column) if p)
        cure = f" {self.remedy}" if self.remedy else ""
        doubt = f" (question {self.code!r})" if self.question else ""
        return f"{place}: {self.words}.{doubt}{cure}"


def refuse(problems: Iterable[Problem], *, what: str, remedy: str = "Correct them and try again.") -> None:
    """Raise one error that lists every problem at once; do nothing if there is none.

    Raises
    ------
    EvidenceError
        If there is a problem.
    """
    lines = [str(p) for p in problems]
    if lines:
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        raise EvidenceError(f"{what}: {count}\n  " + "\n  ".join(lines) + "\n", remedy=remedy)
