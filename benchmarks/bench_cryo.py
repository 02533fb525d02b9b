"""How long the physics of freezing takes: one ablation with three probes, and a band."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from locoregional.ablation.band import ensemble
from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.procedures.cryo.devices import device
from locoregional.procedures.cryo.energy import ENERGY

TOPIC = "cryoablation"
DEVICE, APART_MM = "icerod", 15.0


def _row(case: str, seconds: float, note: str, bar_s: float) -> dict:
    return {"topic": TOPIC, "case": case, "seconds": seconds, "reference": bar_s, "ratio": seconds / bar_s, "note": note}


def _job(program: str, minutes: float, *, probes: int, side_mm: float = 79.0) -> Job:
    """Probes on a circle in the middle of a cube of living liver at 1 mm, neighbours ``APART_MM`` from each other."""
    job = block_job(device(DEVICE), Setting(0.0, 60.0 * minutes, program), spacing_mm=1.0, side_mm=side_mm, law=ENERGY.law)
    middle, circle = 0.5 * side_mm, 0.5 * APART_MM / np.sin(np.pi / probes) if probes > 1 else 0.0
    angles = 2.0 * np.pi * np.arange(probes) / probes
    tip = middle + 0.5 * device(DEVICE).active_mm
    needles = tuple(Needle((middle + circle * np.cos(a), middle + circle * np.sin(a), tip), (0.0, 0.0, 1.0)) for a in angles)
    return replace(job, needles=needles)


def run() -> list[dict]:
    """Measure everything once; compile first."""
    out = []
    for parallel, words in ((True, "all threads"), (False, "one thread")):
        ENERGY.simulate(replace(_job("0.1", 0.1, probes=3), parallel=parallel))
        start, cpu = time.perf_counter(), time.process_time()
        zone = ENERGY.simulate(replace(_job("10-5-10", 25.0, probes=3), parallel=parallel))
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        note = f"bar: 15 s; {cpu:.1f} s of processor; ice {zone.contours['ice'].sum() / 1000:.0f} ml, {zone.words[-1]}"
        out.append(_row(f"10-5-10 min, 3 probes, 80 voxels of 1 mm a side, {words}", seconds, note, 15.0))
    start, cpu = time.perf_counter(), time.process_time()
    ensemble(ENERGY, (_job("10-5-10", 25.0, probes=3),), members=16)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    out.append(_row("band of 16 members, 3 probes, 80 mm cube, 2 mm voxels", seconds, f"{cpu:.1f} s of processor", 22.5))
    return out


if __name__ == "__main__":
    for line in run():
        print(f"{line['case']:60s} {line['seconds']:8.3f} s  ({line['ratio']:.2f} of the bar; {line['note']})")
