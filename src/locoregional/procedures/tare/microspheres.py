"""The two products: how many spheres carry an activity, how long a vial holds, and what is left in it at an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2

from locoregional.case import Quantity
from locoregional.errors import PlanningError
from locoregional.nuclides import decay_factor, nuclide, seconds_between
from locoregional.procedures.tare.limits import DEVICES
from locoregional.procedures.tare.spread import LEVEL
from locoregional.sources import Sourced, read_facts

__all__ = ["Product", "activity_at", "product", "sphere_count", "when_left"]

_BQ = 1e9
_HOUR_S = 3600.0
_SPHERES_AT_GBQ = 3.0  # the activity that the table of sphere numbers is for


@dataclass(frozen=True)
class Product:
    """A product of microspheres.

    Attributes
    ----------
    device : str
        ``resin`` or ``glass``.
    sphere : Sourced
        Activity of a sphere at calibration [Bq].
    spheres : Sourced
        Number per 3 GBq at calibration.
    vials : Sourced
        Activities of the vials at calibration [GBq].
    diameter : Sourced
        Diameter [um].
    shelf_life : Sourced
        Time after calibration until which a vial may be used [h].
    second_week : Sourced or None
        Time after calibration from which on a dose counts as one of the second week [h].
    divisible : bool
        Whether a part may be drawn; otherwise a vial is given whole, and the hour sets its activity.
    """

    device: str
    sphere: Sourced
    spheres: Sourced
    vials: Sourced
    diameter: Sourced
    shelf_life: Sourced
    second_week: Sourced | None
    divisible: bool

    @property
    def vials_gbq(self) -> tuple[float, ...]:
        """Activities of the vials at calibration [GBq]."""
        return tuple(float(x) for x in self.vials.value)

    @property
    def words(self) -> str:
        """What it is."""
        low, high = self.diameter.low, self.diameter.high
        shares = "a part may be drawn" if self.divisible else "given whole"
        return (
            f"{self.device} microspheres, {low:g} to {high:g} um, {float(self.sphere):g} Bq each at calibration, vials {shares}"
        )


def product(device: str) -> Product:
    """Product of a device.

    Raises
    ------
    PlanningError
        If there is none.
    """
    if device not in DEVICES:
        raise PlanningError(f"device {device!r} is unknown", where="device", remedy=f"Use {' or '.join(DEVICES)}.")
    facts = read_facts(__package__, "sphere_facts.toml").section(device)
    return Product(
        device,
        sphere=facts["sphere"],
        spheres=facts["spheres"],
        vials=facts["vials"],
        diameter=facts["diameter"],
        shelf_life=facts["shelf_life"],
        second_week=facts.get("second_week"),
        divisible=device == "resin",
    )


def sphere_count(item: Product, *, calibrated_gbq: float) -> Quantity:
    """Number of spheres that carried an activity at calibration.

    Parameters
    ----------
    item : Product
        Product.
    calibrated_gbq : float
        Activity of these spheres at the calibration of their vial.

    Raises
    ------
    PlanningError
        If the activity is not positive.
    """
    _positive(calibrated_gbq, "calibrated_gbq")
    per_gbq = item.spheres
    scale = calibrated_gbq / _SPHERES_AT_GBQ
    count = calibrated_gbq * _BQ / float(item.sphere)
    low = None if per_gbq.low is None else per_gbq.low * scale
    high = None if per_gbq.high is None else per_gbq.high * scale
    method = f"{float(item.sphere):g} Bq a sphere at calibration"
    if low is None:
        method += "; no range of the activity per sphere is held"
    return Quantity("spheres", "number of spheres", count, "spheres", low, high, LEVEL, method, (item.sphere.source,))


def activity_at(item: Product, *, calibrated_gbq: float, calibrated: datetime, infusion: datetime) -> float:
    """Activity of a vial at infusion [GBq].

    Parameters
    ----------
    item : Product
        Product.
    calibrated_gbq : float
        Activity at calibration.
    calibrated, infusion : datetime
        Instants, with their time zones.

    Raises
    ------
    PlanningError
        If the vial has expired, or the activity is not positive.
    UnitsError
        If an instant has no time zone.
    """
    _positive(calibrated_gbq, "calibrated_gbq")
    elapsed = seconds_between(calibrated, infusion)
    if elapsed > float(item.shelf_life) * _HOUR_S:
        raise PlanningError(
            f"infusion {elapsed / _HOUR_S:.1f} h after calibration; the {item.device} vial expires after "
            f"{float(item.shelf_life):g} h ({item.shelf_life.status})",
            where="infusion",
            remedy="Order a vial that is calibrated later.",
        )
    return calibrated_gbq * decay_factor(time_s=elapsed, half_life_s=nuclide("Y-90").half_life_s)


def when_left(item: Product, *, calibrated_gbq: float, calibrated: datetime, wanted_gbq: float) -> datetime:
    """Instant at which a vial has the wanted activity left; in the time zone of its calibration.

    Raises
    ------
    PlanningError
        If the vial has expired by then, or an activity is not positive.
    UnitsError
        If the instant has no time zone.
    """
    _positive(calibrated_gbq, "calibrated_gbq")
    _positive(wanted_gbq, "wanted_gbq")
    seconds_between(calibrated, calibrated)
    wait = nuclide("Y-90").half_life_s * log2(calibrated_gbq / wanted_gbq)
    instant = (calibrated.astimezone(UTC) + timedelta(seconds=wait)).astimezone(calibrated.tzinfo)
    if wait > 0.0:
        activity_at(item, calibrated_gbq=calibrated_gbq, calibrated=calibrated, infusion=instant)
    return instant


def _positive(activity_gbq: float, name: str) -> None:
    if not 0.0 < activity_gbq < float("inf"):
        raise PlanningError(f"{activity_gbq:g} GBq", where=name, remedy="Give a positive activity in GBq.")
