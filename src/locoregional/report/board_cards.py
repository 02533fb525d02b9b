"""One procedure for one lesion on the board: rules, expectation, prognosis, evidence against, preparation."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Advice, Case, Expected, Option, Prognostic
from locoregional.procedures import found
from locoregional.procedures.base import Procedure
from locoregional.procedures.combination import Combination, combinations
from locoregional.report.citations import VERDICT_OF_ANSWER, Citations
from locoregional.report.document import Block, Callout, Cell, Fold, Number, OptionCard, Paragraph, Rules, Said, Section, Table
from locoregional.workflow import standing_answer

__all__ = ["Unknown", "card", "card_anchor", "expected_sections", "title_of"]

QUIET = ("met", "absent", "no")
"""States of rules that raise no question."""
SHOWN = 3
"""Results of one kind that a card shows at once."""
STANCES = {"for": "For", "against": "Against", "neutral": "No influence found", "unknown": "Not known here"}
ADVICE = {"against": "Evidence against", "for": "Evidence for", "preparation": "To prepare", "access": "Way in"}
DIRECT = {"breast": "breast", "mixed": "mixed tumours", "borrowed": "borrowed", "general": "any tumour", "": ""}


@dataclass(frozen=True)
class Unknown:
    """A procedure that a chart names and this installation does not have."""

    title: str
    family: str = "combination"  # the last on the board


def title_of(name: str) -> Procedure | Combination | Unknown:
    """Procedure or combination of a short name; the name itself where a chart of another installation brought it."""
    return combinations().get(name) or found().get(name) or Unknown(name)


def card_anchor(option: Option) -> str:
    """Place of an option's card in the page; spelled in hexadecimal, so that "L 1" and "L-1" differ."""
    return f"option-{option.lesion_id.encode().hex()}-{option.procedure.encode().hex()}"


def card(case: Case, option: Option, citations: Citations, *, anchor: str = "", expected: bool = True) -> OptionCard:
    """Card of an option with everything a board asks; what to expect can be left to `expected_sections`."""
    answer, decided = standing_answer(case, option)
    plain = citations.option(option, title=title_of(option.procedure).title)
    notable = tuple(line for line in plain.rules if line.state not in QUIET)
    quiet = tuple(line for line in plain.rules if line.state in QUIET)
    many = len(quiet) != 1
    blocks: list[Block] = []
    if quiet:
        blocks.append(Rules(f"{len(quiet)} rule{'s' if many else ''} that raise{'' if many else 's'} no question", quiet))
    if decided is not None:
        words = f"{decided.by}, {decided.date:%Y-%m-%d}: {decided.answer} instead of {decided.instead_of}. {decided.reason}"
        blocks.append(Callout("caution", "Overruled by a person", (words,)))
    elif answer != option.answer:
        words = f"The rules: {option.answer}. A person overruled one of its steps, and it is offered no better than they are."
        blocks.append(Callout("caution", "A step was overruled", (words,)))
    if option.intent:
        blocks.append(Paragraph(f"Intent: {option.intent}. {option.intent_words}"))
    if expected and option.intent:
        blocks += _expected(option.expected, citations)
    blocks += [_prognosis(option.prognosis, citations)] if option.prognosis else []
    for kind, heading in ADVICE.items():
        table = _advice(tuple(a for a in option.advice if a.kind == kind), heading, citations)
        if table is not None:
            blocks.append(table)
    return OptionCard(plain.name, answer, VERDICT_OF_ANSWER.get(answer, "blocked"), notable, plain.summary, tuple(blocks), anchor)


def _rows_words(rows: tuple[str, ...]) -> str:
    return f" [{', '.join(rows)}]" if rows else ""


