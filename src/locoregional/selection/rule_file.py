"""Rules as people write them: TOML files beside each procedure, checked word by word."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from locoregional.case import Organ
from locoregional.errors import SourceError
from locoregional.selection.condition import Condition, condition
from locoregional.selection.profile import data
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
_TEXTS = {"id", "words", "effect", "kind", "datum", "op", "unit", "source", "where", "status", "directness", "note"}
_LISTS = {"any", "all", "when"}
_NAMES = {"organs", "procedures", "from_procedures", "evidence", "contrary"}
_WRITTEN = {"months": "month", "years": "year", "x 10^9/l": "10^9/l"}
"""Units as data show them, and as facts write them."""
_COUNTED = ("1", "points", "lesions", "levels", "lines", "list", "text")
"""What a fact may call a datum without unit: all of them count, or name, and need no conversion."""


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
    include = _names(table.get("include", []), "include", short)
    for name in (*include, ""):
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
    known = sorted(p.name.removesuffix(".toml") for p in resources.files(_SHARED).iterdir() if p.name.endswith(".toml"))
    if name not in known:
        raise SourceError(f"no shared set of rules called {name!r}", where="include", remedy=f"Known: {', '.join(known)}.")
    path = resources.files(_SHARED).joinpath(f"{name}.toml")
    return read_table(path.read_text(encoding="utf-8"), where=f"{_SHARED}.{name}")


def _scope(table: dict[str, Any], procedure: str, where: str) -> dict[str, Any]:
    organs = table.get("organs")
    scope = organs.get(procedure) if isinstance(organs, dict) else None
    if not isinstance(scope, dict):
        raise SourceError(
            f"no [organs.{procedure}]", where=where, remedy="State for which organs it is: value, source, where, status."
        )
    _typed(scope, f"{where}:organs.{procedure}")
    return scope


def _names(value: Any, field: str, where: str) -> list[str] | tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise SourceError(f"{field} is {value!r}, not a list of words", where=where, remedy=f'Write {field} = ["...", "..."].')
    return value


def _typed(entry: Mapping[str, Any], where: str) -> None:
    """Refuse fields of the wrong type by name, before anything reads them."""
    for field, value in entry.items():
        if field in _TEXTS and not isinstance(value, str):
            raise SourceError(f"{field} is {value!r}, not text", where=where, remedy=f'Write {field} = "...", in quotes.')
        if field in _NAMES:
            _names(value, field, where)
        if field in _LISTS and not isinstance(value, list):
            raise SourceError(
                f"{field} is {value!r}, not a list", where=where, remedy=f"Write {field} = [[datum, comparison, value], ...]."
            )
        if field in ("low", "high") and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise SourceError(f"{field} is {value!r}, not a number", where=where, remedy=f"Write {field} = 40, without quotes.")


def _organs(names: Any, *, where: str) -> frozenset[str]:
    known = {organ.value for organ in Organ}
    wrong = sorted(set(_names(names, "organs", where)) - known)
    if wrong or not names:
        raise SourceError(f"organs {wrong or 'missing'}", where=where, remedy=f"Use some of {', '.join(sorted(known))}.")
    return frozenset(names)


def _entries(table: dict[str, Any], kind: str, allowed: set[str], procedure: str, where: str) -> Iterator[dict[str, Any]]:
    entries = table.get(kind, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceError(
            f"{kind} is not a list of tables", where=where, remedy=f"Write [[...{kind}]] with two brackets, one for each entry."
        )
    for entry in entries:
        place = f"{where}:{entry.get('id', '?')}"
        _typed(entry, place)
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
    fact = sourced(f"{where}:{entry['id']}", {"value": value, "unit": _unit(entry, f"{where}:{entry['id']}"), **fields})
    directness = entry["directness"]
    known_for = entry.get("from_procedures", (procedure,))
    if procedure not in known_for:
        words = f"Evidence from {' and '.join(known_for)}, borrowed for {procedure}."
        note = f"{fact.note} {words}".strip()
        fact = replace(fact, note=note, status="borrowed" if fact.status == "verified" else fact.status)
        directness = "borrowed"
    return fact, directness


def _unit(entry: dict[str, Any], where: str) -> str:
    """Unit of an entry; nothing is converted, so that it must be the unit in which the case holds the datum."""
    unit = entry.get("unit")
    if "datum" not in entry:
        if unit is not None:
            raise SourceError(
                f"unit {unit!r} without a datum", where=where, remedy="Delete it: any and all use the units of the data."
            )
        return "text"
    known = data().get(entry["datum"])
    due = known.unit if known is not None else ""
    due = _WRITTEN.get(due, due)
    unit = (due or "text") if unit is None else _WRITTEN.get(unit, unit)
    if known is not None and (unit != due if due else unit not in _COUNTED):
        raise SourceError(
            f"{known.name} is held in {due or 'no unit'}, not in {unit!r}",
            where=where,
            remedy=f"Convert the value and write unit = {json.dumps(due)}." if due else f"Use one of {', '.join(_COUNTED)}.",
        )
    return unit


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
        if not entry[ways[0]]:
            raise SourceError(f"{ways[0]} is empty", where=place, remedy="Write at least one [datum, comparison, value].")
        rows = [[entry["datum"], entry["op"], entry["value"]]] if simple else entry[ways[0]]
        tests = _conditions(rows, place)
        fact, directness = _fact(entry, procedure, where, entry.get("value", entry["words"]))
        mine = _organs(entry["organs"], where=place) & organs if "organs" in entry else organs
        if mine:
            yield Rule(
                entry["id"], entry["words"], entry["effect"], tests, "any" if ways[0] == "any" else "all",
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
