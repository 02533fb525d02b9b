"""What a plan of an embolization says, and what it refuses to say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.case import (
    Case,
    Disease,
    Fitness,
    Labs,
    Lesion,
    Liver,
    Organ,
    Overrule,
    Patient,
    PriorLine,
    read_chart,
    write_chart,
)
from locoregional.errors import NotModelled, PlanningError
from locoregional.procedures import found, procedure
from locoregional.procedures.tace.drug import doses_of
from locoregional.procedures.tace.settings import CtaceSettings, DebTaceSettings, TaeSettings
from locoregional.procedures.tace.territory import lobe_of
from locoregional.progress import silent

KNOWN = Disease(
    ecog=1,
    surgical_candidate=False,
    extrahepatic=(),
    labs=Labs(bilirubin_umol_l=12, albumin_g_l=40, inr=1.0, platelets_giga_l=200, egfr_ml_min=80),
    liver=Liver(portal_vein_occluded=False, cirrhosis=False, encephalopathy="none", hypervascular=True),
    fitness=Fitness(infection=False, pregnant=False, bleeding_correctable=True, contrast_allergy=False, anthracycline_mg_m2=0),
    ascites=False,
)
WOMAN = Patient("p", age_years=60, sex="F", height_cm=165, weight_kg=65)
NAMES = ("tae", "ctace", "deb_tace")


def case_of(disease=KNOWN, patient=WOMAN, diameters_mm=(42.0,), site="segment 6"):
    lesions = tuple(
        Lesion(f"L{i}", Organ.LIVER, d, (0.0, 0.0, 0.0), site=site if i == 1 else "") for i, d in enumerate(diameters_mm, start=1)
    )
    return Case(patient, disease, lesions)


def plan_of(name, case, **changes):
    return replace(procedure(name), **changes).plan(case, case.lesions[0], silent)


def numbers(plan):
    return {q.name: q for q in plan.quantities}


def test_all_three_are_modelled_in_the_liver_with_settings_of_their_own():
    kinds = {"tae": TaeSettings, "ctace": CtaceSettings, "deb_tace": DebTaceSettings}
    for name, kind in kinds.items():
        assert found()[name].modelled == {"liver"}
        assert found()[name].settings_type() is kind
        plan = plan_of(name, case_of())
        assert isinstance(plan.settings, kind)
        assert plan.feasible
        assert plan.needles == ()
    bone = Lesion("B", Organ.BONE, 20.0, (0.0, 0.0, 0.0))
    with pytest.raises(NotModelled, match="not yet modelled in bone"):
        procedure("ctace").plan(Case(WOMAN, lesions=(bone,)), bone, silent)


@pytest.mark.parametrize("name", NAMES)
def test_the_settings_survive_the_disk(name, tmp_path):
    case = case_of()
    plan = plan_of(name, case)
    write_chart(case.appended(plan), tmp_path)
    again, _ = read_chart(tmp_path)
    assert again.plans[0] == plan
    assert again.patient.weight_kg == 65


def test_doses_follow_body_surface():
    """Du Bois, 165 cm and 65 kg: 1.716 m2; gemcitabine at 1200 mg/m2 and doxorubicin at 50 to 75 mg/m2."""
    case = case_of()
    assert case.patient.body_surface_m2 == pytest.approx(1.71605, abs=1e-4)
    gemcitabine, doxorubicin = (d.dose_mg for d in doses_of(case, ("gemcitabine", "doxorubicin")))
    assert gemcitabine == pytest.approx(1200 * 1.71605, rel=1e-4)
    assert doxorubicin == pytest.approx(50 * 1.71605, rel=1e-4)
    q = numbers(plan_of("ctace", case, drugs=("doxorubicin",)))["dose_doxorubicin"]
    assert q.high == pytest.approx(75 * 1.71605, rel=1e-4)
    with pytest.raises(PlanningError, match="Use gemcitabine"):
        doses_of(case, ("aspirin",))


def test_without_height_and_weight_no_dose_is_given_and_the_plan_says_how_to_add_them():
    plan = plan_of("ctace", case_of(patient=Patient("p")))
    assert numbers(plan)["dose_gemcitabine"].value is None
    assert plan.settings.doses[0].dose_mg is None
    assert any("height_cm and weight_kg under [patient]" in words for words in plan.cautions)
    assert plan.feasible, "a missing number stops nobody from looking at the rest"
    assert numbers(plan)["oil"].value is not None


@pytest.mark.parametrize(
    ("diameters_mm", "vials"),
    [((50.0,), 1), ((50.1,), 2), ((30.0, 20.0, 10.0), 1), ((30.1, 20.0), 2), ((10.0, 10.0, 10.0, 10.0), 2)],
)
def test_vials_by_the_extent_of_the_tumour(diameters_mm, vials):
    plan = plan_of("deb_tace", case_of(diameters_mm=diameters_mm))
    settings = plan.settings
    assert settings.vials == vials
    assert settings.doses[0].dose_mg == 75 * vials <= 150
    assert settings.beads_ml == 2 * vials
    assert settings.loading_mg_ml == pytest.approx(37.5)
    assert settings.contrast_ml >= 5 * settings.beads_ml
    assert (settings.smallest_um, settings.largest_um) == (70, 150)


@given(st.floats(5, 300))
def test_oil_grows_with_the_tumour_up_to_its_ceiling(diameter_mm):
    plan = plan_of("ctace", case_of(diameters_mm=(diameter_mm,)))
    oil = numbers(plan)["oil"]
    assert oil.value == pytest.approx(min(diameter_mm / 10, 15))
    assert oil.low <= oil.value <= oil.high <= 20
    assert plan.settings.aqueous_ml == pytest.approx(oil.value / 4)


def test_a_drug_that_the_emulsion_cannot_hold_is_told():
    small = plan_of("ctace", case_of(diameters_mm=(20.0,)), drugs=("doxorubicin",))
    held = numbers(small)["held_doxorubicin"]
    assert held.value == pytest.approx(0.5 * 20)
    assert any("only 10 to 20 mg dissolve" in words for words in small.cautions)
    large = plan_of("ctace", case_of(diameters_mm=(150.0,)), drugs=("doxorubicin",))
    assert not any("dissolve" in words for words in large.cautions)


@pytest.mark.parametrize(
    ("prior", "said"),
    [(0, ""), (270, "Anthracycline would add up to 314"), (420, "Anthracycline would add up to 464"), (450, "no further dose")],
)
def test_anthracyclines_of_a_lifetime_add_up(prior, said):
    """75 mg in 1.716 m2 are 44 mg/m2: warned of from 300 mg/m2 on, against 450 to 550 mg/m2."""
    disease = replace(KNOWN, fitness=replace(KNOWN.fitness, anthracycline_mg_m2=prior))
    plan = plan_of("deb_tace", case_of(disease))
    total = numbers(plan)["anthracycline_sum"]
    mine = [words for words in plan.cautions if words.startswith("Anthracycline")]
    assert bool(mine) == bool(said)
    assert all(said in words for words in mine)
    if prior < 450:
        assert total.value == pytest.approx(prior + 75 / 1.71605, abs=0.01)
        assert (total.low, total.high) == (prior, total.value)
    assert plan.feasible, "the limit is not verified: it warns, and a person decides"
    if prior == 420:
        assert "up to 51 mg would stay below" in mine[0]
        assert "not verified" in mine[0]


def test_an_unknown_earlier_dose_is_asked_for():
    lines = (PriorLine("chemotherapy", "epirubicin and cyclophosphamide"),)
    disease = replace(KNOWN, fitness=replace(KNOWN.fitness, anthracycline_mg_m2=None), prior_lines=lines)
    plan = plan_of("deb_tace", case_of(disease))
    words = next(w for w in plan.cautions if w.startswith("Anthracyclines add up"))
    assert "anthracycline_mg_m2 under [disease.fitness]" in words
    assert "epirubicin" in words
    assert numbers(plan)["anthracycline_sum"].value is None
    assert "anthracycline_sum" not in numbers(plan_of("ctace", case_of(disease)))


@pytest.mark.parametrize("name", NAMES)
def test_a_hard_stop_makes_the_plan_infeasible_and_says_why(name):
    disease = replace(KNOWN, liver=replace(KNOWN.liver, portal_vein_occluded=True))
    case = case_of(disease)
    plan = plan_of(name, case)
    assert not plan.feasible
    assert plan.cautions[0].startswith("Forbidden: Portal vein occluded")
    decided = Overrule("L1", name, "possible", "contraindicated", "Dr A", "collaterals seen")
    overruled = plan_of(name, case.appended(decided))
    assert overruled.feasible
    assert overruled.cautions[0].startswith("Overruled by a person, and still true: Portal vein occluded")


def test_bilirubin_vascularity_and_open_questions_are_cautions():
    disease = replace(
        KNOWN, labs=replace(KNOWN.labs, bilirubin_umol_l=30), liver=replace(KNOWN.liver, hypervascular=False, encephalopathy=None)
    )
    plan = plan_of("deb_tace", case_of(disease))
    said = " ".join(plan.cautions)
    assert "Bilirubin 30" in said
    assert "Hypovascular" in said
    assert "hepatic encephalopathy" in plan.cautions[0]
    assert "could forbid" in plan.cautions[0]
    assert "Bilirubin 30" not in " ".join(plan_of("tae", case_of(disease)).cautions)


def test_schedule_and_side_effects_are_told():
    plan = plan_of("ctace", case_of())
    said = " ".join(plan.words)
    for part in (
        "1, 3 and 6 months",
        "2 to 3 months",
        "near stasis",
        "fever (grade 3",
        "0 to 17.4 %",
        "to be confirmed on angiography",
    ):
        assert part in said
    assert plan.settings.image_months == (1.0, 3.0, 6.0)
    assert "17.4" not in " ".join(plan_of("tae", case_of()).words), "pooled for chemoembolization only"


@pytest.mark.parametrize(
    ("site", "lobe"),
    [
        ("segment 6", "right"), ("S8", "right"), ("seg. IVb", "left"), ("segment 1", "caudate"), ("left lobe", "left"),
        ("segment VII", "right"), ("", ""), ("right and left", ""), ("dome", ""),
    ],
)  # fmt: skip
def test_lobes_as_stated(site, lobe):
    assert lobe_of(Lesion("L", Organ.LIVER, 20.0, site=site)) == lobe


def test_lesions_of_both_lobes_are_treated_one_lobe_at_a_time():
    case = case_of(diameters_mm=(30.0, 20.0))
    other = replace(case.lesions[1], site="segment 3")
    plan = plan_of("tae", replace(case, lesions=(case.lesions[0], other)))
    assert any("both lobes" in words for words in plan.words)
    assert plan.settings.territory.startswith("right lobe")
    unsaid = plan_of("tae", case_of(site=""))
    assert unsaid.settings.territory.startswith("lobar")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_predicted_that_cannot_be(name):
    case = case_of()
    plan = plan_of(name, case)
    same, outcome = procedure(name).simulate(case, plan, silent)
    assert same is case
    assert outcome.predicted
    assert outcome.maps == {}
    values = {q.name: q for q in outcome.quantities}
    assert values["embolic_load"].value is None
    assert "arterial tree" in values["embolic_load"].words
    assert values["tumour_volume"].value == pytest.approx(3.14159 / 6 * 4.2**3, rel=1e-4)
    verdict = procedure(name).verify(case, outcome, silent)
    assert verdict.success is None
    assert "survival" not in " ".join((*outcome.words, *verdict.words))
    if name == "deb_tace":
        assert values["doxorubicin_in_tumour"].value == pytest.approx(75 / values["tumour_volume"].value)
        assert values["doxorubicin_in_tumour"].low == 0
    if name == "ctace":
        assert values["oil_against_tumour"].value == pytest.approx(100 * 4.2 / values["tumour_volume"].value)


def test_a_plan_of_something_else_is_not_simulated():
    case = case_of()
    foreign = replace(plan_of("tae", case), settings=WOMAN, settings_type="x:y")
    with pytest.raises(NotModelled):
        procedure("tae").simulate(case, foreign, silent)
