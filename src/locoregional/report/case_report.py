"""A whole case as one report: the chart, told in the order in which a tumour board asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from locoregional.case import Case, Lesion, Option, now
from locoregional.procedures import found
from locoregional.progress import Progress, silent
from locoregional.report.ablation_answers import answers_of, headline_of
from locoregional.report.applicators import place_words
from locoregional.report.board import lesion_answer
from locoregional.report.board_cards import card, card_anchor
from locoregional.report.citations import Citations
from locoregional.report.document import (
    Answer,
    Badge,
    Block,
    Callout,
    Cell,
    Figure,
    Number,
    Options,
    Report,
    Section,
    Sources,
    Table,
)
from locoregional.report.doubts import unseen
from locoregional.report.lesion_pages import LesionPages
from locoregional.report.pages import Pages
from locoregional.report.plan_pages import PlanPages
from locoregional.report.tables import structures_table
from locoregional.report.who import patient_title, who
from locoregional.selection.assess import concerns
from locoregional.version import __version__
from locoregional.workflow import standing

__all__ = ["report_of", "write_report"]


def report_of(case: Case, progress: Progress = silent, *, date: datetime | None = None) -> Report:
    """Report of a case, from its chart.

    Parameters
    ----------
    case : Case
        With a course, as far as it goes.
    progress : Progress
        Told how far it is.
    date : datetime, optional
        Date of the report; now, when not given.

    Returns
    -------
    Report
        For `render_html` and `render_pdf`.
    """
    citations = Citations()
    options = standing(case)
    progress(0.05, "drawing the lesions")
    pages = [_pages(case, option, citations) for option in options if option.procedure in found()]
    told = [p for p in pages if p.plan is not None]
    sections = [_patient(case), *_options(case, options, told, citations)]
    for i, page in enumerate(told):
        progress(0.1 + 0.7 * i / len(told), f"drawing lesion {page.lesion.id}")
        sections += page.sections()
    sections.append(_open_points(case, told))
    sections.append(Section("Sources", (Sources(),)))
    cover = next((c for c in (p.cover() for p in told) if c is not None), None)
    progress(1.0, "report composed")
    return Report(
        title=patient_title(case.patient.id),
        patient=who(case),
        date=date or now(),
        version=__version__,
        sections=tuple(sections),
        headline=" ".join(_headline(p) for p in told) or "No procedure was planned.",
        answers=tuple(a for p in told for a in _answers(p, several=len(told) > 1))
        or tuple(lesion_answer(case, lesion, options) for lesion in case.lesions),
        sources=citations.sources,
        cover=cover,
    )


def write_report(case: Case, folder: Path, progress: Progress = silent) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.pdf`` of a case into a folder.

    Parameters
    ----------
    case : Case
        With a course.
    folder : Path
        Where; existing reports are replaced.
    progress : Progress
        Told how far it is.

    Returns
    -------
    tuple of Path
        The page and the PDF.
    """
    from locoregional.progress import part
    from locoregional.report.html import write_html
    from locoregional.report.pdf import write_pdf

    report = report_of(case, part(progress, 0.0, 0.8))
    progress(0.8, "writing the page")
    page = write_html(report, folder / "report.html")
    progress(0.9, "writing the PDF")
    return page, write_pdf(report, folder / "report.pdf")


def _approval(case: Case, lesion: Lesion) -> Figure:
    from locoregional.report.case_layers import layers_of
    from locoregional.report.pictures.anatomy import approval_panel, window_for

    outlines = layers_of(case, lesion, None)
    organ = [layer for layer in outlines[:-1] if layer.role == "organ"]
    data = approval_panel(
        case.image(), outlines[-1], count=4, outlined=organ, window=window_for(case.image(), lesion.organ.value)
    )
    words = f"Lesion {lesion.id} on axial slices, plain and with its outline (yellow). Please approve it or draw it anew."
    return Figure(data, words, f"Axial slices through lesion {lesion.id}, above plain, below with the outline of the lesion.")


def _found_organ(case: Case, lesion: Lesion) -> Figure | None:
    """Organ of a lesion over its whole height where it was found, not given: a person has to approve it."""
    from locoregional.report.case_layers import layers_of, title_of
    from locoregional.report.marks import Layer
    from locoregional.report.pictures.anatomy import window_for
    from locoregional.report.pictures.organ_panel import organ_panel

    name = lesion.organ.value
    mask = case.structure(name) if name in case.structures else None
    if mask is None or not mask.array.any() or case.origins.get(name, "given") == "given":
        return None
    layers = layers_of(case, lesion, None)
    organ = Layer(title_of(name), mask.on(mask.array >= 0.5), role="organ")  # outlined here even where slices need no outline
    vessels = [layer for layer in layers if "vessels" in layer.name.lower()]
    data = organ_panel(
        case.image(),
        organ,
        outlined=(*vessels, *(x for x in layers if x.role == "lesion")),
        window=window_for(case.image(), name),
    )
    seen = " and the vessels seen in it (blue)" if vessels else "; no vessels were seen in it"
    words = (
        f"{name.replace('_', ' ').capitalize()} as found from the CT (outlined){seen}, from top to bottom. Please approve it; "
        "where it is wrong, give a mask in case.toml: what lies around the zone follows from it."
    )
    return Figure(data, words, f"Axial slices through the {name} with its outline.")


