"""What the work-up of a patient says: T/N ratio, lung shunt, lung mass, and where else the activity went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.case import Case, Quantity
from locoregional.errors import MaskError, PlanningError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.nuclear.occupancy import occupancy_on
from locoregional.imaging.volume import Volume
from locoregional.procedures.tare.compartments import Compartments
from locoregional.procedures.tare.lung_mass import LungMasses, cut_off, lung_masses
from locoregional.procedures.tare.lung_shunt import lung_shunt_spread, planar_lung_shunt, spect_lung_shunt
from locoregional.procedures.tare.shunt_above import shunt_above_liver
from locoregional.procedures.tare.spread import LEVEL, exact
from locoregional.procedures.tare.tumour_ratio import tumour_to_normal

__all__ = ["GUT", "WorkUp", "work_up_of"]

GUT = ("stomach", "duodenum", "gallbladder", "colon", "small_bowel", "bowel", "pancreas")
"""Structures that must not be fed."""


@dataclass(frozen=True, eq=False)
class WorkUp:
    """Measured before treatment.

    Attributes
    ----------
    activity : ActivityMap or None
        Map of the work-up.
    ratio : Quantity or None
        T/N ratio of concentrations over all perfused tumour.
    ratios : dict of str to Quantity
        The same for each territory.
    shares : dict of str to float
        Share of the liver's counts in each territory.
    shunt : Quantity or None
        Lung shunt that the plan rests on.
    shunts : tuple of Quantity
        Every one that could be had.
    lungs : LungMasses or None
        By CT.
    uptake : tuple of Quantity
        Mean counts in organs beside the liver over those in its normal part.
    words : tuple of str
        What was assumed or could not be done.
    """

    activity: ActivityMap | None
    ratio: Quantity | None
    ratios: dict[str, Quantity]
    shares: dict[str, float]
    shunt: Quantity | None
    shunts: tuple[Quantity, ...]
    lungs: LungMasses | None
    uptake: tuple[Quantity, ...]
    words: tuple[str, ...]


def work_up_of(case: Case, parts: Compartments) -> WorkUp:
    """Read the work-up of a case.

    Parameters
    ----------
    case : Case
        With the activity image ``work_up``, or with stated numbers only.
    parts : Compartments
        Of the same case.
    """
    words: list[str] = []
    image = case.activities.get("work_up")
    found = image.located(case.store) if image is not None else None
    shunts: list[Quantity] = []
    ratio, ratios, shares = None, {}, {}
    uptake: tuple[Quantity, ...] = ()
    if found is not None:
        counts = np.maximum(found.volume.array, 0.0)
        on_map = {name: _on(found, mask, name) for name, mask in _wanted(parts).items()}
        ratio = tumour_to_normal(counts, tumour=on_map["tumour"], perfused=on_map["perfused"])
        total = float((counts * on_map["liver"]).sum())
        for name in parts.territories:
            held = on_map[name]
            shares[name] = float((counts * held).sum()) / total
            inside = np.minimum(on_map["tumour"], held)
            if inside.sum() > 0:
                ratios[name] = tumour_to_normal(counts, tumour=inside, perfused=held)
        shunts += _shunts_of_map(case, found, counts, on_map["liver"], words)
        uptake = _uptake(case, found, counts, on_map["normal"])
    else:
        words.append("no activity map of the work-up: neither T/N ratio nor uptake outside the liver can be given")
    if case.radioembolization.planar is not None:
        shunts.append(planar_lung_shunt(case.radioembolization.planar))
    stated = case.disease.liver.lung_shunt_percent
    if stated is not None:
        number = lung_shunt_spread(exact(0.01 * stated), method="unknown")
        shunts.append(
            Quantity(
                "lung_shunt_stated", "lung shunt as stated", number.value, "1", number.low, number.high, LEVEL, number.assumed
            )
        )
    shunts.sort(key=lambda q: q.name == "lung_shunt_above")  # what nobody outlined counts last
    return WorkUp(
        found, ratio, ratios, shares, shunts[0] if shunts else None, tuple(shunts), _lungs(case, words), uptake, tuple(words)
    )  # fmt: skip


def _wanted(parts: Compartments) -> dict[str, Volume]:
    return {
        "liver": parts.liver, "perfused": parts.perfused, "tumour": parts.tumour, "normal": parts.normal, **parts.territories,
    }  # fmt: skip


def _on(activity: ActivityMap, mask: Volume, name: str) -> np.ndarray:
    """Occupancy of a mask on the grid of the map."""
    return np.asarray(occupancy_on(activity.volume, mask, name=name).array, dtype=np.float64)


def _shunts_of_map(case: Case, activity: ActivityMap, counts: np.ndarray, liver: np.ndarray, words: list[str]) -> list[Quantity]:
    lungs = case.structure("lung")
    if lungs is not None and lungs.array.any():
        if cut_off(lungs):
            words.append("no lung shunt by SPECT: the planning image cuts the lungs off, so their counts are not complete")
            return []
        try:
            return [spect_lung_shunt(counts, lungs=_on(activity, lungs, "lung"), liver=liver)]
        except MaskError as error:
            words.append(f"no lung shunt by SPECT: {error}")
            return []
    try:
        return [shunt_above_liver(activity.volume.on(counts), liver)]
    except PlanningError as error:
        words.append(f"no lung shunt by SPECT: {error}")
        return []


def _lungs(case: Case, words: list[str]) -> LungMasses | None:
    lungs, ct = case.structure("lung"), case.image()
    if lungs is None or ct.unit != "HU":
        words.append("lung mass not measured: it needs a CT in HU that shows both lungs whole, and their outline")
        return None
    try:
        return lung_masses(ct, lungs)
    except MaskError as error:
        words.append(f"lung mass not measured: {error}")
        return None


def _uptake(case: Case, activity: ActivityMap, counts: np.ndarray, normal: np.ndarray) -> tuple[Quantity, ...]:
    """Mean counts beside the liver; spill from the liver counts too, so a low ratio is not a proof of anything."""
    reference = float((counts * normal).sum() / normal.sum())
    made = []
    for name in GUT:
        mask = case.structure(name)
        if mask is None or not mask.array.any():
            continue
        share = occupancy_on(activity.volume, mask, name=name, may_leave=True).array.astype(np.float64)
        mean = float((counts * share).sum() / share.sum())
        made.append(
            Quantity(
                f"uptake_{name}",
                f"mean counts in {name.replace('_', ' ')} over those of the normal perfused liver",
                mean / reference,
                "1",
                method="outline on the map; the blur of the map carries counts of the liver into what lies beside it",
            )
        )
    return tuple(made)
