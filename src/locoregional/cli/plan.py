"""``locoregional plan``: the way in, the device and its setting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb
from locoregional.cli._words import plan_lines

if TYPE_CHECKING:
    from locoregional.ablation.dissection import Dissection

__all__ = ["command"]


@click.command(
    "plan",
    epilog="Example: locoregional plan patient-1/ --lesion L1 --procedure mwa --dissect colon=dextrose:10",
)
@case_folder
@click.option("--lesion", default="", help="Only this lesion.")
@click.option("--procedure", "procedure_name", default="", help="Only this procedure, indicated or not.")
@click.option("--device", "device_name", default="", help="Applicator of an ablation: `locoregional devices` lists them.")
@click.option(
    "--dissect",
    multiple=True,
    metavar="STRUCTURE[=FLUID[:MM]]",
    help="Inject dextrose, saline or carbon_dioxide before a structure; 10 mm of dextrose unless said otherwise.",
)
@quiet_option
def command(case: Path, lesion: str, procedure_name: str, device_name: str, dissect: tuple[str, ...], quiet: bool) -> None:
    """Plan the options that are indicated or possible."""
    from locoregional.workflow import plan

    injected = [_dissection(words) for words in dissect]
    done = run_verb(
        "plan",
        case,
        lambda c, p: plan(c, p, lesion_id=lesion, procedure_name=procedure_name, device_name=device_name, dissections=injected),
        quiet=quiet,
    )
    for item in {(p.lesion_id, p.procedure): p for p in done.plans}.values():  # type: ignore[attr-defined]
        click.echo("\n".join(plan_lines(item)))


def _dissection(words: str) -> Dissection:
    """Injection of ``colon``, ``colon=dextrose`` or ``colon=carbon_dioxide:15``."""
    from locoregional.ablation.dissection import Dissection
    from locoregional.errors import PlanningError

    structure, _, rest = words.partition("=")
    fluid, _, thickness = rest.partition(":")
    try:
        return Dissection(structure.strip(), fluid.strip() or "dextrose", float(thickness) if thickness else 10.0)
    except ValueError as error:
        if isinstance(error, PlanningError):
            raise
        raise PlanningError(
            f"{thickness!r} is no thickness", where=f"--dissect {words}", remedy="Give millimetres: colon=dextrose:10."
        ) from None
