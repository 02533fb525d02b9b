"""The chapters of a procedure that is no ablation: what is planned and why, what it will do, what it did."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Outcome, Plan, Quantity
from locoregional.procedures import procedure
from locoregional.report.angiogram_figure import angiogram_figure
from locoregional.report.citations import VERDICT_OF_ANSWER
from locoregional.report.document import Answer, Block, Callout, Cell, Figure, Fold, KeyNumbers, Section, Table
from locoregional.report.dose_figures import dose_figures, dose_table
from locoregional.report.pages import Pages, colour_of_success
from locoregional.workflow import standing_answer

__all__ = ["PlanPages"]

SHOWN_FIRST = 6
"""Numbers of a plan that stand on top; a plan names the weightiest first."""
TABLES = {
    "limit_": "Limits, and what the plan reaches of them",
    "vial_": "Vials and hours",
    "model_": "What each model gives",
    "map_": "Mean dose to each lesion, if microspheres follow the map of the work-up",
}
"""Numbers that belong together, by how their names begin."""


def _sentences(words: tuple[str, ...]) -> str:
    """Words in a row, each with a capital letter and a full stop."""
    return " ".join(f"{w[:1].upper()}{w[1:].rstrip('.')}." for w in words if w)


@dataclass(frozen=True)
class PlanPages(Pages):
    """Chapters of a transarterial or bone procedure."""

    def headline(self) -> str:
        """What the report says first of it."""
        plan, verdict = self.plan, self.verdict(self.observed or self.predicted)
        if plan is None or not plan.feasible:
            reasons = () if plan is None else (*plan.cautions, *plan.words)
            return f"{self.title}: no plan that can be used. {(reasons or ('No reason was recorded',))[0].rstrip('.')}."
        answer, decided = standing_answer(self.case, self.option)
        who_says = "" if decided is None else f" (overruled by {decided.by}; the rules: {decided.instead_of})"
        what = f" {plan.words[0]}" if plan.words else ""
        but = f" But: {plan.cautions[0]}" if plan.cautions else ""
        tail = f" {verdict.words[0]}" if verdict is not None and verdict.words else ""
        return f"{self.title}: {answer}{who_says}.{what}{but}{tail}"

    def answers(self, *, several: bool) -> list[Answer]:
        """Questions of the first minute, answered.

        Parameters
        ----------
        several : bool
            Whether the report holds other plans too, so that each question names its lesion.
        """
        name = f" ({self.lesion.id})" if several else ""
        answer, decided = standing_answer(self.case, self.option)
        words = self.option.words
        if decided is not None:
            words = f"Overruled by {decided.by}: {decided.reason}. The rules: {words}"
        title = procedure(self.option.procedure).title
        made = [Answer(f"Indicated?{name}", f"{title}: {answer}", VERDICT_OF_ANSWER.get(answer, "blocked"), words)]
        plan = self.plan
        if plan is None:
            return made
        colour = "blocked" if not plan.feasible else "caution" if plan.cautions else "good"
        made.append(Answer(f"What is planned?{name}", (plan.words or ("Nothing",))[0], colour, _sentences(plan.words[1:3])))
        if plan.cautions:
            detail = _sentences(plan.cautions[1:])
            made.append(
                Answer(f"What stands against it?{name}", plan.cautions[0], "caution" if plan.feasible else "blocked", detail)
            )
        outcome = self.observed or self.predicted
        verdict = self.verdict(outcome)
        if outcome is not None and verdict is not None and verdict.words:
            question = "What is expected?" if outcome.predicted else "What was reached?"
            detail = _sentences(verdict.words[1:3])
            made.append(Answer(f"{question}{name}", verdict.words[0], colour_of_success(verdict.success), detail))
        unchecked = ", ".join(plan.unchecked).replace("_", " ")
        colour = "caution" if unchecked else "good"
        made.append(
            Answer(f"What could not be checked?{name}", unchecked[:1].upper() + unchecked[1:] or "Nothing asked for", colour)
        )
        return made

    def sections(self) -> tuple[Section, ...]:
        """Chapters in reading order."""
        made = []
        if self.plan is not None:
            made.append(self._planned(self.plan))
        for outcome, title in ((self.predicted, "what is predicted"), (self.observed, "what was done, as images show it")):
            if outcome is not None:
                made.append(self._outcome(outcome, f"{self.title}: {title}"))
        return tuple(made)

    def cover(self) -> Figure | None:
        """Picture for the first page: isodoses, where there is a dose."""
        outcome = self.observed or self.predicted
        figures = dose_figures(self.case, self.lesion, outcome) if outcome is not None else ()
        return figures[0] if figures else None

    def _planned(self, plan: Plan) -> Section:
        blocks: list[Block] = []
        if not plan.feasible:
            reasons = (*plan.cautions, *plan.words)[:1] or ("No reason was recorded.",)
            blocks.append(Callout("blocked", "No plan that can be used", reasons))
        elif plan.cautions:
            blocks.append(Callout("caution", "What stands against it", plan.cautions))
        tables = {start: tuple(q for q in plan.quantities if q.name.startswith(start)) for start in TABLES}
        rest = tuple(q for q in plan.quantities if not q.name.startswith(tuple(TABLES)))
        if rest:
            blocks.append(KeyNumbers(tuple(self.citations.number(q) for q in rest[:SHOWN_FIRST])))
        for start, quantities in tables.items():
            if quantities:
                blocks.append(self._table(quantities, TABLES[start]))
        if plan.words:
            blocks.append(Callout("note", "Why this plan", plan.words))
        if plan.unchecked:
            named = ", ".join(plan.unchecked).replace("_", " ")
            blocks.append(Callout("unchecked", "Could not be checked", (f"{named[:1].upper()}{named[1:]}.",)))
        if len(rest) > SHOWN_FIRST:
            blocks.append(Fold("All numbers of the plan", (self.rows(rest),)))
        facts = self._facts(plan.facts)
        return Section(
            f"{self.title}: the plan", (*blocks, *facts), lead="What is planned, what it rests on, and what limits it."
        )

    def _table(self, quantities: tuple[Quantity, ...], caption: str) -> Table:
        rows: list[tuple[Cell, ...]] = [(n.label, n, q.method) for q in quantities for n in (self.citations.number(q),)]
        return Table(("", "Value", "How it was found"), tuple(rows), caption, numeric=(1,))

    def _outcome(self, outcome: Outcome, title: str) -> Section:
        verdict = self.verdict(outcome)
        blocks: list[Block] = []
        if verdict is not None:
            colour = colour_of_success(verdict.success)
            blocks.append(Callout(colour, "Verdict", verdict.words or ("No words were recorded.",)))
            if verdict.quantities:
                first = tuple(
                    self.citations.number(q, verdict=colour if i == 0 else "neutral")
                    for i, q in enumerate(verdict.quantities[:SHOWN_FIRST])
                )
                blocks.append(KeyNumbers(first))
        blocks += dose_figures(self.case, self.lesion, outcome)
        runs = angiogram_figure(self.case, outcome)
        blocks += [runs] if runs is not None else []
        table = dose_table(outcome, self.citations)
        if table is not None:
            blocks.append(table)
        numbers = (*outcome.quantities, *(() if verdict is None else verdict.quantities[SHOWN_FIRST:]))
        if numbers:
            blocks.append(Fold("All numbers", (self.rows(numbers),), opened=table is None))
        if outcome.words:
            blocks.append(Callout("note", "How it was found", outcome.words))
        lead = "What the model expects, with its intervals." if outcome.predicted else "What the images after treatment show."
        return Section(title, (*blocks, *self._facts(outcome.facts)), lead=lead)

    def _facts(self, keys: tuple[str, ...]) -> list[Block]:
        numbers = self.citations.facts(tuple(dict.fromkeys(keys)))
        rows: tuple[tuple[Cell, ...], ...] = tuple((n.label, n, n.where) for n in numbers)
        if not rows:
            return []
        return [Fold("Facts used, with their sources", (Table(("Fact", "Value", "Where it stands"), rows, numeric=(1,)),))]
