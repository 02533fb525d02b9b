"""What a board still has to ask: missing data by what they decide, doubtful values, decisions that no longer fit."""

from __future__ import annotations

from locoregional.case import Case, Option
from locoregional.report.board_cards import title_of
from locoregional.report.document import Badge, Block, Callout, Cell, Paragraph, Section, Table
from locoregional.selection.doubts import doubts

__all__ = ["questions_section"]


def questions_section(case: Case, options: tuple[Option, ...]) -> Section:
    """Questions still open, those that decide most first."""
    deciding = {name for option in options for name in option.missing}
    asking: dict[str, list[Option]] = {}
    for option in options:
        for name in (*option.missing, *option.weighing):
            asking.setdefault(name, []).append(option)
    blocks: list[Block] = []
    rows: list[tuple[Cell, ...]] = []
    for name, waiting in sorted(asking.items(), key=lambda item: (item[0] not in deciding, -len(item[1]))):
        lesions = ", ".join(dict.fromkeys(o.lesion_id for o in waiting))
        titles = ", ".join(dict.fromkeys(title_of(o.procedure).title for o in waiting))
        decides: Cell = Badge("decides", "caution") if name in deciding else "weighs"
        rows.append((f"{name[:1].upper()}{name[1:]}?", lesions, titles, decides))
    if rows:
        heads = ("Question", "Lesions", "Procedures that ask", "")
        blocks.append(Table(heads, tuple(rows), "Not known; what decides stands between a procedure and its answer"))
    odd = doubts(case)
    if odd:
        blocks.append(Callout("caution", "Please confirm", odd))
    stale = _stale(case, options)
    if stale:
        blocks.append(Callout("caution", "Decisions that no longer fit", stale))
    if case.patient.synthetic:
        words = "These values were made up, the source does not give them: " + ", ".join(case.patient.synthetic) + "."
        blocks.append(Callout("assumed", "Synthetic values", (words,)))
    if case.notes:
        blocks.append(Callout("assumed", "Assumed, or noticed while reading the case", case.notes))
    if not blocks:
        blocks.append(Paragraph("Nothing: every rule could be read."))
    return Section("Questions still open", tuple(blocks), lead="What the case does not say, and some rule asks.")


def _stale(case: Case, options: tuple[Option, ...]) -> tuple[str, ...]:
    now_said = {(o.lesion_id, o.procedure): o.answer for o in options}
    latest = {(d.lesion_id, d.procedure): d for d in case.overrules}
    return tuple(
        f"{d.lesion_id}, {title_of(d.procedure).title}: {d.by} decided {d.answer!r} when the rules said {d.instead_of!r}; "
        f"they now say {now_said[pair]!r}. The decision is not applied until it is made again."
        for pair, d in latest.items()
        if pair in now_said and d.instead_of != now_said[pair]
    )
