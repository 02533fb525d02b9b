"""Viable tumour by arterial enhancement, before and after a treatment that leaves the lesion in place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.errors import ImagingError
from locoregional.measures.examination import Examination, carried
from locoregional.measures.response.area import Pair, easl, viable_volume
from locoregional.measures.response.category import Reading
from locoregional.measures.response.diameters import viable_diameters
from locoregional.measures.response.enhancing import Viable, viable_part
from locoregional.measures.response.size import mrecist, not_judged
from locoregional.measures.response.target import Target

__all__ = ["enhancement_readings"]

REACH_MM = 20.0
"""Surroundings that stand in for the liver where it is not outlined."""
SOFT_HU = (0.0, 250.0)
"""Densities that enhanced liver may have."""


def enhancement_readings(
    before: Examination, after: Examination, *, name: str, new_lesions: int | None, hypervascular: bool | None
) -> tuple[Reading, ...]:
    """MRECIST, EASL and viable volume of one lesion.

    Parameters
    ----------
    before, after : Examination
        Both with an arterial phase.
    name : str
        Of the lesion.
    new_lesions : int or None
        On follow-up.
    hypervascular : bool or None
        Whether it enhanced more than the liver before.
    """
    try:
        first, second = _viable(before), _viable(after)
    except ImagingError as error:
        return (not_judged("mRECIST", f"the enhancing part was not found ({error.what})"),)
    a, b = viable_diameters(first.mask), viable_diameters(second.mask)
    pair = Pair(name, (a.long_mm, a.short_mm), (b.long_mm, b.short_mm))
    by_length = mrecist([Target(name, a.long_mm, b.long_mm)], new_lesions=new_lesions, hypervascular=hypervascular)
    how = tuple(f"{when} treatment, {w}" for when, v in (("before", first), ("after", second)) for w in v.words)
    return (
        replace(by_length, reasons=(*by_length.reasons, *how)),
        easl([pair], new_lesions=new_lesions, hypervascular=hypervascular),
        viable_volume(
            baseline_ml=first.volume_ml, follow_up_ml=second.volume_ml, new_lesions=new_lesions, hypervascular=hypervascular
        ),
    )


def _viable(part: Examination) -> Viable:
    """Enhancing part against the liver; without a liver mask against the surroundings of the lesion."""
    from scipy.ndimage import distance_transform_edt

    arterial = part.phases["arterial"]
    tumour = part.on("arterial")
    native = part.phases.get("native")
    native = None if native is None or not native.grid.same_as(arterial.grid) else native
    if part.liver is not None:
        liver = carried(part.liver, arterial)
    else:
        away = distance_transform_edt(~tumour.array, sampling=arterial.spacing_mm)
        soft = (arterial.array > SOFT_HU[0]) & (arterial.array < SOFT_HU[1])
        liver = arterial.on(np.asarray((away < REACH_MM) & soft), unit="")
    found = viable_part(tumour, arterial=arterial, native=native, liver=liver)
    if part.liver is not None:
        return found
    return replace(
        found, words=(*found.words, f"the liver is not outlined there: {REACH_MM:g} mm around the lesion stand in for it")
    )
