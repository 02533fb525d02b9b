"""Vignettes of the arteries of the liver: each names the row of the evidence tables, or the source, that it comes from."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.case import Case, Disease, Labs, Lesion, Organ, Patient
from locoregional.case.condition import Fitness, Liver
from locoregional.procedures import procedure
from locoregional.procedures.base import assess
from locoregional.procedures.combination import combinations
from locoregional.selection.assess import answer_of
from locoregional.selection.assess import assess as read
from locoregional.selection.profile import Profile

ORDER = ("indicated", "possible", "cannot say", "not indicated", "contraindicated")
FIGURE_2 = Disease(
    er=True,
    pr=True,
    her2=False,
    ecog=1,
    life_expectancy_months=9,
    surgical_candidate=False,
    ascites=False,
    refractory=True,
    extrahepatic=(),
    metastases_total=5,
    liver_metastases_months=4,
    labs=Labs(bilirubin_umol_l=12, albumin_g_l=41, creatinine_umol_l=70, egfr_ml_min=88, inr=1.0, platelets_giga_l=230),
    liver=Liver(
        involvement_percent=20,
        dominant=True,
        cirrhosis=False,
        encephalopathy="none",
        portal_vein_occluded=False,
        biliary_obstruction=False,
        bilioenteric_anastomosis=False,
        radiated=False,
        lung_shunt_percent=5,
        lung_dose_gy=6,
        gut_arteries_safe=True,
        hypervascular=False,
    ),
    fitness=Fitness(infection=False, pregnant=False, contrast_allergy=False, bleeding_correctable=True, anthracycline_mg_m2=240),
)
"""The woman of Figure 2 (51 years, several liver metastases) after her work-up; the paper gives no values: they are synthetic."""


def _case(age_years: float | None = 51, diameter_mm: float = 35.0, lesion_hypervascular: bool | None = None, **changes) -> Case:
    disease = FIGURE_2
    for name, value in changes.items():
        part, _, field = name.rpartition("__")
        disease = replace(disease, **({part: replace(getattr(disease, part), **{field: value})} if part else {field: value}))
    lesions = tuple(
        Lesion(f"L{i + 1}", Organ.LIVER, diameter_mm, (0.0, 0.0, 0.0), hypervascular=lesion_hypervascular) for i in range(5)
    )
    return Case(Patient("p", age_years=age_years, sex="F"), disease, lesions)


def _option(name: str, case: Case):
    return assess(procedure(name), case, case.lesions[0])


def _deciding(option) -> set[str]:
    return {rule.fact.rsplit(":", 1)[1] for rule in answer_of(option.rules)[1]}


def _met(option, name: str):
    return next(rule for rule in option.rules if rule.fact.endswith(f":{name}"))


@pytest.mark.parametrize("name", ["tare_resin", "tare_glass", "ctace", "deb_tace"])
def test_figure_2_is_indicated_once_everything_is_known(name):
    option = _option(name, _case())
    assert option.answer == "indicated", option.words
    assert option.intent == "palliative"


def test_a36_bland_embolization_is_never_more_than_possible():
    option = _option("tae", _case())
    assert (option.answer, _deciding(option)) == ("possible", {"shown_in_breast"})


RADIOEMBOLIZATION = [
    ("I06", {"surgical_candidate": True}, "not indicated", "not indicated", "not_surgical"),
    ("I07", {"life_expectancy_months": 3}, "not indicated", "not indicated", "life_expectancy"),
    ("I07", {"life_expectancy_months": 3.1}, "indicated", "indicated", None),
    ("I08", {"ecog": 2}, "indicated", "indicated", None),
    ("I08", {"ecog": 3}, "not indicated", "not indicated", "ecog"),
    ("I09, vanroekel_thesis table 1", {"labs__bilirubin_umol_l": 34.2}, "indicated", "indicated", None),
    ("I09, vanroekel_thesis table 1", {"labs__bilirubin_umol_l": 34.3}, "not indicated", "not indicated", "bilirubin"),
    ("I09, therasphere_label", {"liver__encephalopathy": "mild"}, "contraindicated", "contraindicated", "encephalopathy"),
    ("I10", {"ascites": True}, "contraindicated", "contraindicated", "ascites"),
    ("I10", {"ascites": None}, "cannot say", "cannot say", "ascites"),
    ("T05", {"liver__gut_arteries_safe": False}, "not indicated", "not indicated", "gut_arteries"),
    ("T06", {"liver__lung_dose_gy": None}, "cannot say", "cannot say", "lung_dose"),
    ("vanroekel_thesis table 1", {"liver__lung_dose_gy": 30.0, "liver__lung_shunt_percent": 18}, "possible", "indicated", None),
    ("vanroekel_thesis table 1", {"liver__lung_dose_gy": 30.1}, "contraindicated", "contraindicated", "lung_dose"),
    ("sirtex_label", {"liver__lung_shunt_percent": 20}, "indicated", "indicated", None),
    ("sirtex_label", {"liver__lung_shunt_percent": 20.1}, "contraindicated", "indicated", None),
    ("sirtex_label", {"liver__lung_shunt_percent": None}, "cannot say", "indicated", None),
    ("therasphere_label", {"liver__involvement_percent": 70}, "indicated", "indicated", None),
    ("therasphere_label", {"liver__involvement_percent": 71}, "possible", "contraindicated", None),
    ("vanroekel_thesis table 1", {"liver__portal_vein_occluded": True}, "possible", "possible", "portal_vein"),
    ("vanroekel_thesis table 1", {"labs__egfr_ml_min": 35}, "indicated", "indicated", None),
    ("vanroekel_thesis table 1", {"labs__egfr_ml_min": 34}, "possible", "possible", "kidney"),
    ("vanroekel_thesis table 1", {"labs__inr": 1.5}, "indicated", "indicated", None),
    ("vanroekel_thesis table 1", {"labs__inr": 1.6}, "possible", "possible", "arterial_inr"),
    (
        "y90_contraindications",
        {"fitness__bleeding_correctable": False},
        "contraindicated",
        "contraindicated",
        "arterial_bleeding",
    ),
    ("y90_contraindications", {"liver__radiated": True}, "possible", "possible", "not_radiated"),
    (
        "vanroekel_thesis table 1",
        {"liver__dominant": False, "extrahepatic": ("lung",), "metastases_total": 6},
        "possible",
        "possible",
        "liver_dominant",
    ),
    ("therasphere_label", {"fitness__pregnant": True}, "contraindicated", "contraindicated", "pregnancy"),
    ("therasphere_label", {"fitness__pregnant": None}, "cannot say", "cannot say", "pregnancy"),
    ("therasphere_label", {"fitness__pregnant": None, "age_years": 60}, "indicated", "indicated", None),
]


@pytest.mark.parametrize(("row", "changes", "resin", "glass", "rule"), RADIOEMBOLIZATION)
def test_radioembolization_at_the_thresholds(row, changes, resin, glass, rule):
    for name, answer in (("tare_resin", resin), ("tare_glass", glass)):
        option = _option(name, _case(**changes))
        assert option.answer == answer, f"{row}: {option.words}"
        if rule is not None:
            assert rule in _deciding(option), row


CHEMOEMBOLIZATION = [
    ("I26, gemcitabine_tace2004", "ctace", {"surgical_candidate": True}, "not indicated", "inoperable"),
    ("facciorusso2015 table 1", "ctace", {"liver__portal_vein_occluded": True}, "contraindicated", "portal_vein"),
    ("facciorusso2015 table 1", "tae", {"liver__portal_vein_occluded": None}, "cannot say", "portal_vein"),
    (
        "facciorusso2015 table 1, Child-Pugh 9 points",
        "deb_tace",
        {"liver__cirrhosis": True, "labs__bilirubin_umol_l": 60, "labs__albumin_g_l": 25},
        "contraindicated",
        "decompensated",
    ),
    ("poliektov2018, 5 points", "deb_tace", {"liver__cirrhosis": True}, "indicated", None),
    ("poliektov2018, 3 mg/dL are 51.3", "ctace", {"labs__bilirubin_umol_l": 51.2}, "indicated", None),
    ("poliektov2018, 3 mg/dL are 51.3", "ctace", {"labs__bilirubin_umol_l": 51.3}, "possible", "bilirubin"),
    ("tace_contraindications", "ctace", {"labs__egfr_ml_min": 30}, "indicated", None),
    ("tace_contraindications", "ctace", {"labs__egfr_ml_min": 29}, "possible", "kidney"),
    ("facciorusso2015 table 1", "ctace", {"diameter_mm": 99.0}, "indicated", None),
    ("facciorusso2015 table 1", "ctace", {"diameter_mm": 100.0}, "possible", "diameter"),
    ("gemcitabine_tace2004", "ctace", {"ecog": 1}, "indicated", None),
    ("gemcitabine_tace2004", "ctace", {"ecog": 2}, "possible", "ecog"),
    ("tace_exclusions", "ctace", {"ecog": 3}, "contraindicated", "fitness"),
    ("tace_exclusions", "deb_tace", {"ecog": None}, "cannot say", "fitness"),
    ("tace_exclusions", "deb_tace", {"fitness__infection": True}, "contraindicated", "arterial_infection"),
    ("doxorubicin_fachinfo", "ctace", {"fitness__pregnant": True}, "contraindicated", "drug_pregnancy"),
    ("doxorubicin_fachinfo", "deb_tace", {"fitness__pregnant": None}, "cannot say", "drug_pregnancy"),
    ("doxorubicin_fachinfo", "ctace", {"fitness__pregnant": None, "age_years": 60}, "indicated", None),
    ("fluoroscopy, recalled", "tae", {"fitness__pregnant": True}, "possible", "arterial_pregnancy"),
    ("gemcitabine_tace2004", "ctace", {"life_expectancy_months": 2.7}, "possible", "life_expectancy"),
    (
        "martin2012",
        "deb_tace",
        {"liver__dominant": False, "extrahepatic": ("lung", "bone"), "metastases_total": 7},
        "possible",
        "liver_dominant",
    ),
    ("lv2016", "ctace", {"liver__bilioenteric_anastomosis": True}, "possible", "bile_open_to_gut"),
    ("facciorusso2015 table 1", "tae", {"liver__biliary_obstruction": True}, "possible", "bile_obstruction"),
    ("doxorubicin_label", "deb_tace", {"fitness__anthracycline_mg_m2": 450}, "indicated", None),
    ("doxorubicin_label", "deb_tace", {"fitness__anthracycline_mg_m2": 451}, "possible", "anthracycline_limit"),
    ("doxorubicin_label", "deb_tace", {"fitness__anthracycline_mg_m2": None}, "possible", "anthracycline_limit"),
    ("doxorubicin_label", "ctace", {"fitness__anthracycline_mg_m2": None}, "indicated", None),
]


@pytest.mark.parametrize(("row", "name", "changes", "answer", "rule"), CHEMOEMBOLIZATION)
def test_chemoembolization_at_the_thresholds(row, name, changes, answer, rule):
    option = _option(name, _case(**changes))
    assert option.answer == answer, f"{row}: {option.words}"
    assert rule is None or rule in _deciding(option), row


WEAK_LIVER = {"liver__cirrhosis": True, "labs__albumin_g_l": 25}
HELD = [
    # rule, procedure, changes for which it holds, and the next for which it does not
    ("arterial_inr", "ctace", {"labs__inr": 1.5}, {"labs__inr": 1.51}),
    ("arterial_platelets", "tae", {"labs__platelets_giga_l": 50}, {"labs__platelets_giga_l": 49.9}),
    ("contrast", "tare_resin", {}, {"fitness__contrast_allergy": True}),
    ("arterial_pregnancy", "tae", {"fitness__pregnant": True, "age_years": 59.9}, {"fitness__pregnant": None, "age_years": 60}),
    ("drug_pregnancy", "deb_tace", {"fitness__pregnant": True, "age_years": 59.9}, {"fitness__pregnant": None, "age_years": 60}),
    ("pregnancy", "tare_glass", {"fitness__pregnant": True, "age_years": 59.9}, {"fitness__pregnant": None, "age_years": 60}),
    ("albumin_low", "ctace", {"labs__albumin_g_l": 34.9}, {"labs__albumin_g_l": 35}),
    ("creatinine_high", "ctace", {"labs__creatinine_umol_l": 106.1}, {"labs__creatinine_umol_l": 106}),
    ("decompensated", "tae", {**WEAK_LIVER, "labs__bilirubin_umol_l": 40}, WEAK_LIVER),
    ("encephalopathy", "tae", {"liver__encephalopathy": "mild"}, {}),
    ("no_ascites", "ctace", {}, {"ascites": True}),
    ("extensive", "ctace", {"liver__involvement_percent": 50.1}, {"liver__involvement_percent": 50}),
    ("refractory", "deb_tace", {}, {"refractory": False}),
    ("life_expectancy", "ctace", {"life_expectancy_months": 2.77}, {"life_expectancy_months": 2.76}),
    ("anthracycline_limit", "deb_tace", {"fitness__anthracycline_mg_m2": 450.1}, {"fitness__anthracycline_mg_m2": 450}),
    ("not_surgical", "tare_glass", {}, {"surgical_candidate": True}),
    ("life_expectancy", "tare_resin", {"life_expectancy_months": 3.1}, {"life_expectancy_months": 3}),
    ("ecog", "tare_glass", {"ecog": 2}, {"ecog": 3}),
    ("lung_dose_old_resin", "tare_resin", {"liver__lung_dose_gy": 25.1}, {"liver__lung_dose_gy": 25}),
    ("lung_shunt_resin", "tare_resin", {"liver__lung_shunt_percent": 20.1}, {"liver__lung_shunt_percent": 20}),
    ("lung_shunt_reduction_20", "tare_resin", {"liver__lung_shunt_percent": 10.1}, {"liver__lung_shunt_percent": 10}),
    ("kidney", "tare_glass", {"labs__egfr_ml_min": 35}, {"labs__egfr_ml_min": 34.9}),
    ("child_pugh", "tare_resin", WEAK_LIVER, {**WEAK_LIVER, "labs__bilirubin_umol_l": 40}),
    ("refractory", "tare_resin", {}, {"refractory": False}),
    ("involvement_resin", "tare_resin", {"liver__involvement_percent": 70}, {"liver__involvement_percent": 70.1}),
    ("involvement_glass", "tare_glass", {"liver__involvement_percent": 70.1}, {"liver__involvement_percent": 70}),
    ("disseminated_resin", "tare_resin", {"liver__dominant": False}, {}),
    (
        "burden_albumin_glass",
        "tare_glass",
        {"liver__involvement_percent": 50.1, "labs__albumin_g_l": 29.9},
        {"liver__involvement_percent": 50.1, "labs__albumin_g_l": 30},
    ),
    (
        "burden_albumin_glass",
        "tare_glass",
        {"liver__involvement_percent": 50.1, "labs__albumin_g_l": 29.9},
        {"liver__involvement_percent": 50, "labs__albumin_g_l": 29.9},
    ),
    ("er_positive", "tare_glass", {}, {"er": False}),
    ("vascularity", "ctace", {"liver__hypervascular": True}, {"liver__hypervascular": False, "lesion_hypervascular": False}),
]


@pytest.mark.parametrize(("rule", "name", "changes", "beyond"), HELD, ids=[f"{v[0]}-{v[1]}-{i}" for i, v in enumerate(HELD)])
def test_where_a_rule_holds_and_where_it_ends(rule, name, changes, beyond):
    assert _met(_option(name, _case(**changes)), rule).met is True
    assert _met(_option(name, _case(**beyond)), rule).met is False


def test_i09_dose_limits_of_the_liver_are_told_by_product():
    words = {
        name: " ".join(a.words for a in _option(name, _case()).advice if a.source == "weber2022" and a.kind == "preparation")
        for name in ("tare_resin", "tare_glass")
    }
    assert "40 Gy" in words["tare_resin"]
    assert "75 Gy" not in words["tare_resin"]
    assert "75 Gy" in words["tare_glass"]
    assert "40 Gy" not in words["tare_glass"]


def test_a60_earlier_treatment_of_the_liver_is_not_waved_through():
    assert not [a for a in _option("tare_resin", _case()).advice if "does not speak against" in a.words]
    told = [a for a in _option("tare_resin", _case()).advice if "A60" in a.evidence]
    assert [a.kind for a in told] == ["against"]


def test_i10_a_missing_ascites_is_named_and_the_answer_without_it_too():
    option = _option("tare_resin", _case(ascites=None))
    assert option.otherwise == "indicated"
    assert option.missing == ("ascites",)


def test_limits_of_resin_and_glass_are_never_mixed():
    resin, glass = ({r.id for r in procedure(name).rules.rules} for name in ("tare_resin", "tare_glass"))
    assert resin - glass == {
        "lung_dose_old_resin", "lung_shunt_resin", "lung_shunt_reduction_20", "disseminated_resin", "involvement_resin",
    }  # fmt: skip
    assert glass - resin == {"involvement_glass", "burden_albumin_glass"}
    for name, other in (("tare_resin", "glass"), ("tare_glass", "resin")):
        for rule in procedure(name).rules.rules:
            assert f"({other} microspheres" not in rule.words


def test_the_old_limit_of_resin_is_recalled_and_cannot_exclude():
    option = _option("tare_resin", _case(liver__lung_dose_gy=26))
    assert option.answer == "possible"
    assert _deciding(option) == {"lung_dose_old_resin"}
    assert "unverified" in option.words
    assert _option("tare_glass", _case(liver__lung_dose_gy=26)).answer == "indicated"


@pytest.mark.parametrize(("months", "met"), [(6, True), (7, False)])
def test_p25_early_treatment_speaks_for_it_and_decides_nothing(months, met):
    option = _option("tare_resin", _case(liver_metastases_months=months))
    assert _met(option, "early").met is met
    assert option.answer == "indicated"


def test_p22_high_vascularity_is_a_caution_with_its_doubt():
    option = _option("ctace", _case(liver__hypervascular=True))
    rule = _met(option, "vascularity")
    assert (rule.met, rule.effect, rule.status) == (True, "caution", "unverified")
    assert "Counter-intuitive" in rule.note
    assert option.answer == "indicated"


def test_doxorubicin_given_before_is_added_up():
    assert _met(_option("deb_tace", _case(fitness__anthracycline_mg_m2=300)), "anthracycline_counts").met
    assert not _met(_option("deb_tace", _case(fitness__anthracycline_mg_m2=299)), "anthracycline_counts").met


def test_t05_t06_what_must_be_prepared_for_radioembolization():
    words = {
        name: " ".join(a.words for a in _option(name, _case()).advice if a.kind == "preparation")
        for name in ("tare_resin", "tare_glass")
    }
    for text in words.values():
        assert "gastroduodenal and the left gastric artery" in text
        assert "99mTc-MAA" in text
        assert "15 days" in text
    assert "capecitabine" in words["tare_resin"]
    assert "capecitabine" not in words["tare_glass"]
    assert "0.61 GBq" in words["tare_glass"]


def test_bacteria_in_the_bile_ducts_call_for_an_antibiotic():
    def asked(case):
        return [a.words for a in _option("ctace", case).advice if "ntibiotic" in a.words]

    assert asked(_case(liver__bilioenteric_anastomosis=True))
    assert not asked(_case())


@pytest.mark.parametrize(
    ("name", "kind", "row"),
    [
        ("tare_resin", "against", "A15"),
        ("tare_glass", "against", "A15"),
        ("tare_resin", "for", "A02"),
        ("tare_resin", "for", "O048"),
        ("tare_resin", "against", "I11"),
        ("tare_glass", "against", "A60"),
        ("tare_glass", "against", "A04"),
        ("ctace", "against", "A59"),
        ("ctace", "for", "I28"),
        ("ctace", "for", "O173"),
        ("tae", "against", "O170"),
        ("ctace", "against", "O031"),
        ("ctace", "for", "O020"),
        ("ctace", "against", "A04"),
        ("deb_tace", "against", "A03"),
        ("tae", "against", "A36"),
    ],
)
def test_evidence_for_and_against_stands_side_by_side(name, kind, row):
    assert row in {r for a in _option(name, _case()).advice if a.kind == kind for r in a.evidence}


def test_o048_the_registry_of_resin_is_borrowed_for_glass():
    status = {
        name: next(a.status for a in _option(name, _case()).advice if "O048" in a.evidence)
        for name in ("tare_resin", "tare_glass")
    }
    assert status == {"tare_resin": "verified", "tare_glass": "borrowed"}


@pytest.mark.parametrize(
    ("diameter_mm", "answer"), [(30.0, "possible"), (30.1, "indicated"), (100.0, "indicated"), (100.1, "possible")]
)
def test_chemoembolization_then_ablation_is_for_larger_lesions(diameter_mm, answer):
    case = _case(diameter_mm=diameter_mm)
    combination = combinations()["tace_then_ablation"]
    option = read(combination.rules, Profile(case, case.lesions[0]), title=combination.title)
    assert option.answer == answer
    assert {r.status for r in option.rules} == {"borrowed"}, "the limits come from other tumours"
    assert "wanghj2017" in {rule.fact.source for rule in combination.rules.advice}, "the one comparison in breast cancer"


WORSE = st.fixed_dictionaries(
    {},
    optional={
        "ecog": st.integers(2, 4),
        "ascites": st.just(True),
        "life_expectancy_months": st.floats(0, 8),
        "labs__bilirubin_umol_l": st.floats(12, 200),
        "labs__inr": st.floats(1.0, 4.0),
        "liver__lung_dose_gy": st.floats(6, 80),
        "liver__lung_shunt_percent": st.floats(5, 60),
        "liver__involvement_percent": st.floats(20, 95),
        "liver__encephalopathy": st.sampled_from(["mild", "severe"]),
        "liver__portal_vein_occluded": st.just(True),
        "liver__radiated": st.just(True),
        "fitness__pregnant": st.just(True),
        "fitness__anthracycline_mg_m2": st.floats(240, 700),
    },
)


@pytest.mark.parametrize("name", ["tare_resin", "tare_glass", "ctace", "deb_tace", "tae"])
@given(worse=WORSE)
def test_a_worse_patient_is_never_a_better_candidate(name, worse):
    steps = [dict(list(worse.items())[:n]) for n in range(len(worse) + 1)]
    answers = [ORDER.index(_option(name, _case(**step)).answer) for step in steps]
    assert answers == sorted(answers)


ASKED = """
    ecog ascites life_expectancy_months surgical_candidate refractory labs__bilirubin_umol_l labs__inr labs__platelets_giga_l
    labs__egfr_ml_min liver__portal_vein_occluded liver__lung_dose_gy liver__gut_arteries_safe liver__encephalopathy
    liver__biliary_obstruction fitness__pregnant fitness__infection
""".split()


@pytest.mark.parametrize("name", ["tare_resin", "tare_glass", "ctace", "deb_tace", "tae"])
@given(st.sets(st.sampled_from(ASKED), min_size=1))
def test_a_missing_datum_never_gives_indicated(name, missing):
    option = _option(name, _case(**dict.fromkeys(missing)))
    open_ = [r for r in option.rules if r.met is None and r.effect in ("required", "favourable", "excluding")]
    assert not (open_ and option.answer == "indicated")
