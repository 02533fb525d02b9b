"""``locoregional evidence audit``: where the review and its sources disagree."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli.evidence._rows import as_json, folder_option, print_json, read_evidence, say

if TYPE_CHECKING:
    from locoregional.evidence.audit import Recomputed
    from locoregional.evidence.base import EvidenceBase

__all__ = ["command"]


@click.command(
    "audit",
    epilog="Example: locoregional evidence audit --severity grave, or --ref 24 for one reference of the review",
)
@click.option("--severity", type=click.Choice(["grave", "moderate", "minor"]), help="Only findings of this severity.")
@click.option("--ref", default="", help="Only findings on this number of the review's reference list.")
@click.option("--new", is_flag=True, help="Only findings that were not known when the audit began.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@folder_option
def command(severity: str | None, ref: str, new: bool, json_: bool, folder: Path | None) -> None:
    """Print where the review and its sources disagree: as printed, what it should be, and how that is known.

    What arithmetic can find is recomputed from the tables each time: percentages that no count gives, categories that do not add
    up, survival that contradicts itself, odd units, printed numbers against the study's own.
    """
    from locoregional.evidence.audit import findings, recomputed

    base = read_evidence(folder)
    _checked_reference(base, ref)
    found = findings(base, severity=severity or "", ref=ref, new=new)
    ids = {r.id for r in found}
    again = [r for r in recomputed(base) if _wanted(base, r, ids, severity, ref, new)]
    if json_:
        calculations = [{**asdict(r.calculated), "listed": list(r.listed)} for r in again]
        print_json({"version": base.version, "findings": [as_json(r) for r in found], "calculations": calculations})
        return
    for row in found:
        number = row.text("ref")
        where = "" if number in ("", "-") else f"{number}, " if number.startswith("Fig") else f"reference {number}, "
        mark = ", new" if row.text("found") == "new" else ""
        say(f'{row.id}  {row.text("severity")}: {row.text("kind")}{mark}  ({where}"{row.text("locator")}")', indent=5)
        say(f"   problem:    {row.text('problem')}", indent=15)
        if row.text("correction"):
            say(f"   should be:  {row.text('correction')}", indent=15)
        rows = f"; rows {', '.join(row.many('rows'))}" if row.text("rows") else ""
        say(f"   known from: {row.text('basis')}{rows}", indent=15)
    if again:
        click.echo("\nRecomputed from the tables:")
    for result in again:
        say(f"   {', '.join(result.calculated.rows)}: {result.calculated.words}  [{result.words}]", indent=6)
    click.echo(f"\n{_counts(base, found, again)}")


def _checked_reference(base: EvidenceBase, ref: str) -> None:
    """Refuse a number that the review's reference list does not have."""
    from locoregional.errors import EvidenceError

    numbers = [int(s.text("ref_no")) for s in base.table("studies") if s.text("ref_no").isdigit()]
    known = {f.text("ref") for f in base.table("audit")}
    if ref and ref not in known and not (ref.isdigit() and int(ref) in numbers):
        raise EvidenceError(
            f"the review has no reference {ref!r}", where="--ref", remedy=f"Give a number from 1 to {max(numbers, default=50)}."
        )


def _wanted(base: EvidenceBase, result: Recomputed, ids: set[str], severity: str | None, ref: str, new: bool) -> bool:
    """Whether a calculation belongs to what was asked: by the findings that say the same, or by the reference of its rows."""
    if severity is not None or new:
        return bool(set(result.listed) & ids) if result.listed or severity is not None else not ref or _on(base, result, ref)
    return not ref or _on(base, result, ref)


def _on(base: EvidenceBase, result: Recomputed, ref: str) -> bool:
    rows = [base.row(r) for r in result.calculated.rows]
    return any(base.study(r.id).text("ref_no") == ref for r in rows if r.text("study") in base)


def _counts(base: EvidenceBase, found: tuple, again: list[Recomputed]) -> str:
    of = [r.text("severity") for r in found]
    parts = ", ".join(f"{of.count(s)} {s}" for s in ("grave", "moderate", "minor"))
    new = sum(r.text("found") == "new" for r in found)
    alone = sum(not r.listed for r in again)
    verdicts = [r.text("verdict") for r in base.filter("outcomes", in_review="yes")]
    pairs = (("agrees", "agree with the study itself"), ("differs", "differ"), ("unverified", "are unverified"))
    words = ", ".join(f"{verdicts.count(v)} {w}" for v, w in pairs)
    return (
        f"{len(found)} findings: {parts}; {new} of them new. "
        f"{len(again)} contradictions recomputed, {alone} found by calculation alone.\n"
        f"Of {len(verdicts)} outcomes that the review prints, {words}."
    )
