import numpy as np
import pytest
from arterial_making import box_organ, murray_tree

from locoregional.access.arteries.centrelines import tree_in
from locoregional.access.arteries.segmentation import arteries_in, arteries_of_mask
from locoregional.access.arteries.tree import ArterialTree
from locoregional.access.arteries.tubularity import tubularity
from locoregional.errors import ImagingError
from locoregional.imaging.phantom.arterial_growth import GrownArteries
from locoregional.imaging.phantom.arterial_scan import artery_occupancy
from locoregional.imaging.volume import Grid, Volume


def painted(tree: ArterialTree, organ: Volume, *, noise=8.0, seed=1) -> Volume:
    """Angiography of a tree in an organ: 70 and 330 HU, fat around."""
    arteries = GrownArteries(tree.nodes_lps_mm, tree.parent, tree.radius_mm, tree.names)
    hu = np.where(organ.array, np.float32(70), np.float32(-90))
    hu += artery_occupancy(arteries, organ.grid) * (330 - hu)
    hu += np.random.default_rng(seed).normal(0, noise, hu.shape).astype(np.float32)
    return Volume(hu, organ.affine, unit="HU", modality="CT")


def y_tree() -> ArterialTree:
    places = np.array([[0.0, 0, 0], [30, 0, 0], [55, 12, 10], [55, -12, -10]])
    return ArterialTree(places, np.array([-1, 0, 1, 1]), np.array([1.5, 1.5, 1.19, 1.19]))


def organ():
    return box_organ((-5, -30, -30), (70, 30, 30), spacing_mm=0.8, room_mm=8.0)


def test_a_gaussian_tube_answers_with_its_contrast():
    z, y = np.meshgrid(np.arange(40), np.arange(40), indexing="ij")
    image = np.repeat((100 * np.exp(-((z - 20.0) ** 2 + (y - 20.0) ** 2) / (2 * 3.0**2)))[:, :, None], 40, axis=2)
    answer = tubularity(image, spacing_mm=(1.0, 1.0, 1.0), widths_mm=(3.0,))
    # In two directions of a Gaussian of width s filtered with s: 4 s^2 C s^2 / (2 s^2)^2 = C.
    assert answer[20, 20, 20] == pytest.approx(100.0, rel=0.04)
    assert answer[20, 32, 20] < 12.0
    plate = np.repeat(np.repeat((100 * np.exp(-((np.arange(40) - 20.0) ** 2) / 18))[:, None, None], 40, 1), 40, 2)
    assert tubularity(plate, spacing_mm=(1.0, 1.0, 1.0), widths_mm=(3.0,))[20, 20, 20] < 2.0
    assert tubularity(-image, spacing_mm=(1.0, 1.0, 1.0), widths_mm=(3.0,))[20, 20, 20] == 0.0


