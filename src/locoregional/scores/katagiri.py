"""Katagiri score of 2014: survival with skeletal metastases. The points of its items are recalled, not read."""

from __future__ import annotations

from locoregional.scores.additive import Score, evaluate, yes_no
from locoregional.scores.table_file import read_table

__all__ = ["katagiri", "katagiri_primary_of_breast"]


def katagiri_primary_of_breast(hormone_receptor_positive: bool | None) -> tuple[str, ...]:
    """Answers of the item ``primary`` that a breast cancer can have.

    Parameters
    ----------
    hormone_receptor_positive : bool or None
        Whether ER or PR is positive: taken as hormone-dependent, which moves the score by two points.
    """
    slow, moderate = "slow_growth", "moderate_growth"
    return (slow, moderate) if hormone_receptor_positive is None else ((slow,) if hormone_receptor_positive else (moderate,))


def katagiri(
    *,
    primary: str | tuple[str, ...] | None = None,
    visceral_or_cerebral: str | None = None,
    laboratory: str | None = None,
    ecog: int | None = None,
    previous_chemotherapy: bool | None = None,
    skeletal_metastases: int | None = None,
) -> Score:
    """Risk group, 0 to 10 points; more is worse. Every item is unverified: show it, let it decide nothing.

    Parameters
    ----------
    primary : str, tuple of str or None
        ``slow_growth``, ``moderate_growth`` or ``rapid_growth``, or those still possible (`katagiri_primary_of_breast`).
    visceral_or_cerebral : str or None
        ``none``, ``nodular`` or ``disseminated``.
    laboratory : str or None
        ``normal``, ``abnormal`` or ``critical``; thresholds as the table words them.
    ecog : int or None
        ECOG performance status, 0..4.
    previous_chemotherapy : bool or None
        Whether chemotherapy was given before.
    skeletal_metastases : int or None
        Number of skeletal metastases, 1 or more.

    Returns
    -------
    Score
        Bands ``low_risk`` (0-3), ``intermediate_risk`` (4-6), ``high_risk`` (7-10).

    Raises
    ------
    CaseError
        If an answer does not exist.

    References
    ----------
    katagiri2014 (abstract), kubota2019 (abstract).
    """
    return evaluate(
        read_table("katagiri"),
        {
            "primary": primary,
            "visceral_or_cerebral": visceral_or_cerebral,
            "laboratory": laboratory,
            "ecog_3_4": yes_no(None if ecog is None else ecog >= 3),
            "previous_chemotherapy": yes_no(previous_chemotherapy),
            "multiple_skeletal": yes_no(None if skeletal_metastases is None else skeletal_metastases > 1),
        },
    )
