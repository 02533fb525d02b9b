"""Child-Pugh score of the liver; two published tables differ in their lower albumin limit and are chosen by name."""

from __future__ import annotations

from collections.abc import Collection

from locoregional.errors import CaseError
from locoregional.scores.additive import Score, evaluate
from locoregional.scores.finding import refuse_outside
from locoregional.scores.table_file import read_table

__all__ = ["ALBUMIN_CUTS", "child_pugh"]

ALBUMIN_CUTS = {"28": "child_pugh", "30": "child_pugh_albumin_30"}
"""Table by its lower albumin limit [g/l]."""


def child_pugh(
    *,
    bilirubin_umol_l: float | None = None,
    albumin_g_l: float | None = None,
    inr: float | None = None,
    ascites: str | bool | None = None,
    encephalopathy: str | None = None,
    albumin_cut: str = "28",
) -> Score:
    """Liver function, 5 to 15 points; more is worse.

    Parameters
    ----------
    bilirubin_umol_l : float or None
        Total bilirubin in serum [umol/l].
    albumin_g_l : float or None
        Albumin in serum [g/l].
    inr : float or None
        International normalised ratio.
    ascites : str, bool or None
        ``none``, ``mild`` or ``moderate``; ``present`` or True leaves open how much, False is none.
    encephalopathy : str or None
        ``none``, ``mild`` (grade 1 to 2) or ``severe`` (grade 3 to 4).
    albumin_cut : str
        ``28`` (usual) or ``30`` [g/l].

    Returns
    -------
    Score
        Bands ``A`` (5-6), ``B`` (7-9), ``C`` (10-15). Made for cirrhosis.

    Raises
    ------
    CaseError
        If an answer does not exist or a value is impossible.

    References
    ----------
    pugh1973; tables read in ccjm_childpugh (28) and pmc3017746 (30).
    """
    refuse_outside("bilirubin_umol_l", bilirubin_umol_l, low=1, high=1000)
    refuse_outside("albumin_g_l", albumin_g_l, low=8, high=70)
    refuse_outside("inr", inr, low=0.5, high=20)
    if albumin_cut not in ALBUMIN_CUTS:
        raise CaseError(f"no table with {albumin_cut!r}", where="albumin_cut", remedy=f"Use {' or '.join(ALBUMIN_CUTS)} g/l.")
    table = read_table(ALBUMIN_CUTS[albumin_cut])
    answers: dict[str, str | Collection[str] | None] = {
        "bilirubin": table.at("bilirubin", bilirubin_umol_l),
        "albumin": table.at("albumin", albumin_g_l),
        "inr": table.at("inr", inr),
        "ascites": _ascites(ascites),
        "encephalopathy": encephalopathy,
    }
    return evaluate(table, answers)


def _ascites(given: str | bool | None) -> str | tuple[str, ...] | None:
    """Answer, or both that a bare "present" allows."""
    if given is True or given == "present":
        return ("mild", "moderate")
    return "none" if given is False else given
