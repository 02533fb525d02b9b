"""Where the review and its sources disagree: the findings of readers, and what arithmetic finds by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations import Calculated, calculated
from locoregional.evidence.row import Row
from locoregional.evidence.schema import table

__all__ = ["Recomputed", "findings", "matching", "recomputed"]

# Words by which a finding of a reader speaks of the same defect as a calculation; any finding on the row where none are given.
_ARITHMETIC = r"integer|denominator|whole number|\bk/\d|round|truncat|cut off|\d+/\d+"
_SPEAKS = {
    "grim": _ARITHMETIC,
    "share": _ARITHMETIC,
    "truncated": r"truncat|cut off|round",
    "unsaid": _ARITHMETIC,
    "denominator": rf"{_ARITHMETIC}|subgroup",
    "sum": r"add up|sum\b|categor|denominator",
    "subgroups": r"weighted|both be true|on the same unit|impossible",
    "unit": r"week|convert|unit mix",
    "weeks": r"week|unit",
    "mean": r"\bmeans?\b",
    "tail": r"follow-up|immature|tail",
    "curve": r"curve|median|clock",
    "threshold": r"threshold|cut-off",
    "conflict": r"conflict|contradict|disagree|influence|ambiguous|threshold",
    "p_value": r"\bp\b",
}


@dataclass(frozen=True)
class Recomputed:
    """A contradiction found by arithmetic, beside the findings of readers that say the same.

    Attributes
    ----------
    calculated : Calculated
        The contradiction.
    listed : tuple of str
        Ids of the findings of the audit table on the same defect; empty: found by calculation alone.
    """

    calculated: Calculated
    listed: tuple[str, ...]

    @property
    def words(self) -> str:
        """Who found it."""
        return f"also listed as {', '.join(self.listed)}" if self.listed else "found by calculation"


def matching(base: EvidenceBase, found: Calculated) -> tuple[str, ...]:
    """Ids of the audit findings that name one of the rows, or a row of the study, and speak of the same defect."""
    pattern = _SPEAKS.get(found.code, "")
    rows = {*found.rows, *(r.id for study in found.rows for r in base.rows_of(study))}
    ids = []
    for finding in base.table("audit"):
        said = " ".join(finding.text(c) for c in ("kind", "problem", "correction", "basis"))
        if set(finding.many("rows")) & rows and re.search(pattern, said, re.IGNORECASE):
            ids.append(finding.id)
    return tuple(ids)


def recomputed(base: EvidenceBase) -> tuple[Recomputed, ...]:
    """Everything that arithmetic finds in a base, each with the listed findings that say the same."""
    return tuple(Recomputed(c, matching(base, c)) for c in calculated(base))


def findings(base: EvidenceBase, *, severity: str = "", ref: str = "", new: bool = False) -> tuple[Row, ...]:
    """Findings of readers, the grave ones first.

    Parameters
    ----------
    base : EvidenceBase
        Evidence.
    severity : str
        Only of this severity.
    ref : str
        Only those on this number of the reference list.
    new : bool
        Only those that were not known before.
    """
    order = table("audit").columns["severity"].choices
    rows = (r for r in base.table("audit") if not severity or r.text("severity") == severity)
    rows = (r for r in rows if (not ref or ref in _numbers(r.text("ref"))) and (not new or r.text("found") == "new"))
    return tuple(sorted(rows, key=lambda r: order.index(r.text("severity"))))


def _numbers(text: str) -> set[str]:
    """Reference numbers of a text such as ``5-15``, ``38/39`` or ``21,22``."""
    numbers = set(re.findall(r"\d+", text))
    for first, last in re.findall(r"(\d+)-(\d+)", text):
        numbers |= {str(n) for n in range(int(first), int(last) + 1)}
    return numbers | {text}
