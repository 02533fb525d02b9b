"""Categories of response that must add up, and groups between which the whole must lie."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations.calculated import Calculated, Side, sides
from locoregional.evidence.row import Row

__all__ = ["calculations"]

_WHOLE = {
    "objective_response": ("complete_response", "partial_response"),
    "disease_control": ("complete_response", "partial_response", "stable_disease"),
}
_CATEGORIES = ("complete_response", "partial_response", "stable_disease", "progressive_disease")
_SAME = {"technical_efficacy": "complete_ablation"}  # one question, two names
_CUT = re.compile(r"(<=?|>=?)\s*(\d+(?:\.\d+)?)\s*(cm|mm)\s*$")


def calculations(base: EvidenceBase) -> Iterator[Calculated]:
    """Response categories beyond or short of the whole, and wholes outside their parts."""
    groups: dict[tuple[str, ...], dict[str, Side]] = {}
    for row in base.table("outcomes"):
        for side in sides(row):
            columns = ("study", "organ", "procedure", "subgroup", "time_months", "unit_of_analysis")
            key = (*(row.text(c) for c in columns), side.prefix)
            groups.setdefault(key, {})[row.text("estimand")] = side
    for group in groups.values():
        yield from _categories(group)
        yield from _parts(group)
    yield from _subgroups(base)


def _share(side: Side) -> float | None:
    if side.row.text("unit") != "%" or side.row.text("estimator") == "range":
        return None
    if side.n is not None and side.total:
        return 100.0 * side.n / side.total
    return side.number("value")


def _categories(group: dict[str, Side]) -> Iterator[Calculated]:
    named = [group[c] for c in _CATEGORIES if c in group]
    shares = [s for s in map(_share, named) if s is not None]
    if len(shares) < 2 or len(shares) != len(named):
        return
    ids = tuple(s.row.id for s in named)
    printed = all(s.printed for s in named)
    parts = " + ".join(f"{s:.3g}" for s in shares)
    if sum(shares) > 100.0 + 0.5 * len(shares):
        yield Calculated("sum", ids, f"response categories add up to more than all: {parts} = {sum(shares):.4g} %", True, printed)
    elif {"stable_disease", "progressive_disease"} <= set(group) and sum(shares) < 100.0 - 0.5 * len(shares):
        words = f"response categories leave {100 - sum(shares):.3g} % unexplained: {parts} = {sum(shares):.4g} %"
        yield Calculated("sum", ids, words, False, printed)


def _parts(group: dict[str, Side]) -> Iterator[Calculated]:
    for whole, names in _WHOLE.items():
        parts = [group[c] for c in names if c in group]
        if whole not in group or not parts:
            continue
        total, shares = _share(group[whole]), [_share(p) for p in parts]
        known = [s for s in shares if s is not None]
        if total is None or len(known) != len(parts):
            continue
        ids = (group[whole].row.id, *(p.row.id for p in parts))
        complete = len(parts) == len(names)
        slack = 0.5 * (len(known) + 1)
        if sum(known) > total + slack or (complete and sum(known) < total - slack):
            words = f"{whole.replace('_', ' ')} is {total:.4g} %, its parts add up to {sum(known):.4g} %"
            yield Calculated("sum", ids, words, True, all(s.printed for s in (group[whole], *parts)))


def _subgroups(base: EvidenceBase) -> Iterator[Calculated]:
    """Subgroups that a cut-off splits into two must enclose the value of all."""
    by_study: dict[tuple[str, ...], list[Row]] = {}
    for row in base.table("outcomes"):
        name = _SAME.get(row.text("estimand"), row.text("estimand"))
        if row.text("unit") == "%" and _any_share(row) is not None:
            by_study.setdefault((row.text("study"), row.text("organ"), row.text("procedure"), name), []).append(row)
    for rows in by_study.values():
        cut = {m.groups(): r for r in rows if (m := _CUT.search(r.text("subgroup")))}
        for (op, size, unit), row in cut.items():
            other = cut.get(({"<": ">=", "<=": ">"}.get(op, ""), size, unit))
            if other is None:
                continue
            low, high = sorted(float(_any_share(r) or 0.0) for r in (row, other))
            for whole in (r for r in rows if not r.text("subgroup")):
                value = _any_share(whole)
                if value is not None and not low - 0.5 <= value <= high + 0.5:
                    words = (
                        f"{value:.4g} % of all cannot lie outside its two parts, {low:g} % and {high:g} %, if all count the same"
                    )
                    printed = all(r.text("in_review") == "yes" and r.text("verdict") == "unverified" for r in (row, other))
                    yield Calculated("subgroups", (row.id, other.id, whole.id), words, False, printed)


def _any_share(row: Row) -> float | None:
    shares = [_share(s) for s in sides(row)]
    known = [s for s in shares if s is not None]
    return known[-1] if known else None
