"""``locoregional report``: the pages of a case, from its chart."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import case_folder, quiet_option

__all__ = ["command"]


@click.command("report", epilog="Example: locoregional report patient-1/, then open patient-1/report.html")
@case_folder
@quiet_option
def command(case: Path, quiet: bool) -> None:
    """Write report.html (one self-contained file) and report.pdf from the chart."""
    from locoregional.progress import part
    from locoregional.report.case_report import write_report
    from locoregional.workflow import load

    with bar("report", quiet=quiet) as progress:
        made = write_report(load(case, part(progress, 0.0, 0.3)), case, part(progress, 0.3, 1.0))
    for path in made:
        click.echo(str(path))
