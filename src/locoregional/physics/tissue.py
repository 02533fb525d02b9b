"""Thermal and electric properties of tissues by name, and media made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from locoregional.errors import SourceError
from locoregional.physics.medium import Medium
from locoregional.sources import Sourced, read_facts

__all__ = ["GASES", "TISSUES", "Tissue", "medium_of_tissues", "perfusion_factors", "tissue", "uncertain_ranges"]

TISSUES = (
    "liver",
    "tumour",
    "blood",
    "fat",
    "muscle",
    "bone_cortical",
    "bone_cancellous",
    "lung",
    "kidney",
    "gallbladder",
    "bowel",
    "skin",
    "air",
    "lung_deflated",
    "adrenal",
    "marrow_red",
    "marrow_yellow",
    "spinal_cord",
    "nerve",
    "csf",
    "cement",
    "carbon_dioxide",
    "dextrose",
    "saline",
)
"""Names that :func:`tissue` knows, with what a physician may have put in."""

GASES = ("air", "carbon_dioxide")
"""Tissues that hold no water, whose heat capacity is raised."""
_RANGES = {
    "conductivity_w_mk": "liver.conductivity",
    "conductivity_slope_w_mk2": "conductivity_slope.rate",
    "volumetric_heat_capacity_j_m3k": "liver.heat_capacity_range",
    "vapour_heat_capacity_j_m3k": "vaporisation.dry_heat_capacity",
    "perfusion_heat_w_m3k": "liver.perfusion_heat",
    "water_fraction": "vaporisation.water_fraction",
    "boiling_width_k": "vaporisation.width",
    "three_state.kf": "damage.three_state.kf",
    "three_state.kb": "damage.three_state.kb",
    "three_state.tk": "damage.three_state.tk",
}


@dataclass(frozen=True)
class Tissue:
    """Thermal and electric properties of one tissue, SI.

    Attributes
    ----------
    name : str
        As in :data:`TISSUES`.
    conductivity_w_mk : float
        At body temperature.
    conductivity_slope_w_mk2 : float
        Its growth per kelvin.
    volumetric_heat_capacity_j_m3k : float
        Moist.
    vapour_heat_capacity_j_m3k : float
        Dried out.
    perfusion_heat_w_m3k : float
        Perfusion times density and specific heat of blood.
    latent_heat_j_m3 : float
        Heat that dries it out.
    electric_conductivity_s_m : float
        At 480 kHz.
    permittivity_2450, conductivity_2450_s_m : float
        Relative permittivity and effective conductivity at 2.45 GHz.
    frozen_conductivity_w_mk, frozen_heat_capacity_j_m3k : float
        With its water as ice.
    freezing_heat_j_m3 : float
        Heat given off when its water freezes.
    facts : tuple of Sourced
        Where the numbers come from; read their ``status``.
    """

    name: str
    conductivity_w_mk: float
    conductivity_slope_w_mk2: float
    volumetric_heat_capacity_j_m3k: float
    vapour_heat_capacity_j_m3k: float
    perfusion_heat_w_m3k: float
    latent_heat_j_m3: float
    electric_conductivity_s_m: float
    permittivity_2450: float
    conductivity_2450_s_m: float
    frozen_conductivity_w_mk: float
    frozen_heat_capacity_j_m3k: float
    freezing_heat_j_m3: float
    facts: tuple[Sourced, ...]


def tissue(name: str) -> Tissue:
    """Tissue by name.

    Parameters
    ----------
    name : str
        One of :data:`TISSUES`.

    Returns
    -------
    Tissue
        With the facts it is made of.

    Raises
    ------
    SourceError
        If the name is not known.
    """
    if name not in TISSUES:
        raise SourceError(f"no tissue called {name!r}", where="physics/facts.toml", remedy=f"Use one of {', '.join(TISSUES)}.")
    if name == "lung":
        from locoregional.physics.lung import inflated_lung

        return inflated_lung()
    facts = {**read_facts(__package__), **read_facts(__package__, "electric_facts.toml")}
    used: list[Sourced] = []

    def number(key: str) -> float:
        used.append(facts[key])
        return float(facts[key])

    wet = number(f"{name}.density") * number(f"{name}.specific_heat")
    conductivity = number(f"{name}.conductivity")
    if name in GASES:  # stores next to nothing: raised, or it alone would dictate the time step
        wet = max(wet, conductivity / float(read_facts(__package__, "hounsfield_facts.toml")["gas.fastest"]))
    if f"{name}.perfusion_heat" in facts:
        blood_heat = number(f"{name}.perfusion_heat")
    elif f"{name}.perfusion" in facts:
        blood_heat = number(f"{name}.perfusion") * number("blood.density") * number("blood.specific_heat")
    else:
        blood_heat = 0.0
    own_water = f"{name}.water_fraction"
    soft = number("vaporisation.water_fraction")
    water = number(own_water) if own_water in facts else soft
    latent = water * number("vaporisation.water_density") * number("vaporisation.latent_heat")
    dries = latent > 0
    ice = water / soft
    gained = ice * (number("freezing.conductivity_frozen") - number("freezing.conductivity_thawed"))
    lost = ice * number("freezing.density") * (number("freezing.specific_heat_thawed") - number("freezing.specific_heat_frozen"))
    return Tissue(
        name=name,
        conductivity_w_mk=conductivity,
        # The slope was stated for soft tissue; what has a water share of its own (fat, bone, lung, bile, air) stays constant.
        conductivity_slope_w_mk2=number("conductivity_slope.rate") if own_water not in facts else 0.0,
        volumetric_heat_capacity_j_m3k=wet,
        vapour_heat_capacity_j_m3k=min(wet, number("vaporisation.dry_heat_capacity")) if dries else wet,
        perfusion_heat_w_m3k=blood_heat,
        latent_heat_j_m3=latent,
        electric_conductivity_s_m=number(f"{name}.electric_conductivity"),
        permittivity_2450=number(f"{name}.permittivity_2450"),
        conductivity_2450_s_m=number(f"{name}.conductivity_2450"),
        frozen_conductivity_w_mk=conductivity + gained,
        frozen_heat_capacity_j_m3k=wet - lost,
        freezing_heat_j_m3=ice * number("freezing.density") * number("freezing.latent_heat"),
        facts=tuple(used),
    )


def medium_of_tissues(labels: np.ndarray, *, tissues: Mapping[int, Tissue], boils: bool = True) -> Medium:
    """Medium of a label map.

    Parameters
    ----------
    labels : ndarray of int
        Label per voxel, (slice, row, column).
    tissues : mapping
        Label to tissue; every label of the map must be there.
    boils : bool
        Whether tissue dries out and conducts better when hot; False gives constant properties.

    Returns
    -------
    Medium
        Properties per voxel.

    Raises
    ------
    SourceError
        If a label has no tissue.
    """
    found, position = np.unique(labels, return_inverse=True)
    missing = [int(label) for label in found if int(label) not in tissues]
    if missing:
        raise SourceError(f"labels {missing} have no tissue", where="medium_of_tissues", remedy="Name a tissue for each label.")

    def spread(attribute: str) -> np.ndarray:
        table = np.array([getattr(tissues[int(label)], attribute) for label in found], dtype=np.float32)
        return table[position].reshape(np.shape(labels))

    return Medium(
        conductivity_w_mk=spread("conductivity_w_mk"),
        volumetric_heat_capacity_j_m3k=spread("volumetric_heat_capacity_j_m3k"),
        perfusion_heat_w_m3k=spread("perfusion_heat_w_m3k"),
        latent_heat_j_m3=spread("latent_heat_j_m3") if boils else None,
        vapour_heat_capacity_j_m3k=spread("vapour_heat_capacity_j_m3k") if boils else None,
        conductivity_slope_w_mk2=spread("conductivity_slope_w_mk2") if boils else 0.0,
    )


def uncertain_ranges() -> dict[str, tuple[float, float]]:
    """Sourced ranges (low, high) of the parameters that decide a zone in liver, by the name of what they vary."""
    facts = read_facts(__package__)
    ranges = {}
    for name, key in _RANGES.items():
        fact = facts[key]
        if fact.low is None or fact.high is None:
            raise SourceError("a parameter that should vary has no range", where=key, remedy="State low and high.")
        ranges[name] = (fact.low, fact.high)
    return ranges


def perfusion_factors(name: str) -> tuple[float, float]:
    """Range (low, high) of a tissue's perfusion, as factors on its nominal value; a wide default where its facts state none.

    Parameters
    ----------
    name : str
        One of :data:`TISSUES`.
    """
    facts = read_facts(__package__)
    own = {"lung": "lung_deflated"}.get(name, name)
    for key in (f"{own}.perfusion_heat", f"{own}.perfusion", "perfusion.unknown"):
        fact = facts.get(key)
        if fact is not None and fact.low is not None and fact.high is not None:
            return fact.low / float(fact), fact.high / float(fact)
    raise SourceError("no default range of perfusion", where="perfusion.unknown", remedy="State low and high.")
