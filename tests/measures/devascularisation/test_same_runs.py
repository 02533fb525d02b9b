"""The same run twice, and the two runs swapped."""

from locoregional.imaging.phantom.angiogram import Scene, synthetic_pair
from locoregional.measures.devascularisation.measure import devascularisation


def test_one_run_given_twice_cannot_be_measured_and_swapped_runs_are_doubted():
    pair = synthetic_pair(Scene(shape=(96, 96), frames=40, noise_ratio=6.0), lost_share=0.8, seed=4)
    regions = {"tumour": pair.tumour, "artery": pair.artery}
    twice = devascularisation(pair.before, pair.before, **regions)
    assert twice.lost_percent is None
    assert any("same pictures" in d.words for d in twice.doubts if d.blocks)
    swapped = devascularisation(pair.after, pair.before, **regions)
    assert any("swapped" in d.words for d in swapped.doubts)
    assert swapped.success is not True
    right = devascularisation(pair.before, pair.after, **regions)
    assert not any("swapped" in d.words or "same pictures" in d.words for d in right.doubts)
