"""The dose beside the damage law, against its closed form and against the solver's own count."""

import numpy as np
import pytest

from locoregional.ablation.dose import Dosed
from locoregional.physics.bioheat import State, simulate_heating
from locoregional.physics.damage import damage_model, time_to_cem43_s
from locoregional.physics.properties import homogeneous


def state_at(celsius):
    warm = np.full((2, 3, 4), celsius, np.float32)
    return State(0.0, warm, warm, warm > 0)


@pytest.mark.parametrize("celsius", [45.0, 50.0, 55.0])
@pytest.mark.parametrize("parallel", [True, False])
def test_tissue_held_warm_receives_240_minutes_when_the_definition_says(celsius, parallel):
    due_s = time_to_cem43_s(celsius, dose_min=240.0)
    counted = Dosed(lambda time_s, state: state.temperature_c, start_c=celsius, parallel=parallel)
    for share in (0.0, 0.3, 0.7):
        counted(share * due_s, state_at(celsius))
    assert counted.finished(state_at(celsius).temperature_c, time_s=due_s) == pytest.approx(240.0, rel=1e-4)


def test_body_temperature_is_no_dose():
    counted = Dosed(lambda time_s, state: state.temperature_c, start_c=37.0)
    counted(0.0, state_at(37.0))
    assert not counted.finished(state_at(38.9).temperature_c, time_s=3600.0).any()


def test_it_agrees_with_the_dose_that_the_solver_itself_counts():
    medium = homogeneous("liver", shape=(25, 25, 25)).medium
    power = np.zeros(medium.shape, np.float32)
    power[10:15, 10:15, 10:15] = 3e6

    counted = Dosed(lambda time_s, state: power, start_c=37.0)
    heating = simulate_heating(
        medium, source=counted, duration_s=60.0, spacing_m=(2e-3,) * 3, damage=damage_model("cem43"), update_every_s=2.0,
        perfusion_stops=False,
    )  # fmt: skip
    dose = counted.finished(heating.temperature_c, time_s=60.0)
    warm = (heating.damage > 0.01) & (heating.damage < 1000.0)
    assert warm.sum() > 20
    assert np.log(dose[warm]) == pytest.approx(np.log(heating.damage[warm]), abs=0.05)
