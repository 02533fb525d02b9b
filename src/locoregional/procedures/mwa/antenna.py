"""Antennas as stacks of coaxial parts, and their heating pattern (SAR) in tissue that changes as it heats and dries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.procedures.mwa.field import Field, solve_field
from locoregional.procedures.mwa.mesh import Mesh, graded_lines

__all__ = ["METAL", "Antenna", "AntennaModel", "Part"]

METAL = "metal"
"""Name of the perfectly conducting material."""

RADIUS_MM = 45.0
"""Reach of the field mesh from the axis at 2.45 GHz: beyond four penetration depths of liver; longer for longer waves."""
BEYOND_TIP_MM = 35.0
"""Reach of the field mesh ahead of the tip."""
BEHIND_SLOT_MM = 55.0
"""Reach of the field mesh behind the last radiating edge, up the shaft."""
EDGE_CELL_MM = 0.11
"""Cell at the edges of the radiating parts in the production mesh (reflected power within 1 % of the refined mesh)."""
LARGEST_CELL_MM = 1.6
"""Largest cell in the production mesh at 2.45 GHz: a twelfth of the wavelength in liver; longer for longer waves."""
REFERENCE_HZ, LONGEST = 2.45e9, 2.7
"""Frequency of the reaches above, and the most by which they grow with the wavelength: enough for 915 MHz."""


@dataclass(frozen=True)
class Part:
    """A ring of one material.

    Attributes
    ----------
    material : str
        ``metal`` or a key of the antenna's dielectrics.
    r_mm, z_mm : (float, float)
        Inner and outer radius; distance from the tip towards the hub, where ``inf`` means up to the hub.
    """

    material: str
    r_mm: tuple[float, float]
    z_mm: tuple[float, float]


@dataclass(frozen=True)
class Antenna:
    """Geometry of an antenna; later parts overwrite earlier ones, what no part covers is tissue.

    Attributes
    ----------
    frequency_hz : float
        Working frequency.
    parts : tuple of Part
        From the outside in.
    dielectrics : mapping of str to (relative permittivity, conductivity [S/m])
        Materials of the parts.
    port_mm : (float, float)
        Inner and outer radius of the coaxial cable that feeds the antenna.
    """

    frequency_hz: float
    parts: tuple[Part, ...]
    dielectrics: Mapping[str, tuple[float, float]] = field(hash=False)
    port_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def radius_mm(self) -> float:
        """Outer radius of the needle."""
        return max(p.r_mm[1] for p in self.parts)

    @property
    def edges_mm(self) -> tuple[float, ...]:
        """Distances from the tip at which a part begins or ends, sorted."""
        return tuple(sorted({z for p in self.parts for z in p.z_mm if np.isfinite(z)}))


class AntennaModel:
    """An antenna on its mesh, ready to be solved again and again as the tissue changes.

    Parameters
    ----------
    antenna : Antenna
        What radiates.
    coarseness : float
        1 for the production mesh; 2 doubles every cell size (for ensembles), 0.5 halves it (for refinement studies).

    Attributes
    ----------
    mesh : Mesh
        Faces [m].
    tissue : ndarray of bool, shape (nz, nr)
        Cells outside the antenna.
    """

    def __init__(self, antenna: Antenna, *, coarseness: float = 1.0) -> None:
        if not 0.1 <= coarseness <= 4.0:
            raise GeometryError(f"coarseness {coarseness} is out of range", remedy="Use 0.1 (fine) to 4 (coarse).")
        self.antenna = antenna
        longer = min(max(1.0, REFERENCE_HZ / antenna.frequency_hz), LONGEST)
        top = antenna.edges_mm[-1] + longer * BEHIND_SLOT_MM
        radii = {r for p in antenna.parts for r in p.r_mm} | {0.0, longer * RADIUS_MM, *antenna.port_mm}
        heights = set(antenna.edges_mm) | {-longer * BEYOND_TIP_MM, top}
        cell, largest = EDGE_CELL_MM * coarseness, LARGEST_CELL_MM * coarseness * longer
        z = graded_lines(heights, [(e, 2.0 * cell) for e in antenna.edges_mm], largest=largest)
        r = graded_lines(radii, [(antenna.port_mm[1], cell), (antenna.radius_mm, cell)], largest=largest)
        self.mesh = Mesh(z * 1e-3, r * 1e-3)
        zc, rc = 1e3 * self.mesh.z_centres_m[:, None], 1e3 * self.mesh.r_centres_m[None, :]
        self._permittivity = np.ones(self.mesh.shape)
        self._conductivity = np.zeros(self.mesh.shape)
        self.metal = np.zeros(self.mesh.shape, bool)
        self.tissue = np.ones(self.mesh.shape, bool)
        for part in antenna.parts:
            here = (rc > part.r_mm[0]) & (rc < part.r_mm[1]) & (zc > part.z_mm[0]) & (zc < part.z_mm[1])
            self.tissue &= ~here
            self.metal[here] = part.material == METAL
            if part.material != METAL:
                self._permittivity[here], self._conductivity[here] = antenna.dielectrics[part.material]
        lines = 1e3 * self.mesh.r_m
        self._port = slice(int(np.argmin(np.abs(lines - antenna.port_mm[0]))), int(np.argmin(np.abs(lines - antenna.port_mm[1]))))

    def solve(self, *, permittivity: ArrayLike, conductivity_s_m: ArrayLike) -> Field:
        """Field for tissue of the given dielectric properties.

        Parameters
        ----------
        permittivity, conductivity_s_m : float or ndarray, shape (nz, nr)
            Of the tissue; values inside the antenna are ignored.

        Returns
        -------
        Field
            Per watt of incident power; its ``sar_w_m3`` is zero in metal.
        """
        return solve_field(
            self.mesh,
            permittivity=np.where(self.tissue, permittivity, self._permittivity),
            conductivity_s_m=np.where(self.tissue, conductivity_s_m, self._conductivity),
            metal=self.metal,
            frequency_hz=self.antenna.frequency_hz,
            port=self._port,
        )

    def tissue_share(self, solution: Field) -> float:
        """Share of the incident power that heats tissue (the rest is reflected, radiated or heats the antenna)."""
        return float((solution.sar_w_m3 * self.mesh.volumes_m3)[self.tissue].sum())

    def tissue_sar(self, solution: Field) -> NDArray[np.float64]:
        """SAR in tissue, zero inside the antenna, shape (nz, nr) [W/m3 per W]."""
        return np.where(self.tissue, solution.sar_w_m3, 0.0)
