"""``locoregional evidence check``: whether tables are in order."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from locoregional.cli.evidence._rows import print_json

__all__ = ["command"]


@click.command("check", epilog="Example: locoregional evidence check my-evidence/. Exit code 1: something is wrong.")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Exit code 1 also where there are only questions.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(folder: Path | None, strict: bool, json_: bool) -> None:
    """Check the shipped tables, or your own FOLDER on top of them: cells, links, units, percentages, verdicts, duplicates."""
    from dataclasses import asdict

    from locoregional.evidence.check import check_folder

    base, problems = check_folder(folder)
    errors = [p for p in problems if not p.question]
    questions = [p for p in problems if p.question]
    if json_:
        print_json({"version": base.version, "rows": len(base), "problems": [asdict(p) for p in problems]})
    else:
        for kind, found in (("error", errors), ("question", questions)):
            for problem in found:
                click.echo(f"{kind}: {problem}")
        rows = len(base.own_ids) if base.own_ids else len(base)
        click.echo(f"{rows} rows of evidence {base.version}: {len(errors)} errors, {len(questions)} questions")
    if errors or (strict and questions):
        sys.exit(1)