def _patient(case: Case) -> Section:
    rows: list[tuple[Cell, ...]] = []
    blocks: list[Block] = []
    for lesion in case.lesions:
        state = Badge("approved", "good") if lesion.approved else Badge("to be approved", "caution")
        origins = {"mask": "outline given", "segmented": "found from its seed", "stated": "described, not outlined"}
        origin = origins.get(lesion.origin, lesion.origin)
        place = lesion.site if lesion.centre_lps_mm is None else place_words(lesion.centre_lps_mm)
        where = ", ".join(x for x in (lesion.organ.value.replace("_", " "), place) if x)
        rows.append((lesion.id, where, Number("diameter", lesion.diameter_mm, "mm", decimals=0), origin, state))
    blocks.append(Table(("Lesion", "Where", "Largest diameter", "Outline", "State"), tuple(rows), numeric=(2,)))
    for lesion in case.lesions:
        if lesion.mask is not None:
            blocks.append(_approval(case, lesion))
        if lesion.notes:
            blocks.append(Callout("caution", f"About the outline of {lesion.id}", lesion.notes))
    organs = {lesion.organ: lesion for lesion in reversed(case.lesions)}
    blocks += [figure for figure in (_found_organ(case, lesion) for lesion in organs.values()) if figure is not None]
    known = structures_table(case)
    if known is not None:
        blocks.append(known)
    return Section("Patient and lesions", tuple(blocks), lead="What is known, and the outlines on which everything below rests.")


def _options(case: Case, options: tuple[Option, ...], told: Sequence[Pages], citations: Citations) -> list[Section]:
    """Options of each lesion: what was planned in full, the rest to be opened."""
    planned = {(p.lesion.id, p.option.procedure) for p in told}
    made = []
    for lesion in case.lesions:
        mine = [o for o in options if o.lesion_id == lesion.id and concerns(o)]
        mine.sort(key=lambda o: (o.lesion_id, o.procedure) not in planned)
        cards = tuple(
            card(case, o, citations, anchor="" if (o.lesion_id, o.procedure) in planned else card_anchor(o)) for o in mine
        )
        if cards:
            lead = "Every rule in words, what the case says, and who says so. The board sheet shows all lesions in one matrix."
            made.append(Section(f"Lesion {lesion.id}: options", (Options(cards),), lead=lead))
    return made


def _pages(case: Case, option: Option, citations: Citations) -> LesionPages | PlanPages:
    from locoregional.ablation.procedure import Ablation

    mine = (option.lesion_id, option.procedure)
    plans = [p for p in case.plans if (p.lesion_id, p.procedure) == mine]
    outcomes = [o for o in case.outcomes if (o.lesion_id, o.procedure) == mine]
    predicted = [o for o in outcomes if o.predicted]
    observed = [o for o in outcomes if not o.predicted]
    kind = LesionPages if isinstance(found()[option.procedure], Ablation) else PlanPages
    return kind(
        case, case.lesion(option.lesion_id), option, plans[-1] if plans else None,
        predicted[-1] if predicted else None, observed[-1] if observed else None, citations,
    )  # fmt: skip


def _headline(page: LesionPages | PlanPages) -> str:
    return page.headline() if isinstance(page, PlanPages) else headline_of(page)


def _answers(page: LesionPages | PlanPages, *, several: bool) -> list[Answer]:
    return page.answers(several=several) if isinstance(page, PlanPages) else answers_of(page, several=several)


def _open_points(case: Case, pages: Sequence[Pages]) -> Section:
    blocks: list[Block] = []
    told = " ".join(case.notes)
    assumed = tuple(dict.fromkeys((*case.notes, *(w for ref in case.images.values() for w in ref.assumed if w not in told))))
    unchecked = tuple(dict.fromkeys(name for p in pages if p.plan is not None for name in unseen(case, p.plan)))
    not_approved = tuple(f"Outline of lesion {x.id}: no person has approved it." for x in case.lesions if not x.approved)
    if assumed:
        blocks.append(Callout("assumed", "Assumed, or noticed while reading the images", assumed))
    if unchecked or not_approved:
        words = tuple(f"{name.capitalize()}: not outlined." for name in unchecked)
        blocks.append(Callout("unchecked", "Could not be checked", (*words, *not_approved)))
    unknown = tuple(f"{r.words}: {r.seen}" for p in pages for r in p.option.rules if r.met is None)
    if unknown:
        blocks.append(Callout("caution", "Not known, and some rule asks for it", tuple(dict.fromkeys(unknown))))
    blocks.append(
        Callout(
            "note",
            "What this is",
            ("A computed proposal for research and teaching.", "Not a medical device; nobody has cleared it for care."),
        )
    )
    return Section("Assumed and unchecked", tuple(blocks))
