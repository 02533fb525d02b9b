import numpy as np
import pytest

from locoregional.errors import ImagingError
from locoregional.imaging.phantom.arterial_growth import GrownArteries, grow_hepatic_arteries
from locoregional.imaging.phantom.arterial_scan import arterial_phantom, artery_occupancy
from locoregional.imaging.phantom.patient import digital_patient
from locoregional.imaging.volume import Grid, Volume


@pytest.fixture(scope="module")
def liver():
    return digital_patient(3, spacing_mm=3.0).structures["liver"]


@pytest.fixture(scope="module")
def arteries(liver):
    return grow_hepatic_arteries(liver, seed=3, terminals=60)


def test_every_fork_keeps_murrays_law(arteries):
    cubes = arteries.radius_mm**3
    below = np.bincount(arteries.parent[1:], cubes[1:], minlength=len(cubes))
    inner = np.unique(arteries.parent[1:])
    assert cubes[inner] == pytest.approx(below[inner], rel=1e-9)
    assert (arteries.parent[1:] < np.arange(1, len(cubes))).all()
    ends = set(range(len(cubes))) - set(arteries.parent.tolist())
    assert ends == set(arteries.ends), "every end leads somewhere"


def test_named_arteries_lead_where_they_should(arteries):
    found = {arteries.name[node]: end for node, end in arteries.ends.items()}
    assert found["gastroduodenal artery"] == "duodenum"
    assert found["cystic artery"] == "gallbladder"
    assert found["right gastric artery"] == found["left gastric artery"] == "stomach"
    assert found["falciform artery"] == "abdominal wall"

    def course(node):
        names = []
        while node >= 0:
            names.append(arteries.name[node])
            node = int(arteries.parent[node])
        return list(dict.fromkeys(names[::-1]))

    gastroduodenal = next(node for node in arteries.ends if arteries.name[node] == "gastroduodenal artery")
    assert course(gastroduodenal) == ["celiac trunk", "common hepatic artery", "gastroduodenal artery"]
    right = [node for node, end in arteries.ends.items() if end == "liver" and arteries.name[node].startswith("right posterior")]
    assert course(right[0])[:4] == ["celiac trunk", "common hepatic artery", "proper hepatic artery", "right hepatic artery"]


def test_ends_of_the_liver_lie_in_the_liver_and_share_it(arteries, liver):
    tips = [node for node, end in arteries.ends.items() if end == "liver"]
    index = np.round(liver.grid.to_index(arteries.nodes_lps_mm[tips])).astype(int)
    assert liver.array[tuple(index.T)].all()
    labels = arteries.territories(liver).array
    assert (labels[~liver.array] == -1).all()
    assert set(np.unique(labels[liver.array])) <= set(tips)
    voxel = np.argwhere(liver.array)[12345]
    far = np.linalg.norm(arteries.nodes_lps_mm[tips] - liver.grid.to_lps(voxel), axis=1)
    assert labels[tuple(voxel)] == tips[int(far.argmin())]


def test_the_same_seed_grows_the_same_tree(arteries, liver):
    again = grow_hepatic_arteries(liver, seed=3, terminals=60)
    other = grow_hepatic_arteries(liver, seed=4, terminals=60)
    assert np.array_equal(again.nodes_lps_mm, arteries.nodes_lps_mm)
    assert not np.array_equal(other.nodes_lps_mm, arteries.nodes_lps_mm)


def test_another_organ_is_refused(liver):
    with pytest.raises(ImagingError, match="first branches"):
        grow_hepatic_arteries(liver.on(np.zeros_like(liver.array)))


def test_partial_volume_keeps_the_lumen_exactly():
    affine = np.eye(4)
    affine[:3, :3] = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0] * 0.9
    grid = Grid((60, 60, 60), affine)
    middle = grid.to_lps([30, 30, 30])
    along = np.array([0.36, 0.48, 0.8]) * 10.0
    tube = GrownArteries(np.array([middle - along, middle + along]), np.array([-1, 0]), np.array([0.7, 0.7]), ("", ""))
    occupancy = artery_occupancy(tube, grid)
    capsule_mm3 = np.pi * 0.7**2 * 20.0 + 4 / 3 * np.pi * 0.7**3
    assert occupancy.sum() * 0.9**3 == pytest.approx(capsule_mm3, rel=0.02)
    assert occupancy.max() <= 1.0
    assert occupancy[0, 0, 0] == 0.0


def test_the_angiography_shows_arteries_and_noise():
    phantom = arterial_phantom(2, spacing_mm=2.0, terminals=30, noise_sd_hu=10.0)
    grid = phantom.image.grid
    trunk = [k for k, name in enumerate(phantom.arteries.name) if name == "common hepatic artery"]
    index = np.round(grid.to_index(phantom.arteries.nodes_lps_mm[trunk])).astype(int)
    assert np.median(phantom.image.array[tuple(index.T)]) > 250
    inside = phantom.liver.array & (artery_occupancy(phantom.arteries, grid) == 0)
    values = phantom.image.array[inside]
    assert np.median(values) == pytest.approx(72.0, abs=3.0)
    spread = 1.4826 * np.median(np.abs(values - np.median(values)))
    assert spread == pytest.approx(10.0, rel=0.25)
    assert (phantom.lesion.array & ~phantom.liver.array).sum() == 0
    assert set(phantom.structures) == {"stomach", "duodenum", "gallbladder", "spleen"}
    assert isinstance(phantom.liver, Volume)
