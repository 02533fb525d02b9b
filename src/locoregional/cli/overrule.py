"""``locoregional overrule``: a person decides against the rules, with a name and a reason."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._verb import case_folder

__all__ = ["command"]

_EPILOG = (
    "Example: locoregional overrule patient-1/ --lesion L1 --procedure mwa --answer indicated "
    '--by "Tumour board" --reason "Resection was declined"'
)


@click.command("overrule", epilog=_EPILOG)
@case_folder
@click.option("--lesion", "lesion_id", required=True, help="Lesion.")
@click.option(
    "--procedure", "procedure_name", required=True, help="Short name of the procedure, as `locoregional select` shows it."
)
@click.option(
    "--answer",
    required=True,
    type=click.Choice(["indicated", "possible", "cannot say", "not indicated", "contraindicated"]),
    help="The decision.",
)
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True, help="Why.")
def command(case: Path, lesion_id: str, procedure_name: str, answer: str, by: str, reason: str) -> None:
    """Overrule one answer; the answer of the rules stays beside it in the chart.

    The decision holds as long as the rules say what they say now. When they change their answer, it is shown as a question.
    Giving the rules' own answer withdraws it.
    """
    from typing import cast

    from locoregional.case.option import Answer, Overrule
    from locoregional.workflow import load, overrule, save, select

    loaded = load(case)
    loaded = loaded if loaded.options else select(loaded)
    decided = overrule(
        loaded, lesion_id=lesion_id, procedure_name=procedure_name, answer=cast(Answer, answer), by=by, reason=reason
    )
    save(decided, case)
    entry = cast(Overrule, decided.course[-1])
    said = f"{entry.answer} instead of {entry.instead_of}"
    if entry.answer == entry.instead_of:
        said = f"decision withdrawn, the answer of the rules stands again ({entry.answer})"
    click.echo(f"lesion {lesion_id}, {procedure_name}: {said}, by {by}: {reason}")
    click.echo(f"The sheet shows it after: locoregional board {case}")
