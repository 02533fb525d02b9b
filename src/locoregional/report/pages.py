"""What the chapters of every procedure have in common: whose they are, and the latest entries of the chart."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Case, Lesion, Option, Outcome, Plan, Quantity, Verdict
from locoregional.procedures import in_sentence, procedure
from locoregional.report.citations import Citations
from locoregional.report.document import Cell, Table

__all__ = ["Pages", "colour_of_success"]


def colour_of_success(success: bool | None) -> str:
    """Colour of a verdict: reached, not reached, or too close to call."""
    return {True: "good", False: "blocked", None: "caution"}[success]


@dataclass(frozen=True)
class Pages:
    """Chapters of one lesion and procedure; the latest entries of the chart count.

    Attributes
    ----------
    case, lesion : Case, Lesion
        Whose pages.
    option, plan, predicted, observed : entries of the chart or None
        Latest of each.
    citations : Citations
        Of the whole report.
    """

    case: Case
    lesion: Lesion
    option: Option
    plan: Plan | None
    predicted: Outcome | None
    observed: Outcome | None
    citations: Citations

    def verdict(self, outcome: Outcome | None) -> Verdict | None:
        """Latest verdict on an outcome."""
        found = [v for v in self.case.verdicts if outcome is not None and v.outcome_id == outcome.id]
        return found[-1] if found else None

    @property
    def title(self) -> str:
        """Lesion and procedure, as chapters call them."""
        return f"Lesion {self.lesion.id}, {in_sentence(procedure(self.option.procedure).title)}"

    def rows(self, quantities: tuple[Quantity, ...]) -> Table:
        """Numbers as a table, each with how it was found."""
        rows: list[tuple[Cell, ...]] = [(n.label, n, q.method) for q in quantities for n in (self.citations.number(q),)]
        return Table(("Quantity", "Value", "How it was found"), tuple(rows), numeric=(1,))
