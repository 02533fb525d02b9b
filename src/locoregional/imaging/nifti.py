"""NIfTI files: the only place where RAS becomes LPS and back."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.atomic import GZIP_LEVEL, atomic_path
from locoregional.imaging.nifti_header import DTYPES, NIFTI1, RAS_TO_LPS, NiftiHeader, Prefer, nifti_affine, parse_nifti_header
from locoregional.imaging.plausible import NonFinite, finite_values
from locoregional.imaging.volume import Volume

__all__ = ["bytes_of", "header_bytes", "read_nifti", "scaled", "write_nifti"]

CODES = {np.dtype(name): code for code, name in DTYPES.items()}


def read_nifti(
    path: str | Path, *, modality: str = "", unit: str = "", nonfinite: NonFinite = "refuse", prefer: Prefer | None = None
) -> Volume:
    """Image of a NIfTI-1 or NIfTI-2 file, in any orientation, oblique or sheared.

    Parameters
    ----------
    path : str or Path
        ``.nii``, ``.nii.gz``, or one of a ``.hdr`` / ``.img`` pair.
    modality, unit : str
        What the values are (NIfTI does not say).
    nonfinite : {"refuse", "zero"}
        What to do with NaN and infinite voxels.
    prefer : {"sform", "qform"}, optional
        Which orientation to believe if the header holds two that contradict each other.

    Returns
    -------
    Volume
        Array (slice, row, column) = (k, j, i) of the file, LPS affine. Integers stay integers when the scale is whole.

    Raises
    ------
    ImagingError
        If the file is broken, truncated, or has several time points or channels.
    GeometryError
        If the orientation is missing or contradictory.
    """
    path = Path(path)
    if path.name.endswith((".img", ".img.gz")):
        path = path.with_name(path.name.replace(".img", ".hdr"))
    data = bytes_of(path)
    header = parse_nifti_header(data, where=str(path))
    if any(n > 1 for n in header.shape[3:]):
        raise ImagingError(
            f"sizes {' x '.join(map(str, header.shape))} are several time points or channels, not one image",
            where=str(path),
            remedy="Export the one that is wanted.",
        )
    affine, assumed = nifti_affine(header, where=str(path), prefer=prefer)
    if header.detached:
        data = bytes_of(path.with_name(path.name.replace(".hdr", ".img")))
    shape = (*header.shape, 1, 1)[:3]
    count = int(np.prod([int(n) for n in shape], dtype=object))
    expected = count * header.dtype.itemsize
    if len(data) - header.offset < expected:
        raise ImagingError(
            f"voxels end early: {max(len(data) - header.offset, 0)} of {expected} bytes found",
            where=str(path),
            remedy="Copy the file again; it is truncated.",
        )
    stored = np.frombuffer(data, header.dtype, count=count, offset=header.offset).reshape(shape[::-1])
    array, words = finite_values(scaled(stored, header), where=str(path), nonfinite=nonfinite)
    return Volume(array, affine, unit=unit, modality=modality, assumed=assumed + words)


def bytes_of(path: Path) -> bytes:
    """Content of a file, decompressed where it is gzip."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImagingError(
            f"the compressed file is damaged or truncated: {error}", where=str(path), remedy="Copy it again."
        ) from error
    except OSError as error:
        raise ImagingError(f"cannot be opened: {error.strerror or error}", where=str(path)) from error


def scaled(stored: NDArray, header: NiftiHeader) -> NDArray:
    """Values in native byte order after slope and intercept, exact where the scale is whole."""
    native = stored.dtype.newbyteorder("=")
    if (header.slope, header.intercept) == (1.0, 0.0):
        return stored.astype(native)
    whole = header.slope.is_integer() and header.intercept.is_integer() and max(abs(header.slope), abs(header.intercept)) < 2**31
    if native.kind in "iu" and native.itemsize <= 4 and whole:
        exact = stored.astype(np.int64) * int(header.slope) + int(header.intercept)
        return exact.astype(np.result_type(np.min_scalar_type(exact.min()), np.min_scalar_type(exact.max()), np.int16))
    values = stored.astype(np.float64) * header.slope + header.intercept
    return values if native == np.float64 else values.astype(np.float32)


def write_nifti(volume: Volume, path: str | Path, *, overwrite: bool = False) -> None:
    """Write an image as NIfTI-1 in RAS millimetres, whole or not at all.

    Parameters
    ----------
    volume : Volume
        Boolean masks become uint8; other types stay as they are.
    path : str or Path
        ``.nii`` or ``.nii.gz``.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ImagingError
        If the name, the type or the size does not fit NIfTI-1, or the file exists.
    """
    path = Path(path)
    if not path.name.endswith((".nii", ".nii.gz")):
        raise ImagingError("a NIfTI file is named .nii or .nii.gz", where=str(path), remedy="Change the name.")
    array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array
    if array.dtype.newbyteorder("=") not in CODES:
        raise ImagingError(
            f"NIfTI cannot hold voxels of type {array.dtype}", where=str(path), remedy="Convert to float32 or an integer."
        )
    if max(array.shape) > np.iinfo(np.int16).max:
        raise ImagingError(
            f"an axis of {max(array.shape)} voxels is too long for NIfTI-1", where=str(path), remedy="Crop or resample it."
        )
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    data = header_bytes(replace(volume, array=little)) + b"\0\0\0\0" + little.tobytes()
    with atomic_path(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(gzip.compress(data, compresslevel=GZIP_LEVEL, mtime=0) if path.suffix == ".gz" else data)


def header_bytes(volume: Volume) -> bytes:
    """NIfTI-1 header with the exact affine as sform, and as qform too where the axes are perpendicular."""
    from scipy.spatial.transform import Rotation

    ras = RAS_TO_LPS @ volume.affine[:, [2, 1, 0, 3]]
    sides = np.linalg.norm(ras[:3, :3], axis=0)
    raw = np.zeros((), NIFTI1)
    raw["sizeof_hdr"], raw["magic"], raw["vox_offset"] = 348, b"n+1\0", 352
    raw["dim"] = [3, *volume.array.shape[::-1], 1, 1, 1, 1]
    raw["datatype"] = CODES[volume.array.dtype.newbyteorder("=")]
    raw["scl_slope"], raw["xyzt_units"] = 1.0, 2
    raw["descrip"] = f"{volume.modality} {volume.unit}".strip().encode()[:79]
    raw["sform_code"], raw["srow"] = 1, ras[:3]
    raw["pixdim"] = [1, *sides, 1, 1, 1, 1]
    directions = ras[:3, :3] / sides
    if np.allclose(directions.T @ directions, np.eye(3), atol=1e-5):
        handed = np.sign(np.linalg.det(directions))
        b, c, d, a = Rotation.from_matrix(directions * [1, 1, handed]).as_quat()
        raw["qform_code"], raw["quatern"], raw["qoffset"] = 1, np.array([b, c, d]) * (1 if a >= 0 else -1), ras[:3, 3]
        raw["pixdim"][0] = handed
    block = bytearray(raw.tobytes())
    block[72:74] = (8 * volume.array.dtype.itemsize).to_bytes(2, "little")  # bitpix
    return bytes(block)
