"""Mirels score of a long bone, and beside it the axial cortical involvement that a guideline prefers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from locoregional.scores.additive import Score, evaluate
from locoregional.scores.finding import Finding, found, refuse_outside
from locoregional.scores.table_file import read_table
from locoregional.scores.three_valued import compared
from locoregional.sources import read_facts

__all__ = ["axial_cortical_involvement", "mirels"]


def mirels(
    *,
    site: str | Collection[str] | None = None,
    pain: str | None = None,
    lesion: str | None = None,
    size: str | None = None,
    fraction: float | None = None,
    cortical_length_mm: float | None = None,
) -> Score:
    """Risk that a long bone breaks, 4 to 12 points.

    Parameters
    ----------
    site : str, collection of str or None
        ``upper_limb``, ``lower_limb`` or ``peritrochanteric``, or the name of a long bone; or several that are possible.
    pain : str or None
        ``mild``, ``moderate`` or ``functional``; ``none`` is no original level: it counts as mild and is flagged.
    lesion : str or None
        ``blastic``, ``mixed`` or ``lytic``.
    size : str or None
        ``lt_1_3``, ``1_3_to_2_3`` or ``gt_2_3`` of the diameter; or give ``fraction``.
    fraction : float or None
        Largest share of the bone's diameter that is destroyed, 0..1.
    cortical_length_mm : float or None
        Axial cortical involvement [mm]; where given, what the guideline says of it is added to the caveats.

    Returns
    -------
    Score
        Bands ``low`` (4-7), ``borderline`` (8), ``high`` (9-12). The Dutch guideline advises against relying on it.

    Raises
    ------
    CaseError
        If an answer does not exist or the share is outside 0..1.

    References
    ----------
    mirels1989; table read in epomedicine_mirels, risks in mdapp_mirels.
    """
    refuse_outside("fraction", fraction, low=0, high=1)
    table = read_table("mirels")
    size = size if size is not None else table.at("size", fraction)
    score = evaluate(table, {"site": site, "pain": pain, "lesion": lesion, "size": size})
    if cortical_length_mm is None:
        return score
    return replace(score, caveats=(axial_cortical_involvement(cortical_length_mm=cortical_length_mm).words, *score.caveats))


def axial_cortical_involvement(*, cortical_length_mm: float | None) -> Finding:
    """Whether the femur is at high risk by the length of cortex involved along its axis.

    Parameters
    ----------
    cortical_length_mm : float or None
        Longest axial involvement of the cortex on a plain radiograph [mm].

    Returns
    -------
    Finding
        True above 30 mm.

    References
    ----------
    richtlijnen_botmetastasen, fracture risk.
    """
    refuse_outside("cortical_length_mm", cortical_length_mm, low=0, high=600)
    limit = read_facts("locoregional.scores")["mirels.axial_cortical_mm"]
    words = f"axial cortical involvement over {limit.value:g} mm"
    conditions = {words: compared(cortical_length_mm, lambda x: x > limit.value)}
    caveat = "Stated for the femur on plain radiographs."
    return found("high fracture risk (femur)", conditions, facts=[limit], primary=limit.source, caveats=[caveat])
