"""What makes two angiographic series impossible, or hard, to compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.angiography import Angiogram
from locoregional.imaging.angiography_header import Acquisition
from locoregional.measures.devascularisation.motion import find_motion
from locoregional.measures.devascularisation.subtraction import Subtracted, subtract
from locoregional.sources import read_facts

if TYPE_CHECKING:
    from locoregional.measures.devascularisation.measure import Series
    from locoregional.measures.devascularisation.resampling import Drawn

__all__ = ["Doubt", "doubts_of", "region_after"]

Region = NDArray[np.bool_]
FINE_PX, COARSE_PX = 1.5, 6.0
"""Structures between these sizes are compared."""
FEWEST_PIXELS = 200


@dataclass(frozen=True)
class Doubt:
    """Something that speaks against the number.

    Attributes
    ----------
    name : str
        Identifier.
    words : str
        What it is.
    blocks : bool
        Whether nothing can be measured because of it.
    """

    name: str
    words: str
    blocks: bool


def region_after(
    first: Subtracted,
    after: Angiogram,
    regions: dict[str, Region],
    given: dict[str, Region | None],
    *,
    background: Region | None,
    still: bool,
) -> tuple[Subtracted, dict[str, Region], tuple[float, float], tuple[Doubt, ...]]:
    """Second series subtracted, with the regions of the first laid on it unless it has its own.

    Parameters
    ----------
    first : Subtracted
        Series before.
    after : Angiogram
        Series after.
    regions, given : dict of str to ndarray
        Tumour and artery on the first series, and on the second one where they were drawn there.
    background : ndarray, optional
        Region without opacified vessels.
    still : bool
        Take the anatomy for standing.

    Returns
    -------
    series : Subtracted
        Of ``after``.
    regions : dict of str to ndarray
        Where they lie in it.
    shift_px : tuple of float
        Shift of the second series.
    doubts : tuple of Doubt
        About that shift.
    """
    from locoregional.measures.devascularisation.opacity import opacity_of

    facts = read_facts(__package__)
    if given["tumour"] is not None and given["artery"] is not None:
        own = {"tumour": given["tumour"], "artery": given["artery"]}
        side = background if background is not None and background.shape == after.frames.shape[1:] else None
        run = subtract(after, tumour=own["tumour"], artery=own["artery"], background=side, still=still)
        return run, own, (0.0, 0.0), ()
    if still:
        run = subtract(after, tumour=regions["tumour"], artery=regions["artery"], background=background, still=True)
        return run, regions, (0.0, 0.0), ()
    start = opacity_of(after)
    busy = regions["tumour"] | regions["artery"] | first.clipped | start.clipped
    found = find_motion(start.series[:1], first.still, busy)
    if not found.found:
        run = subtract(after, tumour=regions["tumour"], artery=regions["artery"], background=background)
        words = "too little structure to see whether the patient lies alike in both series; the regions were used as they are"
        return run, regions, (0.0, 0.0), (Doubt("place", words, blocks=False),)
    down, right = (float(x) for x in found.shifts_px[0])
    moved = {name: _shifted(region, (down, right)) for name, region in regions.items()}
    side = None if background is None else _shifted(background, (down, right))
    run = subtract(after, tumour=moved["tumour"], artery=moved["artery"], background=side)
    doubts: list[Doubt] = []
    likeness, least = _likeness(first.still, run.still, (down, right), busy), float(facts["projection.likeness"])
    if not likeness >= least:
        words = (
            f"the pictures without contrast medium do not show the same: their structures correlate by {likeness:.2f} after the "
            f"best shift ({down:+.1f}, {right:+.1f} pixels; at least {least:g} is wanted)"
        )
        doubts.append(Doubt("projection", words, blocks=True))
    limit = float(facts["motion.residual"])
    if not found.residual_px <= limit:
        words = (
            f"the pictures without contrast medium do not lie on each other: after the best shift ({down:+.1f}, {right:+.1f} "
            f"pixels) parts of them are {found.residual_px:.1f} pixels apart (limit {limit:g})"
        )
        doubts.append(Doubt("projection", words, blocks=True))
    if any(moved[name].sum() < 0.9 * regions[name].sum() for name in regions):
        doubts.append(Doubt("cut", "a region of the first series lies partly outside the second one", blocks=True))
    return run, moved, (down, right), tuple(doubts)


def _likeness(before: NDArray[np.float32], after: NDArray[np.float32], shift: tuple[float, float], busy: Region) -> float:
    """Correlation of the structures of two pictures, the second one laid back by its shift."""
    from scipy.ndimage import binary_dilation, gaussian_filter

    from locoregional.measures.devascularisation.frame_kernels import shift_frames

    back = np.empty((1, *after.shape), np.float32)
    shift_frames(np.ascontiguousarray(after[None]), np.array([shift]), back)
    fine = [gaussian_filter(picture, FINE_PX) - gaussian_filter(picture, COARSE_PX) for picture in (before, back[0])]
    rim = int(np.ceil(max(abs(s) for s in shift))) + round(COARSE_PX)
    used = ~binary_dilation(busy, iterations=3)
    used[:rim], used[-rim:], used[:, :rim], used[:, -rim:] = False, False, False, False
    if used.sum() < FEWEST_PIXELS:
        return 0.0
    return float(np.corrcoef(fine[0][used], fine[1][used])[0, 1])


def _shifted(region: Region, shift: tuple[float, float]) -> Region:
    """Region moved by whole pixels."""
    down, right = round(shift[0]), round(shift[1])
    out = np.zeros_like(region)
    rows, columns = np.nonzero(region)
    rows, columns = rows + down, columns + right
    kept = (rows >= 0) & (rows < region.shape[0]) & (columns >= 0) & (columns < region.shape[1])
    out[rows[kept], columns[kept]] = True
    return out


def doubts_of(before: Acquisition, after: Acquisition, one: Series, two: Series, drawn: Drawn) -> tuple[Doubt, ...]:
    """Everything that speaks against comparing two measured series; worst first."""
    found = [*_geometry(before, after), *_curves(one, two, drawn)]
    for name, series in (("before", one), ("after", two)):
        found += [Doubt("mask", f"{name}: {words}", blocks=words.startswith("mask frame")) for words in series.subtracted.doubts]
        found += _frames(name, series)
    return tuple(sorted(found, key=lambda d: not d.blocks))


def _geometry(before: Acquisition, after: Acquisition) -> list[Doubt]:
    facts = read_facts(__package__)
    found = []
    if before.patient != after.patient:
        found.append(Doubt("patient", "the two series carry different patients", blocks=True))
    limit, unknown = float(facts["projection.angle"]), False
    for name, a, b in (
        ("left-right", before.primary_deg, after.primary_deg), ("head-feet", before.secondary_deg, after.secondary_deg),
    ):  # fmt: skip
        if a is None or b is None:
            unknown = True
        elif abs(a - b) > limit:
            words = f"the {name} angle of the C-arm differs by {abs(a - b):.0f} degrees (limit {limit:g})"
            found.append(Doubt("angle", words, blocks=True))
    if unknown:
        words = "an angle of the C-arm is not stated: look whether both series show the same projection"
        found.append(Doubt("angle", words, blocks=False))
    if before.spacing_mm is not None and after.spacing_mm is not None:
        off = 100.0 * abs(after.spacing_mm[0] / before.spacing_mm[0] - 1.0)
        if off > float(facts["projection.scale"]):
            found.append(Doubt("scale", f"the size of a pixel differs by {off:.0f} %: zoom or table height changed", blocks=True))
    if before.relationship != after.relationship:
        words = f"the values of the two series follow from the beam differently ({before.relationship}, {after.relationship})"
        found.append(Doubt("relationship", words, blocks=False))
    for name, a, b in (
        ("volume", before.contrast_ml, after.contrast_ml), ("rate", before.contrast_ml_s, after.contrast_ml_s),
    ):  # fmt: skip
        if a is not None and b is not None and a > 0 and abs(b / a - 1.0) > 0.1:
            found.append(Doubt("injection", f"the {name} of the injection differs: {a:g} and {b:g}", blocks=False))
    return found


def _curves(one: Series, two: Series, drawn: Drawn) -> list[Doubt]:
    facts = read_facts(__package__)
    if any(s.artery.area_s <= 0 or -s.artery.opacity.min() > s.artery.opacity.max() for s in (one, two)):
        words = "the artery shows no contrast medium; draw its region on the artery, or state how the values follow from the beam"
        return [Doubt("artery", words, blocks=True)]
    found = []
    ratio, most = two.artery.area_s / one.artery.area_s, float(facts["injection.ratio"])
    if not 1.0 / most <= ratio <= most:
        words = (
            f"the artery's area after is {ratio:.2f} times that before (limit {most:g} either way): another injection, another "
            "place of the catheter, or contrast medium that stands in the artery; draw the artery upstream of what was embolized"
        )
        found.append(Doubt("injection", words, blocks=True))
    if float(np.quantile(drawn.tumour_area_s, 0.05)) <= 0.0:
        found.append(Doubt("stain", "the tumour shows no stain before, so there is nothing to lose", blocks=True))
    least = float(facts["contrast.least"])
    if one.contrast_ratio < least:
        words = (
            f"the stain before is weak: {one.contrast_ratio:.1f} times the noise of a pixel, below {least:g}, from which the "
            "measurement was tested"
        )
        found.append(Doubt("contrast", words, blocks=False))
    blocking, noted = float(facts["washout.left"]) / 100.0, float(facts["washout.noted"]) / 100.0
    for name, curve in (("tumour before", one.tumour), ("artery before", one.artery), ("artery after", two.artery)):
        if curve.left_share > noted:
            words = f"{name}: {100 * curve.left_share:.0f} % of the peak is left at the end, so the area is not complete"
            found.append(Doubt("washout", words, blocks=curve.left_share > blocking))
    left = two.tumour.left_share * two.tumour.peak_share / one.tumour.peak_share if one.tumour.peak_share > 0 else 0.0
    if left > noted / 4.0:
        words = f"tumour after: {100 * left:.0f} % of the peak before is left when the window ends, so the loss is less"
        found.append(Doubt("washout", words, blocks=False))
    return found


def _frames(name: str, series: Series) -> list[Doubt]:
    facts = read_facts(__package__)
    found = []
    limit = float(facts["motion.residual"])
    if series.subtracted.motion.found and series.subtracted.motion.residual_px > limit:
        words = (
            f"{name}: parts of the picture moved {series.subtracted.motion.residual_px:.1f} pixels beside the common shift "
            f"(limit {limit:g})"
        )
        found.append(Doubt("motion", words, blocks=True))
    for region, pixels in (("tumour", series.tumour_region), ("artery", series.artery_region)):
        share = 100.0 * float(np.mean(series.subtracted.clipped[pixels]))
        if share > float(facts["clipped.share"]):
            words = f"{name}: {share:.0f} % of the pixels of the {region} are at an end of the detector's range"
            found.append(Doubt("clipped", words, blocks=True))
    return found
