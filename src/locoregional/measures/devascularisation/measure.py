"""Devascularisation between two angiographic series: area of the tumour's curve over its artery's, after against before.

By the principle of indicator dilution the ratio of the areas is the blood volume that the contrast medium reached. What is
measured is therefore the loss of perfused vessels. Where the remaining vessels are slower, flow falls further: the early part of
the curve shows it, before contrast medium leaves the tumour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.angiography import Angiogram
from locoregional.measures.devascularisation.curves import Curve, curve_of, smoothed, tiles_of, trapezium
from locoregional.measures.devascularisation.doubts import Doubt, doubts_of, region_after
from locoregional.measures.devascularisation.resampling import Side, draw
from locoregional.measures.devascularisation.stain import lost_stain, stain_of
from locoregional.measures.devascularisation.subtraction import Subtracted, subtract
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["LEVEL", "METHOD", "Devascularisation", "Series", "devascularisation"]

LEVEL = 0.9
"""Coverage of the intervals."""
METHOD = "automated, not the visual criterion"
WASHED_OUT = 0.05
"""Share of the tumour's peak before, below which both curves are over: what follows only adds noise."""
LEAD = 1
"""Frames before the arrival in the artery that belong to the window."""


@dataclass(frozen=True, eq=False)
class Series:
    """One of the two series, measured.

    Attributes
    ----------
    subtracted : Subtracted
        Frames without the anatomy.
    tumour, artery : Curve
        Curves of both regions.
    tumour_region, artery_region : ndarray, shape (row, column), bool
        Where they lie in this series.
    weights, early : ndarray, shape (time,)
        Of the frames in the area, and in its early part.
    contrast_ratio : float
        Peak of the tumour over the noise of a pixel in one frame.
    """

    subtracted: Subtracted
    tumour: Curve
    artery: Curve
    tumour_region: NDArray[np.bool_]
    artery_region: NDArray[np.bool_]
    weights: NDArray[np.float64]
    early: NDArray[np.float64]
    contrast_ratio: float

    @property
    def relative_volume(self) -> float:
        """Area of the tumour over that of the artery."""
        return self.tumour.area_s / self.artery.area_s if self.artery.area_s > 0 else float("nan")

    @property
    def relative_flow(self) -> float:
        """Early area of the tumour over that of the artery."""
        inflow = float(self.early @ self.artery.opacity)
        return float(self.early @ self.tumour.opacity) / inflow if inflow > 0 else float("nan")


@dataclass(frozen=True, eq=False)
class Devascularisation:
    """What an embolization closed, as far as two series show it.

    Attributes
    ----------
    lost_percent : float or None
        Share of the perfused vessels that was lost; None where it cannot be measured (``doubts`` say why).
    interval_percent : tuple of float or None
        90 % interval, from tiles of the regions and blocks of frames.
    computed_percent : float or None
        What the areas give even where it cannot be trusted; for people who look into it.
    flow_percent : float or None
        The same by the early part of both curves, up to the peak of the artery: share of the flow that was lost.
    flow_interval_percent : tuple of float or None
        Its interval.
    stain_percent : float or None
        Share of the stained pixels that was lost.
    stain_threshold_share : float
        Area of a pixel over that of the artery from which it counts as stained, in both series.
    stained_percent : tuple of float
        Share of the outline that was stained before and after.
    success : bool or None
        Whether the loss reaches the goal; None where the interval holds it, or nothing was measured.
    goal_percent : float
        Loss that counts as effective.
    doubts : tuple of Doubt
        What speaks against the number; those that block leave it out.
    before, after : Series
        Curves and frames.
    shift_px : tuple of float
        Shift of the second series against the first.
    words : tuple of str
        How it was done, and what a reader must know.
    """

    lost_percent: float | None
    interval_percent: tuple[float, float] | None
    computed_percent: float | None
    flow_percent: float | None
    flow_interval_percent: tuple[float, float] | None
    stain_percent: float | None
    stain_threshold_share: float
    stained_percent: tuple[float, float]
    success: bool | None
    goal_percent: float
    doubts: tuple[Doubt, ...]
    before: Series
    after: Series
    shift_px: tuple[float, float]
    words: tuple[str, ...]


