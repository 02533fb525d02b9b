"""Read an angiographic series (DICOM XA, RF and their enhanced forms): frames over time and how they were taken."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.angiography_header import Acquisition, acquisition_of
from locoregional.imaging.dicom_file import integer, is_dicom, items, open_dicom, reason, tag_name, text
from locoregional.imaging.dicom_pixels import BULK, integer_or_none, require_all_bytes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["ANGIOGRAPHY_CLASSES", "Angiogram", "read_angiogram"]

IMAGE = "1.2.840.10008.5.1.4.1.1."
ANGIOGRAPHY_CLASSES = (IMAGE + "12.1", IMAGE + "12.1.1", IMAGE + "12.2", IMAGE + "12.2.1")
"""SOP classes that are read: XA, enhanced XA, RF, enhanced XRF."""
STRAIGHT = 0.02
"""Departure of a table from a logarithm that is accepted, as a share of its range."""


@dataclass(frozen=True, eq=False)
class Angiogram:
    """Frames of one injection, and how they were taken.

    Attributes
    ----------
    frames : ndarray, shape (time, row, column), float32
        As the detector gave them: proportional to the intensity of the beam, or to its logarithm (``acquisition.relationship``).
        Window and display inversion are not in them.
    acquisition : Acquisition
        Times, relationship, mask frames, geometry.
    """

    frames: NDArray[np.float32]
    acquisition: Acquisition

    def __post_init__(self) -> None:
        """Refuse frames without times and times that do not rise."""
        times = np.asarray(self.acquisition.times_s)
        if self.frames.ndim != 3 or len(times) != len(self.frames):
            raise DicomError(f"{len(times)} times for frames of shape {self.frames.shape}", where="angiogram")
        if not (np.diff(times) > 0).all():
            raise DicomError("the times of the frames do not rise", where="angiogram", remedy="Export the series again.")

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Time of each frame from the first one."""
        return np.asarray(self.acquisition.times_s, dtype=np.float64)


def read_angiogram(path: str | Path, *, series: str = "", relationship: str = "") -> Angiogram:
    """Read one multi-frame angiographic object.

    Parameters
    ----------
    path : str or Path
        File, or a folder that holds one run (several: say which with ``series``).
    series : str
        Number or UID of the series in a folder that holds several.
    relationship : str
        ``LIN`` or ``LOG`` where the file does not say how its values follow from the beam; it goes before what the file says.

    Raises
    ------
    DicomError
        If it is no angiographic series, a needed element is missing or contradicts another, or the pixels cannot be read.
    """
    if relationship not in ("", "LIN", "LOG"):
        raise DicomError(f"relationship {relationship!r} is unknown", where=str(path), remedy="Use LIN or LOG.")
    file = _one_file(Path(path), series)
    dataset = open_dicom(file)
    where = str(file)
    _refuse_other_classes(dataset, where)
    stored = _stored(dataset, where)
    acquisition = acquisition_of(dataset, frames=len(stored), relationship=relationship, where=where)
    values, words, limits = _values(dataset, stored, acquisition.relationship, where)
    return Angiogram(values, acquisition.with_words(*words, limits=limits))


def _one_file(path: Path, series: str) -> Path:
    if not path.exists():
        raise DicomError("no such file or folder", where=str(path), remedy="Give the angiographic series.")
    if path.is_file():
        return path
    found: list[tuple[Path, Any]] = []
    for file in sorted(p for p in path.rglob("*") if p.is_file() and is_dicom(p)):
        head = open_dicom(file, pixels=False, tags=("SeriesInstanceUID", "SeriesNumber", "NumberOfFrames", "SOPClassUID"))
        if text(head, "SOPClassUID", where=str(file)) in ANGIOGRAPHY_CLASSES:
            found.append((file, head))
    if series:
        found = [(f, h) for f, h in found if series in (str(h.get("SeriesInstanceUID", "")), str(h.get("SeriesNumber", "")))]
    if len(found) != 1:
        listed = "; ".join(f"{f.name} (series {h.get('SeriesNumber', '?')})" for f, h in found[:8])
        raise DicomError(
            f"{len(found)} angiographic runs where one is wanted" + (f": {listed}" if listed else ""),
            where=str(path),
            remedy="Name the file, or the number of the series.",
        )
    return found[0][0]


def _refuse_other_classes(dataset: Dataset, where: str) -> None:
    from locoregional.imaging.dicom_classes import class_name

    if text(dataset, "SOPClassUID", where=where) not in ANGIOGRAPHY_CLASSES:
        raise DicomError(f"{class_name(dataset)} is not an angiographic series", where=where, remedy="Choose an XA series.")
    if integer(dataset, "SamplesPerPixel", where=where, default=1) != 1:
        raise DicomError("a colour image has no intensities to measure", where=where, remedy="Choose the grey series.")
    if integer(dataset, "NumberOfFrames", where=where, default=1) < 2:
        raise DicomError("one frame shows no flow", where=where, remedy="Choose the whole run, not a single picture of it.")


