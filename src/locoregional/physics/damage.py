"""How much of the tissue dies: Arrhenius sums, thermal isoeffective dose, three-state cell death, isotherms.

The choice of law moves the edge of a predicted zone more than any numerical setting, so each is a named model with its own
source, and none is a silent default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.damage_kernels import ARRHENIUS, CEM43, ISOTHERM, THREE_STATE, three_state_step
from locoregional.sources import Sourced, read_facts
from locoregional.units import celsius_to_kelvin

__all__ = [
    "GAS_CONSTANT_J_MOL_K",
    "DamageModel",
    "damage_model",
    "damage_model_names",
    "three_state",
    "time_to_cem43_s",
    "time_to_dead_fraction_s",
    "time_to_omega_one_s",
]

GAS_CONSTANT_J_MOL_K = 8.314462618
"""Molar gas constant (exact since the 2019 SI)."""

_KINDS = {"arrhenius": ARRHENIUS, "cem43": CEM43, "three_state": THREE_STATE, "isotherm": ISOTHERM}


@dataclass(frozen=True)
class DamageModel:
    """A law of thermal damage with its constants.

    Attributes
    ----------
    name : str
        As in :func:`damage_model_names`.
    kind : str
        ``arrhenius``, ``cem43``, ``three_state`` or ``isotherm``.
    constants : tuple of float
        Arrhenius: frequency factor [1/s], activation energy [J/mol]. CEM43: R above and below the breakpoint, breakpoint [C].
        Three-state: kf [1/s], kb [1/s], Tk [C], alive share at the start. Isotherm: lethal temperature [C].
    threshold : float
        Dead from here on: damage sum, equivalent minutes, dead share, or temperature [C].
    stasis : float
        Blood stops here: damage sum, equivalent minutes or temperature [C] from above; three-state: alive share from below.
    onset_c : float
        No damage is counted below this temperature.
    note : str
        What a user of the model must know.
    """

    name: str
    kind: str
    constants: tuple[float, ...]
    threshold: float
    stasis: float
    onset_c: float
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse unknown kinds."""
        if self.kind not in _KINDS:
            raise SolverError(f"no damage law of kind {self.kind!r}", where=self.name, remedy=f"Use one of {sorted(_KINDS)}.")

    @property
    def code(self) -> int:
        """Number of the law in the kernels."""
        return _KINDS[self.kind]

    @property
    def start(self) -> tuple[float, float]:
        """First and second state of undamaged tissue."""
        return (self.constants[3], 0.0) if self.kind == "three_state" else (0.0, 0.0)

    def parameters(self) -> np.ndarray:
        """Constants as the kernels take them."""
        c = self.constants
        if self.kind == "arrhenius":
            packed = (math.log(c[0]), c[1] / GAS_CONSTANT_J_MOL_K, 0.0, self.onset_c, self.stasis)
        elif self.kind == "cem43":
            packed = (math.log(c[0]), math.log(c[1]), c[2], self.onset_c, self.stasis)
        elif self.kind == "three_state":
            packed = (c[0], c[1], c[2], self.onset_c, self.stasis)
        else:
            packed = (0.0, 0.0, 0.0, self.stasis, self.stasis)
        return np.array(packed)

    def dead_fraction(self, first: np.ndarray, second: np.ndarray, peak_c: np.ndarray) -> np.ndarray:
        """Share of dead cells 0..1 per voxel from the state arrays and the peak temperature [C]."""
        if self.kind == "arrhenius":
            return -np.expm1(-first)
        if self.kind == "cem43":
            return (first >= self.threshold).astype(np.float32)
        if self.kind == "three_state":
            return np.array(second)
        return (peak_c >= self.threshold).astype(np.float32)

    def dead(self, first: np.ndarray, second: np.ndarray, peak_c: np.ndarray) -> np.ndarray:
        """Voxels beyond the threshold."""
        state = {"arrhenius": first, "cem43": first, "three_state": second, "isotherm": peak_c}[self.kind]
        return state >= self.threshold


