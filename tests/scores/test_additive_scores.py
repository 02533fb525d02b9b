"""The engine of additive scores: intervals hold every completion, bands rise with points, typos are refused."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import CaseError, SourceError
from locoregional.scores import table_file
from locoregional.scores.additive import Interval, evaluate, yes_no
from locoregional.scores.table_file import read_table, refuse_unsourced, table_names

TABLES = [read_table(name) for name in table_names()]


@st.composite
def answered(draw):
    """A table, one complete set of answers, and the same with some left open or narrowed to several."""
    table = draw(st.sampled_from(TABLES))
    full, part = {}, {}
    for item in table.items:
        keys = [a.key for a in item.answers]
        full[item.key] = draw(st.sampled_from(keys))
        others = draw(st.sets(st.sampled_from(keys)))
        part[item.key] = draw(st.sampled_from([full[item.key], None, tuple(others | {full[item.key]})]))
    return table, full, part


@given(answered())
def test_a_complete_set_has_points_and_one_band(case):
    table, full, _ = case
    score = evaluate(table, full)
    assert score.points == sum(item.answer(full[item.key]).points for item in table.items)
    assert score.points_low == score.points_high == score.points
    assert [b.name for b in table.bands if b.low <= score.points <= b.high] == [score.band]
    assert score.missing == ()


@given(answered())
def test_open_items_give_an_interval_that_holds_the_truth(case):
    table, full, part = case
    whole, open_ = evaluate(table, full), evaluate(table, part)
    assert open_.points_low <= whole.points <= open_.points_high
    assert whole.band in open_.bands_possible
    assert open_.band in (None, whole.band)
    assert set(open_.missing) <= {k for k, v in part.items() if v is None or not isinstance(v, str)}


@given(answered(), st.data())
def test_more_points_never_mean_a_lower_band(case, data):
    table, full, _ = case
    item = data.draw(st.sampled_from(table.items))
    other = data.draw(st.sampled_from([a.key for a in item.answers]))
    order = [b.name for b in table.bands]
    a, b = evaluate(table, full), evaluate(table, {**full, item.key: other})
    assert (a.points <= b.points) <= (order.index(a.band) <= order.index(b.band))


@given(st.sampled_from(TABLES), st.data())
@settings(max_examples=30)
def test_the_ends_of_the_interval_are_reached(table, data):
    gone = data.draw(st.sets(st.sampled_from([i.key for i in table.items]), min_size=1, max_size=2))
    known = {i.key: data.draw(st.sampled_from([a.key for a in i.answers])) for i in table.items if i.key not in gone}
    score = evaluate(table, known)
    choices = product(*([a.key for a in table.item(key).answers] for key in gone))
    points = [evaluate(table, {**known, **dict(zip(gone, chosen, strict=True))}).points for chosen in choices]
    assert (min(points), max(points)) == (score.points_low, score.points_high)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_nothing_known_is_the_whole_scale(table):
    score = evaluate(table, {})
    assert (score.points_low, score.points_high) == (table.bands[0].low, table.bands[-1].high)
    assert score.points is None
    assert score.band is None
    assert score.missing == tuple(i.key for i in table.items)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_each_band_edge_is_reached_and_named(table):
    keys = [item.key for item in table.items]
    by_points = {}
    for chosen in product(*(item.answers for item in table.items)):
        by_points.setdefault(sum(a.points for a in chosen), [a.key for a in chosen])
    for band in table.bands:
        for edge in {band.low, band.high}:
            assert evaluate(table, dict(zip(keys, by_points[edge], strict=True))).band == band.name


def test_a_band_is_named_once_the_whole_range_lies_in_it():
    sins = read_table("sins")
    firm = {"location": "junctional", "pain": "mechanical", "bone_lesion": "lytic", "alignment": "subluxation"}
    assert evaluate(sins, firm).band is None
    sure = evaluate(sins, {**firm, "collapse": "none", "posterolateral": None})
    assert (sure.points_low, sure.points_high, sure.band) == (12, 15, None)
    sure = evaluate(sins, {**firm, "collapse": ("none", "no collapse gt 50pct body involved"), "posterolateral": "unilateral"})
    assert (sure.points_low, sure.points_high, sure.band) == (13, 14, "unstable")
    assert sure.missing == ("collapse",)


def test_spelling_is_free_but_typos_are_refused():
    item = read_table("sins").item("pain")
    assert item.answer(" Pain-Free ").key == "pain_free"
    with pytest.raises(CaseError, match=r"mechanical, occasional_not_mechanical \(occasional\), pain_free"):
        item.answer("mechancal")
    with pytest.raises(CaseError, match="no item 'pian'"):
        evaluate(read_table("sins"), {"pian": "none"})
    with pytest.raises(CaseError, match="no answer is left"):
        evaluate(read_table("sins"), {"pain": ()})
    with pytest.raises(CaseError, match="has no answer in the table"):
        read_table("van_der_linden").at("karnofsky", 10)


def test_the_status_is_that_of_what_was_used():
    mirels = read_table("mirels")
    known = {"site": "femur", "lesion": "lytic", "size": "gt_2_3"}
    assert evaluate(mirels, {**known, "pain": "mild"}).status == "verified"
    assert evaluate(mirels, {**known, "pain": "none"}).status == "unverified"
    assert evaluate(mirels, known).status == "verified", "an item that nobody answered is not used"
    assert evaluate(read_table("katagiri"), {"ecog_3_4": "no"}).status == "unverified"


def test_summary_says_points_and_band():
    sins = read_table("sins")
    assert evaluate(sins, {}).summary.endswith("0 to 18 points, open: stable or potentially unstable or unstable")
    low = {"location": "T5", "pain": "none", "bone_lesion": "lytic", "alignment": "normal", "collapse": "none"}
    assert evaluate(sins, {**low, "posterolateral": "none"}).summary.endswith("3 points, stable")


def test_yes_and_no():
    assert [yes_no(v) for v in (True, False, None)] == ["yes", "no", None]


def test_ends_of_an_interval():
    inside = Interval(1.0, 2.0, low_in=False)
    assert [inside.holds(v) for v in (1.0, 1.5, 2.0, 2.1)] == [False, True, True, False]


def test_a_table_without_sources_is_refused():
    with pytest.raises(SourceError, match=r"not in references\.bib"):
        refuse_unsourced({"source": "nobody1900", "where": "x", "status": "verified"}, "here")
    with pytest.raises(SourceError, match="where in its source"):
        refuse_unsourced({"source": "mirels1989", "where": " ", "status": "verified"}, "here")
    with pytest.raises(SourceError, match="status"):
        refuse_unsourced({"source": "mirels1989", "where": "x", "status": "sure"}, "here")


def test_bands_with_a_gap_are_refused(monkeypatch):
    raw = table_file.read_toml("sins")
    bands = [dict(b) for b in raw["bands"]]
    bands[1]["low"] = 8
    monkeypatch.setattr(table_file, "read_toml", lambda _: {**raw, "bands": bands})
    with pytest.raises(SourceError, match=r"do not cover 0\.\.18"):
        table_file.read_table.__wrapped__("sins")
