"""``locoregional evidence list``: the rows of the evidence."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli.evidence._rows import (
    as_json,
    checked_choice,
    folder_option,
    print_json,
    print_table,
    read_evidence,
    shown_cells,
    shown_columns,
)

__all__ = ["command"]


@click.command(
    "list",
    epilog="Example: locoregional evidence list outcomes --organ liver --procedure rfa. Without TABLE: what tables there are.",
)
@click.argument("table", required=False)
@click.option("--organ", help="Only rows of this organ, for example liver.")
@click.option("--procedure", help="Only rows of this procedure, for example tare.")
@click.option("--study", help="Only rows of this study, for example Meloni2009.")
@click.option("--verdict", help="Only rows with this verdict: agrees, differs or unverified.")
@click.option("--directness", help="Only rows of this directness: breast, mixed or borrowed.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@folder_option
def command(
    table: str | None,
    organ: str | None,
    procedure: str | None,
    study: str | None,
    verdict: str | None,
    directness: str | None,
    json_: bool,
    folder: Path | None,
) -> None:
    """List a table of the evidence: for each row the number that is used, its verdict and its directness.

    Where the review and the study itself disagree, the study's number is used and the printed one stands beside it.
    """
    base = read_evidence(folder)
    wanted = {"organ": organ, "procedure": procedure, "study": study, "verdict": verdict, "directness": directness}
    filters = {k: v for k, v in wanted.items() if v is not None}
    for column in ("organ", "procedure", "verdict", "directness"):
        checked_choice(column, wanted[column])
    if study is not None:
        base.study(study)
    if table is None and not filters:
        _overview(base, json_)
        return
    name = table or "outcomes"
    if name == "studies" and "procedure" in filters:
        filters["procedures"] = filters.pop("procedure")
    rows = base.filter(name, **filters)
    if json_:
        print_json([as_json(r) for r in rows])
        return
    if rows:
        print_table(shown_columns(name), [shown_cells(r) for r in rows])
    click.echo(f"{len(rows)} of {len(base.table(name))} rows of {name}, evidence {base.version}")


def _overview(base: object, json_: bool) -> None:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.schema import schema

    assert isinstance(base, EvidenceBase)
    rows = [(name, str(len(found)), schema()[name].words) for name, found in base.tables.items()]
    if json_:
        tables = {name: int(count) for name, count, _ in rows}
        print_json({"version": base.version, "content_hash": base.content_hash, "tables": tables})
        return
    print_table(("table", "rows", "what it holds"), rows)
    click.echo(f"evidence {base.version}, content {base.content_hash[:12]}")
