"""Tissue properties by name."""

import numpy as np
import pytest

from locoregional.errors import SourceError
from locoregional.physics.tissue import TISSUES, medium_of_tissues, perfusion_factors, tissue, uncertain_ranges
from locoregional.sources import read_facts


@pytest.mark.parametrize("name", TISSUES)
def test_every_tissue_is_physical(name):
    t = tissue(name)
    assert t.facts
    diffusivity = t.conductivity_w_mk / t.volumetric_heat_capacity_j_m3k
    assert 5e-8 < diffusivity <= 3.01e-7
    assert t.vapour_heat_capacity_j_m3k <= t.volumetric_heat_capacity_j_m3k
    assert t.perfusion_heat_w_m3k >= 0.0


def test_known_traps_stay_out():
    assert tissue("liver").conductivity_w_mk == pytest.approx(0.52)
    assert tissue("kidney").conductivity_w_mk > 0.45
    lung = tissue("lung")  # holds air
    assert lung.volumetric_heat_capacity_j_m3k < 2e6
    assert lung.conductivity_w_mk < 0.3
    assert lung.electric_conductivity_s_m < 0.1224  # measured on lung that was half air
    # liver perfusion is the total one: four times what the slot-antenna tutorial takes
    assert tissue("liver").perfusion_heat_w_m3k > 3.0 * 0.0036 * 1040.0 * 3617.0


def test_ranges_enclose_the_values():
    facts = read_facts("locoregional.physics")
    ranges = uncertain_ranges()
    assert ranges["perfusion_heat_w_m3k"] == (34020.0, 68040.0)
    low, high = ranges["volumetric_heat_capacity_j_m3k"]
    assert low < tissue("liver").volumetric_heat_capacity_j_m3k < high
    assert all(a < b for a, b in ranges.values())
    assert all(f.status in ("verified", "unverified", "borrowed") for f in facts.values())


def test_label_map_becomes_a_medium():
    labels = np.zeros((4, 5, 6), dtype=int)
    labels[:, :, 3:] = 7
    medium = medium_of_tissues(labels, tissues={0: tissue("liver"), 7: tissue("fat")})
    assert medium.conductivity_w_mk[0, 0, 0] == pytest.approx(0.52)
    assert medium.conductivity_w_mk[0, 0, 5] == pytest.approx(0.21)
    assert medium.boils
    assert not medium_of_tissues(labels, tissues={0: tissue("liver"), 7: tissue("fat")}, boils=False).boils
    with pytest.raises(SourceError, match="have no tissue"):
        medium_of_tissues(labels, tissues={0: tissue("liver")})
    with pytest.raises(SourceError, match="no tissue called"):
        tissue("cheese")


def test_perfusion_is_as_uncertain_as_its_facts_say():
    assert perfusion_factors("liver") == pytest.approx((34020.0 / 50000.0, 68040.0 / 50000.0))
    assert perfusion_factors("lung")[1] == pytest.approx(0.09 / 0.007)
    assert perfusion_factors("muscle") == (0.5, 2.0)
    for name in TISSUES:
        low, high = perfusion_factors(name)
        assert 0.0 < low <= 1.0 <= high
