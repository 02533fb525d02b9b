"""Revised Tokuhashi score: prognosis before surgery of a spinal metastasis."""

from __future__ import annotations

from collections.abc import Collection

from locoregional.scores.additive import Score, evaluate
from locoregional.scores.table_file import read_table

__all__ = ["tokuhashi"]


def tokuhashi(
    *,
    karnofsky: Collection[int] | int | None = None,
    extraspinal_bone_metastases: int | None = None,
    vertebral_metastases: int | None = None,
    organ_metastases: str | None = None,
    primary: str | None = None,
    palsy: str | None = None,
) -> Score:
    """Prognosis, 0 to 15 points; more is better.

    Parameters
    ----------
    karnofsky : int, collection of int or None
        Karnofsky performance status, 10 to 100 in steps of ten; several where only the ECOG status is known
        (`performance.karnofsky_from_ecog`).
    extraspinal_bone_metastases : int or None
        Number of bone metastases outside the spine.
    vertebral_metastases : int or None
        Number of vertebrae with metastases, 1 or more.
    organ_metastases : str or None
        Metastases of major organs: ``unremovable``, ``removable`` or ``none``.
    primary : str or None
        Name of the primary tumour (``breast``), or of its group.
    palsy : str or None
        Frankel ``A`` (complete palsy) to ``E`` (none).

    Returns
    -------
    Score
        Bands ``short`` (0-8: under 6 months), ``intermediate`` (9-11: 6 months or more), ``long`` (12-15: 1 year or more).

    Raises
    ------
    CaseError
        If an answer does not exist.

    References
    ----------
    tokuhashi2005; bands read in nice_cg75, remaining items in neurosurgerynotes_prognosis.
    """
    table = read_table("tokuhashi")
    return evaluate(
        table,
        {
            "karnofsky": table.among("karnofsky", karnofsky),
            "extraspinal_bone_metastases": table.at("extraspinal_bone_metastases", extraspinal_bone_metastases),
            "vertebral_metastases": table.at("vertebral_metastases", vertebral_metastases),
            "organ_metastases": organ_metastases,
            "primary": primary,
            "palsy": palsy,
        },
    )
