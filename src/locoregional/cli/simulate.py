"""``locoregional simulate``: predict what the plan will do, with its band."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb
from locoregional.cli._words import quantity_line

__all__ = ["command"]


@click.command("simulate", epilog="Example: locoregional simulate patient-1/")
@case_folder
@quiet_option
def command(case: Path, quiet: bool) -> None:
    """Simulate the latest feasible plan of each lesion and procedure."""
    from locoregional.workflow import simulate

    done = run_verb("simulate", case, simulate, quiet=quiet)
    for item in done.outcomes:  # type: ignore[attr-defined]
        click.echo(f"{item.lesion_id}  {item.procedure}: {' '.join(item.words)}")
        for quantity in item.quantities:
            click.echo(f"   {quantity_line(quantity)}")
