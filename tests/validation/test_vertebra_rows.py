"""A vertebra of simple shapes, and how heat from inside it reaches the canal."""

import numpy as np
import pytest

from locoregional.validation.vertebra import LABELS, MIDDLE, SHAPE, ablate, lay_vertebra, probes

VERTEBRA = lay_vertebra()


def along_needle(back_mm):
    at = VERTEBRA.aim_mm - back_mm * VERTEBRA.direction
    return LABELS[VERTEBRA.labels[tuple(np.round(at).astype(int))]]


def test_sizes_are_those_of_a_lumbar_vertebra():
    labels, middle = VERTEBRA.labels, MIDDLE
    bone = (labels == 1) | (labels == 2)
    assert np.ptp(np.flatnonzero((bone | (labels == 0))[middle[0], middle[1]] & bone[middle[0], middle[1]])) == pytest.approx(
        44, abs=2
    )
    assert np.ptp(np.flatnonzero(bone[:, middle[1], middle[2] - 15])) == pytest.approx(26, abs=2)
    sac_mm2 = np.count_nonzero(labels[middle[0]] == LABELS.index("csf"))
    assert sac_mm2 == pytest.approx(np.pi * 6.5**2, rel=0.1)
    assert np.mean((labels[middle[0]] == 1) | (labels[middle[0]] == 2)) < 0.5
    assert VERTEBRA.labels.shape == SHAPE


def test_the_needle_goes_through_muscle_bone_of_the_pedicle_and_into_the_cavity():
    words = [along_needle(float(back)) for back in range(45)]
    assert words[0] == "muscle"
    assert {"csf", "fat", "nerve"}.isdisjoint(words)
    first = words.index("bone_cancellous")
    assert 8 <= first <= 12  # radius of the cavity
    assert words[-1] == "muscle"  # outside again


def test_heat_reaches_the_canal_later_and_weaker_than_the_cavity():
    probe, back_mm = probes()["long"]
    short, long = (ablate(VERTEBRA, probe, back_mm=back_mm, start_c=37.0, time_s=t) for t in (20.0, 180.0))
    top = [float(z.extreme_c[VERTEBRA.epidural].max()) for z in (short, long)]
    assert 37.0 <= top[0] < 39.0
    assert top[0] + 1.0 < top[1] < long.extreme_c.max() - 10.0
    assert long.energy.perfused_j == 0.0
    assert long.energy.residual_share < 5e-3
    assert long.trace["tip_c"][-1] == pytest.approx(70.0, abs=3.0)
