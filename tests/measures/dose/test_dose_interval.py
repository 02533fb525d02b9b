"""Intervals of a dose reading: sizes that are known, coverage, and what is said where nothing can be given."""

import numpy as np
import pytest

from locoregional.errors import EvidenceError, GeometryError, MaskError, UnitsError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.dose.asked import biological_questions, complication_question, dose_questions
from locoregional.measures.dose.cloud import evenly_spread, point_cloud
from locoregional.measures.dose.dosed_region import dosed_region
from locoregional.measures.dose.interval import DoseErrors, diameter_uncertainty_mm
from locoregional.measures.dose.parameter_sets import parameter_set
from locoregional.measures.dose.reading import read_dose
from locoregional.measures.dose.reading_json import reading_document, reading_lines
from locoregional.measures.dose.recovery import RecoveryTable, read_recovery
from locoregional.validation.dose_volume import gradient_dose, sphere_mask

CENTRE = np.array([0.6, -0.9, 1.3])
ALONG = np.array([0.0, 0.6, 0.8])
EXACT = DoseErrors(calibration_share=0.0)


def grid_of(count, side):
    return Grid.regular((count,) * 3, spacing_mm=side, origin_lps_mm=(-(count - 1) / 2 * side,) * 3)


@pytest.fixture(scope="module")
def ball():
    """A ball of 20 mm in a gradient of 5 Gy/mm about 100 Gy."""
    grid = grid_of(32, 2.0)
    dose = gradient_dose(grid, centre_lps_mm=CENTRE, direction=ALONG)
    return dose, sphere_mask(grid, centre_lps_mm=CENTRE, radius_mm=10.0, parts=5)


@pytest.fixture(scope="module")
def even():
    grid = grid_of(24, 2.0)
    dose = Volume(np.full(grid.shape, 80.0, np.float32), grid.affine, unit="Gy")
    return dose, sphere_mask(grid, centre_lps_mm=CENTRE, radius_mm=10.0, parts=5)


def test_diameter_uncertainty_is_the_square_root_of_the_sum():
    assert diameter_uncertainty_mm(voxel_mm=3.0, resolution_mm=None) == pytest.approx(3.0 / np.sqrt(6.0))
    both = diameter_uncertainty_mm(voxel_mm=3.0, resolution_mm=8.0)
    assert both**2 == pytest.approx(9.0 / 6.0 + 64.0 / (4.0 * np.log(2.0)))


def test_even_dose_is_only_as_uncertain_as_its_calibration(even):
    found = read_dose(*even, name="ball", errors=DoseErrors(calibration_share=0.1, registration_error_mm=3.0))
    mean = found.quantity("mean_gy")
    assert mean.value == pytest.approx(80.0)
    assert found.budget["contour"] == pytest.approx(0.0, abs=1e-6)
    assert found.budget["registration"] == pytest.approx(0.0, abs=1e-6)
    assert found.budget["calibration"] == 0.1
    assert mean.low == pytest.approx(80.0 * np.exp(-1.645 * 0.0998), rel=0.01)
    assert mean.high == pytest.approx(80.0 * np.exp(1.645 * 0.0998), rel=0.01)
    for name in ("d98_gy", "d70_gy", "d2_gy", "maximum_gy"):
        assert found.quantity(name).low == pytest.approx(mean.low, rel=1e-4)


def test_registration_moves_the_mean_by_slope_times_error(ball):
    found = read_dose(*ball, name="ball", errors=DoseErrors(calibration_share=0.0, registration_error_mm=2.0))
    deviation_gy = 5.0 * 2.0 / np.sqrt(8.0 / np.pi)  # one component of a displacement of 2 mm in the mean
    assert found.budget["registration"] == pytest.approx(deviation_gy / 100.0, rel=0.02)
    mean = found.quantity("mean_gy")
    assert mean.high - mean.low == pytest.approx(2.0 * 1.645 * deviation_gy, rel=0.06)


