"""The tissue on the voxel grid, as the heat solver wants it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from locoregional.errors import SolverError
from locoregional.sources import read_facts

__all__ = ["Medium", "body_temperature_c", "boiling_range_c"]

_STATE = np.float32
_POSITIVE = ("conductivity_w_mk", "volumetric_heat_capacity_j_m3k", "vapour_heat_capacity_j_m3k")
_NOT_NEGATIVE = ("perfusion_heat_w_m3k", "latent_heat_j_m3", "sink_w_m3k")

Field = np.ndarray | float


@dataclass(frozen=True)
class Medium:
    """Thermal properties per voxel; arrays (slice, row, column), SI.

    Attributes
    ----------
    conductivity_w_mk : ndarray
        Thermal conductivity at body temperature; its shape is the grid.
    volumetric_heat_capacity_j_m3k : ndarray or float
        Density times specific heat of the moist tissue.
    perfusion_heat_w_m3k : ndarray or float
        Perfusion times density and specific heat of blood.
    latent_heat_j_m3 : ndarray or float, optional
        Heat that dries a volume of tissue out; None: nothing boils.
    vapour_heat_capacity_j_m3k : ndarray or float, optional
        Density times specific heat of dried tissue; needed where something boils.
    boil_low_c, boil_high_c : float, optional
        Temperatures between which the water goes; None: facts ``vaporisation.low`` and ``vaporisation.high``.
    conductivity_slope_w_mk2 : ndarray or float
        Growth of the conductivity with temperature, up to the fact ``conductivity_slope.limit``.
    held : ndarray of bool, optional
        Voxels that keep their temperature: large vessels, coolant.
    held_temperature_c : ndarray or float, optional
        Their temperature; None: body temperature.
    sink_w_m3k : ndarray or float, optional
        Further loss per volume (wall of a small vessel, cooled shaft); it does not stop with damage.
    sink_temperature_c : ndarray or float, optional
        Temperature on the other side of the sink; None: body temperature.
    """

    conductivity_w_mk: np.ndarray
    volumetric_heat_capacity_j_m3k: Field
    perfusion_heat_w_m3k: Field = 0.0
    latent_heat_j_m3: Field | None = None
    vapour_heat_capacity_j_m3k: Field | None = None
    boil_low_c: float | None = None
    boil_high_c: float | None = None
    conductivity_slope_w_mk2: Field = 0.0
    held: np.ndarray | None = None
    held_temperature_c: Field | None = None
    sink_w_m3k: Field | None = None
    sink_temperature_c: Field | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and values that no tissue has."""
        shape = np.shape(self.conductivity_w_mk)
        if len(shape) != 3 or min(shape) < 3:
            raise SolverError(
                f"the grid has shape {shape}", where="Medium.conductivity_w_mk", remedy="Give 3-D, at least 3 voxels a side."
            )
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            where = f"Medium.{field.name}"
            if np.ndim(value) and np.shape(value) != shape:
                raise SolverError(f"shape {np.shape(value)} on a grid of {shape}", where=where, remedy="Resample it to the grid.")
            if not np.all(np.isfinite(value)):
                raise SolverError("a value is not finite", where=where, remedy="Fill the holes in the property map.")
            if field.name in _POSITIVE and not np.min(value) > 0:
                raise SolverError(f"least value {np.min(value)}", where=where, remedy="Give every voxel a positive value.")
            if field.name in _NOT_NEGATIVE and np.min(value) < 0:
                raise SolverError(f"least value {np.min(value)}", where=where, remedy="Negative losses are no physics.")
        if self.boils and self.vapour_heat_capacity_j_m3k is None:
            raise SolverError("tissue boils but its dry heat capacity is missing", where="Medium.vapour_heat_capacity_j_m3k")
        low, high = boiling_range_c(self)
        if not high - low >= 0.5:  # the temperature is the state: a thinner interval would drown in float32 rounding
            raise SolverError(f"boiling between {low} and {high} C", where="Medium.boil_high_c", remedy="Keep them 0.5 K apart.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels (slice, row, column)."""
        slices, rows, columns = np.shape(self.conductivity_w_mk)
        return slices, rows, columns

    @property
    def boils(self) -> bool:
        """Whether any voxel holds latent heat."""
        return self.latent_heat_j_m3 is not None and bool(np.max(self.latent_heat_j_m3) > 0)

    def full(self, name: str, default: Field = 0.0) -> np.ndarray:
        """Field ``name`` as a float32 array on the grid, ``default`` where it is None."""
        value = getattr(self, name)
        return np.ascontiguousarray(np.broadcast_to(np.asarray(default if value is None else value, dtype=_STATE), self.shape))


def body_temperature_c() -> float:
    """Body temperature [C] that every simulation starts from unless told otherwise."""
    return float(read_facts(__package__)["body.temperature"])


def boiling_range_c(medium: Medium) -> tuple[float, float]:
    """Temperatures [C] between which the tissue of ``medium`` gives off its water."""
    facts = read_facts(__package__)
    low = facts["vaporisation.low"] if medium.boil_low_c is None else medium.boil_low_c
    high = facts["vaporisation.high"] if medium.boil_high_c is None else medium.boil_high_c
    return float(low), float(high)
