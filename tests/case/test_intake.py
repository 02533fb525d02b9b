import pytest

from locoregional.case import Organ
from locoregional.case.intake import read_intake
from locoregional.errors import CaseError

GOOD = """
[patient]
id = "patient-1"
age_years = 72
[disease]
er = true
[disease.labs]
inr = 1.0
[images.planning]
path = "ct"
[[lesions]]
id = "L1"
organ = "liver"
seed_lps_mm = [-85.6, 79.8, -276.4]
diameter_mm = 11
"""


def test_a_hand_written_case_is_read(tmp_path):
    (tmp_path / "case.toml").write_text(GOOD)
    intake = read_intake(tmp_path / "case.toml")
    assert intake.patient.age_years == 72
    assert intake.disease.labs.inr == 1.0
    assert intake.disease.pr is None
    assert intake.lesions[0].seed_lps_mm == (-85.6, 79.8, -276.4)
    assert intake.structures.find_missing


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("diameter_mm = 11", "", "needs a mask, or seed_lps_mm and diameter_mm"),
        ("diameter_mm = 11", "diameter_cm = 1.1", "diameter_cm"),
        ("diameter_mm = 11", "diameter_mm = -1", "diameter_mm"),
        ('organ = "liver"', 'organ = "spleen"', "organ"),
        ("age_years = 72", "age_years = 720", "impossible"),
        ("inr = 1.0", "inr = 100", "unit"),
        ("[images.planning]", "[images.after]", "images.planning"),
        ("er = true", "er = perhaps", "TOML"),
        ("[patient]", "[person]", "person|patient"),
    ],
)
def test_mistakes_name_their_field(tmp_path, old, new, says):
    (tmp_path / "case.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(CaseError, match=says):
        read_intake(tmp_path / "case.toml")


def test_absent_file_names_the_remedy(tmp_path):
    with pytest.raises(CaseError, match="locoregional import"):
        read_intake(tmp_path / "case.toml")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("er = true", "ecog = true", "disease.ecog"),
        ("er = true", 'er = "off"', "disease.er"),
        ("er = true", "er = 1", "disease.er"),
        ("diameter_mm = 11", 'diameter_mm = "20"', "diameter_mm"),
        ("diameter_mm = 11", "diameter_mm = true", "diameter_mm"),
        ("diameter_mm = 11", "diameter_mm = nan", "diameter_mm"),
        ("diameter_mm = 11", "diameter_mm = 11\npain = true", "pain"),
        ("diameter_mm = 11", "diameter_mm = 11\npain = 3.0", "pain"),
        ("diameter_mm = 11", "diameter_mm = 11\nsite = 6", "site"),
        ('id = "patient-1"', "id = 2024-01-01", "2024-01-01 is a date"),
    ],
)
def test_no_value_is_taken_for_one_of_another_kind(tmp_path, old, new, field):
    (tmp_path / "case.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(CaseError, match=field):
        read_intake(tmp_path / "case.toml")


def test_whole_numbers_lists_and_choices_are_read_as_the_field_needs_them(tmp_path):
    more = 'diameter_mm = 11\nlabel = "GTV"\npain = 3\ntreated_before = ["rfa"]\nnear_mm = { bowel = 12 }\n'
    more += "[lesions.bone]\nfractured = false"
    (tmp_path / "case.toml").write_text(GOOD.replace("diameter_mm = 11", more))
    lesion = read_intake(tmp_path / "case.toml").lesions[0]
    assert (lesion.organ, lesion.treated_before, lesion.label) == (Organ.LIVER, ("rfa",), "GTV")
    assert isinstance(lesion.near_mm["bowel"], float)
    assert lesion.bone.fractured is False
