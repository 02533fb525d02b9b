"""Vignettes of bone: embolization, cement, screws. Each names the row of the evidence tables, or the source, behind it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.case import Case, Disease, Labs, Lesion, Organ, Patient
from locoregional.case.condition import Fitness
from locoregional.case.site import BoneFindings, SpineFindings
from locoregional.procedures import procedure
from locoregional.procedures.base import assess
from locoregional.procedures.combination import combinations
from locoregional.procedures.considered import considered
from locoregional.selection.assess import answer_of
from locoregional.selection.assess import assess as read
from locoregional.selection.profile import Profile

ORDER = ("indicated", "possible", "cannot say", "not indicated", "contraindicated")
PATIENT = Disease(
    er=True,
    pr=True,
    her2=False,
    ecog=1,
    life_expectancy_months=18,
    surgical_candidate=False,
    extrahepatic=("bone",),
    metastases_total=2,
    labs=Labs(inr=1.0, platelets_giga_l=230),
    fitness=Fitness(
        infection=False,
        pregnant=False,
        general_anaesthesia=True,
        contrast_allergy=False,
        cement_allergy=False,
        bleeding_correctable=True,
    ),
)
"""The woman of Figure 4; the paper leaves her values open, so they are synthetic."""
T10 = Lesion(
    "T10",
    Organ.BONE,
    18.0,
    site="T10",
    pain=7,
    treated_before=(),
    hypervascular=False,
    surgery_planned=False,
    near_mm={"spinal_cord": 12.0},
    bone=BoneFindings(appearance="lytic", cortex_broken=False, soft_tissue_part=False, fractured=False),
    spine=SpineFindings(
        pain="mechanical",
        alignment="normal",
        collapse_percent=10,
        body_involved_percent=60,
        posterolateral="none",
        escc="0",
        neurology="E",
        posterior_wall_broken=False,
        levels_to_treat=2,
        corpectomy_planned=False,
    ),
)
T11 = replace(T10, id="T11", site="T11", treated_before=("vertebroplasty",))
FEMUR = Lesion(
    "F",
    Organ.BONE,
    35.0,
    site="femur, shaft",
    pain=6,
    treated_before=(),
    hypervascular=True,
    surgery_planned=False,
    bone=BoneFindings(
        appearance="lytic",
        diameter_share=0.5,
        cortical_length_mm=40,
        cortex_broken=True,
        diaphyseal=True,
        soft_tissue_part=True,
        fractured=False,
        peritrochanteric=False,
        pain_on_loading=True,
        weight_bearing=True,
    ),
)
QUIET_FEMUR = replace(
    FEMUR,
    pain=0,
    bone=replace(
        FEMUR.bone, appearance="blastic", diameter_share=0.2, cortical_length_mm=20, cortex_broken=False, pain_on_loading=False
    ),
)
ACETABULUM = replace(
    FEMUR, id="A", site="acetabulum", bone=replace(FEMUR.bone, diaphyseal=False, soft_tissue_part=False, cortex_broken=False)
)


RIB = replace(
    ACETABULUM,
    id="R",
    site="rib 6",
    bone=replace(ACETABULUM.bone, weight_bearing=False, pain_on_loading=False, cortex_broken=False),
)


def _with(lesion: Lesion, **changes) -> Lesion:
    for name, value in changes.items():
        part, _, field = name.rpartition("__")
        lesion = replace(lesion, **({part: replace(getattr(lesion, part), **{field: value})} if part else {field: value}))
    return lesion


def _case(*lesions: Lesion, disease: Disease = PATIENT) -> Case:
    return Case(Patient("p", age_years=49, sex="F"), disease, lesions)


def _option(name: str, lesion: Lesion, disease: Disease = PATIENT):
    case = _case(lesion, disease=disease)
    return assess(procedure(name), case, lesion)


def _deciding(option) -> set[str]:
    return {rule.fact.rsplit(":", 1)[1] for rule in answer_of(option.rules)[1]}


def _rule(option, name: str):
    return next(rule for rule in option.rules if rule.fact.endswith(f":{name}"))


def _heeded(option) -> set[str]:
    return {rule.fact.rsplit(":", 1)[1] for rule in option.rules if rule.effect == "caution" and rule.met}


@pytest.mark.parametrize("name", ["vertebroplasty", "kyphoplasty"])
def test_figure_4_both_levels_are_indicated_and_the_cemented_one_is_heeded(name):
    case = _case(T10, T11)
    first, second = (assess(procedure(name), case, lesion) for lesion in case.lesions)
    assert (first.answer, second.answer) == ("indicated", "indicated"), (first.words, second.words)
    assert "cemented_before" not in _heeded(first)
    assert "cemented_before" in _heeded(second)
    assert "levels" in _heeded(first), "I23"
    assert first.intent == "palliative"


SPINE = [
    ("I22", "vertebroplasty", {"pain": 0, "spine__pain": "none"}, "not indicated", "pain_or_instability", "SINS 5, no pain"),
    (
        "I22",
        "vertebroplasty",
        {"pain": 0, "spine__pain": "none", "spine__posterolateral": "bilateral"},
        "indicated",
        None,
        "SINS 8",
    ),
    ("I22", "vertebroplasty", {"site": "femur"}, "not indicated", "vertebra", "a long bone"),
    ("I22", "vertebroplasty", {"site": ""}, "cannot say", "vertebra", "site not stated"),
    ("thespinebook_noms", "vertebroplasty", {"spine__escc": "1c"}, "indicated", None, "touches the cord"),
    ("thespinebook_noms", "vertebroplasty", {"spine__escc": "2"}, "not indicated", "cord_free", "compresses the cord"),
    ("thespinebook_noms", "kyphoplasty", {"spine__escc": None}, "cannot say", "cord_free", "no MR"),
    ("patchell2005", "vertebroplasty", {"spine__neurology": "D"}, "not indicated", "neurology", "incomplete palsy"),
    (
        "pacsde_sins",
        "vertebroplasty",
        {"spine__posterolateral": "unilateral", "spine__alignment": "deformity"},
        "indicated",
        None,
        "SINS 11",
    ),
    (
        "pacsde_sins",
        "vertebroplasty",
        {"spine__posterolateral": "bilateral", "spine__alignment": "deformity"},
        "possible",
        "not_unstable",
        "13",
    ),
    ("openradiology_cementoplasty", "vertebroplasty", {"bone__appearance": "blastic"}, "possible", "lytic", "blastic"),
    ("T20, A05", "kyphoplasty", {"spine__collapse_percent": 0}, "possible", "collapse", "no height to restore"),
    ("T20, A05", "kyphoplasty", {"spine__collapse_percent": 1}, "indicated", None, "height to restore"),
    ("T20, A05", "vertebroplasty", {"spine__collapse_percent": 0}, "indicated", None, "asked of kyphoplasty only"),
    ("perez2021", "vertebroplasty", {"spine__posterior_wall_broken": True}, "indicated", None, "relative only"),
]


@pytest.mark.parametrize(("row", "name", "changes", "answer", "rule", "why"), SPINE)
def test_cement_in_the_spine_at_the_thresholds(row, name, changes, answer, rule, why):
    option = _option(name, _with(T10, **changes))
    assert option.answer == answer, f"{row}, {why}: {option.words}"
    assert rule is None or rule in _deciding(option), row


def test_i23_levels_and_the_posterior_wall_are_cautions():
    one, four = (_option("kyphoplasty", _with(T10, spine__levels_to_treat=n)) for n in (1, 4))
    assert not _heeded(one) & {"levels", "levels_of_trial"}
    assert _heeded(four) >= {"levels", "levels_of_trial"}
    assert "levels_of_trial" not in _heeded(_option("kyphoplasty", _with(T10, spine__levels_to_treat=3)))
    assert "posterior_wall" in _heeded(_option("vertebroplasty", _with(T10, spine__posterior_wall_broken=True)))


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [("cement_allergy", True, "cement_allergy"), ("infection", True, "infection"), ("bleeding_correctable", False, "bleeding")],
)
@pytest.mark.parametrize(("name", "lesion"), [("vertebroplasty", T10), ("kyphoplasty", T10), ("cementoplasty", ACETABULUM)])
def test_what_forbids_cement(name, lesion, field, value, rule):
    fitness = replace(PATIENT.fitness, **{field: value})
    option = _option(name, lesion, replace(PATIENT, fitness=fitness))
    assert option.answer == "contraindicated"
    assert _deciding(option) == {rule}


def test_t18_way_in_and_surgeon_for_an_unstable_vertebra():
    advice = _option("vertebroplasty", T10).advice
    assert any(a.kind == "access" and "pedicle" in a.words for a in advice)
    assert any("surgeon" in a.words for a in advice), "SINS 8"
    stable = _with(T10, spine__pain="none", spine__collapse_percent=0, spine__body_involved_percent=20)
    assert not any("surgeon" in a.words for a in _option("vertebroplasty", stable).advice)


OUTSIDE = [
    ("T22", "cementoplasty", ACETABULUM, {}, "indicated", None),
    ("T22", "cementoplasty", ACETABULUM, {"site": "T10"}, "not indicated", "outside_spine"),
    ("T22", "cementoplasty", ACETABULUM, {"site": "sacrum"}, "indicated", None),
    ("sun2014", "cementoplasty", ACETABULUM, {"pain": 0}, "cannot say", "pain_or_fracture_risk"),
    ("I24", "cementoplasty", FEMUR, {}, "possible", "long_bone_alone"),
    ("openradiology_cementoplasty", "cementoplasty", ACETABULUM, {"bone__weight_bearing": None}, "indicated", None),
    ("openradiology_cementoplasty", "cementoplasty", RIB, {}, "possible", "weight_bearing"),
    ("I30", "cementoplasty", RIB, {"pain": 0}, "not indicated", "pain_or_fracture"),
    ("I24", "cementoplasty", QUIET_FEMUR, {}, "not indicated", "pain_or_fracture_risk"),
    ("I25", "fixation", FEMUR, {}, "indicated", None),
    ("I25", "fixation", QUIET_FEMUR, {}, "not indicated", "fracture_risk_long_bone"),
    (
        "vanderlinden2004femur",
        "fixation",
        QUIET_FEMUR,
        {"bone__cortical_length_mm": 30},
        "not indicated",
        "fracture_risk_long_bone",
    ),
    ("vanderlinden2004femur", "fixation", QUIET_FEMUR, {"bone__cortical_length_mm": 31}, "indicated", None),
    ("cazzato2017", "fixation", QUIET_FEMUR, {"bone__fractured": True}, "indicated", None),
    ("cazzato2017", "fixation", QUIET_FEMUR, {"bone__appearance": None, "bone__cortical_length_mm": None}, "cannot say", None),
    ("cazzato2016", "fixation", ACETABULUM, {}, "indicated", None),
    ("cazzato2016", "fixation", ACETABULUM, {"bone__pain_on_loading": False}, "not indicated", "fracture_risk_pelvis"),
    ("cazzato2016", "fixation", ACETABULUM, {"bone__pain_on_loading": None}, "cannot say", "fracture_risk_pelvis"),
    ("cazzato2016", "fixation", ACETABULUM, {"bone__pain_on_loading": False, "bone__fractured": True}, "indicated", None),
    ("I25", "fixation", ACETABULUM, {"site": "rib"}, "not indicated", "site"),
    ("I25", "fixation", T10, {}, "not indicated", "site"),
]


@pytest.mark.parametrize(("row", "name", "lesion", "changes", "answer", "rule"), OUTSIDE)
def test_cement_and_screws_outside_the_spine(row, name, lesion, changes, answer, rule):
    option = _option(name, _with(lesion, **changes))
    assert option.answer == answer, f"{row}: {option.words}"
    assert rule is None or rule in _deciding(option), row


T12 = _with(T10, site="T12", spine__posterolateral="bilateral", bone__appearance="mixed")
BLASTIC = _with(FEMUR, bone__appearance="blastic", bone__cortical_length_mm=20, bone__cortex_broken=False)
HELD = [
    # rule, procedure, lesion for which it holds, and the next for which it does not
    ("not_unstable", "vertebroplasty", T12, _with(T12, bone__appearance="lytic"), "SINS 12 and 13"),
    ("cord_free", "kyphoplasty", _with(T10, spine__escc="1c"), _with(T10, spine__escc="2"), "Bilsky"),
    ("neurology", "kyphoplasty", T10, _with(T10, spine__neurology="D"), "Frankel"),
    ("levels", "vertebroplasty", _with(T10, spine__levels_to_treat=2), _with(T10, spine__levels_to_treat=1), "I23"),
    ("levels_of_trial", "kyphoplasty", _with(T10, spine__levels_to_treat=4), _with(T10, spine__levels_to_treat=3), "1 to 3"),
    ("cemented_before", "vertebroplasty", T11, T10, "Figure 4"),
    ("operation_planned", "vertebroplasty", _with(T10, surgery_planned=True), T10, "the surgeon"),
    ("leak_shaft", "cementoplasty", FEMUR, _with(FEMUR, bone__diaphyseal=False), "P45"),
    ("leak_cortex", "cementoplasty", FEMUR, _with(FEMUR, bone__cortex_broken=False), "P46"),
    ("leak_soft_tissue", "cementoplasty", FEMUR, _with(FEMUR, bone__soft_tissue_part=False), "P47"),
    ("mirels", "fixation", BLASTIC, _with(BLASTIC, bone__diameter_share=0.2), "8 and 7 points"),
    ("axial_cortex", "fixation", _with(FEMUR, bone__cortical_length_mm=30.1), _with(FEMUR, bone__cortical_length_mm=30), "30 mm"),
    ("cord_artery", "embolization_palliative", T10, FEMUR, "an artery to the cord"),
    ("pain_with_operation", "embolization_palliative", _with(T10, surgery_planned=True), T10, "an operation is planned"),
]


@pytest.mark.parametrize(("rule", "name", "lesion", "beyond", "why"), HELD, ids=[f"{v[0]}-{v[1]}" for v in HELD])
def test_where_a_rule_holds_and_where_it_ends(rule, name, lesion, beyond, why):
    assert _rule(_option(name, lesion), rule).met is True, why
    assert _rule(_option(name, beyond), rule).met is False, why


@pytest.mark.parametrize(("months", "answer"), [(1, "indicated"), (0.9, "possible")])
def test_screws_need_a_month_to_live(months, answer):
    assert _option("fixation", FEMUR, replace(PATIENT, life_expectancy_months=months)).answer == answer


def test_screws_and_cement_do_better_than_cement_alone_in_a_long_bone():
    case = _case(FEMUR)
    made = {o.procedure: o.answer for o in considered(case)}
    assert made["cementoplasty"] == "possible"
    assert made["fixation"] == made["fixation_and_cement"] == "indicated"
    allergic = replace(PATIENT, fitness=replace(PATIENT.fitness, cement_allergy=True))
    made = {o.procedure: o.answer for o in considered(_case(FEMUR, disease=allergic))}
    assert (made["fixation"], made["fixation_and_cement"]) == ("indicated", "contraindicated")


def test_advice_for_the_spine_stays_in_the_spine():
    for name in ("vertebroplasty", "kyphoplasty"):
        assert {a.kind for a in _option(name, T10).advice} >= {"for", "against", "access", "preparation"}
        assert not [a for a in _option(name, FEMUR).advice if "vertebra" in a.words or "Leaks on images" in a.words]
    assert not _option("fixation", T10).advice
    assert not [a for a in _option("cementoplasty", T10).advice if "outside the spine" in a.words]


def test_a64_leaks_on_images_stand_beside_the_rate_of_the_review():
    against = [a for a in _option("vertebroplasty", T10).advice if a.kind == "against"]
    assert {r for a in against for r in a.evidence} >= {"O069", "T25", "S69", "S70"}


@pytest.mark.parametrize(("site", "told"), [("T1", True), ("L5", True), ("C5", False)])
def test_t15_the_angiogram_is_for_thoracolumbar_levels(site, told):
    planned = _with(T10, site=site, surgery_planned=True, hypervascular=True, spine__corpectomy_planned=True)
    words = " ".join(a.words for a in _option("embolization_preoperative", planned).advice if a.kind == "preparation")
    assert ("thoracolumbar" in words) is told


def test_i24_p45_p46_p47_a_long_bone_is_heeded():
    option = _option("cementoplasty", FEMUR)
    assert _heeded(option) >= {"leak_shaft", "leak_cortex", "leak_soft_tissue"}
    assert (option.answer, _deciding(option)) == ("possible", {"long_bone_alone"})
    assert _rule(option, "long_bone_alone").contrary == ("O071", "O072")
    assert any("O194" in a.evidence for a in option.advice if a.kind == "against"), "6 of 66 broke later"
    assert not _heeded(_option("cementoplasty", ACETABULUM)) & {
        "leak_shaft",
        "leak_cortex",
        "leak_soft_tissue",
    }


def test_an_operation_that_is_possible_comes_before_screws_and_before_cement_in_a_long_bone():
    fit = replace(PATIENT, surgical_candidate=True)
    screws, cement = _option("fixation", FEMUR, fit), _option("cementoplasty", FEMUR, fit)
    assert (screws.answer, _deciding(screws)) == ("not indicated", {"not_surgical"})
    assert (cement.answer, _deciding(cement)) == ("possible", {"long_bone_alone", "long_bone_not_surgical"})


def test_mirels_speaks_for_screws_with_the_advice_against_relying_on_it():
    rule = _rule(_option("fixation", FEMUR), "mirels")
    assert (rule.met, rule.effect) == (True, "preference")
    assert "advises against" in rule.note


EMBOLIZATION = [
    ("I17, A12", "embolization_preoperative", {"surgery_planned": True, "hypervascular": True}, "possible", {"shown_in_breast"}),
    ("I17", "embolization_preoperative", {"surgery_planned": True, "hypervascular": False}, "not indicated", {"hypervascular"}),
    ("I17", "embolization_preoperative", {"surgery_planned": True, "hypervascular": None}, "cannot say", {"hypervascular"}),
    ("I17", "embolization_preoperative", {"surgery_planned": False, "hypervascular": True}, "not indicated", {"operation"}),
    ("I18", "embolization_palliative", {"hypervascular": True}, "indicated", set()),
    ("I18", "embolization_palliative", {"hypervascular": False}, "possible", {"hypervascular_pain"}),
    ("I18", "embolization_palliative", {"hypervascular": True, "pain": 0}, "not indicated", {"pain"}),
    ("I18", "embolization_palliative", {"hypervascular": True, "pain": None}, "cannot say", {"pain"}),
]


@pytest.mark.parametrize(("row", "name", "changes", "answer", "rules"), EMBOLIZATION)
@pytest.mark.parametrize("lesion", [QUIET_FEMUR, T10], ids=["femur", "T10"])
def test_embolization_of_bone(lesion, row, name, changes, answer, rules):
    base = replace(lesion, pain=6) if "pain" not in changes else lesion
    base = _with(base, spine__pain=None) if "pain" in changes else base
    option = _option(name, _with(base, **changes))
    assert option.answer == answer, f"{row}: {option.words}"
    assert _deciding(option) == rules


def test_a12_the_evidence_against_stands_beside_the_rule():
    planned = {"surgery_planned": True, "hypervascular": True}
    spine = _option("embolization_preoperative", _with(T10, **planned, spine__corpectomy_planned=True))
    shaft = _option("embolization_preoperative", _with(FEMUR, **planned))
    assert _rule(spine, "hypervascular").contrary == ("A12",)
    assert _rule(spine, "shown_in_breast").source == "robial2012"
    against = {
        name: " ".join(a.words for a in option.advice if a.kind == "against") for name, option in (("T10", spine), ("F", shaft))
    }
    assert "no significant difference in blood loss" in against["T10"]
    assert "no study was found" in against["F"]
    assert spine.answer == shaft.answer == "possible"


def test_t13_t14_t15_what_must_be_prepared():
    planned = {"surgery_planned": True, "hypervascular": True}
    spine = _option("embolization_preoperative", _with(T10, **planned, spine__corpectomy_planned=True))
    words = " ".join(a.words for a in spine.advice if a.kind == "preparation")
    assert "48 to 72 hours" in words
    assert "more than 70 %" in words
    assert "36 to 75 %" in words
    assert "corpectomy" in words
    assert "cord_artery" in _heeded(spine)
    shaft = _option("embolization_preoperative", _with(FEMUR, **planned))
    assert "corpectomy" not in " ".join(a.words for a in shaft.advice)
    assert "cord_artery" not in _heeded(shaft)


@pytest.mark.parametrize(
    ("row", "name", "lesion", "changes", "answer"),
    [
        ("I20", "ablation_then_cement", FEMUR, {}, "indicated"),
        ("I20", "ablation_then_cement", QUIET_FEMUR, {}, "possible"),
        ("T14", "embolization_then_surgery", FEMUR, {"surgery_planned": True}, "indicated"),
        ("T14", "embolization_then_surgery", FEMUR, {"surgery_planned": False}, "not indicated"),
        ("T22", "fixation_and_cement", FEMUR, {}, "indicated"),
        ("T22", "fixation_and_cement", T10, {}, "not indicated"),
    ],
)
def test_rules_of_the_combinations(row, name, lesion, changes, answer):
    lesion = _with(lesion, **changes)
    combination = combinations()[name]
    option = read(combination.rules, Profile(_case(lesion), lesion), title=combination.title)
    assert option.answer == answer, f"{row}: {option.words}"


WORSE = st.fixed_dictionaries(
    {},
    optional={
        "spine__escc": st.sampled_from(["1a", "1c", "2", "3"]),
        "spine__neurology": st.sampled_from(["A", "B", "C", "D"]),
        "spine__posterior_wall_broken": st.just(True),
        "spine__posterolateral": st.just("bilateral"),
        "spine__alignment": st.sampled_from(["deformity", "subluxation"]),
        "spine__levels_to_treat": st.integers(2, 6),
        "treated_before": st.just(("vertebroplasty", "radiotherapy")),
    },
)


@pytest.mark.parametrize("name", ["vertebroplasty", "kyphoplasty"])
@given(worse=WORSE)
def test_a_worse_vertebra_is_never_a_better_candidate(name, worse):
    steps = [dict(list(worse.items())[:n]) for n in range(len(worse) + 1)]
    answers = [ORDER.index(_option(name, _with(T10, **step)).answer) for step in steps]
    assert answers == sorted(answers)


@pytest.mark.parametrize(
    ("name", "lesion"), [("vertebroplasty", T10), ("kyphoplasty", T10), ("cementoplasty", FEMUR), ("fixation", FEMUR)]
)
@given(st.sets(st.sampled_from(["pain", "site", "bone", "spine", "treated_before"]), min_size=1), st.booleans())
def test_a_missing_datum_never_gives_indicated(name, lesion, missing, labs):
    empty = {"pain": None, "site": "", "bone": BoneFindings(), "spine": SpineFindings(), "treated_before": None}
    bare = replace(lesion, **{field: empty[field] for field in missing})
    option = _option(name, bare, replace(PATIENT, labs=Labs()) if labs else PATIENT)
    open_ = [r for r in option.rules if r.met is None and r.effect in ("required", "favourable", "excluding")]
    assert not (open_ and option.answer == "indicated")
