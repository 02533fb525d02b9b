"""Applicators of a plan as a reader meets them: their names, what is dialled, and how each goes in."""

from __future__ import annotations

from locoregional.case import Needle, Plan, Quantity
from locoregional.report.citations import Citations
from locoregional.report.document import Cell, Number, Table
from locoregional.report.numbers import format_value

__all__ = ["applicator_names", "needles_table", "number_words", "place_words", "setting_words"]


def place_words(lps_mm: tuple[float, float, float]) -> str:
    """LPS point in words: how far to the patient's right or left, front or back, feet or head of the scanner's origin."""
    sides = (("R", "L"), ("A", "P"), ("F", "H"))
    return (
        ", ".join(f"{pair[int(v >= 0)]} {format_value(abs(float(v)), decimals=0)}" for pair, v in zip(sides, lps_mm, strict=True))
        + " mm"
    )


def applicator_names(plan: Plan) -> tuple[str, ...]:
    """Names of the applicators: A1, A2 ... where there are several."""
    return tuple(f"A{i}" for i in range(1, 1 + len(plan.needles))) if len(plan.needles) > 1 else ("Needle",) * len(plan.needles)


def number_words(plan: Plan) -> str:
    """How many applicators work how; empty for one."""
    count = len(plan.needles)
    if count < 2:
        return ""
    return f"{count} applicators {'at once' if getattr(plan.settings, 'together', True) else 'one after another'}"


def setting_words(plan: Plan) -> str:
    """What is dialled, in words; empty where the settings are not those of an ablation."""
    power, time = getattr(plan.settings, "power_w", None), getattr(plan.settings, "time_s", None)
    if power is None or time is None:
        return ""
    setting = getattr(plan.settings, "setting", None)
    words = setting.words if setting is not None else f"{power:g} W for {time / 60:g} min"
    number = number_words(plan)
    return f"{number}, each {words}" if number else words


def needles_table(plan: Plan, citations: Citations) -> Table | None:
    """Entry, tip, depth and angles of every applicator; None for a single one, which has its own numbers."""
    if len(plan.needles) < 2:
        return None
    rows = [_row(name, needle, citations) for name, needle in zip(applicator_names(plan), plan.needles, strict=True)]
    heads = ("", "Skin to tip", "Angles", "Skin entry", "Tip", "Table z", "Nearest structure", "Lies")
    return Table(heads, tuple(rows), f"{number_words(plan)}; places in LPS from the scanner's origin", (1, 5))


def _row(name: str, needle: Needle, citations: Citations) -> tuple[Cell, ...]:
    known = {q.name: q for q in needle.quantities}

    def plain(key: str) -> Cell:
        if key not in known:
            return "not known"
        number = citations.number(known[key])
        return Number(number.label, number.value, number.unit, decimals=number.decimals)

    dial = known["axial_angle"].words.partition(": ")[2] if "axial_angle" in known else ""
    lies = needle.words[0].partition(": ")[2].rstrip(".") if needle.words else ""
    entry, tip = place_words(needle.entry_lps_mm), place_words(needle.tip_lps_mm)
    return (name, plain("depth"), dial or "not known", entry, tip, plain("entry_table"), _nearest(needle), lies)


def _nearest(needle: Needle) -> str:
    def room(q: Quantity) -> float:
        return float("inf") if q.value is None else q.value

    rooms = [q for q in needle.quantities if q.name.startswith("clearance_") and q.value is not None]
    if not rooms:
        return "none within reach"
    nearest = min(rooms, key=room)
    return f"{nearest.name.removeprefix('clearance_').replace('_', ' ')}, {format_value(room(nearest), decimals=0)} mm"
