"""Lung and gas are named, with the error of the method."""

import numpy as np
import pytest

from locoregional.errors import NotModelled
from locoregional.physics.dose.constant import CONVENTIONS, dose_constant
from locoregional.physics.dose.media import GAS, LUNG, LUNG_METHODS, SOFT, lung_bias, media_map, method_words

J_PER_MEV = 1.602176634e-13


def test_map_of_media():
    density = np.array([[[0.0012, 0.0999, 0.26, 0.499, 0.5, 1.04, 1.85]]])
    assert media_map(density).ravel().tolist() == [GAS, GAS, LUNG, LUNG, SOFT, SOFT, SOFT]


def test_published_errors_in_lung():
    assert [float(lung_bias(m)) for m in LUNG_METHODS] == [-40.0, -27.0, -28.0, -88.0, -62.0]
    with pytest.raises(NotModelled, match="Monte"):
        lung_bias("Monte Carlo")


def test_words_beside_a_dose():
    assert method_words(np.full((2, 2, 2), 1.04), method="local") == ()
    lung = method_words(np.array([0.3, 1.0]), method="kernel_soft")
    assert len(lung) == 1
    assert "50 % of the voxels" in lung[0]
    assert "88 % too low" in lung[0]
    assert "no tissue" in method_words(np.array([0.001, 1.0]), method="local")[0]


@pytest.mark.parametrize("name", CONVENTIONS)
def test_constants_follow_from_energy_and_half_life(name):
    found = dose_constant(name)
    exact = found.energy_mev * J_PER_MEV * found.half_life_h * 3600.0 / np.log(2.0) * 1e9
    assert float(found) == pytest.approx(exact, rel=8e-4 if name == "label" else 1e-4)
