"""Axisymmetric frequency-domain Maxwell equations (TM: H_phi, E_r, E_z) by finite integration on a (z, r) mesh.

The unknown is ``U = r H_phi`` in each cell; E lives on the edges between cells, so a perfect conductor is an edge without E,
material jumps across an edge need no interpolation of the normal field, and the discrete Poynting theorem holds to rounding:
what the port sends in is reflected, absorbed or radiated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from locoregional.errors import SolverError
from locoregional.procedures.mwa.mesh import Mesh

__all__ = ["EPS0_F_M", "MU0_H_M", "Field", "solve_field"]

MU0_H_M = 1.25663706212e-6
"""Magnetic constant (CODATA 2018)."""
EPS0_F_M = 8.8541878128e-12
"""Electric constant (CODATA 2018)."""
BALANCE_TOLERANCE = 1e-6
"""Largest accepted share of the input power that the direct solve may lose to rounding."""


@dataclass(frozen=True, eq=False)
class Field:
    """The field of an antenna per watt that arrives at its port.

    Attributes
    ----------
    mesh : Mesh
        Where it lives.
    sar_w_m3 : ndarray, shape (nz, nr) [W/m3 per W]
        Power turned into heat, outside and inside the applicator.
    reflection : complex
        Voltage reflection coefficient at the port (phase at the port plane).
    reflected, absorbed, radiated : float
        Shares of the incident power; ``absorbed`` is all heat in the mesh, ``radiated`` leaves through the outer boundary.
    u_a : ndarray of complex, shape (nz, nr) [A]
        ``r H_phi`` for 1 W.
    """

    mesh: Mesh
    sar_w_m3: NDArray[np.float64]
    reflection: complex
    reflected: float
    absorbed: float
    radiated: float
    u_a: NDArray[np.complex128]

    @property
    def balance(self) -> float:
        """Incident minus reflected, absorbed and radiated power, as a share of the incident."""
        return 1.0 - self.reflected - self.absorbed - self.radiated


def _edges(mesh: Mesh, eps: NDArray, metal: NDArray, omega: float) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Edge impedances (E dl per dU) of radial edges (nz+1, nr) and axial edges (nz, nr+1), and their two boundary wave terms."""
    nz, nr = mesh.shape
    dz, r, rc = np.diff(mesh.z_m), mesh.r_m, mesh.r_centres_m
    log_r = np.empty(nr)
    log_r[1:] = np.log(r[2:] / r[1:-1])
    log_r[0] = np.log(r[1] / r[0]) if r[0] > 0 else 2.0  # dr / r at the middle of the cell on the axis
    wave = np.sqrt(eps / MU0_H_M)  # 1 / wave impedance of each cell, for the absorbing boundary
    half = 1j * omega * eps * (0.5 * dz)[:, None]
    y_r = np.zeros((nz + 1, nr), complex)
    y_r[:-1] += half
    y_r[1:] += half
    y_r[0] += wave[0]
    y_r[-1] += wave[-1]
    z_r = log_r[None, :] / y_r
    block_r = np.zeros((nz + 1, nr), bool)
    block_r[:-1] |= metal
    block_r[1:] |= metal
    z_r[block_r] = 0.0
    inner = 0.5 * (rc**2 - r[:-1] ** 2)
    outer = 0.5 * (r[1:] ** 2 - rc**2)
    y_z = np.zeros((nz, nr + 1), complex)
    y_z[:, :-1] += 1j * omega * eps * inner
    y_z[:, 1:] += 1j * omega * eps * outer
    y_z[:, -1] += wave[:, -1] * r[-1]
    z_z = dz[:, None] / y_z
    block_z = np.zeros((nz, nr + 1), bool)
    block_z[:, :-1] |= metal
    block_z[:, 1:] |= metal
    if r[0] > 0:
        block_z[:, 0] = True  # a mesh that starts off the axis starts on a conductor
    z_z[block_z] = 0.0
    return z_r, z_z, log_r, wave


