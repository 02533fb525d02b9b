"""Activity by body surface, by the empiric table, and the shunt reduction of an older insert: resin only."""

from __future__ import annotations

from locoregional.case import Quantity, body_surface_m2
from locoregional.errors import CaseError, PlanningError
from locoregional.procedures.tare.spread import LEVEL, Spread, fraction, positive
from locoregional.sources import read_facts

__all__ = ["body_surface_activity", "empiric_activity", "shunt_reduction"]

_FILE = "planning_facts.toml"


def body_surface_activity(
    *,
    height_cm: float,
    weight_kg: float,
    tumour_ml: Spread,
    liver_ml: Spread,
    lobe_tumour_ml: Spread | None = None,
    lobe_ml: Spread | None = None,
    reduction_share: float = 0.0,
) -> Quantity:
    """Activity of resin microspheres by body surface.

    Parameters
    ----------
    height_cm, weight_kg : float
        Of the patient.
    tumour_ml, liver_ml : Spread
        All tumour, and all liver with its tumours.
    lobe_tumour_ml, lobe_ml : Spread or None
        For one lobe: its tumour, and the lobe with its tumours. The activity of a whole liver with the involvement of that lobe
        is multiplied by the share of the liver that the lobe is.
    reduction_share : float
        Share taken off for the lung shunt (:func:`shunt_reduction`).

    Returns
    -------
    Quantity
        Activity in the vial at infusion [GBq] with its 90 % interval.

    Raises
    ------
    PlanningError
        If a volume is not positive, more tumour than liver is stated, or only one of the two numbers of the lobe is given.
    """
    try:
        surface = body_surface_m2(height_cm=height_cm, weight_kg=weight_kg)
    except CaseError as error:  # one model of several: the others do not need it
        raise PlanningError(error.what, where=error.where, remedy=error.remedy) from None
    offset = float(read_facts(__package__, _FILE)["body_surface.offset"])
    if not 0.0 <= reduction_share < 1.0:
        raise PlanningError(
            f"a reduction of {reduction_share:g}", where="reduction_share", remedy="Give a fraction: 20 % is 0.2."
        )
    if (lobe_tumour_ml is None) != (lobe_ml is None):
        raise PlanningError("half of a lobe", where="lobe_ml", remedy="Give the lobe and the tumour in it.")
    held, within = (tumour_ml, liver_ml) if lobe_ml is None or lobe_tumour_ml is None else (lobe_tumour_ml, lobe_ml)
    for part, around in ((tumour_ml, liver_ml), (held, within), (within, liver_ml)):
        positive(around, "liver_ml")
        if part.low < 0.0 or part.value > around.value:
            raise PlanningError(
                f"{part.value:g} ml of {around.value:g} ml of liver",
                where="tumour_ml",
                remedy="Give volumes in ml, not per cent.",
            )
    size = 1.0 if lobe_ml is None else lobe_ml.value / liver_ml.value

    def gbq(tumour: float, liver: float) -> float:
        return (surface - offset + min(1.0, tumour / liver)) * size * (1.0 - reduction_share)

    lobar = "" if lobe_ml is None else f", lobe of {100.0 * size:.0f} % of the liver (lobar form unverified)"
    less = f", {100.0 * reduction_share:.0f} % taken off for the shunt (older insert, unverified)" if reduction_share else ""
    return Quantity(
        "activity_bsa",
        "activity by body surface",
        gbq(held.value, within.value),
        "GBq",
        gbq(held.low, within.high),
        gbq(held.high, within.low),
        LEVEL,
        f"body surface {surface:.3f} m2 (Du Bois), involvement {100.0 * held.value / within.value:.1f} %{lobar}{less}; "
        "resin only, looks neither at uptake nor at dose; interval from the volumes alone",
        ("articl_bsa", "dubois1916"),
    )


def shunt_reduction(lung_shunt: Spread) -> float:
    """Share that an older insert for resin took off the activity for a lung shunt (unverified).

    Raises
    ------
    PlanningError
        If the shunt is no fraction, or above what the label permits.
    """
    fraction(lung_shunt, "lung_shunt")
    facts = read_facts(__package__, _FILE).section("reduction")
    percent = 100.0 * lung_shunt.value
    stop = read_facts(__package__, "limit_facts.toml")["shunt.stop"]
    if percent > float(stop):
        raise PlanningError(
            f"a lung shunt of {percent:.3g} %", where="lung_shunt", remedy=f"Above {float(stop):g} % none is given."
        )
    if percent < float(facts["none_below"]):
        return 0.0
    return 0.01 * float(facts["smaller"] if percent < float(facts["some_below"]) else facts["larger"])


def empiric_activity(*, tumour_ml: Spread, liver_ml: Spread) -> Quantity:
    """Activity of resin microspheres by the empiric table of involvement (unverified).

    Parameters
    ----------
    tumour_ml, liver_ml : Spread
        All tumour, and all liver with its tumours.

    Raises
    ------
    PlanningError
        If a volume is not positive, or there is more tumour than liver.
    """
    positive(liver_ml, "liver_ml")
    if tumour_ml.low < 0.0 or tumour_ml.value > liver_ml.value:
        raise PlanningError(
            f"{tumour_ml.value:g} ml of {liver_ml.value:g} ml of liver", where="tumour_ml", remedy="Give volumes in ml."
        )
    facts = read_facts(__package__, _FILE).section("empiric")
    ends, steps = facts["involvement"].value, facts["activity"].value

    def gbq(tumour: float, liver: float) -> float:
        percent = 100.0 * tumour / liver
        return float(steps[sum(percent > end for end in ends)])

    involved = 100.0 * tumour_ml.value / liver_ml.value
    return Quantity(
        "activity_empiric",
        "activity by the empiric table",
        gbq(tumour_ml.value, liver_ml.value),
        "GBq",
        gbq(tumour_ml.low, liver_ml.high),
        gbq(tumour_ml.high, liver_ml.low),
        LEVEL,
        f"involvement {involved:.1f} %; table recalled and unverified, resin only",
        (facts["activity"].key,),
    )
