"""Open one DICOM file and take values from it, so that whatever is odd becomes a clear error."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, ImagingError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["head_of", "integer", "is_dicom", "items", "numbers", "open_dicom", "reason", "shown", "tag_name", "text", "value_of"]

SIGNS_OF_DICOM = ("SOPClassUID", "Modality", "SeriesInstanceUID", "StudyInstanceUID")
"""A file without the DICM mark is DICOM if it can be parsed and holds one of these."""

GROUPS_IN_FRONT = (b"\x08\x00", b"\x02\x00", b"\x00\x08", b"\x00\x02")
"""First two bytes of a DICOM stream without preamble: group 0008 or 0002 in either byte order."""


def is_dicom(path: str | Path) -> bool:
    """Whether a file is DICOM, by its content (with the DICM mark, or as a bare stream)."""
    head = head_of(Path(path))
    if head[128:132] == b"DICM":
        return True
    if head[:2] not in GROUPS_IN_FRONT:
        return False
    try:
        open_dicom(path, pixels=False)
    except ImagingError:
        return False
    return True


def head_of(path: Path) -> bytes:
    """First 132 bytes of a file."""
    try:
        with path.open("rb") as file:
            return file.read(132)
    except OSError as error:
        raise ImagingError(f"cannot be opened: {error.strerror or error}", where=str(path)) from error


def open_dicom(path: str | Path, *, pixels: bool = True, tags: Sequence[str] = ()) -> Dataset:
    """Read a DICOM file.

    Parameters
    ----------
    path : str or Path
        File of any name, with or without preamble and file meta header.
    pixels : bool
        Whether to read the pixel data too.
    tags : sequence of str
        Keywords to read; all if empty.

    Returns
    -------
    pydicom.Dataset
        ``file_meta.TransferSyntaxUID`` is always set, and ``SOPClassUID`` where the file meta header knows it; what had to be
        found elsewhere than in its element is noted in ``assumed`` (tuple of str).

    Raises
    ------
    DicomError
        If the file is not DICOM or is damaged.
    """
    import pydicom
    from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    path = Path(path)
    marked = head_of(path)[128:132] == b"DICM"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                path, force=not marked, stop_before_pixels=not pixels, specific_tags=[*tags, *SIGNS_OF_DICOM] if tags else None
            )
            meta = getattr(dataset, "file_meta", pydicom.dataset.FileMetaDataset())
            syntax, media_class = meta.get("TransferSyntaxUID"), meta.get("MediaStorageSOPClassUID")
            nameless = isinstance(media_class, str) and not dataset.get("SOPClassUID")
            if nameless:
                dataset.SOPClassUID = UID(media_class, pydicom.config.IGNORE)
            known = isinstance(media_class, str) or any(keyword in dataset for keyword in SIGNS_OF_DICOM)
    except Exception as error:  # the parser meets arbitrary bytes, and what it raises on them is open-ended
        raise DicomError(
            f"the file is damaged or is not DICOM: {reason(error)}", where=str(path), remedy="Export it again."
        ) from error
    if not known:
        begin = "the file is marked as DICOM but" if marked else "not a DICOM file: it"
        raise DicomError(f"{begin} holds none of {', '.join(SIGNS_OF_DICOM)}", where=str(path), remedy="Export it again.")
    if syntax and not isinstance(syntax, UID):
        raise DicomError(f"the transfer syntax is {shown(syntax)}", where=str(path), remedy="Export it again.")
    assumed: tuple[str, ...] = ()
    if not syntax:
        implicit, little = dataset.original_encoding
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        assumed += (f"the file names no transfer syntax; {meta.TransferSyntaxUID.name} was found from its content",)
    if nameless:
        assumed += ("SOPClassUID is empty; the kind of object was taken from the file meta header",)
    dataset.file_meta = meta
    dataset.assumed = assumed
    return dataset


def reason(error: BaseException) -> str:
    """Short text of an error of another library."""
    words = str(error).strip().splitlines()
    return f"{words[0][:200]}" if words else type(error).__name__


def shown(value: object) -> str:
    """A value for a message, short, whatever it is."""
    try:
        return repr(str(value)[:80])
    except Exception:  # a sequence of damaged items cannot even be printed
        return f"a damaged {type(value).__name__}"


def tag_name(keyword: str) -> str:
    """``RescaleSlope (0028,1053)``."""
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword) or 0
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"


def value_of(dataset: Dataset, keyword: str, *, where: str) -> Any:
    """Value of an element, None where it is missing or empty.

    Raises
    ------
    DicomError
        If the element is there but cannot be understood.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
            empty = value is None or (hasattr(value, "__len__") and len(value) == 0)
    except Exception as error:  # conversion of damaged values raises whatever it meets
        raise DicomError(f"{tag_name(keyword)} cannot be understood: {reason(error)}", where=where) from error
    return None if empty else value


def text(dataset: Dataset, keyword: str, *, where: str) -> str:
    """Text of an element, values joined by a backslash; empty where missing."""
    value = value_of(dataset, keyword, where=where)
    if value is None:
        return ""
    if not isinstance(value, str | bytes) and hasattr(value, "append") and any(hasattr(part, "keys") for part in value):
        raise DicomError(f"{tag_name(keyword)} should be text but is a sequence", where=where)
    many = not isinstance(value, str | bytes) and hasattr(value, "__iter__") and not hasattr(value, "family_name")
    return "\\".join(str(part) for part in value) if many else str(value)


def numbers(dataset: Dataset, keyword: str, count: int, *, where: str) -> NDArray[np.float64] | None:
    """Finite numbers of an element, None where it is missing.

    Raises
    ------
    DicomError
        If there are not ``count`` finite numbers.
    """
    value = value_of(dataset, keyword, where=where)
    if value is None:
        return None
    try:
        found = np.atleast_1d(np.asarray(value if isinstance(value, int | float) else list(value), dtype=float))
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (count,) or not np.isfinite(found).all():
        raise DicomError(f"{tag_name(keyword)} should be {count} number{'s' * (count > 1)} but is {shown(value)}", where=where)
    return found


def integer(dataset: Dataset, keyword: str, *, where: str, default: int | None = None) -> int:
    """Whole number of an element.

    Raises
    ------
    DicomError
        If it is missing (without ``default``) or no whole number.
    """
    value = value_of(dataset, keyword, where=where)
    if value is None:
        if default is None:
            raise DicomError(
                f"{tag_name(keyword)} is missing", where=where, remedy="Export the series again with complete headers."
            )
        return default
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise DicomError(f"{tag_name(keyword)} should be a whole number but is {shown(value)}", where=where) from error


def items(dataset: Dataset, keyword: str, *, where: str) -> Sequence[Dataset]:
    """Items of a sequence, empty where it is missing.

    Raises
    ------
    DicomError
        If the element is not a sequence.
    """
    from pydicom.sequence import Sequence as Items

    value = value_of(dataset, keyword, where=where)
    if value is None:
        return ()
    if not isinstance(value, Items):
        raise DicomError(f"{tag_name(keyword)} should be a sequence of items", where=where)
    return value
