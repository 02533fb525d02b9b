"""Models of delivery: vectors worked out elsewhere, and what must hold whatever the numbers."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import MaskError, PlanningError, UnitsError
from locoregional.procedures.tare.delivery import respond
from locoregional.procedures.tare.doses import doses
from locoregional.procedures.tare.map_prediction import map_prediction
from locoregional.procedures.tare.modified_partition import ModifiedPartition, modified_from_partition
from locoregional.procedures.tare.multi_compartment import MultiCompartment, Territory, Tissue
from locoregional.procedures.tare.partition import Partition
from locoregional.procedures.tare.single_compartment import SingleCompartment
from locoregional.procedures.tare.spread import Spread, draw, exact, relative

KG = exact(1000.0)
MASS = st.floats(10.0, 3000.0)
RATIO = st.floats(0.2, 30.0)
SHARE = st.floats(0.0, 0.6)


def _partition(tumour=300.0, normal=1500.0, ratio=5.0, shunt=0.05, residual=0.0, **more):
    numbers = (exact(x) for x in (tumour, normal, ratio))
    return Partition(*numbers, KG, exact(shunt), exact(residual), **more)


def _vectors(path):
    with open(path / "testvectors_compartment.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_single_compartment_vectors(shared_tables):
    rows = [r for r in _vectors(shared_tables) if r["id"].startswith("MIRD")]
    assert len(rows) == 5
    for r in rows:
        lungs = exact(1000.0 * float(r["m_lung_kg"]))
        perfused = exact(1000.0 * float(r["m_perfused_kg"]))
        model = SingleCompartment(perfused, lungs, exact(float(r["LSF"])), exact(float(r["residual_fraction"])))
        rate = respond(model).gy_per_gbq
        gbq = float(r["A_GBq_at_infusion"])
        assert gbq * rate["perfused"] == pytest.approx(float(r["D_perfused_Gy"]), abs=1e-6)
        assert gbq * rate["lung"] == pytest.approx(float(r["D_lung_Gy"]), abs=1e-6)


def test_partition_vectors_in_both_notations(shared_tables):
    rows = [r for r in _vectors(shared_tables) if r["id"].startswith("PART")]
    assert len(rows) == 5
    for r in rows:
        masses = [exact(1000.0 * float(r[f"m_{x}_kg"])) for x in ("tumour", "normal")]
        lungs = exact(1000.0 * float(r["m_lung_kg"]))
        ratio, shunt, residual = (exact(float(r[x])) for x in ("TN_concentration_ratio", "LSF", "residual_fraction"))
        model = Partition(*masses, ratio, lungs, shunt, residual)
        gbq = float(r["A_GBq_at_infusion"])
        for asked in (model, modified_from_partition(model)):
            rate = respond(asked).gy_per_gbq
            for name in ("tumour", "normal", "lung"):
                assert gbq * rate[name] == pytest.approx(float(r[f"D_{name}_Gy"]), abs=1e-6), (r["id"], asked.name, name)


@settings(max_examples=60, deadline=None)
@given(tumour=MASS, normal=MASS, ratio=RATIO, shunt=SHARE, residual=SHARE)
def test_what_leaves_the_vial_arrives(tumour, normal, ratio, shunt, residual):
    model = _partition(tumour, normal, ratio, shunt, residual)
    for asked in (model, modified_from_partition(model)):
        values = {name: np.array([number.value]) for name, number in asked.inputs.items()}
        parts = asked.parts(values)
        assert sum(float(p.share[0]) for p in parts.values()) == pytest.approx(1.0 - residual, rel=1e-12)
        concentration = {name: float(p.share[0] / p.mass_kg[0]) for name, p in parts.items()}
        assert concentration["tumour"] == pytest.approx(ratio * concentration["normal"], rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(tumour=MASS, normal=MASS, shunt=SHARE, residual=SHARE)
def test_a_ratio_of_one_is_the_single_compartment(tumour, normal, shunt, residual):
    split = respond(_partition(tumour, normal, 1.0, shunt, residual), members=2).gy_per_gbq
    whole = SingleCompartment(exact(tumour + normal), KG, exact(shunt), exact(residual))
    even = respond(whole, members=2).gy_per_gbq
    for name in ("tumour", "normal", "perfused"):
        assert split[name] == pytest.approx(even["perfused"], rel=1e-12)
    assert split["lung"] == pytest.approx(even["lung"], rel=1e-12)


def test_ratios_of_the_two_partition_models_mean_different_things():
    partition = respond(_partition(ratio=5.0)).gy_per_gbq
    numbers = (exact(300.0), exact(1500.0), exact(5.0), exact(0.06), KG)
    modified = respond(ModifiedPartition(*numbers)).gy_per_gbq
    assert modified["tumour"] / modified["normal"] == pytest.approx(25.0)
    assert partition["tumour"] / partition["normal"] == pytest.approx(5.0)


def test_constants_are_named_and_differ_as_stated():
    model = _partition()
    conventional, label = (respond(model, constant=name) for name in ("conventional", "label"))
    assert label.gy_per_gbq["tumour"] / conventional.gy_per_gbq["tumour"] == pytest.approx(50.0 / 49.67, rel=1e-12)
    told = doses(conventional, activity_gbq=2.0)[0]
    assert "conventional constant of 49.67 Gy kg/GBq" in told.method
    assert "physics.dose:constant.conventional" in told.sources
    with pytest.raises(UnitsError, match="no dose constant"):
        respond(model, constant="49.67")


def test_a_vial_that_holds_more_than_stated_gives_more():
    model = _partition()
    stated = respond(model).gy_per_gbq
    true = respond(model, activity_calibration_factor=exact(1.26))
    assert true.gy_per_gbq["tumour"] == pytest.approx(1.26 * stated["tumour"])
    assert true.lung_share == pytest.approx(1.26 * 0.05)
    assert "1.26 times the stated" in doses(true, activity_gbq=1.0)[0].method


def test_one_territory_is_a_partition_and_two_halves_of_it_too():
    one = {"t": Tissue("tumour", exact(300.0)), "n": Tissue("normal", exact(1500.0))}
    uptake = {"t": exact(5.0), "n": exact(1.0)}
    half = Territory(exact(0.5), uptake, exact(0.05))
    for territories in ({"a": Territory(exact(1.0), uptake, exact(0.05))}, {"a": half, "b": half}):
        found = respond(MultiCompartment(one, territories, KG)).gy_per_gbq
        wanted = respond(_partition()).gy_per_gbq
        for name in ("tumour", "normal", "lung", "perfused", "whole_normal"):
            assert found[name] == pytest.approx(wanted[name], rel=1e-12), name


def test_territories_add_in_a_shared_tumour_and_in_the_lungs():
    tissues = {
        "shared": Tissue("tumour", exact(100.0)),
        "right": Tissue("normal", exact(800.0)),
        "left": Tissue("normal", exact(400.0)),
    }
    territories = {
        "r": Territory(exact(0.7), {"shared": exact(4.0), "right": exact(1.0)}, exact(0.1)),
        "l": Territory(exact(0.3), {"shared": exact(2.0), "left": exact(1.0)}, exact(0.02)),
    }
    found = respond(MultiCompartment(tissues, territories, KG, exact(0.02), exact(1500.0)))
    rate, c = found.gy_per_gbq, 49.67 * 0.98
    from_right, from_left = c * 0.7 * 0.9 * 4.0 / (0.4 + 0.8), c * 0.3 * 0.98 * 2.0 / (0.2 + 0.4)
    assert rate["shared"] == pytest.approx(from_right + from_left, rel=1e-12)
    assert rate["lung"] == pytest.approx(c * (0.7 * 0.1 + 0.3 * 0.02), rel=1e-12)
    held = rate["right"] * 0.8 + rate["left"] * 0.4
    assert rate["normal"] == pytest.approx(held / 1.2, rel=1e-12)
    assert rate["whole_normal"] == pytest.approx(held / 1.5, rel=1e-12)
    assert found.lung_share == pytest.approx(0.98 * 0.076)


def test_an_uncertain_split_moves_activity_between_territories_and_loses_none():
    tissues = {"a": Tissue("normal", exact(500.0)), "b": Tissue("normal", exact(500.0))}
    shares = Spread(0.6, 0.4, 0.8), Spread(0.4, 0.2, 0.6)
    names = ("a", "b")
    territories = {n: Territory(s, {n: exact(1.0)}, exact(0.05)) for n, s in zip(names, shares, strict=True)}
    found = respond(MultiCompartment(tissues, territories, KG))
    assert np.allclose(found.draws["a"] + found.draws["b"], 49.67 * 0.95 / 0.5)
    assert np.std(found.draws["a"]) > 1.0
    assert found.gy_per_gbq["a"] == pytest.approx(49.67 * 0.95 * 0.6 / 0.5)


@pytest.mark.parametrize("name", ["lung", "perfused", "whole_normal", "tumour"])
def test_names_of_sums_are_taken(name):
    uptake = {name: exact(1.0), "x": exact(1.0)}
    tissues = {n: Tissue("tumour", exact(10.0)) for n in uptake}
    with pytest.raises(PlanningError, match="a tissue called"):
        MultiCompartment(tissues, {"t": Territory(exact(1.0), uptake, exact(0.0))}, KG)


@pytest.mark.parametrize(
    ("shares", "uptake", "says"),
    [
        ((0.7, 0.4), {"t": 4.0}, "add up to 1.1"),
        ((0.7, 0.3), {"u": 4.0}, "do not match"),
        ((1.0, 0.0), {"t": 4.0}, "Give a positive number"),
    ],
)
def test_territories_that_cannot_be(shares, uptake, says):
    reached = {name: exact(x) for name, x in uptake.items()}
    territories = {str(n): Territory(exact(share), reached, exact(0.0)) for n, share in enumerate(shares)}
    with pytest.raises(PlanningError, match=says):
        MultiCompartment({"t": Tissue("tumour", exact(10.0))}, territories, KG)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"shunt": 5.0}, "5 % is 0.05"),
        ({"residual": 2.0}, "2 % is 0.02"),
        ({"shunt": -0.01}, "negative"),
        ({"tumour": 0.0}, "positive"),
        ({"ratio": -4.0}, "positive"),
        ({"normal": float("nan")}, "not finite"),
        ({"ratio": float("inf")}, "not finite"),
        ({"whole_normal_g": exact(900.0)}, "of which 1500 g are perfused"),
    ],
)
def test_impossible_numbers_are_refused(numbers, says):
    with pytest.raises(PlanningError, match=says) as error:
        _partition(**numbers)
    assert says in str(error.value)


@pytest.mark.parametrize("gbq", [0.0, -1.0, float("nan"), float("inf")])
def test_an_activity_that_is_none_has_no_dose(gbq):
    with pytest.raises(PlanningError, match="GBq"):
        doses(respond(_partition()), activity_gbq=gbq)


def test_the_shunt_is_divided_out_and_not_multiplied():
    model = SingleCompartment(exact(1500.0), KG, exact(0.08), exact(0.02))
    needed = 120.0 / respond(model).gy_per_gbq["perfused"]
    assert needed == pytest.approx(120.0 * 1.5 / (49.67 * 0.92 * 0.98), rel=1e-12)
    multiplied = 120.0 * 1.5 * 0.92 / (49.67 * 0.98)  # as some calculators do
    assert multiplied / needed - 1.0 == pytest.approx(-0.154, abs=5e-4)


def test_draws_have_the_intervals_they_were_given():
    inputs = {"mass_g": Spread(100.0, 70.0, 200.0), "lung_shunt": Spread(0.05, 0.03, 0.12), "fixed": exact(3.0)}
    drawn = draw(inputs, fractions=("lung_shunt",), members=20000, seed=3)
    for name in ("mass_g", "lung_shunt"):
        number = inputs[name]
        assert np.percentile(drawn[name], (5, 50, 95)) == pytest.approx((number.low, number.value, number.high), rel=0.02)
    assert np.all(drawn["fixed"] == 3.0)
    assert abs(np.corrcoef(drawn["mass_g"], drawn["lung_shunt"])[0, 1]) < 0.03
    again = draw(inputs, fractions=("lung_shunt",), members=20000, seed=3)
    assert np.array_equal(drawn["mass_g"], again["mass_g"])


def test_the_interval_of_a_dose_is_that_of_the_one_uncertain_input():
    sure = _partition()
    model = Partition(sure.tumour_g, sure.normal_g, sure.tn_concentration_ratio, relative(1000.0, share=0.25), exact(0.05))
    by_name = {dose.name: dose for dose in doses(respond(model, members=8192), activity_gbq=2.0)}
    lungs, tumour = by_name["lung_dose"], by_name["tumour_dose"]
    assert (lungs.low, lungs.high) == pytest.approx((lungs.value / 1.25, lungs.value * 1.25), rel=0.01)
    assert tumour.low == tumour.value == tumour.high
    assert by_name["lung_1000_g_dose"].low == by_name["lung_1000_g_dose"].high


def test_light_lungs_get_more_and_both_lung_doses_are_told():
    model = Partition(exact(300.0), exact(1500.0), exact(5.0), exact(822.0), exact(0.05))
    by_name = {dose.name: dose for dose in doses(respond(model), activity_gbq=2.0)}
    assert by_name["lung_dose"].value == pytest.approx(49.67 * 2.0 * 0.05 / 0.822)
    assert by_name["lung_1000_g_dose"].value == pytest.approx(49.67 * 2.0 * 0.05)
    assert "822 g" in by_name["lung_dose"].words
    assert "40 % below Monte Carlo" in by_name["lung_dose"].method


def _map():
    """A liver of 400 voxels, 100 of them tumour with six times the counts, one voxel half tumour, half normal."""
    counts = np.zeros((5, 10, 10))
    counts[:4] = 1.0
    counts[0] = 6.0
    liver = np.zeros_like(counts)
    liver[:4] = 1.0
    tumour = np.zeros_like(counts)
    tumour[0] = 1.0
    return counts, liver, tumour


def test_a_map_of_two_levels_is_a_partition():
    counts, liver, tumour = _map()
    masses = {"tumour": exact(260.0), "normal": exact(780.0)}
    model = map_prediction(
        37.0 * counts,
        {"tumour": tumour, "normal": liver - tumour},
        liver=liver,
        masses_g=masses,
        lung_g=KG,
        lung_shunt=exact(0.04),
        residual_fraction=exact(0.01),
    )
    assert model.unassigned_share == pytest.approx(0.0)
    found, wanted = respond(model).gy_per_gbq, respond(_partition(260.0, 780.0, 6.0, 0.04, 0.01)).gy_per_gbq
    for name in ("tumour", "normal", "lung", "perfused"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-12), name


def test_counts_outside_every_compartment_are_told_and_give_no_dose_elsewhere():
    counts, liver, tumour = _map()
    model = map_prediction(
        counts, {"tumour-1": tumour}, liver=liver, masses_g={"tumour-1": exact(260.0)}, lung_g=KG, lung_shunt=exact(0.0)
    )
    assert model.unassigned_share == pytest.approx(300.0 / 900.0)
    assert any("33.3 %" in words for words in model.words)
    assert respond(model).gy_per_gbq["tumour-1"] == pytest.approx(49.67 * 600.0 / 900.0 / 0.26)


def test_maps_that_cannot_be_read():
    counts, liver, tumour = _map()
    masses = {"tumour": exact(260.0), "normal": exact(780.0)}
    rest = {"masses_g": masses, "lung_g": KG, "lung_shunt": exact(0.0)}
    with pytest.raises(MaskError, match="overlap"):
        map_prediction(counts, {"tumour": tumour, "normal": liver}, liver=liver, **rest)
    with pytest.raises(MaskError, match="outside 0"):
        map_prediction(counts, {"tumour": 2.0 * tumour, "normal": liver}, liver=liver, **rest)
    with pytest.raises(MaskError, match="outside the liver"):
        map_prediction(counts, {"tumour": tumour, "normal": liver - tumour}, liver=liver - tumour, **rest)
    with pytest.raises(PlanningError, match="no activity"):
        map_prediction(0.0 * counts, {"tumour": tumour, "normal": liver - tumour}, liver=liver, **rest)
    with pytest.raises(PlanningError, match="no numbers"):
        map_prediction(np.full_like(counts, np.nan), {"tumour": tumour, "normal": liver}, liver=liver, **rest)
