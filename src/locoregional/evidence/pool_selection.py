"""Which rows of the outcomes enter a pool, and why the others of the same question do not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.evidence.pool_spec import PoolSpec
from locoregional.evidence.used import Used, used_value

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.row import Row

__all__ = ["Candidate", "candidate_of", "select_rows", "study_label"]


@dataclass(frozen=True)
class Candidate:
    """A row that speaks to a question.

    Attributes
    ----------
    row, study, label : str
        Id of the row and of its study; short name of the study.
    used : Used
        Number that is used.
    unit_of_analysis, directness, clock, subgroup, source : str
        What was counted; ``breast``, ``mixed`` or ``borrowed``; start of the clock; subgroup; key of the bibliography.
    patients : int or None
        Patients of the study, whatever was counted.
    reason : str
        Why it does not enter the pool; empty where it enters.
    """

    row: str
    study: str
    label: str
    used: Used
    unit_of_analysis: str
    directness: str
    clock: str
    subgroup: str
    source: str
    patients: int | None
    reason: str = ""

    @property
    def status(self) -> str:
        """``verified`` where the number was read in its source, else ``unverified``."""
        return "verified" if self.used.may_decide else "unverified"


def study_label(row: Row) -> str:
    """Short name of a study, author and year: ``Meloni2009`` becomes ``Meloni 2009``."""
    stem = re.sub(r"^X\d+_", "", row.id)
    spaced = re.sub(r"((?:19|20)\d\d)", r" \1 ", stem.replace("_", " "))
    spaced = re.sub(r"(?<=[a-z])([A-Z]{2})\b", r" \1", spaced)  # initials: WangHJ
    label = " ".join(spaced.split())
    year = row.whole("year")
    return label if re.search(r"\b(19|20)\d\d\b", label) or year is None else f"{label} {year}"


def candidate_of(base: EvidenceBase, row: Row, *, reason: str = "") -> Candidate:
    """Row of the outcomes with what a pool must know about it.

    Parameters
    ----------
    base : EvidenceBase
        Where its study stands.
    row : Row
        An outcome.
    reason : str
        Why it does not enter a pool.
    """
    study = base.study(row.id)
    patients = study.whole("n_patients_primary")
    return Candidate(
        row=row.id,
        study=study.id,
        label=study_label(study),
        used=used_value(row).in_months(),
        unit_of_analysis=row.text("unit_of_analysis"),
        directness=row.text("directness"),
        clock=row.text("clock"),
        subgroup=row.text("subgroup"),
        source=row.text("source_of_primary") or study.text("bib"),
        patients=patients if patients is not None else study.whole("n_patients_printed"),
        reason=reason,
    )


def select_rows(base: EvidenceBase, spec: PoolSpec) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Rows that enter a pool, one per study, and rows that speak to its question but do not enter.

    Parameters
    ----------
    base : EvidenceBase
        The rows.
    spec : PoolSpec
        The question.

    Returns
    -------
    chosen, aside : tuple of Candidate
        In the order of the table; each of ``aside`` with its reason.
    """
    chosen: list[Candidate] = []
    aside: list[Candidate] = []
    for row in sorted(_speaking(base.table("outcomes"), spec), key=lambda r: spec.estimands.index(r.text("estimand"))):
        candidate = candidate_of(base, row, reason=_reason(row, spec))
        if not candidate.reason and any(c.study == candidate.study for c in chosen):
            candidate = candidate_of(base, row, reason="another row of the same study is used")
        (aside if candidate.reason else chosen).append(candidate)
    order = {row.id: i for i, row in enumerate(base.table("outcomes"))}
    in_order = [tuple(sorted(part, key=lambda c: order[c.row])) for part in (chosen, aside)]
    return in_order[0], in_order[1]


def _speaking(rows: Iterable[Row], spec: PoolSpec) -> Iterable[Row]:
    """Rows of the question: right estimand, and organ and procedure at least among others."""
    for row in rows:
        touches = set(row.many("organ")) & set(spec.organ) and set(row.many("procedure")) & set(spec.procedures)
        if touches and row.text("estimand") in spec.estimands:
            yield row


def _reason(row: Row, spec: PoolSpec) -> str:
    """Why a row of the question does not enter; empty where it does."""
    if row.id in spec.leave_out:
        return spec.leave_out[row.id]
    for what, column, allowed in (("organs", "organ", spec.organ), ("procedures", "procedure", spec.procedures)):
        if not set(row.many(column)) <= set(allowed):
            return f"{what} mixed: {', '.join(row.many(column))}"
    if row.text("poolable") != "yes" and row.id not in spec.admit:
        return row.text("why_not") or "marked as not poolable"
    if row.text("unit_of_analysis") != spec.unit_of_analysis:
        return f"counts by {row.text('unit_of_analysis') or 'an unstated unit'}, the pool by {spec.unit_of_analysis}"
    if row.text("subgroup") and row.text("subgroup") not in spec.subgroups:
        return f"a subgroup: {row.text('subgroup')}"
    return _missing(row, spec)


def _missing(row: Row, spec: PoolSpec) -> str:
    """What a row lacks for the measure of the pool; empty where it lacks nothing."""
    used = used_value(row)
    if spec.measure == "proportion":
        return "" if used.n is not None and used.total is not None else "gives no count with its denominator"
    if spec.measure == "median survival":
        if used.value is None:
            return "gives no median"
        return (
            ""
            if used.total is not None or (used.low is not None and used.high is not None)
            else "gives neither interval nor number"
        )
    return "" if row.id in spec.scores else "gives no standard deviation of the change"
