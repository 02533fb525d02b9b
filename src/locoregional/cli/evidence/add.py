"""``locoregional evidence add``: a new study, checked before it is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from locoregional.evidence.addition import Addition

__all__ = ["command"]


@click.command(
    "add",
    epilog="Example: locoregional evidence add --template > study.toml; fill it in; "
    "locoregional evidence add --from study.toml --to my-evidence/",
)
@click.option(
    "--from", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Form (TOML), or rows (CSV)."
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="LOCOREGIONAL_EVIDENCE",
    help="Your own evidence folder; default the environment variable LOCOREGIONAL_EVIDENCE. Shipped tables are never changed.",
)
@click.option("--table", help="Table that the rows of a CSV file belong to, for example outcomes.")
@click.option("--template", is_flag=True, help="Print an empty form with explanations and stop.")
@click.option("--allow-questions", is_flag=True, help="Accept what is only doubtful; the question is kept in the row's note.")
def command(source: Path | None, folder: Path | None, table: str | None, template: bool, allow_questions: bool) -> None:
    """Add a study from a form, or rows from a CSV file, to your own evidence folder.

    Everything is checked first: whether each percentage can exist for its number of patients, units, links, and whether the
    study or the outcome is known already. All reasons against it are listed at once, and then nothing is stored.
    """
    from locoregional.evidence.addition import add_form, add_rows
    from locoregional.evidence.form import empty_form

    if template:
        click.echo(empty_form(), nl=False)
        return
    if source is None or folder is None:
        raise click.UsageError("Say what to add (--from FILE) and to which folder of your own (--to FOLDER).")
    is_table = source.suffix.lower() == ".csv"
    if is_table != (table is not None):
        raise click.UsageError("--table NAME goes with a CSV file, and only with one.")
    if source.resolve().parent == folder.resolve():
        raise click.UsageError(f"{source} lies in {folder} itself: what stands there is read already.")
    text = _text(source)
    if table is not None:
        done = add_rows(folder, table, text, allow_questions=allow_questions)
    else:
        done = add_form(folder, text, allow_questions=allow_questions)
    _tell(done)


def _text(source: Path) -> str:
    from locoregional.errors import EvidenceError

    try:
        return source.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError("the file is not written in UTF-8", where=str(source), remedy="Save it as UTF-8.") from error


def _tell(done: Addition) -> None:
    for problem in done.accepted:
        click.echo(f"accepted: {problem}")
    for row in done.not_poolable:
        click.echo(f"not poolable: {row.id}: {row.text('why_not')}; it is shown, and enters no pool")
    for row in done.rows:
        if row.table != "references":
            click.echo(f"added: {row.id}  ({row.table})")
    click.echo(f"written: {done.path}")
