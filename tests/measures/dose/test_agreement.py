"""Agreement of two measurements against a published worked example and known limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError, GeometryError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.dose.agreement import agreement, compare_doses, concordance
from locoregional.validation.dose_volume import sphere_mask

# Bland and Altman 1986: peak expiratory flow (l/min) by two meters in 17 people
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_the_example_of_bland_and_altman():
    found = agreement(MINI, LARGE, factor=2.0)
    assert found.count == 17
    assert round(found.bias.value, 1) == -2.1
    assert round(found.spread, 1) == 38.8
    assert (found.bias.low, found.bias.high) == pytest.approx((-22.0, 17.8), abs=0.06)
    assert (found.lower.value, found.upper.value) == pytest.approx((-79.7, 75.5), abs=0.1)
    assert (found.lower.low, found.lower.high) == pytest.approx((-114.3, -45.1), abs=0.8)
    assert (found.upper.low, found.upper.high) == pytest.approx((40.9, 110.1), abs=0.8)
    assert round(found.correlation.value, 2) == 0.94
    usual = agreement(MINI, LARGE)
    assert (usual.lower.value, usual.upper.value) == pytest.approx((-78.1, 73.9), abs=0.05)
    assert usual.concordance.low < usual.concordance.value < usual.concordance.high


def test_swapping_the_sides_turns_the_sign():
    one, other = agreement(MINI, LARGE), agreement(LARGE, MINI)
    assert one.bias.value == pytest.approx(-other.bias.value)
    assert one.lower.value == pytest.approx(-other.upper.value)
    assert one.concordance.value == pytest.approx(other.concordance.value)


@given(st.floats(-50.0, 50.0), st.floats(0.2, 3.0))
def test_concordance_punishes_what_correlation_forgives(shift, scale):
    x = np.array([10.0, 30.0, 45.0, 70.0, 90.0, 120.0])
    y = shift + scale * x
    assert float(np.corrcoef(x, y)[0, 1]) == pytest.approx(1.0)
    exact = 2.0 * scale * x.var() / (x.var() * (1.0 + scale**2) + (x.mean() - y.mean()) ** 2)
    assert concordance(x, y) == pytest.approx(exact)
    assert concordance(x, y) <= 1.0 + 1e-12


def test_intervals_of_bias_hold_the_truth():
    rng = np.random.default_rng(5)
    held = limit = 0
    for _ in range(400):
        d = rng.normal(3.0, 2.0, 20)
        x = rng.uniform(0, 100, 20)
        found = agreement(x, x + d)
        held += found.bias.low <= 3.0 <= found.bias.high
        limit += found.upper.low <= 3.0 + 1.96 * 2.0 <= found.upper.high
    assert 0.92 < held / 400 < 0.98
    assert 0.90 < limit / 400 < 0.99


@pytest.mark.parametrize(
    "pair",
    [([1, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([1, 2, np.nan], [1, 2, 3]), ([5, 5, 5], [1, 2, 3])],
)
def test_what_has_no_agreement_is_refused(pair):
    with pytest.raises(EvidenceError):
        agreement(*pair)


def dose(array, grid, **more):
    return Volume(np.asarray(array, np.float32), grid.affine, unit="Gy", **more)


def test_predicted_against_delivered_doses():
    grid = Grid.regular((24, 24, 24), spacing_mm=3.0)
    rng = np.random.default_rng(0)
    place = grid.to_lps(np.stack(np.meshgrid(*[np.arange(24)] * 3, indexing="ij"), -1))
    predicted = 20.0 + place[..., 0] + 0.2 * place[..., 1]
    delivered = 1.1 * predicted + 5.0
    masks = {f"lesion {i}": sphere_mask(grid, centre_lps_mm=rng.uniform(20, 50, 3), radius_mm=9.0, parts=3) for i in range(4)}
    found = compare_doses(dose(predicted, grid), dose(delivered, grid), masks)
    for before, after in found.means_gy.values():
        assert after == pytest.approx(1.1 * before + 5.0, rel=1e-4)
    assert found.compartments.correlation.value == pytest.approx(1.0, abs=1e-6)
    assert found.compartments.bias.value > 5.0
    assert set(found.voxels) == set(masks)
    assert all(rho < r for rho, r in found.voxels.values())
    few = compare_doses(dose(predicted, grid), dose(delivered, grid), dict(list(masks.items())[:2]))
    assert few.compartments is None
    assert any("fewer than three" in words for words in few.words)
    with pytest.raises(EvidenceError):
        compare_doses(dose(predicted, grid), dose(delivered, grid), {})
    with pytest.raises(GeometryError):
        compare_doses(dose(predicted, grid, frame_of_reference="1"), dose(delivered, grid, frame_of_reference="2"), masks)


def test_uniform_doses_have_no_concordance():
    grid = Grid.regular((12, 12, 12), spacing_mm=4.0)
    even = dose(np.full(grid.shape, 50.0), grid)
    mask = sphere_mask(grid, centre_lps_mm=np.full(3, 22.0), radius_mm=10.0)
    found = compare_doses(even, even, {"liver": mask})
    assert found.voxels == {}
    assert any("uniform dose" in words for words in found.words)