def damage_model_names() -> tuple[str, ...]:
    """Names that :func:`damage_model` knows, in the order of the facts."""
    return tuple(dict.fromkeys(key.split(".")[0] for key in read_facts(__package__).section("damage") if "." in key))


def damage_model(name: str, *, overrides: dict[str, float] | None = None) -> DamageModel:
    """Damage model by name, with its sourced constants.

    Parameters
    ----------
    name : str
        One of :func:`damage_model_names`.
    overrides : dict, optional
        Constants to change, by their name in the facts (``kf``, ``activation_energy``, ``threshold`` ...), to explore ranges.

    Returns
    -------
    DamageModel
        Ready for :func:`locoregional.physics.bioheat.simulate_heating`.

    Raises
    ------
    SolverError
        If there is no such model or constant.
    """
    facts = read_facts(__package__)
    own = facts.section(f"damage.{name}")
    if not own:
        raise SolverError(
            f"no damage model called {name!r}", where="damage_model", remedy=f"Use one of {', '.join(damage_model_names())}."
        )
    unknown = set(overrides or {}) - set(own)
    if unknown:
        raise SolverError(f"{name} has no constant {sorted(unknown)}", where="damage_model", remedy=f"Known: {sorted(own)}.")

    def number(key: str) -> float:
        return float((overrides or {}).get(key, own[key]))

    def text(fact: Sourced) -> str:
        return str(fact.note)

    onset = float(facts["damage.onset"])
    note = text(own["threshold"])
    if "frequency_factor" in own:
        constants = (number("frequency_factor"), number("activation_energy"))
        return DamageModel(name, "arrhenius", constants, number("threshold"), number("stasis"), onset, note)
    if "r_above" in own:
        constants3 = (number("r_above"), number("r_below"), number("breakpoint"))
        return DamageModel(name, "cem43", constants3, number("threshold"), number("threshold"), onset, note)
    if "kf" in own:
        constants4 = (number("kf"), number("kb"), number("tk"), number("alive_at_start"))
        return DamageModel(name, "three_state", constants4, number("threshold"), number("stasis"), onset, note)
    lethal = number("threshold")
    return DamageModel(name, "isotherm", (lethal,), lethal, lethal, lethal, note)


def time_to_omega_one_s(temperature_c: float, *, model: str) -> float:
    """Time [s] to damage sum 1 at a constant temperature, by the bare Arrhenius law of a named model (no onset)."""
    frequency, energy = damage_model(model).constants
    return math.exp(energy / (GAS_CONSTANT_J_MOL_K * celsius_to_kelvin(temperature_c)) - math.log(frequency))


def time_to_cem43_s(temperature_c: float, *, dose_min: float, model: str = "cem43") -> float:
    """Time [s] to a dose of ``dose_min`` equivalent minutes at 43 C, at a constant temperature."""
    above, below, breakpoint_c = damage_model(model).constants
    r = above if temperature_c >= breakpoint_c else below
    return 60.0 * dose_min / r ** (breakpoint_c - temperature_c)


def three_state(temperature_c: float, *, duration_s: float, model: str = "three_state") -> tuple[float, float]:
    """Shares (alive, dead) after ``duration_s`` at a constant temperature, from healthy tissue."""
    kf, kb, tk, alive = damage_model(model).constants
    a, d = three_state_step(alive, 0.0, temperature_c, temperature_c, duration_s, kf, kb, tk)
    return float(a), float(d)


def time_to_dead_fraction_s(
    temperature_c: float, *, fraction: float, model: str = "three_state", longest_s: float = 86400.0
) -> float:
    """Time [s] until the three-state model has ``fraction`` dead at a constant temperature; infinite beyond ``longest_s``."""
    if three_state(temperature_c, duration_s=longest_s, model=model)[1] < fraction:
        return math.inf
    low, high = 0.0, longest_s
    while high - low > 1e-4 * max(high, 1e-6):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if three_state(temperature_c, duration_s=middle, model=model)[1] < fraction else (low, middle)
    return 0.5 * (low + high)
