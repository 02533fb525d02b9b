"""``locoregional replan``: the plan again, around the applicator as it really lies."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb
from locoregional.cli._words import plan_lines

__all__ = ["command"]


@click.command("replan", epilog='Example: locoregional replan patient-1/ --lesion L1 --placed "-150,10,20/-80,15,25"')
@case_folder
@click.option("--lesion", required=True, help="Which lesion.")
@click.option(
    "--placed", "placed", required=True, multiple=True,
    help='Entry and tip of an applicator in place, "x,y,z/x,y,z" in LPS mm, or a .mrk.json line; once for each applicator.',
)  # fmt: skip
@click.option("--procedure", "procedure_name", default="", help="Which ablation; default: that of the latest plan.")
@click.option(
    "--position", default="supine", type=click.Choice(["supine", "prone", "right decubitus", "left decubitus"]),
    help="How the patient lies.", show_default=True,
)  # fmt: skip
@quiet_option
def command(case: Path, lesion: str, placed: tuple[str, ...], procedure_name: str, position: str, quiet: bool) -> None:
    """Plan again around applicators in place: what is still missing, and what to dial."""
    from locoregional.workflow import placed_lines, replan

    lines = tuple(line for item in placed for line in placed_lines(item))
    done = run_verb(
        "replan",
        case,
        lambda c, p: replan(c, p, lesion_id=lesion, placed=lines, procedure_name=procedure_name, position=position),
        quiet=quiet,
    )
    click.echo("\n".join(plan_lines(done.plans[-1])))  # type: ignore[attr-defined]
