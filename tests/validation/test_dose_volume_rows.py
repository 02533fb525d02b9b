"""The chapter on the dose in a structure holds where it promises, and reports what it does not."""

import math

import pytest

from locoregional.sources import bibliography
from locoregional.validation.dose_volume import rows


@pytest.fixture(scope="module")
def lines():
    return list(rows())


def test_nothing_misses_and_names_differ(lines):
    assert [f"{r.name}: {r.value} against {r.reference}" for r in lines if r.verdict == "misses"] == []
    assert len({r.name for r in lines}) == len(lines)
    assert {r.verdict for r in lines} == {"holds", "reported"}


def test_sources_are_known(lines):
    assert {r.source for r in lines} - {"exact solution"} <= set(bibliography())


def test_coarse_masks_are_shown_with_their_error(lines):
    coarse = [r for r in lines if "boolean mask on the dose grid" in r.name]
    assert coarse
    assert all(r.tolerance == math.inf and r.note for r in coarse)
