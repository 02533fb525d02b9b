"""``locoregional demo``: patient 1, a digital patient, from CT to follow-up; or a figure patient of the review on the board."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]

_EPILOG = (
    "Example: locoregional demo --out demo, then open demo/report.html; "
    "or locoregional demo --patient figure-2 --out figure-2, then open figure-2/board.html"
)


@click.command(
    "demo",
    epilog=_EPILOG,
)
@click.option("--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="Folder to make.")
@click.option(
    "--patient",
    default="patient-1",
    show_default=True,
    type=click.Choice(["patient-1", "figure-1", "figure-2", "figure-3", "figure-4"]),
    help="Patient 1 from CT to follow-up, or a figure patient of the review on the tumour board.",
)
@quiet_option
def command(out: Path, patient: str, quiet: bool) -> None:
    """Run patient 1: a 72-year-old woman with one liver metastasis, microwave ablation, follow-up (a digital patient).

    Or put one of the review's four figure patients before the tumour board, with --patient figure-2.
    """
    from locoregional.demo import run_demo, run_figure

    if patient != "patient-1":
        for path in run_figure(out, patient):
            click.echo(str(path.resolve()))
        return
    with bar("demo", quiet=quiet) as progress:
        page, pdf, files = run_demo(out, progress)
    click.echo(f"report:  {page.resolve()}")
    click.echo(f"PDF:     {pdf.resolve()}")
    click.echo(f"exports: {files.resolve()} (drag into 3D Slicer)")
