"""``locoregional demo``: digital patients 1 to 3 from CT to report; or a figure patient of the review on the board."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]

_EPILOG = (
    "Example: locoregional demo --out demo, then open demo/report.html; locoregional demo 2 --out liver; "
    "or locoregional demo --patient figure-2 --out figure-2, then open figure-2/board.html"
)


@click.command("demo", epilog=_EPILOG)
@click.argument("story", required=False, type=click.Choice(["1", "2", "3"]))
@click.option("--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="Folder to make.")
@click.option(
    "--patient",
    default=None,
    type=click.Choice(["patient-1", "patient-2", "patient-3", "figure-1", "figure-2", "figure-3", "figure-4"]),
    help="Instead of a number: a digital patient by name, or a figure patient of the review on the tumour board.",
)
@quiet_option
def command(story: str | None, out: Path, patient: str | None, quiet: bool) -> None:
    """Run a digital patient from CT to report, or put a figure patient before the tumour board.

    STORY 1 (the default): a 72-year-old woman with one liver metastasis, microwave ablation, follow-up. STORY 2: a 51-year-old
    woman with several liver metastases, radioembolization from the work-up to the delivered dose. STORY 3: a 49-year-old woman
    with a painful mass of the right shoulder, cryoablation to relieve the pain. All after the figures of Filippiadis 2022.
    """
    from locoregional.demo import run_demo, run_figure

    if story is not None and patient is not None:
        raise click.UsageError("give a number or --patient, not both")
    if patient is not None and patient.startswith("figure"):
        for path in run_figure(out, patient):
            click.echo(str(path.resolve()))
        return
    number = int(story or (patient or "patient-1").removeprefix("patient-"))
    with bar("demo", quiet=quiet) as progress:
        page, pdf, files, *pictures = run_demo(out, progress, story=number)
    click.echo(f"report:  {page.resolve()}")
    click.echo(f"PDF:     {pdf.resolve()}")
    click.echo(f"exports: {files.resolve()} (drag into 3D Slicer)")
    for picture in pictures:
        click.echo(f"picture: {picture.resolve()}")
