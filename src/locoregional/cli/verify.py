"""``locoregional verify``: whether the goal is reached, predicted and observed."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb
from locoregional.cli._words import quantity_line

__all__ = ["command"]


@click.command("verify", epilog="Example: locoregional verify patient-1/")
@case_folder
@quiet_option
def command(case: Path, quiet: bool) -> None:
    """Judge every outcome: predicted, and observed on follow-up images."""
    from locoregional.workflow import verify

    done = run_verb("verify", case, verify, quiet=quiet)
    for item in done.verdicts:  # type: ignore[attr-defined]
        click.echo(f"{item.lesion_id}  {item.procedure}: {' '.join(item.words)}")
        for quantity in item.quantities:
            click.echo(f"   {quantity_line(quantity)}")
