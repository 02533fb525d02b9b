"""All rules of an organ side by side: one row per rule, one column per procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from locoregional.selection.rule import Rule
from locoregional.selection.rule_file import RuleSet

__all__ = ["MARKS", "RuleRow", "rule_rows"]

MARKS = {"required": "R", "favourable": "F", "excluding": "X", "caution": "C", "preference": "P"}
"""Letter of each effect."""


@dataclass(frozen=True)
class RuleRow:
    """One rule over the procedures that have it.

    Attributes
    ----------
    words : str
        The rule.
    threshold : str
        What is compared.
    marks : dict of str to str
        Letter of the effect by procedure; in brackets where unverified, with ``*`` where borrowed.
    source, where : str
        Who says so, and the place.
    directness : str
        For whom.
    evidence, contrary : tuple of str
        Rows of the evidence tables.
    """

    words: str
    threshold: str
    marks: Mapping[str, str]
    source: str
    where: str
    directness: str
    evidence: tuple[str, ...]
    contrary: tuple[str, ...]


def rule_rows(sets: Mapping[str, RuleSet], organ: str) -> tuple[RuleRow, ...]:
    """Rules of an organ, those shared by most procedures where they first stand."""
    grouped: dict[tuple[str, str, str, str], dict[str, Rule]] = {}
    for name, rules in sets.items():
        for rule in rules.for_organ(organ):
            grouped.setdefault((rule.words, rule.threshold(), rule.fact.source, rule.fact.where), {})[name] = rule
    made = []
    for (words, threshold, source, where), by_name in grouped.items():
        first = next(iter(by_name.values()))
        marks = {name: _mark(rule) for name, rule in by_name.items()}
        made.append(RuleRow(words, threshold, marks, source, where, first.directness, first.evidence, first.contrary))
    return tuple(made)


def _mark(rule: Rule) -> str:
    letter = MARKS[rule.effect]
    return {"unverified": f"({letter})", "borrowed": f"{letter}*"}.get(rule.fact.status, letter)
