import numpy as np
import pytest
from arterial_making import fork, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.access.arteries.files import read_tree, tree_document, write_tree, write_tree_markups
from locoregional.access.arteries.tree import ArterialTree, tree_of
from locoregional.errors import ImagingError, PlanningError
from locoregional.imaging.markups import read_markups

SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(2, 40))
@settings(max_examples=40, deadline=None)
def test_segments_hold_every_node_once_and_follow_the_flow(seed, n):
    tree = random_tree(np.random.default_rng(seed), n)
    together = np.concatenate(tree.segments)
    assert sorted(together.tolist()) == list(range(1, n))
    for nodes in tree.segments:
        assert (tree.parent[nodes[1:]] == nodes[:-1]).all()
        assert (tree.branches[nodes[:-1]] == 1).all()
    assert set(tree.terminals) == {k for k in range(n) if k not in tree.parent.tolist()}


@given(SEEDS, st.integers(2, 40))
@settings(max_examples=40, deadline=None)
def test_downstream_and_path_agree(seed, n):
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, n)
    node = int(rng.integers(0, n))
    below = tree.downstream(node)
    for other in range(n):
        assert below[other] == (node in tree.path(other).tolist())
    assert tree.summed(np.ones(n))[node] == below.sum()


@given(SEEDS, st.integers(3, 40))
@settings(max_examples=40, deadline=None)
def test_any_order_gives_the_same_tree(seed, n):
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, n)
    shuffled = rng.permutation(n)
    place = np.argsort(shuffled)
    parent = np.where(tree.parent[shuffled] < 0, -1, place[np.maximum(tree.parent[shuffled], 0)])
    again, old = tree_of(tree.nodes_lps_mm[shuffled], parent, tree.radius_mm[shuffled])
    assert np.allclose(again.nodes_lps_mm, tree.nodes_lps_mm[shuffled][old])
    assert again.length_mm.sum() == pytest.approx(tree.length_mm.sum())
    assert sorted(map(len, again.segments)) == sorted(map(len, tree.segments))


def test_what_is_no_tree_is_refused():
    places = np.zeros((3, 3))
    with pytest.raises(PlanningError, match="not one tree in order"):
        ArterialTree(places, np.array([-1, 2, 0]), np.ones(3))
    with pytest.raises(PlanningError, match="ring"):
        tree_of(places, [-1, 2, 1], np.ones(3))
    with pytest.raises(PlanningError, match="2 roots"):
        tree_of(places, [-1, -1, 0], np.ones(3))
    with pytest.raises(PlanningError, match="positive"):
        ArterialTree(places, np.array([-1, 0, 1]), np.array([1.0, 0.0, 1.0]))


def test_keeping_a_part_drops_what_hangs_below():
    tree = fork()
    part, old = tree.kept([True, True, False, True])
    assert old.tolist() == [0, 1, 3]
    assert part.names == ("trunk", "trunk", "lower")
    part, old = tree.kept([True, False, True, True])
    assert old.tolist() == [0]


def test_a_tree_survives_json_and_slicer(tmp_path):
    tree = fork()
    write_tree(tree, tmp_path / "t.json")
    again = read_tree(tmp_path / "t.json")
    assert tree_document(again) == tree_document(tree)
    assert np.allclose(again.nodes_lps_mm, tree.nodes_lps_mm)
    assert again.names == tree.names
    write_tree_markups(tree, tmp_path / "t.mrk.json")
    curves = read_markups(tmp_path / "t.mrk.json")
    assert [c.name for c in curves] == ["trunk", "upper", "lower"]
    assert np.allclose(curves[1].points_lps_mm, [[20, 0, 0], [40, 0, 15]])
    assert curves[0].labels == ("4.0 mm", "4.0 mm")
    with pytest.raises(ImagingError, match="exists"):
        write_tree(tree, tmp_path / "t.json")
    (tmp_path / "bad.json").write_text('{"schema": 1}')
    with pytest.raises(PlanningError, match="not a tree"):
        read_tree(tmp_path / "bad.json")


def test_courses_are_told_by_name():
    tree = fork()
    assert tree.course(2) == "trunk > upper"
    assert tree.nearest([40, 0, -14])[0] == 3
