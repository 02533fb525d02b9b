"""A rule: words, a test, an effect, a source. And advice: words that show where their condition holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from locoregional.case import Advice, RuleResult
from locoregional.scores.three_valued import all_of, any_of
from locoregional.selection.condition import Condition
from locoregional.selection.datum import Between
from locoregional.selection.profile import Profile
from locoregional.sources import Sourced

__all__ = ["ADVICE_KINDS", "EFFECTS", "AdviceRule", "Rule"]

EFFECTS = {
    "required": "unmet: not indicated",
    "favourable": "unmet: only possible",
    "excluding": "met: contraindicated",
    "caution": "met: to be heeded, decides nothing",
    "preference": "met: speaks for this procedure among others, decides nothing",
}
"""What a rule does; a rule that is unverified only lowers `indicated` to `possible`, and says so."""
ADVICE_KINDS = ("preparation", "access", "for", "against")
_KEPT = 512


@dataclass(frozen=True)
class Rule:
    """An indication or contraindication as data.

    Attributes
    ----------
    id : str
        Name within its procedure, stable over versions.
    words : str
        The rule as a tumour board would say it.
    effect : str
        One of `EFFECTS`.
    tests : tuple of Condition
        What must hold.
    join : str
        ``all`` or ``any`` of the tests.
    when : tuple of Condition
        The rule is read only where all of these hold.
    organs : frozenset of str
        Organs for which the rule is read.
    fact : Sourced
        Threshold with unit, source, place and status.
    directness : str
        For whom the source holds: ``breast``, ``mixed``, ``borrowed`` or ``general``.
    evidence, contrary : tuple of str
        Rows of the evidence tables for and against the rule.
    """

    id: str
    words: str
    effect: str
    tests: tuple[Condition, ...]
    join: str
    when: tuple[Condition, ...]
    organs: frozenset[str]
    fact: Sourced
    directness: str
    evidence: tuple[str, ...] = ()
    contrary: tuple[str, ...] = ()
    _results: dict[tuple[bool | None, str], RuleResult] = field(default_factory=dict, compare=False, repr=False)

    def read(self, profile: Profile) -> RuleResult | None:
        """Rule applied to a lesion; None where it does not concern it."""
        asked = self.tests
        applies = all_of([c.holds(profile) for c in self.when]) if self.when else True
        if applies is False:
            return None
        if len(asked) == 1:
            met = asked[0].holds(profile)
        else:
            met = (any_of if self.join == "any" else all_of)([c.holds(profile) for c in asked])
        if applies is None:
            asked = (*self.when, *self.tests)
            met = None if met is not (self.effect in ("required", "favourable")) else met
        seen = (
            profile.seen(asked[0].datum) if len(asked) == 1 else "; ".join(dict.fromkeys([profile.seen(c.datum) for c in asked]))
        )
        found = self._results.get((met, seen))
        if found is None:
            found = self._result(profile, met, seen, asked)
            if len(self._results) < _KEPT:
                self._results[(met, seen)] = found
        return found

    def _result(self, profile: Profile, met: bool | None, seen: str, asked: tuple[Condition, ...]) -> RuleResult:
        f = self.fact
        open_ = [c.datum for c in asked if isinstance(profile.value(c.datum), Between | None)]
        missing = tuple(dict.fromkeys(open_)) if met is None else ()
        return RuleResult(
            self.words, met, self.effect, seen, f.key, f.source, f.where, f.status, f.note, self.directness,
            self.evidence, self.contrary, missing,
        )  # fmt: skip

    def threshold(self) -> str:
        """The test in short, for tables of rules."""
        text = f" {'or' if self.join == 'any' else 'and'} ".join(str(c) for c in self.tests)
        return text + (f" (where {' and '.join(str(c) for c in self.when)})" if self.when else "")


@dataclass(frozen=True)
class AdviceRule:
    """Advice that is given where its conditions hold.

    Attributes
    ----------
    id : str
        Name within its procedure.
    kind : str
        One of `ADVICE_KINDS`.
    words : str
        The advice.
    when, nearby : tuple of Condition
        Given where all of ``when`` and any of ``nearby`` hold. Where that is not known, what to prepare and the way in are given
        with a question, evidence is not.
    organs : frozenset of str
        Organs for which it is given.
    fact : Sourced
        Source, place and status.
    directness : str
        For whom the source holds.
    evidence : tuple of str
        Rows of the evidence tables.
    """

    id: str
    kind: str
    words: str
    when: tuple[Condition, ...]
    organs: frozenset[str]
    fact: Sourced
    directness: str
    evidence: tuple[str, ...] = ()
    nearby: tuple[Condition, ...] = ()
    _given: dict[str, Advice] = field(default_factory=dict, compare=False, repr=False)

    def read(self, profile: Profile) -> Advice | None:
        """Advice for a lesion; None where it does not concern it."""
        applies = all_of([c.holds(profile) for c in self.when]) if self.when else True
        if self.nearby and applies is not False:
            applies = all_of((applies, any_of([c.holds(profile) for c in self.nearby])))
        if applies is False or (applies is None and self.kind in ("for", "against")):
            return None
        told = [c for c in self.nearby if c.holds(profile) is not False]
        why = "; ".join(dict.fromkeys([profile.seen(c.datum) for c in (*self.when, *told)]))
        why = why if applies else f"if so: {why}"
        if why not in self._given:
            f = self.fact
            made = Advice(self.kind, self.words, f.source, f.where, f.status, self.directness, why, self.evidence)
            if len(self._given) >= _KEPT:
                return made
            self._given[why] = made
        return self._given[why]
