"""``locoregional run``: everything, from the case to the report."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import case_folder, quiet_option

__all__ = ["command"]


@click.command("run", epilog="Example: locoregional run patient-1/, then open patient-1/report.html")
@case_folder
@click.option("--lesion", default="", help="Plan only this lesion.")
@click.option("--procedure", "procedure_name", default="", help="Plan this procedure, indicated or not.")
@quiet_option
def command(case: Path, lesion: str, procedure_name: str, quiet: bool) -> None:
    """Select, plan, simulate, verify, report and export, in one go.

    The course starts anew; a run that is interrupted leaves the case as it was.
    """
    from locoregional.report.run import run_case

    with bar("run", quiet=quiet) as progress:
        made = run_case(case, progress, lesion_id=lesion, procedure_name=procedure_name)
    for path in made:
        click.echo(str(path))
