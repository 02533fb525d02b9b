"""Read an image, whatever its format."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from locoregional.errors import ImagingError
from locoregional.imaging.dicom_file import is_dicom
from locoregional.imaging.plausible import NonFinite, doubts_about_hu, finite_values, require_patient_scale
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent

__all__ = ["doubted", "read_image", "read_metaimage"]

SUPPORTED = "NIfTI (.nii, .nii.gz), NRRD (.nrrd, .nhdr), MetaImage (.mha, .mhd), or a DICOM file or folder"

NIFTI_SIZES = (b"\x5c\x01\0\0", b"\x1c\x02\0\0", b"\0\0\x01\x5c", b"\0\0\x02\x1c")
"""First bytes of a NIfTI header: its size, 348 or 540, in either byte order."""


def read_image(
    path: str | Path,
    *,
    series: str | int | None = None,
    stack: int | None = None,
    keep: str = "",
    fill_gaps: Literal["refuse", "interpolate"] = "refuse",
    modality: str = "",
    unit: str = "",
    nonfinite: NonFinite = "refuse",
    progress: Progress = silent,
) -> Volume:
    """Image in patient space from a file or a DICOM folder.

    Parameters
    ----------
    path : str or Path
        NIfTI, NRRD, MetaImage, or a DICOM file or folder. The content decides, not the name.
    series : str or int, optional
        Which DICOM series, where a folder holds several.
    stack, keep, fill_gaps
        Choices for DICOM series that are no single regular stack, see :func:`locoregional.imaging.dicom_volume.read_series`.
    modality, unit : str
        What the values are, for formats that do not say (DICOM does, and is believed).
    nonfinite : {"refuse", "zero"}
        What to do with NaN and infinite voxels.
    progress : Progress
        Told the share of the work done.

    Raises
    ------
    ImagingError
        If the file is of no supported format or cannot be read right.
    """
    path = Path(path)
    if not path.exists():
        raise ImagingError("there is no such file or folder", where=str(path), remedy="Check the name.")
    if path.is_dir():
        from locoregional.imaging.dicom_volume import read_series

        return read_series(path, series=series, stack=stack, keep=keep, fill_gaps=fill_gaps, progress=progress)
    with path.open("rb") as file:
        head = file.read(348)
    if not head:
        raise ImagingError("the file is empty", where=str(path), remedy="Copy it again.")
    name = path.name.lower()
    if head.startswith(b"NRRD"):
        from locoregional.imaging.nrrd import read_nrrd

        return doubted(read_nrrd(path, modality=modality, unit=unit, nonfinite=nonfinite))
    marked = head[128:132] == b"DICM"
    if not marked and name.endswith((".mha", ".mhd")):
        return doubted(read_metaimage(path, modality=modality, unit=unit, nonfinite=nonfinite))
    if not marked and (name.endswith((".nii", ".gz", ".hdr", ".img")) or head[:4] in NIFTI_SIZES):
        from locoregional.imaging.nifti import read_nifti

        return doubted(read_nifti(path, modality=modality, unit=unit, nonfinite=nonfinite))
    if marked or is_dicom(path):
        from locoregional.imaging.dicom_volume import read_series

        return read_series(path, stack=stack, keep=keep, fill_gaps=fill_gaps, progress=progress)
    raise ImagingError("the format is not supported, or the file is damaged", where=str(path), remedy=f"Use {SUPPORTED}.")


def doubted(volume: Volume) -> Volume:
    """The volume, with a word on it if it is said to be HU and does not look so."""
    return volume.assuming(*doubts_about_hu(volume.array)) if volume.unit == "HU" else volume


def read_metaimage(path: Path, *, modality: str, unit: str, nonfinite: NonFinite) -> Volume:
    """Image of a MetaImage file, by SimpleITK."""
    import SimpleITK as sitk

    try:
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(path))
        reader.SetImageIO("MetaImageIO")
        image = reader.Execute()
    except RuntimeError as error:
        raise ImagingError(f"the MetaImage cannot be read: {str(error).strip().splitlines()[-1]}", where=str(path)) from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise ImagingError(
            f"{image.GetDimension()} axes with {image.GetNumberOfComponentsPerPixel()} components are not one image",
            where=str(path),
        )
    affine = np.eye(4)
    step = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, :3], affine[:3, 3] = step[:, ::-1], image.GetOrigin()
    require_patient_scale(affine, where=str(path))
    array, assumed = finite_values(sitk.GetArrayFromImage(image), where=str(path), nonfinite=nonfinite)
    return Volume(array, affine, unit=unit, modality=modality, assumed=assumed)
