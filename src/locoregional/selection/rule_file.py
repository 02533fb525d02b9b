"""Rules as people write them: TOML files beside each procedure, checked word by word."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from locoregional.case import Organ
from locoregional.errors import SourceError
from locoregional.selection.condition import Condition, condition
from locoregional.selection.rule import ADVICE_KINDS, EFFECTS, AdviceRule, Rule
from locoregional.sources import Sourced, sourced

__all__ = ["DIRECTNESS", "RuleSet", "read_rules", "read_table", "rules_of"]

DIRECTNESS = ("breast", "mixed", "borrowed", "general")
"""For whom a source holds; ``general`` where the tumour does not matter."""
_SHARED = "locoregional.selection.rule_sets"
_RULE = {"id", "words", "effect", "datum", "op", "value", "unit", "any", "all", "when", "organs", "procedures", "source", "where"}
_RULE |= {"status", "directness", "evidence", "contrary", "note", "from_procedures", "low", "high"}
_ADVICE = {"id", "kind", "words", "when", "organs", "procedures", "source", "where", "status", "directness", "evidence", "note"}
_ADVICE |= {"from_procedures", "any"}


@dataclass(frozen=True)
class RuleSet:
    """Rules and advice of one procedure.

    Attributes
    ----------
    procedure : str
        Short name.
    organs : frozenset of str
        Organs that the procedure is for.
    scope : Sourced
        Who says for which organs it is.
    rules : tuple of Rule
        In the order of the files.
    advice : tuple of AdviceRule
        In the order of the files.
    """

    procedure: str
    organs: frozenset[str]
    scope: Sourced
    rules: tuple[Rule, ...]
    advice: tuple[AdviceRule, ...]

    @cached_property
    def _by_organ(self) -> dict[str, tuple[Rule, ...]]:
        return {organ: tuple(r for r in self.rules if organ in r.organs) for organ in self.organs}

    @cached_property
    def _advice_by_organ(self) -> dict[str, tuple[AdviceRule, ...]]:
        return {organ: tuple(a for a in self.advice if organ in a.organs) for organ in self.organs}

    def advice_for(self, organ: str) -> tuple[AdviceRule, ...]:
        """Advice that concerns an organ."""
        return self._advice_by_organ.get(organ, ())

    @cached_property
    def organ_words(self) -> str:
        """Organs that the procedure is for, in words."""
        return " or ".join(sorted(o.replace("_", " ") for o in self.organs))

    def for_organ(self, organ: str) -> tuple[Rule, ...]:
        """Rules that are read for an organ."""
        return self._by_organ.get(organ, ())


def read_rules(package: str, procedure: str, file: str = "rules.toml") -> RuleSet:
    """Rules of a procedure.

    Parameters
    ----------
    package : str
        Dotted name of the procedure's folder.
    procedure : str
        Short name; entries that name other procedures are left out.
    file : str
        File in that folder. Its ``include`` names shared sets, its ``[organs.NAME]`` what the procedure is for, and who says so.

    Raises
    ------
    SourceError
        If an entry is malformed, has no source, or asks for an unknown datum.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    short = package.removeprefix("locoregional.")
    return rules_of(read_table(text, where=f"{short}/{file}"), procedure, short=short)


