"""From a question to an activity: models side by side, goals, stops, and the document."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from locoregional.errors import PlanningError
from locoregional.procedures.tare.activity_plan import plan_activity, plan_all
from locoregional.procedures.tare.activity_report import activity_document, comparison_lines, plan_lines, vial_lines
from locoregional.procedures.tare.activity_request import MODELS, ActivityRequest, PerfusedTerritory, assumed_interval, model_of
from locoregional.procedures.tare.limits import LiverFunction
from locoregional.procedures.tare.microspheres import product
from locoregional.procedures.tare.schedule import vial_at
from locoregional.procedures.tare.spread import Spread, exact

HALVES = {
    "right": PerfusedTerritory(exact(0.7), exact(150.0), exact(800.0), exact(4.0)),
    "left": PerfusedTerritory(exact(0.3), exact(50.0), exact(500.0), exact(4.0), exact(0.02)),
}
ASKED = ActivityRequest(
    device="resin",
    scenario="whole liver",
    tumour_ml=exact(200.0),
    normal_ml=exact(1300.0),
    lung_shunt=Spread(0.05, 0.03, 0.08),
    tn_concentration_ratio=exact(4.0),
    height_cm=165.0,
    weight_kg=65.0,
    territories=HALVES,
    function=LiverFunction(10.0, False, None),
)


def _doses(plan):
    return {dose.name: dose for dose in plan.doses}


def test_all_models_answer_side_by_side():
    plans, left_out = plan_all(ASKED)
    assert [plan.model for plan in plans] == list(MODELS)
    assert left_out == {}
    by_name = {plan.model: plan for plan in plans}
    assert by_name["bsa"].activity.value == pytest.approx(1.716029 - 0.2 + 200.0 / 1500.0, abs=1e-6)
    assert by_name["empiric"].activity.value == 2.0
    for name in ("mird", "partition", "modified-partition", "multi"):
        assert _doses(by_name[name])["normal_dose"].value == pytest.approx(40.0), name
    assert by_name["modified-partition"].activity.value == pytest.approx(by_name["partition"].activity.value)
    for plan in plans:
        for dose in plan.doses:
            assert dose.low <= dose.value <= dose.high
            assert "conventional constant" in dose.method or dose.name == "lung_activity"
            assert dose.sources
    lines = comparison_lines(plans, left_out)
    assert len(lines) >= 8
    assert "tumour" in lines[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lung_g": exact(1.0)}, "no mass of an adult's lungs"),  # kilograms
        ({"activity_calibration_factor": exact(26.0)}, "no ratio"),  # per cent
    ],
)
def test_numbers_that_nobody_has_are_refused(change, says):
    with pytest.raises(PlanningError, match=says):
        replace(ASKED, **change)


@pytest.mark.parametrize("change", [{"tumour_ml": exact(260.0)}, {"normal_ml": exact(1200.0)}])
def test_territories_must_add_up_to_what_is_perfused(change):
    with pytest.raises(PlanningError, match="said to be perfused"):
        plan_activity(replace(ASKED, **change), "multi")
    assert plan_activity(replace(ASKED, tumour_ml=exact(201.0)), "multi").activity.value > 0  # rounding is forgiven


def test_a_formula_is_judged_and_what_it_exceeds_is_told():
    request = replace(ASKED, function=LiverFunction(10.0, True, None))
    plan = plan_activity(request, "bsa")
    assert [x.target for x in plan.exceeded] == ["normal"]
    assert any(line.strip().startswith("EXCEEDS 30 Gy") for line in plan_lines(plan))
    assert any("by the partition model" in words for words in plan.words)
    assert plan_activity(replace(request, tn_concentration_ratio=None), "bsa").response.model.name == "mird"


def test_glass_leaves_out_the_formulas_of_resin():
    plans, left_out = plan_all(replace(ASKED, device="glass"))
    assert {"bsa", "empiric"} == set(left_out)
    assert all("resin" in why for why in left_out.values())
    assert all(x.device == "glass" for plan in plans for x in plan.limits)


def test_a_given_activity_is_judged():
    plan = plan_activity(replace(ASKED, activity_gbq=3.0), "partition")
    assert plan.activity.value == 3.0
    assert _doses(plan)["normal_dose"].value == pytest.approx(3.0 * plan.response.gy_per_gbq["normal"])
    assert [x.target for x in plan.exceeded] == ["normal"]
    low = plan_activity(replace(ASKED, activity_gbq=0.5), "partition")
    assert low.exceeded == ()


def test_a_wanted_dose_gives_its_activity():
    plan = plan_activity(replace(ASKED, device="glass", goal_target="perfused", goal_gy=60.0), "mird")
    assert _doses(plan)["perfused_dose"].value == pytest.approx(60.0)
    assert plan.activity.value == pytest.approx(60.0 * 1.5 * 1.04 / (49.67 * 0.95))
    tumour = plan_activity(replace(ASKED, goal_gy=100.0), "partition")
    assert _doses(tumour)["tumour_dose"].value == pytest.approx(100.0)
    with pytest.raises(PlanningError, match="gives no dose"):
        plan_activity(replace(ASKED, goal_gy=100.0), "mird")
    with pytest.raises(PlanningError, match="Gy"):
        plan_activity(replace(ASKED, goal_gy=-1.0), "partition")


@pytest.mark.parametrize("model", MODELS)
def test_no_model_gives_an_activity_where_too_much_shunts(model):
    territories = {name: replace(part, lung_shunt=None) for name, part in HALVES.items()}
    plan = plan_activity(replace(ASKED, lung_shunt=exact(0.24), territories=territories), model)
    assert plan.activity.value is None
    assert plan.doses == ()
    assert plan.spheres is None
    assert any(line.startswith("STOP: 24 %") for line in plan_lines(plan))


def test_a_segment_that_is_given_up_needs_a_goal():
    segment = replace(ASKED, device="glass", scenario="segmental", tumour_ml=exact(20.0), normal_ml=exact(130.0))
    plan = plan_activity(segment, "partition")
    assert plan.activity.value is None
    assert "set a goal" in plan.activity.method
    wanted = plan_activity(replace(segment, goal_target="perfused", goal_gy=400.0), "partition")
    assert wanted.activity.value == pytest.approx(400.0 * 0.150 * 1.04 / (49.67 * 0.95))
    assert wanted.exceeded == ()


def test_a_lobe_spares_the_rest_of_the_liver():
    lobe = replace(ASKED, device="glass", scenario="lobar", function=LiverFunction(10.0, False, 0.5))
    alone = plan_activity(lobe, "partition")
    spared = plan_activity(replace(lobe, whole_normal_ml=exact(1950.0)), "partition")
    assert spared.activity.value == pytest.approx(1.5 * alone.activity.value)
    assert any("taken to be the perfused one" in words for words in alone.words)
    assert not any("taken to be the perfused one" in words for words in spared.words)
    with pytest.raises(PlanningError, match="perfused"):
        plan_activity(replace(lobe, whole_normal_ml=exact(900.0)), "partition")


def test_what_is_missing_is_named():
    bare = replace(ASKED, tn_concentration_ratio=None, height_cm=None, territories={})
    _, left_out = plan_all(bare)
    assert set(left_out) == {"bsa", "partition", "modified-partition", "multi"}
    with pytest.raises(PlanningError, match="unknown"):
        model_of(ASKED, "monte-carlo")
    with pytest.raises(PlanningError, match="half of the numbers"):
        model_of(replace(ASKED, tumour_to_normal_activity_ratio=exact(1.0)), "modified-partition")
    with pytest.raises(PlanningError, match="whole liver"):
        plan_activity(replace(ASKED, scenario="lobar"), "empiric")
    with pytest.raises(PlanningError, match="unknown size"):
        plan_activity(replace(ASKED, scenario="lobar"), "bsa")


def test_the_modified_model_takes_its_own_numbers():
    request = replace(ASKED, tumour_to_normal_activity_ratio=exact(1.0), tumour_lung_shunt=exact(0.1))
    rate = plan_activity(request, "modified-partition").response.gy_per_gbq
    in_tumour = 1.0 / (1.0 + 1.0 + 1.0 / 9.0)
    assert rate["tumour"] == pytest.approx(49.67 * in_tumour / 0.208)
    assert rate["lung"] == pytest.approx(49.67 * in_tumour / 9.0)


def test_intervals_are_assumed_and_said_to_be():
    assert assumed_interval(Spread(4.0, 3.0, 6.0), "ratio") == Spread(4.0, 3.0, 6.0)
    assert (assumed_interval(exact(4.0), "ratio").low, assumed_interval(exact(4.0), "ratio").high) == pytest.approx(
        (4 / 1.3, 5.2)
    )
    words = plan_activity(ASKED, "partition").words
    assert any("tn concentration ratio: interval assumed" in w for w in words)
    assert any("26 % above" in w for w in words)
    assert not any("26 % above" in w for w in plan_activity(replace(ASKED, device="glass"), "partition").words)
    with pytest.raises(PlanningError, match="not positive"):
        assumed_interval(exact(0.0), "ratio")


def test_the_same_seed_gives_the_same_document():
    first, again = (activity_document(plan_all(ASKED)[0], left_out={}) for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(again, allow_nan=False)
    other = activity_document(plan_all(replace(ASKED, seed=2))[0], left_out={})
    assert other["plans"][0]["doses"][0]["value"] == first["plans"][0]["doses"][0]["value"]
    assert other["plans"][0]["doses"][0]["low"] != first["plans"][0]["doses"][0]["low"]
    plan = first["plans"][3]
    assert plan["constant"] == {
        "name": "conventional",
        "gy_kg_gbq": 49.67,
        "energy_mev": 0.93127,
        "half_life_h": 64.1,
        "source": "icrp107",
    }
    assert plan["largest"]["binding"]["fact"]["source"] == "weber2022"


def test_a_vial_is_told_with_its_clock():
    instant = datetime(2026, 3, 5, 7, tzinfo=UTC)
    option = vial_at(product("resin"), vial_gbq=3.0, calibrated=instant, infusion=instant, wanted_gbq=1.5)
    (line,) = vial_lines([option])
    for words in ("2026-03-05 07:00 +0000", "draw 50 %", "1.500 GBq given", "30.00 million spheres of 50 Bq"):
        assert words in line
    assert vial_lines([]) == ["no vial gives this activity in that window"]
    assert vial_lines([option] * 3, most=2)[-1] == "1 more"


def test_all_models_take_a_fifth_of_a_second():
    plan_all(ASKED)
    start = time.process_time()
    plan_all(ASKED)
    assert time.process_time() - start < 0.2
