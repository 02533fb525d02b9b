"""``locoregional demo``: patient 1, a digital patient, from CT to follow-up."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]


@click.command("demo", epilog="Example: locoregional demo --out demo, then open demo/report.html")
@click.option("--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="Folder to make.")
@quiet_option
def command(out: Path, quiet: bool) -> None:
    """Run patient 1: a 72-year-old woman with one liver metastasis, microwave ablation, follow-up (a digital patient)."""
    from locoregional.demo import run_demo

    with bar("demo", quiet=quiet) as progress:
        page, pdf, files = run_demo(out, progress)
    click.echo(f"report:  {page.resolve()}")
    click.echo(f"PDF:     {pdf.resolve()}")
    click.echo(f"exports: {files.resolve()} (drag into 3D Slicer)")
