"""NRRD files: any orientation and oblique, raw, gzip, bzip2 or text, attached or detached."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.atomic import GZIP_LEVEL, atomic_path
from locoregional.imaging.nrrd_header import nrrd_affine, read_nrrd_header, spatial_axes
from locoregional.imaging.plausible import NonFinite, finite_values
from locoregional.imaging.volume import Volume

__all__ = ["data_sources", "decoded", "read_nrrd", "read_nrrd_array", "read_nrrd_raw", "text_of", "write_nrrd", "write_nrrd_raw"]

TYPES = {
    "int8": "signed char|int8|int8_t",
    "uint8": "uchar|unsigned char|uint8|uint8_t",
    "int16": "short|short int|signed short|signed short int|int16|int16_t",
    "uint16": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
    "int32": "int|signed int|int32|int32_t",
    "uint32": "uint|unsigned int|uint32|uint32_t",
    "int64": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
    "uint64": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
    "float32": "float",
    "float64": "double",
}
DTYPE_OF = {name: np.dtype(dtype) for dtype, names in TYPES.items() for name in names.split("|")}
WRITTEN_AS = {np.dtype(dtype): "double" if dtype == "float64" else "float" if dtype == "float32" else dtype for dtype in TYPES}


def read_nrrd(path: str | Path, *, modality: str = "", unit: str = "", nonfinite: NonFinite = "refuse") -> Volume:
    """Image of a three-dimensional NRRD file.

    Parameters
    ----------
    path : str or Path
        ``.nrrd``, or ``.nhdr`` with its data file.
    modality, unit : str
        What the values are (NRRD does not say).
    nonfinite : {"refuse", "zero"}
        What to do with NaN and infinite voxels.

    Returns
    -------
    Volume
        In the type of the file.

    Raises
    ------
    ImagingError
        If the file is broken, truncated, or has several components or time points.
    GeometryError
        If the header does not say where the voxels are.
    """
    header = read_nrrd_header(path)
    axes = spatial_axes(header)
    others = [size for axis, size in enumerate(header["sizes"]) if axis not in axes]
    if axes and max(others, default=1) > 1:
        layers = (
            "a segmentation with several layers" if any(key.startswith("Segment") for key in header) else "several components"
        )
        raise ImagingError(
            f"sizes {' x '.join(map(str, header['sizes']))} are {layers} or time points, not one image",
            where=str(path),
            remedy="Read a segmentation as masks, or export one component.",
        )
    affine = nrrd_affine(header, where=str(path))
    array = read_nrrd_array(path, header).reshape([header["sizes"][axis] for axis in reversed(axes)])
    array, assumed = finite_values(array, where=str(path), nonfinite=nonfinite)
    return Volume(array, affine, unit=unit, modality=modality, assumed=assumed)


def read_nrrd_raw(path: str | Path) -> tuple[dict[str, Any], NDArray]:
    """Header and array of any NRRD file, as stored.

    Parameters
    ----------
    path : str or Path
        ``.nrrd`` or ``.nhdr``.

    Returns
    -------
    header : dict
        See :func:`locoregional.imaging.nrrd_header.parse_nrrd_header`.
    array : ndarray, shape ``header["sizes"][::-1]``
        Slowest axis first: (slice, row, column) for an image, (slice, row, column, layer) where layers are the fastest axis.
    """
    header = read_nrrd_header(path)
    return header, read_nrrd_array(path, header)


def read_nrrd_array(path: str | Path, header: Mapping[str, Any]) -> NDArray:
    """Voxels of a NRRD file whose header is known; shape ``header["sizes"][::-1]``, native byte order."""
    where = str(path)
    if header["type"].lower() not in DTYPE_OF:
        raise ImagingError(f"the voxel type {header['type']!r} is not a number this reader knows", where=where)
    dtype = DTYPE_OF[header["type"].lower()]
    shape = header["sizes"][::-1]
    count = int(np.prod([int(n) for n in shape], dtype=object))
    encoding = header["encoding"].lower()
    if dtype.itemsize > 1 and encoding not in ("ascii", "text", "txt"):
        endian = header.get("endian", "")
        if endian not in ("little", "big"):
            raise ImagingError(
                f"the byte order {endian!r} is neither little nor big", where=where, remedy="Export the file again."
            )
        dtype = dtype.newbyteorder("<" if endian == "little" else ">")
    expected = count * dtype.itemsize
    data = b"".join(decoded(source, header, encoding, expected) for source in data_sources(Path(path), header))
    if encoding in ("ascii", "text", "txt"):
        try:
            words = np.array(data.split(), dtype=np.float64 if dtype.kind == "f" else np.int64)
        except (ValueError, OverflowError) as error:
            raise ImagingError("the text of the voxels holds something that is not a number", where=where) from error
        data = words.astype(dtype).tobytes()
    if len(data) < expected:
        raise ImagingError(
            f"voxels end early: {len(data)} of {expected} bytes found",
            where=where,
            remedy="Copy the file again; it is truncated.",
        )
    return np.frombuffer(data, dtype, count=count).reshape(shape).astype(dtype.newbyteorder("="))


def data_sources(path: Path, header: Mapping[str, Any]) -> Sequence[tuple[Path, int]]:
    """Files that hold the voxels, with the bytes to leave out in front."""
    if "data file" not in header:
        return [(path, int(header["data offset"]))]
    names = header.get("data file list")
    if names is None:
        words = header["data file"].split()
        if "%" in words[0]:
            try:
                first, last, step = (int(word) for word in words[1:4])
                names = [words[0] % number for number in range(first, last + (1 if step > 0 else -1), step)]
            except (ValueError, TypeError) as error:
                raise ImagingError(
                    f"the data file pattern {header['data file']!r} cannot be understood", where=str(path)
                ) from error
        else:
            names = [header["data file"]]
    return [(path.parent / name, 0) for name in names]


def decoded(source: tuple[Path, int], header: Mapping[str, Any], encoding: str, expected: int) -> bytes:
    """Bytes of the voxels in one file after skipping and decompression."""
    path, offset = source
    try:
        data = path.read_bytes()[offset:]
    except OSError as error:
        raise ImagingError(f"the data file cannot be opened: {error.strerror or error}", where=str(path)) from error
    for _ in range(header.get("line skip", 0)):
        data = data.partition(b"\n")[2]
    skip = header.get("byte skip", 0)
    try:
        if encoding in ("gzip", "gz"):
            data = gzip.decompress(data)
        elif encoding in ("bzip2", "bz2"):
            data = bz2.decompress(data)
        elif encoding not in ("raw", "ascii", "text", "txt"):
            raise ImagingError(f"the encoding {encoding!r} is not known", where=str(path), remedy="Export it raw or gzip.")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ImagingError(
            f"the compressed voxels are damaged or truncated: {error}", where=str(path), remedy="Copy the file again."
        ) from error
    return data[len(data) - expected :] if skip == -1 and len(data) >= expected else data[max(skip, 0) :]


def write_nrrd(volume: Volume, path: str | Path, *, overwrite: bool = False) -> None:
    """Write an image as gzip NRRD in LPS millimetres; numbers of the header round-trip exactly.

    Parameters
    ----------
    volume : Volume
        Boolean masks become uint8.
    path : str or Path
        ``.nrrd`` file.
    overwrite : bool
        Whether an existing file may be replaced.
    """
    array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array
    fields = {
        "space": "left-posterior-superior",
        "space directions": " ".join(text_of(volume.affine[:3, axis]) for axis in (2, 1, 0)),
        "kinds": "domain domain domain",
        "space units": '"mm" "mm" "mm"',
        "space origin": text_of(volume.affine[:3, 3]),
    }
    write_nrrd_raw(array, path, fields=fields, overwrite=overwrite)


def write_nrrd_raw(
    array: NDArray,
    path: str | Path,
    *,
    fields: Mapping[str, str],
    pairs: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> None:
    """Write any array as gzip NRRD.

    Parameters
    ----------
    array : ndarray
        Slowest axis first, as :func:`read_nrrd_raw` gives it.
    path : str or Path
        ``.nrrd`` file.
    fields : mapping
        Header fields as text (space, space directions, kinds ...).
    pairs : mapping, optional
        Key/value pairs.
    overwrite : bool
        Whether an existing file may be replaced.
    """
    if array.dtype.newbyteorder("=") not in WRITTEN_AS:
        raise ImagingError(
            f"NRRD cannot hold voxels of type {array.dtype}", where=str(path), remedy="Convert to float32 or an integer."
        )
    lines = ["NRRD0005", f"type: {WRITTEN_AS[array.dtype.newbyteorder('=')]}", f"dimension: {array.ndim}"]
    lines += [f"sizes: {' '.join(str(n) for n in reversed(array.shape))}", "endian: little", "encoding: gzip"]
    lines += [f"{name}: {text}" for name, text in fields.items()]
    lines += [f"{key}:={value.replace(chr(10), chr(92) + 'n')}" for key, value in (pairs or {}).items()]
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    with atomic_path(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(
            "\n".join(lines).encode() + b"\n\n" + gzip.compress(little.tobytes(), compresslevel=GZIP_LEVEL, mtime=0)
        )


def text_of(vector: NDArray[np.float64]) -> str:
    """``(a,b,c)`` with every digit."""
    return "(" + ",".join(repr(float(number)) for number in vector) + ")"
