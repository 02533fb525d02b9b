"""What the literature lets one expect of a procedure in an organ: pools where allowed, else series side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locoregional.errors import EvidenceError
from locoregional.evidence.expectation import COMPARISON, GROUP_OF, Expectation, of_comparison, of_pool, of_series
from locoregional.evidence.pool_selection import Candidate, candidate_of
from locoregional.evidence.pool_spec import GROUPS, PoolSpec, pool_specs
from locoregional.evidence.pools import PoolResult, pool_named
from locoregional.evidence.schema import near, schema

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.pooling.pooled import StudyEffect
    from locoregional.evidence.row import Row

__all__ = ["DIRECTNESS", "Expectation", "expected"]

DIRECTNESS = ("breast", "mixed", "borrowed")
"""Nearest population first."""

_PARENTS = {
    "ctace": "tace", "deb_tace": "tace", "tare_resin": "tare", "tare_glass": "tare", "rfa": "thermal_ablation",
    "mwa": "thermal_ablation", "cryo": "thermal_ablation", "vertebroplasty": "vertebral_augmentation",
    "kyphoplasty": "vertebral_augmentation",
}  # fmt: skip
_NEARBY = {"bone": ("bone", "spine", "long_bone"), "spine": ("spine", "bone"), "long_bone": ("long_bone", "bone")}
_ORDER = (*GROUPS, COMPARISON)
_kept: dict[tuple[str, str, str, tuple[str, ...]], tuple[Expectation, ...]] = {}


def expected(
    base: EvidenceBase, *, organ: str, procedure: str, directness: tuple[str, ...] = DIRECTNESS
) -> tuple[Expectation, ...]:
    """Best available numbers on a procedure in an organ, and what contradicts them.

    Pools come first; series that may not be pooled stand side by side, each with its own interval (exact where only counts
    are given). Unverified numbers are marked and come last; nothing is ranked between procedures.

    Parameters
    ----------
    base : EvidenceBase
        The evidence.
    organ, procedure : str
        Words of the tables, such as ``liver`` and ``rfa``. A procedure also gets the evidence of its kind (``tace`` for
        ``ctace``), bone that of spine and long bones.
    directness : tuple of str
        Populations to show, nearest first; leave some out to hide them.

    Returns
    -------
    tuple of Expectation
        By group (local control, response, survival ...), then pools, nearness, status. Empty where the base holds nothing. The
        same call on the same content is answered from memory.

    Raises
    ------
    EvidenceError
        If organ, procedure or directness is not a word of the tables.
    """
    key = (base.content_hash, organ, procedure, directness)
    if key not in _kept:
        if len(_kept) > 2000:
            _kept.clear()
        _kept[key] = _gathered(base, organ, procedure, directness)
    return _kept[key]


def _gathered(base: EvidenceBase, organ: str, procedure: str, directness: tuple[str, ...]) -> tuple[Expectation, ...]:
    columns = schema()["outcomes"].columns
    for what, words, known in (
        ("organ", (organ,), columns["organ"].choices),
        ("procedure", (procedure,), columns["procedure"].choices),
        ("directness", directness, columns["directness"].choices),
    ):
        wrong = [w for w in words if w not in known]
        if wrong:
            raise EvidenceError(f"{what} {wrong[0]!r} is not known", where="expected", remedy=near(wrong[0], known))
    organs, procedures = _NEARBY.get(organ, (organ,)), _kin(procedure)
    found = list(_from_pools(base, organs, procedures))
    seen = {id_ for e in found for id_ in e.rows}
    found += _alone(base, organs, procedures, seen)
    found += _comparisons(base, organs, procedures)
    shown = [e for e in found if e.directness in directness]
    order = {row.id: i for i, row in enumerate(base)}

    def rank(e: Expectation) -> tuple[int, ...]:
        first = base.row(e.rows[0])
        away = min((organs.index(o) for o in first.many("organ") if o in organs), default=len(organs))
        doubts = (e.status == "unverified", not e.poolable, first.text("poolable") == "no")
        return (_ORDER.index(e.group), *doubts, away, directness.index(e.directness), order[e.rows[0]])

    return tuple(sorted(shown, key=rank))


def _kin(procedure: str) -> set[str]:
    """The procedure, its kind, and what it is the kind of."""
    return {procedure, _PARENTS.get(procedure, procedure), *(child for child, parent in _PARENTS.items() if parent == procedure)}


def _speaks(row: Row, organs: tuple[str, ...], procedures: set[str]) -> bool:
    return bool(set(row.many("organ")) & set(organs) and set(row.many("procedure")) & procedures)


def _from_pools(base: EvidenceBase, organs: tuple[str, ...], procedures: set[str]) -> Iterator[Expectation]:
    """Pools of the question, and the series of those that may not be pooled."""
    seen: set[str] = set()
    results = [pool_named(base, s.name) for s in pool_specs().values() if s.board and _asks(s, organs, procedures)]
    for result in results:
        if result.pooled.poolable:
            seen |= {c.row for c in result.chosen}
            yield of_pool(result)
    for result in results:
        for candidate, effect in (*_members(result), *((c, None) for c in result.aside)):
            reason = candidate.reason or result.pooled.reason
            if candidate.row in seen or reason.startswith("counts by"):  # the latter stands in the pool of its own unit
                continue
            if _speaks(base.row(candidate.row), organs, procedures):
                series = of_series(base, candidate, effect=effect, pool=result.spec.name, reason=reason)
                if series is not None:
                    seen.add(candidate.row)
                    yield series


def _asks(spec: PoolSpec, organs: tuple[str, ...], procedures: set[str]) -> bool:
    return bool(set(spec.organ) & set(organs) and set(spec.procedures) & procedures)


def _members(result: PoolResult) -> tuple[tuple[Candidate, StudyEffect | None], ...]:
    """Rows of a pool that may not be pooled; a change with the number computed for it."""
    if result.pooled.poolable:
        return ()
    computed = result.pooled.studies if result.spec.measure == "mean change" else (None,) * len(result.chosen)
    return tuple(zip(result.chosen, computed, strict=True))


def _alone(base: EvidenceBase, organs: tuple[str, ...], procedures: set[str], seen: set[str]) -> Iterator[Expectation]:
    """Rows about which no pool is asked."""
    for row in base.table("outcomes"):
        group = GROUP_OF.get(row.text("estimand"), COMPARISON)
        if group != COMPARISON and row.id not in seen and _speaks(row, organs, procedures):
            series = of_series(base, candidate_of(base, row), reason=row.text("why_not"))
            if series is not None:
                yield series


def _comparisons(base: EvidenceBase, organs: tuple[str, ...], procedures: set[str]) -> Iterator[Expectation]:
    """Comparisons in words, and what was found in the breast cancer patients of a mixed series."""
    for row in (*base.table("outcomes"), *base.table("prognostic_factors")):
        compares = row.text("estimand") == "comparison" or row.text("factor") == "primary_breast"
        if compares and _speaks(row, organs, procedures):
            yield of_comparison(base, row)
