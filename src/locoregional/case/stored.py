"""Large arrays named by their content."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume

__all__ = ["ArrayStore", "StoredVolume"]


@dataclass(frozen=True)
class StoredVolume:
    """Handle of a volume whose array is kept by content hash.

    Attributes
    ----------
    sha256 : str
        Hash of type, shape and bytes of the array (not of its place).
    shape : tuple of int
        Slices, rows, columns.
    dtype : str
        NumPy type name.
    affine : tuple of float
        The sixteen numbers of the affine, row by row, index to LPS [mm].
    unit : str
        Unit of the values (``HU``, ``C`` ...), empty for masks.
    modality : str
        DICOM modality (``CT``, ``MR`` ...), empty if unknown.
    frame_of_reference : str
        DICOM frame of reference UID, empty if unknown.
    assumed : tuple of str
        What was assumed while reading it.
    """

    sha256: str
    shape: tuple[int, int, int]
    dtype: str
    affine: tuple[float, ...]
    unit: str = ""
    modality: str = ""
    frame_of_reference: str = ""
    assumed: tuple[str, ...] = ()


def _hash(array: np.ndarray) -> str:
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()


class ArrayStore:
    """Arrays in memory, and on disk where the case has a folder.

    Parameters
    ----------
    folder : Path or None
        Folder of ``<sha256>.npz`` files; None keeps everything in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._arrays: dict[str, np.ndarray] = {}

    def put(self, volume: Volume) -> StoredVolume:
        """Keep a volume; nothing is written to disk until `flush`."""
        array = np.ascontiguousarray(volume.array)
        key = _hash(array)
        self._arrays.setdefault(key, array)
        affine = tuple(float(x) for x in volume.affine.ravel())
        return StoredVolume(
            key, volume.shape, array.dtype.name, affine, volume.unit, volume.modality, volume.frame_of_reference, volume.assumed
        )

    def get(self, ref: StoredVolume) -> Volume:
        """Volume of a handle; its content is checked against the hash when it comes from disk."""
        if ref.sha256 not in self._arrays:
            self._arrays[ref.sha256] = self._read(ref)
        affine = np.array(ref.affine).reshape(4, 4)
        return Volume(self._arrays[ref.sha256], affine, ref.unit, ref.modality, ref.frame_of_reference, ref.assumed)

    def flush(self, folder: Path, keep: set[str]) -> None:
        """Write the arrays named in ``keep`` that the folder lacks, each atomically."""
        folder.mkdir(parents=True, exist_ok=True)
        for key in sorted(keep):
            path = folder / f"{key}.npz"
            if path.exists():
                continue
            array = self._arrays.get(key)
            if array is None and self.folder is not None:
                with np.load(self.folder / f"{key}.npz") as stored:
                    array = stored["array"]
            if array is None:
                raise CaseError("an array of the case is lost", where=key, remedy="Import the images again.")
            _write_npz(path, array)
        self.folder = folder

    def prune(self, keep: set[str]) -> None:
        """Remove arrays on disk that no chart names any more (left by an interrupted or superseded run)."""
        if self.folder is None:
            return
        for path in self.folder.glob("*.npz"):
            if path.stem not in keep:
                path.unlink(missing_ok=True)

    def _read(self, ref: StoredVolume) -> np.ndarray:
        if self.folder is None or not (path := self.folder / f"{ref.sha256}.npz").is_file():
            raise CaseError(
                "an array of the case is missing",
                where=f"arrays/{ref.sha256}.npz",
                remedy="Restore the file or import the images again.",
            )
        try:
            with np.load(path) as stored:
                array = stored["array"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise CaseError("an array of the case is damaged", where=str(path), remedy="Restore it or import again.") from error
        if _hash(array) != ref.sha256:
            raise CaseError("an array of the case was changed on disk", where=str(path), remedy="Restore it or import again.")
        return array


def _write_npz(path: Path, array: np.ndarray) -> None:
    """Deflate level 1: masks shrink a hundredfold, CT at disk speed."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".npz")
    os.close(handle)
    try:
        with (
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("array.npy", "w", force_zip64=True) as member,
        ):
            np.lib.format.write_array(member, array, allow_pickle=False)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
