"""ROBINS-I: risk of bias of a comparison without randomisation; the worst domain is the study's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.evidence.appraisal.entry import NO_INFORMATION, Entry, entries_of

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase

__all__ = ["Robins", "overall_risk", "robins_of"]

_RISING = ("low", "moderate", "serious", "critical")


@dataclass(frozen=True)
class Robins:
    """Risk of bias of one study: overall, and its seven domains."""

    study: str
    overall: str
    entries: tuple[Entry, ...]

    @property
    def words(self) -> str:
        """Overall risk and the domains behind it."""
        unknown = sum(e.judgement == NO_INFORMATION for e in self.entries)
        tail = f"; {unknown} of {len(self.entries)} domains without information" if unknown else ""
        if self.overall == NO_INFORMATION:
            return f"no information{tail}"
        behind = [e.item for e in self.entries if e.judgement == self.overall]
        return f"{self.overall} ({', '.join(behind)}){tail}"


def overall_risk(judgements: Sequence[str]) -> str:
    """Overall risk from the domains: the worst one; a domain without information outweighs low and moderate (sterne2016).

    Parameters
    ----------
    judgements : sequence of str
        ``low``, ``moderate``, ``serious``, ``critical`` or ``no information``.

    Returns
    -------
    str
        One of these.
    """
    known = [j for j in judgements if j != NO_INFORMATION]
    worst = max(known, key=_RISING.index, default=NO_INFORMATION)
    if worst in ("serious", "critical"):
        return worst
    return NO_INFORMATION if len(known) < len(judgements) else worst


def robins_of(base: EvidenceBase, study: str) -> Robins | None:
    """Risk of bias of a study of the base; None where it was not appraised by ROBINS-I."""
    entries = entries_of(base, study, "ROBINS-I")
    return Robins(study, overall_risk([e.judgement for e in entries]), entries) if entries else None
