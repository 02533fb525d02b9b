"""ECOG and Karnofsky into each other."""

from __future__ import annotations

import pytest

from locoregional.errors import CaseError
from locoregional.scores.performance import ecog_from_karnofsky, karnofsky_from_ecog, performance_mappings

STEPS = range(0, 101, 10)
NAMES = performance_mappings()


@pytest.mark.parametrize("name", NAMES)
def test_each_conversion_covers_every_step_once_and_goes_back(name):
    grades = [ecog_from_karnofsky(k, mapping=name).point for k in STEPS]
    assert None not in grades
    assert grades == sorted(grades, reverse=True)
    for k, grade in zip(STEPS, grades, strict=True):
        back = karnofsky_from_ecog(grade, mapping=name)
        assert back.low <= k <= back.high


def test_conversions_that_disagree_give_a_range():
    assert [(e.low, e.high) for e in map(ecog_from_karnofsky, (100, 90, 70, 50, 40, 0))] == [
        (0, 0), (0, 1), (1, 2), (2, 3), (3, 4), (5, 5),
    ]  # fmt: skip
    assert ecog_from_karnofsky(100).point == 0
    assert ecog_from_karnofsky(70).point is None
    assert (karnofsky_from_ecog(1).low, karnofsky_from_ecog(1).high) == (70, 90)


def test_printed_conversions():
    assert (karnofsky_from_ecog(1, mapping="conventional").low, karnofsky_from_ecog(1, mapping="ma2010").low) == (70, 80)
    assert ecog_from_karnofsky(70, mapping="prasad2018").status == "borrowed"


def test_unknown_stays_unknown_and_nonsense_is_refused():
    found = ecog_from_karnofsky(None)
    assert (found.low, found.point, found.missing) == (None, None, ("karnofsky",))
    for wrong in (85, 110, -10):
        with pytest.raises(CaseError, match="steps of ten"):
            ecog_from_karnofsky(wrong)
    with pytest.raises(CaseError, match="0 to 5"):
        karnofsky_from_ecog(6)
    with pytest.raises(CaseError, match="no conversion"):
        karnofsky_from_ecog(1, mapping="guess")
