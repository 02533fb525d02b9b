"""Uptake, enhancement and density of images whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from locoregional.errors import MaskError, UnitsError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.response.enhancing import density, viable_part
from locoregional.measures.response.fraction import enhancement_fraction
from locoregional.measures.response.sphere import sphere_shares
from locoregional.measures.response.uptake import lean_mass_kg, liver_uptake, uptake_peak

RADIUS_MM = (3e3 / (4 * np.pi)) ** (1 / 3)


def places(grid: Grid) -> np.ndarray:
    return grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))


def blob(spacing_mm: float, *, sigma_mm: float = 8.0, size: int = 27, shift=(0.31, -0.2, 0.45)) -> Volume:
    """Voxel means of a Gaussian of height 10 around the origin, exact."""
    grid = Grid.regular((size,) * 3, spacing_mm=spacing_mm, origin_lps_mm=(np.array(shift) - size // 2) * spacing_mm)

    def mean(x):
        width = sigma_mm * np.sqrt(2)
        return (
            sigma_mm * np.sqrt(np.pi / 2) * (erf((x + spacing_mm / 2) / width) - erf((x - spacing_mm / 2) / width)) / spacing_mm
        )

    p = places(grid)
    return Volume(10 * mean(p[..., 0]) * mean(p[..., 1]) * mean(p[..., 2]), grid.affine, unit="g/ml")


def blob_mean(radius_mm: float, sigma_mm: float = 8.0) -> float:
    """Mean of that Gaussian in a sphere around its middle."""
    inner = sigma_mm**3 * np.sqrt(np.pi / 2) * erf(radius_mm / sigma_mm / np.sqrt(2))
    return 30 / radius_mm**3 * (inner - sigma_mm**2 * radius_mm * np.exp(-(radius_mm**2) / 2 / sigma_mm**2))


@settings(max_examples=30, deadline=None)
@given(
    radius=st.floats(1, 12),
    spacing=st.tuples(*[st.floats(1.0, 6.0)] * 3),
    share=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
)
def test_shares_of_a_sphere_are_right_and_whole(radius, spacing, share):
    offset = np.array(share) * np.array(spacing)
    shares = sphere_shares(radius_mm=radius, spacing_mm=spacing, offset_mm=offset)
    assert shares.sum() == pytest.approx(1.0)
    assert (shares > -1e-12).all()
    index = np.stack(np.meshgrid(*[np.arange(n) - n // 2 for n in shares.shape], indexing="ij"), axis=-1)
    middle = (shares[..., None] * index * np.array(spacing)).sum(axis=(0, 1, 2))
    # voxels are uniform, so the centre of mass is that of the voxels' parts: within half a voxel of the sphere's centre
    assert (np.abs(middle - offset) <= np.array(spacing) / 2 + 1e-9).all()
    mirrored = sphere_shares(radius_mm=radius, spacing_mm=spacing, offset_mm=-offset)
    assert mirrored[::-1, ::-1, ::-1] == pytest.approx(shares, abs=1e-9)


@pytest.mark.parametrize("cut", [-0.4, 0.0, 0.25, 0.7])
def test_a_plane_cuts_the_cap_that_geometry_says(cut):
    """Voxels larger than the sphere: a border at a height of ``cut`` radii leaves a cap of known volume."""
    shares = sphere_shares(radius_mm=1.0, spacing_mm=(4.0, 40.0, 40.0), offset_mm=(2.0 - cut, 0.0, 0.0))
    cap = (1 - cut) ** 2 * (2 + cut) / 4
    assert shares.sum(axis=(1, 2))[shares.shape[0] // 2 + 1] == pytest.approx(cap, abs=2e-5)


def test_a_sphere_inside_a_voxel_lies_in_it_alone():
    shares = sphere_shares(radius_mm=1.0, spacing_mm=(4.0, 4.0, 4.0))
    assert shares[tuple(np.array(shares.shape) // 2)] == pytest.approx(1.0)


@pytest.mark.parametrize(("spacing_mm", "error"), [(1.5, 0.01), (2.0, 0.02), (4.0, 0.065)])
def test_the_peak_of_a_gaussian(spacing_mm, error):
    image = blob(spacing_mm, size=33 if spacing_mm < 2 else 27)
    lesion = image.on((places(image.grid) ** 2).sum(axis=-1) < 12**2, unit="")
    peak = uptake_peak(image, lesion)
    exact = blob_mean(RADIUS_MM)
    assert peak.value_g_ml == pytest.approx(exact, rel=error)
    assert peak.value_g_ml < exact, "voxels smear a peak, they cannot sharpen it"
    assert peak.at_voxel_g_ml <= peak.value_g_ml <= peak.hottest_g_ml
    assert np.linalg.norm(peak.centre_lps_mm) < spacing_mm / 2


def test_a_large_uniform_lesion_has_its_own_value():
    grid = Grid.regular((20, 24, 24), spacing_mm=(3.0, 4.0, 4.0))
    hot = np.zeros(grid.shape)
    hot[4:16, 5:19, 5:19] = 6.5
    lesion = Volume(hot > 0, grid.affine)
    peak = uptake_peak(Volume(hot, grid.affine, unit="g/ml"), lesion)
    assert peak.value_g_ml == pytest.approx(6.5)


def test_the_peak_stays_within_its_lesion():
    image = blob(3.0)
    away = image.on(np.linalg.norm(places(image.grid) - (24.0, 0, 0), axis=-1) < 7, unit="")
    peak = uptake_peak(image, away)
    assert peak.value_g_ml < 0.5 * uptake_peak(image, image.on(image.array > 0, unit="")).value_g_ml
    assert np.linalg.norm(np.array(peak.centre_lps_mm) - (24.0, 0, 0)) < 7 + 3


def test_wrong_units_and_empty_masks_are_refused():
    image = blob(4.0)
    lesion = image.on(image.array > 5, unit="")
    with pytest.raises(UnitsError, match="SUV"):
        uptake_peak(Volume(image.array, image.affine, unit="Bq/ml"), lesion)
    with pytest.raises(MaskError):
        uptake_peak(image, lesion.on(np.zeros(image.shape, dtype=bool)))


def test_the_liver_is_sampled_where_it_is_deep():
    grid = Grid.regular((30, 30, 30), spacing_mm=3.0)
    values = np.full(grid.shape, 9.0)
    values[6:26, 6:26, 6:26] = 1.5 + np.random.default_rng(1).normal(0, 0.2, (20, 20, 20))
    liver = Volume(values < 5, grid.affine)
    found = liver_uptake(Volume(values, grid.affine, unit="g/ml"), liver)
    assert found.mean_g_ml == pytest.approx(1.5, abs=0.05)
    assert found.deviation_g_ml == pytest.approx(0.2, abs=0.03)
    with pytest.raises(MaskError, match="3 cm"):
        liver_uptake(Volume(values, grid.affine), liver.on(np.arange(27000).reshape(grid.shape) < 900))


def test_lean_mass():
    """A woman of 165 cm and 65 kg has about 41 kg; a man of the same size more; both below the weight."""
    woman, man = (lean_mass_kg(female=f, height_cm=165, weight_kg=65) for f in (True, False))
    assert woman == pytest.approx(41.3, abs=0.1)
    assert woman < man < 65


def tumour_images(*, dead_share: float = 0.5, noise: float = 4.0):
    """A liver that rises by 20 HU in the arterial phase, and a tumour of which one side rises by 60 HU."""
    grid = Grid.regular((20, 50, 50), spacing_mm=(2.0, 2.0, 2.0))
    p = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1) - (10, 25, 25)
    tumour = np.linalg.norm(p * 2.0, axis=-1) < 14
    alive = tumour & (p[..., 2] >= -7 + 14 * dead_share)
    rng = np.random.default_rng(3)
    native = 50 + rng.normal(0, noise / 2, grid.shape)
    rise = np.where(alive, 60.0, np.where(tumour, 0.0, 20.0)) + rng.normal(0, noise / 2, grid.shape)

    def image(array, unit="HU"):
        return Volume(array, grid.affine, unit=unit)

    return image(native), image(native + rise), image(tumour, ""), image(alive, ""), image(np.ones(grid.shape, dtype=bool), "")


def test_the_enhancing_part_is_found():
    native, arterial, tumour, alive, liver = tumour_images()
    found = viable_part(tumour, arterial=arterial, native=native, liver=liver)
    assert (found.mask.array == alive.array).mean() > 0.999
    truth = float(alive.array.sum() * alive.grid.voxel_ml)
    assert found.volume_ml == pytest.approx(truth, rel=0.02)
    assert found.low_ml <= found.volume_ml <= found.high_ml
    assert found.liver.mean_hu == pytest.approx(20, abs=0.5)
    assert "not verified" in found.words[0]


def test_dense_oil_passes_for_viable_tumour_only_without_a_native_phase():
    native, arterial, tumour, alive, liver = tumour_images()
    oil = np.where(tumour.array & ~alive.array, 400.0, 0.0)
    oily = [image.on(image.array + oil) for image in (native, arterial)]
    subtracted = viable_part(tumour, arterial=oily[1], native=oily[0], liver=liver)
    assert subtracted.volume_ml == pytest.approx(float(alive.array.sum() * alive.grid.voxel_ml), rel=0.02)
    alone = viable_part(tumour, arterial=oily[1], native=None, liver=liver)
    assert alone.volume_ml == pytest.approx(alone.tumour_ml, rel=0.01)
    assert any("iodised oil" in words for words in alone.words)


def test_density_and_its_errors():
    native, _, tumour, _, _ = tumour_images()
    found = density(native, tumour)
    assert found.mean_hu == pytest.approx(50, abs=0.5)
    assert found.voxels == tumour.array.sum()
    empty = tumour.on(np.zeros(tumour.shape, dtype=bool))
    with pytest.raises(MaskError):
        density(native, empty)
    with pytest.raises(MaskError, match="liver"):
        viable_part(tumour, arterial=native, native=None, liver=tumour)


def test_enhancement_fraction():
    """Means of the responders in Cancer Imaging 2022;22:38: 52.7 % before and 38.9 % after."""
    before = enhancement_fraction(native_hu=50, arterial_hu=50 + 52.7, portal_hu=150, after=False)
    assert before.value == pytest.approx(52.7)
    assert before.low < 52.7 < before.high
    assert "not above 57.95" in before.words
    after = enhancement_fraction(native_hu=50, arterial_hu=106, portal_hu=150, after=True)
    assert "above 54.85" in after.words
    assert "not above" not in after.words
    flat = enhancement_fraction(native_hu=50, arterial_hu=60, portal_hu=65, after=False)
    assert flat.value is None
    assert "15 HU only" in flat.words
