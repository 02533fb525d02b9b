"""Which vial, on which day and at which hour, gives the wanted activity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from locoregional.case import Quantity
from locoregional.errors import PlanningError
from locoregional.nuclides import decay_factor, nuclide, seconds_between
from locoregional.procedures.tare.microspheres import Product, activity_at, sphere_count

__all__ = ["OFF_SHARE", "VialOption", "local_instant", "vial_at", "vial_options"]

OFF_SHARE = 0.1
"""Deviation from the wanted activity up to which an hour is offered."""
_HOUR_S = 3600.0
_MOST_DAYS = 60


@dataclass(frozen=True)
class VialOption:
    """A vial at an hour.

    Attributes
    ----------
    vial_gbq : float
        Activity of the whole vial at calibration.
    calibrated, infusion : datetime
        Instants, with their time zones.
    left_gbq : float
        Activity of the whole vial at infusion.
    given_gbq : float
        Activity given: the wanted one where a part may be drawn, otherwise the whole vial.
    drawn_share : float
        Share of the vial that is drawn.
    off_share : float
        Activity given over the wanted one, less 1.
    sphere_bq : float
        Activity of a sphere at infusion.
    spheres : Quantity
        Spheres given.
    words : tuple of str
        What to know of it.
    """

    vial_gbq: float
    calibrated: datetime
    infusion: datetime
    left_gbq: float
    given_gbq: float
    drawn_share: float
    off_share: float
    sphere_bq: float
    spheres: Quantity
    words: tuple[str, ...]


def local_instant(day: date, hour: time, zone: str) -> datetime:
    """Instant of a clock on a wall.

    Parameters
    ----------
    day, hour : date, time
        What calendar and clock show.
    zone : str
        Name of the time zone: ``Europe/Berlin``.

    Raises
    ------
    PlanningError
        If there is no such zone, or the clock shows this hour never or twice on that day.
    """
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PlanningError(f"no time zone is called {zone!r}", where="zone", remedy="Write it as Europe/Berlin.") from error
    early, late = (datetime.combine(day, hour.replace(fold=fold), tzinfo=where) for fold in (0, 1))
    there = early.astimezone(UTC).astimezone(where)
    if there.replace(tzinfo=None) != early.replace(tzinfo=None) or early.utcoffset() != late.utcoffset():
        raise PlanningError(
            f"{day} {hour:%H:%M} in {zone} is an hour of the clock change: it comes never or twice",
            where="hour",
            remedy="Choose another hour.",
        )
    return early


def vial_at(
    item: Product, *, vial_gbq: float, calibrated: datetime, infusion: datetime, wanted_gbq: float | None = None
) -> VialOption:
    """A vial at an hour.

    Parameters
    ----------
    item : Product
        Product.
    vial_gbq : float
        Activity of the vial at calibration.
    calibrated, infusion : datetime
        Instants, with their time zones.
    wanted_gbq : float or None
        Activity wanted in the vial at infusion; None: the whole vial.

    Raises
    ------
    PlanningError
        If the vial has expired, or a part is wanted that is more than the whole.
    UnitsError
        If an instant has no time zone.
    """
    left = activity_at(item, calibrated_gbq=vial_gbq, calibrated=calibrated, infusion=infusion)
    wanted = left if wanted_gbq is None else wanted_gbq
    if item.divisible and wanted > left * (1.0 + 1e-9):
        raise PlanningError(
            f"{wanted:.3g} GBq wanted, {left:.3g} GBq left in the vial",
            where="wanted_gbq",
            remedy="Treat earlier, or order a second vial.",
        )
    given = wanted if item.divisible else left
    elapsed = seconds_between(calibrated, infusion)
    factor = decay_factor(time_s=elapsed, half_life_s=nuclide("Y-90").half_life_s)
    words = []
    if elapsed < 0.0:
        words.append("before its calibration: ask whether the vial can be there, and whether its label allows it")
    if item.second_week is not None and elapsed >= float(item.second_week) * _HOUR_S:
        words.append(f"second week: {1.0 / factor:.1f} times the spheres for the same activity")
    return VialOption(
        vial_gbq=vial_gbq,
        calibrated=calibrated,
        infusion=infusion,
        left_gbq=left,
        given_gbq=given,
        drawn_share=min(1.0, given / left),
        off_share=given / wanted - 1.0,
        sphere_bq=float(item.sphere) * factor,
        spheres=sphere_count(item, calibrated_gbq=given / factor),
        words=tuple(words),
    )


def vial_options(
    item: Product,
    *,
    wanted_gbq: float,
    calibrations: Iterable[datetime],
    first_day: date,
    days: int,
    hours: Sequence[time],
    zone: str,
    vials_gbq: Sequence[float] = (),
    off_share: float = OFF_SHARE,
) -> tuple[VialOption, ...]:
    """Vials, days and hours that give the wanted activity, the nearest first.

    Parameters
    ----------
    item : Product
        Product.
    wanted_gbq : float
        Activity wanted in the vial at infusion.
    calibrations : iterable of datetime
        Instants of calibration that can be ordered.
    first_day : date
        First day of treatment.
    days : int
        Number of days, 1 to 60.
    hours : sequence of time
        Hours of treatment, as the clock at ``zone`` shows them; hours of a clock change are left out.
    zone : str
        Name of the time zone of the treatment: ``Europe/Berlin``.
    vials_gbq : sequence of float
        Activities of vials at calibration. Default: those of the product.
    off_share : float
        Largest deviation from the wanted activity, as a share of it.

    Returns
    -------
    tuple of VialOption
        Empty where none fits. Expired vials are left out.

    Raises
    ------
    PlanningError
        If the window, the zone or an activity is not possible.
    UnitsError
        If a calibration has no time zone.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise PlanningError(f"{days} days", where="days", remedy=f"Give 1 to {_MOST_DAYS}.")
    if not 0.0 < wanted_gbq < float("inf"):
        raise PlanningError(f"{wanted_gbq:g} GBq", where="wanted_gbq", remedy="Give a positive activity in GBq.")
    local_instant(first_day, time(12), zone)  # a wrong zone is an error, an hour of the clock change is not
    instants = []
    for number in range(days):
        for hour in hours:
            try:
                instants.append(local_instant(first_day + timedelta(days=number), hour, zone))
            except PlanningError:
                continue
    found = []
    for calibrated in calibrations:
        for infusion in instants:
            if seconds_between(calibrated, infusion) > float(item.shelf_life) * _HOUR_S:
                continue
            for vial_gbq in vials_gbq or item.vials_gbq:
                left = activity_at(item, calibrated_gbq=vial_gbq, calibrated=calibrated, infusion=infusion)
                fits = left >= wanted_gbq if item.divisible else abs(left / wanted_gbq - 1.0) <= off_share
                if fits:
                    option = vial_at(item, vial_gbq=vial_gbq, calibrated=calibrated, infusion=infusion, wanted_gbq=wanted_gbq)
                    found.append(option)
    return tuple(sorted(found, key=lambda x: (round(abs(x.off_share), 9), abs(seconds_between(x.calibrated, x.infusion)))))
