import numpy as np
import pytest
from bodies import ball, coordinates, grid_of, torso
from independent import brute_force, tube_faults

from locoregional.access.field import build_field
from locoregional.access.needle import NeedleSpec, Scene, ZoneSpec, plan_access
from locoregional.access.pareto import scores, soft_costs
from locoregional.access.rules import AccessRules
from locoregional.access.trace import Tracer
from locoregional.errors import GeometryError, MaskError, PlanningError
from locoregional.imaging.volume import Grid

NEEDLE = NeedleSpec(150.0, 2.1)
ZONE = ZoneSpec(45.0, 35.0, tip_beyond_centre_mm=8.0)


@pytest.fixture(scope="module")
def scene():
    return torso()


@pytest.fixture(scope="module")
def plan(scene):
    return plan_access(scene, needle=NEEDLE, zone=ZONE)


def empty_room(structures, *, target=(0.0, 0.0, 0.0), radius=8.0, spacing=2.0, organ="liver", position="supine"):
    """Ball of body, 80 mm, with a small target: exact geometry."""
    grid = grid_of((90, 90, 90), spacing)
    lps = coordinates(grid)
    return Scene(
        grid, ball(lps, (0, 0, 0), 80), {n: f(*lps) for n, f in structures.items()}, ball(lps, target, radius), organ, position
    )


def test_every_proposal_keeps_every_distance_in_a_two_millimetre_tube(scene, plan):
    assert len(plan.proposals) >= 3
    assert tube_faults(scene, plan.proposals) == []
    assert plan.n_entries >= 20_000


@pytest.mark.parametrize(
    ("spacing", "target"),
    [((5.0, 1.5, 2.5), (-90.0, 20.0, 15.0)), (2.5, (-30.0, -35.0, 10.0)), ((5.0, 0.95, 2.9), (-100.0, 0.0, -20.0))],
)
def test_tube_is_clear_on_anisotropic_and_fine_grids(spacing, target):
    scene = torso(spacing, target=target)
    plan = plan_access(scene, needle=NEEDLE, n_entries=5000)
    assert plan.proposals
    assert tube_faults(scene, plan.proposals) == []
    assert any("obstacles grow" in note for note in plan.notes) == (np.min(spacing) <= 1.0)


def test_never_worse_than_brute_force_over_20000_rays(scene, plan):
    found = brute_force(scene, scene.target_centre_lps_mm, reach_mm=132.0, count=20_000, seed=11)
    assert len(found) > 100
    rules = AccessRules.for_organ("liver")
    field = build_field(scene, rules=rules, reach_mm=150.0, tube_radius_mm=2.0)
    aims = scene.target_centre_lps_mm[None]
    tracer = Tracer(field, aims_lps_mm=aims, needle=NEEDLE, tip_beyond_mm=8.0, position="supine")
    paths = tracer.trace(found, aim=np.zeros(len(found), int), fine=True)
    # Brute force knows obstacles and reach; table and image edge are left to the planner.
    obstacles_only = ~paths.blocked[:, : len(field.names)].any(axis=1)
    assert obstacles_only.mean() > 0.97
    safe = paths[paths.safe]
    costs = soft_costs(
        safe, rules=rules, reach_mm=tracer.reach_mm, names=field.names, required_mm=field.required_mm, aim_offsets=np.zeros(1)
    )
    assert plan.proposals[0].score <= scores(costs, rules=rules).min()


def test_proposals_are_distinct_ranked_and_safe_entries_lie_on_the_skin(scene, plan):
    entries = np.array([p.entry_lps_mm for p in plan.proposals])
    gaps = np.linalg.norm(entries[:, None] - entries[None], axis=-1)[np.triu_indices(len(entries), 1)]
    assert gaps.min() >= 30.0
    assert np.all(np.diff([p.score for p in plan.proposals]) >= 0)
    assert plan.proposals[0].pareto
    for path in plan.proposals:
        better = [o for o in plan.proposals if all(o.costs[k] <= path.costs[k] for k in path.costs) and o.costs != path.costs]
        assert path.pareto == (not better)
        assert path.pareto == (not any("Another proposal" in words for words in path.reasons))
    x, y, _ = plan.safe_entries_lps_mm.T
    np.testing.assert_allclose((x / 160) ** 2 + (y / 110) ** 2, 1.0, atol=0.06)


