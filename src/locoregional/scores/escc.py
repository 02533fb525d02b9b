"""Epidural spinal cord compression after Bilsky."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.errors import CaseError
from locoregional.scores.table_file import read_toml, refuse_unsourced

__all__ = ["Escc", "escc"]


@dataclass(frozen=True)
class Escc:
    """Grade of epidural compression.

    Attributes
    ----------
    grade : str or None
        ``0``, ``1a``, ``1b``, ``1c``, ``2`` or ``3``; None if it is not known.
    words : str
        What it means.
    high_grade : bool or None
        Whether the cord is compressed (2 or 3).
    missing : tuple of str
        ``grade`` if it is not known.
    source, where, status : str
        Key of ``references.bib``, place, and how sure that is.
    caveats : tuple of str
        What the reader must know.
    """

    grade: str | None
    words: str
    high_grade: bool | None
    missing: tuple[str, ...]
    source: str
    where: str
    status: str
    caveats: tuple[str, ...]
    name: str = "escc"

    @property
    def summary(self) -> str:
        """Grade as one sentence."""
        return f"Epidural compression (Bilsky): {self.grade or 'not known'}, {self.words}"


def escc(grade: str | None) -> Escc:
    """Meaning of a Bilsky grade.

    Parameters
    ----------
    grade : str or None
        ``0``, ``1a``, ``1b``, ``1c``, ``2`` or ``3``.

    Raises
    ------
    CaseError
        If the grade does not exist.

    References
    ----------
    bilsky2010; read in thespinebook_noms.
    """
    raw = read_toml("escc")
    refuse_unsourced(raw, "escc")
    rest = (raw["source"], raw["where"], raw["status"], tuple(raw["caveats"]))
    if grade is None:
        return Escc(None, "not read", None, ("grade",), *rest)
    found = raw["grades"].get(grade.strip().lower())
    if found is None:
        remedy = f"Use one of {', '.join(raw['grades'])}; grade 1 has three parts."
        raise CaseError(f"{grade!r} is no Bilsky grade", where="ESCC", remedy=remedy)
    return Escc(grade.strip().lower(), found["words"], found["high_grade"], (), *rest)
