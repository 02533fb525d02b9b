"""What differs between two sets of rules, and what that changes for a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locoregional.case import Option
from locoregional.selection.rule import Rule
from locoregional.selection.rule_file import RuleSet

__all__ = ["Changed", "answers_changed", "rules_changed"]


@dataclass(frozen=True)
class Changed:
    """One difference.

    Attributes
    ----------
    procedure : str
        Short name.
    subject : str
        The rule, or the lesion.
    before, after : str
        What stands in the first and in the second set; empty where there is nothing.
    """

    procedure: str
    subject: str
    before: str
    after: str


def rules_changed(before: Mapping[str, RuleSet], after: Mapping[str, RuleSet]) -> tuple[Changed, ...]:
    """Rules that were added, removed or changed, procedure by procedure."""
    made: list[Changed] = []
    for name in dict.fromkeys((*before, *after)):
        old = {r.id: r for r in before[name].rules} if name in before else {}
        new = {r.id: r for r in after[name].rules} if name in after else {}
        for rule_id in dict.fromkeys((*old, *new)):
            was, is_ = _said(old.get(rule_id)), _said(new.get(rule_id))
            if was != is_:
                made.append(Changed(name, rule_id, was, is_))
    return tuple(made)


def _said(rule: Rule | None) -> str:
    if rule is None:
        return ""
    organs = ", ".join(sorted(rule.organs))
    return f"{rule.effect}: {rule.threshold()} [{rule.fact.status}, {rule.fact.source}; {organs}]"


def answers_changed(before: Iterable[Option], after: Iterable[Option]) -> tuple[Changed, ...]:
    """Options whose answer differs, with the reasons on both sides."""
    old = {(o.lesion_id, o.procedure): o for o in before}
    new = {(o.lesion_id, o.procedure): o for o in after}
    made = []
    for pair in dict.fromkeys((*old, *new)):
        was, is_ = old.get(pair), new.get(pair)
        if (was and was.answer) != (is_ and is_.answer):
            made.append(Changed(pair[1], f"lesion {pair[0]}", was.words if was else "", is_.words if is_ else ""))
    return tuple(made)
