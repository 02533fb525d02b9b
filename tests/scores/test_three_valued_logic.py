"""Yes, no and not known: None is never taken for no."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import CaseError, SourceError
from locoregional.scores.finding import found, refuse_outside, worst_status
from locoregional.scores.grade_rule import read_rule
from locoregional.scores.three_valued import all_of, any_of, compared, negated, outcomes
from locoregional.sources import read_facts

TRUTHS = st.sampled_from([True, False, None])


def completions(values):
    return product(*([v] if v is not None else [True, False] for v in values))


@given(st.lists(TRUTHS, max_size=5))
def test_known_answers_hold_for_every_completion(values):
    for ours, plain in ((all_of, all), (any_of, any)):
        seen = {plain(c) for c in completions(values)}
        assert ours(values) == (seen.pop() if len(seen) == 1 else None)


@given(TRUTHS)
def test_negation(value):
    assert negated(negated(value)) is value
    assert negated(None) is None


def test_comparison():
    assert [compared(v, lambda x: x > 2) for v in (1, 3, None)] == [False, True, None]


def test_outcomes_name_only_data_that_matter():
    choices = {"a": (True, False), "b": (True, False), "c": (True,)}
    possible, missing = outcomes(choices, lambda v: "x" if v["a"] else "y")
    assert (possible, missing) == (("x", "y"), ("a",))
    assert outcomes({"a": (True,)}, lambda v: str(v["a"])) == (("True",), ())
    either = outcomes({"a": (True, False), "b": (True, False)}, lambda v: "same" if v["a"] == v["b"] else "other")
    assert either[1] == ("a", "b"), "neither decides alone, both matter"


def test_rules_are_read_and_answered():
    rule = read_rule("temperature_c >= 38 and not chills and dose < limit")
    assert rule.names == ("temperature_c", "chills", "dose", "limit")
    assert rule.holds({"temperature_c": 38.0, "chills": False, "dose": 1, "limit": 2}) is True
    assert rule.holds({"temperature_c": 37.0}) is False
    assert rule.holds({"temperature_c": 38.0, "chills": None, "dose": 1, "limit": 2}) is None
    assert rule.holds({"temperature_c": 38.0, "chills": True}) is False
    with pytest.raises(SourceError, match="cannot be read"):
        read_rule("dose == 3")


def test_a_finding_gives_its_reasons():
    fact = read_facts("locoregional.scores")["oligometastatic.lesions"]
    sure = found("thing", {"a": True, "b": False, "c": None}, facts=[fact], primary="cardoso2018")
    assert (sure.value, sure.met, sure.unmet, sure.missing) == (False, ("a",), ("b",), ("c",))
    assert sure.summary == "thing: no: not b"
    assert found("thing", {"a": True, "c": None}, facts=[fact], primary="cardoso2018").summary == "thing: open: c"


def test_the_weakest_status_counts():
    assert worst_status(["verified", "borrowed"]) == "borrowed"
    assert worst_status(["unverified", "borrowed", "verified"]) == "unverified"
    assert worst_status([]) == "verified"


@pytest.mark.parametrize("value", [-1.0, 11.0, float("nan"), float("inf")])
def test_impossible_numbers_are_refused(value):
    with pytest.raises(CaseError, match=r"outside 0\.\.10"):
        refuse_outside("dose", value, low=0, high=10)
