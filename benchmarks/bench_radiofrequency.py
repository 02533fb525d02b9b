"""How long the radiofrequency physics takes: one field, one ablation, voxels of a template."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from locoregional.ablation.device import Setting
from locoregional.ablation.predict import block_job
from locoregional.ablation.zone import Zone
from locoregional.physics.electric import ElectricField
from locoregional.physics.wire import Wire
from locoregional.procedures.rfa.devices import device
from locoregional.procedures.rfa.energy import ENERGY

TOPIC = "radiofrequency"
DEVICE, POWER_W, TIME_S = "cooltip-single-30", 200.0, 720.0


def _row(case: str, seconds: float, note: str, bar_s: float) -> dict:
    return {"topic": TOPIC, "case": case, "seconds": seconds, "reference": bar_s, "ratio": seconds / bar_s, "note": note}


def _field(count: int, *, vapour: bool) -> tuple[float, int]:
    """Seconds and iterations of a first field of a 3 cm needle on 1 mm voxels, perhaps inside a shell of vapour."""
    h, middle = 1e-3, 0.5e-3 * (count - 1)
    rod = Wire((middle, middle, middle - 0.015), (middle, middle, middle + 0.015), 0.75e-3)
    sigma = np.full((count,) * 3, 0.2, np.float32)
    if vapour:
        x = np.arange(count) * h - middle
        across = np.hypot(x[:, None, None], x[None, :, None]) + 0.0 * x
        sigma[(across > 2e-3) & (across < 5e-3) & (np.abs(x) < 0.018)] *= 1e-4
    ElectricField([[rod]], shape=sigma.shape, spacing_m=h).solve(sigma, [1.0])
    field = ElectricField([[rod]], shape=sigma.shape, spacing_m=h)
    start = time.perf_counter()
    current = field.solve(sigma, [1.0])
    return time.perf_counter() - start, current.iterations


def _ablate(side_mm: float, spacing_mm: float, *, time_s: float, parallel: bool) -> tuple[float, float, Zone]:
    job = block_job(device(DEVICE), Setting(POWER_W, time_s), spacing_mm=spacing_mm, side_mm=side_mm, law=ENERGY.law)
    start, cpu = time.perf_counter(), time.process_time()
    zone = ENERGY.simulate(replace(job, coarseness=1.0, parallel=parallel))
    return time.perf_counter() - start, time.process_time() - cpu, zone


def run() -> list[dict]:
    """Measure everything once; compile first."""
    out = []
    for count in (50, 80, 100, 128):
        for vapour in (False, True):
            seconds, iterations = _field(count, vapour=vapour)
            words = "in a shell of vapour" if vapour else "in even tissue"
            out.append(_row(f"field of a needle, {count} voxels a side, {words}", seconds, f"{iterations} iterations", 1.0))
    for parallel, words in ((True, "all threads"), (False, "one thread")):
        _ablate(40.0, 1.0, time_s=5.0, parallel=parallel)
        seconds, cpu, zone = _ablate(80.0, 1.0, time_s=TIME_S, parallel=parallel)
        note = f"{zone.solver_s:.1f} s of it heat; {cpu:.1f} s of processor"
        out.append(_row(f"12 min ablation with pulses, 80 mm cube at 1 mm, {words}", seconds, note, 15.0))
    seconds, cpu, _ = _ablate(100.0, 2.5, time_s=TIME_S, parallel=False)
    out.append(_row("12 min ablation, 100 mm cube at 2.5 mm (template), one thread", seconds, f"{cpu:.1f} s of processor", 5.0))
    return out


if __name__ == "__main__":
    for line in run():
        print(f"{line['case']:70s} {line['seconds']:8.3f} s  ({line['ratio']:.2f} of the bar; {line['note']})")
