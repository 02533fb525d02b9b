"""What a question about activity needs, and the models it can be put to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from locoregional.errors import PlanningError
from locoregional.procedures.tare.delivery import Model
from locoregional.procedures.tare.limits import LiverFunction
from locoregional.procedures.tare.masses import assumed_lungs, liver_mass
from locoregional.procedures.tare.modified_partition import ModifiedPartition, modified_from_partition
from locoregional.procedures.tare.multi_compartment import MultiCompartment, Territory, Tissue
from locoregional.procedures.tare.partition import Partition
from locoregional.procedures.tare.single_compartment import SingleCompartment
from locoregional.procedures.tare.spread import NOTHING, Spread, relative
from locoregional.sources import read_facts

__all__ = ["MODELS", "ActivityRequest", "PerfusedTerritory", "assumed_interval", "model_of"]

MODELS = ("mird", "bsa", "empiric", "partition", "modified-partition", "multi")
"""Models by name; the second and third give an activity by formula and are judged by the partition model."""


@dataclass(frozen=True)
class PerfusedTerritory:
    """One position of the catheter, with a liver and a tumour of its own.

    Attributes
    ----------
    activity_share : Spread
        Share of the whole activity.
    tumour_ml, normal_ml : Spread
        Perfused tumour, and perfused liver without tumour.
    tn_concentration_ratio : Spread
        Of this territory.
    lung_shunt : Spread or None
        Of this territory; None: as for the whole.
    """

    activity_share: Spread
    tumour_ml: Spread
    normal_ml: Spread
    tn_concentration_ratio: Spread
    lung_shunt: Spread | None = None


@dataclass(frozen=True)
class ActivityRequest:
    """A patient, a product and a territory.

    Attributes
    ----------
    device : str
        ``resin`` or ``glass``.
    scenario : str
        One of ``SCENARIOS``.
    tumour_ml, normal_ml : Spread
        Perfused tumour, and perfused liver without tumour.
    lung_shunt : Spread
        Fraction of the delivered activity that reaches the lungs.
    residual_fraction : Spread
        Fraction that stays in vial, tubing and catheter.
    tn_concentration_ratio : Spread or None
        Ratio of concentrations, for the partition model.
    tumour_to_normal_activity_ratio, tumour_lung_shunt : Spread or None
        For the modified partition model; None: from the ratio of concentrations and the lung shunt.
    territories : mapping of str to PerfusedTerritory
        For several positions of the catheter.
    whole_normal_ml : Spread or None
        All liver without tumour, perfused or not.
    liver_ml, liver_tumour_ml : Spread or None
        Whole liver and all its tumour, for the activity by body surface of a part of the liver.
    lung_g : Spread or None
        Lung mass by CT; None: assumed.
    height_cm, weight_kg : float or None
        For the activity by body surface.
    old_reduction : bool
        Whether the activity by body surface is reduced as by the older insert (unverified).
    function : LiverFunction
        What is known of the liver.
    earlier_lung_dose_gy : float
        Lung dose of earlier treatments.
    constant : str
        Dose constant by its name.
    activity_calibration_factor : Spread or None
        True over stated activity; None: 1, with an interval that is assumed.
    activity_gbq : float or None
        Activity in the vial at infusion of which the doses are asked; None: it is looked for.
    goal_target : str
        ``tumour`` or ``perfused``: which dose the goal speaks of.
    goal_gy : float or None
        Dose that is wanted; None: the largest activity within limits.
    members, seed : int
        Draws behind the intervals.
    """

    device: str
    scenario: str
    tumour_ml: Spread
    normal_ml: Spread
    lung_shunt: Spread
    residual_fraction: Spread = NOTHING
    tn_concentration_ratio: Spread | None = None
    tumour_to_normal_activity_ratio: Spread | None = None
    tumour_lung_shunt: Spread | None = None
    territories: Mapping[str, PerfusedTerritory] = field(default_factory=dict)
    whole_normal_ml: Spread | None = None
    liver_ml: Spread | None = None
    liver_tumour_ml: Spread | None = None
    lung_g: Spread | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    old_reduction: bool = False
    function: LiverFunction = field(default_factory=LiverFunction)
    earlier_lung_dose_gy: float = 0.0
    constant: str = "conventional"
    activity_calibration_factor: Spread | None = None
    activity_gbq: float | None = None
    goal_target: str = "tumour"
    goal_gy: float | None = None
    members: int = 1024
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers that no patient and no vial has."""
        lungs, factor = self.lung_g, self.activity_calibration_factor
        facts = read_facts(__package__, "planning_facts.toml")
        for number, name, words, remedy in (
            (lungs, "lung_mass", "g is no mass of an adult's lungs", "Give grams, of both lungs: 1000."),
            (factor, "calibration", "is no ratio of true over stated activity", "Give a factor near 1: 1.26 for 26 % more."),
        ):
            low, high = facts[f"plausible.{name}"].value
            if number is not None and not low <= number.value <= high:
                raise PlanningError(f"{number.value:g} {words} ({low:g} to {high:g} is accepted)", where=name, remedy=remedy)

    @property
    def calibration(self) -> Spread:
        """True over stated activity."""
        given = self.activity_calibration_factor
        return assumed_interval(Spread(1.0, 1.0, 1.0) if given is None else given, "activity")


