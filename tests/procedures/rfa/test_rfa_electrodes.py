"""Shapes of electrodes: widths as published, turned and laid along the needle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.ablation.needle import Needle
from locoregional.procedures.rfa.devices import devices
from locoregional.procedures.rfa.electrodes import cluster, points_mm, segment, star, straight, umbrella, wires_of
from locoregional.sources import read_facts

NEEDLE = Needle((40.0, 40.0, 50.0), (0.0, 0.0, 1.0))


def test_a_bare_tip_runs_from_the_tip_towards_the_hub():
    (wire,) = wires_of(straight(tip_mm=30.0, radius_mm=0.75), NEEDLE)
    assert 1e3 * np.array(wire.start_m) == pytest.approx([40, 40, 50])
    assert 1e3 * np.array(wire.stop_m) == pytest.approx([40, 40, 20])
    assert wire.radius_m == pytest.approx(0.75e-3)


def test_cluster_needles_are_as_far_apart_as_told():
    starts = [np.array(wires_of(e, NEEDLE)[0].start_m) for e in cluster(tip_mm=25.0, radius_mm=0.7, apart_mm=5.0)]
    gaps = [1e3 * np.linalg.norm(starts[a] - starts[b]) for a, b in ((0, 1), (1, 2), (2, 0))]
    assert gaps == pytest.approx([5.0, 5.0, 5.0])


@pytest.mark.parametrize(("make", "tines"), [(umbrella, 10), (star, 9)])
def test_tines_open_to_the_published_width_and_start_at_the_cannula(make, tines):
    array = make(across_mm=40.0, tines=tines, tine_radius_mm=0.25)
    assert len(array.paths) == tines
    reach = [np.hypot(x, y) for z, x, y in array.sensors]
    assert max(reach) == pytest.approx(20.0)
    assert all(path[0] == pytest.approx((0.0, 0.0, 0.0)) for path in array.paths)
    ends = np.array([p for p in array.sensors if np.hypot(p[1], p[2]) > 1])
    assert ends[:, 1:].sum(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_umbrella_comes_back_and_star_points_ahead():
    assert all(p[0] == pytest.approx(0.0, abs=1e-9) for p in umbrella(across_mm=35, tines=8, tine_radius_mm=0.2).sensors)
    assert all(p[0] == pytest.approx(-25.0) for p in star(across_mm=50, tines=9, tine_radius_mm=0.2).sensors)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 360), st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda d: np.linalg.norm(d) > 0.1))
def test_turning_and_tilting_keep_all_distances(turn, direction):
    points = ((0.0, 0.0, 0.0), (10.0, 3.0, -4.0), (-5.0, 0.0, 7.0))
    placed = points_mm(points, Needle((1.0, 2.0, 3.0), direction, turn))
    for a in range(3):
        for b in range(a):
            assert np.linalg.norm(placed[a] - placed[b]) == pytest.approx(np.linalg.norm(np.subtract(points[a], points[b])))
    unit = np.array(direction) / np.linalg.norm(direction)
    assert (placed[1] - placed[0]) @ unit == pytest.approx(-10.0)


def test_a_turn_by_90_degrees_moves_a_tine_a_quarter_round():
    plain, turned = (points_mm(((0.0, 5.0, 0.0),), Needle((0, 0, 0), (0, 0, 1), t))[0] for t in (0.0, 90.0))
    assert plain @ turned == pytest.approx(0.0, abs=1e-9)
    assert np.linalg.norm(turned) == pytest.approx(5.0)


def test_every_device_states_what_it_rests_on():
    facts = read_facts("locoregional.procedures.rfa")
    for name, device in devices().items():
        assert device.name == name
        assert device.facts
        assert device.settings
        assert all(setting.power_w <= device.max_power_w for setting in device.settings)
        for setting in device.settings:
            device.require(setting)
            device.program(setting)
        unverified = [f for f in device.facts if f.status == "unverified" and ".device." in f":{f.key}".replace("rfa:", ".")]
        assert unverified  # no maker's drawing is at hand, and each row says so
    assert float(facts["impedance.rise"]) == 20.0
    assert devices()["bipolar-20"].bipolar
    assert not devices()["cooltip-cluster"].bipolar
    assert segment(from_mm=1.0, to_mm=3.0, radius_mm=1.0).sensors == ((2.0, 0.0, 0.0),)
