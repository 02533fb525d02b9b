"""Clinical scores of a case as a table: value or range, what it means, what is missing, who says so."""

from __future__ import annotations

from locoregional.case import Case, Lesion
from locoregional.report.citations import Citations
from locoregional.report.document import Block, Callout, Cell, Fold, Said, Table
from locoregional.scores.additive import Score
from locoregional.scores.finding import Finding
from locoregional.selection import lesion_scores as scores
from locoregional.selection import spine_scores as spine

__all__ = ["score_blocks"]

Line = tuple[tuple[Cell, ...], tuple[str, ...]]
"""A row of the table, and the caveats of its score."""


def score_blocks(case: Case, citations: Citations) -> tuple[Block, ...]:
    """Scores of the patient, then of each lesion that a score is made for, with their caveats to be opened."""
    rows = [
        _finding("Oligometastatic disease", scores.oligometastatic_of(case), citations),
        _finding("Oligoprogressive disease", scores.oligoprogressive_of(case), citations),
        _subtype(case, citations),
    ]
    if any(lesion.organ.value == "liver" for lesion in case.lesions):
        rows += [_points("Child-Pugh", scores.child_pugh_of(case), citations), _albi(case, citations)]
    for lesion in case.lesions:
        rows += _of_lesion(case, lesion, citations)
    table = Table(("Score", "Result", "Meaning"), tuple(row for row, _ in rows), "Scores and definitions")
    caveats = tuple(dict.fromkeys(f"{row[0]}: {words}" for row, said in rows for words in said))
    return (
        (table, Fold("Caveats of these scores", (Callout("note", "Before relying on a score", caveats),)))
        if caveats
        else (table,)
    )


def _of_lesion(case: Case, lesion: Lesion, citations: Citations) -> list[Line]:
    if lesion.bone_kind == "vertebra":
        stability = _points(f"{lesion.id}: SINS", scores.sins_of(lesion), citations)
        survival = spine.prognostic_scores(case, lesion)
        told = [_points(f"{lesion.id}: {name}", score, citations) for name, score in survival.items()]
        return [stability, _escc(lesion, citations), _noms(case, lesion, citations), *told]
    if lesion.bone_kind == "long_bone":
        return [_points(f"{lesion.id}: Mirels", scores.mirels_of(lesion), citations)]
    return []


def _lacking(names: tuple[str, ...]) -> str:
    proper = {"karnofsky": "Karnofsky", "pr_percent": "share of PR"}
    said = ", ".join(proper.get(name, name.replace("_", " ")) for name in names)
    return f"; not known: {said}" if said else ""


def _points(title: str, score: Score, citations: Citations) -> Line:
    same = score.points_low == score.points_high
    text = f"{score.points_low}" if same else f"{score.points_low} to {score.points_high}"
    result = Said(f"{text} points", citations.cite(score.source), status=score.status)
    meaning = score.band.replace("_", " ") if score.band is not None else "open"
    words = f"{meaning}: {score.band_words}" if score.band_words not in ("", meaning) else meaning
    return (title, result, f"{words}{_lacking(score.missing)}"), score.caveats


def _escc(lesion: Lesion, citations: Citations) -> Line:
    found = spine.escc_of(lesion)
    grade = Said(found.grade or "open", citations.cite(found.source), found.where, found.status)
    return (f"{lesion.id}: epidural compression (Bilsky)", grade, found.words), found.caveats


def _noms(case: Case, lesion: Lesion, citations: Citations) -> Line:
    found = spine.noms_of(case, lesion)
    advice = Said(" or ".join(found.treatment_possible), citations.cite(found.source), status=found.status)
    words = f"{' or '.join(found.stabilisation_possible)}{_lacking(found.missing)}"
    return (f"{lesion.id}: NOMS", advice, words), found.caveats


def _finding(title: str, finding: Finding, citations: Citations) -> Line:
    text = {True: "yes", False: "no", None: "open"}[finding.value]
    result = Said(text, citations.cite(finding.source), finding.where, finding.status)
    return (title, result, finding.words.partition(": ")[2].removeprefix(f"{text}: ")), finding.caveats


def _subtype(case: Case, citations: Citations) -> Line:
    found = scores.subtype_of(case)
    text = " or ".join(scores.subtype_words(name) for name in found.possible)
    result = Said(text, citations.cite(found.source), found.where, found.status)
    definition = found.definition.replace("_", " ").replace("st gallen", "St Gallen")
    return ("Subtype by receptors", result, f"definition {definition}{_lacking(found.missing)}"), found.caveats


def _albi(case: Case, citations: Citations) -> Line:
    found = scores.albi_of(case)
    text = "open" if found.value is None else f"{found.value:.2f}, grade {found.grade}"
    result = Said(text, citations.cite(found.source), status=found.status)
    return ("ALBI", result, f"liver function{_lacking(found.missing)}"), found.caveats
