"""How numbers with intervals, instants, territories and hours are written on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import time

__all__ = ["INSTANT", "NUMBER", "TERRITORY", "hours_of"]


class _Number(click.ParamType):
    """``5`` or ``5:3:8``."""

    name = "value[:low:high]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Value with the ends of its interval."""
        from locoregional.errors import PlanningError
        from locoregional.procedures.tare.spread import Spread, exact

        if isinstance(value, Spread):
            return value
        try:
            parts = [float(x) for x in str(value).split(":")]
        except ValueError:
            parts = []
        if len(parts) not in (1, 3):
            self.fail(f"{value!r} is no number; write 5, or 5:3:8 for a value with its 90 % interval.", param, ctx)
        try:
            return exact(parts[0]) if len(parts) == 1 else Spread(parts[0], parts[1], parts[2])
        except PlanningError as error:
            return self.fail(str(error), param, ctx)


class _Instant(click.ParamType):
    """``2026-03-01T12:00-05:00``."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Instant with its time zone."""
        from datetime import datetime

        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            return self.fail(f"{value!r} is no instant; write 2026-03-01T12:00-05:00.", param, ctx)
        if found.tzinfo is None:
            self.fail(f"{value!r} has no time zone: noon is not the same everywhere; write 2026-03-01T12:00-05:00.", param, ctx)
        return found


class _Territory(click.ParamType):
    """``right:0.7:150:800:4:0.05``."""

    name = "territory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Name and territory."""
        from locoregional.errors import PlanningError
        from locoregional.procedures.tare.activity_request import PerfusedTerritory
        from locoregional.procedures.tare.spread import exact

        if isinstance(value, tuple):
            return value
        name, *rest = str(value).split(":")
        try:
            numbers = [exact(float(x)) for x in rest]
        except (ValueError, PlanningError):
            numbers = []
        if len(numbers) not in (4, 5) or not name:
            self.fail(f"{value!r} is no territory; write NAME:SHARE:TUMOUR_ML:NORMAL_ML:TN[:SHUNT].", param, ctx)
        return name, PerfusedTerritory(*numbers)


NUMBER, INSTANT, TERRITORY = _Number(), _Instant(), _Territory()
"""Types of options."""


def hours_of(text: str) -> tuple[time, ...]:
    """Full hours of ``8-17``, both ends included.

    Raises
    ------
    click.UsageError
        If it is no range of hours.
    """
    from datetime import time

    try:
        first, last = (int(x) for x in text.split("-"))
    except ValueError:
        first, last = 1, 0
    if not 0 <= first <= last <= 23:
        raise click.UsageError(f"{text!r} is no range of hours; write 8-17.")
    return tuple(time(hour) for hour in range(first, last + 1))
