"""What the commands of the evidence share: the folder option, cells and references as text, tables on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locoregional.cli.evidence._terminal import print_table, say

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.row import Row
    from locoregional.sources import Reference

__all__ = [
    "as_json",
    "checked_choice",
    "cited",
    "folder_option",
    "print_json",
    "print_table",
    "read_evidence",
    "say",
    "shown_cells",
    "shown_columns",
]

folder_option = click.option(
    "--folder",
    "--base",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your own evidence folder, read on top of the shipped tables. Default: the environment variable LOCOREGIONAL_EVIDENCE.",
)

_COLUMNS = {
    "studies": "id year organ procedures breast design abstract_seen citation",
    "outcomes": "id study organ procedure estimand used verdict directness subgroup",
    "prognostic_factors": "id study organ factor op threshold unit direction outcome verdict",
    "criteria": "id procedure organ criterion op threshold unit effect status",
    "recommendations": "id organ procedure phase recommendation value unit status",
    "epidemiology": "id topic fact value unit verdict",
    "figure_cases": "id age_years sex lesions procedure goal",
    "audit": "id severity kind ref rows problem correction",
    "standards": "id topic procedure organ statement op value unit status",
    "appraisal": "id study tool item judgement reason basis",
    "references": "id author title journal year doi",
}


def read_evidence(folder: Path | None) -> EvidenceBase:
    """Shipped tables with the user's folder."""
    from locoregional.evidence.base import evidence_base

    return evidence_base(folder)


def checked_choice(column: str, word: str | None) -> None:
    """Refuse a filter word that no table knows, with the nearest ones."""
    from locoregional.errors import EvidenceError
    from locoregional.evidence.schema import near, schema

    known = [c for t in schema().values() if column in t.columns for c in t.columns[column].choices]
    if word is not None and word not in known:
        raise EvidenceError(f"no {column} called {word!r}", where=f"--{column}", remedy=near(word, list(dict.fromkeys(known))))


def shown_columns(table: str) -> list[str]:
    """Columns of a table that a list shows."""
    return _COLUMNS[table].split()


def shown_cells(row: Row) -> list[str]:
    """Cells of a row that a list shows; an outcome shows the number that is used, and the printed one where it differs."""
    return [_used(row) if c == "used" else row.text(c).replace("|", ", ") for c in shown_columns(row.table)]


def _used(row: Row) -> str:
    from locoregional.evidence.schema import estimands
    from locoregional.evidence.used import in_words, used_value

    used, estimand = used_value(row), estimands().get(row.text("estimand"))
    if row.text("verdict") != "differs":
        when = f" at {row.text('time_months')} months" if estimand is not None and estimand.at_time else ""
        return row.text("printed") if used.value is None and used.low is None else f"{in_words(used)}{when}"
    own = row.text("primary_words") if used.value is None and used.low is None else in_words(used)
    return f"{own} (printed: {row.text('printed')})"


def as_json(row: Row) -> dict[str, Any]:
    """Row as JSON: its cells, and for an outcome the number that is used."""
    from dataclasses import asdict

    from locoregional.evidence.used import used_value

    document: dict[str, Any] = {"table": row.table, **{k: row[k] for k in row}}
    if row.table == "outcomes":
        document["used"] = asdict(used_value(row))
    return document


def print_json(document: object) -> None:
    """Print JSON that every reader accepts."""
    import json

    click.echo(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


def cited(reference: Reference) -> str:
    """Reference as people write it: authors, title, place, year, volume and pages, DOI."""
    fields = {name: text.replace("{", "").replace("}", "").strip() for name, text in reference.fields.items()}
    authors = [a.strip() for a in fields.get("author", "").split(" and ") if a.strip()]
    others = len(authors) > 1 or "others" in authors
    surname, _, initials = authors[0].partition(", ") if authors else ("", "", "")
    first = f"{surname} {initials.replace('.', '').replace(' ', '')}".strip()
    who = f"{first}{' et al' if others else ''}." if first else ""
    place = fields.get("journal") or fields.get("publisher") or fields.get("howpublished") or ""
    number = fields.get("year", "") + (f";{fields['volume']}" if "volume" in fields else "")
    number += f":{fields['pages']}" if "pages" in fields else ""
    doi = f" doi:{fields['doi']}" if "doi" in fields else ""
    note = f" ({fields['note']})" if "note" in fields else ""
    return " ".join(x for x in (who, f"{fields.get('title', '').rstrip('.')}.", place, number) if x).rstrip() + doi + note
