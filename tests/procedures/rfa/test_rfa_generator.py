"""Generators step by step, against what their makers and users say of them."""

import pytest

from locoregional.procedures.energies import device_named
from locoregional.procedures.rfa.described import EXAMPLE
from locoregional.procedures.rfa.generator import Ladder, Limits, Pulsed, SteadyCurrent, Thermostat

PULSED = Pulsed(rise_ohm=20.0, low_w=10.0, low_s=15.0, dwell_s=30.0)


def ask(run, t, ohm=80.0, sensed=37.0):
    return run.ask_w(float(t), resistance_ohm=ohm, sensed_c=sensed, interval_s=1.0)


def test_full_power_until_the_impedance_has_risen_then_ten_watts_for_fifteen_seconds():
    run = PULSED.start(1, limit_w=200.0)
    assert [ask(run, t, ohm) for t, ohm in enumerate((80, 70, 60, 75, 99.9))] == [200.0] * 5
    assert ask(run, 5, 100.0) == 10.0
    assert all(ask(run, t, 500.0) == 10.0 for t in range(6, 20))
    assert run.rests_s(19.0) == pytest.approx(1.0)
    assert run.rests_s(20.0) == 0.0
    assert ask(run, 20, 60.0) == 200.0
    assert ask(run, 21, 101.0) == 10.0
    assert run.words == ("impedance rose by 20 ohm 2 times, first after 5 s",)


def test_pairs_take_turns_by_the_clock_and_at_a_rise():
    run = PULSED.start(3, limit_w=200.0)
    for t in range(30):
        assert ask(run, t) == 200.0
        assert run.channel == 0
    assert ask(run, 30) == 200.0
    assert run.channel == 1
    ask(run, 31)
    assert ask(run, 32, 100.0) == 200.0  # the next pair takes over at once
    assert run.channel == 2
    ask(run, 33)
    assert ask(run, 34, 120.0) == 200.0
    assert run.channel == 0
    assert ask(run, 35, 120.0) == 10.0  # all three must rest
    assert ask(run, 36, 120.0) == 10.0
    assert run.rests_s(36.0) == pytest.approx(47.0 - 36.0)  # until the first of them may work again
    assert ask(run, 47, 80.0) == 200.0
    assert run.channel == 1


def test_ladder_climbs_rolls_off_twice_and_ends():
    run = Ladder(start_w=50, step_w=10, every_s=60, factor=3.0, pause_s=30, again_share=0.7).start(1, limit_w=200.0)
    assert [ask(run, t) for t in (0, 59, 60, 120, 3000)] == [50.0, 50.0, 60.0, 70.0, 200.0]
    assert ask(run, 3001, 241.0) == 0.0
    assert ask(run, 3030, 80.0) == 0.0
    assert ask(run, 3031, 80.0) == pytest.approx(140.0)
    assert ask(run, 3032, 300.0) == 0.0
    assert all(ask(run, t) == 0.0 for t in (3033, 3100, 4000))
    assert len(run.words) == 2


def test_thermostat_brings_a_simple_load_to_its_target_and_holds_it():
    run = Thermostat(target_c=105.0, gain_1_k=0.05, settling_s=20.0).start(1, limit_w=150.0)
    t, seen = 37.0, []
    for second in range(600):  # a lump that warms by 0.1 K/J/s and loses to 37 C in 60 s
        power = ask(run, second, sensed=t)
        assert 0.0 <= power <= 150.0
        t += 0.05 * power - (t - 37.0) / 60.0
        seen.append(t)
    assert max(seen) < 112.0
    assert seen[-1] == pytest.approx(105.0, abs=0.5)
    assert "target of 105 C reached" in run.words[0]


def test_limits_of_current_and_of_the_source():
    assert Limits(2.0).power_w(asked_w=200.0, resistance_ohm=40.0) == pytest.approx(160.0)
    assert Limits(2.0).power_w(asked_w=200.0, resistance_ohm=60.0) == pytest.approx(200.0)
    assert Limits(9.0, 80.0).power_w(asked_w=200.0, resistance_ohm=80.0) == pytest.approx(200.0)
    assert Limits(9.0, 80.0).power_w(asked_w=200.0, resistance_ohm=240.0) == pytest.approx(150.0)


def test_a_current_is_held_until_power_or_voltage_run_out():
    limits = Limits(2.0, voltage_v=150.0)
    run = SteadyCurrent(1.2, limits).start(1, limit_w=120.0)
    given = {
        ohm: limits.power_w(asked_w=ask(run, n, float(ohm)), resistance_ohm=float(ohm))
        for n, ohm in enumerate((50, 80, 100, 200))
    }
    assert given[50] == pytest.approx(1.2**2 * 50)
    assert given[80] == pytest.approx(1.2**2 * 80)
    assert given[100] == pytest.approx(120.0)  # 144 W are needed
    assert given[200] == pytest.approx(150.0**2 / 200)
    assert run.words == ["current fell below 1200 mA after 2 s"]
    matched = Limits(2.0, internal_ohm=80.0)
    for ohm, power in ((20.0, 1.44 * 20.0), (80.0, 1.44 * 80.0), (400.0, 200.0 * matched.share(400.0))):
        run = SteadyCurrent(1.2, matched).start(1, limit_w=200.0)
        assert matched.power_w(asked_w=ask(run, 0, ohm), resistance_ohm=ohm) == pytest.approx(power)


def test_a_generator_of_a_file_can_hold_a_current(tmp_path):
    text = (
        EXAMPLE.replace('control = "impedance"', 'control = "current"')
        .replace("# held_a", "held_a")
        .replace("# voltage_v", "voltage_v")
    )
    for name in ("rise_ohm", "low_power_w", "low_time_s"):
        text = text.replace(f"\n{name} =", f"\n# {name} =")
    path = tmp_path / "steady.toml"
    path.write_text(text, encoding="utf-8")
    made = device_named(str(path))[1]
    limits = Limits(2.0, voltage_v=150.0)
    assert made.limits == limits
    assert made.programs == {"1200 mA": SteadyCurrent(1.2, limits)}
