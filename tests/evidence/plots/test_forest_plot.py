"""Forest plots hold every study, and a diamond only where pooling is allowed."""

import pytest
from picture_reading import ink, pooled_of, svg_ids, svg_words

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.canvas import text_width_mm, wrapped
from locoregional.evidence.plots.forest import draw_forest
from locoregional.evidence.plots.forest_layout import GAP_MM, SIZE, columns_of, page_of
from locoregional.evidence.plots.forest_row import ForestRow, forest_rows
from locoregional.evidence.plots.forest_words import head_words, summary_words
from locoregional.evidence.plots.scale import scale_limits, scale_of, scale_ticks
from locoregional.evidence.pooling.pooled import StudyEffect

WHY = "too different: I2 95 %, the series report 7 % to 58 %"


def test_svg_holds_every_study_number_and_a_diamond(tmp_path):
    out = draw_forest(pooled_of(), tmp_path / "a.svg", title="Local progression", unit_of_analysis="patient")
    words, ids = svg_words(out), svg_ids(out)
    for study in pooled_of().studies:
        assert study.name in words
    assert {"pooled-diamond", "prediction-bar"} <= ids
    for part in ("13/52", "18.9 (6.3 to 44.8)", "3.2 to 62.3", "I² = 47 %", "Unit of analysis: patient", "k = 3 studies"):
        assert part in words
    assert "Higgins" in words
    assert "5.0 to 50.0" in words, "the other convention is shown beside it"


def test_not_poolable_shows_the_studies_and_why_and_no_diamond(tmp_path):
    out = draw_forest(pooled_of(poolable=False, reason=WHY), tmp_path / "b.svg", title="Response")
    assert "pooled-diamond" not in svg_ids(out)
    assert "prediction-bar" not in svg_ids(out)
    words = svg_words(out)
    assert WHY in words
    assert "Meloni 2009" in words
    assert "18.9" not in words, "a pooled number that may not be quoted is nowhere in the picture"


def test_png_has_ink_and_grows_with_the_studies(tmp_path):
    from PIL import Image

    few = draw_forest(pooled_of(), tmp_path / "few.png", title="Few")
    many = tuple(StudyEffect(f"Study {i}", 0.2, 0.1, 0.3, 4.0, 10, 50) for i in range(25))
    more = draw_forest(pooled_of(studies=many, k=25), tmp_path / "many.png", title="Many")
    assert 0.01 < ink(few) < 0.5
    assert Image.open(more).height > 2 * Image.open(few).height


def test_same_figure_same_bytes(tmp_path):
    a, b = (draw_forest(pooled_of(), tmp_path / f"{n}.svg", title="T").read_bytes() for n in "ab")
    assert a == b


def test_verified_and_unverified_rows_differ_in_words_and_marks(tmp_path):
    pictures = []
    for status in ("verified", "unverified"):
        rows = forest_rows(pooled_of(), {"Meloni 2009": ("breast", status)})
        out = draw_forest(pooled_of(), tmp_path / f"{status}.svg", title="T", rows=rows)
        pictures.append(out.read_text(encoding="utf-8"))
        assert f"breast, {status}" in svg_words(out)
    assert "stroke-dasharray: 3" in pictures[1]
    assert "Hollow and dashed" in pictures[1]
    assert "Hollow and dashed" not in pictures[0]


def test_set_aside_rows_are_shown_with_their_reason(tmp_path):
    aside = [ForestRow("Fendler 2016", 0.61, None, None, None, None, 81, "breast", "unverified", note="no k of 81 gives 61 %")]
    words = svg_words(draw_forest(pooled_of(), tmp_path / "c.svg", title="T", set_aside=aside))
    assert "Not part of the pool: Fendler 2016: –/81; 61.0 (no interval)" in words
    assert "no k of 81 gives 61 %" in words


def test_columns_never_overlap_and_long_names_are_wrapped():
    pooled = pooled_of()
    rows = forest_rows(pooled, {s.name: ("borrowed", "unverified") for s in pooled.studies})
    heads, summaries, scale = head_words(pooled, rows), summary_words(pooled), scale_of("proportion")
    columns = columns_of(rows, scale=scale, heads=heads, summaries=summaries, width_mm=180.0)
    edges = [
        columns.name_mm + columns.name_width_mm, columns.counts_mm,
        columns.counts_mm + columns.counts_width_mm, columns.plot_mm,
        columns.plot_mm + columns.plot_width_mm, columns.estimate_mm,
        columns.weight_mm + columns.weight_width_mm, columns.evidence_mm,
        columns.evidence_mm + columns.evidence_width_mm, 180.0,
    ]  # fmt: skip
    assert all(b - a > 0.99 * GAP_MM for a, b in zip(edges[::2], edges[1::2], strict=True))
    assert columns.plot_width_mm >= 40.0
    page = page_of(rows, (), columns=columns, title="T", why="", summaries=2, feet=["x"], width_mm=180.0)
    assert len(page.lines[2].names) > 1
    assert max(text_width_mm(n, size=SIZE) for n in page.lines[2].names) <= columns.name_width_mm + 0.2
    tops = [line.middle_mm for line in page.lines]
    assert all(b - a >= line.height_mm - 1e-9 for a, b, line in zip(tops, tops[1:], page.lines, strict=False))


def test_wrapping_keeps_every_word_and_cuts_only_what_cannot_fit():
    text = "Percutaneous radiofrequency ablation " + "x" * 80
    lines = wrapped(text, width_mm=30.0, size=SIZE)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width_mm(line, size=SIZE) <= 30.0 for line in lines)


@pytest.mark.parametrize("measure", ["proportion", "median survival", "mean change"])
def test_axes_show_all_studies_and_at_least_two_ticks(measure):
    scale = scale_of(measure)
    inner = {"proportion": [0.05, 0.4], "median survival": [5.0, 14.4], "mean change": [-5.9, -1.6]}[measure]
    low, high = scale_limits(inner, [inner[0], 1e4 if scale.logarithmic else inner[1]], scale)
    assert low <= min(inner) * scale.factor
    assert high >= max(inner) * scale.factor
    assert high < 1e3, "a prediction interval without end does not squeeze the studies"
    ticks = scale_ticks(low, high, scale)
    assert 2 <= len(ticks) <= 8
    assert all(low - 1e-9 <= t <= high + 1e-9 for t in ticks)
    if measure == "mean change":
        assert low < 0.0 < high, "no change is on the axis"


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match="no study to draw"):
        draw_forest(pooled_of(studies=()), tmp_path / "a.svg", title="T")
    with pytest.raises(EvidenceError, match=r"\.svg or \.png"):
        draw_forest(pooled_of(), tmp_path / "a.bmp", title="T")
    with pytest.raises(EvidenceError, match="no axis"):
        draw_forest(pooled_of(measure="hazard ratio"), tmp_path / "a.svg", title="T")
    assert list(tmp_path.iterdir()) == [], "nothing is stored half"
