"""A small evidence base made of single rows, so that a test can make one thing wrong at a time."""

from __future__ import annotations

from collections.abc import Iterable

from locoregional.evidence.base import EvidenceBase, with_rows
from locoregional.evidence.problem import Problem
from locoregional.evidence.row import Row, read_row
from locoregional.evidence.schema import schema, table

EMPTY = EvidenceBase({name: () for name in schema() if name != "references"}, "0")

DEFAULTS = {
    "studies": {
        "id": "Meloni2009", "bib": "meloni2009", "ref_no": "7", "citation": "Meloni MF et al. Radiology 2009", "year": "2009",
        "design": "retrospective series", "breast": "yes", "organ": "liver", "procedures": "rfa", "n_patients_printed": "52",
        "n_patients_primary": "52", "follow_up": "median 19.1 months", "abstract_seen": "yes", "reference_matches_text": "yes",
        "in_review": "yes",
    },
    "outcomes": {
        "id": "O001", "study": "Meloni2009", "organ": "liver", "procedure": "rfa", "estimand": "ltp", "printed": "25 % (13/52)",
        "value": "25", "unit": "%", "n": "13", "total": "52", "unit_of_analysis": "patient", "estimator": "crude",
        "directness": "breast", "locator": "local tumor progression was observed", "primary_value": "25", "primary_n": "13",
        "primary_total": "52", "verdict": "agrees", "source_of_primary": "meloni2009", "poolable": "yes", "in_review": "yes",
    },
    "prognostic_factors": {
        "id": "P01", "study": "Meloni2009", "organ": "liver", "procedure": "rfa", "factor": "tumour_diameter_mm", "op": ">",
        "threshold": "25", "unit": "mm", "direction": "worse", "outcome": "os", "effect": "HR 2.1",
        "verdict": "agrees", "primary_words": "HR 2.1",
        "directness": "breast", "in_review": "yes",
    },
    "criteria": {
        "id": "I01", "procedure": "rfa", "organ": "liver", "criterion": "largest diameter", "op": "<=", "threshold": "30",
        "unit": "mm", "effect": "favourable", "source": "meloni2009", "status": "verified", "in_review": "yes",
    },
    "standards": {
        "id": "S01", "topic": "lung shunt", "procedure": "tare", "organ": "liver", "statement": "lung dose", "op": "<=",
        "value": "30", "unit": "Gy", "source": "meloni2009", "where": "Table 2", "status": "verified",
    },
    "audit": {
        "id": "A01", "severity": "grave", "kind": "denominator", "locator": "local tumor progression", "ref": "7",
        "problem": "13/51 printed for 13/52", "correction": "13/52", "basis": "arithmetic", "rows": "O001", "found": "known",
    },
}  # fmt: skip


def row(name: str, **cells: str) -> Row:
    """Sound row of a table, with some cells changed."""
    return read_row(table(name), {**DEFAULTS[name], **cells}, shipped=True)[0]


def cell_problems(name: str, **cells: str) -> list[Problem]:
    """What is wrong with the cells of a sound row after some have been changed."""
    return read_row(table(name), {**DEFAULTS[name], **cells}, shipped=True)[1]


def base_of(*rows: Row) -> EvidenceBase:
    """Evidence base of the rows given, with the study that they belong to."""
    groups: dict[str, list[Row]] = {}
    for item in rows:
        groups.setdefault(item.table, []).append(item)
    groups.setdefault("studies", [row("studies")])
    base, problems = with_rows(EMPTY, groups)
    assert problems == []
    return EvidenceBase(base.tables, "0")


def codes(problems: Iterable[Problem]) -> set[tuple[str, bool]]:
    """Name of each problem, and whether it is a question."""
    return {(p.code, p.question) for p in problems}
