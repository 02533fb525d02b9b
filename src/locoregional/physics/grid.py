"""The working arrays of one heat simulation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.conductance import face_sum, faces, faces_serial
from locoregional.physics.medium import Medium, boiling_range_c
from locoregional.sources import read_facts

__all__ = ["Grid", "lay_grid"]

_SAFETY = 0.95  # share of the largest monotone step that is used
_LONGEST_S = 2.0  # no step is longer: the scheme is of first order in time, and sources and damage change within seconds
_PACED = 0.5  # tissue that conducts so much better when hot that its step falls below this share of the cold one is paced
_STIFF = 0.5  # cells whose limit is below this share of the median may get steps of their own (metal, gas)
_STATE = np.float32


@dataclass
class Grid:
    """Arrays that the kernels share; a layer of cells around the domain keeps its temperature (or, insulated, lets no heat pass).

    ``u`` is the excess over body temperature, ``w`` the loss to blood and sinks now, ``sink`` the part that stays without blood,
    ``pairs`` the faces between free and held cells. ``crop`` takes the layer of an insulated domain off.
    """

    body_c: float
    volume_m3: float
    inv_square: tuple[np.float32, np.float32, np.float32]
    pad: int
    k0: np.ndarray
    slope: np.ndarray
    limit: np.float32
    moist: np.ndarray
    dry: np.ndarray
    latent: np.ndarray
    low: np.float32
    high: np.float32
    boils: bool
    perfusion: np.ndarray
    sink: np.ndarray
    sink_rise: np.ndarray
    held: np.ndarray
    u: np.ndarray
    gz: np.ndarray
    gy: np.ndarray
    gx: np.ndarray
    w: np.ndarray
    b: np.ndarray
    parallel: bool
    pairs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(init=False)
    sinks: np.ndarray = field(init=False)
    row_max: np.ndarray = field(init=False)
    stable_s: float = field(init=False)
    base: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    stiffness: np.ndarray = field(init=False)
    stiff_rate_1_s: float = 0.0
    step_share: float = _SAFETY
    longest_s: float = _LONGEST_S

    @property
    def paced(self) -> bool:
        """Whether the step follows the conductances of the moment: what they can grow to would make it far too short."""
        return self.stiff_rate_1_s > 0

    @property
    def slopes(self) -> bool:
        """Whether any conductivity depends on temperature."""
        return bool(np.any(self.slope))

    def crop(self, array: np.ndarray) -> np.ndarray:
        """Part of a working array that is the caller's grid."""
        if not self.pad:
            return array
        return array[1:-1, 1:-1, 1:-1]

    def widen(self, array: np.ndarray, *, fill: float = 0.0) -> np.ndarray:
        """Caller's array as float32 with the layer of an insulated domain around it."""
        array = np.ascontiguousarray(array, dtype=_STATE)
        return np.pad(array, 1, constant_values=fill) if self.pad else array

    def update_faces(self, *, everywhere: bool = False) -> None:
        """Bring the face conductances to the present temperatures."""
        kernel = faces if self.parallel else faces_serial
        kernel(self.k0, self.slope, self.u, self.limit, self.inv_square, self.row_max, self.gz, self.gy, self.gx, everywhere)

    def set_step(self, dt_s: float) -> None:
        """Write ``b`` for a step of ``dt_s``; held cells keep 0."""
        np.divide(np.float32(dt_s), self.moist + np.float32(dt_s) * self.w, out=self.b)
        self.b[self.held] = 0.0

    def box_limit_s(self, box: tuple[int, int, int, int, int, int]) -> float:
        """Stable step inside a box, dry or moist."""
        i0, i1, j0, j1, k0, k1 = box
        return _SAFETY / float(self.stiffness[i0:i1, j0:j1, k0:k1].max())


