"""The validation topic of the scores: nothing misses, and a wrong grade would be seen."""

from __future__ import annotations

from locoregional.scores.additive import evaluate
from locoregional.scores.table_file import read_table
from locoregional.sources import bibliography
from locoregional.validation import scores


def test_all_rows_hold():
    rows = list(scores.rows())
    assert len(rows) >= 15
    assert [r.name for r in rows if r.verdict != "holds"] == []
    assert {r.source for r in rows} <= set(bibliography())


def test_an_open_or_wrong_grade_misses():
    assert scores._largest("x", {1.0: 2}, {1.0: 3}).verdict == "misses"
    assert scores._largest("x", {1.0: None}, {1.0: 3}).verdict == "misses"
    assert scores._points("x", evaluate(read_table("sins"), {}), 9, "pacsde_sins").verdict == "misses"
