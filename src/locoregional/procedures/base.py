"""What every procedure promises, and rules as data with words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from locoregional.case import Case, Lesion, Option, Organ, Outcome, Plan, RuleResult, Verdict
from locoregional.progress import Progress
from locoregional.sources import Sourced

__all__ = ["Procedure", "Reading", "Rule", "assess", "at_least", "at_most", "below", "in_organ", "whether"]

Reading = tuple[bool | None, str]
"""Whether a rule is met (None: a datum is missing), and what the case says in words."""


@dataclass(frozen=True)
class Rule:
    """An indication or contraindication: words, a test, a source.

    Attributes
    ----------
    words : str
        The rule as a tumour board would say it.
    test : callable
        ``(case, lesion) -> (met, seen)``.
    effect : str
        ``required`` (unmet: not indicated), ``favourable`` (unmet: only possible) or ``excluding`` (met: contraindicated).
    fact : Sourced
        Threshold with its source and status; an unverified fact is shown and never decides.
    note : str
        Caveat or contrary evidence, shown beside the rule.
    """

    words: str
    test: Callable[[Case, Lesion], Reading]
    effect: str
    fact: Sourced
    note: str = ""

    def read(self, case: Case, lesion: Lesion) -> RuleResult:
        """Rule applied to one lesion of a case."""
        met, seen = self.test(case, lesion)
        f = self.fact
        return RuleResult(self.words, met, self.effect, seen, f.key, f.source, f.where, f.status, self.note or f.note)


@runtime_checkable
class Procedure(Protocol):
    """The one interface of a procedure; found by folder, never registered."""

    name: str
    title: str
    rules: tuple[Rule, ...]

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Way in, device and settings for a lesion."""
        ...

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Predicted outcome; the case comes back with the maps in its store."""
        ...

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Whether an outcome, predicted or observed, reaches its goal."""
        ...


def in_organ(organ: Organ) -> Callable[[Case, Lesion], Reading]:
    """Test: the lesion lies in an organ."""
    return lambda _case, lesion: (lesion.organ is organ, f"lesion {lesion.id} lies in: {lesion.organ.value.replace('_', ' ')}")


def _compared(read: Callable[[Case, Lesion], float | None], words: str, unit: str, test: Callable[[float], bool]) -> Callable:
    def inner(case: Case, lesion: Lesion) -> Reading:
        value = read(case, lesion)
        if value is None:
            return None, f"{words} not known"
        return test(value), f"{words} {value:.3g} {unit}".strip()

    return inner


def below(limit: float, *, of: Callable[[Case, Lesion], float | None], words: str, unit: str = "") -> Callable:
    """Test: a value lies below a limit."""
    return _compared(of, words, unit, lambda value: value < limit)


def at_most(limit: float, *, of: Callable[[Case, Lesion], float | None], words: str, unit: str = "") -> Callable:
    """Test: a value is at most a limit."""
    return _compared(of, words, unit, lambda value: value <= limit)


def at_least(limit: float, *, of: Callable[[Case, Lesion], float | None], words: str, unit: str = "") -> Callable:
    """Test: a value is at least a limit."""
    return _compared(of, words, unit, lambda value: value >= limit)


def whether(read: Callable[[Case, Lesion], bool | None], *, yes: str, no: str, unknown: str) -> Callable[[Case, Lesion], Reading]:
    """Test: a yes-or-no datum, with words for each answer."""

    def inner(case: Case, lesion: Lesion) -> Reading:
        value = read(case, lesion)
        return value, unknown if value is None else (yes if value else no)

    return inner


def assess(procedure: Procedure, case: Case, lesion: Lesion) -> Option:
    """Read every rule of a procedure against a lesion and answer.

    A missing datum never gives ``indicated``; a rule whose fact is unverified is shown and does not decide.
    """
    results = tuple(rule.read(case, lesion) for rule in procedure.rules)
    deciding = [r for r in results if r.status != "unverified"]
    excluded = [r for r in deciding if r.effect == "excluding" and r.met]
    unmet = [r for r in deciding if r.effect == "required" and r.met is False]
    unknown = [r for r in deciding if r.effect in ("required", "excluding") and r.met is None]
    weak = [r for r in deciding if r.effect == "favourable" and not r.met]
    if excluded:
        return Option(lesion.id, procedure.name, "contraindicated", _because("Contraindicated", excluded), results)
    if unmet:
        return Option(lesion.id, procedure.name, "not indicated", _because("Not indicated", unmet), results)
    if unknown:
        return Option(lesion.id, procedure.name, "cannot say", _because("Cannot say", unknown), results)
    if weak:
        return Option(lesion.id, procedure.name, "possible", _because("Possible", weak), results)
    return Option(lesion.id, procedure.name, "indicated", "Indicated: every rule with a verified source is met.", results)


def _because(answer: str, results: list[RuleResult]) -> str:
    return f"{answer}: " + "; ".join(f"{r.words} ({r.seen})" for r in results) + "."
