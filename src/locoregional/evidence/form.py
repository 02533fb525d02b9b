"""The form by which a study is added: an empty one with explanations, and the stored one."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping

from locoregional.evidence.reading import REFERENCE_FIELDS
from locoregional.evidence.row import Row
from locoregional.evidence.schema import Column, estimands, schema

__all__ = ["empty_form", "form_text"]

_SECTIONS = ("studies", "outcomes", "prognostic_factors")

# Filled in by the program, or only meant for what the review prints.
_NOT_ASKED = {
    "studies": {
        "bib", "ref_no", "name_in_review", "citation", "n_patients_printed", "n_lesions_printed", "reference_matches_text",
        "in_review",
    },
    "outcomes": {"id", "study", "section", "locator", "source_of_primary", "in_review"},
    "prognostic_factors": {"id", "study", "section", "locator", "in_review"},
}  # fmt: skip

_HEAD = """\
# One study and what it found. Fill in what the paper says and leave the rest empty; delete sections that you do not need,
# and repeat a section that starts with [[ ]] as often as needed. Numbers may stand in quotes: "39.0" keeps its decimal.
#
# verdict     agrees: you have read it in the study itself; unverified: you have it from somebody else, so it never decides
# value       as the study prints it; percentages from 0 to 100, times in months or weeks, never mixed
# n, total    counts; without a total the outcome is kept and shown, and not pooled
# primary_*   only where a review prints one number (value) and the study itself says another (verdict = "differs")
"""


def empty_form() -> str:
    """Form with every field explained, nothing filled in."""
    lines = [_HEAD]
    for name in _SECTIONS:
        table = schema()[name]
        lines.append(f"[{table.one}]" if name == "studies" else f"[[{table.one}]]")
        columns = dict(table.columns)
        if name == "studies":
            where = {f: schema()["references"].columns[f] for f in REFERENCE_FIELDS}
            columns = {"id": columns["id"], **where, **{k: v for k, v in columns.items() if k not in where}}
        for column in columns.values():
            if column.name not in _NOT_ASKED[name]:
                lines += [
                    *textwrap.wrap(_explained(column), 118, initial_indent="# ", subsequent_indent="#    "),
                    f'{column.name} = ""',
                ]
        lines.append("")
    return "\n".join(lines)


def _explained(column: Column) -> str:
    if column.name == "estimand":
        return f"{column.words}: {'; '.join(f'{e.name} ({e.words})' for e in estimands().values())} (needed)"
    choices = f": {' | '.join(column.choices)}" if column.choices else ""
    several = " (several joined by |)" if column.kind == "list" or column.many else ""
    needed = " (needed)" if column.required and column.name not in ("id", "printed", "directness", "poolable") else ""
    return f"{column.words}{choices}{several}{needed}"


def form_text(tables: Mapping[str, Iterable[Row]]) -> str:
    """Form that says what the rows say; reading it gives the rows again.

    Parameters
    ----------
    tables : dict
        Table name to rows, with exactly one study and at most one reference.
    """
    reference = {k: v for row in tables.get("references", ()) for k, v in row.written.items() if k != "id" and v}
    lines = []
    for name, table in schema().items():
        if table.own:
            continue
        for row in tables.get(name, ()):
            cells = {k: v for k, v in row.written.items() if v}
            if name == "studies":
                cells = {"id": cells.pop("id"), **reference, **cells}
            lines.append(f"[{table.one}]" if name == "studies" else f"[[{table.one}]]")
            lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in cells.items()]
            lines.append("")
    return "\n".join(lines)
