"""What the verbs of the command line share: read the case, do it, write the case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.progress import Progress

__all__ = ["case_folder", "quiet_option", "run_verb"]

case_folder = click.argument("case", type=click.Path(exists=True, file_okay=False, path_type=Path))
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress.")


def run_verb(title: str, folder: Path, verb: Callable, *, quiet: bool) -> object:
    """Load the case, apply a verb ``(case, progress) -> case``, save it; the folder is untouched until the verb has succeeded."""
    from locoregional.progress import part
    from locoregional.workflow import load, save

    with bar(title, quiet=quiet) as progress:
        case = load(folder, part(progress, 0.0, 0.3))
        progress_rest: Progress = part(progress, 0.3, 0.97)
        case = verb(case, progress_rest)
        progress(0.97, "writing the chart")
        save(case, folder)
    return case
