"""Funnel plots put studies where their standard error says, and promise no test below ten of them."""

import math

import pytest
from picture_reading import ink, pooled_of, svg_ids, svg_words

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.forest_row import ForestRow
from locoregional.evidence.plots.funnel import draw_funnel
from locoregional.evidence.pooling.pooled import StudyEffect


def test_few_studies_say_that_asymmetry_is_not_tested(tmp_path):
    out = draw_funnel(pooled_of(), tmp_path / "a.svg", title="T", estimand="Local progression")
    assert "not tested below 10" in svg_words(out)
    assert {"pseudo-limits", "pooled-line"} <= svg_ids(out)
    assert ink(draw_funnel(pooled_of(), tmp_path / "a.png", title="T")) > 0.01


def test_many_studies_need_no_such_note(tmp_path):
    many = tuple(StudyEffect(f"Study {i}", 0.2, 0.1, 0.3, 8.0, 10 + i, 50 + i) for i in range(12))
    assert "not tested" not in svg_words(draw_funnel(pooled_of(k=12, studies=many), tmp_path / "b.svg", title="T"))


def test_standard_errors_are_those_of_the_scale_of_the_analysis(tmp_path):
    words = svg_words(draw_funnel(pooled_of(), tmp_path / "c.svg", title="T"))
    assert f"SE {math.sqrt(1 / 13 + 1 / 39):.3f}" in words
    medians = (StudyEffect("CIRT", 10.6, 7.3, 14.4, 50.0, None, 47),)
    words = svg_words(draw_funnel(pooled_of(measure="median survival", studies=medians, estimate=8.0), tmp_path / "d.svg"))
    assert "SE 0.173" in words, "the standard error that metafor uses for 10.6 (7.3 to 14.4)"


def test_empty_cells_get_half_an_event(tmp_path):
    rows = [ForestRow("none", 0.0, 0.0, 0.1, None, 0, 30), ForestRow("some", 0.2, 0.1, 0.3, None, 6, 30)]
    assert f"SE {math.sqrt(1 / 0.5 + 1 / 30.5):.3f}" in svg_words(draw_funnel(pooled_of(), tmp_path / "e.svg", rows=rows))


def test_not_poolable_has_neither_line_nor_limits(tmp_path):
    out = draw_funnel(pooled_of(poolable=False, reason="two populations"), tmp_path / "f.svg", title="T")
    assert not {"pseudo-limits", "pooled-line"} & svg_ids(out)
    assert "two populations" in svg_words(out)


def test_studies_without_a_standard_error_are_counted_or_refused(tmp_path):
    rows = [ForestRow("bare", 0.3), ForestRow("some", 0.2, 0.1, 0.3, None, 6, 30)]
    assert "1 of 2 studies give neither" in svg_words(draw_funnel(pooled_of(), tmp_path / "g.svg", rows=rows))
    with pytest.raises(EvidenceError, match="standard error"):
        draw_funnel(pooled_of(), tmp_path / "h.svg", rows=rows[:1])
