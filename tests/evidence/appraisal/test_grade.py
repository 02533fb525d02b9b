"""GRADE starts at low and each step down has its numbers."""

from dataclasses import replace

import pytest

from locoregional.evidence.appraisal.grade import LEVELS, Member, grade
from locoregional.evidence.appraisal.minors import Minors
from locoregional.evidence.pooling.pooled import Pooled

GOOD = Minors("A", 12, 16, 16, 0, 8, ())
WEAK = Minors("A", 3, 16, 16, 0, 8, ())

BEST = Pooled(
    "proportion", "REML", "Hartung-Knapp", 0.2, 0.15, 0.26, 0.95, 0.01, 0.0, 0.1, 10.0, 1.0, 0.9, 0.1, 0.35, "hts", None, None,
    "", 12, 600, True, "", (), (),
)  # fmt: skip
MEMBERS = [Member(f"S{i}", 50, "breast", True, GOOD) for i in range(12)]


def down(pooled: Pooled, members: list[Member]) -> dict[str, int]:
    return {s.domain: s.down for s in grade(pooled, members).steps}


def test_nothing_to_object_to_stays_low():
    result = grade(BEST, MEMBERS)
    assert result.certainty == result.start == "low"
    assert [s.domain for s in result.steps] == [
        "risk of bias",
        "inconsistency",
        "indirectness",
        "imprecision",
        "publication bias",
    ]
    assert all(s.words for s in result.steps)
    assert result.words == "low (from low)"


@pytest.mark.parametrize(("i2", "levels"), [(49.0, 0), (50.0, 1), (74.9, 1), (75.0, 2), (95.0, 2)])
def test_inconsistency_by_i2(i2, levels):
    assert down(replace(BEST, i2_percent=i2), MEMBERS)["inconsistency"] == levels


def test_a_wide_prediction_interval_costs_a_level_even_with_low_i2():
    assert down(replace(BEST, prediction_low=0.03, prediction_high=0.62), MEMBERS)["inconsistency"] == 1
    months = replace(BEST, measure="median survival", ci_low=7.0, ci_high=9.0, prediction_low=2.0, prediction_high=30.0)
    assert down(months, MEMBERS)["inconsistency"] == 1


def test_one_study_cannot_be_inconsistent_and_says_so():
    one = grade(replace(BEST, k=1, i2_percent=None, prediction_low=None, prediction_high=None), MEMBERS[:1])
    assert "one study" in one.steps[1].words


def test_indirectness_by_the_share_of_patients():
    mixed = [replace(m, directness="mixed") for m in MEMBERS]
    borrowed = [replace(m, directness="borrowed") for m in MEMBERS]
    assert down(BEST, mixed)["indirectness"] == 1
    assert down(BEST, borrowed)["indirectness"] == 2
    assert down(BEST, MEMBERS[:9] + mixed[9:])["indirectness"] == 0
    large = [replace(mixed[0], total=5000), *MEMBERS[1:]]
    assert down(BEST, large)["indirectness"] == 1, "patients count, not studies"


def test_imprecision_by_number_and_width():
    few = MEMBERS[:1]
    assert down(BEST, few)["imprecision"] == 1
    assert down(replace(BEST, ci_low=0.06, ci_high=0.45), few)["imprecision"] == 2
    assert down(replace(BEST, ci_low=None, ci_high=None), MEMBERS)["imprecision"] == 1
    months = replace(BEST, measure="median survival", ci_low=4.6, ci_high=14.5, prediction_low=6.0, prediction_high=12.0)
    assert down(months, MEMBERS)["imprecision"] == 1


def test_bias_by_weak_methods_and_by_unread_sources():
    assert down(BEST, [replace(m, minors=WEAK) for m in MEMBERS])["risk of bias"] == 1
    assert down(BEST, [replace(m, minors=None) for m in MEMBERS])["risk of bias"] == 1
    unread = grade(BEST, [replace(m, verified=False) for m in MEMBERS])
    assert unread.steps[0].down == 1
    assert "12 of 12 numbers were not read" in unread.steps[0].words


def test_publication_bias_is_not_assessable_below_ten():
    step = grade(replace(BEST, k=3), MEMBERS[:3]).steps[-1]
    assert step.down == 0
    assert "not assessable with 3 studies" in step.words


def test_certainty_never_falls_below_very_low_nor_rises():
    bad = replace(BEST, i2_percent=95.0, ci_low=0.0, ci_high=0.9)
    result = grade(bad, [replace(m, directness="borrowed", minors=None, total=3) for m in MEMBERS[:2]])
    assert result.certainty == LEVELS[0]
    assert result.words.startswith("very low (from low, rated down for risk of bias, inconsistency, indirectness, imprecision")
