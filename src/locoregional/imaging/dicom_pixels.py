"""Stored DICOM pixels to values: any transfer syntax, rescaled per slice, padding turned to air."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import integer, reason, tag_name, text, value_of
from locoregional.imaging.dicom_frames import Frame
from locoregional.imaging.dicom_lookup import Lookup

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = [
    "AIR_HU",
    "Plane",
    "decoded_plane",
    "integer_or_none",
    "padding_range",
    "require_all_bytes",
    "stored_pixels",
    "unit_of",
    "values_type",
]

AIR_HU = -1000
"""Air on the Hounsfield scale, by its definition."""

EMPTY_BELOW_HU = -1500
"""Nothing in a body is so far below air (streaks reach some hundred HU below): such voxels were never reconstructed."""

PADDING_BELOW_HU = -200
"""A declared padding value above this is also the value of tissue, so it is left alone and named."""

PROJECTIONS = ("MIP", "MINIP", "MAX_IP", "MIN_IP", "MIN IP", "PROJECTION IMAGE")
"""Words of ImageType on slabs that were projected."""

BULK = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml", "CPS": "counts/s"}
"""DICOM codes of PET units; others keep their code."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Values of one plane.

    Attributes
    ----------
    values : ndarray, shape (rows, columns)
        Rescaled; whole numbers where slope and intercept are whole.
    unit : str
        Unit of the values.
    empty : int
        Pixels outside the reconstruction, turned to air.
    assumed : tuple of str
        What was assumed.
    """

    values: NDArray
    unit: str
    empty: int
    assumed: tuple[str, ...]


def unit_of(dataset: Dataset, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """Unit of the values, and what is to be said about it."""
    where = str(frame.path)
    if frame.modality == "CT":
        if frame.rescale_type.upper() in ("", "HU"):
            return "HU", ()
        if frame.rescale_type.upper() == "HU_MOD":
            return "HU", ("the HU are modified (HU_MOD: a virtual monoenergetic or otherwise computed image)",)
        return "", (f"the file does not say that its values are HU (RescaleType {frame.rescale_type}); they carry no unit",)
    if frame.modality == "PT":
        header = Lookup(dataset, frame.number, where=where)
        units = header.text("Units") or (frame.rescale_type if frame.rescale_type in UNITS else "")
        correction = header.text("DecayCorrection") or "not stated"
        stored = f"{units or 'unit not stated'}, decay correction {correction}"
        words = f"PET values are as stored ({stored}); no SUV or decay conversion was made"
        return UNITS.get(units, units), (words,)
    if frame.modality == "NM":
        return "counts", ("nuclear medicine values are as stored, without calibration or decay correction",)
    return "", ()


def values_type(frames: Sequence[Frame]) -> np.dtype:
    """int16 where all values are whole numbers (to be widened where they do not fit), float32 otherwise."""
    return np.dtype(np.int16 if all(frame.whole for frame in frames) else np.float32)


def decoded_plane(dataset: Dataset, frame: Frame) -> Plane:
    """Values of one frame of a dataset that was read with its pixels.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Whole file.
    frame : Frame
        Which plane of it.

    Raises
    ------
    DicomError
        If pixels are missing, cut short (bytes found and expected are named), or cannot be decompressed.
    """
    stored, assumed = stored_pixels(dataset, frame)
    if frame.whole:
        values = stored.astype(np.int32) * np.int32(frame.slope) + np.int32(frame.intercept)
    else:
        values = (stored.astype(np.float64) * frame.slope + frame.intercept).astype(np.float32)
    unit, words = unit_of(dataset, frame)
    assumed += words
    empty = 0
    if unit == "HU":
        outside = values < EMPTY_BELOW_HU
        low, high = padding_range(dataset, frame)
        if low is not None and high is not None:
            padded = (stored >= low) & (stored <= high)
            if max(low, high) * frame.slope + frame.intercept <= PADDING_BELOW_HU:
                outside |= padded
            elif padded.any():
                assumed += (f"stored value {low} is declared as padding, but tissue has it too; it was left as it is",)
        empty = int(np.count_nonzero(outside))
        values[outside] = AIR_HU
    return Plane(values, unit, empty, assumed)


def stored_pixels(dataset: Dataset, frame: Frame) -> tuple[NDArray, tuple[str, ...]]:
    """Pixels as stored, shape (rows, columns), and what was assumed."""
    from pydicom.pixels import pixel_array
    from pydicom.uid import RLELossless

    where = frame.place
    if not any(keyword in dataset for keyword in BULK):
        raise DicomError(f"{tag_name('PixelData')} is missing: the file holds no image, or ends before it", where=where)
    photometric = text(dataset, "PhotometricInterpretation", where=where)
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DicomError(f"pixels of kind {photometric!r} are no grey values", where=where)
    syntax = dataset.file_meta.TransferSyntaxUID
    assumed: tuple[str, ...] = ()
    kind = frame.marks.get("ImageType", "").split("\\") + frame.marks.get("FrameType", "").split("\\")
    if any(word in PROJECTIONS for word in kind):
        assumed += ("the slices are projections through a slab, not thin sections",)
    try:
        compressed = syntax.is_compressed and not syntax.is_deflated
    except ValueError as error:
        raise DicomError(
            f"the transfer syntax {syntax} is unknown", where=where, remedy="Export the series uncompressed."
        ) from error
    if not compressed:
        require_all_bytes(dataset, where=where)
    elif integer_or_none(dataset, "LossyImageCompression", where) == 1 or "Near-Lossless" in syntax.name:
        assumed += ("the pixels were compressed with loss",)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # the compiled RLE decoder panics on damaged input, in a way that no handler of errors catches
            plugin = "pydicom" if syntax == RLELossless else ""
            stored = pixel_array(dataset, index=frame.number, decoding_plugin=plugin)
    except Exception as error:  # decoders of other projects meet arbitrary bytes
        raise DicomError(
            f"the pixels cannot be decoded ({syntax.name}): {reason(error)}",
            where=where,
            remedy="Export the series uncompressed.",
        ) from error
    if stored.shape != frame.shape or stored.dtype.kind not in "iu":
        raise DicomError(
            f"decoded to {stored.shape} {stored.dtype} where the header says {frame.shape} whole numbers", where=where
        )
    return stored, assumed


def require_all_bytes(dataset: Dataset, *, where: str) -> None:
    """Raise DicomError unless uncompressed pixel data is as long as the header says."""
    sizes = [integer(dataset, keyword, where=where) for keyword in ("Rows", "Columns", "BitsAllocated")]
    frames = integer(dataset, "NumberOfFrames", where=where, default=1)
    expected = sizes[0] * sizes[1] * frames * sizes[2] // 8
    data = value_of(dataset, "PixelData", where=where)
    found = len(data) if isinstance(data, bytes | bytearray) else 0
    if found < expected:
        raise DicomError(
            f"pixel data ends early: {found} of {expected} bytes found", where=where, remedy="Export or copy the file again."
        )


def integer_or_none(dataset: Dataset, keyword: str, where: str) -> int | None:
    """Whole number of an element that only informs; None where it is missing or odd."""
    try:
        return integer(dataset, keyword, where=where)
    except DicomError:
        return None


def padding_range(dataset: Dataset, frame: Frame) -> tuple[int | None, int | None]:
    """Stored values that mean "no pixel here", lowest and highest, in the sign of the pixels."""
    signed = integer(dataset, "PixelRepresentation", where=frame.place, default=0) == 1
    bits = integer(dataset, "BitsAllocated", where=frame.place)

    def as_stored(keyword: str) -> int | None:
        value = integer_or_none(dataset, keyword, frame.place)
        if value is None:
            return None
        value %= 2**bits  # the element may carry the other sign than the pixels
        return value - 2**bits if signed and value >= 2 ** (bits - 1) else value

    value, limit = as_stored("PixelPaddingValue"), as_stored("PixelPaddingRangeLimit")
    if value is None:
        return None, None
    ends = (value, value if limit is None else limit)
    return min(ends), max(ends)
