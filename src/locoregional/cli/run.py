"""``locoregional run``: everything, from the case to the report."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import case_folder, quiet_option

__all__ = ["command"]


@click.command("run", epilog="Example: locoregional run patient-1/, then open patient-1/report.html")
@case_folder
@click.option("--lesion", default="", help="Plan only this lesion.")
@click.option("--procedure", "procedure_name", default="", help="Plan this procedure, indicated or not.")
@quiet_option
def command(case: Path, lesion: str, procedure_name: str, quiet: bool) -> None:
    """Select, plan, simulate, verify, report and export, in one go.

    The course starts anew; a run that is interrupted leaves the case as it was.
    """
    from locoregional.report.run import run_case

    with bar("run", quiet=quiet) as progress:
        made = run_case(case, progress, lesion_id=lesion, procedure_name=procedure_name)
    for line in _answers(case):
        click.echo(line)
    for path in made:
        click.echo(str(path))


def _answers(folder: Path) -> list[str]:
    """What came out, in a line or two per lesion: the full story is the report."""
    from locoregional.report.board import lesion_answer
    from locoregional.workflow import load, standing

    case = load(folder)
    options = standing(case)
    planned = {(p.lesion_id, p.procedure): p for p in case.plans}
    judged = {(v.lesion_id, v.procedure): v for v in case.verdicts}
    lines = []
    for lesion in case.lesions:
        offered = lesion_answer(case, lesion, options)
        lines.append(f"lesion {offered.question}. {offered.answer}")
        lines += [f"  {offered.detail}"] if offered.detail else []
        waiting = dict.fromkeys(
            name for o in options if o.lesion_id == lesion.id and o.answer == "cannot say" for name in o.missing
        )
        lines += [f"  not known: {', '.join(waiting)}"] if waiting else []
        for key in [k for k in planned if k[0] == lesion.id]:
            said = [entry.words[0] for entry in (planned[key], judged.get(key)) if entry is not None and entry.words]
            lines += [f"  {key[1]}: {words}" for words in said]
    return lines