def expected_sections(case: Case, options: tuple[Option, ...], citations: Citations) -> list[Section]:
    """What to expect, once for each organ and procedure that stays on the table."""
    blocks: dict[tuple[str, tuple[Expected, ...]], list[Block]] = {}
    for option in options:
        organ = case.lesion(option.lesion_id).organ.value.replace("_", " ")
        if option.expected:
            title = f"{title_of(option.procedure).title}, {organ}"
            blocks.setdefault((title, option.expected), _expected(option.expected, citations, title=title, paper=True))
    lead = "Per procedure and organ, with intervals and how much stands behind them; never to compare procedures with."
    return [Section("What to expect", tuple(b for made in blocks.values() for b in made), lead=lead)] if blocks else []


def _expected(
    items: tuple[Expected, ...], citations: Citations, *, title: str = "What to expect", paper: bool = False
) -> list[Block]:
    """What to expect: the nearest results of each kind; the rest to be opened, or named on paper."""
    if not items:
        return [Paragraph("What to expect: the evidence base holds no result for this procedure in this organ.")]
    kept: dict[str, list[Expected]] = {}
    for e in items:
        kept.setdefault(e.group, []).append(e)
    first = tuple(e for group in kept.values() for e in group[:SHOWN])
    rest = tuple(e for group in kept.values() for e in group[SHOWN:])
    blocks: list[Block] = [_expected_table(first, citations, title)]
    if rest and paper:
        rows = ", ".join(row for e in rest for row in e.rows)
        blocks.append(Paragraph(f"Further results, to be opened on the page: {rows}."))
    elif rest:
        blocks.append(
            Fold(
                f"{len(rest)} further result{'s' if len(rest) > 1 else ''}",
                (_expected_table(rest, citations, "Further results"),),
            )
        )
    return blocks


def _expected_table(items: tuple[Expected, ...], citations: Citations, title: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for e in items:
        source = next((key for key in e.sources if citations.cite(key)), "")
        band = (e.low, e.high, e.level) if e.level > 0 else (None, None, 0.95)
        value: float | str = "in words" if e.unit == "text" else "cannot be given"
        if e.value is not None:
            value = e.value
        elif e.low is not None and e.high is not None and e.level == 0:
            value = f"{e.low:g} to {e.high:g} {e.unit}"  # a range of studies, no interval
        places = None if isinstance(value, str) else 0 if value.is_integer() else 1
        number = Number(e.words, value, e.unit, *band, source=source, where=", ".join(e.rows), status=e.status, decimals=places)
        for key in e.sources:
            citations.cite(key)
        basis = "; ".join(x for x in (e.basis, DIRECT.get(e.directness, e.directness)) if x)
        rows.append((f"{e.group[:1].upper()}{e.group[1:]}: {e.words}", number, basis, f"{e.reason}{_rows_words(e.rows)}".strip()))
    return Table(("Result", "Reported", "Counted on", "Caveat"), tuple(rows), title, (1,))


def _prognosis(items: tuple[Prognostic, ...], citations: Citations) -> Block:
    order = {stance: i for i, stance in enumerate(STANCES)}
    rows: list[tuple[Cell, ...]] = []
    for p in sorted(items, key=lambda item: (order[item.stance], item.status == "unverified")):
        key = citations.cite(p.source)
        borrowed = p.status == "verified" and p.directness == "borrowed"
        factor = Said(f"{p.words}; {p.outcome}", key, p.row, "borrowed" if borrowed else p.status)
        rows.append((STANCES[p.stance], factor, p.seen, f"{DIRECT.get(p.directness, p.directness)} [{p.row}]"))
    return Table(("", "Prognostic factor", "This patient", "Evidence"), tuple(rows), "Prognostic factors", compact=True)


def _advice(items: tuple[Advice, ...], heading: str, citations: Citations) -> Block | None:
    rows: list[tuple[Cell, ...]] = []
    for a in items:
        words = Said(a.words, citations.cite(a.source), a.where, a.status)
        rows.append((words, a.applies or "always", f"{DIRECT.get(a.directness, a.directness)}{_rows_words(a.evidence)}"))
    return Table(("What", "Because", "Evidence"), tuple(rows), heading, compact=True) if rows else None
