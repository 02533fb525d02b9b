"""Named pools of the evidence base: what may be pooled, the number, how certain it is, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, NoReturn

from locoregional.errors import EvidenceError
from locoregional.evidence.appraisal.grade import Grade, Member, grade
from locoregional.evidence.appraisal.minors import minors_of
from locoregional.evidence.pool_selection import Candidate, select_rows
from locoregional.evidence.pool_spec import PoolSpec, pool_specs
from locoregional.evidence.pooling.pooled import Pooled
from locoregional.evidence.schema import near
from locoregional.evidence.used import used_value

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase

__all__ = ["DEFAULT_METHOD", "PoolResult", "all_pools", "pool_named", "pool_of", "rank_procedures"]

DEFAULT_METHOD = "REML"
"""Logit (or log-median) with REML and Hartung-Knapp: with three or four series its interval is honestly wide."""

_UNFLOORED = ("glmm", "EE")
"""Models without a Hartung-Knapp variance. For the others it is kept from falling below Wald's: studies that agree by chance
must not make an interval narrow."""

_NEAREST = ("breast", "mixed", "borrowed")
_kept: dict[tuple[str, str, str], PoolResult] = {}


@dataclass(frozen=True)
class PoolResult:
    """Answer of the evidence base to one question.

    Attributes
    ----------
    spec : PoolSpec
        The question.
    pooled : Pooled
        Synthesis; with ``poolable`` False it holds the studies and the reason only.
    chosen, aside : tuple of Candidate
        Rows that enter, and rows beside them with their reason.
    companion : Pooled or None
        For proportions the GLMM beside the logit model; None where there is none.
    verified_only : Pooled or None
        The same without rows that nobody has read in their source; None where all were read, or none.
    certainty : Grade or None
        GRADE; None where there is no study.
    """

    spec: PoolSpec
    pooled: Pooled
    chosen: tuple[Candidate, ...]
    aside: tuple[Candidate, ...]
    companion: Pooled | None
    verified_only: Pooled | None
    certainty: Grade | None

    @property
    def n_studies(self) -> int:
        """Studies that enter."""
        return len(self.chosen)

    @property
    def n_patients(self) -> int | None:
        """Patients of these studies, whatever was counted; None where one does not say."""
        given = [c.used.total if self.spec.unit_of_analysis == "patient" else c.patients for c in self.chosen]
        return None if not given or None in given else sum(n for n in given if n is not None)

    @property
    def status(self) -> str:
        """``verified`` where every number was read in its source, else ``unverified``; empty without studies."""
        if not self.chosen:
            return ""
        return "verified" if all(c.status == "verified" for c in self.chosen) else "unverified"

    @property
    def directness(self) -> str:
        """Farthest population among the studies: ``breast``, ``mixed`` or ``borrowed``; empty without studies."""
        return max((c.directness for c in self.chosen), key=_NEAREST.index, default="")


def pool_named(base: EvidenceBase, name: str, *, method: str | None = None) -> PoolResult:
    """Pool of a name.

    Parameters
    ----------
    base : EvidenceBase
        The rows.
    name : str
        Of ``pools.toml``.
    method : str, optional
        One of ``pooling.METHODS``; by default ``DEFAULT_METHOD``.

    Returns
    -------
    PoolResult
        Also where nothing may be pooled; computed once per content of the base.

    Raises
    ------
    EvidenceError
        If there is no such pool, or the method does not fit.
    """
    if name not in pool_specs():
        raise EvidenceError(f"there is no pool called {name!r}", where="pools.toml", remedy=near(name, tuple(pool_specs())))
    key = (base.content_hash, name, method or DEFAULT_METHOD)
    if key not in _kept:
        if len(_kept) > 500:
            _kept.clear()
        _kept[key] = pool_of(base, pool_specs()[name], method=method or DEFAULT_METHOD)
    return _kept[key]


def all_pools(base: EvidenceBase, *, method: str | None = None) -> tuple[PoolResult, ...]:
    """Every named pool, in the order of the file.

    Parameters
    ----------
    base : EvidenceBase
        The rows.
    method : str, optional
        As in `pool_named`; a GLMM is used for proportions only.
    """
    binomial = method == "glmm"
    return tuple(
        pool_named(base, name, method=None if binomial and spec.measure != "proportion" else method)
        for name, spec in pool_specs().items()
    )


def pool_of(base: EvidenceBase, spec: PoolSpec, *, method: str = DEFAULT_METHOD) -> PoolResult:
    """Pool of a question, named or made for the moment.

    Parameters
    ----------
    base : EvidenceBase
        The rows.
    spec : PoolSpec
        The question.
    method : str
        One of ``pooling.METHODS``.

    Returns
    -------
    PoolResult
        Also where nothing may be pooled.
    """
    chosen, aside = select_rows(base, spec)
    pooled = _synthesis(base, spec, chosen, method)
    read = tuple(c for c in chosen if c.status == "verified")
    companion = None
    if spec.measure == "proportion" and len(chosen) > 1:
        companion = _synthesis(base, spec, chosen, DEFAULT_METHOD if method == "glmm" else "glmm")
    return PoolResult(
        spec=spec,
        pooled=pooled,
        chosen=chosen,
        aside=aside,
        companion=companion,
        verified_only=_synthesis(base, spec, read, method) if 0 < len(read) < len(chosen) else None,
        certainty=grade(pooled, [_member(base, c) for c in chosen]) if chosen else None,
    )


def rank_procedures(names: Sequence[str]) -> NoReturn:
    """Refuse to order pools of different procedures by their numbers.

    Parameters
    ----------
    names : sequence of str
        Pools that someone asked to sort.

    Raises
    ------
    EvidenceError
        Always: single-arm series treated different patients.
    """
    from locoregional.evidence.pooling.poolable import refuse_ranking

    refuse_ranking([pool_specs()[n].words if n in pool_specs() else n for n in names])


def _member(base: EvidenceBase, candidate: Candidate) -> Member:
    return Member(
        candidate.study,
        candidate.used.total,
        candidate.directness,
        candidate.status == "verified",
        minors_of(base, candidate.study),
    )


def _synthesis(base: EvidenceBase, spec: PoolSpec, chosen: Sequence[Candidate], method: str) -> Pooled:
    """Model of the measure on the rows chosen."""
    if not chosen:
        return _nothing(spec)
    labels = {
        "names": [c.label for c in chosen],
        "units": [c.unit_of_analysis for c in chosen],
        "clocks": [c.clock for c in chosen] if spec.group == "survival" else (),
    }
    return _MODELS[spec.measure](base, spec, chosen, {**labels, "method": method, "floor": method not in _UNFLOORED})


def _proportions(_base: EvidenceBase, _spec: PoolSpec, chosen: Sequence[Candidate], settings: Mapping[str, object]) -> Pooled:
    from locoregional.evidence.pooling.proportions import pool_proportions

    return pool_proportions([c.used.n for c in chosen], [c.used.total for c in chosen], **settings)  # type: ignore[arg-type]


def _medians(_base: EvidenceBase, _spec: PoolSpec, chosen: Sequence[Candidate], settings: Mapping[str, object]) -> Pooled:
    from locoregional.evidence.pooling.medians import pool_log_medians

    def column(name: str) -> list[float]:
        return [float("nan") if getattr(c.used, name) is None else float(getattr(c.used, name)) for c in chosen]

    ends = [column(n) for n in ("value", "low", "high")]
    return pool_log_medians(*ends, totals=column("total"), **settings)  # type: ignore[arg-type]


def _changes(base: EvidenceBase, spec: PoolSpec, chosen: Sequence[Candidate], settings: Mapping[str, object]) -> Pooled:
    from locoregional.evidence.pooling.pain import change_of_scores, pool_changes

    pairs = [[_score(base, id_) for id_ in spec.scores[c.row]] for c in chosen]
    before, after = zip(*pairs, strict=True)
    change = change_of_scores(
        [mean for mean, _, _ in before],
        [sd for _, sd, _ in before],
        [mean for mean, _, _ in after],
        [sd for _, sd, _ in after],
        correlation=spec.correlation_share or 0.0,
    )
    totals = [min(first[2], second[2]) for first, second in pairs]
    return pool_changes(change.mean, change.sd, totals, assumption=change.assumption, **settings)  # type: ignore[arg-type]


def _score(base: EvidenceBase, id_: str) -> tuple[float, float, int]:
    """Mean, standard deviation and number of a score, the deviation from the normal interval of the mean."""
    from locoregional.evidence.pooling.quantiles import quantile

    used = used_value(base.row(id_))
    if used.value is None or used.low is None or used.high is None or used.total is None:
        raise EvidenceError("the score has no interval or no number", where=id_, remedy="Name a row that has both in pools.toml.")
    error = (used.high - used.low) / (2.0 * quantile(used.level or 0.95))
    return used.value, error * used.total**0.5, used.total


_MODELS = {"proportion": _proportions, "median survival": _medians, "mean change": _changes}


def _nothing(spec: PoolSpec) -> Pooled:
    """Result without any study."""
    gaps = dict.fromkeys(f.name for f in fields(Pooled) if f.default is MISSING)
    known = {
        "measure": spec.measure, "method": "none", "test": "", "level": 0.95, "prediction_convention": "hts",
        "other_convention": "metafor", "k": 0, "poolable": False, "warnings": (), "studies": (),
        "reason": "no study gives a number that could be pooled" + (f"; {spec.note}" if spec.note else ""),
    }  # fmt: skip
    return Pooled(**{**gaps, **known})  # type: ignore[arg-type]
