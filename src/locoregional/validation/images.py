"""Images keep their values and their place through every format, as independent readers see it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.nifti import read_nifti, write_nifti
from locoregional.imaging.nrrd import read_nrrd, write_nrrd
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row, not_run

__all__ = ["apart", "by_simpleitk", "oblique", "rows"]

TOPIC = "Images"
CASES = 20
FAR_MM = 500.0
"""Origins up to here from zero, further than a body in a scanner."""


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Largest error of values and places over random orientations; a real CT too where ``LOCOREGIONAL_DATA`` names its folder.

    Parameters
    ----------
    progress : Progress
        Told the share of orientations done.

    Yields
    ------
    Row
        Ours against the exact image, and against SimpleITK.
    """
    worst: dict[tuple[str, str], float] = {}
    with tempfile.TemporaryDirectory() as name:
        for seed in range(CASES):
            progress(seed / CASES, f"Images in orientation {seed + 1} of {CASES}")
            folder = Path(name) / str(seed)
            volume = oblique(seed)
            write_nifti(volume, folder / "x.nii.gz")
            write_nrrd(volume, folder / "x.nrrd")
            write_ct_series(volume, folder / "ct", patient_id="validation")
            seen = {
                "NIfTI": read_nifti(folder / "x.nii.gz"),
                "NRRD": read_nrrd(folder / "x.nrrd"),
                "DICOM CT": read_series(folder / "ct"),
                "NIfTI seen by SimpleITK": by_simpleitk(folder / "x.nii.gz"),
                "NRRD seen by SimpleITK": by_simpleitk(folder / "x.nrrd"),
                "DICOM CT seen by SimpleITK": by_simpleitk(folder / "ct"),
            }
            for path, other in seen.items():
                place, value = apart(volume, other)
                worst[path, "place"] = max(worst.get((path, "place"), 0.0), place)
                worst[path, "value"] = max(worst.get((path, "value"), 0.0), value)
    for (path, what), error in worst.items():
        unit, tolerance, of = ("mm", 1e-3, "voxel place") if what == "place" else ("HU", 0.0, "voxel value")
        source = "simpleitk" if "SimpleITK" in path else "exact solution"
        note = f"largest of {CASES} random oblique orientations, origins within {FAR_MM:g} mm"
        yield Row(TOPIC, f"{path}: error of {of}", error, 0.0, unit, tolerance, source, note)
    folder = Path(os.environ.get("LOCOREGIONAL_DATA", "")) / "ct-liver-mets" / "dicom"
    if "LOCOREGIONAL_DATA" in os.environ and folder.is_dir():
        ours, theirs = read_series(folder), by_simpleitk(folder)
        inside = theirs.array > -1500
        place, _ = apart(ours, theirs)
        value = float(np.abs(ours.array[inside] - theirs.array[inside]).max())
        note = "colorectal-liver-metastases CT, 51 slices; inside the reconstructed field"
        yield Row(TOPIC, "Real CT: voxel place against SimpleITK", place, 0.0, "mm", 0.02, "simpleitk", note)
        yield Row(TOPIC, "Real CT: HU against SimpleITK", value, 0.0, "HU", 0.0, "simpleitk", note)
    else:
        yield not_run(TOPIC, "Real CT against SimpleITK", "needs the folder of public images: --data or LOCOREGIONAL_DATA")
    progress(1.0, "Images compared")


def oblique(seed: int) -> Volume:
    """CT of random values on a random oblique grid, slices along the normal of their plane as DICOM orders them."""
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = turn * generator.uniform(0.4, 5.0, 3)
    if np.cross(turn[:, 2], turn[:, 1]) @ turn[:, 0] < 0:
        affine[:3, 0] *= -1
    affine[:3, 3] = generator.uniform(-FAR_MM, FAR_MM, 3)
    return Volume(generator.integers(-1024, 3071, (6, 17, 23)).astype(np.int16), affine, unit="HU", modality="CT")


def by_simpleitk(path: Path) -> Volume:
    """The same file or folder through SimpleITK."""
    import SimpleITK as sitk

    if path.is_dir():
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(path)))
        image = reader.Execute()
    else:
        image = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = (np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing()))[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    return Volume(sitk.GetArrayFromImage(image), affine)


def apart(one: Volume, other: Volume) -> tuple[float, float]:
    """Largest distance of equal corners [mm] and largest difference of values; infinite if the shapes differ."""
    if one.shape != other.shape:
        return float("inf"), float("inf")
    corners: NDArray[np.int_] = np.array(np.meshgrid(*[(0, n - 1) for n in one.shape], indexing="ij")).reshape(3, -1).T
    places = np.linalg.norm(one.grid.to_lps(corners) - other.grid.to_lps(corners), axis=1)
    return float(places.max()), float(np.abs(one.array.astype(float) - other.array.astype(float)).max())
