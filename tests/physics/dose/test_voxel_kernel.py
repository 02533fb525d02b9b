"""The voxel kernel against closed forms, other people's tables and itself on finer voxels."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import UnitsError
from locoregional.physics.dose import kernel as module
from locoregional.physics.dose.kernel import MGY_PER_MEV_G, kernel_octant, kernel_words, mirrored, voxel_kernel
from locoregional.physics.dose.kernel_shells import share_shells
from locoregional.physics.dose.point_kernel import point_kernel

sides = st.floats(1.0, 9.0)


def mass_g(spacing_mm, density=1.04):
    return density * 1e-3 * float(np.prod(np.broadcast_to(spacing_mm, 3)))


def test_point_kernel_is_the_table_of_the_run():
    kernel = point_kernel()
    assert kernel.total_mev == pytest.approx(0.932181, abs=2e-6)
    assert float(kernel.within_mev(0.1)) == pytest.approx(0.020589, abs=1e-9)
    assert float(kernel.within_mev(2.5)) == pytest.approx(0.502275, rel=0.05)
    found = [np.interp(share * 0.9331, kernel.energy_mev, kernel.radius_mm) for share in (0.5, 0.9, 0.95, 0.99)]
    assert found == pytest.approx([2.296, 5.330, 6.217, 7.92], abs=0.01)
    r = np.linspace(0.0, 160.0, 5000)
    assert (np.diff(kernel.within_mev(r)) >= 0.0).all()
    assert float(kernel.within_mev(1e4)) == kernel.total_mev


@given(st.tuples(sides, sides, sides), st.floats(0.2, 1.9))
@settings(max_examples=25, deadline=None)
def test_energy_is_kept_whatever_the_voxel(spacing, density):
    reach = 9.0
    kernel = voxel_kernel(spacing_mm=spacing, density_g_ml=density, reach_mm=reach)
    energy = kernel.sum() * mass_g(spacing, density) / MGY_PER_MEV_G
    assert energy == pytest.approx(float(point_kernel().within_mev(reach * density)), rel=1e-9)


def test_one_thin_shell_has_the_closed_form_of_the_mean_overlap():
    """Mean over directions of (1 - |x|/a)(1 - |y|/b)(1 - |z|/c) on a sphere that fits into the voxel."""
    a, b, c, r = 3.0, 4.0, 2.5, 1.7
    exact = 1 - r / 2 * (1 / a + 1 / b + 1 / c) + 2 * r**2 / (3 * np.pi) * (1 / a / b + 1 / b / c + 1 / a / c)
    exact -= r**3 / (4 * np.pi * a * b * c)
    octant = np.zeros((2, 2, 2))
    share_shells(octant, np.array([r]), np.array([1.0]), np.array([a, b, c]), 1e5)
    assert octant[0, 0, 0] == pytest.approx(exact, rel=1e-4)
    assert mirrored(octant).sum() == pytest.approx(1.0, rel=1e-12)


def test_random_pairs_of_points_give_the_same_means():
    """Independent: draw points in two boxes, sort them by distance, and use the shells' energy as it is."""
    rng, n, spacing = np.random.default_rng(7), 4_000_000, np.array([3.0, 4.0, 4.0])
    kernel = point_kernel()
    per_mm = np.diff(kernel.energy_mev) / np.diff(kernel.radius_mm)
    ours = voxel_kernel(spacing_mm=spacing, density_g_ml=1.0)
    a, b, c = (k // 2 for k in ours.shape)
    for step in ((0, 0, 1), (1, 0, 0), (1, 1, 0), (0, 0, 2)):
        apart = (rng.random((n, 3)) - rng.random((n, 3)) + step) * spacing
        r = np.linalg.norm(apart, axis=1)
        dose = np.interp(r, 0.5 * (kernel.radius_mm[1:] + kernel.radius_mm[:-1]), per_mm) / (4 * np.pi * r**2)
        mean = dose.mean() * MGY_PER_MEV_G * 1e3  # per mm3 of 1e-3 g
        error = 4.0 * dose.std() / dose.mean() / np.sqrt(n)
        assert ours[a + step[0], b + step[1], c + step[2]] == pytest.approx(mean, rel=error + 2e-3)


@given(st.tuples(st.floats(2.0, 5.0), st.floats(2.0, 5.0), st.floats(2.0, 5.0)), st.tuples(*[st.integers(1, 3)] * 3))
@settings(max_examples=20, deadline=None)
def test_a_voxel_is_the_sum_of_its_parts(spacing, parts):
    """The dose to a voxel from another is the mean over the parts of one of the sum over the parts of the other."""
    whole = voxel_kernel(spacing_mm=spacing)
    fine = voxel_kernel(spacing_mm=np.array(spacing) / parts)
    total = np.zeros(whole.shape)
    centre, half = np.array(whole.shape) // 2, np.array(fine.shape) // 2
    for place in np.ndindex(*whole.shape):
        for between in np.ndindex(*(2 * np.array(parts) - 1)):
            offset = np.array(between) - np.array(parts) + 1
            at = (np.array(place) - centre) * parts + offset + half
            if (at >= 0).all() and (at < fine.shape).all():
                pairs = np.prod(np.array(parts) - np.abs(offset))
                total[place] += pairs * fine[tuple(at)] / np.prod(parts) ** 2
    near = whole > 0.01 * whole.max()
    assert total[near] == pytest.approx(whole[near], rel=1.5e-3)
    assert np.abs(total - whole).max() < 4e-4 * whole.max()


@given(st.tuples(sides, sides, sides), st.permutations(range(3)))
@settings(max_examples=15, deadline=None)
def test_swapping_sides_swaps_axes(spacing, order):
    kernel = voxel_kernel(spacing_mm=spacing)
    swapped = voxel_kernel(spacing_mm=[spacing[i] for i in order])
    np.testing.assert_allclose(np.transpose(kernel, order), swapped, rtol=1e-9, atol=1e-12 * kernel.max())


def test_mirror_images_and_read_only():
    kernel = voxel_kernel(spacing_mm=(3.0, 4.0, 5.0))
    for axis in range(3):
        np.testing.assert_array_equal(kernel, np.flip(kernel, axis))
    np.testing.assert_array_equal(mirrored(kernel_octant(kernel)), kernel)
    with pytest.raises(ValueError, match="read-only"):
        kernel[0, 0, 0] = 1.0
    assert voxel_kernel(spacing_mm=(3.0, 4.0, 5.0)) is kernel


def test_density_scales_lengths():
    """Twice the density with half the voxel is the same picture; the dose per decay is larger by 8 / 2."""
    thin, dense = voxel_kernel(spacing_mm=6.0, density_g_ml=0.8), voxel_kernel(spacing_mm=3.0, density_g_ml=1.6)
    assert dense[2, 2, 2] / thin[2, 2, 2] == pytest.approx(4.0, rel=1e-3)
    assert dense[2, 2, 1] / thin[2, 2, 1] == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize("spacing", [3.0, (2.0, 4.1, 4.1), 1.5])
def test_more_points_change_little(spacing, monkeypatch):
    usual = voxel_kernel(spacing_mm=spacing)
    module._kernel.cache_clear()
    monkeypatch.setattr(module, "POINTS_PER_FACE", 8 * module.POINTS_PER_FACE)
    monkeypatch.setattr(module, "SHELLS_PER_SIDE", 4 * module.SHELLS_PER_SIDE)
    monkeypatch.setattr(module, "THICKEST_MM", module.THICKEST_MM / 4)
    fine = voxel_kernel(spacing_mm=spacing)
    module._kernel.cache_clear()
    for share, error in ((0.1, 3e-4), (0.01, 1e-3)):
        near = fine > share * fine.max()
        assert usual[near] == pytest.approx(fine[near], rel=error)
    far = fine > 1e-4 * fine.max()
    assert usual[far] == pytest.approx(fine[far], rel=8e-3)


def test_published_values():
    """MIRD 17 at 3 and 6 mm; Lanconelli's 3 mm neighbours."""
    three, six = kernel_octant(voxel_kernel(spacing_mm=3.0)), kernel_octant(voxel_kernel(spacing_mm=6.0))
    assert three[0, 0, 0] == pytest.approx(1.61, rel=0.01)
    assert six[0, 0, 0] == pytest.approx(0.346, rel=0.01)
    assert three[0, 0, 1] == pytest.approx(0.275, rel=0.02)
    assert three[0, 0, 2] == pytest.approx(0.0205, rel=0.08)


def test_the_tail_is_bremsstrahlung():
    far = kernel_octant(voxel_kernel(spacing_mm=3.0, reach_mm=40.0))
    assert 2e-7 < far[5, 5, 5] < 1e-6  # published: 3.2e-7 and 6.3e-7
    assert "0.2 % of the energy" in kernel_words()[0]


def test_quick_for_any_voxel():
    voxel_kernel(spacing_mm=3.21)
    for spacing in ((3.27, 4.07, 4.07), (0.98, 0.98, 0.98)):
        start = time.perf_counter()
        voxel_kernel(spacing_mm=spacing)
        assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"spacing_mm": 0.0},
        {"spacing_mm": (3, 3, -1)},
        {"spacing_mm": 3, "density_g_ml": 1040.0},
        {"spacing_mm": 3, "reach_mm": 0},
    ],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(UnitsError):
        voxel_kernel(**wrong)
    with pytest.raises(UnitsError, match="known to 150 mm"):
        voxel_kernel(spacing_mm=5.0, density_g_ml=1.0, reach_mm=151.0)
