"""Radioembolization of a case: plan, predicted dose, delivered dose, verdict, against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from liver_making import GRID, INFUSION, LPS, ball, known, liver_case, volume_of

from locoregional import workflow
from locoregional.case import ActivityImage, Disease, Fitness, Labs, Liver, Outcome, PlanarCounts, Quantity, Vial
from locoregional.errors import NotModelled, PlanningError
from locoregional.imaging.volume import Grid, Volume
from locoregional.procedures import procedure
from locoregional.progress import silent

CONSTANT = 49.67
DENSITY = 1.04  # of the CT, 40 HU
RESIN, GLASS = procedure("tare_resin"), procedure("tare_glass")


def number(entry, name):
    return next(q for q in entry.quantities if q.name == name)


def planned(case, doer=RESIN, lesion=0):
    return doer.plan(case, case.lesions[lesion], silent)


@pytest.fixture(scope="module")
def course():
    case = liver_case()
    plan = planned(case)
    case, outcome = RESIN.simulate(case.appended(plan), plan, silent)
    return case.appended(outcome), plan, outcome


def test_the_activity_is_that_at_which_the_binding_limit_is_met(course):
    _, plan, _ = course
    assert plan.feasible
    dose = number(plan, "normal_dose").value
    assert dose == pytest.approx(40.0)  # resin, not pretreated
    tumour = number(plan, "tumour_dose").value
    assert tumour / dose == pytest.approx(5.0, rel=1e-6)  # doses of two tissues of one density as their concentrations
    gbq = plan.settings.activity_gbq
    lung = CONSTANT * gbq * 0.04 / 1.0
    assert number(plan, "lung_dose").value == pytest.approx(lung)
    one, two, liver = (volume_of(ball(c, r)) for c, r in (((-25, 0, 0), 18.0), ((30, 0, 0), 12.0), ((0, 0, 0), 65.0)))
    mass = (liver - one - two) + 5.0 * (one + two)
    density = 1e-3 * CONSTANT * gbq * 0.96 / dose / (1e-6 * mass)  # kg/l that the plan counts with
    assert density == pytest.approx(1.04, abs=0.03)
    assert number(plan, "tn_concentration_ratio").value == pytest.approx(5.0, rel=1e-6)


def test_the_dose_map_gives_the_doses_of_the_plan_where_the_ct_has_its_density(course):
    _, plan, outcome = course
    for name, ratio in (("L1", 5.0), ("L2", 5.0), ("normal_perfused_liver", 1.0)):
        found = number(outcome, f"mean_dose_{name}")
        assert found.low < found.value < found.high
        if name != "normal_perfused_liver":
            assert found.value == pytest.approx(ratio * 40.0, rel=0.16)  # the step at the border is rounded off
        else:
            assert found.value == pytest.approx(40.0, rel=0.03)
    assert outcome.traces["volume_percent_L1"][0] == pytest.approx(100.0)
    falls = np.array(outcome.traces["volume_percent_L1"])
    assert (np.diff(falls) <= 1e-9).all()
    assert any("conventional" in w and "49.67" in w for w in outcome.words)
    assert plan.settings.constant == "conventional"


def test_the_verdict_asks_for_the_dose_of_responders_and_the_limit_of_the_liver(course):
    case, _, outcome = course
    verdict = RESIN.verify(case, outcome, silent)
    assert verdict.words[0].startswith("Predicted mean dose to L1")
    assert "79.5 Gy reached" in verdict.words[0]
    assert "limit of 40 Gy too close to call" in verdict.words[1]  # the plan sits on it
    assert verdict.success is None


def test_a_pretreated_liver_and_glass_have_limits_of_their_own():
    assert number(planned(liver_case(disease=known(lines=2))), "normal_dose").value == pytest.approx(30.0)
    glass = planned(liver_case(), GLASS)
    share = {"whole_normal_dose": 90.0, "lung_activity": 0.61, "lung_dose": 30.0}
    bound = min(limit / number(glass, name).value for name, limit in share.items())
    assert bound == pytest.approx(1.0)
    assert number(glass, "spheres").value == pytest.approx(glass.settings.activity_gbq * 1e9 / 2500.0)


def test_without_a_lung_shunt_there_is_no_activity():
    disease = Disease(labs=Labs(bilirubin_umol_l=12.0))
    plan = planned(liver_case(disease=disease, mapped=False))
    assert not plan.feasible
    assert plan.settings.activity_gbq is None
    assert "without the lung shunt" in plan.words[0]


@pytest.mark.parametrize("shunt", [21.0, 45.0])
def test_a_lung_shunt_over_20_percent_is_a_stop(shunt):
    plan = planned(liver_case(shunt_percent=shunt, mapped=False))
    assert not plan.feasible
    assert any("20 %" in w for w in plan.cautions)


def test_planar_counts_are_preferred_to_a_stated_shunt():
    case = liver_case(planar=PlanarCounts(8000, 8000, 92000, 92000), shunt_percent=4.0)
    plan = planned(case)
    assert plan.settings.lung_shunt_share == pytest.approx(0.08)
    assert number(plan, "lung_shunt_stated").value == pytest.approx(0.04)


def test_an_open_artery_to_the_gut_forbids_the_plan():
    plan = planned(liver_case(open_arteries=("right gastric artery",)))
    assert not plan.feasible
    assert plan.cautions[0].startswith("Open towards the gut: right gastric artery")


def test_a_lobe_spares_the_rest_and_leaves_lesions_out():
    right = ball((0, 0, 0), 65.0) & (LPS[..., 0] < 5)
    case = liver_case(structures={"perfused_right": right})
    case = replace(case, radioembolization=replace(case.radioembolization, scenario="lobar"))
    plan = planned(case)
    assert number(plan, "whole_normal_dose").value < 0.7 * number(plan, "normal_dose").value
    assert "not perfused, so not treated: L2" in plan.words
    other = planned(case, lesion=1)
    assert not other.feasible
    assert other.words[0].startswith("Lesion L2 does not lie in what is perfused")


def test_two_catheter_positions_share_the_activity_as_the_work_up_did():
    sides = np.sign(LPS[..., 0] - 5)
    whole = ball((0, 0, 0), 65.0)
    case = liver_case(structures={"perfused_right": whole & (sides < 0), "perfused_left": whole & (sides > 0)})
    plan = planned(case)
    assert plan.settings.model == "multi"
    assert plan.settings.activity_gbq == pytest.approx(planned(liver_case()).settings.activity_gbq, rel=0.01)


def test_a_perfused_volume_outside_the_liver_is_an_error():
    with pytest.raises(PlanningError, match="lies outside the liver"):
        planned(liver_case(structures={"perfused_volume": ball((70, 0, 0), 25.0)}))
    with pytest.raises(PlanningError, match="overlap"):
        planned(liver_case(structures={"perfused_a": ball((0, 0, 0), 40.0), "perfused_b": ball((10, 0, 0), 40.0)}))


def test_vials_are_told_with_what_is_left_of_them():
    vials = (Vial(3.0, INFUSION), Vial(3.0, INFUSION.replace(day=12)))
    plan = planned(liver_case(infusion=INFUSION, vials=vials))
    first = number(plan, "vial_1")
    assert first.value == pytest.approx(plan.settings.activity_gbq)
    assert "drawn; 3.00 GBq left then" in first.method
    assert number(plan, "vial_2").value is None  # expired
    assert "expire" in number(plan, "vial_2").method


def test_without_a_map_the_plan_stands_and_no_dose_map_is_invented():
    case = liver_case(mapped=False)
    plan = planned(case)
    assert plan.feasible
    assert plan.settings.model == "mird"
    with pytest.raises(NotModelled, match="activity map of the work-up"):
        RESIN.simulate(case, plan, silent)


def test_what_was_delivered_is_read_judged_and_compared(course):
    case, plan, _ = course
    liver, one = ball((0, 0, 0), 65.0), ball((-25, 0, 0), 18.0)
    gbq = plan.settings.delivered_gbq
    shape = (liver + 3.0 * one).astype(np.float64)
    bq_ml = (shape * (gbq * 0.96e9 / (shape.sum() * GRID.voxel_ml))).astype(np.float32)
    image = ActivityImage(
        case.store.put(Volume(bq_ml, GRID.affine, unit="Bq/ml")), "Y-90", INFUSION, INFUSION, gbq, registration_error_mm=2.0
    )
    treated = replace(case, activities={**case.activities, "treatment": image})
    judged = workflow.verify(treated)
    observed = [o for o in judged.outcomes if not o.predicted]
    assert len(observed) == 1
    mean = number(observed[0], "mean_dose_L1").value
    expected = CONSTANT * bq_ml[one].mean() * 1e-9 / (DENSITY * 1e-3)
    assert mean == pytest.approx(expected, rel=0.08)
    assert mean < expected, "the step at the border is rounded off"
    verdict = next(v for v in judged.verdicts if v.outcome_id == observed[0].id)
    assert verdict.words[0].startswith("Delivered mean dose to L1")
    assert any(w.startswith("Predicted against delivered (means): L1") for w in verdict.words)
    again = workflow.verify(judged)
    assert len(again.outcomes) == len(judged.outcomes), "read once"
    other = replace(treated, radioembolization=replace(treated.radioembolization, device="glass"))
    assert RESIN.observe(other, plan, silent) is None


def test_counts_taken_for_activity_are_refused(course):
    case, plan, _ = course
    counts = Volume((1000.0 * ball((0, 0, 0), 65.0)).astype(np.float32), GRID.affine, unit="Bq/ml")
    image = ActivityImage(case.store.put(counts), "Y-90", INFUSION, INFUSION, plan.settings.delivered_gbq)
    with pytest.raises(ValueError, match="were injected"):
        RESIN.observe(replace(case, activities={"treatment": image}), plan, silent)


def test_each_lesion_has_its_dose_by_the_map():
    case = liver_case()
    counts = case.activities["work_up"].located(case.store).volume
    uneven = counts.on(np.where(ball((30, 0, 0), 12.0), 0.5 * counts.array, counts.array).astype(np.float32))
    image = replace(case.activities["work_up"], volume=case.store.put(uneven))
    plan = planned(replace(case, activities={"work_up": image}))
    first, second = number(plan, "map_L1"), number(plan, "map_L2")
    assert first.value / second.value == pytest.approx(2.0, rel=1e-6)  # equal densities, half the counts
    assert first.low < first.value < first.high
    assert number(plan, "map_normal").value == pytest.approx(number(plan, "normal_dose").value, rel=1e-6)


def test_what_the_rules_contraindicate_is_not_feasible_unless_a_person_says_so():
    case = liver_case()
    case = replace(case, disease=replace(case.disease, fitness=Fitness(pregnant=True)))
    plan = workflow.plan(workflow.select(case), lesion_id="L1", procedure_name="tare_resin").plans[-1]
    assert not plan.feasible
    assert plan.cautions[0].startswith("Contraindicated by the rules")
    assert "regnan" in plan.cautions[0]


def test_one_no_says_nothing_of_what_else_may_have_harmed_the_liver():
    labs, shunt = Labs(bilirubin_umol_l=12.0), Liver(lung_shunt_percent=4.0)
    unsure = Disease(labs=labs, liver=shunt, chemotherapy_lines=0)
    assert number(planned(liver_case(disease=unsure)), "normal_dose").value == pytest.approx(30.0)
    sound = replace(unsure, liver=replace(shunt, radiated=False, cirrhosis=False))
    assert number(planned(liver_case(disease=sound)), "normal_dose").value == pytest.approx(40.0)
    harmed = replace(sound, liver=replace(shunt, radiated=True, cirrhosis=False))
    assert number(planned(liver_case(disease=harmed)), "normal_dose").value == pytest.approx(30.0)


def test_the_edge_of_the_outline_is_not_read_as_a_fall_of_the_dose():
    case = liver_case()
    even = Volume(np.full(GRID.shape, 100.0, np.float32), GRID.affine, unit="counts")
    image = replace(case.activities["work_up"], volume=case.store.put(even))
    case = replace(case, activities={"work_up": image})
    plan = planned(case)
    _, outcome = RESIN.simulate(case, plan, silent)
    liver = volume_of(ball((0, 0, 0), 65.0))
    expected = CONSTANT * plan.settings.delivered_gbq * 0.96 / (1e-3 * DENSITY * liver)
    for name in ("L1", "normal_perfused_liver"):
        assert number(outcome, f"mean_dose_{name}").value == pytest.approx(expected, rel=1e-4)
        assert number(outcome, f"d98_{name}").value == pytest.approx(expected, rel=1e-4)


def test_a_stated_shunt_counts_before_one_that_nobody_outlined():
    case = liver_case()
    grid = Grid.regular((120, 60, 60), spacing_mm=(4.0, 3.0, 3.0), origin_lps_mm=(-90.0, -90.0, -90.0))
    counts = np.zeros(grid.shape, np.float32)
    counts[:60] = case.activities["work_up"].located(case.store).volume.array
    counts[80:] = 50.0
    image = replace(case.activities["work_up"], volume=case.store.put(Volume(counts, grid.affine, unit="counts")))
    plan = planned(replace(case, activities={"work_up": image}))
    assert plan.settings.lung_shunt_share == pytest.approx(0.04)
    assert number(plan, "lung_shunt_above").value > 0.04


def follow_up(case, radius_mm):
    """Case with a CT of follow-up, on which the first lesion has another size, and what was seen there."""
    store = case.store
    seen = Volume(ball((-25, 0, 0), radius_mm), GRID.affine)
    case = replace(case, images={**case.images, "after": store.put(case.image())})
    return case, Outcome(
        "observed-L1-1", "", "L1", "tare_resin", predicted=False, maps={"lesion": store.put(seen)}, image="after",
        quantities=(Quantity("new_lesions", "new lesions", 0.0, "lesions"),),
    )  # fmt: skip


@pytest.mark.parametrize(("radius_mm", "success"), [(8.0, True), (18.0, None), (27.0, False)])
def test_the_response_stands_beside_the_dose(course, radius_mm, success):
    case, _, predicted = course
    case, seen = follow_up(case, radius_mm)
    verdict = RESIN.verify(case, seen, silent)
    assert verdict.success is success
    said = {True: "responded", False: "did not respond", None: "whether it responded cannot be said"}[success]
    assert verdict.words[0].startswith(f"Observed: {said}")
    assert verdict.quantities[0] == number(predicted, "mean_dose_L1")
    assert any("predicted, not measured" in w and "One lesion shows no relation" in w for w in verdict.words)
    delivered = replace(predicted, id="delivered", predicted=False)
    assert any("Mean dose delivered" in w for w in RESIN.verify(case.appended(delivered), seen, silent).words)


def test_a_response_without_any_dose_says_so():
    case, seen = follow_up(liver_case(), 8.0)
    verdict = RESIN.verify(case, seen, silent)
    assert any("No dose of L1 is in the case" in w for w in verdict.words)
