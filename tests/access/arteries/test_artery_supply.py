import numpy as np
import pytest
from arterial_making import ball_in, box_organ, fork, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.access.arteries.feeders import feeders
from locoregional.access.arteries.injection import closed_below, coiled, perfused_volume, tip_node, virtual_injection
from locoregional.access.arteries.supply import resupplied, supply_of
from locoregional.access.arteries.territories import OUTSIDE, SURFACE, reach_mm, territories, where_ends_lie
from locoregional.access.arteries.tips import candidate_nodes, combined, ranked_tips, together
from locoregional.access.arteries.tree import ArterialTree
from locoregional.access.arteries.uncertainty import tip_intervals
from locoregional.access.arteries.visibility import visibility_of
from locoregional.errors import MaskError, PlanningError


def liver():
    return box_organ((10, -30, -40), (70, 30, 40))


def with_gallbladder() -> ArterialTree:
    """The fork, its trunk in two pieces, with an artery from the trunk to a gallbladder below the organ."""
    places = np.array([[0.0, 0, 0], [12, 0, 0], [20, 0, 0], [40, 0, 15], [40, 0, -15], [12, -20, 0], [12, -40, 0]])
    parent = np.array([-1, 0, 1, 2, 2, 1, 5])
    names = ("trunk", "trunk", "trunk", "upper", "lower", "cystic", "cystic")
    return ArterialTree(places, parent, np.array([2.0, 2.0, 1.8, 1.4, 1.4, 0.6, 0.6]), names)


@given(st.integers(0, 10_000), st.integers(3, 30))
@settings(max_examples=15, deadline=None)
def test_territories_partition_the_organ(seed, n):
    tree = random_tree(np.random.default_rng(seed), n)
    organ = box_organ((-60, -60, -60), (60, 60, 60), spacing_mm=8.0)
    found = territories(tree, organ)
    labels = found.labels.array
    assert (labels[~organ.array] == -1).all()
    assert set(np.unique(labels[organ.array])) <= set(tree.terminals.tolist())
    assert sum(found.volume_ml.values()) == pytest.approx(organ.array.sum() * organ.grid.voxel_ml, rel=1e-12)


def test_equal_ends_share_by_the_plane_between_them():
    organ = liver()
    found = territories(fork(), organ)
    z = organ.grid.to_lps(np.argwhere(organ.array))[:, 2]
    owner = found.labels.array[organ.array]
    assert (owner[z > 1] == 2).all()
    assert (owner[z < -1] == 3).all()


def test_a_wider_end_wins_the_power_diagram_exactly():
    tree = fork(radius=(2.0, 2.0, 1.2, 1.0))
    organ = liver()
    organ_ml = organ.array.sum() * organ.grid.voxel_ml
    a, b = reach_mm(tree, np.array([2, 3]), organ_ml=organ_ml)
    assert (a / b) ** 3 == pytest.approx(1.2**3, rel=1e-9)
    plane = -(a**2 - b**2) / (2 * 30.0)  # where (z-15)^2 - a^2 = (z+15)^2 - b^2
    z = organ.grid.to_lps(np.argwhere(organ.array))[:, 2]
    owner = territories(tree, organ).labels.array[organ.array]
    assert (owner[z > plane + 0.01] == 2).all()
    assert (owner[z < plane - 0.01] == 3).all()


def test_a_broken_off_trunk_does_not_take_the_organ():
    tips = np.array([2, 3, 4])
    tree = ArterialTree(np.zeros((5, 3)), np.array([-1, 0, 1, 1, 1]), np.array([5.0, 5, 4, 1, 1]))
    a, b, _ = reach_mm(tree, tips, organ_ml=1000.0)
    assert a / b == pytest.approx(1.5)


