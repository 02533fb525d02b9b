"""What a board still has to ask: missing data by what they decide, doubtful values, decisions that no longer fit."""

from __future__ import annotations

from collections.abc import Iterable

from locoregional.case import Case, Option
from locoregional.report.board_cards import title_of
from locoregional.report.document import Badge, Block, Callout, Cell, Paragraph, Section, Table
from locoregional.selection.assess import concerns
from locoregional.selection.consider import OPEN
from locoregional.selection.doubts import assumptions, doubts
from locoregional.selection.profile import data

__all__ = ["questions_section"]

_RANK = {"required": 0, "excluding": 0, "favourable": 1, "caution": 2, "preference": 2}
"""How much an open rule of each effect matters; an unverified rule never decides."""


def questions_section(case: Case, options: tuple[Option, ...]) -> Section:
    """Questions still open, those that decide most first."""
    blocks: list[Block] = []
    table = _asked(case, options)
    if table is not None:
        blocks.append(table)
    odd = doubts(case)
    if odd:
        blocks.append(Callout("caution", "Please confirm", odd))
    stale = _stale(case, options)
    if stale:
        blocks.append(Callout("caution", "Decisions that no longer fit", stale))
    if case.patient.synthetic:
        words = "These values were made up, the source does not give them: " + ", ".join(case.patient.synthetic) + "."
        blocks.append(Callout("assumed", "Synthetic values", (words,)))
    noticed = (*assumptions(case), *case.notes)
    if noticed:
        blocks.append(Callout("assumed", "Assumed, or noticed while reading the case", noticed))
    if not blocks:
        blocks.append(Paragraph("Nothing: every rule could be read."))
    return Section("Questions still open", tuple(blocks), lead="What the case does not say, and some rule asks.")


def _asked(case: Case, options: tuple[Option, ...]) -> Table | None:
    """Data that rules ask for and the case does not give: those that decide, those that weigh, those that warn."""
    asking: dict[str, dict[tuple[str, str], int]] = {}
    for option in options:
        if option.answer not in OPEN or not concerns(option):
            continue
        for rule in option.rules:
            for name in rule.missing:
                rank = _RANK.get(rule.effect, 2) if rule.status != "unverified" or rule.effect == "caution" else 1
                mine = asking.setdefault(name, {})
                pair = (option.lesion_id, option.procedure)
                mine[pair] = min(rank, mine.get(pair, 2))
    rows: list[tuple[Cell, ...]] = []
    for name, pairs in sorted(asking.items(), key=lambda item: (min(item[1].values()), -len(item[1]))):
        rank = min(pairs.values())
        datum = data()[name]
        question = datum.words.rstrip(":")
        place = f" ({datum.place})" if datum.place else ""
        lesions = tuple(dict.fromkeys(lesion_id for lesion_id, _ in pairs))
        decides: Cell = Badge("decides", "caution") if rank == 0 else ("weighs", "warns")[rank - 1]
        rows.append((f"{question[:1].upper() if question[1:2].islower() else question[:1]}{question[1:]}?{place}",
                     _all_or(lesions, [x.id for x in case.lesions]), _procedures(options, pairs), decides))  # fmt: skip
    if not rows:
        return None
    heads = ("Question (field of case.toml)", "Lesions", "Procedures that ask", "")
    caption = (
        "Not known. Decides: stands between a procedure and its answer. Weighs: indicated or only possible. Warns: a caution"
    )
    return Table(heads, tuple(rows), caption)


def _all_or(named: tuple[str, ...], every: list[str]) -> str:
    return "all" if len(every) > 1 and set(named) == set(every) else ", ".join(named)


def _procedures(options: tuple[Option, ...], pairs: Iterable[tuple[str, str]]) -> str:
    """Procedures in words; "all" where every one that is open for these lesions asks."""
    pairs = set(pairs)
    lesions = {lesion_id for lesion_id, _ in pairs}
    could = {(o.lesion_id, o.procedure) for o in options if o.lesion_id in lesions and o.answer in OPEN and concerns(o)}
    if len(pairs) > 3 and pairs == could:
        return "all"
    return ", ".join(dict.fromkeys(title_of(procedure).title for _, procedure in sorted(pairs)))


def _stale(case: Case, options: tuple[Option, ...]) -> tuple[str, ...]:
    now_said = {(o.lesion_id, o.procedure): o.answer for o in options}
    latest = {(d.lesion_id, d.procedure): d for d in case.overrules}
    return tuple(
        f"{d.lesion_id}, {title_of(d.procedure).title}: {d.by} decided {d.answer!r} when the rules said {d.instead_of!r}; "
        f"they now say {now_said[pair]!r}. The decision is not applied until it is made again."
        for pair, d in latest.items()
        if pair in now_said and d.instead_of != now_said[pair]
    )
