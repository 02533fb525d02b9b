"""What holds for every case: a missing datum indicates nothing, worse never helps, the order of lesions is nothing."""

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.case import Case, Disease, Lesion, Organ, Patient
from locoregional.procedures.considered import considered, shipped_rules
from locoregional.sources import bibliography
from locoregional.validation.random_cases import random_case
from locoregional.workflow import select

seeds = st.integers(0, 10**6)

WORSE_DISEASE = {
    "ecog": lambda v: min(v + 1, 4),
    "life_expectancy_months": lambda v: v / 3,
    "ascites": lambda _: True,
    "metastases_total": lambda v: v + 10,
    "all_sites_treatable": lambda _: False,
    "chemotherapy_lines": lambda v: v + 3,
}
WORSE_LABS = {
    "bilirubin_umol_l": lambda v: v * 2,
    "albumin_g_l": lambda v: v * 0.7,
    "inr": lambda v: v + 0.6,
    "platelets_giga_l": lambda v: v / 3,
    "egfr_ml_min": lambda v: v / 3,
}
WORSE_LIVER = {
    "involvement_percent": lambda v: min(100.0, v + 40),
    "cirrhosis": lambda _: True,
    "encephalopathy": lambda _: "severe",
    "portal_vein_occluded": lambda _: True,
    "biliary_obstruction": lambda _: True,
    "bilioenteric_anastomosis": lambda _: True,
    "radiated": lambda _: True,
    "lung_shunt_percent": lambda v: min(100.0, v + 20),
    "lung_dose_gy": lambda v: v + 40,
    "gut_arteries_safe": lambda _: False,
}
WORSE_FITNESS = {
    "infection": lambda _: True,
    "pregnant": lambda _: True,
    "general_anaesthesia": lambda _: False,
    "contrast_allergy": lambda _: True,
    "cement_allergy": lambda _: True,
    "bleeding_correctable": lambda _: False,
    "anthracycline_mg_m2": lambda v: v + 400,
}
PARTS = {None: WORSE_DISEASE, "labs": WORSE_LABS, "liver": WORSE_LIVER, "fitness": WORSE_FITNESS}
CRITERIA = [(part, name) for part, criteria in PARTS.items() for name in criteria]


def worsened(case: Case, part: str | None, name: str) -> Case | None:
    """Same case with one known criterion worse; None where the case does not know it."""
    holder = case.disease if part is None else getattr(case.disease, part)
    value = getattr(holder, name)
    if value is None:
        return None
    changed = replace(holder, **{name: PARTS[part][name](value)})
    return replace(case, disease=changed if part is None else replace(case.disease, **{part: changed}))


def answers(case: Case) -> dict[tuple[str, str], str]:
    return {(o.lesion_id, o.procedure): o.answer for o in considered(case)}


def results(case: Case) -> dict[tuple[str, str, str], bool | None]:
    return {(o.lesion_id, o.procedure, r.fact): r.met for o in considered(case) for r in o.rules}


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_an_indication_rests_on_known_data_only(seed):
    for option in considered(random_case(seed)):
        decisive = [r for r in option.rules if r.effect in ("required", "excluding", "favourable") and r.status != "unverified"]
        if option.answer == "indicated":
            assert all(r.met is not None for r in decisive)
        if option.answer == "cannot say":
            assert option.missing
            assert option.otherwise in ("indicated", "possible")


def _lesion_unknown(lesion: Lesion) -> list[Lesion]:
    """The lesion once for each known finding, with that finding not known."""
    made = [replace(lesion, near_mm={k: v for k, v in lesion.near_mm.items() if k != name}) for name in lesion.near_mm]
    for part in (None, "bone", "spine"):
        holder = lesion if part is None else getattr(lesion, part)
        for field in dataclasses.fields(holder):
            if getattr(holder, field.name) is None or field.default is not None or field.name == "surgical_candidate":
                continue  # a lesion that is not judged for surgery is judged as the patient is: another answer, no less known
            changed = replace(holder, **{field.name: None})
            made.append(changed if part is None else replace(lesion, **{part: changed}))
    return made


def _unknown(case: Case) -> list[Case]:
    """The case once for each known field of the disease or a lesion, with that field not known."""
    made = [
        replace(case, lesions=(*case.lesions[:i], poorer, *case.lesions[i + 1 :]))
        for i, lesion in enumerate(case.lesions)
        for poorer in _lesion_unknown(lesion)
    ]
    for part in PARTS:
        holder = case.disease if part is None else getattr(case.disease, part)
        for field in dataclasses.fields(holder):
            value = getattr(holder, field.name)
            if value is None or dataclasses.is_dataclass(value) or field.default is not None or field.name == "pregnant":
                continue  # a pregnancy that is not stated is taken for a no at some ages, which the board prints
            changed = replace(holder, **{field.name: None})
            made.append(replace(case, disease=changed if part is None else replace(case.disease, **{part: changed})))
    return made


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_taking_a_datum_away_never_gives_an_indication(seed):
    case = random_case(seed, known=0.97)
    before = answers(case)
    rules = results(case)
    for poorer in _unknown(case):
        gained = {pair for pair, answer in answers(poorer).items() if answer == "indicated" and before[pair] != "indicated"}
        assert gained == set()
        turned = {key for key, met in results(poorer).items() if met is not None and met != rules.get(key, met)}
        assert turned == set(), "a rule whose datum is taken away is open, or stays as it was"


def test_nothing_known_indicates_nothing():
    for organ in Organ:
        case = Case(Patient("p"), Disease(), (Lesion("L1", organ, 20.0),))
        assert "indicated" not in answers(case).values()


@pytest.mark.parametrize(("part", "name"), CRITERIA, ids=[f"{p or 'disease'}.{n}" for p, n in CRITERIA])
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_worse_never_turns_a_contraindication_into_an_indication(part, name, seed):
    case = random_case(seed)
    worse = worsened(case, part, name)
    if worse is None:
        return
    after = answers(worse)
    for pair, answer in answers(case).items():
        if answer == "contraindicated":
            assert after[pair] in ("contraindicated", "not indicated", "cannot say"), pair


@settings(max_examples=25, deadline=None)
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_lesions_changes_nothing(seed, random):
    case = random_case(seed)
    turned = list(case.lesions)
    random.shuffle(turned)
    assert answers(replace(case, lesions=tuple(turned))) == answers(case)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_everything_shown_has_a_source_that_resolves(seed):
    for option in considered(random_case(seed)):
        for said in (*option.rules, *option.advice, *option.prognosis):
            assert said.source in bibliography(), said
        for item in option.expected:
            assert item.sources
            assert set(item.sources) <= set(bibliography())
        for said in (*option.rules, *option.advice):
            assert said.where.strip()


def test_selection_keeps_the_case_and_appends_only():
    case = random_case(7)
    chosen = select(case)
    assert chosen.course[: len(case.course)] == case.course
    assert len(chosen.options) == len(case.lesions) * len(shipped_rules())
    assert replace(chosen, course=()) == replace(case, course=())


def test_selecting_again_repeats_nothing_and_a_change_is_added():
    chosen = select(random_case(7))
    assert select(chosen) == chosen
    worse = select(replace(chosen, disease=replace(chosen.disease, ecog=4)))
    added = worse.course[len(chosen.course) :]
    assert 0 < len(added) < len(chosen.course)
