"""Damage models against closed forms and an independent integrator."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from locoregional.errors import SolverError
from locoregional.physics.damage import (
    damage_model,
    damage_model_names,
    three_state,
    time_to_cem43_s,
    time_to_dead_fraction_s,
    time_to_omega_one_s,
)
from locoregional.physics.damage_kernels import ARRHENIUS, CEM43, summed, three_state_step
from locoregional.validation.damage import held_hot, rows


def test_every_exact_value_holds():
    found = list(rows())
    assert len(found) > 25
    assert [row.name for row in found if row.verdict == "misses"] == []


def test_liver_arrhenius_kills_at_rest_without_onset_and_warns():
    assert time_to_omega_one_s(37.0, model="arrhenius_liver") < 3600.0
    model = damage_model("arrhenius_liver")
    assert model.onset_c > 37.5
    assert "37 C" in model.note
    assert held_hot(37.0, duration_s=3600.0, model="arrhenius_liver") == 0.0


@pytest.mark.parametrize(
    ("model", "lethal_c"),
    [("arrhenius_liver", 42.5), ("cem43", 47.6), ("arrhenius_henriques_moritz", 50.8), ("three_state", 71.0)],
)
def test_temperature_lethal_in_ten_minutes(model, lethal_c):
    def seconds(t):
        if model == "cem43":
            return time_to_cem43_s(t, dose_min=240.0)
        return time_to_dead_fraction_s(t, fraction=0.8) if model == "three_state" else time_to_omega_one_s(t, model=model)

    spread = 1.0 if model == "three_state" else 0.1
    assert seconds(lethal_c - spread) > 600.0 > seconds(lethal_c + spread)


@settings(max_examples=40, deadline=None)
@given(t0=st.floats(50.0, 90.0), more=st.floats(-10.0, 10.0), tau=st.floats(0.1, 3.0))
def test_sums_along_a_straight_temperature_match_quadrature(t0, more, tau):
    t1 = t0 + more  # what a voxel does between two looks at it
    for code, name in ((ARRHENIUS, "arrhenius_henriques_moritz"), (CEM43, "cem43")):
        if code == CEM43 and min(t0, t1) < 43.0:
            continue  # the slope breaks at 43 C; there the middle temperature decides
        p = damage_model(name).parameters()
        x, weights = np.polynomial.legendre.leggauss(60)
        t = 0.5 * (t0 + t1) + 0.5 * (t1 - t0) * x
        rate = np.exp(p[0] - p[1] / (t + 273.15)) if code == ARRHENIUS else np.exp(p[0] * (43.0 - t)) / 60.0
        exact = 0.5 * tau * float(weights @ rate)
        assert summed(code, t0, t1, tau, p) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(("t0", "t1", "tau"), [(45.0, 45.0, 500.0), (60.0, 90.0, 20.0), (37.0, 140.0, 30.0), (190.0, 60.0, 5.0)])
def test_cell_death_matches_an_independent_integrator(t0, t1, tau):
    kf, kb, tk, alive = damage_model("three_state").constants

    def slope(t, y):
        k = kf * math.exp((t0 + (t1 - t0) * t / tau) / tk)
        a, d = y
        return [-k * (1 - a) * a + kb * (1 - a - d), k * (1 - a) * (1 - a - d)]

    exact = solve_ivp(slope, (0.0, tau), [alive, 0.0], method="LSODA", rtol=1e-10, atol=1e-12).y[:, -1]
    assert three_state_step(alive, 0.0, t0, t1, tau, kf, kb, tk) == pytest.approx(tuple(exact), abs=2e-5)


@settings(max_examples=30, deadline=None)
@given(st.floats(37.0, 120.0), st.floats(1.0, 900.0), st.floats(1.0, 900.0))
def test_death_only_grows(t, first_s, more_s):
    a, d = three_state(t, duration_s=first_s)
    a2, d2 = three_state(t, duration_s=first_s + more_s)
    assert 0.0 <= a <= 1.0
    assert d2 >= d - 1e-9
    assert a2 + d2 <= 1.0 + 1e-9


def test_nothing_overflows_in_fire():
    for name in damage_model_names():
        if name.startswith("isotherm"):
            continue
        assert np.isfinite(held_hot(400.0, duration_s=20.0, model=name))


def test_constants_can_be_explored_and_wrong_names_are_refused():
    assert damage_model("three_state", overrides={"kf": 8e-4}).constants[0] == 8e-4
    with pytest.raises(SolverError, match="no damage model"):
        damage_model("magic")
    with pytest.raises(SolverError, match="no constant"):
        damage_model("cem43", overrides={"kf": 1.0})
