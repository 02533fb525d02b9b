"""``locoregional select``: which procedures are indicated, and by which rules."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb

__all__ = ["command"]


@click.command("select", epilog="Example: locoregional select patient-1/")
@case_folder
@quiet_option
def command(case: Path, quiet: bool) -> None:
    """Say for each lesion and procedure: indicated, possible, not indicated, contraindicated or cannot say."""
    from locoregional.workflow import select

    done = run_verb("select", case, select, quiet=quiet)
    marks = {True: "+", False: "-", None: "?"}
    latest = {(o.lesion_id, o.procedure): o for o in done.options}  # type: ignore[attr-defined]
    for option in latest.values():
        click.echo(f"{option.lesion_id}  {option.procedure}: {option.words}")
        for rule in option.rules:
            decides = "" if rule.status != "unverified" else "  (unverified: does not decide)"
            click.echo(f"   {marks[rule.met]} {rule.words}: {rule.seen}  [{rule.source}]{decides}")