def test_where_ends_lead():
    organ = liver()
    gallbladder = organ.on(np.zeros_like(organ.array))
    index = np.argwhere(np.ones_like(organ.array))
    near = np.linalg.norm(organ.grid.to_lps(index) - [12, -43, 0], axis=1) < 6
    gallbladder.array[tuple(index[near].T)] = True
    tree = with_gallbladder()
    ends = where_ends_lie(tree, organ, structures={"gallbladder": gallbladder})
    assert ends == {3: "organ", 4: "organ", 6: "gallbladder"}
    assert where_ends_lie(tree, organ)[6] == OUTSIDE
    assert where_ends_lie(tree, organ, named={"cystic": "stomach"})[6] == "stomach"
    out = ArterialTree(np.array([[0.0, 0, 0], [40, 0, 0], [68, 0, 0]]), np.array([-1, 0, 1]), np.ones(3))
    assert where_ends_lie(out, organ)[2] == SURFACE, "two millimetres before the surface, and heading for it"
    along = ArterialTree(np.array([[0.0, 0, 0], [68, 0, 0], [68, 0, 30]]), np.array([-1, 0, 1]), np.ones(3))
    assert where_ends_lie(along, organ)[2] == "organ", "as near, but running along it"


def test_injections_by_hand():
    organ = liver()
    tree = with_gallbladder()
    lesion = ball_in(organ, (40, 0, 22), 8.0)
    supply, _ = supply_of(tree, organ, lesion)
    whole = virtual_injection(supply, 1)
    assert whole.leads_out == (OUTSIDE,)
    assert whole.coverage_share == pytest.approx(1.0)
    assert whole.tumour_share + whole.organ_share + whole.elsewhere_share == pytest.approx(1.0)
    upper = virtual_injection(supply, 3)
    assert upper.leads_out == ()
    lesion_ml = lesion.array.sum() * organ.grid.voxel_ml
    assert upper.lesion_ml == pytest.approx(lesion_ml)
    assert upper.tumour_share == pytest.approx(lesion_ml / (upper.lesion_ml + upper.organ_ml))
    assert virtual_injection(supply, 4).tumour_share == 0.0
    richer, _ = supply_of(tree, organ, lesion, tumour_factor=3.0)
    many = virtual_injection(richer, 3)
    assert many.tumour_share == pytest.approx(3 * lesion_ml / (3 * lesion_ml + upper.organ_ml))


def test_reflux_is_told_near_a_side_artery():
    organ = liver()
    supply, _ = supply_of(with_gallbladder(), organ, ball_in(organ, (40, 0, 22), 8.0))
    assert any("reflux" in words for words in virtual_injection(supply, 2).words)
    assert not any("reflux" in words for words in virtual_injection(supply, 3).words)


def test_feeders_rank_by_what_they_supply():
    organ = liver()
    lesion = ball_in(organ, (40, 0, 4), 10.0)
    supply, _ = supply_of(fork(), organ, lesion)
    found = feeders(supply)
    assert [f.node for f in found] == [2, 3]
    assert found[0].lesion_share + found[1].lesion_share == pytest.approx(1.0)
    assert found[0].lesion_share > 0.6
    assert found[0].length_mm == pytest.approx(20 + 25)
    assert found[0].turns == 1
    assert "trunk > upper" in found[0].words


def test_coils_close_what_lies_behind_them():
    organ = liver()
    tree = with_gallbladder()
    part, old = coiled(tree, [5])
    assert old.tolist() == [0, 1, 2, 3, 4]
    assert "collaterals" in part.words[-1]
    supply, _ = supply_of(tree, organ, ball_in(organ, (40, 0, 22), 8.0))
    after = closed_below(supply, [5])
    assert virtual_injection(after, 1).leads_out == ()
    assert after.flow.share[after.tree.terminals].sum() == pytest.approx(1.0)
    half = closed_below(supply, [3])
    assert set(half.ends.values()) == {"organ", OUTSIDE}
    assert half.lesion_ml.sum() == 0.0
    with pytest.raises(PlanningError, match="no coil"):
        coiled(tree, [0])


def test_the_best_tip_is_selective_and_passes_the_gallbladder():
    organ = liver()
    supply, _ = supply_of(with_gallbladder(), organ, ball_in(organ, (40, 0, 22), 8.0))
    tips = ranked_tips(supply)
    assert tips[0].injection.node == 3
    assert tips[0].safe
    assert tips[0].covers
    unsafe = [tip for tip in tips if not tip.safe]
    assert unsafe
    assert "not safe" in " ".join(unsafe[0].words)
    assert all(tip.safe for tip in tips[: len(tips) - len(unsafe)]), "unsafe tips come last"


