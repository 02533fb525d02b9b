"""Diameters of shapes whose size is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import MaskError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.response.diameters import axial_diameters, viable_diameters
from locoregional.measures.response.plane import tilt_deg


def ellipse(
    a_mm, b_mm, *, angle=0.0, spacing_mm=(3.0, 0.8, 0.8), centre=(0.3, -0.2), hole_mm=0.0, supersampled=1, tall_mm=4.0
) -> Volume:
    """Elliptic cylinder turned in the axial plane; occupancy where it is supersampled."""
    room = 1.4 * max(a_mm, b_mm)
    shape = (5, *(int(2 * room / s) for s in spacing_mm[1:]))
    origin = (-room, -room, -6.0)
    grid = Grid.regular(shape, spacing_mm=spacing_mm, origin_lps_mm=origin)
    steps = (np.arange(supersampled) + 0.5) / supersampled - 0.5
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1).astype(float)
    total = np.zeros(shape)
    for dr in steps:
        for dc in steps:
            p = grid.to_lps(index + np.array([0.0, dr, dc]))
            x, y, z = p[..., 0] - centre[0], p[..., 1] - centre[1], p[..., 2]
            u, v = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
            inside = ((u / a_mm) ** 2 + (v / b_mm) ** 2 <= 1) & (np.abs(z) <= tall_mm)
            total += inside & ~((u**2 + v**2) < hole_mm**2)
    share = total / supersampled**2
    return Volume(share > 0.5 if supersampled == 1 else share.astype(np.float32), grid.affine)


@settings(max_examples=25, deadline=None)
@given(
    a_mm=st.floats(6, 40),
    ratio=st.floats(0.35, 1.0),
    angle=st.floats(0, np.pi),
    shift=st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
)
def test_turned_ellipses_within_a_pixel(a_mm, ratio, angle, shift):
    mask = ellipse(a_mm, ratio * a_mm, angle=angle, centre=shift)
    found = axial_diameters(mask)
    assert found.long_mm == pytest.approx(2 * a_mm, abs=1.0)
    assert found.short_mm == pytest.approx(2 * ratio * a_mm, abs=1.2)
    viable = viable_diameters(mask)
    assert viable.long_mm == pytest.approx(2 * a_mm, abs=1.0)
    assert viable.short_mm <= viable.long_mm


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.9, 1.4])
def test_partial_occupancy_places_the_border_within_the_voxels(angle):
    sharp = axial_diameters(ellipse(15, 9, angle=angle, supersampled=5))
    assert sharp.long_mm == pytest.approx(30, abs=0.15)
    assert sharp.short_mm == pytest.approx(18, abs=0.25)


def test_a_rectangle_is_measured_along_its_diagonal():
    array = np.zeros((3, 40, 60), dtype=bool)
    array[1, 10:30, 10:40] = True  # 30 mm by 20 mm
    found = axial_diameters(Volume(array, Grid.regular(array.shape, spacing_mm=1.0).affine))
    assert found.long_mm == pytest.approx(np.hypot(30, 20), abs=1.0)
    # the longest chord across the diagonal of an a x b rectangle is b / cos of the angle of the diagonal
    assert found.short_mm == pytest.approx(20 / np.cos(np.arctan2(20, 30)), abs=1.0)


def test_necrosis_is_spanned_by_recist_and_not_by_mrecist():
    ring = ellipse(20, 20, hole_mm=15)
    assert axial_diameters(ring).long_mm == pytest.approx(40, abs=1)
    chord = 2 * np.sqrt(20**2 - 15**2)  # the longest chord of a ring touches its hole
    assert viable_diameters(ring).long_mm == pytest.approx(chord, abs=1.6)


def test_two_parts_are_one_lesion_for_recist_and_the_larger_counts_for_mrecist():
    array = np.zeros((1, 20, 60), dtype=bool)
    array[0, 5:15, 5:15] = array[0, 5:15, 40:46] = True
    mask = Volume(array, Grid.regular(array.shape, spacing_mm=1.0).affine)
    assert axial_diameters(mask).long_mm > 40
    assert viable_diameters(mask).long_mm == pytest.approx(np.hypot(10, 10), abs=1.0)


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_the_order_of_the_axes_on_disk_changes_nothing(axes):
    mask = ellipse(18, 10, angle=0.5)
    turned = Volume(np.transpose(mask.array, axes), mask.affine[:, [*axes, 3]])
    assert axial_diameters(turned).long_mm == pytest.approx(axial_diameters(mask).long_mm)
    assert axial_diameters(turned).short_mm == pytest.approx(axial_diameters(mask).short_mm)
    flipped = mask.affine.copy()
    flipped[:3, 3] += flipped[:3, 1] * (mask.shape[1] - 1)
    flipped[:3, 1] *= -1
    assert axial_diameters(Volume(mask.array[:, ::-1], flipped)).long_mm == pytest.approx(axial_diameters(mask).long_mm)


def test_the_ends_lie_where_the_lesion_ends():
    found = axial_diameters(ellipse(20, 8, angle=0.0, centre=(3.0, 5.0)))
    ends = np.array(found.ends_lps_mm)
    assert np.linalg.norm(ends[0] - ends[1]) == pytest.approx(found.long_mm)
    assert ends.mean(axis=0)[:2] == pytest.approx([3.0, 5.0], abs=1.0)


def test_tilted_slices_are_told_and_an_empty_mask_is_nothing():
    mask = ellipse(10, 10)
    c, s = np.cos(0.5), np.sin(0.5)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[c, -s], [s, c]]
    tilted = Volume(mask.array, turn @ mask.affine)
    assert tilt_deg(tilted) == pytest.approx(np.degrees(0.5), abs=0.1)
    assert "lean by 29 degrees" in axial_diameters(tilted).words[0]
    empty = mask.on(np.zeros(mask.shape, dtype=bool))
    assert axial_diameters(empty).long_mm == viable_diameters(empty).long_mm == 0.0
    with pytest.raises(MaskError):
        axial_diameters(mask.on(mask.array.astype(np.int16) * 7))
