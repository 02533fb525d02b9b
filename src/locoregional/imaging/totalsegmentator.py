"""Organs from TotalSegmentator, where it is installed: an optional program run beside this one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from locoregional.errors import ImagingError, MissingDependency
from locoregional.imaging.labelmap import LabelMap, read_labelmap
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.place import lattice_step
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent

__all__ = ["TASKS", "is_installed", "segment_organs"]

PROGRAM = "TotalSegmentator"
TASKS = {
    "total": "totalsegmentator_total",
    "total_mr": "totalsegmentator_total_mr",
    "liver_vessels": "totalsegmentator_liver_vessels",
    "lung_vessels": "totalsegmentator_lung_vessels",
}
"""Tasks that can be asked for, and the class map of each result."""

EXPECTED_S = 600.0
"""Time over which the progress of the program is spread; it does not say how far it is."""


def is_installed(executable: str = PROGRAM) -> bool:
    """Whether the program can be found."""
    return shutil.which(executable) is not None


def segment_organs(
    image: Volume,
    *,
    task: str = "total",
    fast: bool = False,
    device: str = "cpu",
    executable: str = PROGRAM,
    progress: Progress = silent,
) -> LabelMap:
    """Segment organs with TotalSegmentator.

    Parameters
    ----------
    image : Volume
        CT in HU, or MR for the task ``total_mr``.
    task : str
        One of ``TASKS``.
    fast : bool
        Whether to use its faster, coarser (3 mm) model.
    device : str
        ``cpu``, ``gpu`` or ``gpu:N``.
    executable : str
        Name or path of the program.
    progress : Progress
        Told that it runs, about once a second.

    Returns
    -------
    LabelMap
        Masks by organ on the grid of the image; ``volume.assumed`` says that a program drew them and no one has checked them.

    Raises
    ------
    MissingDependency
        If the program is not installed.
    ImagingError
        If it fails, or its result does not lie on the image.
    """
    if task not in TASKS:
        raise ImagingError(f"no task {task!r}", remedy=f"Use one of {', '.join(TASKS)}.")
    found = shutil.which(executable)
    if found is None:
        raise MissingDependency(
            "TotalSegmentator is not installed",
            where=executable,
            remedy="Install it with: pip install 'locoregional[totalsegmentator]'. It downloads its weights at the first run.",
        )
    with tempfile.TemporaryDirectory(prefix="locoregional-") as folder:
        given, result = Path(folder) / "image.nii.gz", Path(folder) / "organs.nii.gz"
        write_nifti(image, given)
        command = [found, "-i", str(given), "-o", str(result), "--ml", "-ta", task, "-d", device, *(["-f"] if fast else [])]
        _run(command, Path(folder) / "log.txt", progress)
        if result.is_dir():  # some versions take the output for a folder
            files = sorted(result.glob("*.nii*"))
            result = files[0] if len(files) == 1 else result / "missing"
        if not result.is_file():
            raise ImagingError("TotalSegmentator left no result", where=task, remedy="Run it by hand to see why.")
        organs = read_labelmap(result, class_map=TASKS[task])
    if not organs.volume.grid.same_as(image.grid):
        step = lattice_step(organs.volume.grid, image.grid)
        raise ImagingError(
            f"the result lies on another grid than the image{'' if step is None else ' (axes turned)'}",
            where=f"{organs.volume.shape} / {image.shape}",
            remedy="Update TotalSegmentator.",
        )
    notes = (f"organs drawn by TotalSegmentator (task {task}{', fast model' if fast else ''}), not checked by a person",)
    placed = Volume(organs.volume.array, image.affine, "", "SEG", image.frame_of_reference, notes)
    return LabelMap(placed, {organs.number(name): name for name in organs}, where=task)


def _run(command: list[str], log: Path, progress: Progress) -> None:
    start = time.monotonic()
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            while True:
                try:
                    code = process.wait(timeout=1.0)
                    break
                except subprocess.TimeoutExpired:
                    spent = time.monotonic() - start
                    progress(min(0.95, spent / EXPECTED_S), f"TotalSegmentator, {spent:.0f} s")
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code != 0:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise ImagingError(
            f"TotalSegmentator ended with code {code}: {' '.join(last)}",
            where=" ".join(command[5:]),
            remedy="Run it by hand to see why.",
        )
    progress(1.0, "TotalSegmentator done")
