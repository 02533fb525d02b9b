"""The sheet a tumour board would project: lesions by procedures, each cell opening to its reasons, then what is still open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from locoregional.case import Case, Lesion, Option, now
from locoregional.errors import CaseError
from locoregional.procedures.combination import combinations
from locoregional.progress import Progress, silent
from locoregional.report.board_cards import card, card_anchor, expected_sections, title_of
from locoregional.report.board_patient import patient_section
from locoregional.report.board_questions import questions_section
from locoregional.report.citations import Citations
from locoregional.report.document import Answer, Block, Callout, Matrix, Options, Paragraph, Report, Section, Sources, Table
from locoregional.report.option_blocks import MatrixCell, MatrixGroup
from locoregional.report.who import patient_title, who
from locoregional.selection.assess import concerns
from locoregional.version import __version__
from locoregional.workflow import decision, standing, standing_answer

__all__ = ["board_of", "lesion_answer", "lesion_words", "write_board"]

FAMILIES = {
    "ablation": "Thermal ablation",
    "arterial": "Through the artery",
    "bone": "Bone: cement and fixation",
    "combination": "Combinations",
}
VERDICTS = {"indicated": "good", "possible": "caution", "cannot say": "caution"}
_LEAD = {False: "Open a cell for its reasons.", True: "The reasons follow, lesion by lesion."}
LEGEND = (
    "Indicated: every deciding rule is met. Possible: a favourable rule is not met or not known, or an unverified rule speaks "
    "against it. Cannot say: a datum is missing that decides; the words below tell the best that it can come to. Not indicated: "
    "a required rule is not met. Contraindicated: a rule excludes it. Curative: the disease is oligometastatic and every site is "
    "treatable; else palliative. Ids such as O148 are rows of the evidence: locoregional evidence show O148."
)
NOT_COMPARED = (
    "The answers stand side by side; they are not ranked. Published series are single-arm and chose their patients differently, "
    "so a longer survival after one procedure does not show that it is the better one for this patient."
)


def board_of(case: Case, *, date: datetime | None = None, paper: bool = False) -> Report:
    """Board sheet of a case that has been selected for.

    Parameters
    ----------
    case : Case
        With options in its course.
    date : datetime, optional
        Date of the sheet; now, when not given.
    paper : bool
        Say what to expect once per procedure, and what is not offered in one table: the page opens, paper does not.

    Returns
    -------
    Report
        For `render_html` and `render_pdf`.

    Raises
    ------
    CaseError
        If the case has no lesions.
    """
    if not case.lesions:
        raise CaseError(
            "the case has no lesions", where=f"patient {case.patient.id}", remedy="Add a [[lesions]] entry to case.toml."
        )
    citations = Citations()
    options = standing(case)
    lesions = [_lesion_section(case, lesion, options, citations, paper=paper) for lesion in case.lesions]
    lesions += expected_sections(case, options, citations) if paper else []
    sections = (
        Section(
            "Lesions by procedures",
            (_matrix(case, options, paper=paper), *_below_matrix(case, options)),
            lead=_LEAD[paper],
        ),
        questions_section(case, options),
        patient_section(case, citations),
        *lesions,
        Section("Sources", (Sources(),)),
    )
    return Report(
        title=f"{patient_title(case.patient.id)}: tumour board",
        patient=who(case),
        date=date or now(),
        version=__version__,
        sections=sections,
        headline=_headline(case, options),
        answers=tuple(lesion_answer(case, lesion, options) for lesion in case.lesions),
        sources=citations.sources,
        intervals="Each interval states its level.",
    )


def write_board(case: Case, folder: Path, progress: Progress = silent) -> tuple[Path, Path]:
    """Write ``board.html`` and ``board.pdf`` of a case into a folder.

    Parameters
    ----------
    case : Case
        With options in its course.
    folder : Path
        Where; existing sheets are replaced.
    progress : Progress
        Told how far it is.

    Returns
    -------
    tuple of Path
        The page and the PDF.
    """
    from locoregional.report.html import write_html
    from locoregional.report.pdf import write_pdf

    progress(0.5, "writing the page")
    page = write_html(board_of(case), folder / "board.html")
    progress(0.7, "writing the PDF")
    return page, write_pdf(board_of(case, paper=True), folder / "board.pdf")


def lesion_words(lesion: Lesion) -> str:
    """Place and size of a lesion in a few words."""
    place = f"{lesion.organ.value.replace('_', ' ')} {lesion.site}".strip()
    return f"{place}, {lesion.diameter_mm:.3g} mm"


def _matrix(case: Case, options: tuple[Option, ...], *, paper: bool) -> Matrix:
    by_pair = {(o.lesion_id, o.procedure): o for o in options}
    rows: dict[str, list[tuple[str, tuple[MatrixCell, ...]]]] = {name: [] for name in FAMILIES}
    for name in dict.fromkeys(o.procedure for o in options):
        cells = tuple(_cell(case, by_pair.get((lesion.id, name)), linked=not paper) for lesion in case.lesions)
        if any(c.answer != "not for this organ" for c in cells):
            rows[title_of(name).family].append((title_of(name).title, cells))
    return Matrix(
        tuple((lesion.id, lesion_words(lesion)) for lesion in case.lesions),
        tuple(MatrixGroup(FAMILIES[family], tuple(kept)) for family, kept in rows.items() if kept),
        "Answers of the rules whose sources were read; a dot: not for this organ",
    )


def _cell(case: Case, option: Option | None, *, linked: bool) -> MatrixCell:
    if option is None or not concerns(option):
        return MatrixCell("not for this organ")
    answer, decided = standing_answer(case, option)
    notes = []
    if decided is not None:
        notes.append(f"overruled by {decided.by}; rules: {decided.instead_of}")
    elif option.answer == "cannot say":
        weigh = f", {len(option.weighing)} weigh" if option.weighing else ""
        notes += [f"at best {option.otherwise}", f"{len(option.missing)} missing data decide{weigh}"]
    if decided is None and _step_overruled(case, option):
        notes.append("a step was overruled" + (f"; rules: {option.answer}" if answer != option.answer else ""))
    if option.intent in ("curative", "palliative") and answer in VERDICTS:
        notes.append(option.intent)
    if answer in VERDICTS:
        heed = sum(r.effect == "caution" and r.met is True for r in option.rules)
        prefer = sum(r.effect == "preference" and r.met is True and r.status != "unverified" for r in option.rules)
        notes += [f"{heed} caution{'s' if heed > 1 else ''}"] if heed else []
        notes += ["a rule prefers it"] if prefer and answer == "indicated" else []
    return MatrixCell(answer, " · ".join(notes), card_anchor(option) if linked or answer in VERDICTS else "")


def _step_overruled(case: Case, option: Option) -> bool:
    """Whether a person overruled a step of this combination."""
    combination = combinations().get(option.procedure)
    steps = {name for step in combination.steps for name in step} if combination is not None else set()
    return any(d.lesion_id == option.lesion_id and d.procedure in steps for d in case.overrules)


def _below_matrix(case: Case, options: tuple[Option, ...]) -> list[Block]:
    blocks: list[Block] = [Paragraph(NOT_COMPARED), Paragraph(LEGEND)]
    decided = [(o, d) for o in options if (d := decision(case, o)) is not None]
    if decided:
        words = tuple(
            f"{o.lesion_id}, {title_of(o.procedure).title}: {d.answer} instead of {d.instead_of}. {d.reason} "
            f"({d.by}, {d.date:%Y-%m-%d})"
            for o, d in decided
        )
        blocks.append(Callout("caution", "Overruled by a person", words))
    return blocks


def _lesion_section(case: Case, lesion: Lesion, options: tuple[Option, ...], citations: Citations, *, paper: bool) -> Section:
    mine = [o for o in options if o.lesion_id == lesion.id and concerns(o)]
    told = [o for o in mine if standing_answer(case, o)[0] in VERDICTS or decision(case, o)] if paper else mine
    cards = tuple(card(case, option, citations, anchor=card_anchor(option), expected=not paper) for option in told)
    blocks: list[Block] = [Options(cards)] if cards else []
    left = [o for o in mine if o not in told]
    if left:
        rows = tuple((title_of(o.procedure).title, o.words) for o in left)
        blocks.append(Table(("Procedure", "Why not"), rows, "Not offered"))
    return Section(
        f"Lesion {lesion.id}: {lesion_words(lesion)}",
        tuple(blocks),
        lead="Per procedure: the rules unmet and open, cautions, what speaks for and against it, what to prepare.",
    )


def _offered(case: Case, lesion: Lesion, options: tuple[Option, ...], answer: str) -> list[str]:
    single = [o for o in options if o.lesion_id == lesion.id and o.procedure not in combinations()]
    return [title_of(o.procedure).title for o in single if standing_answer(case, o)[0] == answer]


def lesion_answer(case: Case, lesion: Lesion, options: tuple[Option, ...]) -> Answer:
    """What can be offered for a lesion, in one line; the best answer first."""
    told = {answer: _offered(case, lesion, options, answer) for answer in ("indicated", "possible", "cannot say")}
    first = next((answer for answer, names in told.items() if names), None)
    question = f"{lesion.id}: {lesion_words(lesion)}"
    if not any(o.lesion_id == lesion.id for o in options):
        return Answer(question, "Not selected for yet", "neutral", "Run `locoregional select`.")
    if first is None:
        why = "Each procedure for this organ is not indicated, contraindicated, or was overruled; the reasons stand below."
        return Answer(question, "No procedure is indicated or possible", "blocked", why)
    rest = "; ".join(f"{answer}: {', '.join(names)}" for answer, names in told.items() if names and answer != first)
    text = f"{first.capitalize()}: {', '.join(told[first])}"
    return Answer(question, text, VERDICTS[first], f"{rest[:1].upper()}{rest[1:]}." if rest else "")


def _headline(case: Case, options: tuple[Option, ...]) -> str:
    intents = {
        o.intent for o in options if o.intent and standing_answer(case, o)[0] in VERDICTS and o.procedure not in combinations()
    }
    count = len(case.lesions)
    what = f"{count} lesion{'s' if count != 1 else ''} considered"
    if not intents:
        return f"{what}; no procedure is offered, so no intent is stated."
    if "curative" in intents:
        return f"{what}; a curative intent is open, since the disease is oligometastatic and every site can be treated."
    why = next((o.intent_words for o in options if o.intent == "cannot say"), "")
    if why:
        return f"{what}; whether a curative intent is open cannot be said. {why}"
    why = next((o.intent_words for o in options if o.intent == "palliative" and "does not aim" not in o.intent_words), "")
    return f"{what}; palliative intent. {why}".strip()