def _pairs(held: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Per axis, flat indices (free, held, lower cell of the face) of all faces between a free and a held cell."""
    index = np.arange(held.size, dtype=np.int32 if held.size < 2**31 else np.int64).reshape(held.shape)
    found = []
    for axis in range(3):
        first = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        second = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        differ = held[first] != held[second]
        one, two, first_held = index[first][differ], index[second][differ], held[first][differ]
        found.append((np.where(first_held, two, one), np.where(first_held, one, two), one))
    return found


def _stiff_box(limit_s: np.ndarray) -> tuple[int, int, int, int, int, int]:
    """Box of the few cells that would slow down all others, or an empty one where that does not pay."""
    none = (0, 0, 0, 0, 0, 0)
    finite = np.isfinite(limit_s)
    median = float(np.median(limit_s[finite]))
    stiff = finite & (limit_s < _STIFF * median)
    if not stiff.any():
        return none
    bounds = [(int(at.min()), int(at.max()) + 1) for at in np.nonzero(stiff)]
    share = np.prod([b - a for a, b in bounds]) / limit_s.size
    fast = float(limit_s[stiff].min())
    slow = float(limit_s[finite & ~stiff].min())
    if share / fast + 1.0 / slow >= 1.0 / fast:
        return none
    (i0, i1), (j0, j1), (k0, k1) = bounds
    return i0, i1, j0, j1, k0, k1


def lay_grid(medium: Medium, *, spacing_m: tuple[float, float, float], body_c: float, insulated: bool, parallel: bool) -> Grid:
    """Working arrays for a medium, with the largest stable step.

    Parameters
    ----------
    medium : Medium
        Properties per voxel.
    spacing_m : tuple of float
        Voxel size along (slice, row, column).
    body_c : float
        Body temperature, the zero of ``u``.
    insulated : bool
        No heat leaves the box; otherwise its outermost voxels stay at body temperature.
    parallel : bool
        Whether to use all threads.

    Returns
    -------
    Grid
        At body temperature everywhere except in held voxels.

    Raises
    ------
    SolverError
        If the spacing is not positive or nothing is free to warm.
    """
    if len(spacing_m) != 3 or not all(np.isfinite(s) and s > 0 for s in spacing_m):
        raise SolverError(f"voxel size {spacing_m} m", where="spacing_m", remedy="Give three positive lengths in metres.")
    pad = 1 if insulated else 0

    def laid(name: str, *, default: float = 0.0, fill: float = 0.0) -> np.ndarray:
        array = medium.full(name, default)
        return np.pad(array, 1, constant_values=fill) if pad else np.array(array)

    moist = laid("volumetric_heat_capacity_j_m3k", fill=1.0)
    held = np.pad(medium.held, 1, constant_values=True) if medium.held is not None and pad else None
    if held is None:
        held = np.ones(moist.shape, dtype=bool)
        held[1:-1, 1:-1, 1:-1] = False if medium.held is None else np.asarray(medium.held, dtype=bool)[1:-1, 1:-1, 1:-1]
    rise = laid("held_temperature_c", default=body_c, fill=body_c) - np.float32(body_c)
    own = np.zeros(moist.shape, dtype=bool)
    if medium.held is not None:
        own[...] = np.pad(medium.held, 1) if pad else medium.held
    if held.all():
        raise SolverError(
            "every voxel is held at its temperature", where="Medium.held", remedy="Enlarge the grid or free some voxels."
        )
    low, high = boiling_range_c(medium)
    shape = moist.shape
    zeros = [np.zeros(shape, dtype=_STATE) for _ in range(5)]
    perfusion, sink = laid("perfusion_heat_w_m3k"), laid("sink_w_m3k")
    perfusion[held] = 0.0
    sink[held] = 0.0
    grid = Grid(
        body_c=body_c,
        volume_m3=float(np.prod(spacing_m)),
        inv_square=(np.float32(spacing_m[0] ** -2), np.float32(spacing_m[1] ** -2), np.float32(spacing_m[2] ** -2)),
        pad=pad,
        k0=laid("conductivity_w_mk"),
        slope=laid("conductivity_slope_w_mk2"),
        limit=np.float32(float(read_facts(__package__)["conductivity_slope.limit"]) - body_c),
        moist=moist,
        dry=laid("vapour_heat_capacity_j_m3k", fill=1.0) if medium.boils else moist,
        latent=laid("latent_heat_j_m3") if medium.boils else zeros[0],
        low=np.float32(low - body_c),
        high=np.float32(high - body_c),
        boils=medium.boils,
        perfusion=perfusion,
        sink=sink,
        sink_rise=laid("sink_temperature_c", default=body_c, fill=body_c) - np.float32(body_c),
        held=held,
        u=np.where(own, rise, np.float32(0.0)).astype(_STATE),
        gz=zeros[1],
        gy=zeros[2],
        gx=zeros[3],
        w=perfusion + sink,
        b=zeros[4],
        parallel=parallel,
    )
    grid.pairs = _pairs(held)
    grid.sinks = np.flatnonzero(sink)
    grid.row_max = grid.u.max(axis=2)
    present = grid.u
    if grid.slopes:
        grid.u = np.full(shape, grid.limit, dtype=_STATE)  # the conductances can grow to this: they bound the step
    grid.update_faces(everywhere=True)
    around = face_sum(grid.gz, grid.gy, grid.gx).astype(np.float64)
    around[held] = 0.0
    with np.errstate(divide="ignore"):
        limit_s = np.where(around > 0, moist / around, np.inf)
    grid.stiffness = around / np.minimum(moist, grid.dry)
    grid.base = _stiff_box(limit_s)
    slow = limit_s.copy()
    i0, i1, j0, j1, k0, k1 = grid.base
    slow[i0:i1, j0:j1, k0:k1] = np.inf
    grid.stable_s = min(_SAFETY * float(slow.min()), _LONGEST_S)
    if grid.slopes:
        grid.u = present
        grid.update_faces(everywhere=True)
        rates = (face_sum(grid.gz, grid.gy, grid.gx) / moist)[~held]
        if float(slow.min()) * float(rates.max()) < _PACED:
            grid.base, grid.stable_s = (0, 0, 0, 0, 0, 0), min(_SAFETY * float(limit_s.min()), _LONGEST_S)
            grid.stiff_rate_1_s = float(np.median(rates)) / _STIFF
    return grid
