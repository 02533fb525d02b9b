"""Programs of a console, probes on the shelf, and what cold kills."""

import numpy as np
import pytest

from locoregional.ablation.device import Setting
from locoregional.errors import PlanningError
from locoregional.physics.freezing import Phase
from locoregional.procedures.cryo.death import LAWS, death_level, killed_share, threshold_c
from locoregional.procedures.cryo.devices import device, devices
from locoregional.procedures.cryo.energy import ENERGY
from locoregional.procedures.cryo.program import freeze_ends_s, phases_of, program_time_s


def test_programs_read_as_people_say_them():
    assert phases_of("15") == (Phase("freeze", 900.0),)
    assert phases_of("10-5-10") == (Phase("freeze", 600.0), Phase("rest", 300.0), Phase("freeze", 600.0))
    assert phases_of("10-5-10+3")[-1] == Phase("warm", 180.0)
    assert program_time_s("3-3-7-7-7") == 27 * 60.0
    assert freeze_ends_s(phases_of("10-5-10+3")) == (600.0, 1500.0)


@pytest.mark.parametrize("words", ["", "ten", "10-", "-5", "10-0-10", "10+0", "10-5-10+", "10+3+3", "1e3"])
def test_words_that_are_no_program_are_refused(words):
    with pytest.raises(PlanningError, match="no program"):
        phases_of(words)


def test_probes_carry_what_is_published_and_say_what_is_not():
    assert {name: device(name).active_mm for name in ("iceseed", "iceedge", "icerod", "icesphere")} == {
        "iceseed": 20.0, "iceedge": 45.0, "icerod": 45.0, "icesphere": 25.0,
    }  # fmt: skip
    assert device("iceedge").cold_c == pytest.approx(123.0 - 273.15)
    assert device("icerod").cold_c == pytest.approx(143.0 - 273.15)
    for probe in devices().values():
        assert probe.max_power_w == 0
        assert probe.caveats
        assert probe.facts
        assert all(s.power_w == 0 and program_time_s(s.program) == s.time_s for s in probe.settings)
        probe.require(probe.settings[-1])
    assert device("littrup-17").cooling_w_cm / device("littrup-24").cooling_w_cm == pytest.approx(1.7 / 2.4)


def test_unknown_probe_and_law_name_the_known_ones():
    with pytest.raises(PlanningError, match="no cryoprobe") as caught:
        device("icepick")
    assert "icerod" in caught.value.remedy
    with pytest.raises(PlanningError, match="no law of death") as caught:
        threshold_c("isotherm_60")
    assert "isotherm_minus_40" in caught.value.remedy
    with pytest.raises(PlanningError, match="is no treatment time"):
        device("icerod").require(Setting(0.0, 2e4, ""))


def test_isotherms_kill_at_their_temperature():
    lowest = np.array([-10.0, -19.9, -20.1, -30.1, -41.0])
    dead = [death_level(law, lowest_c=lowest, cycle_lowest_c=[lowest]) > 0 for law in LAWS[1:]]
    assert [d.sum() for d in dead] == [3, 2, 1]


def test_share_killed_goes_through_its_anchors_and_a_second_freeze_adds():
    t = np.linspace(20.0, -60.0, 161)
    once, twice = killed_share([t]), killed_share([t, t])
    assert np.all(np.diff(once) >= 0)
    assert np.interp(19.4, -t, once) == pytest.approx(0.95, abs=0.005)
    assert np.interp(0.0, -t, once) == pytest.approx(0.05, abs=0.005)
    assert twice == pytest.approx(1.0 - (1.0 - once) ** 2, abs=1e-5)
    assert killed_share([t, np.full_like(t, 37.0)]) == pytest.approx(once, abs=1e-4)
    assert np.interp(16.1, -t, once) == pytest.approx(0.865, abs=0.01)  # the milder anchor lies on the steep part


def test_law_of_cycles_is_the_temperature_of_complete_death_after_one_freeze_and_milder_after_two():
    t = np.linspace(0.0, -40.0, 401)
    once = death_level("freeze_cycles", lowest_c=t, cycle_lowest_c=[t])
    twice = death_level("freeze_cycles", lowest_c=t, cycle_lowest_c=[t, t])
    assert np.interp(0.0, once, t) == pytest.approx(-19.4, abs=0.1)
    middle, width = -9.7, 9.7 / np.log(19.0)
    each = 1.0 - np.sqrt(0.05)
    assert np.interp(0.0, twice, t) == pytest.approx(middle - width * np.log(each / (1.0 - each)), abs=0.1)  # -13.8 C
    assert once == pytest.approx(-19.4 - t, abs=0.02)  # in kelvin


def test_energy_draws_within_what_is_sourced():
    ranges = ENERGY.ranges(device("icerod"))
    low, high = ranges["cold_c"]
    assert low == pytest.approx(-150.15)
    assert low < device("icerod").cold_c < high
    assert ranges["cooling"][0] < 1.0 < ranges["cooling"][1]
    assert ENERGY.law in ENERGY.laws
    assert ENERGY.lethal == "cold"
    assert next(iter(ENERGY.devices())) == "icerod"
