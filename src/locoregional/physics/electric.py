"""Electric current in tissue: quasi-static field between electrodes thinner than a voxel, and the heat it makes.

``div(sigma grad V) = 0`` in finite volumes with harmonic face conductances. Electrodes are smeared rods (see :mod:`wire`), so
that they feed every voxel they touch through a conductance and couple no voxels to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import SolverError
from locoregional.physics.electric_kernels import conductances_parallel, conductances_serial, heat_parallel, heat_serial
from locoregional.physics.multigrid import Conductances, Multigrid
from locoregional.physics.wire import Exchange, Wire, exchange

__all__ = ["BORDERS", "Current", "ElectricField"]

BORDERS = ("far", "earthed", "insulated")
"""What lies beyond the grid: tissue without end, a conductor at zero, or nothing."""
_TOLERANCE = 1e-5  # residual of the field, as a share of its right-hand side
_IMBALANCE = 1e-3  # largest share of the electrodes' power that may be missing from the heat
_TIGHTER = 4  # residuals that are tried, each a tenth of the one before, until power and heat agree
_REMEMBERED = 8  # patterns of potentials whose last field is kept to start from
_INNER = (slice(1, -1),) * 3


@dataclass(frozen=True, eq=False)
class Current:
    """Field of one pattern of potentials; currents scale with the potentials, heat with their square.

    Attributes
    ----------
    potentials_v : tuple of float
        Of the electrodes; those of a balanced field are shifted so that their currents add up to zero.
    currents_a : tuple of float
        Out of each electrode.
    power_w : float
        Sum of potential times current.
    heat_w_m3 : ndarray of float32, shape (slices, rows, columns)
        Heat of the current between voxels.
    contact_w_m3 : ndarray of float32, same shape
        Heat of the current between the smeared electrodes and their voxels: part of the tissue's heat, but see :meth:`heated`.
    beyond_w : float
        Heat outside the grid.
    potential_v : ndarray of float64, same shape
        The field.
    iterations : int
        Steps of the solver.
    imbalance_share : float
        What is missing between ``power_w`` and all heat, as a share.
    """

    potentials_v: tuple[float, ...]
    currents_a: tuple[float, ...]
    power_w: float
    heat_w_m3: NDArray[np.float32]
    contact_w_m3: NDArray[np.float32]
    beyond_w: float
    potential_v: NDArray[np.float64]
    iterations: int
    imbalance_share: float

    def heated(self, *, cooled: bool) -> NDArray[np.float32]:
        """Heat of the tissue [W/m3].

        Around an electrode that coolant holds at its temperature, half of the contact's heat goes straight into the coolant:
        with ``k lap T = k c rho T - sigma (|grad u|^2 + c rho u^2 / 2)`` and ``lap u = c rho u``, temperature and potential drop
        ``u`` obey ``T = sigma (2 U u - u^2) / 2k`` everywhere, as they do around the solid electrode.
        """
        return self.heat_w_m3 + (np.float32(0.5) if cooled else np.float32(1.0)) * self.contact_w_m3


def _border(shape: tuple[int, int, int], *, kind: str, centre_m: NDArray, spacing_m: float) -> NDArray[np.float32]:
    """Conductance through the border per conductivity and length, shape ``shape``; beyond ``far`` the field falls as 1/r."""
    out = np.zeros(shape, dtype=np.float32)
    if kind == "insulated":
        return out
    for axis in range(3):
        for end in (0, shape[axis] - 1):
            face = end + (-0.5 if end == 0 else 0.5)
            at = [np.arange(n, dtype=float) * spacing_m - c for n, c in zip(shape, centre_m, strict=True)]
            at[axis] = np.array([face * spacing_m - centre_m[axis]])
            out_of = abs(float(at[axis][0]))
            p0, p1, p2 = np.meshgrid(*at, indexing="ij", sparse=True)
            here = tuple(slice(end, end + 1) if a == axis else slice(None) for a in range(3))
            if kind == "earthed":
                out[here] += 2.0
            else:
                out[here] += 1.0 / (0.5 + (p0 * p0 + p1 * p1 + p2 * p2) / (spacing_m * out_of))
    return out


class ElectricField:
    """Electrodes in a grid; solves for any conductivity of its tissue, starting from the field before.

    Parameters
    ----------
    electrodes : sequence of sequences of Wire
        Rods of each electrode.
    shape : (int, int, int)
        Voxels along (slice, row, column).
    spacing_m : float
        Side of the cubic voxels.
    border : str
        One of :data:`BORDERS`. ``far``: the field goes on as ``1/r`` from the electrodes' middle, with zero infinitely far away:
        right for a distant pad, and for the small rest of the field of electrodes that face each other.
    parallel : bool
        Use all threads; False: one, safe to call from several Python threads at once.

    Raises
    ------
    SolverError
        If there is no electrode, one leaves the grid, or the border is unknown.
    """

    def __init__(
        self,
        electrodes: Sequence[Sequence[Wire]],
        *,
        shape: tuple[int, int, int],
        spacing_m: float,
        border: str = "far",
        parallel: bool = True,
    ) -> None:
        if border not in BORDERS:
            raise SolverError(f"unknown border {border!r}", where="border", remedy=f"Use one of {', '.join(BORDERS)}.")
        if not electrodes:
            raise SolverError("no electrode", where="electrodes", remedy="Give at least one.")
        self.shape, self.spacing_m, self.parallel = shape, float(spacing_m), parallel
        self.contacts: list[Exchange] = [exchange(rods, shape=shape, spacing_m=spacing_m) for rods in electrodes]
        rods = [rod for each in electrodes for rod in each]
        weights = [rod.length_m for rod in rods]
        centre = np.average([np.add(rod.start_m, rod.stop_m) / 2 for rod in rods], axis=0, weights=weights)
        self._border = _border(shape, kind=border, centre_m=centre, spacing_m=self.spacing_m)
        self._ground = self._border + self.spacing_m**2 * sum(c.full(shape) for c in self.contacts)
        self._edge = np.nonzero(self._border)
        self._out = self._border[self._edge]
        self._at = [np.unravel_index(contact.cells, shape) for contact in self.contacts]
        self._fine = Conductances(shape)
        self._multigrid = Multigrid(self._fine, parallel=parallel)
        self._fields: dict[tuple[float, ...], NDArray[np.float64]] = {}
        self._b = np.zeros(tuple(n + 2 for n in shape))

    def solve(
        self,
        conductivity_s_m: NDArray[np.float32],
        potentials_v: Sequence[float],
        *,
        balanced: bool = False,
        tolerance: float = _TOLERANCE,
    ) -> Current:
        """Field, currents and heat.

        Parameters
        ----------
        conductivity_s_m : ndarray, shape (slices, rows, columns)
            Electric conductivity of the tissue; 0 in air.
        potentials_v : sequence of float
            Of each electrode.
        balanced : bool
            The generator feeds no current into the earth: all potentials are shifted together until it is so.
        tolerance : float
            Residual of the field, as a share of the right-hand side; tightened as long as power and heat differ.

        Returns
        -------
        Current
            Checked: a field whose heat is not its power raises.

        Raises
        ------
        SolverError
            If the conductivity does not fit, an electrode conducts nowhere, the field does not converge or loses power.
        """
        sigma = np.ascontiguousarray(conductivity_s_m, dtype=np.float32)
        if sigma.shape != self.shape or not np.all(np.isfinite(sigma)) or sigma.min() < 0:
            raise SolverError(
                f"conductivity of shape {sigma.shape} on a grid of {self.shape}, or not a conductivity",
                where="conductivity_s_m",
                remedy="Resample it to the grid and fill its holes.",
            )
        if len(potentials_v) != len(self.contacts):
            raise SolverError(f"{len(potentials_v)} potentials for {len(self.contacts)} electrodes", where="potentials_v")
        fine = self._fine
        np.multiply(sigma, self._ground, out=fine.tie[_INNER])
        (conductances_parallel if self.parallel else conductances_serial)(sigma, *fine.faces, fine.tie, fine.inverse)
        self._multigrid.update()
        wanted = tuple(float(v) for v in potentials_v)
        steps = 0
        for _ in range(_TIGHTER):
            current = self._solved(sigma, wanted, balanced=balanced, tolerance=tolerance)
            steps += current.iterations
            if current.imbalance_share < _IMBALANCE:
                return replace(current, iterations=steps)
            tolerance *= 0.1
        raise SolverError(
            f"{100 * current.imbalance_share:.2f} % of the power is missing from the heat",
            where="ElectricField.solve",
            remedy="Look for extreme conductivities at the electrodes.",
        )

    def _solved(self, sigma: NDArray[np.float32], wanted: tuple[float, ...], *, balanced: bool, tolerance: float) -> Current:
        field, steps = self._field(sigma, wanted, tolerance)
        if balanced:
            ones, more = self._field(sigma, (1.0,) * len(wanted), tolerance)
            leak = sum(self._currents(sigma, ones, (1.0,) * len(wanted)))
            net = sum(self._currents(sigma, field, wanted))
            if leak > 0.0:
                shift = net / leak
                field, wanted = field - shift * ones, tuple(v - shift for v in wanted)
            steps += more
        return self._current(sigma, field, wanted, steps)

    def _field(
        self, sigma: NDArray[np.float32], potentials: tuple[float, ...], tolerance: float
    ) -> tuple[NDArray[np.float64], int]:
        """Potential with a layer around, starting from the last one of these potentials."""
        flat, fed = sigma.ravel(), self._b[_INNER]
        for at in self._at:
            fed[at] = 0.0
        for contact, at, v in zip(self.contacts, self._at, potentials, strict=True):
            fed[at] += self.spacing_m**2 * v * contact.weight_1_m2 * flat[contact.cells]
        if not any(np.any(fed[at]) for at in self._at):
            raise SolverError("no electrode touches tissue that conducts", where="ElectricField", remedy="Move the electrode.")
        if potentials not in self._fields:
            while len(self._fields) >= _REMEMBERED:
                self._fields.pop(next(iter(self._fields)))
            self._fields[potentials] = np.zeros_like(self._b)
        field = self._fields[potentials]
        return field, self._multigrid.solve(field, self._b, tolerance=tolerance)

    def _currents(self, sigma: NDArray, field: NDArray, potentials: tuple[float, ...]) -> list[float]:
        inner, flat = field[_INNER], sigma.ravel()
        out = []
        for contact, at, v in zip(self.contacts, self._at, potentials, strict=True):
            out.append(float(np.sum(flat[contact.cells] * contact.weight_1_m2 * (v - inner[at]))) * self.spacing_m**3)
        return out

    def _current(self, sigma: NDArray[np.float32], field: NDArray, potentials: tuple[float, ...], steps: int) -> Current:
        h = self.spacing_m
        heat, contact_heat = np.empty(self.shape, np.float32), np.zeros(sigma.size, np.float32)
        kernel = heat_parallel if self.parallel else heat_serial
        inside = kernel(field, sigma, *self._fine.faces, heat, 0.5 / h**2) * h**3
        inner, flat = field[_INNER], sigma.ravel()
        for contact, at, v in zip(self.contacts, self._at, potentials, strict=True):
            fed = flat[contact.cells] * contact.weight_1_m2 * (v - inner[at]) ** 2
            contact_heat[contact.cells] += fed.astype(np.float32)
            inside += float(fed.sum()) * h**3
        beyond = float(np.sum(sigma[self._edge].astype(float) * self._out * inner[self._edge] ** 2)) * h
        currents = self._currents(sigma, field, potentials)
        power = sum(v * i for v, i in zip(potentials, currents, strict=True))
        missing = abs(power - inside - beyond) / max(abs(power), 1e-300)
        return Current(
            potentials_v=potentials,
            currents_a=tuple(currents),
            power_w=power,
            heat_w_m3=heat,
            contact_w_m3=contact_heat.reshape(self.shape),
            beyond_w=beyond,
            potential_v=inner,
            iterations=steps,
            imbalance_share=missing,
        )
