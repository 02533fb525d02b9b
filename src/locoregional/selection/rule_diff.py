"""What differs between two sets of rules, and what that changes for a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locoregional.case import Option
from locoregional.selection.rule import AdviceRule, Rule
from locoregional.selection.rule_file import RuleSet
from locoregional.sources import Sourced

__all__ = ["Changed", "answers_changed", "rules_changed"]


@dataclass(frozen=True)
class Changed:
    """One difference.

    Attributes
    ----------
    procedure : str
        Short name.
    subject : str
        The organs of a procedure, a rule, an advice, or the lesion.
    before, after : str
        What stands in the first and in the second set; empty where there is nothing.
    """

    procedure: str
    subject: str
    before: str
    after: str


def rules_changed(before: Mapping[str, RuleSet], after: Mapping[str, RuleSet]) -> tuple[Changed, ...]:
    """Organs, rules and advice that were added, removed or changed, procedure by procedure."""
    made: list[Changed] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = _subjects(before.get(name)), _subjects(after.get(name))
        for subject in dict.fromkeys((*old, *new)):
            was, is_ = old.get(subject, {}), new.get(subject, {})
            differ = [field for field in was | is_ if was.get(field) != is_.get(field)]
            if differ:
                made.append(Changed(name, subject, _said(was, differ), _said(is_, differ)))
    return tuple(made)


def _subjects(rules: RuleSet | None) -> dict[str, dict[str, str]]:
    """Everything of a set that can change, by what it is about; organs first, as they decide what is read at all."""
    if rules is None:
        return {}
    told = {"organs": {"organs": ", ".join(sorted(rules.organs)), **_source(rules.scope)}}
    told |= {rule.id: {"effect": rule.effect, "test": rule.threshold(), **_entry(rule)} for rule in rules.rules}
    told |= {f"advice {a.id}": {"kind": a.kind, "given": _given(a), **_entry(a)} for a in rules.advice}
    return told


def _entry(item: Rule | AdviceRule) -> dict[str, str]:
    told = {"words": item.words, "organs": ", ".join(sorted(item.organs)), **_source(item.fact), "directness": item.directness}
    contrary = item.contrary if isinstance(item, Rule) else ()
    return told | {"evidence": ", ".join(item.evidence), "contrary": ", ".join(contrary)}


def _source(fact: Sourced) -> dict[str, str]:
    return {"status": fact.status, "source": fact.source, "where": fact.where, "note": fact.note}


def _given(item: AdviceRule) -> str:
    nearby = " or ".join(str(c) for c in item.nearby)
    return " and ".join((*(str(c) for c in item.when), *([f"({nearby})"] if nearby else []))) or "always"


def _said(told: Mapping[str, str], differ: Iterable[str]) -> str:
    return "; ".join(f"{field}: {told[field] or 'none'}" for field in differ if field in told)


def answers_changed(before: Iterable[Option], after: Iterable[Option]) -> tuple[Changed, ...]:
    """Options whose answer differs, or what it would be with the missing data, with the reasons on both sides."""
    old = {(o.lesion_id, o.procedure): o for o in before}
    new = {(o.lesion_id, o.procedure): o for o in after}
    made = []
    for pair in dict.fromkeys((*old, *new)):
        was, is_ = old.get(pair), new.get(pair)
        if (was and (was.answer, was.otherwise)) != (is_ and (is_.answer, is_.otherwise)):
            made.append(Changed(pair[1], f"lesion {pair[0]}", was.words if was else "", is_.words if is_ else ""))
    return tuple(made)