def devascularisation(
    before: Angiogram,
    after: Angiogram,
    *,
    tumour: NDArray[np.bool_],
    artery: NDArray[np.bool_],
    tumour_after: NDArray[np.bool_] | None = None,
    artery_after: NDArray[np.bool_] | None = None,
    background: NDArray[np.bool_] | None = None,
    still: bool = False,
    draws: int = 1000,
    seed: int = 1,
    progress: Progress = silent,
) -> Devascularisation:
    """Measure what was lost between two series.

    Parameters
    ----------
    before, after : Angiogram
        Same projection, same place and amount of the injection.
    tumour, artery : ndarray, shape (row, column), bool
        Stain, and feeding artery upstream of what was embolized, on the frames of ``before``.
    tumour_after, artery_after : ndarray, shape (row, column), bool, optional
        The same on the frames of ``after``; by default the regions of ``before``, shifted as the anatomy is.
    background : ndarray, shape (row, column), bool, optional
        Without opacified vessels in both series: removes changes of the beam.
    still : bool
        Do not follow movement.
    draws, seed : int
        Of the interval.
    progress : Progress
        Told how far it is.

    Raises
    ------
    MaskError
        If a region is empty, two overlap, or sizes differ.
    """
    _checked(before, after, tumour, artery, tumour_after, artery_after)
    progress(0.0, "subtracting the series before")
    regions = {"tumour": tumour, "artery": artery}
    first = subtract(before, tumour=tumour, artery=artery, background=background, still=still)
    progress(0.4, "subtracting the series after")
    second, placed, shift, unlike = region_after(
        first, after, regions, {"tumour": tumour_after, "artery": artery_after}, background=background, still=still
    )
    span = min(_span(first), _span(second), _washed_out(first, tumour, second, placed["tumour"]))
    early = _early(first, artery, span)
    one = _series(first, tumour, artery, span, early)
    two = _series(second, placed["tumour"], placed["artery"], span, early)
    together = tumour_after is None and artery_after is None
    progress(0.8, "drawing the interval")
    drawn = draw(_side(one), _side(two), together=together, draws=draws, seed=seed)
    doubts = (*unlike, *doubts_of(before.acquisition, after.acquisition, one, two, drawn))
    if before.frames.shape == after.frames.shape and np.array_equal(before.frames, after.frames):
        doubts = (
            *doubts,
            Doubt("same", "both runs hold the same pictures: give one from before and one from after", blocks=True),
        )
    facts = read_facts(__package__)
    fits = one.relative_volume > 0 and two.artery.area_s > 0
    computed = 100.0 * (1.0 - two.relative_volume / one.relative_volume) if fits else None
    blocked = computed is None or any(d.blocks for d in doubts)
    interval = _interval(drawn.by_area) if not blocked else None
    if interval is not None and interval[1] < 0.0:
        doubts = (*doubts, Doubt("rise", "more vessels are filled after than before: were the two runs swapped?", blocks=False))
    goal = float(facts["success.lost"])
    success = None
    if interval is not None and interval[0] > goal:
        success = True
    elif interval is not None and interval[1] <= goal:
        success = False
    lost, threshold, stained, still_stained = _stain(one, two)
    flow = 100.0 * (1.0 - two.relative_flow / one.relative_flow) if one.relative_flow > 0 else None
    flow_interval = _interval(drawn.by_flow) if flow is not None and not blocked else None
    if flow_interval is not None and interval is not None and (flow_interval[0] > interval[1] or flow_interval[1] < interval[0]):
        more = "more" if flow_interval[0] > interval[1] else "less"
        words = f"the early part of the curve fell {more} than its area: the remaining vessels changed their speed"
        doubts = (*doubts, Doubt("speed", words, blocks=False))
    progress(1.0, "measured")
    return Devascularisation(
        lost_percent=None if blocked else computed,
        interval_percent=interval,
        computed_percent=computed,
        flow_percent=None if blocked else flow,
        flow_interval_percent=flow_interval,
        stain_percent=None if blocked or lost is None else 100.0 * lost,
        stain_threshold_share=threshold,
        stained_percent=(100.0 * stained, 100.0 * still_stained),
        success=success,
        goal_percent=goal,
        doubts=doubts,
        before=one,
        after=two,
        shift_px=shift,
        words=_words(one, two, span, together),
    )


def _checked(
    before: Angiogram,
    after: Angiogram,
    tumour: NDArray[np.bool_],
    artery: NDArray[np.bool_],
    tumour_after: NDArray[np.bool_] | None,
    artery_after: NDArray[np.bool_] | None,
) -> None:
    if (tumour_after is None) != (artery_after is None):
        raise MaskError("only one region is given for the second series", remedy="Give tumour and artery, or neither.")
    for name, region in (("tumour", tumour), ("artery", artery)):
        if region.shape == before.frames.shape[1:] and not region.any():
            raise MaskError(f"the region of the {name} is empty", remedy="Draw it on the series before.")
    if tumour.shape == artery.shape and (tumour & artery).any():
        raise MaskError("tumour and artery overlap", remedy="Draw them apart: each must show its own curve.")
    if before.frames.shape[1:] != after.frames.shape[1:] and tumour_after is None:
        raise MaskError(
            f"the frames have the sizes {before.frames.shape[1:]} and {after.frames.shape[1:]}", where="after",
            remedy="Give regions for the second series too, or choose runs of one matrix.",
        )  # fmt: skip


