"""Convolution against plain sums, conservation and the uniform limit; local deposition against its formula."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import convolve

from locoregional.errors import NotModelled, UnitsError
from locoregional.physics.dose.constant import dose_constant
from locoregional.physics.dose.convolution import active_box, voxel_dose
from locoregional.physics.dose.kernel import kernel_octant, voxel_kernel
from locoregional.physics.dose.local import local_dose
from locoregional.physics.dose.spread import direct_spread, fourier_spread, spread

C = float(dose_constant())
shapes = st.tuples(*[st.integers(1, 9)] * 3)


def sparse(shape, seed, share=0.2):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < share, 1e6 * rng.random(shape), 0.0).astype(np.float32)


def summed(activity, spacing, density=1.04):
    """One decay after the other, in float64 and plain Python."""
    kernel = voxel_kernel(spacing_mm=spacing)
    half = np.array(kernel.shape) // 2
    out = np.zeros(activity.shape)
    for source in np.argwhere(activity):
        for target in np.ndindex(*activity.shape):
            at = np.array(target) - source + half
            if (at >= 0).all() and (at < kernel.shape).all():
                out[target] += float(activity[tuple(source)]) * kernel[tuple(at)]
    return out * C * 1e-6 / kernel.sum() / density


@given(shapes, st.integers(0, 99), st.tuples(*[st.floats(2.0, 6.0)] * 3))
@settings(max_examples=20, deadline=None)
def test_equals_the_direct_sum(shape, seed, spacing):
    activity = sparse(shape, seed)
    dose = voxel_dose(activity, spacing_mm=spacing, density_g_ml=1.04, constant_gy_kg_gbq=C)
    exact = summed(activity, spacing)
    assert dose.dtype == np.float32
    assert np.abs(dose - exact).max() <= 1e-5 * max(exact.max(), 1e-30)


@given(st.tuples(*[st.integers(1, 24)] * 3), st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_both_ways_are_scipys_convolution(shape, octant_shape, seed):
    """Boxes thinner than the kernel, too: nothing wraps round."""
    rng = np.random.default_rng(seed)
    box, octant = sparse(shape, seed), rng.random(octant_shape) * (rng.random(octant_shape) < 0.8)
    whole = octant
    for axis in range(3):
        whole = np.concatenate([np.flip(whole, axis).take(range(whole.shape[axis] - 1), axis), whole], axis)
    exact = convolve(box.astype(float), whole, mode="constant")
    for way in (direct_spread, fourier_spread, spread):
        # what is summed decides the rounding, also where it lands outside the box
        assert np.abs(way(box, octant) - exact).max() <= 1e-6 * (octant.max() * box.sum() + exact.max()), way.__name__


def test_large_kernels_go_through_the_transform(monkeypatch):
    from locoregional.physics.dose import spread as module

    called = []
    monkeypatch.setattr(module, "direct_spread", lambda box, octant: called.append("direct"))
    monkeypatch.setattr(module, "fourier_spread", lambda box, octant: called.append("fourier"))
    box = np.zeros((40, 40, 40), np.float32)
    for spacing in (4.0, 1.0):
        module.spread(box, kernel_octant(voxel_kernel(spacing_mm=spacing)))
    assert called == ["direct", "fourier"]


@given(st.integers(0, 99), st.sampled_from([1.0, 4.0]))
@settings(max_examples=10, deadline=None)
def test_energy_is_kept(seed, spacing):
    """Activity away from the edges: the mass times the dose is the constant times the activity."""
    activity = np.zeros((31, 33, 35), np.float32)
    activity[14:17, 15:18, 16:19] = sparse((3, 3, 3), seed, share=0.7)
    dose = voxel_dose(activity, spacing_mm=spacing, density_g_ml=1.05, constant_gy_kg_gbq=C)
    due, found = activity.sum(dtype=float) * C * 1e-6, dose.sum(dtype=float) * 1.05
    # the Fourier transform drops what is below a millionth of the largest value: 3.03e-5 of all at most in these 100 cases
    lost = 1e-6 if spacing == 4.0 else 3.2e-5
    assert due * (1 - lost) <= found <= due * (1 + 1e-6)


def test_uniform_activity_gives_the_local_dose():
    """T5: inside uniform activity, and everywhere for a kernel that keeps its energy."""
    activity = np.full((21, 21, 21), 2e6, np.float32)
    dose = voxel_dose(activity, spacing_mm=(3.0, 2.5, 2.5), density_g_ml=1.06, constant_gy_kg_gbq=C)
    local = local_dose(activity, density_g_ml=1.06, constant_gy_kg_gbq=C)
    assert dose[10, 10, 10] == pytest.approx(local[10, 10, 10], rel=1e-5)
    assert dose[0, 0, 0] < 0.6 * local[0, 0, 0]  # a corner loses what flies off through three faces


def test_local_dose_of_one_gigabecquerel_in_a_kilogram():
    activity = np.full((10, 10, 10), 1e6, np.float32)  # 1000 voxels of 1 ml: 1 GBq
    dose = local_dose(activity, density_g_ml=1.0, constant_gy_kg_gbq=C)
    assert dose == pytest.approx(C, rel=1e-6)
    assert dose.dtype == np.float32


@given(st.integers(0, 99), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_linear_and_shifted_with_the_activity(seed, i, j, k):
    first, second = np.zeros((2, 16, 16, 16), np.float32)
    first[4:7, 5:8, 4:9], second[6:9, 4:7, 5:7] = sparse((3, 3, 5), seed), sparse((3, 3, 2), seed + 1)

    def dose(a):
        return voxel_dose(a, spacing_mm=4.0, density_g_ml=1.04, constant_gy_kg_gbq=C)

    scale = max(float(dose(first + second).max()), 1e-30)
    assert np.abs(dose(2 * first + second) - 2 * dose(first) - dose(second)).max() < 1e-5 * scale
    moved = np.roll(first, (i, j, k), (0, 1, 2))
    assert np.abs(dose(moved) - np.roll(dose(first), (i, j, k), (0, 1, 2))).max() < 1e-5 * scale


@pytest.mark.parametrize("spacing", [4.0, 1.0])
def test_no_dose_where_no_electron_arrives(spacing):
    activity = np.zeros((60, 40, 40), np.float32)
    activity[5, 5, 5] = 1e9
    dose = voxel_dose(activity, spacing_mm=spacing, density_g_ml=1.04, constant_gy_kg_gbq=C)
    far = spacing * np.sqrt(sum((g - 5.0) ** 2 for g in np.indices(dose.shape)))
    assert (dose[far > 12.0 / 1.04 + 2 * np.sqrt(3) * spacing] == 0.0).all()
    assert (dose >= 0.0).all()
    assert not voxel_dose(0 * activity, spacing_mm=spacing, density_g_ml=1.04, constant_gy_kg_gbq=C).any()


def test_the_receiving_voxel_counts_by_its_own_density():
    activity = np.zeros((9, 9, 9), np.float32)
    activity[4, 4, 4] = 1e6
    density = np.full(activity.shape, 1.04)
    density[4, 4, 5], density[4, 4, 4] = 1.85, 1.04
    dose = voxel_dose(activity, spacing_mm=3.0, density_g_ml=density, constant_gy_kg_gbq=C)
    assert dose[4, 4, 5] == pytest.approx(dose[4, 4, 3] * 1.04 / 1.85, rel=1e-6)
    assert dose[4, 5, 4] == pytest.approx(dose[4, 4, 3], rel=1e-6)


def test_gas_gets_the_dose_of_its_wall_and_not_a_thousand_times_more():
    activity = np.full((9, 9, 9), 1e6, np.float32)
    density = np.full(activity.shape, 1.04)
    density[4, 4, 4] = 0.0012
    for dose in (
        local_dose(activity, density_g_ml=density, constant_gy_kg_gbq=C),
        voxel_dose(activity, spacing_mm=5.0, density_g_ml=density, constant_gy_kg_gbq=C),
    ):
        assert dose[4, 4, 4] == pytest.approx(dose[3, 4, 4], rel=1e-5)


@given(shapes, st.tuples(*[st.integers(0, 3)] * 3), st.integers(0, 99))
def test_box_holds_all_that_activity_reaches(shape, reach, seed):
    activity = sparse(shape, seed, share=0.05)
    box = active_box(activity, reach)
    if box is None:
        assert not activity.any()
        return
    for place in np.argwhere(activity):
        for axis in range(3):
            assert box[axis].start <= max(place[axis] - reach[axis], 0)
            assert box[axis].stop >= min(place[axis] + reach[axis] + 1, shape[axis])


@pytest.mark.parametrize("medium", ["bone", "lung"])
def test_no_kernel_for_bone_or_lung(medium):
    with pytest.raises(NotModelled, match=medium):
        voxel_dose(np.ones((3, 3, 3)), spacing_mm=3.0, density_g_ml=1.0, constant_gy_kg_gbq=C, medium=medium)


def test_water_reaches_further_than_soft_tissue():
    activity = np.zeros((13, 13, 13), np.float32)
    activity[6, 6, 6] = 1e6
    soft, water = (
        voxel_dose(activity, spacing_mm=3.0, density_g_ml=1.0, constant_gy_kg_gbq=C, medium=m) for m in ("soft", "water")
    )
    assert water[6, 6, 8] > 1.05 * soft[6, 6, 8]
    assert water[6, 6, 6] < soft[6, 6, 6]


@pytest.mark.parametrize(
    ("activity", "density", "constant"),
    [
        (np.full((2, 2, 2), np.nan), 1.0, C),
        (np.ones((2, 2)), 1.0, C),
        (np.ones((2, 2, 2)), 0.0, C),
        (np.ones((2, 2, 2)), 1040.0, C),
        (np.ones((2, 2, 2)), np.full((2, 2, 2), -1.0), C),
        (np.ones((2, 2, 2)), np.full((2, 2, 2), np.nan), C),
        (np.ones((2, 2, 2)), np.ones((2, 2, 3)), C),
        (np.ones((2, 2, 2)), 1.0, 0.0),
        (np.ones((2, 2, 2)), 1.0, np.nan),
    ],
)
def test_nonsense_gives_no_dose(activity, density, constant):
    with pytest.raises(UnitsError):
        local_dose(activity, density_g_ml=density, constant_gy_kg_gbq=constant)
    with pytest.raises(UnitsError):
        voxel_dose(activity, spacing_mm=3.0, density_g_ml=density, constant_gy_kg_gbq=constant)
