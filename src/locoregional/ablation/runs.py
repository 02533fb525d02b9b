"""Many runs, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from locoregional.progress import Progress, silent

__all__ = ["run_all"]

WORKERS = 2
"""Runs at a time; each uses one thread."""

Asked = TypeVar("Asked")
Kept = TypeVar("Kept")


def run_all(
    run: Callable[[Asked], Kept],
    asked: Sequence[Asked],
    *,
    progress: Progress = silent,
    what: str = "runs",
) -> list[Kept]:
    """Run once for each of what is asked; a run lets its zone go, so that memory holds only two.

    Parameters
    ----------
    run : callable
        Runs one and says what is kept of it; called from several threads.
    asked : sequence
        What each run gets: a draw of parameters, a setting.
    progress : Progress
        Told after each run.
    what : str
        What the runs are for, in words.

    Returns
    -------
    list
        What was kept, in the order asked.

    Raises
    ------
    SolverError
        If a run does not converge: none is left out silently, and those not yet begun are not run.
    """
    out: dict[int, Kept] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        running = {pool.submit(run, one): n for n, one in enumerate(asked)}
        try:
            for done in as_completed(running):
                out[running.pop(done)] = done.result()
                progress(len(out) / len(asked), f"{what}: {len(out)} of {len(asked)}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [out[n] for n in range(len(asked))]
