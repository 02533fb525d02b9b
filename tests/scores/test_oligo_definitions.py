"""Oligometastatic and oligoprogressive disease: edges of the definitions, and what a missing datum does."""

from __future__ import annotations

import pytest

from locoregional.errors import CaseError
from locoregional.scores.oligometastatic import oligometastatic, oligoprogressive


@pytest.mark.parametrize(
    ("count", "treatable", "expected"),
    [
        (5, True, True), (6, True, False), (1, True, True), (0, True, False), (5, False, False), (5, None, None),
        (6, None, False), (None, True, None), (None, False, False), (None, None, None),
    ],
)  # fmt: skip
def test_oligometastatic(count, treatable, expected):
    assert oligometastatic(lesion_count=count, all_treatable=treatable).value is expected


def test_oligometastatic_names_what_is_missing():
    found = oligometastatic(lesion_count=3)
    assert found.missing == ("every site treatable with the aim of long remission",)
    assert found.status == "verified"
    with pytest.raises(CaseError):
        oligometastatic(lesion_count=-1)


WHOLE = {
    "progressing_count": 2,
    "organ_count": 1,
    "growth_percent": 20.0,
    "size_mm": 15.1,
    "suv_growth_percent": 0.0,
    "control_months": 6.0,
    "all_treatable": True,
}


def test_oligoprogressive_at_its_limits():
    assert oligoprogressive(**WHOLE).value is True
    for wrong in (
        {"progressing_count": 3}, {"progressing_count": 0}, {"organ_count": 2}, {"growth_percent": 19.9}, {"size_mm": 15.0},
        {"control_months": 5.9}, {"all_treatable": False},
    ):  # fmt: skip
        assert oligoprogressive(**{**WHOLE, **wrong}).value is False, wrong


@pytest.mark.parametrize("key", [k for k in WHOLE if k not in ("suv_growth_percent", "organ_count")])
def test_a_missing_datum_leaves_it_open(key):
    found = oligoprogressive(**{**WHOLE, key: None})
    assert found.value is None
    assert len(found.missing) == 1


def test_uptake_serves_instead_of_size():
    small = {**WHOLE, "size_mm": 8.0}
    assert oligoprogressive(**{**small, "suv_growth_percent": 20.0}).value is True
    assert oligoprogressive(**{**small, "suv_growth_percent": None}).value is None
    assert oligoprogressive(**{**small, "suv_growth_percent": 19.0}).value is False


def test_in_bone_size_is_not_asked():
    assert oligoprogressive(**{**WHOLE, "size_mm": None}, in_bone=True).value is True


def test_one_lesion_lies_in_one_organ():
    assert oligoprogressive(**{**WHOLE, "progressing_count": 1, "organ_count": None}).value is True
    assert oligoprogressive(**{**WHOLE, "organ_count": None}).value is None
