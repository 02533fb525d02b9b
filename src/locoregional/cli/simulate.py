"""``locoregional simulate``: predict what the plan will do, with its band."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb
from locoregional.cli._words import quantity_line

__all__ = ["command"]


@click.command("simulate", epilog="Example: locoregional simulate patient-1/")
@case_folder
@click.option(
    "--device", "processor", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="Where heat is solved."
)
@quiet_option
def command(case: Path, processor: str, quiet: bool) -> None:
    """Simulate the latest plan of each lesion and procedure; where it is not feasible, to show why."""
    from locoregional.workflow import simulate

    done = run_verb("simulate", case, lambda c, p: simulate(c, p, processor=processor), quiet=quiet)
    for item in done.outcomes:  # type: ignore[attr-defined]
        click.echo(f"{item.lesion_id}  {item.procedure}: {' '.join(item.words)}")
        for quantity in item.quantities:
            click.echo(f"   {quantity_line(quantity)}")
