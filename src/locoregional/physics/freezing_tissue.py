"""What freezes and what makes it cold: tissue with its latent heat, probes, and the phases of a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.medium import Field, Medium
from locoregional.physics.wire import Exchange

__all__ = ["FreezingTissue", "Phase", "Probe"]


@dataclass(frozen=True, eq=False)
class FreezingTissue:
    """Tissue that can freeze; arrays (slice, row, column), SI.

    Between solidus and liquidus the latent heat is given off evenly and the conductivity runs straight from one end to the other.

    Attributes
    ----------
    medium : Medium
        The unfrozen tissue. Its drying and the growth of its conductivity with heat are ignored.
    frozen_conductivity_w_mk, frozen_heat_capacity_j_m3k : ndarray or float
        Below the solidus.
    freezing_heat_j_m3 : ndarray or float
        Latent heat of freezing; 0 for what does not freeze.
    solidus_c, liquidus_c : float
        Where freezing ends and begins.

    Raises
    ------
    SolverError
        If a value is not finite, not physical, or does not fit the grid.
    """

    medium: Medium
    frozen_conductivity_w_mk: Field
    frozen_heat_capacity_j_m3k: Field
    freezing_heat_j_m3: Field
    solidus_c: float
    liquidus_c: float

    def __post_init__(self) -> None:
        """Refuse shapes and values that no tissue has."""
        for name, least in (
            ("frozen_conductivity_w_mk", 1e-12),
            ("frozen_heat_capacity_j_m3k", 1e-12),
            ("freezing_heat_j_m3", 0.0),
        ):
            value, where = getattr(self, name), f"FreezingTissue.{name}"
            if np.ndim(value) and np.shape(value) != self.medium.shape:
                raise SolverError(f"shape {np.shape(value)} on a grid of {self.medium.shape}", where=where, remedy="Resample it.")
            if not (np.all(np.isfinite(value)) and np.min(value) >= least):
                raise SolverError("a value is not finite or too small", where=where, remedy="Mend the property map.")
        if not self.liquidus_c - self.solidus_c >= 0.05:  # thinner than this the float32 temperatures no longer resolve it
            raise SolverError(
                f"freezing between {self.solidus_c} and {self.liquidus_c} C", where="solidus_c", remedy="Keep them 0.05 K apart."
            )

    def full(self, name: str) -> np.ndarray:
        """Frozen property ``name`` as a float32 array on the grid."""
        return np.ascontiguousarray(np.broadcast_to(np.asarray(getattr(self, name), dtype=np.float32), self.medium.shape))


@dataclass(frozen=True, eq=False)
class Probe:
    """A cold probe: it pulls towards its temperature, but never harder than its refrigerant can.

    Attributes
    ----------
    exchange : Exchange
        Its active part in the grid, see :func:`~locoregional.physics.wire.exchange`; it has one temperature along its length.
    cold_c : float
        Temperature that the refrigerant reaches.
    cooling_w : float
        Largest heat flow that it takes up.
    ramp_s : float
        Time that it takes to cool down at the start of each freeze.
    warm_c : float
        Temperature of active thawing.
    warming_w : float
        Largest heat flow that it gives off in active thawing.
    """

    exchange: Exchange
    cold_c: float
    cooling_w: float
    ramp_s: float = 0.0
    warm_c: float = 0.0
    warming_w: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no probe."""
        numbers = (self.cold_c, self.cooling_w, self.ramp_s, self.warm_c, self.warming_w)
        if not (np.isfinite(numbers).all() and self.cooling_w > 0 and self.ramp_s >= 0 and self.warming_w >= 0):
            raise SolverError(f"no probe: {numbers}", where="Probe", remedy="Give finite temperatures and positive heat flows.")
        if self.exchange.cells.size == 0:
            raise SolverError("the probe touches no voxel", where="Probe.exchange", remedy="Move it into the grid.")


@dataclass(frozen=True)
class Phase:
    """One phase of a program, the same for all probes: ``freeze``, ``rest`` (passive thaw) or ``warm`` (active thaw)."""

    kind: Literal["freeze", "rest", "warm"]
    duration_s: float

    def __post_init__(self) -> None:
        """Refuse what lasts no time."""
        if self.kind not in ("freeze", "rest", "warm") or not (np.isfinite(self.duration_s) and self.duration_s > 0):
            raise SolverError(f"no phase: {self}", where="Phase", remedy="Freeze, rest or warm for positive seconds.")