def test_several_tips_reach_a_lesion_between_two_arteries():
    organ = liver()
    supply, _ = supply_of(with_gallbladder(), organ, ball_in(organ, (40, 0, 0), 12.0))
    chosen = together(supply)
    assert {tip.injection.node for tip in chosen} in ({3, 4}, {2})
    share, reached = combined(chosen)
    assert reached == pytest.approx(1.0, abs=1e-6)
    assert 0 < share < 1
    assert combined(()) == (0.0, 0.0)


def test_thin_arteries_take_no_catheter():
    organ = liver()
    tree = fork(radius=(2.0, 2.0, 0.3, 0.3))
    supply, _ = supply_of(tree, organ, ball_in(organ, (40, 0, 22), 8.0))
    assert set(candidate_nodes(supply).tolist()) == {1}


def test_intervals_hold_the_value_and_repeat():
    organ = liver()
    tree = with_gallbladder()
    lesion = ball_in(organ, (40, 0, 4), 10.0)
    supply, _ = supply_of(tree, organ, lesion)
    nodes = np.array([2, 3])
    found = tip_intervals(supply, nodes, organ, lesion, members=24, seed=3)
    again = tip_intervals(supply, nodes, organ, lesion, members=24, seed=3)
    assert found == again
    for node, interval in zip(nodes, found, strict=True):
        value = virtual_injection(supply, int(node))
        assert interval.coverage_share[0] - 0.02 <= value.coverage_share <= interval.coverage_share[1] + 0.02
        assert interval.leads_out_share == 0.0
        assert 0 <= interval.tumour_share[0] <= interval.tumour_share[1] <= 1
    assert found[1].coverage_share[1] - found[1].coverage_share[0] > 0.01, "radii do matter to a lesion between two arteries"
    with pytest.raises(PlanningError, match="two trees"):
        tip_intervals(supply, nodes, organ, lesion, members=1)


def test_samples_stand_for_the_voxels():
    organ = liver()
    lesion = ball_in(organ, (40, 0, 4), 10.0)
    supply, parts = supply_of(fork(), organ, lesion)
    voxel_ml = organ.grid.voxel_ml
    rest = organ.array & ~lesion.array
    other = resupplied(
        fork(),
        parts.ends,
        lesion_points=organ.grid.to_lps(np.argwhere(lesion.array)),
        organ_points=organ.grid.to_lps(np.argwhere(rest)),
        lesion_ml=lesion.array.sum() * voxel_ml,
        organ_ml=rest.sum() * voxel_ml,
        tumour_factor=1.0,
    )
    assert other.lesion_ml == pytest.approx(supply.lesion_ml)
    assert other.organ_ml == pytest.approx(supply.organ_ml)


def test_what_is_not_seen_is_counted():
    organ = liver()
    full = visibility_of(fork(), territories(fork(), organ))
    assert full.unseen_share == pytest.approx(0.0, abs=1e-9)
    assert full.least_radius_mm == pytest.approx(2.0 * 0.5 ** (1 / 3))
    thin = fork(radius=(2.0, 2.0, 1.0, 1.0))
    assert visibility_of(thin, territories(thin, organ)).unseen_share == pytest.approx(1 - 2 / 8)


def test_what_does_not_fit_is_refused():
    organ = liver()
    with pytest.raises(MaskError, match="lesion"):
        supply_of(fork(), organ, organ.on(np.zeros_like(organ.array)))
    with pytest.raises(PlanningError, match="ends in the organ"):
        territories(fork(), box_organ((200, 200, 200), (220, 220, 220)))
    with pytest.raises(PlanningError, match="from the nearest artery"):
        tip_node(fork(), (0, 50, 0))
    with pytest.raises(PlanningError, match="factor"):
        supply_of(fork(), organ, ball_in(organ, (40, 0, 22), 8.0), tumour_factor=0.0)


def test_what_a_tip_feeds_is_the_union_of_the_territories_behind_it():
    tree, organ = fork(), liver()
    labels = territories(tree, organ).labels
    whole = perfused_volume(tree, labels, tip=1)
    assert (whole.array == organ.array).all()
    upper = perfused_volume(tree, labels, tip=2)
    assert (upper.array == (labels.array == 2)).all()
    spared = perfused_volume(tree, labels, tip=1, coils=(3,))
    assert (spared.array == upper.array).all()
