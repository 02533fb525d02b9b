"""The first minute of an ablation's report: its headline, and the questions that an operator asks, answered."""

from __future__ import annotations

from locoregional.case import Outcome, Plan
from locoregional.procedures import procedure
from locoregional.report.applicators import number_words, place_words, setting_words
from locoregional.report.citations import VERDICT_OF_ANSWER
from locoregional.report.document import Answer
from locoregional.report.doubts import leaves_image, spill_of, unseen
from locoregional.report.energy_words import energy_words
from locoregional.report.lesion_pages import LesionPages
from locoregional.report.received import Received, received_by
from locoregional.workflow import standing_answer

__all__ = ["answers_of", "beside", "headline_of"]

MOST_ALERTS = 3
"""Alerts spelled out on the first page; the rest stand in the table."""


def headline_of(page: LesionPages) -> str:
    """What the report says first of one ablation.

    Parameters
    ----------
    page : LesionPages
        Its chapters.
    """
    plan, verdict = page.plan, page.verdict(page.observed or page.predicted)
    if plan is None or not plan.feasible or not plan.needles:
        reasons = () if plan is None else (*plan.cautions, *plan.words)
        reason = reasons[0] if reasons else "no reason recorded"
        return f"{page.title}: no safe plan. {reason.rstrip('.')}."
    tail = f" {verdict.words[0]}" if verdict is not None and verdict.words else ""
    way = "a safe way in was found" if not unseen(page.case, plan) else "a way in was found that is clear of everything outlined"
    answer, decided = standing_answer(page.case, page.option)
    who_says = "" if decided is None else f" (overruled by {decided.by}; the rules: {decided.instead_of})"
    but = f" But: {plan.cautions[0]}" if plan.cautions else ""
    return f"{page.title}: {answer}{who_says}, and {way}.{but}{tail}"


def answers_of(page: LesionPages, *, several: bool) -> list[Answer]:
    """Questions of the first minute about one ablation, answered.

    Parameters
    ----------
    page : LesionPages
        Its chapters.
    several : bool
        Whether the report holds others too, so that each question names its lesion.
    """
    name = f" ({page.lesion.id})" if several else ""
    option, plan = page.option, page.plan
    answer, decided = standing_answer(page.case, option)
    words = option.words if decided is None else f"Overruled by {decided.by}: {decided.reason}. The rules: {option.words}"
    text = f"{procedure(option.procedure).title}: {answer}"
    made = [Answer(f"Indicated?{name}", text, VERDICT_OF_ANSWER.get(answer, "blocked"), words)]
    if plan is None:
        return made
    if plan.needles:
        made.append(_way(page, plan, f"Where in?{name}"))
    else:
        made.append(Answer(f"Where in?{name}", "No safe path", "blocked", plan.words[0] if plan.words else ""))
    dialled = setting_words(plan)
    if dialled:
        device = str(getattr(plan.settings, "device", ""))
        made.append(Answer(f"Which setting?{name}", _sentence(dialled), _colour(plan), device))
    if plan.cautions:
        colour = "caution" if plan.feasible else "blocked"
        made.append(Answer(f"What stands against it?{name}", plan.cautions[0], colour, " ".join(plan.cautions[1:])))
    outcome = page.observed or page.predicted
    verdict = page.verdict(outcome)
    if outcome is not None and verdict is not None:
        question = "Predicted margin?" if outcome.predicted else "Margin on follow-up?"
        margin = next((q for q in verdict.quantities if q.name == "minimal_margin"), None)
        answer = {True: "Reached", False: "Not reached", None: "Too close to call"}[verdict.success]
        text = answer if margin is None else f"{answer}: {page.citations.number(margin).text} at the thinnest"
        colour = {True: "good", False: "blocked", None: "caution"}[verdict.success]
        made.append(Answer(f"{question}{name}", text, colour, verdict.words[0] if verdict.words else ""))
    if outcome is not None and outcome.predicted:
        made.append(beside(page, outcome, name))
    unchecked = ", ".join(unseen(page.case, plan))
    detail = (
        "Not outlined in this image, so no distance from them was kept."
        if unchecked
        else "Every structure that the rules ask for was outlined."
    )
    made.append(
        Answer(
            f"What could not be checked?{name}",
            _sentence(unchecked) or "Nothing asked for",
            "caution" if unchecked else "good",
            detail,
        )
    )
    return made


def _colour(plan: Plan) -> str:
    return "caution" if plan.cautions or not plan.feasible else "good"


def _sentence(words: str) -> str:
    """Words with a capital first letter; units keep theirs."""
    return words[:1].upper() + words[1:]


def _way(page: LesionPages, plan: Plan, question: str) -> Answer:
    """How deep and from where; of several applicators the range, and the place of the first."""
    colour, needle = _colour(plan), plan.needles[0]
    known = [{q.name: q for q in n.quantities} for n in plan.needles]
    depths = [page.citations.number(k["depth"]) for k in known if "depth" in k]
    if len(plan.needles) > 1:
        ends = [d for d in depths if isinstance(d.value, float | int)]
        ends.sort(key=lambda d: float(d.value))
        texts = dict.fromkeys((ends[0].text, ends[-1].text)) if ends else {}
        span = f", {' to '.join(texts)} deep" if ends else ""
        answer = f"{number_words(plan)}{span}; the first from {place_words(needle.entry_lps_mm)}"
        return Answer(question, answer, colour, "Depth, angles and places of each stand in the table of applicators.")
    dial = known[0]["axial_angle"].words.partition(": ")[2] if "axial_angle" in known[0] else ""
    summary = needle.words[0] if needle.words else "a straight way was found"
    depth = f"{depths[0].text} deep " if depths else ""
    return Answer(question, f"{depth}from {place_words(needle.entry_lps_mm)}", colour, f"{dial}. {summary}".strip(". ") + ".")


def _reached(received: Received) -> str:
    name = received.structure.replace("_", " ")
    if received.alert_share:
        return f"{name} in {100 * received.alert_share:.0f} % of the runs"
    return f"{name} {received.extreme_c:.0f} °C".replace("-", "\u2212")


def beside(page: LesionPages, outcome: Outcome, name: str) -> Answer:
    """What else is reached: structures beyond a limit, and tissue that nobody outlined."""
    every, spill = received_by(outcome), spill_of(page.case, outcome)
    alerts = [r for r in every if r.level == "alert" or r.alert_share]
    parts = [_reached(r) for r in alerts]
    if spill is not None:
        parts.append(f"{spill.volume_ml:.0f} ml that nobody outlined")
    if leaves_image(page.case, outcome):
        parts.append("tissue beyond the image")
    close = [r for r in every if r.level in ("near", "unknown") and r not in alerts]
    words = [f"{_sentence(r.words)}." for r in (*alerts, *close)[:MOST_ALERTS]]
    detail = " ".join((*words, *(() if spill is None else (f"{spill.words}.",))))
    if not parts and close:
        parts.append(f"no alert, but look at {', '.join(r.structure.replace('_', ' ') for r in close)}")
    answer = _sentence(", ".join(parts)) or "Nothing outlined comes near its limit"
    return Answer(f"{energy_words(outcome.procedure).beside}{name}", answer, "caution" if parts else "good", detail)
