"""Devascularisation as a JSON document and as lines of text."""

from __future__ import annotations

from typing import Any

import numpy as np

from locoregional.measures.devascularisation.measure import LEVEL, METHOD, Devascularisation, Series
from locoregional.sources import read_facts
from locoregional.version import __version__

__all__ = ["BREAST", "SCHEMA", "devascularisation_document", "devascularisation_lines", "verdict_words"]

SCHEMA = "locoregional.devascularisation/1"
"""Name and version of the document; the number changes when a field changes its meaning."""
BREAST = (
    "Breast: no study was found that supports embolization of long-bone metastases of breast cancer before an operation "
    "(geraets2020), and in the spine blood loss did not differ among 28 women (robial2012)."
)
RESEARCH_ONLY = "Research software: not a medical device, not for clinical decisions."


def verdict_words(found: Devascularisation) -> str:
    """Answer in one sentence."""
    if found.lost_percent is None or found.interval_percent is None:
        reasons = "; ".join(d.words for d in found.doubts if d.blocks) or "the areas under the curves are not positive"
        return f"Devascularisation cannot be measured: {reasons}."
    low, high = found.interval_percent
    answer = {True: "reached", False: "not reached", None: "too close to call"}[found.success]
    return (
        f"Devascularisation {found.lost_percent:.0f} % ({100 * LEVEL:.0f} %: {low:.0f} to {high:.0f} %): "
        f"more than {found.goal_percent:g} % {answer}. Method: {METHOD}."
    )


def devascularisation_document(found: Devascularisation) -> dict[str, Any]:
    """Numbers for JSON, without frames.

    Parameters
    ----------
    found : Devascularisation
        The measurement.

    Returns
    -------
    dict
        Shares in per cent, times in s, areas in s (opacity times s), shifts in pixels.
    """
    goal = read_facts(__package__)["success.lost"]
    return {
        "schema": SCHEMA,
        "version": __version__,
        "research_only": RESEARCH_ONLY,
        "method": METHOD,
        "verdict": verdict_words(found),
        "success": found.success,
        "goal_percent": found.goal_percent,
        "goal_source": f"{goal.source}: {goal.where}",
        "lost_percent": found.lost_percent,
        "interval_percent": found.interval_percent,
        "interval_level": LEVEL,
        "computed_percent": found.computed_percent,
        "flow_percent": found.flow_percent,
        "flow_interval_percent": found.flow_interval_percent,
        "stain_percent": found.stain_percent,
        "stained_percent": list(found.stained_percent),
        "stain_threshold_share": _finite(found.stain_threshold_share),
        "shift_px": list(found.shift_px),
        "doubts": [{"name": d.name, "words": d.words, "blocks": d.blocks} for d in found.doubts],
        "before": _series(found.before),
        "after": _series(found.after),
        "breast": BREAST,
        "words": list(found.words),
    }


def devascularisation_lines(found: Devascularisation) -> list[str]:
    """What a reader needs, one line each."""
    lines = [verdict_words(found)]
    if found.flow_percent is not None and found.flow_interval_percent is not None:
        low, high = found.flow_interval_percent
        lines.append(f"by the early curve   {found.flow_percent:6.0f} %   ({100 * LEVEL:.0f} %: {low:.0f} to {high:.0f} %)")
    if found.stain_percent is not None:
        first, last = found.stained_percent
        lines.append(
            f"stained area lost    {found.stain_percent:6.0f} %   ({first:.0f} % of the outline before, {last:.0f} % after)"
        )
    for name, s in (("before", found.before), ("after", found.after)):
        lines.append(
            f"{name:<6} area of tumour / artery {s.tumour.area_s:.3g} / {s.artery.area_s:.3g} s, peak of the tumour "
            f"{s.contrast_ratio:.1f} times the noise, moved up to {np.abs(s.subtracted.motion.shifts_px).max():.1f} pixels"
        )
    if found.lost_percent is None and found.computed_percent is not None:
        lines.append(f"the areas alone would give {found.computed_percent:.0f} %, which cannot be trusted")
    lines += [f"{'STOPS: ' if d.blocks else 'caution: '}{d.words}" for d in found.doubts]
    return [*lines, BREAST, *(f"note: {words}" for words in found.words), RESEARCH_ONLY]


def _series(series: Series) -> dict[str, Any]:
    run = series.subtracted
    curves = {
        name: {
            "area_s": curve.area_s,
            "peak": curve.peak_share,
            "peak_time_s": curve.peak_time_s,
            "rise_per_s": curve.rise_per_s,
            "mean_time_s": curve.mean_time_s,
            "left_share": curve.left_share,
            "opacity": [round(float(x), 6) for x in curve.opacity],
        }
        for name, curve in (("tumour", series.tumour), ("artery", series.artery))
    }
    return {
        "times_s": [round(float(t), 6) for t in run.times_s],
        "mask_frames": [int(i) + 1 for i in run.mask_frames],
        "arrival_frame": run.arrival + 1,
        "contrast_ratio": _finite(series.contrast_ratio),
        "largest_shift_px": float(np.abs(run.motion.shifts_px).max()),
        "motion_residual_px": _finite(run.motion.residual_px),
        **curves,
    }


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