def solve_field(
    mesh: Mesh,
    *,
    permittivity: NDArray[np.float64],
    conductivity_s_m: NDArray[np.float64],
    metal: NDArray[np.bool_],
    frequency_hz: float,
    port: slice,
) -> Field:
    """Field of a coaxial port with 1 W of incident TEM wave at the top of the mesh.

    Parameters
    ----------
    mesh : Mesh
        Faces in metres.
    permittivity, conductivity_s_m : ndarray, shape (nz, nr)
        Relative permittivity and conductivity of the cells (ignored in metal).
    metal : ndarray of bool, shape (nz, nr)
        Perfectly conducting cells.
    frequency_hz : float
        Frequency.
    port : slice
        Radial cells of the coaxial port in the top row; their material must be uniform.

    Returns
    -------
    Field
        Per watt of incident power.

    Raises
    ------
    SolverError
        If a property is impossible or not finite, or the power balance does not close.
    """
    nz, nr = mesh.shape
    free = ~metal
    if not (permittivity[free] > 0).all() or not (conductivity_s_m[free] >= 0).all():
        raise SolverError(
            "permittivity must be positive and conductivity not negative everywhere outside metal",
            where="electromagnetic solve",
            remedy="Check the dielectric properties and the temperatures they were taken at.",
        )
    omega = 2.0 * np.pi * frequency_hz
    eps = EPS0_F_M * np.where(metal, 1.0, permittivity) - 1j * np.where(metal, 0.0, conductivity_s_m) / omega
    z_r, z_z, log_r, wave = _edges(mesh, eps, metal, omega)
    dz = np.diff(mesh.z_m)

    diagonal = z_r[1:] + z_r[:-1] + z_z[:, 1:] + z_z[:, :-1] + 1j * omega * MU0_H_M * log_r[None, :] * dz[:, None]
    up = -z_r[1:-1].ravel()
    right = -z_z[:, 1:].copy()
    right[:, -1] = 0.0
    right = right.ravel()[:-1]
    matrix = sparse.diags([diagonal.ravel(), right, right, up, up], [0, 1, -1, nr, -nr], format="csc")

    port_log = float(np.log(mesh.r_m[port.stop] / mesh.r_m[port.start]))
    port_wave = float(wave[-1, port.start].real)
    incident_v = np.sqrt(port_log / (np.pi * port_wave))  # 1 W: P = V^2 / (2 Z0), Z0 = ln(b/a) / (2 pi wave)
    drive = 2.0 * incident_v * port_wave / port_log
    rhs = np.zeros((nz, nr), complex)
    rhs[-1, port] = -z_r[-1, port] * drive
    u = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}).solve(rhs.ravel())
    u = u.reshape(nz, nr)

    step = np.zeros((nz + 1, nr), complex)
    step[1:-1] = np.diff(u, axis=0)
    step[0], step[-1] = u[0], -u[-1]
    step[-1, port] -= drive
    e_r = -z_r * step  # E_r dr, shape (nz + 1, nr)
    step_z = np.zeros((nz, nr + 1), complex)
    step_z[:, 1:-1] = np.diff(u, axis=1)
    step_z[:, 0], step_z[:, -1] = u[:, 0], -u[:, -1]
    e_z = z_z * step_z / dz[:, None]

    sigma = np.where(metal, 0.0, conductivity_s_m)
    r, rc = mesh.r_m, mesh.r_centres_m
    power_r = 0.5 * dz[:, None] / log_r[None, :] * (np.abs(e_r[:-1]) ** 2 + np.abs(e_r[1:]) ** 2)
    power_z = (
        0.5 * dz[:, None] * (np.abs(e_z[:, :-1]) ** 2 * (rc**2 - r[:-1] ** 2) + np.abs(e_z[:, 1:]) ** 2 * (r[1:] ** 2 - rc**2))
    )
    heat = np.pi * sigma * (power_r + power_z)
    open_top = np.ones(nr, bool)
    open_top[port] = False
    radiated = np.pi * float(
        (wave[:, -1].real * np.abs(e_z[:, -1]) ** 2 * r[-1] * dz).sum()
        + (wave[0].real * np.abs(e_r[0]) ** 2 / log_r).sum()
        + (wave[-1].real * np.abs(e_r[-1]) ** 2 / log_r)[open_top].sum()
    )
    reflection = complex(e_r[-1, port].sum() / incident_v - 1.0)
    field = Field(
        mesh=mesh,
        sar_w_m3=heat / mesh.volumes_m3,
        reflection=reflection,
        reflected=abs(reflection) ** 2,
        absorbed=float(heat.sum()),
        radiated=radiated,
        u_a=u,
    )
    if not abs(field.balance) < BALANCE_TOLERANCE:
        raise SolverError(
            f"the power of the antenna does not balance: {field.balance:.2e} of the input is lost",
            where="electromagnetic solve",
            remedy="Check that the port is filled by one dielectric and that the mesh has no degenerate cell.",
        )
    return field
