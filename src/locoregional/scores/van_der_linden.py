"""Van der Linden score: survival with spinal metastases."""

from __future__ import annotations

from collections.abc import Collection

from locoregional.scores.additive import Score, evaluate, yes_no
from locoregional.scores.table_file import read_table

__all__ = ["van_der_linden"]


def van_der_linden(
    *, karnofsky: Collection[int] | int | None = None, primary: str | None = None, visceral_metastases: bool | None = None
) -> Score:
    """Survival group, 0 to 6 points; more is better.

    Parameters
    ----------
    karnofsky : int, collection of int or None
        Karnofsky performance status, 20 to 100 in steps of ten; several where only the ECOG status is known
        (`performance.karnofsky_from_ecog`).
    primary : str or None
        ``breast``, ``prostate``, ``lung`` or ``other``.
    visceral_metastases : bool or None
        Whether there are visceral metastases.

    Returns
    -------
    Score
        Bands ``A`` (0-3), ``B`` (4-5), ``C`` (6).

    Raises
    ------
    CaseError
        If an answer does not exist; the published scale starts at 20.

    References
    ----------
    vanderlinden2005; table read in medicalalgorithms_vanderlinden.
    """
    table = read_table("van_der_linden")
    answers = {
        "karnofsky": table.among("karnofsky", karnofsky),
        "primary": primary,
        "visceral_metastases": yes_no(visceral_metastases),
    }
    return evaluate(table, answers)
