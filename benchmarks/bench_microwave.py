"""How long the microwave physics takes: field, one ablation, a band, a table of settings."""

from __future__ import annotations

import time
from dataclasses import replace

from locoregional.ablation.band import ensemble
from locoregional.ablation.chart_job import parallel_needles
from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Job
from locoregional.ablation.predict import block_job, zone_table
from locoregional.ablation.zone import Zone
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.energy import ENERGY

TOPIC = "microwave"
DEVICE, POWER_W, TIME_S = "he2010-cooled", 50.0, 600.0


def _row(case: str, seconds: float, note: str, bar_s: float) -> dict:
    return {"topic": TOPIC, "case": case, "seconds": seconds, "reference": bar_s, "ratio": seconds / bar_s, "note": note}


def _solve(coarseness: float) -> float:
    model = AntennaModel(device(DEVICE).antenna, coarseness=coarseness)
    model.solve(permittivity=43.0, conductivity_s_m=1.7)
    start = time.perf_counter()
    for _ in range(5):
        model.solve(permittivity=43.0, conductivity_s_m=1.7)
    return (time.perf_counter() - start) / 5


def _job(side_mm: float, *, time_s: float) -> Job:
    job = block_job(device(DEVICE), Setting(POWER_W, time_s), spacing_mm=1.0, side_mm=side_mm, law=ENERGY.law)
    return replace(job, coarseness=1.0)


def _ablate(side_mm: float, *, time_s: float, parallel: bool = True) -> tuple[float, float, Zone]:
    start, cpu = time.perf_counter(), time.process_time()
    zone = ENERGY.simulate(replace(_job(side_mm, time_s=time_s), parallel=parallel))
    return time.perf_counter() - start, time.process_time() - cpu, zone


def run() -> list[dict]:
    """Measure everything once; compile first."""
    out = [
        _row("field of an antenna, production mesh", _solve(1.0), "one direct solve", 0.15),
        _row("field of an antenna, ensemble mesh", _solve(2.0), "one direct solve", 0.04),
    ]
    for parallel, words in ((True, "all threads"), (False, "one thread")):
        _ablate(40.0, time_s=6.0, parallel=parallel)
        seconds, cpu, zone = _ablate(80.0, time_s=TIME_S, parallel=parallel)
        case = f"10 min ablation, 80 mm cube at 1 mm, {words}"
        out.append(_row(f"{case}: heat solver", zone.solver_s, "bar: 3 s", 3.0))
        out.append(
            _row(
                f"{case}: with the field", seconds, f"{len(zone.trace['time_s'])} field solutions, {cpu:.1f} s of processor", 6.0
            )
        )
    start, cpu = time.perf_counter(), time.process_time()
    ensemble(ENERGY, (_job(70.0, time_s=TIME_S),))
    out.append(
        _row(
            "band of 32 members, 70 mm cube, 2 mm voxels",
            time.perf_counter() - start,
            f"bar: 20 s; {time.process_time() - cpu:.1f} s of processor",
            20.0,
        )
    )
    for places, words, bar_s in ((1, "one antenna", 90.0), (3, "three antennas 20 mm apart", 180.0)):
        start, cpu = time.perf_counter(), time.process_time()
        job = replace(
            _job(80.0, time_s=TIME_S), needles=parallel_needles(_job(80.0, time_s=1.0).needles[0], places, apart_mm=20.0)
        )
        ensemble(ENERGY, (job,), members=64)
        case = f"band of 64 members, {words}, 80 mm cube, 2 mm voxels"
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        out.append(_row(case, seconds, f"bar: {bar_s:g} s; {cpu:.1f} s of processor", bar_s))
    start, cpu = time.perf_counter(), time.process_time()
    settings = len(zone_table(ENERGY, "amica-14g"))
    out.append(
        _row(
            f"table of {settings} settings",
            time.perf_counter() - start,
            f"bar: 15 s; {time.process_time() - cpu:.1f} s of processor",
            15.0,
        )
    )
    return out


if __name__ == "__main__":
    for line in run():
        print(f"{line['case']:55s} {line['seconds']:8.3f} s  ({line['ratio']:.2f} of the bar; {line['note']})")
