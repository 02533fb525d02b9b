"""``locoregional export``: files for 3D Slicer, PACS and other programs."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import case_folder, quiet_option

__all__ = ["command"]


@click.command("export", epilog="Example: locoregional export patient-1/, then drag patient-1/export into 3D Slicer")
@case_folder
@quiet_option
def command(case: Path, quiet: bool) -> None:
    """Write NIfTI maps, DICOM SEG, needles (.mrk.json), STL and glTF surfaces of a case to its export folder."""
    from locoregional.progress import part
    from locoregional.report.export import export_case
    from locoregional.report.run import EXPORT
    from locoregional.workflow import load

    with bar("export", quiet=quiet) as progress:
        made = export_case(load(case, part(progress, 0.0, 0.3)), case / EXPORT, part(progress, 0.3, 1.0))
    for path in made:
        click.echo(str(path))