def test_a_fork_is_traced_with_its_radii():
    tree = y_tree()
    image = painted(tree, organ())
    found = tree_in(arteries_in(image, root_lps_mm=(0, 0, 0), organ=organ()))
    assert len(found.terminals) == 2
    assert len(found.segments) == 3
    for true_end in tree.nodes_lps_mm[2:]:
        assert min(np.linalg.norm(found.nodes_lps_mm[k] - true_end) for k in found.terminals) < 3.0
    for nodes in found.segments:
        true = tree.radius_mm[1] if found.nodes_lps_mm[nodes[len(nodes) // 2]][0] < 30 else tree.radius_mm[2]
        assert found.radius_mm[nodes[0]] == pytest.approx(true, rel=0.12)
    assert found.length_mm.sum() == pytest.approx(tree.length_mm.sum(), rel=0.1)
    fork_at = [k for k in range(len(found)) if found.branches[k] > 1]
    assert np.linalg.norm(found.nodes_lps_mm[fork_at[0]] - [30, 0, 0]) < 3.0


def test_slanted_and_oblong_voxels_change_nothing_much():
    tree, body = y_tree(), organ()
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = turn * np.array([1.2, 0.7, 0.7])
    affine[:3, 3] = np.array([32.0, 0, 0]) - affine[:3, :3] @ np.array([40, 75, 75])
    grid = Grid((80, 150, 150), affine)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    lps = grid.to_lps(index)
    inside = ((lps >= [-5, -30, -30]) & (lps <= [70, 30, 30])).all(axis=-1)
    found = tree_in(arteries_in(painted(tree, Volume(inside, affine)), root_lps_mm=(0, 0, 0), organ=Volume(inside, affine)))
    assert len(found.terminals) == 2
    assert np.median(found.radius_mm) == pytest.approx(1.19, rel=0.2)
    assert body.array.any()


def test_a_gap_is_bridged_and_told():
    tree, body = y_tree(), organ()
    image = painted(tree, body)
    whole = Volume(image.array.copy(), image.affine, unit="HU")
    gap = np.linalg.norm(body.grid.to_lps(np.argwhere(np.ones(body.shape, bool))) - [44, 6.7, 5.6], axis=1) < 3.5
    flat = whole.array.reshape(-1)
    flat[gap] = 70 + np.random.default_rng(3).normal(0, 8, int(gap.sum()))
    arteries = arteries_in(whole, root_lps_mm=(0, 0, 0), organ=body)
    found = tree_in(arteries)
    assert any("a gap of" in words for words in found.words)
    assert min(np.linalg.norm(found.nodes_lps_mm[k] - [55, 12, 10]) for k in found.terminals) < 3.0
    left = tree_in(arteries, repair=False)
    assert not any("a gap of" in words for words in left.words)
    assert min(np.linalg.norm(left.nodes_lps_mm[k] - [55, 12, 10]) for k in left.terminals) > 5.0


def test_a_piece_across_the_way_is_not_joined():
    tree, body = y_tree(), organ()
    stray = ArterialTree(np.array([[40.0, -2, 14], [40, 14, 24]]), np.array([-1, 0]), np.array([1.1, 1.1]))
    wide = ArterialTree(np.array([[58.0, 20, 12], [66, 26, 12]]), np.array([-1, 0]), np.array([2.5, 2.5]))
    image = painted(tree, body)
    for other in (stray, wide):
        arteries = GrownArteries(other.nodes_lps_mm, other.parent, other.radius_mm, other.names)
        image.array[...] += artery_occupancy(arteries, body.grid) * (330 - image.array)
    found = tree_in(arteries_in(image, root_lps_mm=(0, 0, 0), organ=body))
    assert min(np.linalg.norm(found.nodes_lps_mm - [66, 26, 12], axis=1)) > 6.0, "wider than any artery it could leave"


def test_a_ring_is_cut_once_where_it_is_thinnest():
    t = np.linspace(0, 2 * np.pi, 40)[1:-1]
    ring = np.column_stack([32 - 14 * np.cos(t), 14 * np.sin(t), 0 * t])
    places = np.vstack([[[0.0, 0, 0], [18, 0, 0]], ring, [[18, 0.1, 0]]])
    parent = np.arange(-1, len(places) - 1)
    radius = np.full(len(places), 1.5)
    radius[28:33] = 0.8  # the link that is thin
    thin = places[30]
    found = tree_in(arteries_in(painted(ArterialTree(places, parent, radius), organ()), root_lps_mm=(0, 0, 0), organ=organ()))
    cut = [words for words in found.words if "loop" in words]
    assert len(cut) == 1
    ends = found.nodes_lps_mm[found.terminals]
    assert np.linalg.norm(ends - thin, axis=1).min() < 6.0


def test_the_aorta_is_no_branch():
    tree, body = y_tree(), organ()
    aorta = ArterialTree(np.array([[-8.0, 0, -30], [-8, 0, 30]]), np.array([-1, 0]), np.array([7.0, 7.0]))
    image = painted(tree, body)
    arteries = GrownArteries(aorta.nodes_lps_mm, aorta.parent, aorta.radius_mm, aorta.names)
    image.array[...] += artery_occupancy(arteries, body.grid) * (330 - image.array)
    found = tree_in(arteries_in(image, root_lps_mm=(6, 0, 0), organ=body))
    assert any("were cut: no branches" in words for words in found.words)
    assert found.nodes_lps_mm[:, 0].min() > -4.0
    assert len(found.terminals) == 2


def test_a_mask_alone_gives_the_tree_too():
    tree, body = murray_tree(2, root_mm=2.4), box_organ((-5, -75, -40), (75, 75, 40), spacing_mm=0.8, room_mm=4.0)
    occupancy = artery_occupancy(GrownArteries(tree.nodes_lps_mm, tree.parent, tree.radius_mm, tree.names), body.grid)
    found = tree_in(arteries_of_mask(Volume(occupancy >= 0.5, body.affine), root_lps_mm=(0, 0, 0)))
    assert len(found.terminals) == 4
    ends = found.terminals
    assert found.radius_mm[ends] == pytest.approx(2.4 * 0.25 ** (1 / 3), rel=0.12)
    assert np.linalg.norm(found.nodes_lps_mm[0]) < 3.0
    closed = tree_in(arteries_of_mask(Volume(occupancy >= 0.5, body.affine), root_lps_mm=(0, 0, 0), cuts_lps_mm=[(10, 20, 5)]))
    assert len(closed.terminals) == 2
    assert any("closed at" in words for words in closed.words)


def test_a_root_outside_an_artery_is_refused():
    image = painted(y_tree(), organ())
    with pytest.raises(ImagingError, match="no brighter"):
        arteries_in(image, root_lps_mm=(40, 25, -20), organ=organ())
    with pytest.raises(ImagingError, match="outside the image"):
        arteries_in(image, root_lps_mm=(400, 0, 0), organ=organ())
    with pytest.raises(ImagingError, match="within 5 mm"):
        arteries_of_mask(Volume(image.array > 250, image.affine), root_lps_mm=(40, 25, -20))
