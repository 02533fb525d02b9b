"""Ice on CT: about 85 HU darker than the tissue before, whatever it was (Sandison 1998); probes bright; the rest untouched."""

import numpy as np
import pytest

from locoregional.errors import MaskError
from locoregional.imaging.phantom.frozen import freezing_scan, frozen_share, hounsfield_drop_hu
from locoregional.imaging.phantom.shoulder import digital_shoulder
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.imaging.volume import Volume

SPACING = (4.0, 2.5, 2.5)


@pytest.fixture(scope="module")
def bare():
    return digital_shoulder(spacing_mm=SPACING, enhanced=False)


@pytest.fixture(scope="module")
def scan(bare):
    """A ball of ice of 20 mm radius in the mass at -40 C, and a probe from the front."""
    centre = bare.lesion_seed_lps_mm
    grid = isotropic_grid_around(centre, size_mm=80.0, spacing_mm=2.0)
    points = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    away = np.linalg.norm(points - centre, axis=-1)
    cold = Volume(np.where(away < 20, -40.0, 37.0).astype(np.float32), grid.affine, unit="C")
    probe = (centre + np.array([0.0, 0.0, 10.0]), centre + np.array([0.0, -60.0, 10.0]))
    return cold, probe, freezing_scan(bare, cold, probes=[probe], probe_mm=2.1, seed=2)


def test_soft_tissue_in_the_ice_is_85_hu_darker_and_beyond_it_nothing_changes(bare, scan):
    cold, _, ct = scan
    away = np.linalg.norm(ct.grid.to_lps(np.argwhere(np.ones(ct.shape, bool))) - bare.lesion_seed_lps_mm, axis=1)
    away = away.reshape(ct.shape)
    below = ct.grid.to_lps(np.argwhere(np.ones(ct.shape, bool)))[:, 2].reshape(ct.shape) < bare.lesion_seed_lps_mm[2]
    deep = (away < 15) & below & bare.lesion.array  # the probe lies above
    change = ct.array - bare.clean.array
    assert change[deep].mean() == pytest.approx(-85.0, abs=2.0)
    far = (away > 45) & bare.structures["body"].array & below
    assert change[far].mean() == pytest.approx(0.0, abs=0.5)
    assert ct.array[deep].mean() < -30, "ice in muscle or tumour lies between water and fat"
    assert cold.unit == "C"


def test_change_comes_with_freezing_and_not_with_further_cooling():
    assert np.array_equal(frozen_share([37.0, 0.1, -7.0, -40.0, -160.0]), [0, 0, 1, 1, 1])
    assert frozen_share(-3.5) == pytest.approx(0.5)
    drop = hounsfield_drop_hu([30.0, 60.0, 130.0])
    assert np.allclose(drop, 85.0)
    assert hounsfield_drop_hu(-100.0) < 20, "fat holds little water"
    assert np.array_equal(hounsfield_drop_hu([-1000.0, 1200.0]), [0, 0]), "no ice is seen in air and bone"


def test_probe_is_bright_up_to_its_tip_and_not_beyond(scan):
    _, (tip, hub), ct = scan
    way = (hub - tip) / np.linalg.norm(hub - tip)

    def at(points):
        return ct.array[tuple(np.round(ct.grid.to_index(points)).astype(int).T)]

    along = tip + np.linspace(3, 30, 10)[:, None] * way
    assert at(along).min() > 250, "a thin shaft fills a fifth of these voxels"
    assert at((tip - 8 * way)[None])[0] < 200


def test_nothing_frozen_is_refused(bare):
    warm = bare.ct.on(np.full(bare.ct.shape, 37.0, np.float32), unit="C")
    with pytest.raises(MaskError, match="nothing is frozen"):
        freezing_scan(bare, warm, probes=[], probe_mm=2.0)
