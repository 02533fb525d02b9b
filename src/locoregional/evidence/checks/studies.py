"""Studies: each stands once, under whatever name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.problem import Problem
from locoregional.evidence.row import Row

__all__ = ["problems"]

_ALIKE = 0.85


def problems(base: EvidenceBase) -> Iterator[Problem]:
    """Studies that stand twice: same reference, DOI or title; questions where title or author and year are alike."""
    studies = [(row, _title(base, row), _doi(base, row)) for row in base.table("studies")]
    for (a, title_a, doi_a), (b, title_b, doi_b) in combinations(studies, 2):
        same = [
            what
            for what, x, y in (("reference", a.text("bib"), b.text("bib")), ("DOI", doi_a, doi_b), ("title", title_a, title_b))
            if x and x == y
        ]
        if same:
            words = f"{a.id} has the same {' and '.join(same)}: the study is in the evidence already"
            yield Problem("studies", b.id, "id", words, f"Add its outcomes to {a.id}.", "duplicate")
        elif a.id in base.own_ids or b.id in base.own_ids:
            yield from _alike(a, title_a, b, title_b)
    for row in studies:
        yield from _numbers(row[0])


def _alike(a: Row, title_a: str, b: Row, title_b: str) -> Iterator[Problem]:
    alike = bool(title_a and title_b) and SequenceMatcher(None, title_a, title_b).ratio() > _ALIKE
    author = _first_author(a) == _first_author(b) and a.text("year") == b.text("year")
    if alike or author:
        what = "nearly the same title" if alike else "the same first author and year"
        words = f"{a.id} has {what} ({a.text('citation')}): is it the same study"
        yield Problem("studies", b.id, "id", words, f"If so, add its outcomes to {a.id}.", "same-study", question=True)


def _numbers(row: Row) -> Iterator[Problem]:
    if row.text("in_review") == "yes" and not row.text("ref_no"):
        yield Problem("studies", row.id, "ref_no", "the review cites it, and its number is not given", "Give it.")


def _title(base: EvidenceBase, row: Row) -> str:
    key = row.text("bib")
    title = base.reference(key).fields.get("title", "") if base.knows_reference(key) else ""
    return re.sub(r"[^a-z0-9]+", " ", title.lower()).strip()


def _doi(base: EvidenceBase, row: Row) -> str:
    key = row.text("bib")
    doi = base.reference(key).fields.get("doi", "") if base.knows_reference(key) else ""
    return re.sub(r"^(https?://)?(dx\.)?(doi\.org/|doi:)", "", doi.lower()).strip()


def _first_author(row: Row) -> str:
    match = re.search(r"[^\W\d_]{2,}", row.text("citation").lower())
    return match[0] if match else row.id.lower()
