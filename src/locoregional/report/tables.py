"""Tables of a report: outlines, power and time."""

from __future__ import annotations

from locoregional.case import Case, Plan
from locoregional.report.citations import Citations
from locoregional.report.document import Badge, Cell, Number, Table

__all__ = ["settings_table", "structures_table"]


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
