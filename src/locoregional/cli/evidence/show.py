"""``locoregional evidence show``: one row in full, with everything that speaks for and against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli.evidence._rows import (
    as_json,
    cited,
    folder_option,
    print_json,
    print_table,
    read_evidence,
    say,
    shown_cells,
    shown_columns,
)

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.row import Row

__all__ = ["command"]

_PAIRS = ("value", "low", "high", "n", "total", "words")


@click.command("show", epilog="Example: locoregional evidence show O044. A study, as in show Gordon2014, brings all its rows.")
@click.argument("id_", metavar="ID")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@folder_option
def command(id_: str, json_: bool, folder: Path | None) -> None:
    """Show one row in full: as printed and as the study itself says, who says so, what the audit found, what rests on it."""
    from locoregional.evidence.dependents import dependents

    base = read_evidence(folder)
    id_ = _known(base, id_)
    row = base.row(id_)
    rows = base.rows_of(id_) if row.table == "studies" else ()
    rests = dependents(base, id_)
    if json_:
        print_json(
            {
                **as_json(row),
                "citations": {k: str(base.reference(k)) for k in _keys(base, row)},
                "findings": [as_json(f) for f in base.findings_of(row)],
                "rows": [as_json(r) for r in rows],
                "depends": list(rests),
            }
        )
        return
    own = "  (from your own folder)" if id_ in base.own_ids else ""
    click.echo(f"{row.id}  {row.table.replace('_', ' ')}, evidence {base.version}{own}\n")
    _cells(row)
    if row.table == "outcomes":
        _sides(row)
    for key in _keys(base, row):
        say(f"says so: [{key}] {cited(base.reference(key))}", indent=9)
    for table in ("outcomes", "prognostic_factors"):
        found = [r for r in rows if r.table == table]
        if found:
            click.echo("")
            print_table(shown_columns(table), [shown_cells(r) for r in found])
    judged = [r for r in rows if r.table == "appraisal"]
    if judged:
        tools = ", ".join(dict.fromkeys(r.text("tool") for r in judged))
        click.echo(f"risk of bias: {len(judged)} items of {tools}, see locoregional evidence list appraisal --study {id_}")
    _findings(base, row)
    for line in rests:
        say(f"rests on it: {line}", indent=13)


def _known(base: EvidenceBase, id_: str) -> str:
    """Id as the tables write it: capitals do not matter; the name of a pool is refused with the command that shows it."""
    from locoregional.errors import EvidenceError
    from locoregional.evidence.pool_spec import pool_specs

    alike = [row.id for row in base if row.id.lower() == id_.lower()]
    if id_ not in base and id_ in pool_specs():
        remedy = f"Say: locoregional evidence pool --pool {id_}"
        raise EvidenceError(f"{id_!r} is a pool, not a row", where="show", remedy=remedy)
    return alike[0] if id_ not in base and len(alike) == 1 else id_


def _keys(base: EvidenceBase, row: Row) -> list[str]:
    """Keys of the references that say what the row says: its own sources, then its study's."""
    own = [k for c in ("source_of_primary", "source", "bib") for k in row.many(c)]
    study = base.study(row.text("study")).many("bib") if row.text("study") in base else ()
    return [k for k in dict.fromkeys([*own, *study]) if base.knows_reference(k)]


def _cells(row: Row) -> None:
    from locoregional.evidence.schema import schema

    sides = row.table == "outcomes"
    for name, column in schema()[row.table].columns.items():
        text = row.text(name)
        paired = sides and (name.startswith("primary_") or name in _PAIRS or name in ("printed", "verdict", "source_of_primary"))
        if text and name != "id" and not paired:
            unit = column.unit if row.number(name) is not None else ""
            label = name.replace("_", " ").removesuffix(f" {unit}" if unit else "")
            say(f"{label + ':':<24}{text.replace('|', ', ')} {unit}".rstrip(), indent=24)


def _sides(row: Row) -> None:
    """Printed and primary side by side, then the one that is used."""
    from locoregional.evidence.used import in_words, used_value

    used = used_value(row)
    pairs = [(name, row.text("printed" if name == "words" else name), row.text(f"primary_{name}")) for name in _PAIRS]
    click.echo("")
    entered = "as printed by the review" if row.text("in_review") == "yes" else "as entered"
    print_table(("", entered, "the study itself"), [p for p in pairs if p[1] or p[2]])
    verdict = row.text("verdict")
    words = used.words if used.words.startswith(verdict) else f"{verdict}. {used.words[:1].upper()}{used.words[1:]}"
    click.echo("")
    say(f"verdict: {words}", indent=9)
    click.echo(f"used: {in_words(used)} ({used.which}); {'may decide' if used.may_decide else 'does not decide'}\n")


def _findings(base: EvidenceBase, row: Row) -> None:
    from locoregional.evidence.audit import recomputed

    rows = (row, *(base.rows_of(row.id) if row.table == "studies" else ()))
    for f in dict.fromkeys(f for r in rows for f in base.findings_of(r)):
        correction = f"; should be: {f.text('correction')}" if f.text("correction") else ""
        say(f"audit {f.id} ({f.text('severity')}, {f.text('kind')}): {f.text('problem')}{correction}", indent=3)
    for found in recomputed(base):
        if {r.id for r in rows} & set(found.calculated.rows) and not found.listed:
            say(f"audit, {found.words}: {found.calculated.words}", indent=3)
