"""Tables of a report: outlines, power and time, and what the literature says."""

from __future__ import annotations

from locoregional.case import Case, Plan
from locoregional.procedures import procedure
from locoregional.report.citations import Citations
from locoregional.report.document import Badge, Cell, Number, Table
from locoregional.sources import Sourced

__all__ = ["literature_table", "settings_table", "structures_table"]


def structures_table(case: Case) -> Table | None:
    """Structures of a case, those of one origin in one row; None where there are none."""
    groups: dict[str, list[str]] = {}
    for name in sorted(case.structures):
        groups.setdefault(case.origins.get(name, "origin not recorded"), []).append(name.replace("_", " "))
    if not groups:
        return None
    rows: list[tuple[Cell, ...]] = [(", ".join(names).capitalize(), origin) for origin, names in groups.items()]
    return Table(("Structures", "Outline"), tuple(rows), "Structures that the plan knows")


def settings_table(plan: Plan, citations: Citations) -> Table | None:
    """Power and time that were compared, with the zone and the chance of each; None where the plan compared none."""
    rows: list[tuple[Cell, ...]] = []
    power, time = getattr(plan.settings, "power_w", None), getattr(plan.settings, "time_s", None)
    for q in plan.quantities:
        if q.name.startswith("setting_"):
            number = citations.number(q)
            zone = number.note.partition("; ")[0]
            chosen = power is not None and time is not None and q.name == f"setting_{power:g}w_{time:g}s"
            state: Cell = Badge("chosen", "good") if chosen else ""
            plain = Number(number.label, number.value, number.unit, number.low, number.high, decimals=number.decimals)
            rows.append((number.label, zone.removeprefix("zone ").capitalize(), plain, state))
    if not rows:
        return None
    heads = ("Setting", "Zone in homogeneous liver", "Covers with 5 mm", "")
    return Table(heads, tuple(rows), "Power and time: chance to cover the lesion with 5 mm, misplacement included", (2,))


def literature_table(name: str, citations: Citations) -> Table | None:
    """Results that the literature reports for a procedure, with interval, status and source; None where it names none."""
    facts: tuple[Sourced, ...] = getattr(procedure(name), "literature", ())
    rows = tuple(_reported(fact, citations) for fact in facts)
    if not rows:
        return None
    return Table(("What", "Reported", "Read where", "Caveat"), rows, "What the literature reports", (1,))


def _reported(fact: Sourced, citations: Citations) -> tuple[Cell, ...]:
    label = fact.key.rpartition(".")[2].replace("_", " ")
    for short, long in (("mwa", "(microwave)"), ("rfa", "(radiofrequency)")):
        label = label.removesuffix(f" {short}") + f" {long}" if label.endswith(f" {short}") else label
    level = 0.95 if "95 %" in fact.where else 0.9
    number = Number(
        label, fact.value, fact.unit, fact.low, fact.high, level, source=citations.cite(fact.source), where=fact.where,
        status=fact.status, decimals=None if fact.low is not None else 1,
    )  # fmt: skip
    return label.capitalize(), number, fact.where, fact.note
