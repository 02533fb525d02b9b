import pytest

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
