"""``locoregional board``: the sheet a tumour board would project."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import case_folder, quiet_option

__all__ = ["command"]


@click.command("board", epilog="Example: locoregional board patient-1/, then open patient-1/board.html")
@case_folder
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the sheet here instead of the case folder.")
@quiet_option
def command(case: Path, out: Path | None, quiet: bool) -> None:
    """Write board.html and board.pdf: lesions by procedures, each cell with its reasons, then what is still open.

    The rules are read anew; decisions of persons are kept. A case needs no images for this.
    """
    from locoregional.progress import part
    from locoregional.report.board import write_board
    from locoregional.workflow import load, save, select

    folder = out or case
    with bar("board", quiet=quiet) as progress:
        loaded = load(case, part(progress, 0.0, 0.4))
        selected = select(loaded, part(progress, 0.4, 0.6))
        folder.mkdir(parents=True, exist_ok=True)
        made = write_board(selected, folder, part(progress, 0.6, 0.95))
        save(selected, case)
    for path in made:
        click.echo(str(path))
