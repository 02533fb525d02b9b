"""Activity by body surface and by table, against vectors worked out elsewhere."""

import csv

import pytest

from locoregional.case import Patient
from locoregional.errors import PlanningError
from locoregional.procedures.tare.body_surface import (
    body_surface_activity,
    body_surface_m2,
    empiric_activity,
    shunt_reduction,
)
from locoregional.procedures.tare.spread import Spread, exact

BODY = {"height_cm": 165.0, "weight_kg": 65.0}


def test_vectors(shared_tables):
    with open(shared_tables / "testvectors_bsa.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    for r in rows:
        body = {"height_cm": float(r["height_cm"]), "weight_kg": float(r["weight_kg"])}
        volumes = {"tumour_ml": exact(float(r["tumour_mL"])), "liver_ml": exact(float(r["liver_incl_tumour_mL"]))}
        assert body_surface_m2(**body) == pytest.approx(float(r["BSA_DuBois"]), abs=1e-6)
        plain = body_surface_activity(**body, **volumes)
        assert plain.value == pytest.approx(float(r["A_GBq_bilobar(BSA-0.2+f)"]), abs=1e-6)
        less = shunt_reduction(exact(float(r["LSF"])))
        assert less == pytest.approx(float(r["reduction_old_insert"]))
        reduced = body_surface_activity(**body, **volumes, reduction_share=less)
        assert reduced.value == pytest.approx(float(r["A_reduced_GBq"]), abs=1e-6)


def test_body_surface_agrees_with_that_of_the_case():
    ours = body_surface_m2(height_cm=172.0, weight_kg=75.0)
    assert ours == pytest.approx(Patient("p", height_cm=172.0, weight_kg=75.0).body_surface_m2, rel=2e-5)


def test_a_lobe_gets_its_share_of_the_liver():
    found = body_surface_activity(
        **BODY, tumour_ml=exact(300.0), liver_ml=exact(1600.0), lobe_tumour_ml=exact(200.0), lobe_ml=exact(800.0)
    )
    assert found.value == pytest.approx((1.716029 - 0.2 + 0.25) * 0.5, abs=1e-6)
    assert "unverified" in found.method
    whole = body_surface_activity(
        **BODY, tumour_ml=exact(300.0), liver_ml=exact(1600.0), lobe_tumour_ml=exact(300.0), lobe_ml=exact(1600.0)
    )
    plain = body_surface_activity(**BODY, tumour_ml=exact(300.0), liver_ml=exact(1600.0))
    assert whole.value == pytest.approx(plain.value)
    with pytest.raises(PlanningError, match="half of a lobe"):
        body_surface_activity(**BODY, tumour_ml=exact(300.0), liver_ml=exact(1600.0), lobe_ml=exact(800.0))


def test_the_interval_comes_from_the_volumes():
    found = body_surface_activity(**BODY, tumour_ml=Spread(200.0, 160.0, 250.0), liver_ml=Spread(1600.0, 1500.0, 1700.0))
    assert found.low == pytest.approx(1.516029 + 160.0 / 1700.0, abs=1e-6)
    assert found.high == pytest.approx(1.516029 + 250.0 / 1500.0, abs=1e-6)


@pytest.mark.parametrize(("shunt", "less"), [(0.0, 0.0), (0.0999, 0.0), (0.1, 0.2), (0.149, 0.2), (0.15, 0.4), (0.2, 0.4)])
def test_steps_of_the_older_insert(shunt, less):
    assert shunt_reduction(exact(shunt)) == pytest.approx(less)


@pytest.mark.parametrize("shunt", [0.2001, 0.5, 5.0, -0.1])
def test_no_step_for_what_must_not_be_given(shunt):
    with pytest.raises(PlanningError):
        shunt_reduction(exact(shunt))


@pytest.mark.parametrize(("tumour", "gbq"), [(0.0, 2.0), (25.0, 2.0), (25.1, 2.5), (50.0, 2.5), (50.1, 3.0), (100.0, 3.0)])
def test_steps_of_the_empiric_table(tumour, gbq):
    found = empiric_activity(tumour_ml=exact(tumour * 15.0), liver_ml=exact(1500.0))
    assert found.value == gbq
    assert "unverified" in found.method


def test_a_step_within_the_interval_is_told():
    found = empiric_activity(tumour_ml=Spread(370.0, 320.0, 420.0), liver_ml=exact(1500.0))
    assert (found.low, found.value, found.high) == (2.0, 2.0, 2.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"height_cm": 1.65},
        {"weight_kg": 6500.0},
        {"height_cm": float("nan")},
        {"tumour_ml": exact(1700.0)},
        {"tumour_ml": exact(-1.0)},
        {"liver_ml": exact(0.0)},
        {"reduction_share": 20.0},
        {"reduction_share": -0.1},
    ],
)
def test_impossible_numbers_are_refused(wrong):
    right = {**BODY, "tumour_ml": exact(200.0), "liver_ml": exact(1600.0), "reduction_share": 0.0}
    with pytest.raises(PlanningError):
        body_surface_activity(**{**right, **wrong})
