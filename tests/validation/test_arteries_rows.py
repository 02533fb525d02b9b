"""The chapter on arterial trees: analytic networks hold, and the comparison with the truth counts right."""

import tomllib
from importlib import resources

import numpy as np
import pytest

from locoregional.access.arteries.files import grown_tree
from locoregional.access.arteries.supply import supply_of
from locoregional.access.arteries.territories import territories
from locoregional.imaging.phantom.arterial_scan import arterial_phantom
from locoregional.validation import arteries, artery_trees


def test_networks_hold_and_their_numbers_are_the_published_ones():
    text = resources.files("locoregional.validation").joinpath("arteries.toml").read_text(encoding="utf-8")
    cases = tomllib.loads(text)["networks"]
    assert len(cases) == 5
    found = [arteries._network(case) for case in cases.values()]
    assert [row.name for row in found if row.verdict != "holds"] == []
    wrong = {**cases["uneven_fork"], "flow": [[1, 3.8], [2, 1.2]]}
    assert arteries._network(wrong).verdict == "misses"


@pytest.fixture(scope="module")
def phantom():
    return arterial_phantom(3, spacing_mm=2.0, terminals=40)


def test_the_true_tree_judged_by_itself_is_right(phantom):
    truth, named = grown_tree(phantom.arteries)
    labels = phantom.arteries.territories(phantom.liver)
    supply, parts = supply_of(truth, phantom.liver, phantom.lesion, named=named)
    wide, thin = artery_trees.branch_dice(truth, labels, truth, parts.labels, phantom)
    assert len(wide) > 10
    assert wide.mean() > 0.97
    assert thin.mean() > 0.95
    hits, wanted, right, said = artery_trees.matched_feeders(truth, labels, supply, phantom.lesion)
    assert hits == wanted > 0
    assert right == said > 0


def test_a_tree_without_some_of_its_ends_is_judged_worse(phantom):
    truth, named = grown_tree(phantom.arteries)
    labels = phantom.arteries.territories(phantom.liver)
    supply, _ = supply_of(truth, phantom.liver, phantom.lesion, named=named)
    feeder = int(np.argmax(supply.lesion_ml))
    keep = np.ones(len(truth), dtype=bool)
    keep[truth.segments[truth.segment_of[feeder]]] = False
    part, _ = truth.kept(keep)
    less, parts = supply_of(part, phantom.liver, phantom.lesion, named=named)
    hits, wanted, _, _ = artery_trees.matched_feeders(truth, labels, less, phantom.lesion)
    assert hits < wanted
    whole = artery_trees.branch_dice(truth, labels, truth, territories(truth, phantom.liver, named=named).labels, phantom)[0]
    assert artery_trees.branch_dice(truth, labels, part, parts.labels, phantom)[0].mean() < whole.mean()
