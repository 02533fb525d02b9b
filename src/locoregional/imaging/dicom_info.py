"""What is known of a DICOM series before its pixels are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from locoregional.imaging.dicom_frames import Frame

__all__ = ["Scan", "SeriesInfo"]


@dataclass(frozen=True)
class SeriesInfo:
    """One series as it lies on disk.

    Attributes
    ----------
    uid : str
        SeriesInstanceUID; empty where the files do not say.
    modality, kind, description, date : str
        DICOM modality, kind of object in words, description, date as YYYY-MM-DD (empty if unknown).
    files : tuple of Path
        Its files.
    slices : int
        Planes in all files.
    shape : tuple of int
        Rows and columns of the largest stack; (0, 0) for what has no pixels.
    spacing_mm : tuple of float, or None
        Voxel sides (slice, row, column) [mm] of that stack.
    orientation : str
        ``axial``, ``coronal``, ``sagittal`` or how far turned from it; with the number of stacks if several.
    patient : str
        Hash that differs between patients and names none.
    problem : str
        Why it cannot be read as a volume; empty if it can, as far as headers tell.
    frames : tuple of Frame
        Its planes, so that reading need not open the headers again.
    """

    uid: str
    modality: str
    kind: str
    description: str
    date: str
    files: tuple[Path, ...]
    slices: int = 0
    shape: tuple[int, int] = (0, 0)
    spacing_mm: tuple[float, float, float] | None = None
    orientation: str = ""
    patient: str = ""
    problem: str = ""
    frames: tuple[Frame, ...] = field(default=(), repr=False, compare=False)

    @property
    def readable(self) -> bool:
        """Whether it is a CT, MR, PET or NM volume."""
        return not self.problem


@dataclass(frozen=True)
class Scan:
    """What was found in folders.

    Attributes
    ----------
    series : tuple of SeriesInfo
        Readable volumes with most slices first.
    not_dicom : int
        Files that are something else.
    damaged : tuple of str
        DICOM files that cannot be parsed, with the reason.
    """

    series: tuple[SeriesInfo, ...]
    not_dicom: int = 0
    damaged: tuple[str, ...] = ()