def test_numbers_of_a_proposal_agree_with_its_points(scene, plan):
    for path in plan.proposals:
        way = path.tip_lps_mm - path.entry_lps_mm
        assert np.linalg.norm(way) == pytest.approx(path.depth_mm)
        assert path.depth_mm <= NEEDLE.length_mm - 10.0
        np.testing.assert_allclose(path.tip_lps_mm - path.aim_lps_mm, 8.0 * path.direction_lps, atol=1e-6)
        assert path.craniocaudal_deg == pytest.approx(-np.degrees(np.arcsin(path.direction_lps[2])))
        assert path.skin_to_target_mm == pytest.approx(path.depth_mm - 8.0 - 10.0 - 0.5, abs=3.0)
        assert path.passes["target"] == pytest.approx(18.0, abs=3.5)
        assert path.passes["liver"] == pytest.approx(path.organ_before_target_mm, abs=3.0)
        assert path.entry_table_mm == path.entry_lps_mm[2]
        assert len(path.coverage) == 2
        assert path.reasons


def test_same_seed_same_plan(scene, plan):
    again = plan_access(scene, needle=NEEDLE, zone=ZONE)
    np.testing.assert_array_equal(again.proposals[0].entry_lps_mm, plan.proposals[0].entry_lps_mm)
    assert again.blocked_by == plan.blocked_by
    assert again.proposals[0].coverage == plan.proposals[0].coverage


def test_orientation_of_the_array_does_not_matter(scene, plan):
    order, affine = (2, 0, 1), scene.grid.affine
    turned = affine[:, [*order, 3]].copy()
    shape = tuple(scene.grid.shape[a] for a in order)
    turned[:3, 3] += turned[:3, 0] * (shape[0] - 1)
    turned[:3, 0] *= -1

    def turn(mask):
        return np.ascontiguousarray(np.transpose(mask, order)[::-1])

    other = Scene(
        Grid(shape, turned),
        turn(scene.body),
        {n: turn(m) for n, m in scene.structures.items()},
        turn(scene.target),
        "liver",
        "supine",
    )
    flipped = plan_access(other, needle=NEEDLE, zone=ZONE)
    np.testing.assert_allclose(flipped.proposals[0].entry_lps_mm, plan.proposals[0].entry_lps_mm, atol=0.5)
    assert flipped.proposals[0].score == pytest.approx(plan.proposals[0].score, abs=2e-3)
    assert flipped.n_safe == pytest.approx(plan.n_safe, rel=0.01)


def test_closed_cage_is_reported_with_what_blocks_it():
    scene = empty_room({"bone": lambda x, y, z: np.abs(np.sqrt(x**2 + y**2 + z**2) - 50) < 5})
    plan = plan_access(scene, needle=NEEDLE, n_entries=2000)
    assert plan.proposals == ()
    assert plan.blocked_by["bone"] == 1.0
    assert next(iter(plan.opened_by)) == "bone"
    assert plan.opened_by["bone"] > 0.3
    assert "No safe straight path" in plan.verdict
    assert "bone" in plan.verdict
    assert plan.safe_entries_lps_mm.shape == (0, 3)


