"""``locoregional evidence search``: rows in which words occur."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli.evidence._rows import as_json, folder_option, print_json, print_table, read_evidence

__all__ = ["command"]


@click.command("search", epilog="Example: locoregional evidence search TARE survival. Every word must occur, in any column.")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=40, show_default=True, help="Most rows to show.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@folder_option
def command(words: tuple[str, ...], limit: int, json_: bool, folder: Path | None) -> None:
    """Find rows by words, in every table, the best first; case, accents and hyphens do not matter."""
    from locoregional.evidence.search import search

    hits = search(read_evidence(folder), " ".join(words))
    if json_:
        print_json([{**as_json(h.row), "score": round(h.score, 2)} for h in hits[:limit]])
        return
    if hits:
        print_table(("id", "table", "what it says", "found in"), [_line(h) for h in hits[:limit]])
    more = f", {len(hits) - limit} more with --limit" if len(hits) > limit else ""
    click.echo(f"{len(hits)} rows{more}")


def _line(hit: object) -> tuple[str, str, str, str]:
    from locoregional.cli.evidence._rows import shown_cells
    from locoregional.evidence.search import Hit

    assert isinstance(hit, Hit)
    said = "; ".join(c for c in shown_cells(hit.row)[1:] if c)
    return hit.row.id, hit.row.table, said, ", ".join(hit.columns)
