"""Lung by its content of air: what a CT number says about heat, currents and waves in aerated, wet or collapsed lung.

Tissue is the connected phase and air the bubbles in it: conductivities and permittivity follow Maxwell's mixture, which is the
upper bound of Hashin and Shtrikman; whatever sits in the mass of tissue follows its share of the volume. Alveolar gas is moist:
water evaporates on the warm wall of each bubble and condenses on the cold one, which carries far more heat than dry air and
grows steeply with temperature (de Vries); without it, heated lung would seem an insulator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.physics.medium import body_temperature_c
from locoregional.physics.tissue import Tissue, tissue
from locoregional.sources import Sourced, read_facts
from locoregional.units import celsius_to_kelvin

__all__ = ["air_share", "inflated_lung", "lung_conductivity_w_mk", "lung_facts", "lung_values", "moist_gas_conductivity_w_mk"]

VACUUM_F_M = 8.8541878128e-12
FREQUENCY_HZ = 2.45e9
_FILE = "hounsfield_facts.toml"


def air_share(hu: ArrayLike) -> NDArray[np.float64]:
    """Share of a lung voxel that is air, from its CT number [HU]; 0 for consolidated lung, at most the fact's largest share."""
    facts = read_facts(__package__, _FILE)
    air, wet = float(facts["lung.air"]), float(facts["lung.tissue"])
    return np.clip((wet - np.asarray(hu, float)) / (wet - air), 0.0, float(facts["lung.largest_air_share"]))


def moist_gas_conductivity_w_mk(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Effective conductivity of gas saturated with water between wet walls: dry air, and the latent heat that vapour carries."""
    facts = read_facts(__package__, _FILE)

    def of(name: str) -> float:
        return float(facts[f"gas.{name}"])

    celsius = np.asarray(temperature_c, float)
    kelvin = celsius_to_kelvin(celsius)  # type: ignore[arg-type]
    a, b, c = facts["gas.magnus"].value
    saturated = a * np.exp(b * celsius / (c + celsius))
    growth = saturated / (of("vapour_constant") * kelvin) * (b * c / (c + celsius) ** 2 - 1.0 / kelvin)
    diffusion = of("diffusion") * (kelvin / celsius_to_kelvin(0.0)) ** of("diffusion_power")
    crowded = of("pressure") / (of("pressure") - saturated)
    latent = of("latent_heat") - of("latent_heat_slope") * celsius
    return tissue("air").conductivity_w_mk + diffusion * crowded * latent * growth


def lung_conductivity_w_mk(share: ArrayLike, *, temperature_c: float) -> NDArray[np.float64]:
    """Thermal conductivity of lung with this share of air at this temperature, from body temperature on."""
    wet = tissue("lung_deflated")
    host = wet.conductivity_w_mk + wet.conductivity_slope_w_mk2 * max(temperature_c - body_temperature_c(), 0.0)
    return _mixed(host, moist_gas_conductivity_w_mk(temperature_c), np.asarray(share, float)).real


def lung_values(share: ArrayLike, *, beside: bool = False) -> dict[str, NDArray[np.float64]]:
    """Properties of lung by the names that :class:`~locoregional.physics.tissue.Tissue` gives them.

    Parameters
    ----------
    share : array_like
        Share of air, as from :func:`air_share`.
    beside : bool
        Lung that only borders the organ under treatment: its conductivity stays that of the edge of a zone, so that lung does not
        dictate the time step of a treatment elsewhere.

    Returns
    -------
    dict of str to ndarray, shape of ``share``
        Every number of a tissue.
    """
    facts = read_facts(__package__, _FILE)
    wet, air, share, body = tissue("lung_deflated"), tissue("air"), np.asarray(share, float), body_temperature_c()
    to_c, hottest = float(facts["gas.slope_to"]), float(read_facts(__package__)["conductivity_slope.limit"])
    cool, warm = (lung_conductivity_w_mk(share, temperature_c=t) for t in (body, to_c))
    slope = (warm - cool) / (to_c - body)
    if beside:
        cool, slope = lung_conductivity_w_mk(share, temperature_c=float(facts["lung.beside_at"])), np.zeros_like(slope)
    wave = _mixed(_complex_permittivity(wet), _complex_permittivity(air), share)
    least = (cool + slope * (hottest - body)) / float(facts["lung.beside_fastest" if beside else "lung.fastest"])

    def by_volume(name: str) -> NDArray[np.float64]:
        return np.asarray((1.0 - share) * getattr(wet, name))

    moist = np.maximum(by_volume("volumetric_heat_capacity_j_m3k"), least)
    return {
        "conductivity_w_mk": cool,
        "conductivity_slope_w_mk2": slope,
        "volumetric_heat_capacity_j_m3k": moist,
        "vapour_heat_capacity_j_m3k": np.clip(by_volume("vapour_heat_capacity_j_m3k"), least, moist),
        "perfusion_heat_w_m3k": by_volume("perfusion_heat_w_m3k"),
        "latent_heat_j_m3": by_volume("latent_heat_j_m3"),
        "electric_conductivity_s_m": _mixed(wet.electric_conductivity_s_m, 0.0, share).real,
        "permittivity_2450": wave.real,
        "conductivity_2450_s_m": -wave.imag * 2.0 * np.pi * FREQUENCY_HZ * VACUUM_F_M,
        "frozen_conductivity_w_mk": _mixed(wet.frozen_conductivity_w_mk, air.conductivity_w_mk, share).real,
        "frozen_heat_capacity_j_m3k": by_volume("frozen_heat_capacity_j_m3k"),
        "freezing_heat_j_m3": by_volume("freezing_heat_j_m3"),
    }


def inflated_lung() -> Tissue:
    """Lung at the density of the fact ``lung.density``, for where there is no CT."""
    facts = read_facts(__package__)
    share = 1.0 - float(facts["lung.density"]) / float(facts["lung_deflated.density"])
    values = {name: float(value) for name, value in lung_values(share).items()}
    return Tissue(name="lung", facts=(facts["lung.density"], *lung_facts()), **values)


def lung_facts() -> tuple[Sourced, ...]:
    """Everything that the properties of lung rest on."""
    facts = read_facts(__package__, _FILE)
    own = (f for name, f in facts.items() if name.startswith(("lung.", "gas.")))
    return (*tissue("lung_deflated").facts, *tissue("air").facts, *own)


def _complex_permittivity(of: Tissue) -> complex:
    return complex(of.permittivity_2450, -of.conductivity_2450_s_m / (2.0 * np.pi * FREQUENCY_HZ * VACUUM_F_M))


def _mixed(host: complex, bubbles: complex | NDArray, share: NDArray[np.float64]) -> NDArray:
    """Maxwell's mixture: spheres, filling this share, in a connected host."""
    both, gap = 2.0 * host + bubbles, share * (host - bubbles)
    return np.asarray(host * (both - 2.0 * gap) / (both + gap))