def test_narrow_window_between_the_rays_is_found():
    # On its voxels the hole leaves 0.25 mm to either side of the axis at 50 mm: 0.3 degrees, where 1000 rays are 6 apart.
    way = np.array([0.6, -0.64, 0.48])

    def shell(x, y, z):
        r = np.sqrt(x**2 + y**2 + z**2)
        off = np.sqrt(np.maximum(r**2 - (x * way[0] + y * way[1] + z * way[2]) ** 2, 0))
        hole = (off < 5.2) & (x * way[0] + y * way[1] + z * way[2] > 0)
        return (np.abs(r - 50) < 5) & ~hole

    scene = empty_room({"bone": shell})
    plan = plan_access(scene, needle=NEEDLE, n_entries=1000, aim_lps_mm=(0, 0, 0))
    assert plan.proposals, plan.verdict
    path = plan.proposals[0]
    assert -path.direction_lps @ way > np.cos(np.radians(1))
    assert tube_faults(scene, [path]) == []


def test_needle_too_short_is_the_constraint_named():
    plan = plan_access(empty_room({}), needle=NeedleSpec(60.0, 2.0), n_entries=1000)
    assert plan.proposals == ()
    assert plan.blocked_by["length"] == 1.0
    assert "a longer needle" in plan.verdict


@pytest.mark.parametrize(
    ("position", "axis", "sign"), [("supine", 1, 1), ("prone", 1, -1), ("right decubitus", 0, -1), ("left decubitus", 0, 1)]
)
def test_nothing_enters_through_the_table(position, axis, sign):
    plan = plan_access(empty_room({}, position=position), needle=NEEDLE, n_entries=2000, aim_lps_mm=(0, 0, 0))
    along = sign * plan.safe_entries_lps_mm[:, axis]
    # The ball rests on the table at 80 mm; from below the horizontal at most 10 degrees.
    assert along.max() <= 80 * np.sin(np.radians(10)) + 2.5
    assert along.min() < -77.0
    assert plan.blocked_by["table"] > 0.3
    assert max(plan.other_positions.values()) > 0.3


def test_lung_is_crossed_only_for_a_lung_target():
    everywhere = {"lung": lambda x, y, z: x**2 + y**2 + z**2 < 60**2}
    blocked = plan_access(empty_room(everywhere), needle=NEEDLE, n_entries=1000)
    assert blocked.proposals == ()
    assert blocked.blocked_by["lung"] == 1.0
    through = plan_access(empty_room(everywhere, organ="lung"), needle=NEEDLE, n_entries=1000)
    assert through.proposals[0].passes["lung"] == pytest.approx(52, abs=3)
    assert "lung" not in through.checked


def test_end_of_the_image_counts_as_unseen():
    grid = grid_of((30, 90, 90), 2.0)
    x, y, z = coordinates(grid)
    body = x**2 + y**2 <= 80**2
    scene = Scene(grid, body, {}, ball((x, y, z), (0, 0, 20), 6), "liver")
    plan = plan_access(scene, needle=NEEDLE, n_entries=4000)
    # The slab reaches from -31 to 31 mm and the body is cut on both sides.
    assert plan.blocked_by["image"] > 0.5
    assert plan.safe_entries_lps_mm[:, 2].max() <= 26.0 + 0.1
    assert plan.safe_entries_lps_mm[:, 2].min() >= -26.0 - 0.1
    near_the_edge = Scene(grid, body, {}, ball((x, y, z), (0, 0, 28), 3), "liver")
    cut = plan_access(near_the_edge, needle=NEEDLE, n_entries=1000)
    assert cut.proposals == ()
    assert "a scan that covers more" in cut.verdict


def test_structures_that_are_missing_are_named(plan):
    assert set(plan.unchecked) == {"small_bowel", "duodenum"}
    assert any("small bowel" in note for note in plan.notes)
    bare = plan_access(empty_room({}), needle=NEEDLE, n_entries=500)
    assert {"bone", "lung", "bowel", "vessels"} <= set(bare.unchecked)
    assert bare.checked == ()


def test_unverified_distances_are_told_and_can_be_set(scene):
    rules = AccessRules.for_organ("liver").with_distance("bone", distance_mm=4.0, because="wide shaft")
    plan = plan_access(scene, needle=NEEDLE, rules=rules, n_entries=3000)
    assert "bone" in plan.unverified
    assert float(plan.distances["bone"]) == 4.0
    assert all(p.clearances_mm["bone"] >= 4.0 + 2.0 for p in plan.proposals)
    assert any("without a published source" in note for note in plan.notes)


