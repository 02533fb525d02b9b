"""``locoregional validate``: comparison with truth from outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]


@click.command(
    "validate",
    epilog="Example: locoregional validate --topic images --topic heat --out validation.md. Exit code 1: a row misses.",
)
@click.option("--topic", "chosen", multiple=True, help="Run only this topic; may be given several times.")
@click.option("--list", "only_list", is_flag=True, help="List the topics and stop.")
@click.option("--quick", is_flag=True, help="Leave each topic after ten seconds.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here (Markdown).")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows here (JSON).")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of public images that some rows need; default the environment variable LOCOREGIONAL_DATA, else they do not run.",
)
@click.option("--allow-misses", is_flag=True, help="Exit code 0 although rows miss.")
@quiet_option
def command(
    chosen: tuple[str, ...],
    only_list: bool,
    quick: bool,
    out: Path | None,
    json_path: Path | None,
    data: Path | None,
    allow_misses: bool,
    quiet: bool,
) -> None:
    """Compare with exact solutions, published tables and other programs, misses included."""
    from locoregional.validation.run import run, topics

    if only_list:
        for name, words in topics().items():
            click.echo(f"{name:14}{words}")
        return
    if out is not None:
        _refuse_other_pages(out)
    if data is not None:
        os.environ["LOCOREGIONAL_DATA"] = str(data.resolve())
    with bar("validate", quiet=quiet) as progress:
        found = run(chosen, quick=quick, progress=progress)
    for row in found.misses:
        click.echo(
            f"misses: {row.topic}: {row.name}: {row.value:.4g} against {row.reference:.4g} {row.unit}  {row.note}".rstrip()
        )
    verdicts = [row.verdict for row in found.rows]
    counts = (f"{verdicts.count(v)} {v}" for v in ("holds", "misses", "reported", "not run"))
    click.echo(f"{len(verdicts)} rows: {', '.join(counts)}")
    _write(found, out, json_path)
    if found.misses and not allow_misses:
        sys.exit(1)


def _refuse_other_pages(path: Path) -> None:
    """Replace a page of this command, never another file."""
    from locoregional.errors import EvidenceError
    from locoregional.validation.markdown import HEADING

    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(HEADING):
        raise EvidenceError("the file is not a validation page", where=str(path), remedy="Choose another name for --out.")


def _write(found: object, out: Path | None, json_path: Path | None) -> None:
    import json

    from locoregional.case.chart import write_text_atomically
    from locoregional.validation.markdown import validation_page
    from locoregional.validation.run import Validation

    assert isinstance(found, Validation)
    if out is not None:
        write_text_atomically(out, validation_page(found))
        click.echo(f"written: {out}")
    if json_path is not None:
        write_text_atomically(json_path, json.dumps(found.as_json(), indent=1, allow_nan=False) + "\n")
        click.echo(f"written: {json_path}")
