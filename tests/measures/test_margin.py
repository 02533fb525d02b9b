"""The ablation margin against analytic shapes, its promises on bad input, and its command."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from locoregional.cli import commands
from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.margin import ablation_margin
from locoregional.validation.margin_notches import Notched, Vessel, notched_margins_mm, notched_pair, voxelised_notched
from locoregional.validation.margin_shapes import FAMILIES, Lobe, pair, true_margins_mm, voxelised


def ball(radius, centre=(0.0, 0.0, 0.0)):
    return (Lobe(np.array(centre), radius * np.ones(3), np.eye(3)),)


def grid(spacing=(3.0, 0.8, 0.8), size=52.0, start=-25.63):
    shape = tuple(int(size / s) for s in spacing)
    return Grid.regular(shape, spacing_mm=spacing, origin_lps_mm=(start, start, start))


@pytest.fixture(scope="module")
def off_centre():
    tumour, ablation = ball(10.0), ball(17.0, (0.0, 0.0, 3.0))
    return voxelised(tumour, grid()), voxelised(ablation, grid())


def test_true_margins_of_balls_are_exact():
    minimum, median = true_margins_mm(ball(10.0), ball(17.0, (0.0, 0.0, 3.0)))
    assert minimum == pytest.approx(4.0, abs=0.01)
    assert median == pytest.approx(17.0 - np.sqrt(109.0), abs=0.02)


@pytest.mark.parametrize(
    ("slice_mm", "bar_mm", "families"), [(1.0, 0.3, FAMILIES[1::3]), (3.0, 0.4, FAMILIES[::2]), (5.0, 0.8, FAMILIES[1::2])]
)
def test_accuracy_by_slice_thickness(slice_mm, bar_mm, families):
    errors = []
    for family in families:
        tumour, ablation, where = pair(family, slice_mm=slice_mm, seed=77)
        minimum, median = true_margins_mm(tumour, ablation)
        found = ablation_margin(voxelised(tumour, where), voxelised(ablation, where))
        errors.append(found.minimal_margin_mm - minimum)
        assert abs(found.median_margin_mm - median) < 0.2
        assert found.interval_mm[0] <= found.minimal_margin_mm <= found.interval_mm[1]
        assert found.interval_mm[1] - found.interval_mm[0] < slice_mm + 1.0
    assert np.mean(np.abs(errors)) < bar_mm


def test_true_margin_beside_a_vessel_is_exact():
    tumour = Lobe(np.zeros(3), 10.0 * np.ones(3), np.eye(3))
    vessel = Vessel(np.array([15.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), 2.5)
    minimum, _ = notched_margins_mm(tumour, Notched(Lobe(np.zeros(3), 20.0 * np.ones(3), np.eye(3)), (vessel,)))
    assert minimum == pytest.approx(2.5, abs=0.02)


@pytest.mark.parametrize(("slice_mm", "bar_mm"), [(1.0, 0.3), (3.0, 0.6)])
def test_vessels_that_bite_the_zone(slice_mm, bar_mm):
    errors, held = [], []
    for seed in range(300, 304):
        tumour, ablation, where = notched_pair(slice_mm=slice_mm, seed=seed)
        truth, median = notched_margins_mm(tumour, ablation)
        found = ablation_margin(voxelised((tumour,), where), voxelised_notched(ablation, where))
        errors.append(abs(found.minimal_margin_mm - truth))
        held.append(found.interval_mm[0] <= truth <= found.interval_mm[1])
        assert abs(found.median_margin_mm - median) < 0.3
        assert found.residual_ml == 0.0
        assert found.minimal_margin_mm >= 0.0
    assert np.mean(errors) < bar_mm
    assert np.mean(held) >= 0.75


@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_no_margin_leaves_what_the_voxels_allow(noise):
    """A zone with ragged holes: no smooth surface, still nothing beyond a voxel of the brute-force distance."""
    rng = np.random.default_rng(4)
    where = grid((2.0, 1.0, 1.0))
    tumour, zone = voxelised(ball(8.0), where), voxelised(ball(16.0), where)
    centres = where.to_lps(np.argwhere(np.ones(where.shape, bool)))
    far = np.linalg.norm(centres, axis=1).reshape(where.shape) > 11.0
    ragged = zone.on(zone.array & ~(far & (rng.random(where.shape) < noise)))
    found = ablation_margin(tumour, ragged)
    inside = np.argwhere(tumour.array) * where.spacing_mm
    outside = np.argwhere(~ragged.array) * where.spacing_mm
    nearest = min(np.linalg.norm(outside - p, axis=1).min() for p in inside[:: max(1, len(inside) // 400)])
    diagonal = np.linalg.norm(where.spacing_mm)
    assert nearest - diagonal - 1e-6 <= found.minimal_margin_mm <= nearest + 1e-6
    assert found.interval_mm[0] <= found.minimal_margin_mm <= found.interval_mm[1]
    if noise:
        assert any("uneven" in note for note in found.notes)
    else:
        assert not any("uneven" in note for note in found.notes)


def test_notes_speak_in_words(off_centre):
    assert not any("_" in note for note in ablation_margin(*off_centre).notes)


def test_numbers_agree_with_each_other(off_centre):
    found = ablation_margin(*off_centre)
    assert found.minimal_margin_mm == pytest.approx(4.0, abs=0.3)
    assert found.share_below_mm["0"] == 0.0
    assert found.share_below_mm["10"] > 0.97  # the thickest is 10 mm at one point
    # a zone of a ball: margin below 5 mm where z < cap height, share (1 - t) / 2 by Archimedes
    t = ((17.0 - 5.0) ** 2 - 109.0) / 60.0
    assert found.share_below_mm["5"] == pytest.approx((1.0 - t) / 2.0, abs=0.03)
    assert found.thinnest_point_lps_mm == pytest.approx((0.0, 0.0, -10.0), abs=2.0)
    assert found.tumour_ml == pytest.approx(4 / 3 * np.pi, rel=0.03)
    assert found.residual_ml == 0.0
    assert found.area_mm2.sum() == pytest.approx(400 * np.pi, rel=0.02)
    assert list(found.percentiles_mm.values()) == sorted(found.percentiles_mm.values())
    wide = found.interval_with_contour_error_mm
    assert wide[0] < found.interval_mm[0] < found.interval_mm[1] < wide[1]


def test_uncovered_tumour_is_negative_and_residual():
    tumour, ablation = voxelised(ball(10.0), grid()), voxelised(ball(10.0, (0.0, 4.0, 0.0)), grid())
    found = ablation_margin(tumour, ablation)
    assert found.minimal_margin_mm == pytest.approx(-4.0, abs=0.4)
    assert found.thinnest_point_lps_mm[1] == pytest.approx(-10.0, abs=1.0)
    overlap = np.pi * (4 * 10 + 4) * (2 * 10 - 4) ** 2 / 12
    assert found.residual_ml == pytest.approx((4 / 3 * np.pi * 1000 - overlap) / 1000, rel=0.05)


def test_same_answer_however_the_voxels_are_ordered(off_centre):
    plain = ablation_margin(*off_centre)
    turned = []
    for volume in off_centre:
        affine = volume.affine.copy()
        affine[:3, 3] += affine[:3, 0] * (volume.shape[0] - 1)
        affine[:3, 0] *= -1
        turned.append(Volume(np.ascontiguousarray(np.flip(volume.array, 0).transpose(2, 0, 1)), affine[:, [2, 0, 1, 3]]))
    found = ablation_margin(*turned)
    assert found.minimal_margin_mm == pytest.approx(plain.minimal_margin_mm, abs=0.05)
    assert found.thinnest_point_lps_mm == pytest.approx(plain.thinnest_point_lps_mm, abs=1.0)


def test_seed_decides_the_interval(off_centre):
    first, again, other = (ablation_margin(*off_centre, seed=s) for s in (1, 1, 2))
    assert first.interval_mm == again.interval_mm
    assert first.interval_mm != other.interval_mm


def test_errors_widen_the_interval(off_centre):
    tight, loose = ablation_margin(*off_centre), ablation_margin(*off_centre, registration_error_mm=3.0)
    drawn = ablation_margin(*off_centre, segmentation_error_mm=1.0)

    def width(m):
        return m.interval_mm[1] - m.interval_mm[0]

    # a shift of mean length 3 mm has 1.88 mm along any direction: 90 % spans 6.2 mm, less where the thin spot can wander
    assert 4.0 < width(loose) < 7.0
    assert width(tight) < width(drawn) < width(loose)
    assert drawn.interval_with_contour_error_mm == pytest.approx(drawn.interval_mm, abs=1e-9)


def test_occupancy_is_at_least_as_good():
    where = grid((5.0, 0.8, 0.8))
    found = []
    for shape in (ball(10.0), ball(16.0)):
        fine = Grid.regular(
            (where.shape[0] * 5, *where.shape[1:]), spacing_mm=(1.0, 0.8, 0.8), origin_lps_mm=(-25.63, -25.63, -27.63)
        )
        share = voxelised(shape, fine).array.reshape(where.shape[0], 5, *where.shape[1:]).mean(axis=1)
        found.append(Volume(share.astype(np.float32), where.affine))
    margin = ablation_margin(*found)
    assert margin.minimal_margin_mm == pytest.approx(6.0, abs=0.8)
    assert margin.median_margin_mm == pytest.approx(6.0, abs=0.25)


def test_subcapsular_surface_is_left_out(off_centre):
    tumour, _ = off_centre
    ablation = voxelised(ball(15.0, (0.0, 6.0, 0.0)), grid())  # thin in front: 15 - 6 - 10 = -1 mm
    body = np.zeros(tumour.shape, bool)
    body[:, 14:] = True  # capsule at row 13.5: y = -25.63 + 0.8 * 13.5 = -14.8 mm, 4.8 mm in front of the tumour
    organ = Volume(body, tumour.affine)
    with_rule = ablation_margin(tumour, ablation, organ=organ)
    without = ablation_margin(tumour, ablation)
    # cap within 5 mm of the plane: y < -9.83, of height 0.17 of 20 mm
    assert with_rule.subcapsular_share == pytest.approx(0.17 / 20.0, abs=0.01)
    assert with_rule.minimal_margin_mm > without.minimal_margin_mm
    deeper = ablation_margin(tumour, ablation, organ=organ, subcapsular_mm=8.0)
    assert deeper.subcapsular_share == pytest.approx(3.17 / 20.0, abs=0.02)
    assert any("capsule" in note for note in deeper.notes)


def test_cropped_masks_of_one_lattice_are_put_together(off_centre):
    tumour, ablation = off_centre
    whole = ablation_margin(tumour, ablation)
    cropped = ablation_margin(tumour.cropped((5, 15, 12), (14, 50, 55)), ablation)
    assert cropped.minimal_margin_mm == whole.minimal_margin_mm


def test_bad_input_is_refused(off_centre):
    tumour, ablation = off_centre
    with pytest.raises(MaskError, match="empty"):
        ablation_margin(tumour, ablation.on(np.zeros_like(ablation.array)))
    with pytest.raises(MaskError, match="inverted"):
        ablation_margin(tumour.on(~tumour.array), ablation)
    with pytest.raises(MaskError, match="NaN"):
        ablation_margin(tumour.on(np.where(tumour.array, np.nan, 0.0)), ablation)
    with pytest.raises(MaskError, match="one label"):
        ablation_margin(tumour.on(tumour.array * 2), ablation)
    with pytest.raises(GeometryError, match="different grids"):
        ablation_margin(tumour, Volume(ablation.array, ablation.affine + np.eye(4)[:, [3, 1, 2, 0]] * 0.4))
    with pytest.raises(GeometryError, match="frames of reference"):
        ablation_margin(
            Volume(tumour.array, tumour.affine, frame_of_reference="1.2"),
            Volume(ablation.array, ablation.affine, frame_of_reference="1.3"),
        )
    sheared = tumour.affine.copy()
    sheared[1, 0] = 1.0
    with pytest.raises(GeometryError, match="sheared"):
        ablation_margin(Volume(tumour.array, sheared), Volume(ablation.array, sheared))
    with pytest.raises(GeometryError, match="registration_error_mm"):
        ablation_margin(tumour, ablation, registration_error_mm=float("nan"))


def test_odd_input_is_flagged(off_centre):
    tumour, _ = off_centre
    cut = voxelised(ball(17.0, (0.0, 0.0, 15.0)), grid())
    assert any("border of its image" in note for note in ablation_margin(tumour, cut).notes)
    apart = ablation_margin(voxelised(ball(6.0, (0, 0, -14)), grid()), voxelised(ball(6.0, (0, 0, 14)), grid()))
    assert any("do not overlap" in note for note in apart.notes)
    assert apart.minimal_margin_mm < -25.0


def test_tiny_masks_do_not_fail():
    for shape in ((1, 1, 1), (1, 2, 3), (2, 2, 2)):
        array = np.zeros((12, 40, 40), bool)
        array[6 : 6 + shape[0], 20 : 20 + shape[1], 20 : 20 + shape[2]] = True
        where = Grid.regular(array.shape, spacing_mm=(5.0, 1.0, 1.0), origin_lps_mm=(-20.0, -20.0, -30.0))
        found = ablation_margin(Volume(array, where.affine), voxelised(ball(12.0), where))
        assert 3.0 < found.minimal_margin_mm < 14.0


def write_mask(path, volume):
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.GetImageFromArray(volume.array.astype(np.uint8))
    image.SetSpacing([float(s) for s in volume.spacing_mm[::-1]])
    image.SetOrigin([float(v) for v in volume.affine[:3, 3]])
    sitk.WriteImage(image, str(path))


def test_command_writes_json_and_picture(off_centre, tmp_path):
    paths = [tmp_path / "tumour.nii.gz", tmp_path / "ablation.nrrd"]
    for path, volume in zip(paths, off_centre, strict=True):
        write_mask(path, volume)
    out, picture = tmp_path / "margin.json", tmp_path / "margin.png"
    arguments = ["margin", "--tumour", paths[0], "--ablation", paths[1], "--json", out, "--picture", picture, "--quiet"]
    done = CliRunner().invoke(commands, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "minimal margin" in done.output
    found = json.loads(out.read_text())
    assert found["minimal_margin_mm"] == pytest.approx(4.0, abs=0.3)
    low, high = found["interval_mm"]
    assert low <= found["minimal_margin_mm"] <= high
    assert set(found["share_below_mm"]) == {"0", "5", "10"}
    assert found["thinnest_point_lps_mm"] == pytest.approx([0.0, 0.0, -10.0], abs=2.0)
    assert found["schema"].startswith("locoregional.margin/")
    assert "not a medical device" in found["research_only"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_command_takes_labels_and_never_overwrites_its_input(off_centre, tmp_path):
    both = off_centre[0].on(off_centre[1].array.astype(np.uint8) + off_centre[0].array)
    path = tmp_path / "labels.nii.gz"
    write_mask(path, both)
    arguments = ["margin", "--tumour", path, "--tumour-label", "2", "--ablation", path, "--ablation-label", "1", "--quiet"]
    before = path.read_bytes()
    refused = CliRunner().invoke(commands, [str(a) for a in [*arguments, "--json", path]])
    assert refused.exit_code != 0
    assert path.read_bytes() == before
    done = CliRunner().invoke(commands, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0
    assert "do not overlap" in done.output  # a label map cannot hold both: the ablation lost its middle, and the reader is told
