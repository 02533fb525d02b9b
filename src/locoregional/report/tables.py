"""Tables of a report: outlines and settings."""

from __future__ import annotations

from locoregional.case import Case, Plan
from locoregional.report.citations import Citations
from locoregional.report.document import Badge, Cell, Number, Table

__all__ = ["settings_table", "structures_table"]

TISSUES = {
    "liver": "liver", "lung": "aerated lung", "adrenal": "adrenal tissue", "bone": "cancellous bone", "soft_tissue": "muscle",
}  # fmt: skip
"""Tissue that stands for an organ where settings are compared, in words."""


def structures_table(case: Case) -> Table | None:
    """Structures of a case, those of one origin in one row; None where there are none."""
    groups: dict[str, list[str]] = {}
    for name in sorted(case.structures):
        groups.setdefault(case.origins.get(name, "origin not recorded"), []).append(name.replace("_", " "))
    if not groups:
        return None
    rows: list[tuple[Cell, ...]] = [(", ".join(names).capitalize(), origin) for origin, names in groups.items()]
    return Table(("Structures", "Outline"), tuple(rows), "Structures that the plan knows")


def settings_table(plan: Plan, citations: Citations, *, organ: str = "") -> Table | None:
    """Settings that were compared, with the zone and the chance of a single applicator; None where the plan compared none.

    Parameters
    ----------
    plan : Plan
        Its quantities ``setting_...`` are the rows.
    citations : Citations
        Of the whole report.
    organ : str
        Organ of the lesion, for the tissue in which the zones were simulated.
    """
    rows: list[tuple[Cell, ...]] = []
    chosen, goal = _name_of_setting(plan), ""
    for q in plan.quantities:
        if q.name.startswith("setting_"):
            number = citations.number(q)
            zone, _, said = number.note.partition("; ")
            goal = goal or said
            state: Cell = Badge("chosen", "good") if q.name == chosen else ""
            plain = Number(number.label, number.value, number.unit, number.low, number.high, decimals=number.decimals)
            rows.append((number.label, zone.removeprefix("zone ").capitalize(), plain, state))
    if not rows:
        return None
    tissue = TISSUES.get(organ, "tissue")
    heads = ("Setting", f"Zone of one applicator in homogeneous {tissue}", "Chance", "")
    words = goal or "chance to cover the lesion"
    return Table(heads, tuple(rows), f"Settings compared, and the {words} (misplacement included)", (2,))


def _name_of_setting(plan: Plan) -> str:
    """Name under which a plan lists the setting that it chose."""
    power, time = getattr(plan.settings, "power_w", None), getattr(plan.settings, "time_s", None)
    if power is None or time is None:
        return ""
    program = getattr(plan.settings, "program", "")
    return f"setting_{power:g}w_{time:g}s" + (f"_{program}" if program else "")