def test_contour_lowers_the_mean_of_a_cone_as_its_border_says():
    grid = grid_of(40, 2.0)
    far = np.linalg.norm(grid.to_lps(np.stack(np.meshgrid(*[np.arange(40)] * 3, indexing="ij"), -1)) - CENTRE, axis=-1)
    cone = Volume((300.0 - 8.0 * far).astype(np.float32), grid.affine, unit="Gy")  # mean 300 - 8 * 3/4 r
    mask = sphere_mask(grid, centre_lps_mm=CENTRE, radius_mm=15.0, parts=5)
    found = read_dose(cone, mask, name="ball", errors=DoseErrors(calibration_share=0.0, contour_resolution_mm=4.0))
    border_mm = 0.5 * diameter_uncertainty_mm(voxel_mm=2.0, resolution_mm=4.0)
    assert found.quantity("mean_gy").value == pytest.approx(300.0 - 6.0 * 15.0, rel=5e-3)
    assert found.budget["contour"] == pytest.approx(6.0 * border_mm / (300.0 - 6.0 * 15.0), rel=0.05)
    volume = found.quantity("volume_ml")
    exact = 4.0 / 3.0 * np.pi * (15.0 + 1.645 * border_mm * np.array([-1.0, 1.0])) ** 3 / 1e3
    assert (volume.low, volume.high) == pytest.approx(exact, rel=0.03)


def test_every_number_lies_in_its_interval_and_the_intervals_keep_order(ball):
    asked = (*dose_questions(), *biological_questions(parameter_set("mgh_tumour_liver")))
    found = read_dose(*ball, name="ball", asked=asked, errors=DoseErrors(registration_error_mm=4.0, contour_resolution_mm=3.0))
    assert len(found.quantities) == len(asked) + 1
    for q in found.quantities:
        assert q.low <= q.value <= q.high, q.name
        assert q.low >= 0.0
        assert q.unit != "1" or q.high <= 1.0
    lows, highs = ([getattr(found.quantity(f"d{p}_gy"), end) for p in (98, 95, 90, 70, 50, 2)] for end in ("low", "high"))
    assert lows == sorted(lows)
    assert np.all(np.diff(highs) > -1.0)
    bed, mean = found.quantity("bed_mgh_tumour_liver_gy"), found.quantity("mean_gy")
    assert bed.high / bed.value > mean.high / mean.value  # squared doses spread wider


def test_larger_errors_make_wider_intervals(ball):
    def width(**errors):
        q = read_dose(*ball, name="ball", errors=DoseErrors(**errors)).quantity("d70_gy")
        return q.high - q.low

    plain = width(calibration_share=0.02)
    assert width(calibration_share=0.1) > plain
    assert width(calibration_share=0.02, registration_error_mm=5.0) > plain
    assert width(calibration_share=0.02, contour_resolution_mm=8.0) > plain


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held, count = 0, 24
    for seed in range(count):
        rng = np.random.default_rng(seed)
        moved = rng.normal(size=3) * 3.0 / np.sqrt(8.0 / np.pi)
        grid = grid_of(18, 4.0)
        dose = gradient_dose(grid, centre_lps_mm=CENTRE, direction=ALONG)
        dose = dose.on(dose.array * np.float32(1.0 + 0.08 * rng.normal()))
        mask = sphere_mask(grid, centre_lps_mm=CENTRE + moved, radius_mm=10.0)
        q = read_dose(dose, mask, name="b", errors=DoseErrors(calibration_share=0.08, registration_error_mm=3.0)).quantity(
            "mean_gy"
        )
        held += q.low <= 100.0 <= q.high
    assert 0.78 * count <= held  # 90 % promised, 2 deviations of 24 trials
    assert held < count  # and not by being endless


