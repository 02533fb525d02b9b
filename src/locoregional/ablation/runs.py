"""Many runs of one ablation with drawn parameters, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from locoregional.ablation.band import WORKERS, run_member
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.zone import Zone
from locoregional.progress import Progress, silent

__all__ = ["run_draws"]

Kept = TypeVar("Kept")


def run_draws(
    energy: Energy,
    job: Job,
    draws: Sequence[Mapping[str, float]],
    *,
    keep: Callable[[Zone], Kept],
    progress: Progress = silent,
    what: str = "runs",
) -> list[Kept]:
    """Run a job once for each draw; zones are looked at and let go, so that memory holds only two.

    Parameters
    ----------
    energy : Energy
        Which.
    job : Job
        Nominal, on the voxels of the runs.
    draws : sequence of mapping
        Parameters of each run.
    keep : callable
        What to keep of a zone.
    progress : Progress
        Told after each run.
    what : str
        What the runs are for, in words.

    Returns
    -------
    list
        What was kept, in the order of the draws.

    Raises
    ------
    SolverError
        If a run does not converge: none is left out silently.
    """
    out: dict[int, Kept] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        running = {pool.submit(lambda draw: keep(run_member(energy, job, draw)), draw): n for n, draw in enumerate(draws)}
        try:
            for done in as_completed(running):
                out[running[done]] = done.result()
                progress(len(out) / len(draws), f"{what}: {len(out)} of {len(draws)}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [out[n] for n in range(len(draws))]
