"""Wrong constants that circulate are caught; ours raise no doubt."""

import pytest

from locoregional.physics.lint import suspicious
from locoregional.sources import read_facts

TRAPS = {
    "outlier of liver conductivity": ({"liver.conductivity": 0.302}, "liver.conductivity 0.302"),
    "outlier of kidney conductivity": ({"kidney.conductivity": 0.302}, "kidney.conductivity 0.302"),
    "lung without air": ({"lung.density": 1050.0}, "without air"),
    "lung conducting like liver": ({"lung.electric_conductivity": 0.306}, "lung.electric_conductivity"),
    "liver perfusion four times too low": ({"liver.perfusion": 0.0036}, "quarter"),
    "the same as heat": (
        {"liver.perfusion_heat": 0.0036 * 1040 * 3617, "blood.density": 1040.0, "blood.specific_heat": 3617.0},
        "liver.perfusion ",
    ),
    "blood conducting like lung": ({"blood.electric_conductivity": 0.122}, "aerated lung"),
    "dead at body temperature": (
        {"damage.x.frequency_factor": 7.39e39, "damage.x.activation_energy": 2.577e5, "damage.x.threshold": 1.0},
        "onset above",
    ),
    "Arrhenius without threshold": (
        {"damage.x.frequency_factor": 7.39e39, "damage.x.activation_energy": 2.577e5, "damage.onset": 39.0},
        "no threshold",
    ),
    "conductivity in W/cm/K": ({"spleen.conductivity": 0.0053, "spleen.density": 1089.0, "spleen.specific_heat": 3596.0}, "unit"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_caught(name):
    table, word = TRAPS[name]
    doubts = suspicious(table)
    assert len(doubts) == 1
    assert word in doubts[0]


def test_ours_raise_no_doubt():
    ours = {**read_facts("locoregional.physics"), **read_facts("locoregional.physics", "electric_facts.toml")}
    assert suspicious(ours) == ()
    assert suspicious({"liver.conductivity": 0.52, "spleen.colour": 3.0}) == ()


def test_onset_makes_the_liver_set_usable():
    table = {"damage.x.frequency_factor": 7.39e39, "damage.x.activation_energy": 2.577e5, "damage.x.threshold": 1.0}
    assert suspicious({**table, "damage.onset": 39.0}) == ()
    # 275.64 s at 45 C (published benchmark), carried to 37 C with exp(2.577e5 / 8.3145 (1 / 310.15 - 1 / 318.15)) = 12.3
    assert "0.94 h" in suspicious(table)[0]