def read_table(text: str, *, where: str) -> dict[str, Any]:
    """Table of a TOML text.

    Raises
    ------
    SourceError
        If it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"the rules are not valid TOML: {error}", where=where, remedy="Correct the line named.") from error


def rules_of(table: dict[str, Any], procedure: str, *, short: str) -> RuleSet:
    """Rules of a procedure from the table of its file; ``short`` begins the keys of its rules."""
    scope = sourced(f"{short}:organs.{procedure}", {"unit": "list", **_scope(table, procedure, short)})
    organs = _organs(scope.value, where=short)
    rules: list[Rule] = []
    advice: list[AdviceRule] = []
    for name in (*table.get("include", ()), ""):
        source = _shared(name) if name else table
        where = f"selection.rule_sets.{name}" if name else short
        rules += _rules(source, procedure, organs, where)
        advice += _advice(source, procedure, organs, where)
    ids = [r.id for r in rules] + [a.id for a in advice]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise SourceError(
            f"the id {twice[0]!r} stands twice", where=f"{short}, {procedure}", remedy="Give each entry its own id."
        )
    return RuleSet(procedure, organs, scope, tuple(rules), tuple(advice))


@cache
def _shared(name: str) -> dict[str, Any]:
    path = resources.files(_SHARED).joinpath(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _scope(table: dict[str, Any], procedure: str, where: str) -> dict[str, Any]:
    try:
        return dict(table["organs"][procedure])
    except (KeyError, TypeError):
        raise SourceError(
            f"no [organs.{procedure}]", where=where, remedy="State for which organs it is: value, source, where, status."
        ) from None


def _organs(names: Any, *, where: str) -> frozenset[str]:
    known = {organ.value for organ in Organ}
    wrong = sorted(set(names) - known)
    if wrong or not names:
        raise SourceError(f"organs {wrong or 'missing'}", where=where, remedy=f"Use some of {', '.join(sorted(known))}.")
    return frozenset(names)


def _entries(table: dict[str, Any], kind: str, allowed: set[str], procedure: str, where: str) -> Iterator[dict[str, Any]]:
    for entry in table.get(kind, ()):
        place = f"{where}:{entry.get('id', '?')}"
        unknown = sorted(set(entry) - allowed)
        missing = sorted({"id", "words", "source", "where", "status", "directness"} - set(entry))
        if unknown or missing:
            problem = f"unknown field {unknown[0]!r}" if unknown else f"lacks {missing[0]!r}"
            raise SourceError(problem, where=place, remedy="See docs/how-to-add-a-procedure.md for the fields of a rule.")
        if entry["directness"] not in DIRECTNESS:
            raise SourceError(f"directness {entry['directness']!r}", where=place, remedy=f"Use one of {', '.join(DIRECTNESS)}.")
        if procedure in entry.get("procedures", (procedure,)):
            yield entry


def _conditions(rows: Any, where: str) -> tuple[Condition, ...]:
    made = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 3:
            raise SourceError(f"{row!r} is not [datum, comparison, value]", where=where, remedy="Write a list of three.")
        made.append(condition(*row, where=where))
    return tuple(made)


def _fact(entry: dict[str, Any], procedure: str, where: str, value: Any) -> tuple[Sourced, str]:
    """Fact behind an entry, and its directness; evidence from other procedures is borrowed."""
    fields: dict[str, Any] = {name: entry[name] for name in ("low", "high", "note", "source", "where", "status") if name in entry}
    fact = sourced(f"{where}:{entry['id']}", {"value": value, "unit": entry.get("unit", "text"), **fields})
    directness = entry["directness"]
    known_for = entry.get("from_procedures", (procedure,))
    if procedure not in known_for:
        words = f"Evidence from {' and '.join(known_for)}, borrowed for {procedure}."
        note = f"{fact.note} {words}".strip()
        fact = replace(fact, note=note, status="borrowed" if fact.status == "verified" else fact.status)
        directness = "borrowed"
    return fact, directness


def _rules(table: dict[str, Any], procedure: str, organs: frozenset[str], where: str) -> Iterator[Rule]:
    for entry in _entries(table, "rule", _RULE, procedure, where):
        place = f"{where}:{entry['id']}"
        if entry.get("effect") not in EFFECTS:
            raise SourceError(f"effect {entry.get('effect')!r}", where=place, remedy=f"Use one of {', '.join(EFFECTS)}.")
        ways = [name for name in ("datum", "any", "all") if name in entry]
        if len(ways) != 1:
            raise SourceError(
                "a rule needs one test", where=place, remedy="Give datum, op and value, or any = [...], or all = [...]."
            )
        simple = ways[0] == "datum"
        if simple and not {"op", "value"} <= set(entry):
            raise SourceError("a rule with a datum needs op and value", where=place, remedy="State both.")
        rows = [[entry["datum"], entry["op"], entry["value"]]] if simple else entry[ways[0]]
        fact, directness = _fact(entry, procedure, where, entry.get("value", entry["words"]))
        mine = _organs(entry["organs"], where=place) & organs if "organs" in entry else organs
        if mine:
            yield Rule(
                entry["id"], entry["words"], entry["effect"], _conditions(rows, place), "any" if ways[0] == "any" else "all",
                _conditions(entry.get("when", ()), place), mine, fact, directness,
                tuple(entry.get("evidence", ())), tuple(entry.get("contrary", ())),
            )  # fmt: skip


def _advice(table: dict[str, Any], procedure: str, organs: frozenset[str], where: str) -> Iterator[AdviceRule]:
    for entry in _entries(table, "advice", _ADVICE, procedure, where):
        place = f"{where}:{entry['id']}"
        if entry.get("kind") not in ADVICE_KINDS:
            raise SourceError(f"kind {entry.get('kind')!r}", where=place, remedy=f"Use one of {', '.join(ADVICE_KINDS)}.")
        fact, directness = _fact(entry, procedure, where, entry["words"])
        mine = _organs(entry["organs"], where=place) & organs if "organs" in entry else organs
        if mine:
            yield AdviceRule(
                entry["id"], entry["kind"], entry["words"], _conditions(entry.get("when", ()), place), mine, fact, directness,
                tuple(entry.get("evidence", ())), _conditions(entry.get("any", ()), place),
            )  # fmt: skip
