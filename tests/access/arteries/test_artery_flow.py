import json

import numpy as np
import pytest
from arterial_making import fork, murray_tree, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.access.arteries.embolization import embolized, lodging_places
from locoregional.access.arteries.flow import murray_mismatch, piece_resistance_pa_s_m3, tree_flow
from locoregional.access.arteries.network import Network, solved
from locoregional.errors import PlanningError, SolverError


def network_of(case: dict) -> tuple[Network, dict[int, tuple[int, int]]]:
    """Network of a case file: vessel ends become nodes, junctions merge them."""
    vessels = {v["vessel_id"]: v for v in case["vessels"]}
    node: dict[tuple[int, str], int] = {}
    count = 0
    for junction in case.get("junctions", []):
        for v in junction["inlet_vessels"]:
            node[v, "head"] = count
        for v in junction["outlet_vessels"]:
            node[v, "tail"] = count
        count += 1
    for v in vessels:
        for end in ("tail", "head"):
            if (v, end) not in node:
                node[v, end] = count
                count += 1
    boundary = {b["bc_name"]: b for b in case["boundary_conditions"]}
    inflow, outlet = {}, {}
    for v, vessel in vessels.items():
        for where, end in (("inlet", "tail"), ("outlet", "head")):
            name = vessel.get("boundary_conditions", {}).get(where)
            if name and boundary[name]["bc_type"] == "FLOW":
                inflow[node[v, end]] = boundary[name]["bc_values"]["Q"][0]
            elif name:
                outlet[node[v, end]] = (boundary[name]["bc_values"]["R"], boundary[name]["bc_values"]["Pd"])
    values = [vessels[v]["zero_d_element_values"] for v in sorted(vessels)]
    ends = {v: (node[v, "tail"], node[v, "head"]) for v in sorted(vessels)}
    network = Network.of(
        list(ends.values()),
        [v["R_poiseuille"] for v in values],
        stenosis=[v.get("stenosis_coefficient", 0.0) for v in values],
        inflow=inflow,
        outlet=outlet,
    )
    return network, ends


ANSWERS = {  # vessel: (flow, pressure at its start, pressure at its end), as the description of each case states them
    "steadyFlow_R_R": {0: (5.0, 1100.0, 600.0)},
    "steadyFlow_bifurcationR_R1": {0: (5.0, 1100.0, 600.0), 1: (2.5, 600.0, 350.0), 2: (2.5, 600.0, 350.0)},
    "steadyFlow_bifurcationR_R2": {0: (5.0, 3462.5, 1962.5), 1: (3.825, 1962.5, 432.5), 2: (1.175, 1962.5, 1375.0)},
    "steadyFlow_confluenceR_R": {0: (5.0, 6600.0, 6100.0), 1: (10.0, 8100.0, 6100.0), 2: (15.0, 6100.0, 1600.0)},
    "steadyFlow_stenosis_R": {0: (5.0, 3600.0, 600.0)},
}


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_networks_with_analytic_answers(shared_tables, name):
    case = json.loads((shared_tables / "svzerod_cases" / f"{name}.json").read_text())
    network, ends = network_of(case)
    found = solved(network)
    for vessel, (flow, before, after) in ANSWERS[name].items():
        tail, head = ends[vessel]
        assert found.flow[vessel] == pytest.approx(flow, rel=1e-9)
        assert found.pressure[tail] == pytest.approx(before, rel=1e-9)
        assert found.pressure[head] == pytest.approx(after, rel=1e-9)


def test_a_network_without_an_outlet_is_refused():
    with pytest.raises(SolverError, match="do not follow"):
        solved(Network.of([(0, 1)], [1.0], inflow={0: 1.0}))
    with pytest.raises(SolverError, match="negative"):
        solved(Network.of([(0, 1)], [-1.0], inflow={0: 1.0}, outlet={1: (1.0, 0.0)}))


def test_poiseuille_by_hand():
    tree = fork(radius=(2.0, 2.0, 1.0, 1.0))
    resistance = piece_resistance_pa_s_m3(tree)
    assert resistance[0] == 0.0
    assert resistance[1] == pytest.approx(8 * 0.0035 * 0.020 / (np.pi * 0.002**4), rel=1e-12)


def test_equal_pressures_split_by_the_inverse_resistance():
    tree = fork(radius=(2.0, 2.0, 1.2, 0.8))
    share = tree_flow(tree, beyond="equal pressure").share
    assert share[2] / share[3] == pytest.approx((1.2 / 0.8) ** 4, rel=1e-9)
    assert share[[0, 1]] == pytest.approx(1.0)


