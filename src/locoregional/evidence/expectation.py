"""One number a tumour board may expect of a procedure, with all that limits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.evidence.pool_selection import Candidate, study_label
from locoregional.evidence.schema import estimands

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.pooling.pooled import StudyEffect
    from locoregional.evidence.pools import PoolResult
    from locoregional.evidence.row import Row

__all__ = ["COMPARISON", "GROUP_OF", "Expectation", "of_comparison", "of_pool", "of_series"]

COMPARISON = "comparison"
"""Group of statements that compare, for or against the procedure; they carry words instead of a number."""

_ESTIMANDS = {
    "local control": ("ltp", "local_control", "local_dfs", "complete_ablation", "technical_efficacy"),
    "response": ("objective_response", "complete_response", "partial_response", "disease_control"),
    "survival": ("os_median", "os_at_t"),
    "progression": ("new_metastases", "pfs_median", "pfs_at_t", "dfs_median", "dfs_at_t", "time_to_progression"),
    "pain": ("pain_relief", "pain_score", "pain_change"),
    "function": ("function",),
    "complication": ("toxicity_g3", "complication", "death", "leakage"),
    COMPARISON: ("comparison",),
}
GROUP_OF = {estimand: group for group, members in _ESTIMANDS.items() for estimand in members}
"""Group of each estimand that a board is shown; means of censored times, bare counts and statements are not."""

_TIMED = ("local_control", "pain_score", "pain_change", "pain_relief", "function")
"""Estimands that are told with their time point although they need none."""

_FACTOR = {"proportion": (100.0, "%"), "median survival": (1.0, "months"), "mean change": (1.0, "points")}


@dataclass(frozen=True)
class Expectation:
    """A number from a pool or a single series, or a comparison in words.

    Attributes
    ----------
    group, words : str
        One of ``pool_spec.GROUPS`` or ``comparison``; the whole in one sentence.
    what : str
        The sentence without number, interval and count, for a table that shows these in columns of their own; a comparison
        has no number of its own and stands there whole.
    value, low, high : float or None
        In ``unit``; None where none is given.
    unit : str
        ``%``, ``months``, ``points``, or ``text`` for a comparison.
    level : float or None
        Of the interval; None where ``low`` and ``high`` are a range of studies, or there is none.
    unit_of_analysis : str
        What was counted.
    n_studies : int
        Series behind it.
    n_patients : int or None
        Their patients, whatever was counted.
    basis : str
        What the number rests on, in words: "6 of 224 lesions", "4 series, 179 patients", "meta-analysis".
    directness, status : str
        ``breast``, ``mixed`` or ``borrowed``; ``verified``, ``unverified`` (shown, deciding nothing) or ``borrowed``.
    certainty : str
        GRADE of a pool; empty for a single series.
    sources, rows : tuple of str
        Keys of the bibliography and ids of the rows.
    pool : str
        Pool it comes from, or in whose question it stands beside the others; empty where there is none.
    poolable : bool
        Whether several series stand behind the number and may be pooled.
    reason : str
        Why the series stand side by side, or why this one does not enter a pool.
    """

    group: str
    words: str
    what: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    level: float | None
    unit_of_analysis: str
    n_studies: int
    n_patients: int | None
    basis: str
    directness: str
    status: str
    certainty: str
    sources: tuple[str, ...]
    rows: tuple[str, ...]
    pool: str
    poolable: bool
    reason: str


def of_pool(result: PoolResult) -> Expectation:
    """Expectation of a poolable pool."""
    spec, pooled = result.spec, result.pooled
    factor, unit = _FACTOR[pooled.measure]
    value, low, high = (None if v is None else factor * v for v in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    patients = "" if result.n_patients is None else f", {result.n_patients} patients"
    certainty = "" if result.certainty is None else result.certainty.certainty
    number = _number(value, low, high, unit, pooled.level)
    return Expectation(
        group=spec.group,
        words=f"{spec.words}: {number}; {result.n_studies} series{patients}; certainty {certainty}",
        what=f"{spec.words} (pool)",
        value=value,
        low=low,
        high=high,
        unit=unit,
        level=pooled.level,
        unit_of_analysis=spec.unit_of_analysis,
        n_studies=result.n_studies,
        n_patients=result.n_patients,
        basis=f"{result.n_studies} series{patients}",
        directness=result.directness,
        status=_status(result.directness, result.status),
        certainty=certainty,
        sources=tuple(dict.fromkeys(c.source for c in result.chosen)),
        rows=tuple(c.row for c in result.chosen),
        pool=spec.name,
        poolable=True,
        reason=spec.note,
    )


def of_series(
    base: EvidenceBase, candidate: Candidate, *, effect: StudyEffect | None = None, pool: str = "", reason: str = ""
) -> Expectation | None:
    """Expectation of one row: its own interval, else the exact one of its counts; None where it holds no number.

    Parameters
    ----------
    base : EvidenceBase
        Where its words stand.
    candidate : Candidate
        The row.
    effect : StudyEffect, optional
        Its number where that was computed from other rows, as a change is from two scores.
    pool, reason : str
        Question in which it stands beside others, and why it does.
    """
    row, used = base.row(candidate.row), candidate.used
    value, low, high, level = used.value, used.low, used.high, used.level
    unit = used.unit
    counted = used.n is not None and used.total is not None and unit in ("%", "count")
    if counted:
        value, unit = 100.0 * used.n / used.total, "%"  # type: ignore[operator]
    if counted and (low is None or high is None):
        low, high, level = *_exact(used.n or 0, used.total or 1), 0.95
    if effect is not None:
        value, low, high, level = effect.estimate, effect.low, effect.high, 0.95
    timed = estimands()[row.text("estimand")].scale == "time"
    if unit not in (("months",) if timed else ("%", "points")) or (value is None and low is None and high is None):
        return None
    parts = _what(row)
    told = " ".join([parts[0], *(f"({p})" for p in parts[1:])])
    words = f"{candidate.label}: {told}, {_number(value, low, high, unit, level)}{_denominator(candidate)}"
    marks = [] if candidate.status == "verified" else ["unverified"]
    marks += [] if candidate.directness == "breast" else [candidate.directness]
    return Expectation(
        group=GROUP_OF[row.text("estimand")],
        words=words + (f" [{', '.join(marks)}]" if marks else ""),
        what=f"{candidate.label}: {', '.join(parts)}",
        value=value,
        low=low,
        high=high,
        unit=unit,
        level=level,
        unit_of_analysis=candidate.unit_of_analysis,
        n_studies=1,
        n_patients=used.total if candidate.unit_of_analysis == "patient" and used.total else candidate.patients,
        basis=_basis(candidate, base.study(row.id)),
        directness=candidate.directness,
        status=_status(candidate.directness, candidate.status),
        certainty="",
        sources=(candidate.source,),
        rows=(candidate.row,),
        pool=pool,
        poolable=False,
        reason=reason,
    )


def of_comparison(base: EvidenceBase, row: Row) -> Expectation:
    """A comparison in words: an outcome, or a prognostic factor that says what the procedure does in breast cancer."""
    study = base.study(row.id)
    verified = row.text("verdict") != "unverified"
    said = row.text("primary_words") or row.text("printed")
    label = study_label(study)
    return Expectation(
        group=COMPARISON,
        words=f"{label}: {said}" + ("" if verified else " [unverified]"),
        what=f"{label}: {said}",
        value=None,
        low=None,
        high=None,
        unit="text",
        level=None,
        unit_of_analysis=row.text("unit_of_analysis"),
        n_studies=1,
        n_patients=study.whole("n_patients_primary"),
        basis=_kind_of_study(study),
        directness=row.text("directness"),
        status=_status(row.text("directness"), "verified" if verified else "unverified"),
        certainty="",
        sources=(row.text("source_of_primary") or study.text("bib"),),
        rows=(row.id,),
        pool="",
        poolable=False,
        reason=row.text("why_not") or row.text("note"),
    )


def _status(directness: str, status: str) -> str:
    """Status a board sees: a number read in its source but of another tumour is borrowed."""
    return "borrowed" if status == "verified" and directness == "borrowed" else status


def _exact(n: int, total: int) -> tuple[float, float]:
    """Clopper-Pearson interval in per cent, the one that the forest plots show."""
    from locoregional.evidence.pooling.single_study import clopper_pearson

    low, high = clopper_pearson([n], [total])[:, 0]
    return 100.0 * float(low), 100.0 * float(high)


def _number(value: float | None, low: float | None, high: float | None, unit: str, level: float | None) -> str:
    """A number with its interval or range in words."""
    sign = " %" if unit == "%" else f" {unit}"
    middle = "" if value is None else f"{value:.1f}{sign}"
    if low is None or high is None:
        return middle or "no number"
    kind = "range" if level is None else f"{100 * level:.0f} % CI"
    return f"{middle} ({kind} {low:.1f} to {high:.1f})" if middle else f"{kind} {low:.1f} to {high:.1f}{sign}"


def _what(row: Row) -> list[str]:
    """What a row measures and when; then, where they are said, from when time is counted and in whom."""
    estimand, time = estimands()[row.text("estimand")], row.number("time_months")
    what = estimand.words.removesuffix(" at a time point")
    if time is not None and (estimand.at_time or estimand.name in _TIMED):
        what += f" at {time:g} months"
    survives = estimand.scale == "time" or estimand.at_time
    clock = row.text("clock").replace("not stated", "") if survives else ""
    return [what, *([f"from {clock}"] if clock else []), *filter(None, [row.text("subgroup")])]


def _basis(candidate: Candidate, study: Row) -> str:
    """What the number of one row was counted on; the patients of the study only where the row counts something else of them."""
    counted = _denominator(candidate).removeprefix(", ")
    patients = candidate.patients if candidate.unit_of_analysis in ("lesion", "session", "procedure") else None
    of = f" in a study of {patients} patients" if counted and patients else ""
    return f"1 series: {counted}{of}" if counted else _kind_of_study(study)


def _kind_of_study(study: Row) -> str:
    """Words for a source whose row gives no count."""
    design = study.text("design")
    several = "meta-analysis" in design or "review" in design
    return design if several else "1 series, number not given for this result"


def _denominator(candidate: Candidate) -> str:
    used, unit = candidate.used, candidate.unit_of_analysis
    if used.total is None:
        return ""
    count = f"{used.n} of {used.total}" if used.n is not None else f"{used.total}"
    plural = {"patient": "patients", "lesion": "lesions", "session": "sessions", "procedure": "procedures"}.get(unit, "")
    return f", {count} {plural}".rstrip()
