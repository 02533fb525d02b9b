"""A yes, a no or a not-known with its reasons; and how far statuses of sources reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locoregional.errors import CaseError
from locoregional.scores.three_valued import all_of
from locoregional.sources import Sourced

__all__ = ["Finding", "found", "refuse_outside", "worst_status"]

_ORDER = ("verified", "borrowed", "unverified")


@dataclass(frozen=True)
class Finding:
    """Answer to a clinical definition.

    Attributes
    ----------
    name : str
        What was asked.
    value : bool or None
        Whether the definition is met; None while a datum is missing.
    words : str
        The answer as one sentence.
    met, unmet, missing : tuple of str
        Conditions that hold, that fail, and that the data leave open.
    source, where : str
        Key of ``references.bib`` and the place in it.
    status : str
        ``verified``, ``borrowed`` or ``unverified``: the weakest fact used.
    caveats : tuple of str
        What the reader must know.
    """

    name: str
    value: bool | None
    words: str
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    missing: tuple[str, ...]
    source: str
    where: str
    status: str
    caveats: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The answer as one sentence."""
        return self.words


def worst_status(statuses: Iterable[str]) -> str:
    """Weakest of several statuses: unverified, else borrowed, else verified."""
    return max(statuses, key=_ORDER.index, default="verified")


def found(
    name: str, conditions: Mapping[str, bool | None], *, facts: Iterable[Sourced], primary: str, caveats: Iterable[str] = ()
) -> Finding:
    """Finding that is met when every condition holds.

    Parameters
    ----------
    name : str
        What was asked, for example ``oligometastatic``.
    conditions : mapping of str to bool or None
        Whether each holds, by its words.
    facts : iterable of Sourced
        Facts used; the weakest status counts.
    primary : str
        Key of the paper that the definition belongs to.
    caveats : iterable of str
        What the reader must know.
    """
    value = all_of(conditions.values())
    met, unmet, missing = (tuple(w for w, v in conditions.items() if v is which) for which in (True, False, None))
    reasons = {True: f"yes: {'; '.join(met)}", False: f"no: not {'; not '.join(unmet)}", None: f"open: {'; '.join(missing)}"}
    used = tuple(facts)
    where = "; ".join(dict.fromkeys(f"{f.source}: {f.where}" for f in used))
    status = worst_status(f.status for f in used)
    return Finding(name, value, f"{name}: {reasons[value]}", met, unmet, missing, primary, where, status, tuple(caveats))


def refuse_outside(name: str, value: float | None, *, low: float, high: float) -> None:
    """Refuse a number that no patient can have; mostly it was given in another unit.

    Raises
    ------
    CaseError
        Naming the datum and its range.
    """
    if value is not None and not low <= value <= high:
        raise CaseError(
            f"{name} = {value} is outside {low:g}..{high:g}",
            where=name,
            remedy="Check value and unit: the name says which unit is meant.",
        )
