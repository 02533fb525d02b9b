"""Everything about the tissue on a voxel grid that the three energies ask for: heat, currents, waves, ice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import Tissue, medium_of_tissues, tissue
from locoregional.sources import Sourced

__all__ = ["Properties", "homogeneous", "properties_of"]

_SPREAD = (
    "electric_conductivity_s_m",
    "permittivity_2450",
    "conductivity_2450_s_m",
    "frozen_conductivity_w_mk",
    "frozen_heat_capacity_j_m3k",
    "freezing_heat_j_m3",
)


@dataclass(frozen=True, eq=False)
class Properties:
    """Properties per voxel at body temperature; arrays of float32 (slice, row, column), SI.

    Attributes
    ----------
    medium : Medium
        For the heat solver.
    electric_conductivity_s_m : ndarray
        At 450 to 500 kHz.
    permittivity_2450, conductivity_2450_s_m : ndarray
        Relative permittivity and effective conductivity at 2.45 GHz.
    frozen_conductivity_w_mk, frozen_heat_capacity_j_m3k : ndarray
        Of ice-filled tissue.
    freezing_heat_j_m3 : ndarray
        Latent heat of freezing.
    facts : tuple of Sourced
        Everything this rests on.
    """

    medium: Medium
    electric_conductivity_s_m: np.ndarray
    permittivity_2450: np.ndarray
    conductivity_2450_s_m: np.ndarray
    frozen_conductivity_w_mk: np.ndarray
    frozen_heat_capacity_j_m3k: np.ndarray
    freezing_heat_j_m3: np.ndarray
    facts: tuple[Sourced, ...] = ()

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and (value.shape != self.medium.shape or not np.all(np.isfinite(value))):
                raise SolverError(
                    f"shape {value.shape} on a grid of {self.medium.shape}, or not finite",
                    where=f"Properties.{field.name}",
                    remedy="Resample it to the grid and fill its holes.",
                )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels (slice, row, column)."""
        return self.medium.shape


def properties_of(labels: np.ndarray, *, tissues: Mapping[int, Tissue]) -> Properties:
    """Properties of a label map.

    Parameters
    ----------
    labels : ndarray of int
        Label per voxel, (slice, row, column).
    tissues : mapping
        Label to tissue; every label of the map must be there.

    Raises
    ------
    SourceError
        If a label has no tissue.
    """
    medium = medium_of_tissues(labels, tissues=tissues)
    found, position = np.unique(labels, return_inverse=True)

    def spread(attribute: str) -> np.ndarray:
        table = np.array([getattr(tissues[int(label)], attribute) for label in found], dtype=np.float32)
        return table[position].reshape(np.shape(labels))

    used = {f.key: f for label in found for f in tissues[int(label)].facts}
    return Properties(medium=medium, facts=tuple(used.values()), **{name: spread(name) for name in _SPREAD})


def homogeneous(name: str, *, shape: tuple[int, int, int], perfused: bool = True) -> Properties:
    """One tissue everywhere.

    Parameters
    ----------
    name : str
        One of :data:`~locoregional.physics.tissue.TISSUES`.
    shape : tuple of int
        Grid.
    perfused : bool
        Living tissue; False: ex vivo.
    """
    found = properties_of(np.zeros(shape, np.uint8), tissues={0: tissue(name)})
    return found if perfused else replace(found, medium=replace(found.medium, perfusion_heat_w_m3k=0.0))
