"""Multigrid for conduction on voxels: conjugate gradients with one V-cycle per step.

The solution and the residual to begin with are in double precision, steps in single precision; where they must go deep, the
residual is computed afresh on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import SolverError
from locoregional.physics import multigrid_kernels as kernels
from locoregional.physics import multigrid_vectors as vectors
from locoregional.physics.pace import Pace

__all__ = ["Conductances", "Multigrid"]

_SMALL = 100_000  # cells below which waking the other threads costs more than it saves
_COARSEST = 2  # cells a side of the last grid ...
_SWEEPS = 8  # ... on which this many sweeps each way are as good as a direct solution
_DEEPEST = 1e-4  # fall of the residual in single precision after which it is computed afresh in double precision
_COARSE = 2  # sweeps before and after on all grids but the finest: they cost little there and save steps
_STATE = np.float32


def _layer(shape: tuple[int, ...], dtype: type = _STATE) -> NDArray:
    return np.zeros(tuple(n + 2 for n in shape), dtype=dtype)


@dataclass(eq=False)
class Conductances:
    """Operator on one grid; arrays of float32 with a layer of unused cells around, see :mod:`multigrid_kernels`.

    Attributes
    ----------
    shape : (int, int, int)
        Cells of the grid, without the layer.
    gz, gy, gx : ndarray
        Conductance of the face to the next cell; zero at the border.
    tie : ndarray
        Conductance to ground.
    inverse : ndarray
        One over the sum of all of them.
    """

    shape: tuple[int, int, int]
    gz: NDArray[np.float32] = field(init=False)
    gy: NDArray[np.float32] = field(init=False)
    gx: NDArray[np.float32] = field(init=False)
    tie: NDArray[np.float32] = field(init=False)
    inverse: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the arrays."""
        self.gz, self.gy, self.gx, self.tie, self.inverse = (_layer(self.shape) for _ in range(5))

    @property
    def faces(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """The three face arrays."""
        return self.gz, self.gy, self.gx


class Multigrid:
    """Solver for ``tie u + sum of g (u - neighbour) = b``.

    Parameters
    ----------
    fine : Conductances
        Operator; call :meth:`update` whenever its values have changed.
    parallel : bool
        Use all threads; False: one.
    """

    def __init__(self, fine: Conductances, *, parallel: bool = True) -> None:
        self._pace = Pace(parallel=parallel)
        self._way = parallel
        self.levels = [fine]
        while max(self.levels[-1].shape) > _COARSEST:
            n0, n1, n2 = ((n + 1) // 2 for n in self.levels[-1].shape)
            self.levels.append(Conductances((n0, n1, n2)))
        self._u = [_layer(level.shape) for level in self.levels]
        self._b = [_layer(level.shape) for level in self.levels]
        self._p, self._q = _layer(fine.shape), _layer(fine.shape)
        self._applied = _layer(fine.shape, np.float64)

    def _twin(self, name: str, level: int) -> Callable[..., Any]:
        many = self._way and int(np.prod(self.levels[level].shape)) > _SMALL
        return getattr(kernels, f"{name}_{'parallel' if many else 'serial'}")

    def _vector(self, name: str) -> Callable[..., Any]:
        return getattr(vectors, f"{name}_{'parallel' if self._way else 'serial'}")

    def update(self) -> None:
        """Bring the coarse grids up to date with the fine one."""
        for n, (fine, coarse) in enumerate(zip(self.levels, self.levels[1:], strict=False)):
            self._twin("coarse_faces", n)(*fine.faces, fine.tie, *coarse.faces, coarse.tie, coarse.inverse)

    def _cycle(self, n: int) -> None:
        """One V-cycle on level n: from zero, leave the correction for ``_b[n]`` in ``_u[n]``."""
        level, u, b = self.levels[n], self._u[n], self._b[n]
        sweep = self._twin("sweep", n)
        sweep(True, 0, u, b, *level.faces, level.inverse)
        if n == len(self.levels) - 1:
            for colour in (0,) * (_SWEEPS - 1) + (1,) * _SWEEPS:
                sweep(False, colour, u, b, *level.faces, level.inverse)
            return
        sweeps = _COARSE if n else 1
        for _ in range(sweeps - 1):
            sweep(False, 0, u, b, *level.faces, level.inverse)
        self._twin("restrict", n)(u, b, *level.faces, level.tie, self._b[n + 1])
        self._cycle(n + 1)
        self._twin("prolong", n)(u, self._u[n + 1])
        for _ in range(sweeps):
            sweep(False, 1, u, b, *level.faces, level.inverse)

    def solve(self, u: NDArray[np.float64], b: NDArray[np.float64], *, tolerance: float, most: int = 100) -> int:
        """Improve ``u`` until the residual is below ``tolerance`` times the right-hand side.

        Parameters
        ----------
        u : ndarray of float64
            First guess with the layer around; holds the solution afterwards.
        b : ndarray of float64
            Right-hand side with the layer around.
        tolerance : float
            Relative residual in the maximum-free Euclidean norm.
        most : int
            Most iterations.

        Returns
        -------
        int
            Iterations taken.

        Raises
        ------
        SolverError
            If the residual is not finite or does not fall.
        """
        fine = self.levels[0]
        r, z, p, q = self._b[0], self._u[0], self._p, self._q
        iteration = 0
        while True:
            self._twin("apply", 0)(u, self._applied, *fine.faces, fine.tie)
            size, square = self._vector("start")(b, self._applied, r)
            if square <= tolerance**2 * size:
                return iteration
            goal, last, fresh = max(tolerance**2 * size, _DEEPEST**2 * square), 1.0, True
            while iteration < most and goal < square < np.inf:
                self._way = self._pace.begin()
                self._cycle(0)
                last = self._vector("turn")(r, z, p, last, fresh)
                curvature = self._twin("apply", 0)(p, q, *fine.faces, fine.tie)
                square = self._vector("step")(last / curvature, u, p, r, q)
                self._pace.end()
                iteration, fresh = iteration + 1, False
            if not goal >= square:
                break
        raise SolverError(
            f"no convergence in {most} iterations: residual {np.sqrt(square / size):.1e} of the right-hand side",
            where="Multigrid.solve",
            remedy="Look for isolated or extreme conductivities.",
        )
