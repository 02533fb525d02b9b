"""The ice that CT shows against the tissue that dies inside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locoregional.case import Case, Outcome
from locoregional.imaging.surface import mask_surface
from locoregional.report.depth import margin_mm
from locoregional.report.document import Callout

__all__ = ["IceGap", "ice_callout", "ice_gap"]


@dataclass(frozen=True)
class IceGap:
    """How far the edge of what dies lies inside the edge of the ice.

    Attributes
    ----------
    low_mm, middle_mm, high_mm : float
        5th, 50th and 95th percentile over the surface of what dies; negative where it reaches beyond the ice.
    ice_ml, dead_ml : float
        Volumes.
    tumour_ice_mm, tumour_dead_mm : float or None
        Least depth of the tumour surface in the ice and in what dies, negative where it sticks out; None without a tumour.
    """

    low_mm: float
    middle_mm: float
    high_mm: float
    ice_ml: float
    dead_ml: float
    tumour_ice_mm: float | None = None
    tumour_dead_mm: float | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Sentences for the report."""
        said = [
            f"In the nominal run CT shows {self.ice_ml:.0f} ml of ice at the end of the last freeze; {self.dead_ml:.0f} ml "
            f"die. The edge of what dies lies {_mm(self.middle_mm)} inside the edge of the ice (90 % of it: "
            f"{_mm(self.low_mm)} to {_mm(self.high_mm)})."
        ]
        if self.tumour_ice_mm is not None and self.tumour_dead_mm is not None:
            ice, dead = _around(self.tumour_ice_mm), _around(self.tumour_dead_mm)
            said.append(f"Thinnest place around the tumour: the ice {ice}, what dies {dead}.")
        said.append("A tumour inside the ice is not yet a dead tumour: judge by how far the ice goes beyond it.")
        return tuple(said)


def _mm(value: float) -> str:
    return f"{value:.0f} mm".replace("-0 mm", "0 mm").replace("-", "\u2212")


def _around(depth: float) -> str:
    return f"goes {_mm(depth)} beyond it" if depth >= 0 else f"ends {_mm(-depth)} inside it"


def ice_gap(case: Case, outcome: Outcome) -> IceGap | None:
    """Gap between the ice and what dies; None where an outcome has no ice."""
    if "ice" not in outcome.maps or "zone" not in outcome.maps:
        return None
    ice, dead = case.store.get(outcome.maps["ice"]), case.store.get(outcome.maps["zone"])
    if not ice.array.any() or not (dead.array > 0.5).any():
        return None
    inside = margin_mm(ice, np.asarray(mask_surface(dead).vertices))
    low, middle, high = (float(v) for v in np.percentile(inside, [5, 50, 95]))
    ice_ml, dead_ml = (float((m.array > 0.5).sum() * m.grid.voxel_ml) for m in (ice, dead))
    gap = IceGap(low, middle, high, ice_ml, dead_ml)
    if outcome.reference_tumour is None:
        return gap
    tumour = case.store.get(outcome.reference_tumour)
    if not (tumour.array > 0.5).any():
        return gap
    points = np.asarray(mask_surface(tumour).vertices)
    return replace(gap, tumour_ice_mm=float(margin_mm(ice, points).min()), tumour_dead_mm=float(margin_mm(dead, points).min()))


def ice_callout(case: Case, outcome: Outcome) -> Callout | None:
    """What a reader of the intraoperative CT must know; None where an outcome has no ice."""
    gap = ice_gap(case, outcome)
    return None if gap is None else Callout("caution", "The ice on CT is larger than what dies", gap.words)