def assumed_interval(number: Spread, name: str) -> Spread:
    """A number without interval, with the one that is assumed for its kind; others are returned as they are.

    Parameters
    ----------
    number : Spread
        Positive number.
    name : str
        ``tumour_mass``, ``normal_mass``, ``ratio`` or ``activity``.

    Raises
    ------
    PlanningError
        If the number is not positive.
    """
    if number.wide:
        return number
    if not number.value > 0.0:
        raise PlanningError(f"{number.value:g} is not positive", where=name, remedy="Give a positive number.")
    share = 0.01 * float(read_facts(__package__, "planning_facts.toml")[f"assumed.{name}"])
    return relative(number.value, share=share, words=f"interval assumed, a factor of {1.0 + share:g} either way")


def model_of(request: ActivityRequest, name: str) -> Model:
    """Model of delivery that a name stands for.

    Parameters
    ----------
    request : ActivityRequest
        The question.
    name : str
        One of ``MODELS``. An activity by formula is judged by the partition model, or without a T/N ratio by the single one.

    Raises
    ------
    PlanningError
        If the name is unknown, or the model lacks a number.
    """
    if name not in MODELS:
        raise PlanningError(f"model {name!r} is unknown", where="model", remedy=f"Use {', '.join(MODELS)}.")
    if name == "multi":
        return _multi(request)
    if name == "mird" or (name in ("bsa", "empiric") and request.tn_concentration_ratio is None):
        return _single(request)
    if name == "modified-partition" and request.tumour_to_normal_activity_ratio is not None:
        return _modified(request)
    partition = _partition(request)
    return modified_from_partition(partition) if name == "modified-partition" else partition


def _masses(request: ActivityRequest) -> tuple[Spread, Spread, Spread, Spread | None]:
    """Tumour, perfused normal liver, lungs and whole normal liver [g]."""
    whole = request.whole_normal_ml
    if whole is not None:
        whole = liver_mass(assumed_interval(whole, "normal_mass"))
    return (
        liver_mass(assumed_interval(request.tumour_ml, "tumour_mass")),
        liver_mass(assumed_interval(request.normal_ml, "normal_mass")),
        request.lung_g or assumed_lungs(),
        whole,
    )


def _single(request: ActivityRequest) -> SingleCompartment:
    tumour, normal, lungs, whole = _masses(request)
    perfused = Spread(tumour.value + normal.value, tumour.low + normal.low, tumour.high + normal.high, normal.assumed)
    return SingleCompartment(perfused, lungs, request.lung_shunt, request.residual_fraction, normal, whole)


def _partition(request: ActivityRequest) -> Partition:
    if request.tn_concentration_ratio is None:
        raise PlanningError(
            "no T/N ratio of concentrations", where="tn_concentration_ratio", remedy="Measure it on the whole normal liver."
        )
    tumour, normal, lungs, whole = _masses(request)
    ratio = assumed_interval(request.tn_concentration_ratio, "ratio")
    return Partition(tumour, normal, ratio, lungs, request.lung_shunt, request.residual_fraction, whole)


def _modified(request: ActivityRequest) -> ModifiedPartition:
    ratio, shunt = request.tumour_to_normal_activity_ratio, request.tumour_lung_shunt
    if ratio is None or shunt is None:
        raise PlanningError(
            "half of the numbers of the modified partition model",
            where="tumour_lung_shunt",
            remedy="Give the ratio of activities and the lung shunt of the tumour.",
        )
    tumour, normal, lungs, whole = _masses(request)
    return ModifiedPartition(tumour, normal, assumed_interval(ratio, "ratio"), shunt, lungs, request.residual_fraction, whole)


def _multi(request: ActivityRequest) -> MultiCompartment:
    if not request.territories:
        raise PlanningError("no territories", where="territories", remedy="Give one for each position of the catheter.")
    _check_sums(request)
    tissues: dict[str, Tissue] = {}
    territories: dict[str, Territory] = {}
    for name, part in request.territories.items():
        held = {
            f"tumour of {name}": Tissue("tumour", liver_mass(assumed_interval(part.tumour_ml, "tumour_mass"))),
            f"normal liver of {name}": Tissue("normal", liver_mass(assumed_interval(part.normal_ml, "normal_mass"))),
        }
        ratio = assumed_interval(part.tn_concentration_ratio, "ratio")
        uptake = dict(zip(held, (ratio, Spread(1.0, 1.0, 1.0)), strict=True))
        tissues |= held
        territories[name] = Territory(part.activity_share, uptake, part.lung_shunt or request.lung_shunt)
    _, _, lungs, whole = _masses(request)
    return MultiCompartment(tissues, territories, lungs, request.residual_fraction, whole)


def _check_sums(request: ActivityRequest) -> None:
    """Refuse territories that do not add up to what is perfused."""
    forgiven = 0.01 * float(read_facts(__package__, "planning_facts.toml")["plausible.territories"])
    parts = request.territories.values()
    for name, whole, added in (
        ("tumour", request.tumour_ml.value, sum(part.tumour_ml.value for part in parts)),
        ("normal liver", request.normal_ml.value, sum(part.normal_ml.value for part in parts)),
    ):
        if abs(added - whole) > forgiven * whole:
            raise PlanningError(
                f"the territories hold {added:.5g} ml of {name}, {whole:.5g} ml are said to be perfused",
                where="territories",
                remedy="Give every territory, with the volumes that the catheter reaches from there.",
            )
