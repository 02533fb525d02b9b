"""What DICOM series there are in a folder, whatever its files are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from locoregional.errors import DicomError, ImagingError, LocoregionalError
from locoregional.imaging.dicom_classes import VOLUME_CLASSES, class_name, patient_key
from locoregional.imaging.dicom_file import is_dicom, open_dicom, text
from locoregional.imaging.dicom_frames import Frame, frames_of
from locoregional.imaging.dicom_info import Scan, SeriesInfo
from locoregional.imaging.dicom_stacks import grouped_by_place, orientation_name, split_stacks
from locoregional.progress import Progress, silent

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = [
    "HEADER_TAGS",
    "describe_series",
    "files_in",
    "find_series",
    "info_of",
    "patient_of",
    "pick_series",
    "scan_folders",
    "with_geometry",
]

HEADER_TAGS = (
    "SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality SeriesDescription SeriesNumber StudyDate SeriesDate "
    "AcquisitionDate PatientID PatientName FrameOfReferenceUID Rows Columns NumberOfFrames SamplesPerPixel BitsAllocated "
    "PixelSpacing ImagePositionPatient ImageOrientationPatient SliceThickness SpacingBetweenSlices RescaleSlope RescaleIntercept "
    "RescaleType ImageType AcquisitionNumber AcquisitionTime TemporalPositionIdentifier EchoTime EchoNumbers TriggerTime "
    "SliceVector ModalityLUTSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence DetectorInformationSequence"
).split()

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"


def find_series(paths: str | Path | Iterable[str | Path], *, progress: Progress = silent) -> tuple[SeriesInfo, ...]:
    """Series in files and folders (with subfolders), readable volumes with most slices first.

    Parameters
    ----------
    paths : path or iterable of paths
        Files or folders.
    progress : Progress
        Told the share of headers read.

    Raises
    ------
    ImagingError
        If a path does not exist.
    """
    return scan_folders(paths, progress=progress).series


def scan_folders(paths: str | Path | Iterable[str | Path], *, progress: Progress = silent) -> Scan:
    """As :func:`find_series`, with the files that were left out."""
    files = files_in(paths)
    headers: dict[tuple[str, str], list[tuple[Path, Dataset]]] = {}
    damaged: list[str] = []
    others = 0
    for number, path in enumerate(files):
        progress(number / max(len(files), 1), f"Reading header {number + 1} of {len(files)}")
        try:
            if not is_dicom(path):
                others += 1
                continue
            header = open_dicom(path, pixels=False, tags=HEADER_TAGS)
            if text(header, "SOPClassUID", where=str(path)) == DICOMDIR_CLASS or "DirectoryRecordSequence" in header:
                continue
            uid = text(header, "SeriesInstanceUID", where=str(path))
        except ImagingError as error:
            damaged.append(str(error))
            continue
        headers.setdefault((uid, "" if uid else str(path.parent)), []).append((path, header))
    progress(1.0, f"{len(headers)} series in {len(files)} files")
    found = [info_of(uid, members) for (uid, _), members in headers.items()]
    found.sort(key=lambda info: (not info.readable, -info.slices, info.uid))
    return Scan(tuple(found), others, tuple(damaged))


def patient_of(path: str | Path) -> str:
    """Letters that tell patients apart, of the first DICOM image of a file or folder; empty where there is none."""
    for file in files_in(path):
        if is_dicom(file):
            return patient_key(open_dicom(file, pixels=False, tags=["PatientID", "PatientName"]), where=str(file))
    return ""


def files_in(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    """All files below paths, in order, without DICOMDIR and hidden files."""
    files: list[Path] = []
    for path in [paths] if isinstance(paths, str | Path) else paths:
        path = Path(path)
        if not path.exists():
            raise ImagingError("there is no such file or folder", where=str(path), remedy="Check the name.")
        below = sorted(child for child in path.rglob("*") if child.is_file()) if path.is_dir() else [path]
        files += [
            child for child in below if child.name.upper() != "DICOMDIR" and (child == path or not child.name.startswith("."))
        ]
    return list(dict.fromkeys(files))


def info_of(uid: str, members: Sequence[tuple[Path, Dataset]]) -> SeriesInfo:
    """What the headers of one series say."""
    path, header = members[0]

    def word(keyword: str) -> str:
        try:
            return text(header, keyword, where=str(path)).strip()
        except DicomError:
            return ""

    date = next((d for d in (word("SeriesDate"), word("AcquisitionDate"), word("StudyDate")) if len(d) == 8 and d.isdigit()), "")
    info = SeriesInfo(
        uid=uid,
        modality=word("Modality"),
        kind=class_name(header),
        description=word("SeriesDescription"),
        date=f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else "",
        files=tuple(path for path, _ in members),
        slices=len(members),
        problem="" if word("SOPClassUID") in VOLUME_CLASSES else "not a CT, MR, PET or NM volume",
    )
    try:
        info = replace(info, patient=patient_key(header, where=str(path)))
        if info.problem:
            return info
        return with_geometry(info, [frame for path, header in members for frame in frames_of(header, path)])
    except LocoregionalError as error:
        return replace(info, problem=str(error))


def with_geometry(info: SeriesInfo, frames: Sequence[Frame]) -> SeriesInfo:
    """The info with size, spacing and orientation of its largest stack."""
    stacks = split_stacks(frames)
    first = stacks[0][0]
    groups = grouped_by_place(stacks[0])
    depths = [float(group[0].position_lps_mm @ first.normal) for group in groups]
    step = float(np.median(np.diff(depths))) if len(depths) > 1 else first.thickness_mm
    orientation = orientation_name(first.normal) + (f" (and {len(stacks) - 1} more stacks)" if len(stacks) > 1 else "")
    spacing = (step, float(first.spacing_mm[0]), float(first.spacing_mm[1]))
    return replace(info, slices=len(frames), frames=tuple(frames), shape=first.shape, spacing_mm=spacing, orientation=orientation)


def describe_series(series: Sequence[SeriesInfo]) -> tuple[str, ...]:
    """One line of text per series, numbered from 1, for people to choose from."""
    lines = []
    for number, info in enumerate(series, 1):
        parts = [info.description or "(no description)"]
        if info.spacing_mm and info.readable:
            step, row, column = info.spacing_mm
            parts.append(f"{info.slices} slices of {info.shape[0]} x {info.shape[1]}, {column:.3g} x {row:.3g} x {step:.3g} mm")
            parts.append(info.orientation)
        else:
            parts.append(f"{info.kind}, {len(info.files)} files: {info.problem}")
        parts += [info.date] if info.date else []
        parts.append(f"patient {info.patient}" if info.patient else "")
        parts.append(f"...{info.uid[-12:]}" if info.uid else "no series UID")
        lines.append(f"{number:3d}  {info.modality or '?':8s} " + " | ".join(part for part in parts if part))
    return tuple(lines)


def pick_series(scan: Scan, *, where: str, series: str | int | None = None) -> SeriesInfo:
    """The series asked for, or the only readable one.

    Parameters
    ----------
    scan : Scan
        What was found.
    where : str
        Folder, for messages.
    series : str or int, optional
        SeriesInstanceUID or its end, or the number in the list of :func:`describe_series`.

    Raises
    ------
    DicomError
        If there is none, or a choice must be made; the message lists them.
    """
    listed = "\n".join(describe_series(scan.series))
    if series is None:
        readable = [info for info in scan.series if info.readable]
        if len(readable) == 1:
            return readable[0]
        if readable:
            raise DicomError(
                f"there are {len(readable)} series:\n{listed}\n", where=where, remedy="Choose one with series=NUMBER or its UID."
            )
        if len(scan.series) == 1:
            return scan.series[0]
        damaged = f"; damaged: {'; '.join(scan.damaged[:3])}" if scan.damaged else ""
        words = f"no DICOM image series ({scan.not_dicom} other files{damaged})" + (f":\n{listed}\n" if listed else "")
        raise DicomError(words, where=where, remedy="Choose a folder that holds a CT, MR, PET or NM series.")
    if isinstance(series, int) or (series.isdigit() and len(series) < 4):
        if 1 <= int(series) <= len(scan.series):
            return scan.series[int(series) - 1]
        found = []
    else:
        found = [info for info in scan.series if info.uid and info.uid.endswith(series.lstrip("."))]
    if len(found) != 1:
        raise DicomError(
            f"{len(found)} series answer to {series!r}:\n{listed}\n", where=where, remedy="Give its number or its whole UID."
        )
    return found[0]
