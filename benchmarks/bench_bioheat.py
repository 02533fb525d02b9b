"""Heat solver: the common problem P128, linear and with everything on, and a ten-minute ablation in an 80 mm cube.

Beside them, in the same run, every other solver that is installed (``heat_peers.py``) and the memory bandwidth of this machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numba import njit, prange

from locoregional.physics.bioheat import Heating, simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import medium_of_tissues, tissue
from locoregional.validation.heat_problems import p128

MM = (1e-3, 1e-3, 1e-3)
ARRAYS = 8  # float32 arrays that a linear step streams: old, new, three conductances, b, w, q


@njit(parallel=True, fastmath=True)
def _triad(a, b, c):
    for i in prange(a.size):
        a[i] = b[i] + np.float32(3.0) * c[i]


def bandwidth_gb_s(*, elements: int = 40_000_000, repeats: int = 10) -> float:
    """Best of some runs of a float32 triad on all threads [GB/s], three arrays counted."""
    a, b, c = (np.ones(elements, dtype=np.float32) for _ in range(3))
    _triad(a, b, c)
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        _triad(a, b, c)
        best = min(best, time.perf_counter() - start)
    return 12.0 * elements / best / 1e9


def _peers(linear: Heating) -> Iterator[dict]:
    """Race every peer that is installed, each on the largest grid that it manages, against ours on that grid in this run."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))  # the runner loads this file by its path
    import heat_peers

    ours = {128: linear}
    for name, (peer, count, duration_s) in heat_peers.PEERS.items():
        mm = 128.0 / count
        case = f"heat at {mm:g} mm against {name}"
        if count not in ours:
            medium, source = p128(count)
            ours[count] = _best(
                lambda s, m=medium, q=source, h=mm * 1e-3: simulate_heating(m, source=q, duration_s=s, spacing_m=(h, h, h))
            )
        own = ours[count]
        try:
            run = peer(heat_peers.problem(count, duration_s))
        except ImportError as missing:
            yield {
                "topic": "heat",
                "case": case,
                "seconds": own.solver_s,
                "reference": None,
                "ratio": None,
                "note": f"not here: {missing}",
            }
            continue
        note = f"setup {run.setup_s:.1f} s more; hottest {37.0 + run.rise_k.max():.2f} C, ours {own.temperature_c.max():.2f} C"
        yield _line(case, own.solver_s, run.solve_s, note)


def _best(call, repeats: int = 3) -> Heating:
    """Fastest of some calls, after one short call that compiles."""
    call(4.0)
    return min((call(600.0) for _ in range(repeats)), key=lambda h: h.solver_s)


def _line(case: str, seconds: float, reference: float, note: str) -> dict:
    return {"topic": "heat", "case": case, "seconds": seconds, "reference": reference, "ratio": reference / seconds, "note": note}


def run(*, peer: bool = True) -> list[dict]:
    """Time all cases; ``reference`` is the bar in seconds or, for the peer and the bandwidth, their own seconds."""
    medium, source = p128()
    linear = _best(lambda s: simulate_heating(medium, source=source, duration_s=s, spacing_m=MM))
    streamed = ARRAYS * 4.0 * np.prod(medium.shape) * linear.steps / 1e9
    speed = bandwidth_gb_s()
    found = [
        _line("P128 linear", linear.solver_s, 2.0, f"{linear.steps} steps; hottest {linear.temperature_c.max():.3f} C (208.150)")
    ]
    note = f"{streamed:.0f} GB if every array came from memory in each step, at {speed:.1f} GB/s"
    found.append(_line("P128 linear against streaming", linear.solver_s, streamed / speed, note))
    full = Medium(
        conductivity_w_mk=medium.conductivity_w_mk,
        volumetric_heat_capacity_j_m3k=medium.volumetric_heat_capacity_j_m3k,
        perfusion_heat_w_m3k=medium.perfusion_heat_w_m3k,
        latent_heat_j_m3=tissue("liver").latent_heat_j_m3,
        vapour_heat_capacity_j_m3k=tissue("liver").vapour_heat_capacity_j_m3k,
        conductivity_slope_w_mk2=tissue("liver").conductivity_slope_w_mk2,
    )
    for model in ("arrhenius_liver", "three_state"):
        h = _best(lambda s, m=model: simulate_heating(full, source=source, duration_s=s, spacing_m=MM, damage=damage_model(m)), 2)
        note = f"{h.steps} steps; {np.count_nonzero(h.dead) / 1000:.1f} ml dead; balance {100 * h.energy.residual_share:.4f} %"
        found.append(_line(f"P128 drying, k(T), {model}", h.solver_s, 6.0, note))
    cube = medium_of_tissues(np.zeros((80, 80, 80), dtype=int), tissues={0: tissue("liver")})
    middle = source[24:104, 24:104, 24:104] * 2.0
    for parallel in (True, False):
        h = _best(
            lambda s, p=parallel: simulate_heating(
                cube, source=middle, duration_s=s, spacing_m=MM, damage=damage_model("three_state"), parallel=p
            )
        )
        dry = np.count_nonzero(h.temperature_c > 100.0)
        note = f"60 W, {h.steps} steps, {dry} voxels dried; {'all threads' if parallel else 'one thread'}"
        found.append(_line("80 mm cube, 10 min", h.solver_s, 3.0, note))
    if peer:
        found += _peers(linear)
    return found


if __name__ == "__main__":
    for row in run():
        print(f"{row['case']:38s} {row['seconds']:7.2f} s   {row['reference']:7.2f}   x{row['ratio']:5.1f}   {row['note']}")
