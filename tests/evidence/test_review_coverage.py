"""Every quantitative sentence of the review has a row, and every row says where it stands in it.

The text of the review is not part of the project: the test reads it where a checkout has it beside it, or where
``LOCOREGIONAL_REVIEW`` names the file, and is skipped elsewhere.
"""

from __future__ import annotations

import csv
import os
import re
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "filippiadis-2022.txt"
TABLES = (
    "outcomes", "prognostic_factors", "criteria", "recommendations", "epidemiology", "figure_cases", "audit",
)  # fmt: skip
NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|half|twice|single|both)\b", re.I
)
NO_STATEMENT = {
    "From the 2nd Department of Radiology": "address",
    "Diagn Interv Radiol": "citation, row E23",
    "Figure 1. a-d": "label of a figure",
    "Figure 2. a, b": "label of a figure",
    "Figure 3. a, b": "label of a figure",
    "Figure 4. a-f": "label of a figure",
    "Image (b) shows": "caption, steps of FIG3",
    "Short tau inversion recovery": "caption, steps of FIG4",
    "Cement (curved": "caption, lesions of FIG4",
    "Images (c, d) show": "caption, steps of FIG4",
    "Postero-anterior fluoroscopy": "caption, steps of FIG4",
}
"""Start of a sentence with a digit or number word that says nothing quantitative, and why."""


@cache
def _review() -> str:
    path = Path(os.environ.get("LOCOREGIONAL_REVIEW", BESIDE))
    if not path.is_file():
        pytest.skip(f"the text of the review is not here ({path.name}); set LOCOREGIONAL_REVIEW to read it")
    return path.read_text(encoding="utf-8")


def _plain(text: str) -> str:
    """Text without citation numbers and mark-up, one blank between words."""
    text = re.sub(r"\^\{[^}]*\}|[⁰¹²³⁴-⁹⁺⁻]+", "", text)
    text = re.sub(r"[*$\\]", "", text)
    return re.sub(r"\s+", " ", text).replace(" - ", " ")


def _body() -> str:
    return re.split(r"\nReferences\n", _review(), maxsplit=1)[0]


def _sentences() -> list[str]:
    """Sentences of the body, one a paragraph break or full stop; paragraphs cut by a figure are joined first."""
    text = re.sub(r"\n\s*\n(?=[a-z])", " ", _body())
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        plain = re.sub(r"\b(et al|vs|Fig|DOI)\.", r"\1", _plain(paragraph).strip())
        found += [s for s in re.split(r"(?<=[.;:!?])\s+(?=[A-Z(])|(?<=\.)\s+(?=\d+\.)", plain) if s]
    return found


@cache
def _rows(table: str) -> tuple[dict[str, str], ...]:
    path = resources.files("locoregional.evidence").joinpath("tables", f"{table}.csv")
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _locators(*tables: str) -> dict[str, str]:
    return {r["id"]: r["locator"] for t in tables for r in _rows(t) if r["locator"] not in ("", "abstract")}


def test_every_number_of_the_review_has_a_row():
    places = [re.sub(r"\b(et al|vs|Fig|DOI)\.", r"\1", _plain(w).strip()) for w in _locators(*TABLES[:-1]).values()]
    bare = [
        s
        for s in _sentences()
        if NUMBER.search(s) and not any(p in s for p in places) and not any(s.startswith(k) for k in NO_STATEMENT)
    ]
    assert bare == []


def test_most_sentences_counted_here_are_counted():
    """Guards the test itself: a splitter that lost the text would find nothing to complain about."""
    numeric = [s for s in _sentences() if NUMBER.search(s)]
    assert len(numeric) > 60
    assert any("13 of 51" in s for s in numeric)
    assert any("46/64" in s for s in numeric)


def test_locators_stand_in_the_review():
    text = re.sub(r"\s+", " ", _review())
    lost = {i: w for i, w in _locators(*TABLES).items() if w not in text}
    assert lost == {}


def test_locators_are_short():
    long = {i: w for i, w in _locators(*TABLES).items() if len(w.split()) > 8}
    assert long == {}


def test_rows_of_the_review_say_where():
    nowhere = [r["id"] for t in TABLES for r in _rows(t) if not r["locator"] and r.get("in_review", "yes") == "yes"]
    assert nowhere == []
