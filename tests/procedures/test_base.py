from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.case import Case, Disease, Fitness, Labs, Lesion, Liver, Organ, Patient
from locoregional.procedures import found, procedure
from locoregional.procedures.base import assess
from locoregional.sources import bibliography

FIGURE_1 = Disease(
    er=True,
    pr=True,
    her2=False,
    ecog=1,
    extrahepatic=(),
    ascites=False,
    surgical_candidate=False,
    life_expectancy_months=36,
    labs=Labs(bilirubin_umol_l=12, inr=1.0, platelets_giga_l=230),
    liver=Liver(cirrhosis=False),
    fitness=Fitness(infection=False, bleeding_correctable=True),
)
"""What a tumour board would know of the woman of Figure 1; the paper leaves most of it open, so it is synthetic."""


def _case(disease: Disease = FIGURE_1, diameter_mm: float = 20.0, organ: Organ = Organ.LIVER, count: int = 1) -> Case:
    lesions = tuple(Lesion(f"L{i + 1}", organ, diameter_mm, (0.0, 0.0, 0.0)) for i in range(count))
    if disease.metastases_total is None and disease.extrahepatic != ("bone",):
        disease = replace(disease, metastases_total=count + len(disease.extrahepatic or ()))
    return Case(Patient("p", age_years=72), disease, lesions)


def _answer(case: Case) -> str:
    return assess(procedure("mwa"), case, case.lesions[0]).answer


def test_figure_1_is_indicated():
    option = assess(procedure("mwa"), _case(), _case().lesions[0])
    assert option.answer == "indicated"
    her2 = next(r for r in option.rules if "HER2" in r.words)
    assert her2.met is False
    assert her2.status == "unverified", "an unverified rule is shown and does not decide"


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        (_case(organ=Organ.BONE), "cannot say"),
        (_case(replace(FIGURE_1, surgical_candidate=True)), "not indicated"),
        (_case(replace(FIGURE_1, surgical_candidate=None)), "cannot say"),
        (_case(replace(FIGURE_1, extrahepatic=("lung",))), "possible"),
        (_case(replace(FIGURE_1, extrahepatic=("bone",), metastases_total=3)), "indicated"),
        (_case(replace(FIGURE_1, extrahepatic=("bone",))), "possible"),
        (_case(replace(FIGURE_1, extrahepatic=None)), "possible"),
        (_case(replace(FIGURE_1, er=False)), "possible"),
        (_case(replace(FIGURE_1, labs=Labs(bilirubin_umol_l=12, inr=2.4, platelets_giga_l=230))), "possible"),
        (_case(replace(FIGURE_1, labs=Labs(bilirubin_umol_l=12, inr=1.0, platelets_giga_l=31))), "possible"),
        (_case(diameter_mm=24.9), "indicated"),
        (_case(diameter_mm=25.0), "possible"),
        (_case(diameter_mm=41.0), "possible"),
        (_case(count=3), "indicated"),
        (_case(count=4), "possible"),
        (_case(count=6), "possible"),
    ],
)
def test_thresholds_of_the_sources(case, answer):
    assert _answer(case) == answer


unknown_or = {
    "er": st.none() | st.booleans(),
    "her2": st.none() | st.booleans(),
    "extrahepatic": st.none() | st.sampled_from([(), ("bone",), ("lung",), ("bone", "lung")]),
    "surgical_candidate": st.none() | st.booleans(),
}


@given(st.fixed_dictionaries(unknown_or), st.none() | st.floats(0.8, 5), st.floats(2, 120))
def test_a_missing_datum_never_gives_indicated(known, inr, diameter_mm):
    case = _case(Disease(**known, labs=Labs(inr=inr, platelets_giga_l=200)), diameter_mm)
    option = assess(procedure("mwa"), case, case.lesions[0])
    deciding = [r for r in option.rules if r.status != "unverified" and r.effect in ("required", "favourable", "excluding")]
    if any(r.met is None for r in deciding):
        assert option.answer != "indicated"
    assert (option.answer == "indicated") == all(r.met for r in deciding if r.effect != "excluding")


@given(st.floats(2, 100), st.floats(0, 50))
def test_a_larger_lesion_is_never_a_better_candidate(diameter_mm, more_mm):
    order = ("contraindicated", "not indicated", "cannot say", "possible", "indicated")
    assert order.index(_answer(_case(diameter_mm=diameter_mm + more_mm))) <= order.index(_answer(_case(diameter_mm=diameter_mm)))


@given(st.permutations(range(3)))
def test_the_order_of_lesions_changes_nothing(order):
    sizes = (12.0, 26.0, 44.0)
    lesions = [Lesion(f"L{i}", Organ.LIVER, sizes[i], (0.0, 0.0, 0.0)) for i in range(3)]
    straight = Case(Patient("p"), FIGURE_1, tuple(lesions))
    turned = Case(Patient("p"), FIGURE_1, tuple(lesions[i] for i in order))
    for lesion in lesions:
        assert assess(procedure("mwa"), straight, lesion).answer == assess(procedure("mwa"), turned, lesion).answer


@pytest.mark.parametrize("item", list(found().values()), ids=list(found()))
def test_every_rule_says_who_says_so(item):
    case = _case()
    for result in assess(item, case, case.lesions[0]).rules:
        assert result.source in bibliography()
        assert result.where
        assert result.words
        assert result.seen
