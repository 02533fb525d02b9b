"""Distance maps against scipy, exact bodies and their own symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt, gaussian_filter

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.distance import distance_outside_mm, signed_distance_mm

SPACINGS = [(1.0, 1.0, 1.0), (3.0, 0.8, 0.7), (0.7, 2.0, 5.0)]


def blob(seed, shape=(11, 17, 14)):
    return gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.5) > 0.05


def scipy_to_crossings(mask, spacing):
    """The same surface for scipy: a lattice twice as fine whose odd nodes are the crossings of grid lines."""
    open_ = np.ones(tuple(2 * n - 1 for n in mask.shape), bool)
    open_[1::2, ::2, ::2] = mask[1:] == mask[:-1]
    open_[::2, 1::2, ::2] = mask[:, 1:] == mask[:, :-1]
    open_[::2, ::2, 1::2] = mask[:, :, 1:] == mask[:, :, :-1]
    return distance_transform_edt(open_, sampling=np.array(spacing) / 2)[::2, ::2, ::2]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_scipy(spacing, seed):
    mask = blob(seed)
    ours = signed_distance_mm(mask, spacing_mm=spacing)
    assert ours.dtype == np.float32
    assert ((ours < 0) == mask).all()
    assert np.abs(np.abs(ours) - scipy_to_crossings(mask, spacing)).max() < 1e-4


def test_surface_lies_half_way_between_voxel_centres():
    mask = np.zeros((7, 1, 1), bool)
    mask[2:5] = True
    assert signed_distance_mm(mask, spacing_mm=(4, 1, 1)).ravel().tolist() == [6, 2, -2, -6, -2, 2, 6]
    assert distance_outside_mm(mask, spacing_mm=(4, 1, 1)).ravel().tolist() == [6, 2, 0, 0, 0, 2, 6]


def test_occupancy_places_the_surface_between_voxels():
    plane_mm = 5.3
    centres = np.arange(12.0)
    occupancy = np.broadcast_to(np.clip(plane_mm - centres + 0.5, 0, 1)[:, None, None], (12, 6, 6)).astype(np.float32)
    found = signed_distance_mm(occupancy, spacing_mm=(1, 1, 1))
    assert np.allclose(found[:, 3, 3], centres - plane_mm, atol=0.21)
    assert (
        np.abs(found[:, 3, 3] - (centres - plane_mm)).max()
        < np.abs(signed_distance_mm(occupancy >= 0.5, spacing_mm=(1, 1, 1))[:, 3, 3] - (centres - plane_mm)).max() + 1e-6
    )


def test_ball_is_measured_to_a_third_of_a_voxel_and_without_bias():
    spacing = np.array([1.5, 0.8, 0.8])
    grid = np.indices((30, 56, 56)).reshape(3, -1).T * spacing
    radius = np.linalg.norm(grid - np.array([21.7, 22.1, 22.4]), axis=1).reshape(30, 56, 56)
    error = signed_distance_mm(radius < 15, spacing_mm=spacing) - (radius - 15)
    far = np.abs(radius - 15) < 10
    assert np.abs(error[far]).max() < 0.8
    assert abs(error[far].mean()) < 0.2


def test_empty_full_and_border():
    empty = np.zeros((4, 5, 6), bool)
    assert np.isposinf(signed_distance_mm(empty, spacing_mm=(1, 1, 1))).all()
    assert np.isposinf(distance_outside_mm(empty, spacing_mm=(1, 1, 1))).all()
    assert np.isneginf(signed_distance_mm(~empty, spacing_mm=(1, 1, 1))).all()
    half = empty.copy()
    half[:2] = True
    assert signed_distance_mm(half, spacing_mm=(2, 1, 1))[0].max() == -3.0  # the border of the image is no surface


def test_refuses_what_is_no_mask():
    with pytest.raises(MaskError, match="0\\.\\.1"):
        signed_distance_mm(np.full((3, 3, 3), 2.0), spacing_mm=(1, 1, 1))
    with pytest.raises(MaskError, match="NaN"):
        signed_distance_mm(np.full((3, 3, 3), np.nan), spacing_mm=(1, 1, 1))
    with pytest.raises(MaskError, match="three axes"):
        signed_distance_mm(np.ones((3, 3), bool), spacing_mm=(1, 1, 1))
    with pytest.raises(GeometryError, match="three positive"):
        signed_distance_mm(np.ones((3, 3, 3), bool), spacing_mm=(1, 0, 1))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), axis=st.integers(0, 2), factor=st.floats(0.3, 4.0), order=st.permutations((0, 1, 2)))
def test_symmetries(seed, axis, factor, order):
    mask, spacing = blob(seed, (6, 9, 8)), np.array([2.5, 0.9, 1.0])
    found = signed_distance_mm(mask, spacing_mm=spacing)
    assert np.array_equal(signed_distance_mm(~mask, spacing_mm=spacing), -found)
    flipped = signed_distance_mm(np.flip(mask, axis), spacing_mm=spacing)
    assert np.allclose(np.flip(flipped, axis), found, atol=1e-4)
    turned = signed_distance_mm(np.transpose(mask, order), spacing_mm=spacing[list(order)])
    assert np.allclose(turned, np.transpose(found, order), atol=1e-4)
    assert np.allclose(signed_distance_mm(mask, spacing_mm=factor * spacing), factor * found, rtol=1e-5, atol=1e-4)
    occupancy = signed_distance_mm(mask.astype(np.float32), spacing_mm=spacing)
    assert np.allclose(occupancy, found, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(shift=st.tuples(*[st.integers(0, 4)] * 3))
def test_moves_with_the_mask(shift):
    body = np.pad(blob(3, (6, 7, 5)), 2)
    big = np.zeros(tuple(np.array(body.shape) + 4), bool)
    box = tuple(slice(s, s + n) for s, n in zip(shift, body.shape, strict=True))
    big[box] = body
    assert np.allclose(
        signed_distance_mm(big, spacing_mm=(3, 1, 1))[box], signed_distance_mm(body, spacing_mm=(3, 1, 1)), atol=1e-5
    )
