"""Pain response by consensus: the four categories, their edges, and open data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import CaseError
from locoregional.scores.pain_response import RESPONSES, pain_response


def response(before, after, omed_before=0.0, omed_after=0.0):
    found = pain_response(pain_before=before, pain_after=after, omed_before_mg_d=omed_before, omed_after_mg_d=omed_after)
    return found.response


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((6, 0, 40, 40), "CR"), ((6, 0, 40, 20), "CR"), ((6, 0, 40, 41), "IR"), ((6, 0, 40, 50), "IR"),
        ((6, 4, 40, 40), "PR"), ((6, 5, 40, 40), "IR"), ((6, 4, 40, 41), "IR"),
        ((6, 6, 40, 30), "PR"), ((6, 6, 40, 31), "IR"), ((6, 7, 40, 30), "IR"), ((6, 5, 40, 30), "PR"),
        ((6, 8, 40, 40), "PP"), ((6, 7, 40, 40), "IR"), ((6, 8, 40, 39), "IR"),
        ((6, 6, 40, 50), "PP"), ((6, 7, 40, 50), "PP"), ((6, 5, 40, 50), "IR"), ((6, 6, 40, 49), "IR"),
        ((6, 6, 0, 10), "PP"), ((6, 6, 0, 0), "IR"), ((0, 0, 40, 40), "IR"), ((0, 0, 40, 20), "PR"),
    ],
)  # fmt: skip
def test_categories(values, expected):
    assert response(*values) == expected


PAIN, DOSE = st.integers(0, 10), st.floats(0, 500)


@given(PAIN, PAIN, DOSE, DOSE, st.data())
def test_open_data_never_exclude_the_truth(before, after, omed_before, omed_after, data):
    full = {"pain_before": before, "pain_after": after, "omed_before_mg_d": omed_before, "omed_after_mg_d": omed_after}
    part = {k: v if data.draw(st.booleans()) else None for k, v in full.items()}
    truth, found = pain_response(**full), pain_response(**part)
    assert truth.response in RESPONSES
    assert truth.missing == ()
    assert truth.response in found.possible
    assert found.responder in (None, truth.responder)
    assert found.response in (None, truth.response)


def test_pain_alone_is_not_enough():
    found = pain_response(pain_before=8, pain_after=2)
    assert (found.response, found.possible) == (None, ("PR", "IR"))
    assert found.missing == ("analgesics before", "analgesics after")


def test_status_follows_the_definitions_used():
    def status(*values):
        keys = ("pain_before", "pain_after", "omed_before_mg_d", "omed_after_mg_d")
        return pain_response(**dict(zip(keys, values, strict=True))).status

    assert status(6, 0, 10, 10) == status(6, 3, 10, 10) == "verified"
    assert status(6, 9, 10, 10) == "unverified"


def test_pain_off_the_scale_is_refused():
    with pytest.raises(CaseError, match=r"0\.\.10"):
        pain_response(pain_before=60)
    with pytest.raises(CaseError, match="omed_after"):
        pain_response(omed_after_mg_d=-1.0)
