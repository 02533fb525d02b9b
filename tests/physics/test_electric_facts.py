"""Electric properties against the parametric model they come from, computed anew."""

import numpy as np
import pytest

from locoregional.physics.tissue import tissue

VACUUM_F_M = 8.8541878128e-12
# Gabriel 1996, table 1: limit, then strength, time and spread of four dispersions (ps, ns, us, ms) around the ionic conductivity.
TERMS = {
    "muscle": (4.0, 50.0, 7.234, 0.1, 7000.0, 353.678, 0.1, 0.2, 1.2e6, 318.31, 0.1, 2.5e7, 2.274, 0.0),
    "bone_cortical": (2.5, 10.0, 13.263, 0.2, 180.0, 79.577, 0.2, 0.02, 5e3, 159.155, 0.2, 1e5, 15.915, 0.0),
    "bone_cancellous": (2.5, 18.0, 13.263, 0.22, 300.0, 79.577, 0.25, 0.07, 2e4, 159.155, 0.2, 2e7, 15.915, 0.0),
    "marrow_red": (2.5, 9.0, 14.469, 0.2, 80.0, 15.915, 0.1, 0.1, 1e4, 1591.549, 0.1, 2e6, 15.915, 0.1),
    "marrow_yellow": (2.5, 3.0, 7.958, 0.2, 25.0, 15.915, 0.1, 0.001, 5e3, 1591.549, 0.1, 2e6, 15.915, 0.1),
    "fat": (2.5, 9.0, 7.958, 0.2, 35.0, 15.915, 0.1, 0.035, 3.3e4, 159.155, 0.05, 1e7, 15.915, 0.01),
    "csf": (4.0, 65.0, 7.958, 0.1, 40.0, 1.592, 0.0, 2.0, 0.0, 159.155, 0.0, 0.0, 15.915, 0.0),
    "nerve": (4.0, 26.0, 7.958, 0.1, 500.0, 106.103, 0.15, 0.006, 7e4, 15.915, 0.2, 4e7, 15.915, 0.0),
    "kidney": (4.0, 47.0, 7.958, 0.1, 3500.0, 198.944, 0.22, 0.05, 2.5e5, 79.577, 0.22, 3e7, 4.547, 0.0),
    "lung_deflated": (4.0, 45.0, 7.958, 0.1, 1000.0, 159.155, 0.1, 0.2, 5e5, 159.155, 0.2, 1e7, 15.915, 0.0),
    "gallbladder": (4.0, 66.0, 7.579, 0.05, 50.0, 1.592, 0.0, 1.4, 0.0, 159.155, 0.2, 0.0, 15.915, 0.2),
    "skin": (4.0, 39.0, 7.958, 0.1, 280.0, 79.577, 0.0, 0.0, 3e4, 1.592, 0.16, 3e4, 1.592, 0.2),
}


def _dispersion(name, frequency_hz):
    t, omega = TERMS[name], 2.0 * np.pi * frequency_hz
    found = t[0] + t[7] / (1j * omega * VACUUM_F_M)
    for strength, time, spread, unit in ((*t[1:4], 1e-12), (*t[4:7], 1e-9), (*t[8:11], 1e-6), (*t[11:14], 1e-3)):
        found += strength / (1.0 + (1j * omega * time * unit) ** (1.0 - spread))
    return found.real, -found.imag * omega * VACUUM_F_M


@pytest.mark.parametrize("name", TERMS)
def test_against_four_dispersions(name):
    t = tissue(name)
    assert t.electric_conductivity_s_m == pytest.approx(_dispersion(name, 480e3)[1], rel=0.01)
    permittivity, conductivity = _dispersion(name, 2.45e9)
    assert t.permittivity_2450 == pytest.approx(permittivity, rel=0.005)
    assert t.conductivity_2450_s_m == pytest.approx(conductivity, rel=0.005)


def test_what_insulates_and_what_conducts():
    # An operator chooses dextrose or gas over saline, because saline carries radiofrequency current.
    assert tissue("saline").electric_conductivity_s_m > 3.0 * tissue("muscle").electric_conductivity_s_m
    for name in ("dextrose", "carbon_dioxide", "cement", "air"):
        assert tissue(name).electric_conductivity_s_m == 0.0
    assert tissue("bone_cortical").electric_conductivity_s_m < tissue("bone_cancellous").electric_conductivity_s_m


def test_freezing_of_soft_tissue_is_as_published():
    muscle = tissue("muscle")
    assert muscle.freezing_heat_j_m3 == pytest.approx(250e6)
    assert muscle.frozen_conductivity_w_mk == pytest.approx(2.0, rel=0.01)
    assert muscle.frozen_heat_capacity_j_m3k == pytest.approx(1860.0 * 1046.9, rel=0.05)
    fat = tissue("fat")
    assert fat.freezing_heat_j_m3 < 0.25 * muscle.freezing_heat_j_m3