def test_three_voxels_give_a_mean_with_a_flag(ball):
    dose, _ = ball
    array = np.zeros(dose.shape, bool)
    array[15, 15, 14:17] = True
    found = read_dose(dose, Volume(array, dose.affine), name="spot", errors=EXACT)
    assert found.quantity("mean_gy").value is not None
    for name in ("d70_gy", "v100_share", "minimum_gy", "below_50_ml"):
        q = found.quantity(name)
        assert (q.value, q.low, q.high) == (None, None, None)
        assert "3.0 voxels" in q.words
    assert any("3.0 voxels" in words for words in found.words)
    assert any(line.endswith("cannot be given") for line in reading_lines(found))
    faint = Volume(np.where(array, 0.3, 0.0).astype(np.float32), dose.affine)
    with pytest.raises(MaskError, match="smaller than one voxel"):
        read_dose(dose, faint, name="spot")


def test_occupancies_below_one_half_are_read_too(ball):
    dose, _ = ball
    share = np.zeros(dose.shape, np.float32)
    share[12:18, 12:18, 12:18] = 0.4
    found = read_dose(dose, Volume(share, dose.affine), name="haze", errors=EXACT)
    assert found.quantity("volume_ml").value == pytest.approx(0.4 * 6**3 * 0.008)
    assert found.quantity("mean_gy").low <= found.quantity("mean_gy").value


def test_what_is_not_known_is_said(ball):
    dose, mask = ball
    plain = " ".join(read_dose(dose, mask, name="ball").words)
    for said in ("uncertain by 10 % (recalled", "no registration error", "not given"):
        assert said in plain
    small = read_dose(dose, mask, name="ball", errors=DoseErrors(activity_resolution_mm=7.0)).words
    assert any("under-read by partial volume, not corrected" in words for words in small)
    assert not any(
        "under-read" in w for w in read_dose(dose, mask, name="b", errors=DoseErrors(activity_resolution_mm=4.0)).words
    )


def test_recovery_corrects_the_mean_beside_the_plain_one(even):
    table = RecoveryTable((1.0, 10.0), (0.4, 0.8), (0.04, 0.04))
    found = read_dose(*even, name="ball", errors=EXACT, recovery=table)
    plain, corrected = found.quantity("mean_gy"), found.quantity("mean_corrected_gy")
    part = 0.4 + 0.4 * np.log10(found.doses.volume_ml)
    assert plain.value == pytest.approx(80.0)
    assert corrected.value == pytest.approx(80.0 / part, rel=1e-4)
    # the volume moves the recovery, and the recovery has its own deviation
    assert corrected.high - corrected.low > 2.0 * 1.645 * 0.9 * corrected.value * 0.04 / part
    assert not any("not corrected" in words for words in found.words)
    with pytest.raises(EvidenceError, match="below the smallest sphere"):
        read_dose(*even, name="ball", errors=EXACT, recovery=RecoveryTable((10.0, 20.0), (0.7, 0.8), (0.0, 0.0)))


@pytest.mark.parametrize(
    "rows",
    [
        "volume_ml,recovery\n1,40\n10,80\n",
        "volume_ml,recovery\n10,0.8\n1,0.4\n",
        "volume_ml,recovery\n1,0.4\n",
        "volume,rc\n1,0.4\n10,0.8\n",
        "volume_ml,recovery\n1,high\n10,0.8\n",
        "volume_ml,recovery,sd\n1,0.4,0.5\n10,0.8,0.1\n",
        "",
    ],
)
def test_odd_recovery_tables_are_refused(tmp_path, rows):
    (tmp_path / "rc.csv").write_text(rows)
    with pytest.raises(EvidenceError):
        read_recovery(tmp_path / "rc.csv")


def test_recovery_is_straight_over_the_logarithm(tmp_path):
    (tmp_path / "rc.csv").write_text("volume_ml,recovery,sd\n1,0.4,0.05\n100,0.8,0.01\n")
    table = read_recovery(tmp_path / "rc.csv")
    assert table.at(10.0) == pytest.approx((0.6, 0.03))
    assert table.at(500.0) == pytest.approx((0.8, 0.01))


