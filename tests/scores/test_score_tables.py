"""Every point and every band edge of the shipped tables, written out here a second time by hand."""

from __future__ import annotations

import pytest

from locoregional.scores.additive import ScoreTable
from locoregional.scores.table_file import read_table, table_names
from locoregional.sources import STATUSES, bibliography

POINTS = {
    "sins": {
        "location": {"junctional": 3, "mobile": 2, "semirigid": 1, "rigid": 0},
        "pain": {"mechanical": 3, "occasional": 1, "none": 0},
        "bone_lesion": {"lytic": 2, "mixed": 1, "blastic": 0},
        "alignment": {"subluxation": 4, "deformity": 2, "normal": 0},
        "collapse": {"gt_50pct": 3, "lt_50pct": 2, "no_collapse_gt_50pct_body_involved": 1, "none": 0},
        "posterolateral": {"bilateral": 3, "unilateral": 1, "none": 0},
    },
    "mirels": {
        "site": {"upper_limb": 1, "lower_limb": 2, "peritrochanteric": 3, "humerus": 1, "femur": 2},
        "pain": {"mild": 1, "moderate": 2, "functional": 3, "none": 1},
        "lesion": {"blastic": 1, "mixed": 2, "lytic": 3},
        "size": {"lt_1_3": 1, "1_3_to_2_3": 2, "gt_2_3": 3},
    },
    "bauer_modified": {
        "no_visceral_metastases": {"yes": 1, "no": 0},
        "no_lung_cancer": {"breast": 1, "lung": 0, "other": 1},
        "favourable_primary": {"breast": 1, "kidney": 1, "lymphoma": 1, "myeloma": 1, "lung": 0, "other": 0},
        "solitary": {"yes": 1, "no": 0},
    },
    "van_der_linden": {
        "karnofsky": {"80-100": 2, "50-70": 1, "20-40": 0},
        "primary": {"breast": 3, "prostate": 2, "lung": 1, "other": 0},
        "visceral_metastases": {"no": 1, "yes": 0},
    },
    "tokuhashi": {
        "karnofsky": {"10-40": 0, "50-70": 1, "80-100": 2},
        "extraspinal_bone_metastases": {"ge_3": 0, "1_to_2": 1, "0": 2},
        "vertebral_metastases": {"ge_3": 0, "2": 1, "1": 2},
        "organ_metastases": {"unremovable": 0, "removable": 1, "none": 2},
        "primary": {"lung": 0, "liver": 1, "others": 2, "kidney": 3, "uterus": 3, "rectum": 4, "thyroid": 5, "breast": 5},
        "palsy": {"A": 0, "B": 0, "C": 1, "D": 1, "E": 2},
    },
    "katagiri": {
        "primary": {"slow_growth": 0, "moderate_growth": 2, "rapid_growth": 3},
        "visceral_or_cerebral": {"none": 0, "nodular": 1, "disseminated": 2},
        "laboratory": {"normal": 0, "abnormal": 1, "critical": 2},
        "ecog_3_4": {"no": 0, "yes": 1},
        "previous_chemotherapy": {"no": 0, "yes": 1},
        "multiple_skeletal": {"no": 0, "yes": 1},
    },
    "child_pugh": {
        "bilirubin": {"below_34": 1, "34_to_51": 2, "above_51": 3},
        "albumin": {"above_35": 1, "28_to_35": 2, "below_28": 3},
        "inr": {"below_1_7": 1, "1_7_to_2_3": 2, "above_2_3": 3},
        "ascites": {"none": 1, "mild": 2, "moderate": 3, "severe": 3},
        "encephalopathy": {"none": 1, "1": 2, "2": 2, "3": 3, "4": 3},
    },
    "child_pugh_albumin_30": {
        "bilirubin": {"below_34": 1, "34_to_51": 2, "above_51": 3},
        "albumin": {"above_35": 1, "30_to_35": 2, "below_30": 3},
        "inr": {"below_1_7": 1, "1_7_to_2_3": 2, "above_2_3": 3},
        "ascites": {"none": 1, "mild": 2, "moderate": 3},
        "encephalopathy": {"none": 1, "mild": 2, "severe": 3},
    },
}
BANDS = {
    "sins": [("stable", 0, 6), ("potentially_unstable", 7, 12), ("unstable", 13, 18)],
    "mirels": [("low", 4, 7), ("borderline", 8, 8), ("high", 9, 12)],
    "bauer_modified": [("poor", 0, 1), ("intermediate", 2, 2), ("good", 3, 4)],
    "van_der_linden": [("A", 0, 3), ("B", 4, 5), ("C", 6, 6)],
    "tokuhashi": [("short", 0, 8), ("intermediate", 9, 11), ("long", 12, 15)],
    "katagiri": [("low_risk", 0, 3), ("intermediate_risk", 4, 6), ("high_risk", 7, 10)],
    "child_pugh": [("A", 5, 6), ("B", 7, 9), ("C", 10, 15)],
    "child_pugh_albumin_30": [("A", 5, 6), ("B", 7, 9), ("C", 10, 15)],
}


@pytest.fixture(params=sorted(POINTS))
def table(request) -> ScoreTable:
    return read_table(request.param)


def test_every_table_is_written_out_here():
    assert sorted(POINTS) == sorted(BANDS) == sorted(table_names())


def test_items_and_points(table):
    assert [item.key for item in table.items] == list(POINTS[table.name])
    for item in table.items:
        expected = POINTS[table.name][item.key]
        assert {text: item.answer(text).points for text in expected} == expected
        assert {item.answer(text).key for text in expected} == {a.key for a in item.answers}, "an answer is not tested"


def test_bands(table):
    assert [(b.name, b.low, b.high) for b in table.bands] == BANDS[table.name]


def test_everything_has_a_source_a_place_and_a_status(table):
    assert table.primary in bibliography()
    for part in (*table.items, *table.bands):
        assert part.source in bibliography()
        assert part.where
        assert part.status in STATUSES


def test_names_of_answers_do_not_clash(table):
    for item in table.items:
        names = [name.lower() for answer in item.answers for name in (answer.key, *answer.also)]
        assert len(names) == len(set(names))


def test_numbers_have_exactly_one_answer(table):
    for item in table.items:
        intervals = [a.interval for a in item.answers if a.interval is not None]
        edges = sorted({e for i in intervals for e in (i.low, i.high) if abs(e) < 1e6})
        close = [e + d for e in edges for d in (-1e-6, 0.0, 1e-6)]
        whole = table.name in ("tokuhashi", "van_der_linden")  # counts and steps of ten: nothing lies between the answers
        for value in edges if whole else close:
            assert sum(i.holds(value) for i in intervals) == 1, f"{item.key} {value}"


def test_nothing_recalled_is_called_verified():
    assert {item.status for item in read_table("katagiri").items} == {"unverified"}
    assert {item.status for item in read_table("sins").items} == {"verified"}
    assert read_table("mirels").item("pain").answer("none").status == "unverified"


def test_pain_of_sins_is_not_3_2_1_as_one_page_prints_it():
    item = read_table("sins").item("pain")
    assert sorted(a.points for a in item.answers) == [0, 1, 3]
    assert item.answer("none").points == 0, "with 3, 2, 1 a painless level would score and the total could not start at 0"


def test_prognosis_of_tokuhashi_is_not_shifted_as_one_page_prints_it():
    words = {b.low: b.words for b in read_table("tokuhashi").bands}
    assert "under 6 months" in words[0]
    assert "6 months or more" in words[9]
    assert "1 year or more" in words[12]