@given(st.integers(0, 10_000), st.integers(3, 60), st.sampled_from(["murray", "equal pressure"]))
@settings(max_examples=40, deadline=None)
def test_flow_is_conserved_and_pressure_falls(seed, n, beyond):
    tree = random_tree(np.random.default_rng(seed), n)
    flow = tree_flow(tree, beyond=beyond)
    assert flow.share[tree.terminals].sum() == pytest.approx(1.0, rel=1e-12)
    inner = np.flatnonzero(tree.branches > 0)
    below = np.bincount(tree.parent[1:], flow.share[1:], minlength=n)
    assert flow.share[inner] == pytest.approx(below[inner], rel=1e-9, abs=1e-15)
    assert (flow.pressure_mmhg[1:] <= flow.pressure_mmhg[tree.parent[1:]] + 1e-9).all()


def test_the_tree_takes_its_stated_share_of_the_drop():
    tree = murray_tree(4)
    flow = tree_flow(tree)
    ends = tree.terminals
    assert flow.share[ends] == pytest.approx(1 / 16, rel=1e-9)
    beyond = (flow.pressure_mmhg[ends] - 8.0) / (90.0 - 8.0)
    assert beyond == pytest.approx(0.85, rel=1e-9)


def test_murray_trees_have_no_mismatch_and_equal_wall_shear():
    tree = murray_tree(3)
    mismatch = murray_mismatch(tree)
    forks = np.flatnonzero((tree.branches > 1) & (np.arange(len(tree)) > 0))
    assert np.isfinite(mismatch[forks]).all()
    assert mismatch[forks] == pytest.approx(0.0, abs=1e-12)
    flow = tree_flow(tree)
    shear = flow.share[1:] / tree.radius_mm[1:] ** 3
    assert shear == pytest.approx(shear[0], rel=1e-9)
    assert murray_mismatch(fork(radius=(2, 2, 2, 2)))[1] == pytest.approx(-0.5)


def test_a_closed_end_sends_its_flow_elsewhere():
    tree = murray_tree(2)
    factor = np.ones(len(tree))
    factor[tree.terminals[0]] = np.inf
    flow = tree_flow(tree, terminal_factor=factor)
    assert flow.share[tree.terminals[0]] == 0.0
    assert flow.share[tree.terminals].sum() == pytest.approx(1.0)
    with pytest.raises(PlanningError, match="every end"):
        tree_flow(tree, terminal_factor=np.full(len(tree), np.inf))
    with pytest.raises(PlanningError, match="no rule"):
        tree_flow(tree, beyond="guess")


def test_particles_stop_the_flow_and_smaller_ones_need_more():
    tree = murray_tree(2, root_mm=1.0)
    small, large = (embolized(tree, size_um=size) for size in (40.0, 300.0))
    assert small.stasis
    assert large.stasis
    assert small.given > large.given
    assert (np.diff(small.course[:, 1]) <= 1e-12).all(), "more particles never mean more flow"
    # The number of places is the cube of the ratio of diameters.
    ends = tree.terminals
    assert lodging_places(tree, size_um=40.0)[ends] == pytest.approx((2e3 * tree.radius_mm[ends] / 40.0) ** 3)
    assert small.given <= lodging_places(tree, size_um=40.0).sum()
    assert lodging_places(tree, size_um=5000.0)[ends] == pytest.approx(1.0)


def test_flow_against_lodged_share_is_the_formula():
    # One vessel: flow = (1 + k) / (1 + k / (1 - x)) with k = beyond / along.
    tree = murray_tree(1, root_mm=1.0)
    given_share = 0.5
    places = lodging_places(tree, size_um=100.0).sum()
    answer = embolized(tree, size_um=100.0, particles=given_share * places)
    k = 0.85 / 0.15
    assert answer.flow_share == pytest.approx((1 + k) / (1 + k / (1 - given_share)), rel=1e-6)
    assert not answer.stasis
    assert answer.given == pytest.approx(given_share * places)
    assert answer.resistance_factor[tree.terminals] == pytest.approx(2.0)


def test_only_what_is_downstream_of_the_tip_is_embolized():
    tree = murray_tree(2)
    tip = 1
    answer = embolized(tree, tip=tip, size_um=100.0)
    outside = ~tree.downstream(tip)
    assert (answer.lodged[outside] == 0).all()
    assert (answer.resistance_factor[outside] == 1).all()
    with pytest.raises(PlanningError, match="do not exist"):
        embolized(tree, size_um=0.0)
