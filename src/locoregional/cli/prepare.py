"""``locoregional prepare``: compile the kernels once, so that the first patient does not wait."""

from __future__ import annotations

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]


@click.command("prepare", epilog="Example: locoregional prepare")
@quiet_option
def command(quiet: bool) -> None:
    """Compile the compute kernels (once after installing, about a minute) by running two small digital patients."""
    import tempfile
    from pathlib import Path

    from locoregional.demo import run_demo
    from locoregional.progress import part

    with tempfile.TemporaryDirectory() as folder, bar("prepare", quiet=quiet) as progress:
        run_demo(Path(folder) / "heat", part(progress, 0.0, 0.7), small=True)
        run_demo(Path(folder) / "dose", part(progress, 0.7, 1.0), story=2, small=True)
    click.echo("kernels are compiled")
