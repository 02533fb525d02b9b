"""``locoregional select``: which procedures are indicated, and by which rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli._verb import case_folder, quiet_option, run_verb

if TYPE_CHECKING:
    from locoregional.case import Case, Option

__all__ = ["command"]

MARKS = {True: "+", False: "-", None: "?"}


@click.command("select", epilog="Example: locoregional select patient-1/ --lesion L1 --procedure mwa")
@case_folder
@click.option("--lesion", default="", help="Show only this lesion.")
@click.option("--procedure", "procedure_name", default="", help="Show only this procedure.")
@click.option("--rules", "all_rules", is_flag=True, help="Show every rule, not only those that decide.")
@quiet_option
def command(case: Path, lesion: str, procedure_name: str, all_rules: bool, quiet: bool) -> None:
    """Say for each lesion and procedure: indicated, possible, not indicated, contraindicated or cannot say.

    With --procedure or --rules every rule is shown: + met, - unmet, ? the case does not say.
    """
    from typing import cast

    from locoregional.procedures.considered import refuse_unknown
    from locoregional.selection.assess import concerns
    from locoregional.workflow import select, standing

    if procedure_name:
        refuse_unknown((procedure_name,), where="--procedure")
    done = cast("Case", run_verb("select", case, select, quiet=quiet))
    if lesion:
        done.lesion(lesion)
    for option in standing(done):
        if (lesion and option.lesion_id != lesion) or (procedure_name and option.procedure != procedure_name):
            continue
        if not concerns(option) and not procedure_name:
            continue
        _show(done, option, rules=all_rules or bool(procedure_name))


def _show(case: Case, option: Option, *, rules: bool) -> None:
    from locoregional.workflow import standing_answer

    click.echo(f"{option.lesion_id}  {option.procedure}: {option.words}")
    answer, decided = standing_answer(case, option)
    if decided is not None:
        click.echo(f"   ! overruled: {answer}, by {decided.by}: {decided.reason}")
    elif answer != option.answer:
        click.echo(f"   ! a step was overruled: {answer}")
    if option.missing:
        click.echo(f"   ? waits for: {', '.join(option.missing)}")
    if not rules:
        return
    if option.intent:
        click.echo(f"   intent: {option.intent}. {option.intent_words}")
    for rule in option.rules:
        decides = "" if rule.status != "unverified" else "  (unverified: does not decide)"
        click.echo(f"   {MARKS[rule.met]} [{rule.effect}] {rule.words}: {rule.seen}  [{rule.source}, {rule.where}]{decides}")
    for item in option.advice:
        why = f" ({item.applies})" if item.applies else ""
        click.echo(f"   * {item.kind}: {item.words}{why}  [{item.source}]")