def _start(run: Subtracted) -> int:
    return max(0, run.arrival - LEAD)


def _span(run: Subtracted) -> float:
    """Time from the arrival to the end [s]."""
    return float(run.times_s[-1] - run.times_s[_start(run)])


def _washed_out(first: Subtracted, tumour: NDArray[np.bool_], second: Subtracted, tumour_after: NDArray[np.bool_]) -> float:
    """Time from the arrival to where both curves of the tumour have come down again [s]; infinite if one does not."""
    ends, floor = [], 0.0
    for run, region in ((first, tumour), (second, tumour_after)):
        start = _start(run)
        level = smoothed(smoothed(run.series[start:, region].mean(axis=1, dtype=np.float64)))
        top = int(np.argmax(level))
        floor = floor or WASHED_OUT * float(level[top])
        low = np.flatnonzero(level[top:] < floor)
        ends.append(float(run.times_s[start + top + low[0]] - run.times_s[start]) if len(low) else float("inf"))
    return max(ends)


def _early(run: Subtracted, artery: NDArray[np.bool_], span_s: float) -> float:
    """Time from the arrival to the peak of the artery [s], at least three frames."""
    start, stop = _start(run), _stop(run, span_s)
    peak = curve_of(run.series, run.times_s, artery, trapezium(run.times_s, start, stop)).peak_time_s
    return max(peak - float(run.times_s[start]), float(run.times_s[min(start + 3, stop)] - run.times_s[start]))


def _stop(run: Subtracted, span_s: float) -> int:
    """Last frame of a window."""
    return int(np.searchsorted(run.times_s, run.times_s[_start(run)] + span_s + 1e-6) - 1)


def _series(run: Subtracted, tumour: NDArray[np.bool_], artery: NDArray[np.bool_], span_s: float, early_s: float) -> Series:
    start = _start(run)
    weights, early = (trapezium(run.times_s, start, _stop(run, span)) for span in (span_s, early_s))
    curve = curve_of(run.series, run.times_s, tumour, weights)
    values = run.series[:, tumour]
    bend = values[:-2] - 2.0 * values[1:-1] + values[2:]
    noise = float(1.4826 * np.median(np.abs(bend - np.median(bend)))) / np.sqrt(6.0) * np.sqrt(1.0 + 1.0 / len(run.mask_frames))
    return Series(
        run, curve, curve_of(run.series, run.times_s, artery, weights), tumour, artery, weights, early,
        curve.peak_share / noise if noise > 0 else float("inf"),
    )  # fmt: skip


def _side(s: Series) -> Side:
    series = s.subtracted.series
    return Side(
        tiles_of(series, s.tumour_region), tiles_of(series, s.artery_region), s.weights, s.early,
        s.subtracted.mask_frames,
    )  # fmt: skip


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.nanquantile(draws, [(1.0 - LEVEL) / 2, (1.0 + LEVEL) / 2])
    return 100.0 * float(low), 100.0 * float(high)


def _stain(one: Series, two: Series) -> tuple[float | None, float, float, float]:
    facts = read_facts(__package__)
    if one.artery.area_s <= 0 or two.artery.area_s <= 0:
        return None, float("nan"), 0.0, 0.0
    stains = [
        stain_of(
            s.subtracted.series, s.tumour_region, s.weights, s.subtracted.mask_frames, artery_area_s=s.artery.area_s
        )
        for s in (one, two)
    ]  # fmt: skip
    fraction, noise = float(facts["stain.fraction"]) / 100.0, float(facts["stain.noise"])
    return lost_stain(stains[0], stains[1], fraction=fraction, noise_ratio=noise)


def _words(one: Series, two: Series, span_s: float, together: bool) -> tuple[str, ...]:
    facts = read_facts(__package__)
    words = [
        f"Method: {METHOD}.",
        f"Areas from the arrival in the artery over {span_s:.1f} s in both series, tumour over artery, after against before.",
        "It is the loss of perfused vessels along the beam: vessels before and behind the tumour count as if they were in it.",
        f"Stained is a pixel whose area, averaged over 5 x 5 pixels and divided by that of the artery, exceeds "
        f"{float(facts['stain.fraction']):g} % of the tumour's median before and {float(facts['stain.noise']):g} standard "
        "deviations of the noise of either series.",
        "The regions of the second series were drawn on it." if not together else
        "The regions of the first series were laid on the second, shifted as the anatomy is.",
    ]  # fmt: skip
    for name, series in (("before", one), ("after", two)):
        words += [f"{name}: {w}" for w in series.subtracted.words]
    return tuple(dict.fromkeys(words))
