"""``locoregional rules``: every rule of selection, side by side; and what a change of them changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locoregional.selection.rule_file import RuleSet

__all__ = ["command"]

ORGANS = ("liver", "lung", "adrenal", "bone", "soft_tissue")
LEGEND = "R required, F favourable, X excluding, C caution, P preference; * borrowed, (in brackets) unverified: does not decide"
_EPILOG = (
    "Example: locoregional rules --organ liver. A change of guideline: locoregional rules --export mine.toml, edit it, then "
    "locoregional rules --diff shipped mine.toml patients/"
)


@click.command("rules", epilog=_EPILOG)
@click.argument("cases", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--organ", type=click.Choice(ORGANS), help="Only the rules of this organ.")
@click.option("--procedure", "procedures", multiple=True, help="Only this procedure; may be given several times.")
@click.option("--export", type=click.Path(dir_okay=False, path_type=Path), help="Write all rules to one TOML file, to be edited.")
@click.option(
    "--diff",
    nargs=2,
    default=None,
    metavar="A B",
    help="Compare two sets (`shipped` or a file of --export), and the answers for CASES.",
)
@quiet_option
def command(
    cases: tuple[Path, ...],
    organ: str | None,
    procedures: tuple[str, ...],
    export: Path | None,
    diff: tuple[str, str] | None,
    quiet: bool,
) -> None:
    """Print the rules of every procedure side by side, organ by organ, each with its source.

    CASES are case folders, or folders that hold case folders; they are read, never written.
    """
    if export is not None and (diff is not None or cases):
        raise click.UsageError("--export only writes a file: use --diff A B and CASES in a second call.")
    if export is not None:
        _export(export)
    elif diff is not None:
        _compare(diff, cases, quiet=quiet)
    elif cases:
        raise click.UsageError("cases are only read with --diff A B.")
    else:
        _print(_chosen(procedures), (organ,) if organ else ORGANS)


def _chosen(procedures: tuple[str, ...]) -> dict[str, RuleSet]:
    from locoregional.errors import PlanningError
    from locoregional.procedures.considered import shipped_rules

    known = shipped_rules()
    wrong = [name for name in procedures if name not in known]
    if wrong:
        raise PlanningError(f"no procedure called {wrong[0]!r}", remedy=f"Known: {', '.join(known)}.")
    return {name: rules for name, rules in known.items() if not procedures or name in procedures}


def _print(sets: Mapping[str, RuleSet], organs: tuple[str, ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    from locoregional.selection.rule_table import rule_rows

    console = Console()
    if not console.is_terminal:
        console = Console(width=220)
    for organ in organs:
        mine = {name: rules for name, rules in sets.items() if organ in rules.organs}
        rows = rule_rows(mine, organ)
        if not rows:
            continue
        table = Table(title=f"Rules: {organ.replace('_', ' ')}", title_justify="left", caption=LEGEND, caption_justify="left")
        table.add_column("Rule", ratio=3, overflow="fold")
        for name in mine:
            table.add_column(name.replace("_", " "), justify="center", overflow="fold")
        table.add_column("Source", ratio=2, overflow="fold")
        table.add_column("For / against", ratio=1, overflow="fold")
        for row in rows:
            marks = [row.marks.get(name, "") for name in mine]
            rests = " ".join(row.evidence) + (f" / {' '.join(row.contrary)}" if row.contrary else "")
            table.add_row(row.words, *marks, f"{row.source}: {row.where}", rests)
        console.print(table)


def _export(path: Path) -> None:
    from locoregional.errors import CaseError
    from locoregional.imaging.atomic import atomic_path
    from locoregional.procedures.considered import shipped_rules
    from locoregional.selection.rule_export import rules_text
    from locoregional.version import __version__

    if path.exists():
        raise CaseError(
            "the file exists", where=str(path), remedy="Choose a new name; an edited set of rules is never overwritten."
        )
    with atomic_path(path) as part:
        part.write_text(rules_text(shipped_rules(), version=__version__), encoding="utf-8")
    click.echo(f"written: {path}")


def _set(name: str) -> dict[str, RuleSet]:
    from locoregional.procedures.considered import refuse_unknown, shipped_rules
    from locoregional.selection.rule_export import read_exported

    if name == "shipped":
        return shipped_rules()
    rules = read_exported(Path(name))
    refuse_unknown(rules, where=name)
    return rules


def _compare(names: tuple[str, str], cases: tuple[Path, ...], *, quiet: bool) -> None:
    from locoregional.procedures.considered import considered
    from locoregional.selection.rule_diff import answers_changed, rules_changed
    from locoregional.workflow import load

    before, after = _set(names[0]), _set(names[1])
    changed = rules_changed(before, after)
    click.echo(f"{len(changed)} rule(s) differ between {names[0]} and {names[1]}")
    for item in changed:
        click.echo(
            f"  {item.procedure}: {item.subject}\n    - {item.before or 'no such rule'}\n    + {item.after or 'no such rule'}"
        )
    folders = _case_folders(cases)
    moved = open_ = 0
    with bar("rules", quiet=quiet or not folders) as progress:
        for i, folder in enumerate(folders):
            progress(i / len(folders), f"reading {folder.name}")
            case = load(folder)
            old = tuple(considered(case, rules=before))
            open_ += sum(o.answer == "cannot say" for o in old)
            for item in answers_changed(old, considered(case, rules=after)):
                moved += 1
                click.echo(f"{folder}: {item.subject}, {item.procedure}\n    - {item.before}\n    + {item.after}")
    if cases:
        click.echo(f"{moved} answer(s) change in {len(folders)} case(s); {open_} wait for data and may hide a change")


def _case_folders(places: tuple[Path, ...]) -> list[Path]:
    """Case folders at or below the places named."""
    from locoregional.errors import CaseError

    found: list[Path] = []
    for place in places:
        mine = sorted({p.parent for name in ("case.toml", "chart.json") for p in place.rglob(name)})
        if not mine:
            raise CaseError("no case in this folder", where=str(place), remedy="Name a case folder, or a folder of case folders.")
        found += mine
    return list(dict.fromkeys(found))
