"""Compartments of one patient: which tumours are perfused, and what of the liver is normal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from locoregional.case import Case, Organ
from locoregional.errors import PlanningError
from locoregional.imaging.volume import Volume
from locoregional.procedures.tare.limits import LiverFunction

__all__ = ["Compartments", "compartments_of", "liver_function", "volume_ml"]

PERFUSED = "perfused"
"""How the names of structures begin that a catheter position feeds."""
MOSTLY = 0.5
"""Share of a lesion that has to be perfused for it to count as treated."""


@dataclass(frozen=True, eq=False)
class Compartments:
    """Masks on the planning grid.

    Attributes
    ----------
    tumours : mapping of str to Volume
        Perfused lesions by id.
    liver : Volume
        With its tumours.
    territories : mapping of str to Volume
        What each catheter position feeds; the whole liver where nothing else is outlined.
    tumour, normal, whole_normal : Volume
        All perfused tumour, perfused liver without tumour, and all liver without tumour.
    all_tumour : Volume
        All tumour in the liver, perfused or not.
    left_out : tuple of str
        Liver lesions that are not perfused.
    words : tuple of str
        What was assumed.
    """

    tumours: Mapping[str, Volume]
    liver: Volume
    territories: Mapping[str, Volume]
    tumour: Volume
    normal: Volume
    whole_normal: Volume
    all_tumour: Volume
    left_out: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())

    @property
    def perfused(self) -> Volume:
        """All territories together."""
        return self.liver.on(np.logical_or.reduce([t.array for t in self.territories.values()]), unit="")

    @property
    def perfused_share(self) -> float:
        """Share of the liver that is perfused, 0..1."""
        return volume_ml(self.perfused) / volume_ml(self.liver)


def volume_ml(mask: Volume) -> float:
    """Volume of a boolean mask."""
    return float(mask.array.sum()) * mask.grid.voxel_ml


def compartments_of(case: Case) -> Compartments:
    """Compartments of everything that one session feeds.

    Parameters
    ----------
    case : Case
        Patient.

    Raises
    ------
    PlanningError
        If the liver or its tumours are not outlined, a territory reaches out of the liver, or two overlap.
    """
    liver = case.structure("liver")
    if liver is None:
        raise PlanningError("the liver is not outlined", where="structures", remedy="Give a mask of the liver.")
    drawn = {x.id: case.tumour(x) for x in case.lesions if x.organ is Organ.LIVER and x.mask is not None}
    if not drawn:
        raise PlanningError("no lesion of the liver is outlined", where="lesions", remedy="Give masks, or seeds and diameters.")
    masks = {name: np.asarray(mask.array > 0.5) for name, mask in drawn.items()}
    every = np.logical_or.reduce(list(masks.values()))
    whole = (liver.array > 0.5) | every
    words = []
    outside = float((every & ~(liver.array > 0.5)).sum() / max(1, every.sum()))
    if outside > 0.01:
        words.append(f"{100 * outside:.0f} % of the tumour lay outside the outline of the liver, which was widened to hold it")
    territories = _territories(case, liver, whole, words)
    perfused = np.logical_or.reduce([t.array for t in territories.values()])
    treated = {name: mask for name, mask in masks.items() if float(perfused[mask].mean()) >= MOSTLY}
    left_out = tuple(name for name in masks if name not in treated)
    if left_out:
        words.append(f"not perfused, so not treated: {', '.join(left_out)}")
    tumour = np.logical_or.reduce([*treated.values(), np.zeros(whole.shape, bool)]) & perfused

    def kept(array: np.ndarray) -> Volume:
        return liver.on(array, unit="")

    return Compartments(
        {name: kept(masks[name] & perfused) for name in treated},
        kept(whole),
        territories,
        kept(tumour),
        kept(perfused & ~every),
        kept(whole & ~every),
        kept(every),
        left_out,
        tuple(words),
    )


def liver_function(case: Case, parts: Compartments) -> LiverFunction:
    """What is known of the liver and decides how much it bears; the untreated share is its reserve."""
    lines, liver = case.disease.chemotherapy_lines, case.disease.liver
    asked = (None if lines is None else lines > 0, liver.radiated, liver.cirrhosis)
    known = [x for x in asked if x is not None]
    reserve = max(0.0, 1.0 - parts.perfused_share)
    compromised = True if any(known) else False if len(known) == len(asked) else None  # one "no" says nothing of the others
    return LiverFunction(case.disease.labs.bilirubin_umol_l, compromised, reserve)


def _territories(case: Case, liver: Volume, whole: np.ndarray, words: list[str]) -> dict[str, Volume]:
    """Outlined territories within the liver, or all of it."""
    found = {}
    for name in sorted(n for n in case.structures if n.startswith(PERFUSED)):
        mask = case.structure(name)
        if mask is None or not mask.array.any():
            continue
        array = np.asarray(mask.array > 0.5)
        beyond = float((array & ~whole).sum() / array.sum())
        if beyond > 0.1:
            raise PlanningError(
                f"{100 * beyond:.0f} % of {name.replace('_', ' ')} lies outside the liver",
                where=name,
                remedy="Outline it on the liver of this patient, or correct the liver.",
            )
        if beyond > 0.01:
            words.append(f"{100 * beyond:.0f} % of {name.replace('_', ' ')} lay outside the liver and was left out")
        found[name] = liver.on(array & whole, unit="")
    if not found:
        words.append("no perfused volume is outlined: the whole liver is taken to be perfused")
        return {"whole_liver": liver.on(whole, unit="")}
    names = list(found)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            both = int((found[one].array & found[other].array).sum())
            if both > 0.02 * min(found[one].array.sum(), found[other].array.sum()):
                raise PlanningError(
                    f"{one.replace('_', ' ')} and {other.replace('_', ' ')} overlap",
                    where="territories",
                    remedy="Give each voxel to one catheter position.",
                )
    return found