def test_thick_needle_widens_the_tube(scene):
    plan = plan_access(scene, needle=NeedleSpec(150.0, 8.0), n_entries=3000)
    assert all(p.clearances_mm["bone"] >= 1.0 + 4.0 for p in plan.proposals)


def test_bad_scenes_are_refused(scene):
    grid, body, target = scene.grid, scene.body, scene.target
    with pytest.raises(PlanningError, match="has no rule"):
        Scene(grid, body, {"livr": body}, target, "liver")
    with pytest.raises(MaskError, match="target is empty"):
        Scene(grid, body, {}, np.zeros_like(target), "liver")
    with pytest.raises(MaskError, match="body mask is empty"):
        Scene(grid, np.zeros_like(body), {}, target, "liver")
    with pytest.raises(MaskError, match="not bool"):
        Scene(grid, body.astype(float), {}, target, "liver")
    with pytest.raises(GeometryError, match="has shape"):
        Scene(grid, body, {"bone": body[1:]}, target, "liver")
    with pytest.raises(PlanningError, match="outside the liver"):
        Scene(grid, body, {"liver": scene.structures["liver"][:, :, ::-1]}, target, "liver")
    with pytest.raises(PlanningError, match="outside the body"):
        Scene(grid, body & ~target, {}, target, "liver")
    with pytest.raises(PlanningError, match="unknown position"):
        Scene(grid, body, {}, target, "liver", "upright")
    with pytest.raises(PlanningError, match="no needle access rules"):
        plan_access(Scene(grid, body, {}, target, "hair"), needle=NEEDLE)
    with pytest.raises(PlanningError, match="aim lies outside"):
        plan_access(scene, needle=NEEDLE, aim_lps_mm=(0, 0, 0))
    with pytest.raises(PlanningError, match="not a needle"):
        NeedleSpec(0.0, 2.0)


def test_real_ct_with_organ_labels_is_reached_through_the_liver(shared_data):
    sitk = pytest.importorskip("SimpleITK")
    folder = shared_data / "ct-abdomen-totalseg"
    image = sitk.ReadImage(str(folder / "example_ct.nii.gz"))
    hu = sitk.GetArrayFromImage(image)
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "example_seg_fast_force_split.nii.gz"))).astype(int)
    affine = np.eye(4)
    affine[:3, :3] = (np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing()))[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    grid = Grid(hu.shape, affine)
    from scipy import ndimage

    pieces, _ = ndimage.label(ndimage.binary_opening(hu > -300) | (labels > 0))
    body = pieces == np.argmax(np.bincount(pieces.ravel())[1:]) + 1
    body = np.stack([ndimage.binary_fill_holes(part) for part in body])
    numbers = {
        "liver": [5], "gallbladder": [4], "kidney": [2, 3], "stomach": [6], "small_bowel": [18], "duodenum": [19], "colon": [20],
        "lung": range(10, 15), "bone": [*range(25, 51), *range(92, 117)], "vessels": [52, 63, 64], "heart": [51],
    }  # fmt: skip
    structures = {name: np.isin(labels, list(wanted)) for name, wanted in numbers.items()}
    target = ball(coordinates(grid), (-98.0, -164.3, 394.3), 10.0)
    plan = plan_access(Scene(grid, body, structures, target, "liver"), needle=NeedleSpec(150.0, 2.1), zone=ZONE)
    assert len(plan.proposals) >= 3
    assert all(path.passes["liver"] > 5.0 for path in plan.proposals)
    assert tube_faults(Scene(grid, body, structures, target, "liver"), plan.proposals) == []
    # Right lobe, right of the middle: between the right ribs, nearly in the axial plane.
    assert plan.proposals[0].approach == "from the right side"
    assert abs(plan.proposals[0].craniocaudal_deg) < 15
