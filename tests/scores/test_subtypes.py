"""Molecular subtype from receptors: three definitions, contradictions, open data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import CaseError
from locoregional.scores.subtype import DEFINITIONS, SUBTYPES, molecular_subtype
from locoregional.sources import bibliography

LUMINAL = {"er": True, "her2": False}


def luminal(ki67, pr, definition):
    return molecular_subtype(**LUMINAL, pr_percent=pr, ki67_percent=ki67, definition=definition).subtype


@pytest.mark.parametrize(
    ("er", "pr", "her2", "expected"),
    [
        (False, False, False, "triple_negative"),
        (False, False, True, "her2_enriched"),
        (True, True, True, "luminal_b_her2_positive"),
        (True, False, True, "luminal_b_her2_positive"),
        (True, False, False, "luminal_b_her2_negative"),
    ],
)
def test_groups_by_receptor(er, pr, her2, expected):
    assert molecular_subtype(er=er, pr=pr, her2=her2).subtype == expected


def test_st_gallen_2013_asks_for_ki67_and_pr():
    a, b = "luminal_a", "luminal_b_her2_negative"
    found = {(k, p): luminal(k, p, "st_gallen_2013") for k in (19.9, 20) for p in (19.9, 20)}
    assert found == {(19.9, 19.9): b, (19.9, 20): a, (20, 19.9): b, (20, 20): b}


def test_maisonneuve_asks_for_pr_only_between():
    a, b = "luminal_a", "luminal_b_her2_negative"
    found = {(k, p): luminal(k, p, "maisonneuve_2014") for k in (13.9, 14, 19.9, 20) for p in (10, 20)}
    assert found == {
        (13.9, 10): a,
        (13.9, 20): a,
        (14, 10): b,
        (14, 20): a,
        (19.9, 10): b,
        (19.9, 20): a,
        (20, 10): b,
        (20, 20): b,
    }


def test_st_gallen_2011_asks_for_ki67_alone():
    assert [luminal(k, 10, "st_gallen_2011") for k in (13.9, 14)] == ["luminal_a", "luminal_b_her2_negative"]
    assert molecular_subtype(er=False, pr=True, her2=False, ki67_percent=10, definition="st_gallen_2011").subtype == "luminal_a"


def test_the_definitions_disagree_and_say_which_was_used():
    assert {luminal(16, 10, d) for d in DEFINITIONS} == {"luminal_b_her2_negative"}
    assert luminal(16, 30, "st_gallen_2013") != luminal(16, 30, "st_gallen_2011")
    found = molecular_subtype(**LUMINAL, pr=True, definition="st_gallen_2011")
    assert "2011" in found.summary
    assert set(DEFINITIONS.values()) <= set(bibliography())
    with pytest.raises(CaseError, match="st_gallen_2013"):
        molecular_subtype(definition="st_gallen_2009")


def test_missing_data_are_named():
    found = molecular_subtype(er=True, pr=True, her2=False, ki67_percent=15)
    assert (found.subtype, found.missing) == (None, ("pr_percent",))
    assert set(found.possible) == {"luminal_a", "luminal_b_her2_negative"}
    assert molecular_subtype(er=True, pr=True, her2=False, ki67_percent=25).subtype == "luminal_b_her2_negative"
    assert molecular_subtype(her2=True, er=True).subtype == "luminal_b_her2_positive", "PR does not matter"
    assert molecular_subtype(er=False, pr=False).missing == ("her2",)


RECEPTOR = st.sampled_from([True, False])


@given(RECEPTOR, RECEPTOR, RECEPTOR, st.floats(0, 100), st.floats(10, 100), st.sampled_from(sorted(DEFINITIONS)), st.data())
def test_open_data_never_exclude_the_truth(er, pr, her2, ki67, percent, definition, data):
    full = {"er": er, "pr": pr, "her2": her2, "ki67_percent": ki67, "pr_percent": percent if pr else 0.0}
    part = {k: v if data.draw(st.booleans()) else None for k, v in full.items()}
    truth = molecular_subtype(**full, definition=definition)
    assert len(truth.possible) == 1
    found = molecular_subtype(**part, definition=definition)
    assert truth.possible[0] in found.possible
    assert (len(found.possible) > 1) == bool(found.missing)
    assert found.subtype in (None, truth.subtype)


@pytest.mark.parametrize("her2", [True, False])
def test_er_negative_with_pr_positive_is_not_named(her2):
    found = molecular_subtype(er=False, pr=True, her2=her2, ki67_percent=10)
    assert found.subtype is None
    assert found.possible[0] not in SUBTYPES
    assert any("failed test" in c for c in found.caveats)


@pytest.mark.parametrize(
    ("receptors", "stated"),
    [
        ({"er": True}, "triple-negative"),
        ({"her2": True}, "TNBC, triple negative"),
        ({"er": False, "pr": False}, "luminal A"),
        ({"er": False, "pr": False}, "luminal"),
        ({"er": True, "her2": True}, "luminal_a"),
        ({"her2": False}, "HER2-enriched"),
        ({"er": True, "pr": True, "her2": False, "ki67_percent": 40}, "Luminal A"),
    ],
)
def test_a_contradicted_statement_is_refused(receptors, stated):
    with pytest.raises(CaseError, match="the record says"):
        molecular_subtype(**receptors, stated=stated)


def test_a_statement_that_fits_is_kept():
    assert molecular_subtype(er=True, pr=True, her2=True, stated="Luminal B HER2+").subtype == "luminal_b_her2_positive"
    assert molecular_subtype(stated="triple negative").subtype is None, "a statement alone is no receptor"


def test_percentages_and_words_must_agree():
    with pytest.raises(CaseError, match="PR is called negative"):
        molecular_subtype(pr=False, pr_percent=40)
    with pytest.raises(CaseError, match="PR is called positive"):
        molecular_subtype(pr=True, pr_percent=0)
    assert any("equivocal" in c for c in molecular_subtype(pr=False, pr_percent=5).caveats)
    with pytest.raises(CaseError, match=r"0\.\.100"):
        molecular_subtype(ki67_percent=140)


@pytest.mark.parametrize(("ki67", "said"), [(10, False), (15, True), (29, True), (30, False)])
def test_ki67_between_low_and_high_is_marked(ki67, said):
    assert any("neither clearly low" in c for c in molecular_subtype(ki67_percent=ki67).caveats) is said
