"""What kind of DICOM object a file is, and whose."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import tag_name, text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["VOLUME_CLASSES", "class_name", "patient_key", "printable", "require_volume_class"]

IMAGE = "1.2.840.10008.5.1.4.1.1."
VOLUME_CLASSES = {
    **dict.fromkeys((IMAGE + "2", IMAGE + "2.1", IMAGE + "2.2"), "CT"),
    **dict.fromkeys((IMAGE + "4", IMAGE + "4.1", IMAGE + "4.4"), "MR"),
    **dict.fromkeys((IMAGE + "128", IMAGE + "130", IMAGE + "128.1"), "PT"),
    IMAGE + "20": "NM",
}
"""SOP classes that are read as volumes, with their modality."""

MASK_WORDS = ("Segmentation", "Label Map", "RT Structure Set")
LABEL_MAP_CLASS = IMAGE + "66.7"


def class_name(dataset: Dataset) -> str:
    """What kind of DICOM object this is, in words."""
    from pydicom import config
    from pydicom.uid import UID

    uid = text(dataset, "SOPClassUID", where="")
    modality = text(dataset, "Modality", where="") or "no modality"
    name = "Label Map Segmentation Storage" if uid == LABEL_MAP_CLASS else UID(uid, config.IGNORE).name if uid else "no SOP class"
    return f"{printable(name.removesuffix(' Storage'))} ({printable(modality)})"


def printable(words: str) -> str:
    """Text of a header for a message: short, and damaged letters made visible."""
    return words[:80].encode("unicode_escape").decode("ascii") if not words.isprintable() else words[:80]


def require_volume_class(dataset: Dataset, *, where: str) -> str:
    """Modality of a CT, MR, PET or NM object; DicomError for any other, saying what it is."""
    uid = text(dataset, "SOPClassUID", where=where)
    if not uid:
        raise DicomError(
            f"{tag_name('SOPClassUID')} is missing: the file does not say what it is", where=where, remedy="Export it again."
        )
    if uid not in VOLUME_CLASSES:
        name = class_name(dataset)
        cure = "Read it as masks." if any(word in name for word in MASK_WORDS) else "Choose a CT, MR, PET or NM series."
        raise DicomError(f"{name} is not a CT, MR, PET or NM volume", where=where, remedy=cure)
    return VOLUME_CLASSES[uid]


def patient_key(dataset: Dataset, *, where: str) -> str:
    """Eight letters that differ between patients and name none."""
    words = text(dataset, "PatientID", where=where) + "|" + text(dataset, "PatientName", where=where)
    return hashlib.sha256(words.encode()).hexdigest()[:8]
