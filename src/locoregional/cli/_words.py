"""Numbers as one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locoregional.case import Plan, Quantity

__all__ = ["plan_lines", "quantity_line"]


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """Whether it is feasible, what stands against it, the reasons, and what could not be checked."""
    answer = ("feasible, but" if plan.cautions else "feasible") if plan.feasible else "NOT feasible"
    return (
        f"{plan.lesion_id}  {plan.procedure}: {answer}",
        *(f"   ! {words}" for words in plan.cautions),
        *(f"   {words}" for words in plan.words),
        *((f"   could not check: {', '.join(plan.unchecked)}",) if plan.unchecked else ()),
    )


def quantity_line(quantity: Quantity) -> str:
    """Words, value, interval and unit; "cannot be given" where there is no value."""
    q = quantity
    if q.value is None:
        return f"{q.words}: cannot be given"
    band = "" if q.low is None or q.high is None else f" ({100 * q.level:.0f} %: {q.low:.3g} to {q.high:.3g})"
    return f"{q.words}: {q.value:.3g} {'' if q.unit == '1' else q.unit}{band}"
