"""Properties from labels and CT numbers."""

import numpy as np
import pytest

from locoregional.physics.hounsfield import between_tissues, cement_voxels, with_hounsfield
from locoregional.physics.properties import homogeneous
from locoregional.physics.tissue import tissue

SHAPE = (3, 4, 5)


def test_bone_is_graded_without_a_jump():
    hu = np.linspace(-200.0, 2000.0, 60).reshape(SHAPE).astype(np.float32)
    every = np.ones(SHAPE, bool)
    graded = with_hounsfield(homogeneous("bone_cancellous", shape=SHAPE), hu, bone=every)
    sigma = graded.electric_conductivity_s_m.ravel()
    assert sigma[0] == pytest.approx(0.0043, rel=1e-4)  # fatty marrow
    assert sigma[-1] == pytest.approx(0.0221, rel=1e-4)  # cortex
    assert np.abs(np.diff(sigma)).max() < 0.4 * np.ptp(sigma)
    at_270 = with_hounsfield(homogeneous("muscle", shape=SHAPE), np.full(SHAPE, 270.0), bone=every)
    assert at_270.medium.conductivity_w_mk.ravel()[0] == pytest.approx(tissue("bone_cancellous").conductivity_w_mk)
    assert at_270.freezing_heat_j_m3.ravel()[0] == pytest.approx(tissue("bone_cancellous").freezing_heat_j_m3)


def test_density_of_graded_bone_follows_the_calibration():
    # Schneider 1996: density 1.017 + 0.000592 HU g/ml; heat capacity between anchors follows from tabulated densities.
    anchors = [(270.0, tissue("bone_cancellous")), (1505.0, tissue("bone_cortical"))]
    for hu, density in ((270.0, 1178.0), (1505.0, 1908.0)):
        assert 1017.0 + 0.592 * hu == pytest.approx(density, rel=0.01)
    middle = between_tissues((270.0 + 1505.0) / 2, anchors)
    mean = (tissue("bone_cancellous").conductivity_w_mk + tissue("bone_cortical").conductivity_w_mk) / 2
    assert middle["conductivity_w_mk"] == pytest.approx(mean)


def test_lung_and_soft_tissue_in_their_masks_only():
    hu = np.full(SHAPE, 40.0, np.float32)
    hu[:, :2] = -750.0
    hu[:, 2] = -100.0
    lung, soft = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    lung[:, :2], soft[:, 2:] = True, True
    base = homogeneous("liver", shape=SHAPE)
    graded = with_hounsfield(base, hu, lung=lung, soft=soft)
    assert graded.medium.conductivity_w_mk[0, 0, 0] < 0.3
    assert graded.medium.conductivity_w_mk[0, 2, 0] == pytest.approx(0.21)
    assert graded.medium.conductivity_w_mk[0, 3, 0] == pytest.approx(0.495)
    assert graded.permittivity_2450[0, 3, 0] == pytest.approx(tissue("muscle").permittivity_2450)
    assert base.medium.conductivity_w_mk[0, 0, 0] == pytest.approx(0.52)  # untouched
    assert len(graded.facts) > len(base.facts)
    assert with_hounsfield(base, hu) is base


def test_cement_is_dense_large_and_inside_bone():
    hu = np.full((20, 20, 20), 300.0, np.float32)
    bone = np.zeros(hu.shape, bool)
    bone[5:15, 5:15, 5:15] = True
    hu[6:13, 6:13, 6:13] = 2500.0  # 0.34 ml
    hu[14, 14, 14] = 2500.0  # a spot
    hu[0:8, 17:20, 0:20] = 3000.0  # metal outside bone
    found = cement_voxels(hu, bone, spacing_mm=1.0)
    assert found.sum() == 343
    assert not cement_voxels(hu, bone, spacing_mm=0.5).any()  # the same piece at half the size is below 0.2 ml
    assert tissue("cement").electric_conductivity_s_m == 0.0
    assert tissue("cement").latent_heat_j_m3 == 0.0
