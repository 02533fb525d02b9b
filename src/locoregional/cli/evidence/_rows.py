"""What the commands of the evidence share: the folder option, tables on the terminal, cells as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.row import Row

__all__ = [
    "as_json",
    "checked_choice",
    "folder_option",
    "print_json",
    "print_table",
    "read_evidence",
    "shown_cells",
    "shown_columns",
]

folder_option = click.option(
    "--folder",
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


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: fitted to the window on a terminal, otherwise aligned columns, nothing cut off."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*[c.replace("_", " ") for c in columns], box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*[_escaped(cell) for cell in row])
        Console().print(table)
        return
    widths = [max(len(str(r[i])) for r in [columns, *rows]) for i in range(len(columns))]
    for line in [columns, *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _escaped(cell: str) -> str:
    from rich.markup import escape

    return escape(cell)
