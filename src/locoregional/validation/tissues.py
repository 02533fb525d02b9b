"""Tissue constants: wrong ones that circulate are caught, ours raise no doubt, lung and vessels agree with what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from locoregional.ablation.vessels import wall_coefficient_w_m2k
from locoregional.physics.lint import suspicious
from locoregional.physics.lung import lung_conductivity_w_mk, lung_values
from locoregional.physics.tissue import tissue
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts
from locoregional.validation.row import Row

__all__ = ["TRAPS", "rows"]

TOPIC = "Tissue constants"
_ARRHENIUS = {"damage.x.frequency_factor": 7.39e39, "damage.x.activation_energy": 2.577e5}
TRAPS: dict[str, dict[str, float]] = {
    "conductivity of liver 0.302 W/m/K": {"liver.conductivity": 0.302},
    "conductivity of kidney 0.302 W/m/K": {"kidney.conductivity": 0.302},
    "lung of 1050 kg/m3, without air": {"lung.density": 1050.0},
    "perfusion of liver 0.0036 1/s": {"liver.perfusion": 0.0036},
    "blood conducting 0.122 S/m": {"blood.electric_conductivity": 0.122},
    "liver conducting 0.122 S/m": {"liver.electric_conductivity": 0.122},
    "Arrhenius 7.39e39 / 2.577e5 without onset": {**_ARRHENIUS, "damage.x.threshold": 1.0},
    "Arrhenius 7.39e39 / 2.577e5 without threshold": {**_ARRHENIUS, "damage.onset": 39.0},
    "conductivity a hundred times too low (W/cm/K)": {
        "muscle.conductivity": 0.00495, "muscle.density": 1090.0, "muscle.specific_heat": 3421.0,
    },
}  # fmt: skip
"""Constants that stand in public models and are wrong, each in a table of its own."""


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on tissue constants.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    for name, table in TRAPS.items():
        caught = float(len(suspicious(table)) > 0)
        yield Row(TOPIC, f"caught: {name}", caught, 1.0, "1", 0.0, "planted error")
    ours = {**read_facts("locoregional.physics"), **read_facts("locoregional.physics", "electric_facts.toml")}
    yield Row(TOPIC, "doubts about the constants used here", float(len(suspicious(ours))), 0.0, "1", 0.0, "the same check")
    progress(0.5, "lung and vessels")
    half, note = (
        lung_values(0.5),
        "deflated lung with an air share of 0.5, read off the first of the three; the source states none",
    )
    yield Row(
        TOPIC, "inflated lung at 480 kHz", float(half["electric_conductivity_s_m"]), 0.1224, "S/m", 0.01, "gabriel1996", note
    )
    yield Row(
        TOPIC, "inflated lung at 2.45 GHz, permittivity", float(half["permittivity_2450"]), 20.48, "1", 1.0, "gabriel1996", note
    )
    yield Row(
        TOPIC, "inflated lung at 2.45 GHz, conductivity", float(half["conductivity_2450_s_m"]), 0.804, "S/m", 0.08, "gabriel1996",
        f"{note}; the wet walls of the alveoli conduct better than the mixture allows",
    )  # fmt: skip
    share = 1.0 - 1.34e6 / tissue("lung_deflated").volumetric_heat_capacity_j_m3k
    for celsius, measured in ((22.0, 0.2077), (91.0, 2.721)):
        value = float(lung_conductivity_w_mk(share, temperature_c=celsius))
        yield Row(
            TOPIC, f"conductivity of porcine lung at {celsius:g} C", value, measured, "W/m/K", 0.2 * measured, "bianchi2023lung",
            "air content from the measured heat capacity, nothing fitted; water that boils off adds to the hot value",
        )  # fmt: skip
    for calibre, high in ((11.0, 1360.0), (8.0, 1390.0), (4.0, 1430.0), (2.0, 1500.0)):
        value = float(wall_coefficient_w_m2k(calibre).high)
        yield Row(
            TOPIC, f"wall of a {calibre:g} mm vessel, entry", value, high, "W/m2/K", 0.03 * high, "hausen1943", "worked by hand"
        )
    yield Row(
        TOPIC, "wall of an 8 mm vein, developed flow", float(wall_coefficient_w_m2k(8.0).low), 230.0, "W/m2/K", 12.0, "gosmart"
    )
    progress(1.0, "tissue constants")
