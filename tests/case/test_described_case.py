"""Cases without images: described, selected for, never planned."""

import pytest

from locoregional.case.build import open_case, save_case
from locoregional.case.intake import read_intake
from locoregional.case.site import bone_kind, vertebra
from locoregional.errors import CaseError
from locoregional.workflow import chosen, decision, overrule, plan, select, standing

DESCRIBED = """
[patient]
id = "described"
[disease]
extrahepatic = ["bone"]
metastases_total = 2
[[lesions]]
id = "L1"
organ = "liver"
diameter_mm = 24
[[lesions]]
id = "B1"
organ = "bone"
site = "T11"
diameter_mm = 15
pain = 6
near_mm = { spinal_cord = 12 }
[lesions.spine]
escc = "0"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "case.toml").write_text(DESCRIBED)
    return tmp_path


def test_a_case_needs_no_image_to_be_selected_for(folder):
    case = select(open_case(folder))
    assert [x.origin for x in case.lesions] == ["stated", "stated"]
    assert case.lesions[1].bone_kind == "vertebra"
    assert case.lesions[1].hurts is True
    assert {o.lesion_id for o in case.options} == {"L1", "B1"}
    save_case(case, folder)
    again = open_case(folder)
    assert again.options == case.options
    assert again.lesions == case.lesions


def test_it_cannot_be_planned_and_says_why(folder):
    case = select(open_case(folder))
    assert chosen(case) == ()
    with pytest.raises(CaseError, match="nothing to plan"):
        plan(case)
    with pytest.raises(CaseError, match="described"):
        case.lesion("L1").located()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("diameter_mm = 24\n", "", "needs diameter_mm"),
        ("diameter_mm = 24", "diameter_mm = 24\nmask = 'm.nii.gz'", "no planning image"),
        ('site = "T11"', 'site = "T14"', "no vertebra T14"),
        ("spinal_cord = 12", "spinal_chord = 12", "spinal_chord"),
        ("spinal_cord = 12", "spinal_cord = -2", "negative"),
        ('escc = "0"', 'escc = "4"', "escc"),
        ("pain = 6", "pain = 11", "outside"),
        ("pain = 6", "pain = 6\npainful = false", "painful = false"),
        ("metastases_total = 2", "metastases_total = 1", "2 lesions are listed"),
        ("metastases_total = 2", "metastases_total = 2\nprogressing_lesions = 5", "5 lesions grow"),
        ('extrahepatic = ["bone"]', 'subtype = "luminal A"\ner = false\npr = false', "luminal"),
        ('organ = "liver"', 'organ = "spleen"', "organ"),
    ],
)
def test_contradictions_and_slips_are_named(folder, old, new, says):
    (folder / "case.toml").write_text(DESCRIBED.replace(old, new))
    with pytest.raises(CaseError, match=says):
        select(open_case(folder))
    assert not (folder / "chart.json").exists()


def test_a_lesion_off_the_image_is_allowed_beside_one_on_it(tmp_path):
    text = DESCRIBED.replace("[[lesions]]", '[images.planning]\npath = "ct"\n[[lesions]]', 1)
    (tmp_path / "case.toml").write_text(text)
    with pytest.raises(CaseError, match="on_image = false"):
        read_intake(tmp_path / "case.toml")
    on = text.replace("diameter_mm = 24", "diameter_mm = 24\nseed_lps_mm = [0, 0, 0]").replace(
        "pain = 6", "pain = 6\non_image = false"
    )
    (tmp_path / "case.toml").write_text(on)
    assert [x.on_image for x in read_intake(tmp_path / "case.toml").lesions] == [True, False]


def test_a_decision_stays_beside_the_answer_of_the_rules(folder):
    case = select(open_case(folder))
    option = next(o for o in standing(case) if (o.lesion_id, o.procedure) == ("L1", "mwa"))
    decided = overrule(case, lesion_id="L1", procedure_name="mwa", answer="indicated", by="Board", reason="Declined resection")
    assert decision(decided, option).answer == "indicated"
    assert decided.overrules[0].instead_of == option.answer
    save_case(decided, folder)
    (folder / "case.toml").write_text(DESCRIBED + "\n# read once more\n")
    again = select(open_case(folder))
    assert [d.by for d in again.overrules] == ["Board"], "a changed description keeps the decisions"
    assert decision(again, option) is not None


def test_a_decision_lapses_when_the_rules_change_their_answer(folder):
    case = overrule(select(open_case(folder)), lesion_id="L1", procedure_name="mwa", answer="indicated", by="B", reason="r")
    save_case(case, folder)
    text = DESCRIBED.replace("[disease]", "[disease]\nsurgical_candidate = true")
    (folder / "case.toml").write_text(text)
    again = select(open_case(folder))
    option = next(o for o in standing(again) if (o.lesion_id, o.procedure) == ("L1", "mwa"))
    assert option.answer == "not indicated"
    assert decision(again, option) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"by": " "}, "name"),
        ({"reason": ""}, "reason"),
        ({"answer": "perhaps"}, "perhaps"),
        ({"lesion_id": "L9"}, "L9"),
        ({"procedure_name": "surgery"}, "surgery"),
    ],
)
def test_overruling_needs_a_name_a_reason_and_something_to_overrule(folder, change, says):
    case = select(open_case(folder))
    wanted = {"lesion_id": "L1", "procedure_name": "mwa", "answer": "indicated", "by": "Board", "reason": "why"}
    with pytest.raises(CaseError, match=says):
        overrule(case, **(wanted | change))


@pytest.mark.parametrize(
    ("site", "kind"),
    [("T10", "vertebra"), ("L 3, left pedicle", "vertebra"), ("left femur", "long_bone"), ("sacrum", "sacrum"), ("S2", "sacrum"),
     ("right acetabulum", "pelvis"), ("rib 7", "other_bone")],
)  # fmt: skip
def test_the_kind_of_bone_follows_from_the_site(site, kind):
    assert bone_kind(site) == kind
    assert bool(vertebra(site)) == (kind == "vertebra")
