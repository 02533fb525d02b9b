"""All rules as one file that a person can edit and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from locoregional.errors import SourceError
from locoregional.selection.condition import Condition
from locoregional.selection.rule import AdviceRule, Rule
from locoregional.selection.rule_file import RuleSet, read_table, rules_of
from locoregional.sources import Sourced

__all__ = ["read_exported", "rules_text"]


def rules_text(sets: Mapping[str, RuleSet], *, version: str) -> str:
    """TOML text of the rules of every procedure; `read_exported` reads it back.

    Parameters
    ----------
    sets : dict
        Rules by procedure.
    version : str
        Version of the software, for the heading.
    """
    lines = [
        f"# Rules of locoregional {version}. Edit a copy, then compare: locoregional rules --diff shipped COPY.toml CASES",
        "",
    ]
    for name, rules in sets.items():
        lines += ["[[procedure]]", f"name = {_toml(name)}", f"organs = {{ {_inline(_scope(rules.scope))} }}", ""]
        for rule in rules.rules:
            lines += ["[[procedure.rule]]", *_block(_rule(rule)), ""]
        for item in rules.advice:
            lines += ["[[procedure.advice]]", *_block(_advice(item)), ""]
    return "\n".join(lines)


def read_exported(path: Path) -> dict[str, RuleSet]:
    """Rules of a file that `rules_text` wrote and a person may have edited.

    Raises
    ------
    SourceError
        If it is not such a file, names a procedure twice, or an entry in it is wrong.
    """
    try:
        table = read_table(path.read_text(encoding="utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("the rules cannot be read", where=f"{path}: {error}", remedy="Name a file or `shipped`.") from error
    procedures = table.get("procedure")
    if not isinstance(procedures, list) or not all(_is_procedure(p) for p in procedures):
        raise SourceError(
            "no [[procedure]] with name and organs", where=str(path), remedy="Make one: locoregional rules --export FILE."
        )
    names = [p["name"] for p in procedures]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"the procedure {twice!r} stands twice", where=str(path), remedy="Join both, or delete one of them.")
    return {p["name"]: rules_of({**p, "organs": {p["name"]: p["organs"]}}, p["name"], short=p["name"]) for p in procedures}


def _is_procedure(table: Any) -> bool:
    return isinstance(table, dict) and isinstance(table.get("name"), str) and "organs" in table


def _toml(value: Any) -> str:
    if isinstance(value, frozenset | tuple):
        return json.dumps(sorted(value) if isinstance(value, frozenset) else list(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def _inline(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{k} = {_toml(v)}" for k, v in fields.items())


def _block(fields: Mapping[str, Any]) -> list[str]:
    return [f"{k} = {_toml(v)}" for k, v in fields.items() if v not in ((), "", None)]


def _said(fact: Sourced) -> dict[str, Any]:
    return {"source": fact.source, "where": fact.where, "status": fact.status, "note": fact.note}


def _scope(fact: Sourced) -> dict[str, Any]:
    return {"value": fact.value, **_said(fact)}


def _rows(conditions: tuple[Condition, ...]) -> tuple[list[Any], ...]:
    return tuple([c.datum, c.op, sorted(c.value) if isinstance(c.value, frozenset) else c.value] for c in conditions)


def _rule(rule: Rule) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": rule.id, "words": rule.words, "effect": rule.effect}
    if len(rule.tests) == 1 and rule.join == "all" and not isinstance(rule.fact.value, str):
        test = rule.tests[0]
        fields |= {"datum": test.datum, "op": test.op, "value": test.value, "unit": rule.fact.unit}
    else:
        fields[rule.join] = _rows(rule.tests)
    fields |= {"when": _rows(rule.when), "organs": rule.organs, **_said(rule.fact), "directness": rule.directness}
    return fields | {"evidence": rule.evidence, "contrary": rule.contrary}


def _advice(item: AdviceRule) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": item.id,
        "kind": item.kind,
        "words": item.words,
        "when": _rows(item.when),
        "any": _rows(item.nearby),
    }
    return fields | {"organs": item.organs, **_said(item.fact), "directness": item.directness, "evidence": item.evidence}
