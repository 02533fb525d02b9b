"""Entries of risk of bias are complete, reasoned and honest about what was not read."""

import re

import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.appraisal.entry import (
    MINORS_COMPARATIVE,
    MINORS_ITEMS,
    NO_INFORMATION,
    ROBINS_DOMAINS,
    Entry,
    checked_entries,
    entries_of,
)
from locoregional.evidence.appraisal.minors import minors_of, minors_score
from locoregional.evidence.appraisal.robins import overall_risk, robins_of
from locoregional.evidence.base import evidence_base


def entry(line: str) -> Entry:
    return Entry(*line.split(","))


def whole(study: str, points: dict[str, str]) -> list[Entry]:
    return [
        Entry(f"{study}{i}", study, "MINORS", item, points.get(item, NO_INFORMATION), "r", "abstract", "one reader")
        for i, item in enumerate(MINORS_ITEMS)
    ]


def test_shipped_entries_belong_to_studies_and_cover_all_items():
    studies = {row.id: row for row in evidence_base().table("studies")}
    minors = [s for s in studies if entries_of(evidence_base(), s, "MINORS")]
    robins = [s for s in studies if entries_of(evidence_base(), s, "ROBINS-I")]
    assert set(robins) == {"Chang2018", "Robial2012", "X12_Bommineni2025", "X15_WangHJ2017", "X21_Pierik2025"}
    assert len(minors) == 42
    for study in minors:
        entries = entries_of(evidence_base(), study, "MINORS")
        assert [e.item for e in entries] == list(MINORS_ITEMS)
        if studies[study].text("abstract_seen") != "yes":
            assert all(e.basis != "abstract" for e in entries), f"{study}: judged from an abstract that nobody has read"
    for study in robins:
        assert [e.item for e in entries_of(evidence_base(), study, "ROBINS-I")] == list(ROBINS_DOMAINS)


def test_minors_adds_up_and_counts_what_is_unknown_apart():
    score = minors_score(whole("A", {"aim": "2", "consecutive": "1", "prospective": "0", "size": "0"}))
    assert (score.points, score.possible, score.assessable, score.unknown) == (3, 16, 8, 4)
    assert score.words == "3 of the 8 points that could be judged (4 of 8 items could not)"
    assert score.weak
    assert not minors_score(whole("B", {"aim": "2", "size": "0"})).weak, "half of what could be judged is not weak"
    nothing = minors_score(whole("C", {}))
    assert nothing.words == "not assessable (0 of 8 items)"
    assert nothing.weak


def test_shipped_minors_of_a_series_whose_abstract_was_read():
    meloni = minors_of(evidence_base(), "Meloni2009")
    assert meloni is not None
    assert meloni.words == "5 of the 10 points that could be judged (3 of 8 items could not)"
    assert minors_of(evidence_base(), "Filippiadis2017") is None, "a review is no series"


def test_minors_with_comparative_items_has_24_points():
    entries = whole("A", {"aim": "2"})
    entries += [
        Entry(f"x{i}", "A", "MINORS", item, "1", "r", "abstract", "one reader") for i, item in enumerate(MINORS_COMPARATIVE)
    ]
    assert minors_score(entries).possible == 24


@pytest.mark.parametrize(
    ("judgements", "overall"),
    [
        (["low"] * 7, "low"),
        (["low"] * 6 + ["moderate"], "moderate"),
        (["low"] * 5 + ["moderate", "serious"], "serious"),
        (["serious"] * 6 + ["critical"], "critical"),
        (["low"] * 6 + [NO_INFORMATION], NO_INFORMATION),
        (["serious"] + [NO_INFORMATION] * 6, "serious"),
        ([NO_INFORMATION] * 7, NO_INFORMATION),
    ],
)
def test_the_worst_domain_is_the_overall_risk(judgements, overall):
    assert overall_risk(judgements) == overall
    assert overall_risk(judgements[::-1]) == overall


def test_shipped_comparisons():
    robial, chang = robins_of(evidence_base(), "Robial2012"), robins_of(evidence_base(), "Chang2018")
    assert robial is not None
    assert robial.overall == "serious"
    assert "confounding" in robial.words
    assert chang is not None
    assert chang.overall == NO_INFORMATION
    assert robins_of(evidence_base(), "Meloni2009") is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("R1,A,MINORS,aim,3,why,abstract,one reader", "judgement '3'"),
        ("R1,A,MINORS,hope,2,why,abstract,one reader", "no item 'hope'"),
        ("R1,A,Oxford,aim,2,why,abstract,one reader", "neither MINORS nor ROBINS-I"),
        ("R1,A,MINORS,aim,2,,abstract,one reader", "gives no reason"),
        ("R1,A,MINORS,aim,2,why,hearsay,one reader", "basis 'hearsay'"),
        ("R1,A,MINORS,aim,2,why,not assessed,one reader", "judges what was not assessed"),
        ("R1,A,MINORS,aim,2,why,abstract,one reader", "A lacks"),
        ("R1,A,ROBINS-I,confounding,2,why,abstract,one reader", "judgement '2'"),
    ],
)
def test_bad_entries_are_refused_with_the_reason(row, words):
    with pytest.raises(EvidenceError, match=re.escape(words)):
        checked_entries([entry(row)])


def test_doubles_and_foreign_tools_are_refused():
    row = "R1,A,MINORS,aim,2,why,abstract,one reader"
    with pytest.raises(EvidenceError, match="R1 stands twice; A MINORS aim stands twice"):
        checked_entries([entry(row), entry(row)])
    with pytest.raises(EvidenceError, match="no tool"):
        entries_of(evidence_base(), "Meloni2009", "JBI")
