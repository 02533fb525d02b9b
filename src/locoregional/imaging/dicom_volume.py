"""A DICOM series as a volume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import open_dicom
from locoregional.imaging.dicom_frames import Frame, frames_of
from locoregional.imaging.dicom_geometry import FillGaps, Stack, regular_stack
from locoregional.imaging.dicom_info import SeriesInfo
from locoregional.imaging.dicom_pixels import AIR_HU, Plane, decoded_plane, values_type
from locoregional.imaging.dicom_series import HEADER_TAGS, pick_series, scan_folders
from locoregional.imaging.dicom_stacks import chosen_frames
from locoregional.imaging.plausible import doubts_about_hu, require_patient_scale
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Datasets", "differing", "filled", "interpolated", "read_series", "read_stack", "require_one_patient"]


def read_series(
    source: SeriesInfo | str | Path | Iterable[str | Path],
    *,
    series: str | int | None = None,
    stack: int | None = None,
    keep: str = "",
    fill_gaps: FillGaps = "refuse",
    progress: Progress = silent,
) -> Volume:
    """Volume of a CT, MR, PET or NM series.

    Slices are put in order by their position along the normal, never by their number.

    Parameters
    ----------
    source : SeriesInfo, path, or iterable of paths
        A series that :func:`~locoregional.imaging.dicom_series.find_series` found, a DICOM file, or folders.
    series : str or int, optional
        Which series, where there are several: SeriesInstanceUID (or its end), or its number in the list.
    stack : int, optional
        Which stack (from 1, the largest) where orientations or matrices are mixed.
    keep : str
        ``Keyword=value``, to choose among slices at one place (``AcquisitionNumber=2``).
    fill_gaps : {"refuse", "interpolate"}
        What to do where slices are missing or unevenly spaced.
    progress : Progress
        Told the share of the work done.

    Returns
    -------
    Volume
        CT in HU (int16 where slope and intercept are whole), PET in its stored unit, MR without unit.

    Raises
    ------
    DicomError
        If the series cannot be read right; the message says which file and why.
    GeometryError
        If its slices are no regular stack.
    """
    return read_stack(source, series=series, stack=stack, keep=keep, fill_gaps=fill_gaps, progress=progress)[0]


def read_stack(
    source: SeriesInfo | str | Path | Iterable[str | Path],
    *,
    series: str | int | None = None,
    stack: int | None = None,
    keep: str = "",
    fill_gaps: FillGaps = "refuse",
    progress: Progress = silent,
) -> tuple[Volume, Stack]:
    """As :func:`read_series`, with the planes that the slices of the volume were made of.

    Returns
    -------
    tuple of Volume and Stack
        Slice ``k`` of the volume is plane ``k`` of the stack, unless slices were interpolated (then they carry a word on it).
    """
    notes: tuple[str, ...] = ()
    if isinstance(source, SeriesInfo):
        info = source
    else:
        paths = [source] if isinstance(source, str | Path) else list(source)
        if len(paths) == 1 and Path(paths[0]).is_file():
            info = SeriesInfo("", "", "", "", "", (Path(paths[0]),))
        else:
            scan = scan_folders(paths, progress=part(progress, 0.0, 0.4))
            info = pick_series(scan, where=", ".join(map(str, paths)), series=series)
            notes = tuple(f"a damaged file was left out: {words}" for words in scan.damaged)
            if not info.uid:
                notes += ("the files carry no SeriesInstanceUID; those of one folder were taken as one series",)
    where = str(info.files[0]) if len(info.files) == 1 else f"{info.files[0].parent}, series ...{info.uid[-12:]}"
    frames = info.frames or tuple(
        frame for path in info.files for frame in frames_of(open_dicom(path, pixels=False, tags=HEADER_TAGS), path)
    )
    require_one_patient(frames, where=where)
    planes = chosen_frames(frames, where=where, stack=stack, keep=keep)
    grid = regular_stack(planes, where=where, fill_gaps=fill_gaps)
    require_patient_scale(grid.affine, where=where)
    array, unit, words = filled(grid, where=where, progress=part(progress, 0.4, 1.0))
    words += doubts_about_hu(array) if unit == "HU" else ()
    first = grid.planes[0][0]
    progress(1.0, "Series read")
    volume = Volume(
        array,
        grid.affine,
        unit=unit,
        modality=first.modality,
        frame_of_reference=first.frame_of_reference,
        assumed=notes + grid.assumed + words,
    )
    return volume, grid


def require_one_patient(frames: Sequence[Frame], *, where: str) -> None:
    """Raise DicomError if frames are of several patients, modalities or frames of reference."""
    for name, found in (
        ("patients", {frame.patient for frame in frames}),
        ("modalities", {frame.modality for frame in frames}),
        ("frames of reference", {frame.frame_of_reference for frame in frames}),
    ):
        if len(found) > 1:
            raise DicomError(
                f"one series holds slices of {len(found)} {name} ({', '.join(sorted(found))})",
                where=where,
                remedy="Separate the files.",
            )


def filled(grid: Stack, *, where: str, progress: Progress) -> tuple[NDArray, str, tuple[str, ...]]:
    """Array of the grid, unit of its values, and what was assumed."""
    frames = [frame for group in grid.planes for frame in group]
    array = np.zeros((0, 0, 0), values_type(frames))
    datasets = Datasets()
    notes: dict[str, None] = {}
    units: set[str] = set()
    empty = dropped = 0
    for number, group in enumerate(grid.planes):
        progress(number / len(grid.planes), f"Reading slice {number + 1} of {len(grid.planes)}")
        plane = datasets.plane(group[0])
        if number == 0:  # only now is the size in the header known to be true
            array = np.zeros((len(grid.planes), *plane.values.shape), array.dtype)
        if array.dtype == np.int16 and (plane.values.min() < -(2**15) or plane.values.max() >= 2**15):
            array = array.astype(np.int32)
        array[number] = plane.values
        for twin in group[1:]:
            if not np.array_equal(datasets.plane(twin).values, plane.values):
                raise DicomError(differing(group[0], twin), where=where, remedy="Choose with keep='Keyword=value'.")
            dropped += 1
        empty += plane.empty
        units.add(plane.unit)
        notes.update(dict.fromkeys(plane.assumed))
    if len(units) > 1:
        raise DicomError(f"the slices have values in different units ({', '.join(sorted(units))})", where=where)
    if empty:
        notes[f"{empty} voxels outside the reconstructed field were set to air ({AIR_HU} HU)"] = None
    if dropped:
        notes[f"{dropped} duplicate slices with identical pixels were left out"] = None
    if not np.array_equal(grid.slots, np.arange(grid.count)):
        array = interpolated(array, grid)
    return array, units.pop(), tuple(notes)


class Datasets:
    """The file read last, so that a multi-frame file is read once and a series never stands in memory twice."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._dataset: Dataset | None = None

    def plane(self, frame: Frame) -> Plane:
        """Values of a frame."""
        if self._dataset is None or frame.path != self._path:
            self._path, self._dataset = frame.path, open_dicom(frame.path)
        plane = decoded_plane(self._dataset, frame)
        return replace(plane, assumed=plane.assumed + self._dataset.assumed)


def differing(one: Frame, other: Frame) -> str:
    """Words on two planes at one place whose pixels differ, and by what they can be told apart."""
    marks = [
        f"{name}={one.marks[name]} or {other.marks[name]}"
        for name in one.marks
        if name in other.marks and one.marks[name] != other.marks[name]
    ]
    apart = f"they differ in {', '.join(marks)}" if marks else "nothing in their headers tells them apart"
    return f"two different slices lie at one place ({one.place} and {other.place}); {apart}"


def interpolated(array: NDArray, grid: Stack) -> NDArray:
    """Planes of a regular grid, linear between the measured ones."""
    wanted = np.arange(grid.count, dtype=float)
    upper = np.clip(np.searchsorted(grid.slots, wanted, side="left"), 1, len(grid.slots) - 1)
    share = ((wanted - grid.slots[upper - 1]) / (grid.slots[upper] - grid.slots[upper - 1]))[:, None, None]
    mixed = array[upper - 1] * (1 - share) + array[upper] * share
    return np.rint(mixed).astype(array.dtype) if array.dtype.kind == "i" else mixed.astype(array.dtype)
