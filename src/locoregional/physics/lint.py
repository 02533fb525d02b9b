"""Doubts about tissue constants: values that circulate in public models and are wrong, or that no tissue has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from locoregional.physics.damage import GAS_CONSTANT_J_MOL_K
from locoregional.physics.medium import body_temperature_c
from locoregional.sources import Sourced, read_facts
from locoregional.units import celsius_to_kelvin

__all__ = ["suspicious"]

_GAS = ("air", "carbon_dioxide")
_HOUR_S = 3600.0


def suspicious(facts: Mapping[str, Sourced | float]) -> tuple[str, ...]:
    """What a physicist would doubt in a table of tissue constants.

    Parameters
    ----------
    facts : mapping
        Dotted name (``liver.conductivity``, ``damage.arrhenius_x.frequency_factor``) to the number in SI; names as in the facts
        of this package, unknown names are passed over.

    Returns
    -------
    tuple of str
        One sentence per doubt, naming the constant; empty: nothing to say.
    """
    numbers = {name: float(fact) for name, fact in facts.items() if not isinstance(getattr(fact, "value", 0.0), str | tuple)}
    return (*_outside_ranges(numbers), *_odd_diffusivities(numbers), *_restless_arrhenius(numbers))


def _outside_ranges(numbers: Mapping[str, float]) -> list[str]:
    doubts = []
    for name, plausible in _plausible().items():
        if name.startswith("any.") or name not in numbers:
            continue
        low, high = plausible.value
        if not low <= numbers[name] <= high:
            hint = f"; {plausible.note}" if plausible.note else ""
            doubts.append(f"{name} {numbers[name]:g} {plausible.unit} lies outside {low:g} to {high:g}{hint}")
    blood = numbers.get("blood.density", 0.0) * numbers.get("blood.specific_heat", 0.0)
    if "liver.perfusion_heat" in numbers and blood:
        doubts += [
            f"from liver.perfusion_heat: {words}"
            for words in _outside_ranges({"liver.perfusion": numbers["liver.perfusion_heat"] / blood})
        ]
    return doubts


def _odd_diffusivities(numbers: Mapping[str, float]) -> list[str]:
    low, high = _plausible()["any.diffusivity"].value
    doubts = []
    for name in {key.rsplit(".", 1)[0]: None for key in numbers}:
        parts = [numbers.get(f"{name}.{part}") for part in ("conductivity", "density", "specific_heat")]
        if name in _GAS or any(part is None for part in parts):
            continue
        conductivity, density, heat = (part for part in parts if part is not None)
        spread = conductivity / (density * heat) if density * heat > 0 else np.inf
        if not low <= spread <= high:
            doubts.append(f"{name} spreads heat at {spread:.2g} m2/s, outside {low:g} to {high:g}: is a unit wrong?")
    return doubts


def _restless_arrhenius(numbers: Mapping[str, float]) -> list[str]:
    """Arrhenius sets that kill at body temperature unless damage counts from an onset above it, and those without threshold."""
    body_k = celsius_to_kelvin(body_temperature_c())
    least_h = float(_plausible()["any.arrhenius_hours"])
    onset = numbers.get("damage.onset")
    doubts = []
    for name in (key.removesuffix(".frequency_factor") for key in numbers if key.endswith(".frequency_factor")):
        energy = numbers.get(f"{name}.activation_energy")
        if energy is None:
            doubts.append(f"{name} has a frequency factor but no activation energy")
            continue
        threshold = numbers.get(f"{name}.threshold")
        if threshold is None:
            doubts.append(f"{name} has no threshold: from which damage sum on is tissue dead?")
        rate = np.exp(np.log(numbers[f"{name}.frequency_factor"]) - energy / (GAS_CONSTANT_J_MOL_K * body_k))
        hours = (1.0 if threshold is None else threshold) / rate / _HOUR_S
        begins = numbers.get(f"{name}.onset", onset)
        if hours < least_h and (begins is None or begins <= body_temperature_c()):
            doubts.append(
                f"{name} declares tissue dead after {hours:.2g} h at {body_temperature_c():g} C: it needs an onset above"
            )
    return doubts


def _plausible() -> Mapping[str, Sourced]:
    return read_facts(__package__, "plausible_facts.toml")
