"""Time to read and write a CT, beside SimpleITK on the same files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.nifti import read_nifti, write_nifti
from locoregional.imaging.volume import Grid, Volume

SHAPE = (100, 512, 512)


def best(work: Callable[[], object], repeats: int = 3) -> float:
    """Shortest wall time of several runs [s]."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def series_by_simpleitk(folder: Path) -> sitk.Image:
    """The series through SimpleITK."""
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def ct() -> Volume:
    """Noise of 20 HU on a body, as compressible as a real CT."""
    generator = np.random.default_rng(0)
    slices, rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    body = (rows - 256.0) ** 2 / 180**2 + (columns - 256.0) ** 2 / 230**2 + 0 * slices < 1
    noise = generator.normal(0, 20, SHAPE).astype(np.float32)
    array = np.where(body, 50 + noise, -1000).astype(np.int16)
    return Volume(array, Grid.regular(SHAPE, spacing_mm=(2.5, 0.8, 0.8)).affine, unit="HU", modality="CT")


def run() -> list[dict]:
    """Rows of seconds, with those of SimpleITK and the ratio."""
    volume = ct()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows.append(
            ("DICOM series written", best(lambda: write_ct_series(volume, folder / str(time.time_ns()), patient_id="b"), 1), None)
        )
        write_ct_series(volume, folder / "ct", patient_id="b")
        rows.append(
            ("DICOM series read", best(lambda: read_series(folder / "ct")), best(lambda: series_by_simpleitk(folder / "ct")))
        )
        image = series_by_simpleitk(folder / "ct")
        ours = best(lambda: write_nifti(volume, folder / "a.nii.gz", overwrite=True), 1)
        rows.append(("NIfTI written (.nii.gz)", ours, best(lambda: sitk.WriteImage(image, str(folder / "b.nii.gz"), True), 1)))
        files = (folder / "a.nii.gz", folder / "b.nii.gz")
        rows.append(("NIfTI read (.nii.gz)", best(lambda: read_nifti(files[0])), best(lambda: sitk.ReadImage(str(files[1])))))
        share = files[0].stat().st_size / files[1].stat().st_size
        note = f"{' x '.join(map(str, SHAPE))} int16; .nii.gz {share:.2f} of SimpleITK's size"
    return [
        {
            "topic": "images",
            "case": case,
            "seconds": round(seconds, 3),
            "reference": None if reference is None else round(reference, 3),
            "ratio": None if reference is None else round(reference / seconds, 2),
            "note": note,
        }
        for case, seconds, reference in rows
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
