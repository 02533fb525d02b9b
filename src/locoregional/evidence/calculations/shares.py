"""Percentages against counts and denominators."""

from __future__ import annotations

from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations.calculated import Calculated, Side, sides
from locoregional.evidence.grim import EXEMPT, grim
from locoregional.evidence.row import Row
from locoregional.evidence.schema import estimands

__all__ = ["calculations"]


def calculations(base: EvidenceBase) -> Iterator[Calculated]:
    """Percentages that no count gives, and denominators that are not the study's."""
    for row in base.table("outcomes"):
        estimand = estimands().get(row.text("estimand"))
        for side in sides(row):
            yield from _count(side)
            if estimand is not None and estimand.scale in ("proportion", "any") and row.text("unit") == "%":
                yield from _share(side)
                yield from _share_of_study(base, side)
            yield from _denominator(base, side)
        yield from _against_source(row)
    for study in base.table("studies"):
        yield from _size(study)


def _count(side: Side) -> Iterator[Calculated]:
    if side.n is not None and side.total is not None and side.n > side.total:
        yield _found("count", side, f"{side.n} of {side.total} is more than all", certain=True)


def _share(side: Side) -> Iterator[Calculated]:
    value = side.number("value")
    if value is None or not 0 <= value <= 100 or side.total is None or _exempt(side):
        if value is not None and 0 < value < 1:
            yield _found("fraction", side, f"{side.written} % is less than one in a hundred: is it a fraction of one")
        return
    answer = grim(side.written, side.total)
    if 0 < value < 1 and (answer.rounded in ((), (0,)) or _is_fraction(side, value)):
        words = f"{side.written} % of {side.total} is no count, {100 * value:g} % is: it is a fraction of one"
        yield _found("fraction", side, words, certain=_is_fraction(side, value))
    elif side.n is None and not answer.rounded:
        words = f"{answer.words}, unless the denominator is another one or it is no share of whole people"
        yield _found("truncated" if answer.truncated else "grim", side, answer.words if answer.truncated else words)
    elif side.n is not None and side.n <= side.total and side.n not in answer.rounded:
        cut = side.n in answer.truncated
        words = f"{side.n} of {side.total} is {100 * side.n / side.total:.4g} %, not {side.written} %"
        yield _found("truncated" if cut else "share", side, f"{words} (cut off, not rounded)" if cut else words, certain=not cut)


def _share_of_study(base: EvidenceBase, side: Side) -> Iterator[Calculated]:
    """A percentage without a denominator against the number of patients or lesions of its study."""
    own = _study_total(base, side)
    value = side.number("value")
    if (
        side.total is not None
        or _exempt(side)
        or own is None
        or value is None
        or not 0 <= value <= 100
        or side.row.text("subgroup")
    ):
        return
    answer = grim(side.written, own)
    if not answer.rounded:
        words = f"{answer.words}, or the denominator is not said and is another one than the study's {own}"
        yield _found("unsaid", side, words)


def _exempt(side: Side) -> bool:
    return side.row.text("estimator") in EXEMPT or side.row.text("unit_of_analysis") == "study range"


def _is_fraction(side: Side, value: float) -> bool:
    return side.n is not None and side.total is not None and abs(side.n / side.total - value) < 0.006


def _denominator(base: EvidenceBase, side: Side) -> Iterator[Calculated]:
    own, total = _study_total(base, side), side.total
    if own is None or total is None:
        return
    people = f"{side.row.text('unit_of_analysis')}s"
    if total > own:
        yield _found("denominator", side, f"counts {total} {people}, the study has {own}", certain=True)
    elif side.of_review and total < own and not side.row.text("subgroup"):
        yield _found("denominator", side, f"counts {total} of the study's {own} {people}, and names no subgroup")


def _study_total(base: EvidenceBase, side: Side) -> int | None:
    """Patients or lesions of the study that an outcome counts in: the most that review or study name."""
    unit = {"patient": "n_patients_", "lesion": "n_lesions_"}.get(side.row.text("unit_of_analysis"))
    study = base.row(side.row.text("study")) if side.row.text("study") in base else None
    if unit is None or study is None or study.table != "studies":
        return None
    known = [n for n in (study.whole(f"{unit}primary"), study.whole(f"{unit}printed")) if n is not None]
    return max(known, default=None)


def _size(study: Row) -> Iterator[Calculated]:
    for people in ("patients", "lesions"):
        printed, own = study.whole(f"n_{people}_printed"), study.whole(f"n_{people}_primary")
        if printed is not None and own is not None and printed != own:
            words = f"the review prints {printed} {people}, the study says {own}"
            yield Calculated("source", (study.id,), words, printed=True)


def _against_source(row: Row) -> Iterator[Calculated]:
    if row.text("verdict") == "unverified":
        return
    agrees = row.text("verdict") == "agrees"
    for column in ("value", "low", "high", "n", "total"):
        ours, theirs = row.number(column), row.number(f"primary_{column}")
        if ours is None or theirs is None or _same(row.text(column), row.text(f"primary_{column}")):
            continue
        words = f"{column.replace('_', ' ')} is printed as {row.text(column)}, the study says {row.text(f'primary_{column}')}"
        if agrees and column in ("value", "low", "high"):
            yield Calculated("verdict", (row.id,), f"{words}, and yet the verdict is agrees", certain=True)
        else:
            yield Calculated("source", (row.id,), words, printed=True)


def _same(printed: str, primary: str) -> bool:
    """Equal, or the printed number is the other one rounded or cut off."""
    places = len(printed.partition(".")[2])
    exact, shown = float(primary), float(printed)
    return shown == exact or abs(shown - exact) < 10.0**-places * (0.5 + 1e-9) or float(f"{_cut(exact, places)}") == shown


def _cut(number: float, places: int) -> float:
    return int(number * 10**places) / 10**places


def _found(code: str, side: Side, words: str, *, certain: bool = False) -> Calculated:
    return Calculated(code, (side.row.id,), f"{side.words}: {words}", certain, side.printed)
