"""Modified Bauer score: favourable factors before surgery of a spinal metastasis."""

from __future__ import annotations

from locoregional.scores.additive import Score, evaluate, yes_no
from locoregional.scores.table_file import read_table
from locoregional.scores.three_valued import negated

__all__ = ["modified_bauer"]


def modified_bauer(*, primary: str | None = None, visceral_metastases: bool | None = None, solitary: bool | None = None) -> Score:
    """Favourable factors, 0 to 4 points; more is better.

    Parameters
    ----------
    primary : str or None
        Primary tumour: ``breast``, ``kidney``, ``lymphoma``, ``myeloma``, ``lung`` or ``other``.
    visceral_metastases : bool or None
        Whether there are visceral metastases.
    solitary : bool or None
        Whether there is one single skeletal metastasis.

    Returns
    -------
    Score
        Bands ``poor`` (0-1), ``intermediate`` (2), ``good`` (3-4).

    Raises
    ------
    CaseError
        If the primary tumour has another name.

    References
    ----------
    leithner2008; table read in dign_bauer.
    """
    return evaluate(
        read_table("bauer_modified"),
        {
            "no_visceral_metastases": yes_no(negated(visceral_metastases)),
            "no_lung_cancer": primary,
            "favourable_primary": primary,
            "solitary": yes_no(solitary),
        },
    )
