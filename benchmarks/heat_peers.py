"""Other solvers on the common heat problem, as far as they are installed; each through its own public interface.

All but two march by backward Euler with steps of 10 s and conjugate gradients with a Jacobi preconditioner to 1e-6.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import numpy as np

from locoregional.validation.heat_problems import p128

DT_S = 10.0


@dataclass(frozen=True)
class Problem:
    """Fields of the common problem in (slice, row, column), SI, and how long to march."""

    count: int
    duration_s: float
    k: np.ndarray
    c: np.ndarray
    w: np.ndarray
    q: np.ndarray

    @property
    def spacing_m(self) -> float:
        """Voxel size."""
        return 0.128 / self.count

    @property
    def steps(self) -> int:
        """Implicit steps."""
        return round(self.duration_s / DT_S)


@dataclass(frozen=True)
class Run:
    """What a peer took, and the rise [K] that it found at the voxel centres."""

    setup_s: float
    solve_s: float
    rise_k: np.ndarray


def problem(count: int, duration_s: float) -> Problem:
    """Common problem on ``count`` voxels a side."""
    medium, q = p128(count)
    names = ("conductivity_w_mk", "volumetric_heat_capacity_j_m3k", "perfusion_heat_w_m3k")
    k, c, w = (medium.full(n).astype(np.float64) for n in names)
    return Problem(count, duration_s, k, c, w, q)


def _to_centres(nodes: np.ndarray) -> np.ndarray:
    """Mean of the eight corners of every voxel."""
    for axis in range(3):
        low, high = (tuple(s if a == axis else slice(None) for a in range(3)) for s in (slice(None, -1), slice(1, None)))
        nodes = 0.5 * (nodes[low] + nodes[high])
    return nodes


def scipy_peer(p: Problem) -> Run:
    """Finite volumes with harmonic faces, assembled in scipy."""
    from scipy.sparse import coo_matrix, diags
    from scipy.sparse.linalg import LinearOperator, cg

    begin = time.perf_counter()
    free = np.zeros(p.k.shape, dtype=bool)
    free[1:-1, 1:-1, 1:-1] = True
    number = np.full(p.k.shape, -1)
    number[free] = np.arange(free.sum())
    diagonal = p.c / DT_S + p.w
    rows, columns, values = [], [], []
    for axis in range(3):
        one, two = (tuple(s if a == axis else slice(None) for a in range(3)) for s in (slice(None, -1), slice(1, None)))
        g = 2.0 / p.spacing_m**2 * p.k[one] * p.k[two] / (p.k[one] + p.k[two])
        diagonal[one] += g
        diagonal[two] += g
        both = free[one] & free[two]
        rows += [number[one][both], number[two][both]]
        columns += [number[two][both], number[one][both]]
        values += [-g[both], -g[both]]
    count = int(free.sum())
    matrix = coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count)).tocsr()
    matrix = (matrix + diags(diagonal[free])).tocsr()
    inverse = 1.0 / diagonal[free]
    jacobi = LinearOperator((count, count), matvec=lambda r: inverse * r)
    u, q, start = np.zeros(count), p.q[free], time.perf_counter()
    for _ in range(p.steps):
        u, failed = cg(matrix, p.c[free] / DT_S * u + q, x0=u, rtol=1e-6, M=jacobi)
        assert not failed
    rise = np.zeros(p.k.shape)
    rise[free] = u
    return Run(start - begin, time.perf_counter() - start, rise)


def ngsolve_peer(p: Problem) -> Run:
    """Trilinear elements of NGSolve on all threads."""
    import ngsolve as ng
    from ngsolve.meshes import MakeStructured3DMesh

    begin, n = time.perf_counter(), p.count
    mesh = MakeStructured3DMesh(hexes=True, nx=n, ny=n, nz=n, mapping=lambda x, y, z: (0.128 * x, 0.128 * y, 0.128 * z))
    flat = ng.L2(mesh, order=0)

    def field(values: np.ndarray) -> ng.GridFunction:
        made = ng.GridFunction(flat)
        made.vec.FV().NumPy()[:] = values.transpose(2, 1, 0).ravel()
        return made

    k, c, w, q = (field(v) for v in (p.k, p.c, p.w, p.q))
    with ng.TaskManager():
        space = ng.H1(mesh, order=1, dirichlet=".*")
        u, v = space.TnT()
        a = ng.BilinearForm(k * ng.grad(u) * ng.grad(v) * ng.dx + (c / DT_S + w) * u * v * ng.dx)
        jacobi = ng.Preconditioner(a, "local")
        a.Assemble()
        mass = ng.BilinearForm(c / DT_S * u * v * ng.dx).Assemble()
        load = ng.LinearForm(q * v * ng.dx).Assemble()
        found = ng.GridFunction(space)
        inverse = ng.CGSolver(mat=a.mat, pre=jacobi.mat, tol=1e-6, maxiter=1000, printrates=False)
        start = time.perf_counter()
        right = load.vec.CreateVector()
        for _ in range(p.steps):
            right.data = load.vec + mass.mat * found.vec - a.mat * found.vec
            found.vec.data += inverse * right
        seconds = time.perf_counter() - start
    nodes = found.vec.FV().NumPy().reshape((n + 1,) * 3).transpose(2, 1, 0)
    return Run(start - begin, seconds, _to_centres(nodes))


def mfem_peer(p: Problem) -> Run:
    """Trilinear elements of MFEM, assembled, one thread."""
    import mfem.ser as mfem

    begin, n = time.perf_counter(), p.count
    mesh = mfem.Mesh.MakeCartesian3D(n, n, n, mfem.Element.HEXAHEDRON, 0.128, 0.128, 0.128, False)
    flat = mfem.FiniteElementSpace(mesh, mfem.L2_FECollection(0, 3))
    space = mfem.FiniteElementSpace(mesh, mfem.H1_FECollection(1, 3))
    held = []

    def field(values: np.ndarray) -> mfem.GridFunctionCoefficient:
        made = mfem.GridFunction(flat)
        made.Assign(np.ascontiguousarray(values.ravel(), dtype=np.float64))
        held.append(made)
        return mfem.GridFunctionCoefficient(made)

    k, c, both, q = (field(v) for v in (p.k, p.c / DT_S, p.c / DT_S + p.w, p.q))
    essential, marker = mfem.intArray(), mfem.intArray(mesh.bdr_attributes.Max())
    marker.Assign(1)
    space.GetEssentialTrueDofs(marker, essential)
    a, mass, load = mfem.BilinearForm(space), mfem.BilinearForm(space), mfem.LinearForm(space)
    a.AddDomainIntegrator(mfem.DiffusionIntegrator(k))
    a.AddDomainIntegrator(mfem.MassIntegrator(both))
    a.Assemble()
    mass.AddDomainIntegrator(mfem.MassIntegrator(c))
    mass.Assemble()
    mass.Finalize()
    load.AddDomainIntegrator(mfem.DomainLFIntegrator(q))
    load.Assemble()
    matrix = mfem.SparseMatrix()
    a.FormSystemMatrix(essential, matrix)
    smoother, solver = mfem.DSmoother(matrix), mfem.CGSolver()
    solver.SetRelTol(1e-6)
    solver.SetMaxIter(1000)
    solver.SetPreconditioner(smoother)
    solver.SetOperator(matrix)
    solver.iterative_mode = True
    u, right = mfem.Vector(space.GetVSize()), mfem.Vector(space.GetVSize())
    u.Assign(0.0)
    start = time.perf_counter()
    for _ in range(p.steps):
        mass.Mult(u, right)
        right += load
        right.SetSubVector(essential, 0.0)
        solver.Mult(right, u)
    seconds = time.perf_counter() - start
    return Run(start - begin, seconds, _to_centres(u.GetDataArray().reshape((n + 1,) * 3).copy()))


def skfem_peer(p: Problem) -> Run:
    """Trilinear elements of scikit-fem, solved by scipy."""
    import skfem
    from scipy.sparse import diags
    from scipy.sparse.linalg import cg
    from skfem.helpers import dot, grad

    begin, n = time.perf_counter(), p.count
    line = np.linspace(0.0, 0.128, n + 1)
    mesh = skfem.MeshHex.init_tensor(line, line, line)
    basis = skfem.Basis(mesh, skfem.ElementHex1(), intorder=2)
    x, y, z = np.minimum((mesh.p[:, mesh.t].mean(axis=1) / p.spacing_m).astype(int), n - 1)

    def field(values: np.ndarray) -> np.ndarray:
        return values[z, y, x][:, None]

    k, c, w, q = (field(v) for v in (p.k, p.c / DT_S, p.w, p.q))
    a = skfem.BilinearForm(lambda u, v, _: k * dot(grad(u), grad(v)) + (c + w) * u * v).assemble(basis)
    mass = skfem.BilinearForm(lambda u, v, _: c * u * v).assemble(basis)
    load = skfem.LinearForm(lambda v, _: q * v).assemble(basis)
    free = basis.complement_dofs(basis.get_dofs())
    a, mass, load = a[free][:, free], mass[free][:, free], load[free]
    jacobi = diags(1.0 / a.diagonal())
    u, start = np.zeros(len(free)), time.perf_counter()
    for _ in range(p.steps):
        u, failed = cg(a, mass @ u + load, x0=u, rtol=1e-6, M=jacobi)
        assert not failed
    seconds = time.perf_counter() - start
    everywhere = np.zeros(basis.N)
    everywhere[free] = u
    nodes = np.zeros((n + 1,) * 3)
    x, y, z = np.rint(mesh.p / p.spacing_m).astype(int)
    nodes[z, y, x] = everywhere[basis.nodal_dofs[0]]
    return Run(start - begin, seconds, _to_centres(nodes))


def fipy_peer(p: Problem) -> Run:
    """Finite volumes of FiPy."""
    import os

    os.environ.setdefault("FIPY_SOLVERS", "scipy")
    import fipy

    begin, n, h = time.perf_counter(), p.count, p.spacing_m
    mesh = fipy.Grid3D(dx=h, dy=h, dz=h, nx=n, ny=n, nz=n)
    k, c, w, q = (fipy.CellVariable(mesh=mesh, value=v.ravel()) for v in (p.k, p.c, p.w, p.q))
    u = fipy.CellVariable(mesh=mesh, value=0.0)
    u.constrain(0.0, mesh.exteriorFaces)
    equation = fipy.TransientTerm(coeff=c) == fipy.DiffusionTerm(coeff=k.harmonicFaceValue) + q - fipy.ImplicitSourceTerm(coeff=w)
    solver = fipy.LinearPCGSolver(tolerance=1e-6, iterations=1000, precon=fipy.JacobiPreconditioner())
    start = time.perf_counter()
    for _ in range(p.steps):
        equation.solve(var=u, dt=DT_S, solver=solver)
    return Run(start - begin, time.perf_counter() - start, np.asarray(u.value).reshape((n,) * 3))


def pde_peer(p: Problem) -> Run:
    """Central differences of py-pde in explicit steps of 0.5 s, as its blood term is explicit."""
    import pde

    begin, n = time.perf_counter(), p.count
    grid = pde.CartesianGrid([[0.0, 0.128]] * 3, n)
    k, w, q = (pde.ScalarField(grid, v) for v in (p.k, p.w / p.c, p.q / p.c))
    inverse = pde.ScalarField(grid, 1.0 / p.c)
    equation = pde.PDE(
        {"u": "inverse * (k * laplace(u) + dot(gradient(k), gradient(u))) + q - w * u"},
        bc={"value": 0.0}, bc_ops={"u:gradient": {"derivative": 0.0}}, consts={"k": k, "w": w, "q": q, "inverse": inverse},
    )  # fmt: skip
    state = pde.ScalarField(grid, 0.0)
    equation.solve(state, t_range=1.0, dt=0.5, solver="euler", tracker=None)
    start = time.perf_counter()
    found = equation.solve(state, t_range=p.duration_s, dt=0.5, solver="euler", tracker=None)
    return Run(start - begin, time.perf_counter() - start, found.data)


def bhte_peer(p: Problem) -> Run:
    """Explicit OpenCL kernel of BabelViscoFDTD on the processor, steps of 0.5 s; it always counts a thermal dose."""
    import pyopencl
    from BabelViscoFDTD.tools import RayleighAndBHTE as bhte

    begin, dt, absorption = time.perf_counter(), 0.5, 10.0
    with redirect_stdout(StringIO()):  # it reports every tenth of the way
        bhte.InitOpenCL(pyopencl.get_platforms()[0].get_devices()[0].name)
    materials, index = np.unique(np.stack([v.ravel() for v in (p.k, p.c, p.w)]), axis=1, return_inverse=True)
    k, c, w = materials
    ones = np.ones(len(k))
    lists = {
        "Conductivity": k, "Density": ones, "SpecificHeat": c, "Perfusion": w / (1050.0 * 3617.0) * 60e6,
        "SoS": ones, "Attenuation": ones * absorption, "Absorption": ones, "InitTemperature": ones * 37.0,
    }  # fmt: skip
    share = (1.0 - np.exp(-2.0 * p.spacing_m * absorption)) / (2.0 * p.spacing_m)
    steps = round(p.duration_s / dt)
    pressure = np.sqrt(p.q / share).astype(np.float32)
    labels = index.reshape(p.k.shape).astype(np.uint32)
    start = time.perf_counter()
    with redirect_stdout(StringIO()):
        found = bhte.BHTE(pressure, labels, lists, p.spacing_m, steps, steps, -1, dt=dt, Backend="OpenCL")
    return Run(start - begin, time.perf_counter() - start, np.asarray(found[0]) - 37.0)


PEERS: dict[str, tuple[Callable[[Problem], Run], int, float]] = {
    "scipy finite volumes": (scipy_peer, 128, 600.0),
    "NGSolve": (ngsolve_peer, 128, 600.0),
    "PyMFEM": (mfem_peer, 128, 600.0),
    "scikit-fem": (skfem_peer, 64, 600.0),
    "FiPy": (fipy_peer, 64, 600.0),
    "py-pde": (pde_peer, 64, 600.0),
    "BabelViscoFDTD": (bhte_peer, 64, 600.0),
}
"""Peer to its solver, the voxels a side and the simulated time that it can manage in a few minutes and 8 GB."""