@pytest.mark.parametrize(
    "errors",
    [
        {"calibration_share": 5.0},
        {"calibration_share": -0.1},
        {"registration_error_mm": -1.0},
        {"registration_error_mm": 500.0},
        {"contour_resolution_mm": float("nan")},
    ],
)
def test_impossible_errors_are_refused(errors):
    with pytest.raises(UnitsError):
        DoseErrors(**errors)


def test_complication_only_of_the_device_it_was_fitted_to(even):
    limits, liver = parameter_set("strigari_resin_liver"), parameter_set("mgh_normal_liver")
    with pytest.raises(EvidenceError, match="resin"):
        complication_question(limits, liver, device="glass")
    with pytest.raises(EvidenceError, match="td50"):
        complication_question(liver, liver, device="resin")
    asked = (*dose_questions((50.0,)), complication_question(limits, liver, device="resin"))
    q = read_dose(*even, name="liver", asked=asked).quantity("ntcp_strigari_resin_liver_share")
    assert 0.0 <= q.low < q.value < q.high <= 1.0
    assert any(key.endswith("strigari_resin_liver.td50") for key in q.sources)


def test_document_holds_every_number(even):
    found = read_dose(*even, name="ball")
    document = reading_document(found)
    assert set(document["quantities"]) == {q.name for q in found.quantities}
    mean = document["quantities"]["mean_gy"]
    assert (mean["value"], mean["unit"], mean["level"]) == (pytest.approx(80.0), "Gy", 0.9)
    assert document["relative_uncertainty_of_the_mean"]["calibration"] == 0.1
    assert document["notes"] == list(found.words)
    with pytest.raises(KeyError):
        found.quantity("d12_gy")


def test_clouds_keep_volumes_and_sheared_masks_are_refused(ball):
    dose, mask = ball
    region = dosed_region(dose, mask)
    cloud = point_cloud(region, reach_mm=3.0)
    volumes = [cloud.histogram(outward_mm=x).volume_ml for x in (-2.0, 0.0, 2.0)]
    assert volumes[2] / volumes[1] == pytest.approx(1.2**3, rel=0.02)
    assert volumes[0] / volumes[1] == pytest.approx(0.8**3, rel=0.03)
    assert cloud.histogram(outward_mm=-30.0) is None
    shifted = cloud.histogram(shift_lps_mm=tuple(2.0 * ALONG))
    assert shifted.mean_gy - cloud.histogram().mean_gy == pytest.approx(10.0, rel=1e-3)
    sheared = mask.affine.copy()
    sheared[1, 0] += 0.5
    with pytest.raises(GeometryError, match="sheared"):
        read_dose(dose, Volume(mask.array, sheared), name="ball")


def test_points_are_even():
    points = evenly_spread(512, 6)
    assert points.min() >= 0.0
    assert points.max() < 1.0
    np.testing.assert_allclose(points.mean(axis=0), 0.5, atol=0.01)
    np.testing.assert_allclose(np.corrcoef(points.T) - np.eye(6), 0.0, atol=0.1)


def test_bands_hold_their_curve_and_small_structures_are_named_not_drawn(ball, tmp_path):
    from locoregional.measures.dose.dvh_picture import draw_histograms

    dose, mask = ball
    found = read_dose(dose, mask, name="ball", errors=DoseErrors(registration_error_mm=3.0))
    band = found.band
    assert (band.low <= band.shares).all()
    assert (band.shares <= band.high).all()
    assert (np.diff(band.shares) <= 1e-12).all()
    at = np.searchsorted(band.doses_gy, 100.0)
    v100 = found.quantity("v100_share")
    assert (band.low[at], band.high[at]) == pytest.approx((v100.low, v100.high), abs=0.05)
    array = np.zeros(dose.shape, bool)
    array[15, 15, 14:17] = True
    spot = read_dose(dose, Volume(array, dose.affine), name="spot", errors=EXACT)
    assert spot.band is None
    for name, readings in (("both.png", (found, spot)), ("spot.png", (spot,))):
        draw_histograms(readings, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
