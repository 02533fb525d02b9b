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
        ("pain = 6", "pain = 0\npainful = true", "painful = true, but pain is 0"),
        ("pain = 6", 'pain = 6\ntreated_before = ["rfa", " "]', "a word is empty"),
        ('id = "B1"', 'id = "l1 "', "two lesions share an id"),
        ('id = "B1"', f'id = "{"B" * 41}"', "41 characters"),
        ('site = "T11"', f'site = "T11{" " * 118}"', "121 characters"),
        ("metastases_total = 2", "metastases_total = 1", "2 lesions are listed"),
        ('extrahepatic = ["bone"]', 'extrahepatic = ["bone", "lung"]', "2 lesions are listed and there are metastases in lung"),
        ("pain = 6", "pain = 6\ngrowing = true\n", "1 of the lesions listed grow, but progressing_lesions says 0"),
        ("metastases_total = 2", "metastases_total = 2\nprogressing_lesions = 5", "5 lesions grow"),
        ('extrahepatic = ["bone"]', 'subtype = "luminal A"\ner = false\npr = false', "luminal"),
        ('organ = "liver"', 'organ = "spleen"', "organ"),
    ],
)
def test_contradictions_and_slips_are_named(folder, old, new, says):
    text = DESCRIBED.replace("metastases_total", "progressing_lesions = 0\nmetastases_total") if "growing" in new else DESCRIBED
    (folder / "case.toml").write_text(text.replace(old, new))
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('organ = "liver"', 'organ = "lung"'),
        ('organ = "liver"', 'organ = "liver"\nsite = "segment II"'),
        ("diameter_mm = 24", "diameter_mm = 37"),
        ("diameter_mm = 24", "diameter_mm = 11"),
        ('id = "L1"', 'id = "L2"'),
        ('id = "described"', 'id = "somebody else"'),
    ],
)
def test_a_decision_on_another_lesion_is_not_applied_and_not_lost(folder, old, new):
    decided = overrule(
        select(open_case(folder)), lesion_id="L1", procedure_name="mwa", answer="indicated", by="Board", reason="why"
    )
    save_case(decided, folder)
    (folder / "case.toml").write_text(DESCRIBED.replace(old, new))
    again = select(open_case(folder))
    assert all(decision(again, option) is None for option in standing(again))
    told = " ".join(again.notes)
    assert "lesion L1 (liver, 24 mm), mwa: indicated instead of cannot say, by Board" in told
    assert "why" in told
    assert decided.overrules[0] in again.course, "the record stays"
    save_case(again, folder)
    (folder / "case.toml").write_text(DESCRIBED)
    back = select(open_case(folder))
    assert decided.overrules[0] in back.course
    assert back.overrules == (), "once withdrawn, a decision is not revived by a further edit"


@pytest.mark.parametrize("new", ["diameter_mm = 35", 'diameter_mm = 13\nsite = " "'])
def test_a_decision_outlives_growth_and_shrinkage_of_its_lesion(folder, new):
    decided = overrule(
        select(open_case(folder)), lesion_id="L1", procedure_name="mwa", answer="indicated", by="Board", reason="why"
    )
    save_case(decided, folder)
    (folder / "case.toml").write_text(DESCRIBED.replace("diameter_mm = 24", new))
    again = open_case(folder)
    assert again.overrules == decided.overrules
    assert "1 decision(s) of persons were kept" in again.notes[-1]


def test_the_answer_of_the_rules_withdraws_a_decision(folder):
    wanted = {"lesion_id": "L1", "procedure_name": "mwa", "by": "Board", "reason": "why"}
    decided = overrule(select(open_case(folder)), answer="indicated", **wanted)
    option = next(o for o in standing(decided) if (o.lesion_id, o.procedure) == ("L1", "mwa"))
    back = overrule(decided, answer=option.answer, **wanted)
    assert decision(back, option) is None
    assert back.overrules == ()
    assert len(back.course) == len(decided.course) + 1, "both entries stay"
    assert decision(overrule(back, answer="possible", **wanted), option).answer == "possible"


def test_free_words_are_read_without_capitals_and_outer_spaces(folder):
    text = DESCRIBED.replace("pain = 6", 'pain = 6\ntreated_before = [" RFA", "rfa", "Radiotherapy "]\naccess_blocked = []')
    (folder / "case.toml").write_text(text.replace('["bone"]', '["Bone "]'))
    case = open_case(folder)
    assert case.lesions[1].treated_before == ("rfa", "radiotherapy")
    assert case.lesions[1].access_blocked == ()
    assert case.disease.extrahepatic == ("bone",)


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
        ({"procedure_name": "vertebroplasty"}, "not done in this organ"),
        ({"by": "B" * 81}, "name has 81 characters"),
        ({"reason": "r" * 1001}, "reason has 1001 characters"),
        ({"answer": "cannot say"}, "no decision to withdraw"),
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
