"""``locoregional prepare``: compile the kernels once, so that the first patient does not wait."""

from __future__ import annotations

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]


@click.command("prepare", epilog="Example: locoregional prepare")
@quiet_option
def command(quiet: bool) -> None:
    """Compile the compute kernels (once after installing, about a minute) by running a small digital patient."""
    import tempfile
    from pathlib import Path

    from locoregional.demo import run_demo

    with tempfile.TemporaryDirectory() as folder, bar("prepare", quiet=quiet) as progress:
        run_demo(Path(folder) / "demo", progress, small=True)
    click.echo("kernels are compiled")