def _stored(dataset: Dataset, where: str) -> NDArray:
    """Stored numbers, shape (time, row, column); no LUT, no window."""
    from pydicom.pixels import pixel_array
    from pydicom.uid import RLELossless

    if not any(keyword in dataset for keyword in BULK):
        raise DicomError(f"{tag_name('PixelData')} is missing: the file holds no image", where=where)
    photometric = text(dataset, "PhotometricInterpretation", where=where)
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DicomError(f"pixels of kind {photometric!r} are no grey values", where=where)
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        if not syntax.is_compressed or syntax.is_deflated:
            require_all_bytes(dataset, where=where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stored = pixel_array(dataset, decoding_plugin="pydicom" if syntax == RLELossless else "")
    except DicomError:
        raise
    except Exception as error:  # decoders of other projects meet arbitrary bytes
        raise DicomError(
            f"the pixels cannot be decoded: {reason(error)}", where=where, remedy="Export the series uncompressed."
        ) from error
    if stored.ndim != 3 or stored.dtype.kind not in "iu":
        raise DicomError(f"decoded to {stored.shape} {stored.dtype} where frames of whole numbers were expected", where=where)
    return stored


def _values(
    dataset: Dataset, stored: NDArray, relationship: str, where: str
) -> tuple[NDArray[np.float32], tuple[str, ...], tuple[float, float]]:
    """Values after the modality LUT, what was assumed, and the range that the detector can give."""
    from pydicom.pixels import apply_modality_lut

    words: list[str] = []
    bits = integer(dataset, "BitsStored", where=where)
    signed = integer(dataset, "PixelRepresentation", where=where, default=0) == 1
    ends = np.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if signed else [0, 2**bits - 1])
    if (
        integer_or_none(dataset, "LossyImageCompression", where) == 1
        or "Near-Lossless" in dataset.file_meta.TransferSyntaxUID.name
    ):
        words.append("the pixels were compressed with loss")
    kind = text(dataset, "ImageType", where=where).upper().split("\\")
    if "DERIVED" in kind:
        words.append(
            "the file calls its frames derived: if they were subtracted or sharpened before, the numbers do not hold; "
            "use the original run"
        )
    if items(dataset, "ModalityLUTSequence", where=where):
        table = apply_modality_lut(np.arange(ends[0], ends[1] + 1), dataset).astype(np.float64)
        if relationship == "LOG":
            _require_logarithm(table, stored, int(ends[0]), where)
            words.append("the table from stored values back to beam intensity is a logarithm, so the stored values were used")
            return stored.astype(np.float32), tuple(words), (float(ends[0]), float(ends[1]))
        words.append("the modality table of the file was applied")
        values = table.astype(np.float32)[stored - ends[0]]
        return values, tuple(words), (float(table.min()), float(table.max()))
    slope, intercept = _rescale(dataset, where)
    values = stored.astype(np.float32)
    if (slope, intercept) != (1.0, 0.0):
        values = (stored * slope + intercept).astype(np.float32)
        words.append(f"values were rescaled as the file says: {slope:g} x stored + {intercept:g}")
    low, high = sorted(float(x) * slope + intercept for x in ends)
    return values, tuple(words), (low, high)


def _require_logarithm(table: NDArray[np.float64], stored: NDArray, lowest: int, where: str) -> None:
    """Refuse stored values that are called logarithmic while the file's own table back to intensity is none."""
    first, last = int(stored.min()), int(stored.max())
    used = table[first - lowest : last - lowest + 1]
    if last > first and (used <= 0).any():
        used = np.maximum(used, 1.0)
    logs = np.log(np.maximum(used, 1e-9))
    line = np.linspace(logs[0], logs[-1], len(logs))
    if last == first or np.abs(logs - line).max() > STRAIGHT * max(abs(float(logs[-1] - logs[0])), 1e-9):
        raise DicomError(
            "the file calls its values logarithmic, but its table back to beam intensity is no exponential",
            where=f"{where}: {tag_name('ModalityLUTSequence')}",
            remedy="Export the original run, or state the relationship (LIN or LOG) if you know it.",
        )


def _rescale(dataset: Dataset, where: str) -> tuple[float, float]:
    from locoregional.imaging.angiography_header import nested

    slope, intercept = nested(dataset, "RescaleSlope", 1, where=where), nested(dataset, "RescaleIntercept", 1, where=where)
    if slope is not None and slope[0] == 0:
        raise DicomError(f"{tag_name('RescaleSlope')} is 0: every pixel would be the same", where=where)
    return (1.0 if slope is None else float(slope[0])), (0.0 if intercept is None else float(intercept[0]))
