"""Categories of response, and a reading: the category as measured, and those that measurement error allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np

from locoregional.errors import CaseError
from locoregional.measures.response.change import Change

__all__ = ["NON_TARGETS", "Category", "NonTarget", "Reading", "completed", "overall", "spanned"]

NonTarget = Literal["none", "gone", "persisting", "progressing", "not evaluated"]
"""Lesions that are followed without being measured: none there, all disappeared, some persist, unequivocal growth, not read."""
NON_TARGETS: tuple[NonTarget, ...] = ("none", "gone", "persisting", "progressing", "not evaluated")


class Category(StrEnum):
    """Response of a patient or lesion, from the best to the worst; ``NE`` where it cannot be judged."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"

    @property
    def words(self) -> str:
        """Category in words."""
        return _WORDS[self]


_WORDS = {
    Category.CR: "complete response",
    Category.PR: "partial response",
    Category.SD: "stable disease",
    Category.PD: "progressive disease",
    Category.NE: "cannot be judged",
}
_ORDER = (Category.CR, Category.PR, Category.SD, Category.PD)
_STEPS = 401  # places between the ends of an interval at which a category is asked for


@dataclass(frozen=True)
class Reading:
    """What a criterion says, and how sure that is.

    Attributes
    ----------
    criterion : str
        Name of the criterion, as people write it.
    category : Category
        As counted from the measured numbers.
    possible : tuple of Category
        What the 90 % interval of the change allows, best first; one alone where the category is not in doubt.
    changes : tuple of Change
        The changes that it rests on.
    reasons : tuple of str
        How it came about, in order; where it cannot be judged, why.
    open_points : tuple of str
        What is not known and could change the category.
    doubts : tuple of str
        Why the criterion may not fit this tumour or treatment.
    facts : tuple of str
        Keys of the sourced facts used.
    metabolic : bool
        Whether the categories are those of PET, which are written CMR, PMR, SMD and PMD.
    """

    criterion: str
    category: Category
    possible: tuple[Category, ...]
    changes: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = ()
    open_points: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    metabolic: bool = False

    @property
    def certain(self) -> bool:
        """Whether measurement error leaves one category."""
        return self.category is not Category.NE and len(self.possible) == 1

    def short(self, category: Category) -> str:
        """Abbreviation of a category as this criterion writes it."""
        if not self.metabolic or category is Category.NE:
            return category.value
        return {Category.CR: "CMR", Category.PR: "PMR", Category.SD: "SMD", Category.PD: "PMD"}[category]

    @property
    def answer(self) -> str:
        """Category in words; "too close to call" where measurement error allows several."""
        kind = "metabolic " if self.metabolic else ""
        if self.category is Category.NE:
            return f"{self.criterion}: cannot be judged: {self.reasons[0] if self.reasons else 'no reason recorded'}"
        words = f"{self.category.words.replace(' ', f' {kind}', 1)} ({self.short(self.category)})"
        if self.certain:
            return f"{self.criterion}: {words}"
        names = " or ".join(self.short(c) for c in self.possible)
        return f"{self.criterion}: too close to call, {names}; as measured {words}"


def spanned(judge: Callable[[float], Category], *, low: float, value: float, high: float) -> tuple[Category, ...]:
    """Categories between the ends of an interval, best first.

    Parameters
    ----------
    judge : callable
        Category of a measured value; more is never better.
    low, value, high : float
        Interval of the follow-up value, in its own unit.
    """
    found = {judge(x) for x in (*np.linspace(low, high, _STEPS).tolist(), value)}
    return tuple(c for c in _ORDER if c in found)


def overall(target: Category, *, non_target: NonTarget | None, new_lesions: int | None) -> Category:
    """Response at one time point from target lesions, non-target lesions and new lesions (RECIST 1.1; key ``recist_timepoint``).

    Parameters
    ----------
    target : Category
        Of the measured lesions.
    non_target : str or None
        One of ``NON_TARGETS``; None where nobody said.
    new_lesions : int or None
        How many there are; None where nobody said.
    """
    if non_target is not None and non_target not in NON_TARGETS:
        raise CaseError(
            f"{non_target!r} is no state of non-target lesions", where="non_target", remedy=f"Use {', '.join(NON_TARGETS)}."
        )
    if new_lesions or non_target == "progressing" or target is Category.PD:
        return Category.PD
    if target is Category.CR and non_target not in (None, "none", "gone"):
        return Category.PR
    return target


def completed(reading: Reading, *, non_target: NonTarget | None, new_lesions: int | None) -> Reading:
    """Reading of the measured lesions, with non-target and new lesions heeded, in words.

    Parameters
    ----------
    reading : Reading
        Of the measured lesions alone.
    non_target : str or None
        One of ``NON_TARGETS``; None where nobody said.
    new_lesions : int or None
        How many there are; None where nobody said.
    """
    category = overall(reading.category, non_target=non_target, new_lesions=new_lesions)
    possible = tuple(dict.fromkeys(overall(c, non_target=non_target, new_lesions=new_lesions) for c in reading.possible))
    reasons, open_points = list(reading.reasons), list(reading.open_points)
    if new_lesions:
        reasons.insert(0, f"{new_lesions} new lesion{'s' * (new_lesions > 1)}: progression, whatever the measured lesions do")
    elif non_target == "progressing":
        reasons.insert(0, "lesions that are not measured grow unequivocally: progression, whatever the measured lesions do")
    elif category is not reading.category:
        reasons.insert(0, "the measured lesions are gone, but others persist or were not read: partial response at most")
    if new_lesions is None:
        open_points.append("whether there are new lesions was not stated; one new lesion is progression")
    if non_target is None:
        open_points.append(
            "whether other lesions are followed without being measured was not stated; their growth is progression"
        )
    if non_target == "not evaluated":
        open_points.append("not every lesion that is followed without being measured was read")
    return replace(
        reading,
        category=category,
        possible=(category,) if category is Category.PD and (new_lesions or non_target == "progressing") else possible,
        reasons=tuple(reasons),
        open_points=tuple(open_points),
    )
