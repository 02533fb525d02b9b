"""One heating as a zone: what microwave and radiofrequency ablation do alike once their source is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.dose import Dosed
from locoregional.ablation.energy import Job
from locoregional.ablation.size import death_level, measure_zone
from locoregional.ablation.zone import Zone
from locoregional.physics.bioheat import State, simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium

__all__ = ["heated_zone"]


def heated_zone(
    job: Job,
    *,
    medium: Medium,
    source: Callable[[float, State], NDArray[np.float32]],
    update_every_s: float | Callable[[float], float],
) -> Zone:
    """Zone of a job whose heat comes from a source that looks at the tissue; the trace and words are the caller's to add.

    Parameters
    ----------
    job : Job
        What is simulated, and how.
    medium : Medium
        Its tissue with the cooling of the applicators.
    source : callable
        Function of time [s] and state that gives the power per volume [W/m3].
    update_every_s : float or callable
        How often the source looks at the tissue, as for :func:`~locoregional.physics.bioheat.simulate_heating`.

    Raises
    ------
    SolverError
        If the heat does not balance, or a temperature is not finite.
    """
    law = damage_model(job.law)
    counted = Dosed(source, start_c=job.body_c, parallel=job.parallel)
    spacing_m = 1e-3 * job.spacing_mm
    heating = simulate_heating(
        medium,
        source=counted,
        duration_s=job.setting.time_s,
        spacing_m=(spacing_m, spacing_m, spacing_m),
        body_temperature_c=job.body_c,
        damage=law,
        update_every_s=update_every_s,
        snapshots_s=job.snapshots_s,
        parallel=job.parallel,
        device=job.processor,
        progress=job.progress,
    )
    peak = heating.peak_temperature_c
    dead = np.asarray(heating.dead, dtype=bool)
    level = death_level(law, dead=dead, damage=heating.damage, peak_temperature_c=peak)
    return Zone(
        temperature_c=heating.temperature_c,
        extreme_c=peak,
        dead=dead,
        level=level,
        size=measure_zone(job.frames, level=level, peak_temperature_c=peak),
        energy=heating.energy,
        trace={},
        snapshots=heating.snapshots,
        dose={"cem43_min": counted.finished(heating.temperature_c, time_s=job.setting.time_s)},
        solver_s=heating.solver_s,
    )
