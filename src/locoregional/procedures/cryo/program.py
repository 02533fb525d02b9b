"""Programs of a cryoablation console, by what people call them: 10-5-10, 15, 10-5-10+3."""

from __future__ import annotations

import re

from locoregional.errors import PlanningError
from locoregional.physics.freezing import Phase
from locoregional.units import minutes_to_s

__all__ = ["freeze_ends_s", "phases_of", "program_time_s"]

_MINUTES = r"\d+(?:\.\d+)?"
_FORM = re.compile(rf"({_MINUTES}(?:-{_MINUTES})*)(?:\+({_MINUTES}))?")


def phases_of(program: str) -> tuple[Phase, ...]:
    """Phases of a program.

    Parameters
    ----------
    program : str
        Minutes of freezing and of passive thaw in turn, joined by ``-``; ``+3`` at the end: three minutes of active thaw.

    Returns
    -------
    tuple of Phase
        The first is a freeze.

    Raises
    ------
    PlanningError
        If the words are no program, or a phase lasts no time.
    """
    found = _FORM.fullmatch(program.strip())
    minutes = [float(part) for part in found.group(1).split("-")] if found else []
    warm = float(found.group(2)) if found and found.group(2) else None
    if not found or min(minutes) <= 0 or warm == 0:
        raise PlanningError(
            f"{program!r} is no program of a cryoablation console",
            where="program",
            remedy="Write minutes of freezing and thawing in turn, as 10-5-10 or 15, and +3 for active thaw at the end.",
        )
    phases = [Phase("rest" if n % 2 else "freeze", minutes_to_s(value)) for n, value in enumerate(minutes)]
    return (*phases, *((Phase("warm", minutes_to_s(warm)),) if warm else ()))


def program_time_s(program: str) -> float:
    """How long a program lasts [s]."""
    return float(sum(phase.duration_s for phase in phases_of(program)))


def freeze_ends_s(phases: tuple[Phase, ...]) -> tuple[float, ...]:
    """Times [s] at which the freezes of a program end."""
    ends, now = [], 0.0
    for phase in phases:
        now += phase.duration_s
        if phase.kind == "freeze":
            ends.append(now)
    return tuple(ends)
