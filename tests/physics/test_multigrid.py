"""The solver for conduction against direct solutions and its own promises."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from locoregional.errors import SolverError
from locoregional.physics import multigrid
from locoregional.physics.electric_kernels import conductances_serial
from locoregional.physics.multigrid import Conductances, Multigrid

INNER = (slice(1, -1),) * 3


def laid(sigma, tie):
    fine = Conductances(sigma.shape)
    fine.tie[INNER] = tie
    conductances_serial(sigma.astype(np.float32), *fine.faces, fine.tie, fine.inverse)
    return fine


def direct(sigma, tie, b):
    """Assembled matrix, one entry per face, written here anew."""
    index = np.arange(sigma.size).reshape(sigma.shape)
    rows, columns, values = [index.ravel()], [index.ravel()], [tie.ravel().astype(float)]
    for axis in range(3):
        low = index.take(range(sigma.shape[axis] - 1), axis).ravel()
        high = index.take(range(1, sigma.shape[axis]), axis).ravel()
        a, c = sigma.ravel()[low], sigma.ravel()[high]
        g = 2.0 / (1.0 / a + 1.0 / c)
        rows += [low, high, low, high]
        columns += [low, high, high, low]
        values += [g, g, -g, -g]
    matrix = coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))).tocsc()
    return spsolve(matrix, b.ravel()).reshape(sigma.shape)


@pytest.mark.parametrize(
    ("shape", "parallel"), [((13, 9, 17), False), ((30, 31, 33), True), ((4, 4, 4), False), ((3, 21, 5), True)]
)
def test_solution_is_that_of_the_assembled_matrix(shape, parallel, monkeypatch):
    monkeypatch.setattr(multigrid, "_SMALL", 0)  # the small grids of a test would be left to one thread
    rng = np.random.default_rng(1)
    sigma = (0.2 * 10 ** rng.uniform(-1.5, 0.5, shape)).astype(np.float32)
    tie = np.where(rng.random(shape) < 0.05, 0.3, 0.0).astype(np.float32)
    b = rng.normal(size=shape)
    u, rhs = np.zeros(tuple(n + 2 for n in shape)), np.zeros(tuple(n + 2 for n in shape))
    rhs[INNER] = b
    solver = Multigrid(laid(sigma, tie), parallel=parallel)
    solver.update()
    solver.solve(u, rhs, tolerance=1e-9)
    exact = direct(sigma.astype(float), tie, b)
    assert np.abs(u[INNER] - exact).max() < 1e-5 * np.abs(exact).max()


@pytest.mark.parametrize("count", [31, 48, 64])
@pytest.mark.parametrize("kind", ["even", "shell", "speckled", "air"])
def test_iterations_do_not_grow_with_the_grid_nor_much_with_contrast(count, kind):
    x = np.arange(count) - 0.5 * (count - 1)
    across = np.hypot(x[:, None, None], x[None, :, None]) + 0 * x
    along = np.abs(np.broadcast_to(x, across.shape))
    sigma = np.full(across.shape, 0.2, np.float32)
    if kind == "shell":
        sigma[(across < 4) & (across > 1) & (along < 10)] *= 1e-4
    if kind == "speckled":
        sigma[(across < 4) & (along < 10) & (np.random.default_rng(0).random(sigma.shape) < 0.3)] *= 1e-4
    if kind == "air":
        sigma[: count // 4] = 0.0
    tie = np.where((across < 2) & (along < 8), 0.5 * sigma, 0.0).astype(np.float32)
    tie[-1] += 0.1
    rhs, u = np.zeros((count + 2,) * 3), np.zeros((count + 2,) * 3)
    rhs[INNER] = tie
    rhs[-2] = 0.0
    solver = Multigrid(laid(sigma, tie), parallel=False)
    solver.update()
    assert solver.solve(u, rhs, tolerance=1e-6) <= (40 if kind == "speckled" else 20)
    assert solver.solve(u, rhs, tolerance=1e-6) == 0  # a solved field needs no work


def test_says_when_it_does_not_converge():
    sigma, tie = np.ones((20, 20, 20), np.float32), np.zeros((20, 20, 20), np.float32)
    tie[3, 3, 3] = 1.0
    rhs = np.zeros((22, 22, 22))
    rhs[10, 10, 10] = 1.0
    solver = Multigrid(laid(sigma, tie), parallel=False)
    solver.update()
    with pytest.raises(SolverError, match="no convergence"):
        solver.solve(np.zeros_like(rhs), rhs, tolerance=1e-12, most=2)
