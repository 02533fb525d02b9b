"""``locoregional plan``: the way in, the device, power and time."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb

__all__ = ["command"]


@click.command("plan", epilog="Example: locoregional plan patient-1/ --lesion L1 --procedure mwa")
@case_folder
@click.option("--lesion", default="", help="Only this lesion.")
@click.option("--procedure", "procedure_name", default="", help="Only this procedure, indicated or not.")
@quiet_option
def command(case: Path, lesion: str, procedure_name: str, quiet: bool) -> None:
    """Plan the options that are indicated or possible."""
    from locoregional.workflow import plan

    done = run_verb("plan", case, lambda c, p: plan(c, p, lesion_id=lesion, procedure_name=procedure_name), quiet=quiet)
    for item in {(p.lesion_id, p.procedure): p for p in done.plans}.values():  # type: ignore[attr-defined]
        click.echo(f"{item.lesion_id}  {item.procedure}: {'feasible' if item.feasible else 'NOT feasible'}")
        for words in item.words:
            click.echo(f"   {words}")
        if item.unchecked:
            click.echo(f"   could not check: {', '.join(item.unchecked)}")
