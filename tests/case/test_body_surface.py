"""Body surface after Du Bois, and what is refused."""

import csv

import pytest

from locoregional.case import Patient
from locoregional.errors import CaseError


def test_published_vectors(shared_tables):
    with (shared_tables / "testvectors_bsa.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        patient = Patient("p", height_cm=float(row["height_cm"]), weight_kg=float(row["weight_kg"]))
        # the table computes with metres and 0.20247, which agrees to 2e-5
        assert patient.body_surface_m2 == pytest.approx(float(row["BSA_DuBois"]), rel=3e-5)


@pytest.mark.parametrize("known", [{}, {"height_cm": 170.0}, {"weight_kg": 70.0}])
def test_without_both_it_is_not_known(known):
    assert Patient("p", **known).body_surface_m2 is None


@pytest.mark.parametrize("wrong", [{"height_cm": 1.7}, {"weight_kg": 700.0}, {"weight_kg": -5.0}])
def test_wrong_units_are_refused(wrong):
    with pytest.raises(CaseError, match="Check value and unit"):
        Patient("p", **wrong)
