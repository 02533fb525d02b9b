"""The log of an outcome: power, impedance and tip temperature, or what the probes take up, on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.case import Outcome, Plan
from locoregional.report.applicators import applicator_names
from locoregional.report.document import Figure
from locoregional.report.pictures.time_course import LogPanel, generator_log

__all__ = ["log_figure", "log_panels"]

HIGHEST_OHM = 999.0
"""A load at which every generator has long given up."""


@dataclass(frozen=True)
class _Reading:
    """How a trace is shown: title, unit, factor, and whether its axis starts at zero."""

    title: str
    unit: str
    factor: float = 1.0
    from_zero: bool = True


READINGS = {
    "power_w": _Reading("Power", "W"),
    "impedance_ohm": _Reading("Impedance", "Ω"),
    "tip_c": _Reading("Temperature at the thermocouples", "°C", from_zero=False),
    "current_a": _Reading("Current", "A"),
    "hottest_c": _Reading("Hottest point of all tissue", "°C", from_zero=False),
    "absorbed_w": _Reading("Power that heats tissue", "W"),
    "reflected_share": _Reading("Reflected", "%", 100.0),
    "probe_c": _Reading("Temperature of the probe", "°C", from_zero=False),
    "cooling_w": _Reading("Heat taken up by the probe", "W"),
}
"""What is shown, in this order; traces of several probes end in ``_1``, ``_2`` ..."""


def log_panels(outcome: Outcome, plan: Plan | None) -> tuple[LogPanel, ...]:
    """Panels for the traces that an outcome holds."""
    count = len(outcome.traces.get("time_s", ()))
    names = applicator_names(plan) if plan is not None else ()
    panels = []
    for key, reading in READINGS.items():
        curves = []
        for name, values in outcome.traces.items():
            number = name.removeprefix(f"{key}_")
            if len(values) == count and (name == key or (name.startswith(f"{key}_") and number.isdigit())):
                curves.append((_name(number, names), [reading.factor * v for v in values]))
        if curves:
            plural = reading.title.replace("the probe", "each probe") if len(curves) > 1 else reading.title
            level, words = _reference(key, plan)
            highest = HIGHEST_OHM if key == "impedance_ohm" else None
            panels.append(LogPanel(plural, reading.unit, tuple(curves), level, words, highest, reading.from_zero))
    return tuple(panels)


def _name(number: str, names: Sequence[str]) -> str:
    if not number.isdigit():
        return ""
    return names[int(number) - 1] if 1 < len(names) >= int(number) else number


def _reference(key: str, plan: Plan | None) -> tuple[float | None, str]:
    """Level of the generator that a power is compared with."""
    power = getattr(plan.settings, "power_w", None) if plan is not None else None
    if plan is None or not power:
        return None, ""
    if key == "power_w":
        return power, "limit of the generator"
    if key != "absorbed_w":
        return None, ""
    at_once = len(plan.needles) if getattr(plan.settings, "together", True) else 1
    return at_once * power, f"set: {at_once} x {power:g} W" if at_once > 1 else "set on the generator"


def log_figure(outcome: Outcome, plan: Plan | None) -> Figure | None:
    """Log of the nominal run; None where the outcome holds no traces."""
    time_s = outcome.traces.get("time_s", ())
    panels = log_panels(outcome, plan) if len(time_s) > 1 else ()
    if not panels:
        return None
    end_s = getattr(plan.settings, "time_s", None) if plan is not None else None
    data = generator_log(panels, time_s=time_s, end_s=end_s)
    words = "What the console would log in the nominal run, on one clock: to be laid beside the real log."
    several = plan is not None and len(plan.needles) > 1
    if several and plan is not None and not getattr(plan.settings, "together", True):
        words += f" Of the first of {len(plan.needles)} applicators, which work one after another."
    elif several and any(p.title == READINGS["absorbed_w"].title for p in panels):
        words += " Power: all applicators together."
    if any(p.title == READINGS["hottest_c"].title for p in panels):
        words += " The hottest point lies at the applicator; no thermometer shows it."
    alt = f"Log over {time_s[-1] / 60:.0f} min: " + ", ".join(_range(p) for p in panels) + "."
    return Figure(data, words, alt, plot=True, width_share=0.85)


def _range(panel: LogPanel) -> str:
    values = [v for _, curve in panel.curves for v in curve if abs(v) < float("inf")]
    if not values:
        return panel.title.lower()
    return f"{panel.title.lower()} {min(values):.3g} to {max(values):.3g} {panel.unit}".replace("-", "\u2212")
