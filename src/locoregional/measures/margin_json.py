"""The margin as a JSON document and as lines of text."""

from __future__ import annotations

from typing import Any

from locoregional.measures.margin import LEVEL, Margin
from locoregional.version import __version__

__all__ = ["SCHEMA", "margin_document", "margin_lines"]

SCHEMA = "locoregional.margin/1"
"""Name and version of the document; the number changes when a field changes its meaning."""

RESEARCH_ONLY = "Research software: not a medical device, not for clinical decisions."


def margin_document(margin: Margin) -> dict[str, Any]:
    """Numbers of a margin for JSON, without the surface arrays.

    Parameters
    ----------
    margin : Margin
        The measurement.

    Returns
    -------
    dict
        Lengths in mm, volumes in ml, shares 0..1, places in DICOM LPS mm.
    """
    return {
        "schema": SCHEMA,
        "version": __version__,
        "research_only": RESEARCH_ONLY,
        "minimal_margin_mm": margin.minimal_margin_mm,
        "interval_mm": list(margin.interval_mm),
        "interval_level": LEVEL,
        "interval_with_contour_error_mm": list(margin.interval_with_contour_error_mm),
        "median_margin_mm": margin.median_margin_mm,
        "percentiles_mm": {str(p): v for p, v in margin.percentiles_mm.items()},
        "share_below_mm": dict(margin.share_below_mm),
        "thinnest_point_lps_mm": list(margin.thinnest_point_lps_mm),
        "tumour_ml": margin.tumour_ml,
        "ablation_ml": margin.ablation_ml,
        "residual_ml": margin.residual_ml,
        "subcapsular_share": margin.subcapsular_share,
        "notes": list(margin.notes),
    }


def margin_lines(margin: Margin) -> list[str]:
    """What a reader needs, one line each."""
    m = margin
    place = ", ".join(f"{v:.1f}" for v in m.thinnest_point_lps_mm)
    lines = [
        f"minimal margin     {m.minimal_margin_mm:7.1f} mm   (90 %: {m.interval_mm[0]:.1f} to {m.interval_mm[1]:.1f} mm)",
        f"with contour error              (90 %: {m.interval_with_contour_error_mm[0]:.1f}"
        f" to {m.interval_with_contour_error_mm[1]:.1f} mm)",
        f"median margin      {m.median_margin_mm:7.1f} mm",
        *(f"surface below {key:>2} mm {100 * share:6.1f} %" for key, share in m.share_below_mm.items()),
        f"thinnest at        LPS ({place}) mm",
        f"tumour / ablation  {m.tumour_ml:7.2f} / {m.ablation_ml:.2f} ml",
        f"tumour uncovered   {m.residual_ml:7.2f} ml",
    ]
    if m.subcapsular_share > 0:
        lines.append(f"left out, capsule  {100 * m.subcapsular_share:7.1f} % of the tumour surface")
    return [*lines, *(f"note: {words}" for words in m.notes), RESEARCH_ONLY]
