"""Masks keep their voxels, volume and place through every format, as other programs and exact shapes say."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.contours import contours_to_occupancy
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.nrrd import read_nrrd
from locoregional.imaging.rtstruct import read_rtstruct
from locoregional.imaging.rtstruct_write import write_rtstruct
from locoregional.imaging.seg import read_seg
from locoregional.imaging.seg_nrrd import read_seg_nrrd, write_seg_nrrd
from locoregional.imaging.seg_write import write_seg
from locoregional.imaging.surface import mask_surface
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, part, silent
from locoregional.validation.row import Row, not_run

__all__ = [
    "ball_masks",
    "circles",
    "formats",
    "oblique_grid",
    "real_files",
    "rows",
    "shapes",
    "shoelace_mm2",
    "slicer_by_simpleitk",
]

TOPIC = "Segmentations"
RADIUS_MM = 20.0
TWINS = (
    ("liver.dcm", "liver_seg.nrrd", (1,)),
    ("partial_overlaps.dcm", "partial_overlaps-1.nrrd", (1, 4, 5)),
    ("partial_overlaps.dcm", "partial_overlaps-2.nrrd", (2,)),
    ("partial_overlaps.dcm", "partial_overlaps-3.nrrd", (3,)),
    ("sparse-labelmap-noppv.dcm", "sparse_labelmap_noppv_seg.nrrd", (1,)),
    ("sparse-labelmap-ppv5.dcm", "sparse_labelmap_ppv5_seg.nrrd", (1,)),
)
"""DICOM segmentations of dcmqi, the same as label images, and the segments in them."""

SLICER_ML = {"liver": (1726.0, 0.5), "perfused volume": (1082.0, 0.5), "Tumor 1": (112.8, 0.05), "Tumor 2": (128.5, 0.05)}
"""Volumes of a segmentation in four overlapping layers, measured apart from this code, and their rounding."""


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Formats, shapes, and real files where ``LOCOREGIONAL_DATA`` names their folder.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        Ours against the exact shape, or against the file of another program.
    """
    yield from formats(part(progress, 0.0, 0.4))
    yield from shapes()
    folder = Path(os.environ.get("LOCOREGIONAL_DATA", ""))
    if "LOCOREGIONAL_DATA" in os.environ and folder.is_dir():
        progress(0.6, "Segmentations of other programs")
        yield from real_files(folder)
    else:
        yield not_run(TOPIC, "Files of other programs", "needs the folder of public images: --data or LOCOREGIONAL_DATA")
    progress(1.0, "Segmentations compared")


def ball_masks(grid: Grid) -> dict[str, Volume]:
    """A ball, a shell around it, and a ball that overlaps both."""
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    middle = grid.to_lps((np.array(grid.shape) - 1) / 2)
    away = np.linalg.norm(grid.to_lps(index) - middle, axis=-1)
    aside = np.linalg.norm(grid.to_lps(index) - middle - grid.directions[:, 1] * 9.0, axis=-1)
    arrays = {"lesion": away <= 8.0, "predicted zone": (away <= 17.0) & (away > 8.0), "liver": aside <= 14.0}
    return {name: Volume(array, grid.affine) for name, array in arrays.items()}


def formats(progress: Progress = silent) -> Iterator[Row]:
    """Voxels that change on the way through DICOM SEG, RTSTRUCT and ``.seg.nrrd``, over oblique series."""
    differ = dict.fromkeys(("DICOM SEG", "RTSTRUCT", "seg.nrrd seen by SimpleITK"), 0)
    voxels = 0
    with tempfile.TemporaryDirectory() as name:
        for seed in range(4):
            progress(seed / 4, "Masks through every format")
            folder, grid = Path(name) / str(seed), oblique_grid(seed)
            image = Volume(np.zeros(grid.shape, np.int16), grid.affine, unit="HU", modality="CT")
            write_ct_series(image, folder / "ct", patient_id="validation")
            image, masks = read_series(folder / "ct"), ball_masks(grid)
            write_seg(masks, folder / "seg.dcm", source=folder / "ct")
            write_rtstruct(masks, folder / "rt.dcm", source=folder / "ct")
            write_seg_nrrd(masks, folder / "x.seg.nrrd")
            seg, contours = read_seg(folder / "seg.dcm", onto=image).masks(), read_rtstruct(folder / "rt.dcm", onto=image)
            slicer = slicer_by_simpleitk(folder / "x.seg.nrrd")
            for mask_name, mask in masks.items():
                voxels += int(mask.array.sum())
                differ["DICOM SEG"] += int((seg[mask_name].array != mask.array).sum())
                differ["RTSTRUCT"] += int((contours[mask_name].array != mask.array).sum())
                differ["seg.nrrd seen by SimpleITK"] += int((slicer[mask_name] != mask.array).sum())
    note = f"of {voxels} voxels of a ball, a shell and an overlapping ball on 4 oblique series"
    for name, count in differ.items():
        source = "simpleitk" if "SimpleITK" in name else "exact solution"
        yield Row(TOPIC, f"{name}: voxels that changed", count, 0.0, "1", 0.0, source, note)


def oblique_grid(seed: int) -> Grid:
    """Oblique grid of 2 mm slices and pixels of 0.8 mm, slices along the normal of their plane."""
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    if np.cross(turn[:, 2], turn[:, 1]) @ turn[:, 0] < 0:
        turn[:, 0] *= -1
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * (2.0, 0.8, 0.8), (30.0, -50.0, 400.0)
    return Grid((24, 64, 64), affine)


def slicer_by_simpleitk(path: Path) -> dict[str, NDArray[np.bool_]]:
    """Masks of a ``.seg.nrrd`` by SimpleITK, which sees layers as components and segments as key-value pairs."""
    import SimpleITK as sitk

    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    layers = array[..., None] if array.ndim == 3 else array
    found, number = {}, 0
    while image.HasMetaDataKey(f"Segment{number}_ID"):
        name, layer, label = (image.GetMetaData(f"Segment{number}_{field}") for field in ("Name", "Layer", "LabelValue"))
        found[name] = layers[..., int(layer)] == int(label)
        number += 1
    return found


def circles(radius_mm: float, *, step_mm: float, turn: NDArray[np.float64] | None = None) -> list[NDArray[np.float64]]:
    """Contours of a sphere about the origin, in planes a step apart, as polygons of 180 corners."""
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    frame = np.eye(3) if turn is None else turn
    found = []
    for height in np.arange(-np.floor(radius_mm / step_mm), radius_mm / step_mm) * step_mm:
        r2 = radius_mm**2 - height**2
        if r2 > 0.01:
            flat = [np.sqrt(r2) * np.cos(angle), np.sqrt(r2) * np.sin(angle), np.full(len(angle), height)]
            found.append(np.column_stack(flat) @ frame.T)
    return found


def shapes() -> Iterator[Row]:
    """Volumes of spheres filled from contours, and enclosed by surfaces, against the formula."""
    exact_ml = 4 / 3 * np.pi * RADIUS_MM**3 / 1000
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    shell = [*circles(RADIUS_MM, step_mm=2.0), *circles(8.0, step_mm=2.0)]
    hole_ml = 4 / 3 * np.pi * 8.0**3 / 1000
    cases = (
        ("contours on the slices", circles(RADIUS_MM, step_mm=2.0), 2.0, exact_ml),
        ("with a hole", shell, 2.0, exact_ml - hole_ml),
        ("contours 3 mm apart on 1 mm slices", circles(RADIUS_MM, step_mm=3.0), 1.0, exact_ml),
        ("contours 1 mm apart on 3 mm slices", circles(RADIUS_MM, step_mm=1.0), 3.0, exact_ml),
        ("contours oblique to the slices", circles(RADIUS_MM, step_mm=2.0, turn=turn), 2.0, exact_ml),
    )
    for name, contours, slice_mm, truth_ml in cases:
        count = int(60 / slice_mm)
        grid = Grid.regular((count, 70, 70), spacing_mm=(slice_mm, 0.9, 0.8), origin_lps_mm=(-28, -31, -slice_mm * (count // 2)))
        filled, _ = contours_to_occupancy(contours, grid)
        volume_ml = float(filled.sum(dtype=np.float64)) * grid.voxel_ml
        note = "sphere of 20 mm radius, partial voxels counted"
        yield Row(TOPIC, f"RTSTRUCT sphere, {name}", volume_ml, truth_ml, "ml", 0.01 * truth_ml, "exact solution", note)
    grid = Grid.regular((24, 60, 60), spacing_mm=(2.5, 1.0, 1.0), origin_lps_mm=(-29.5, -29.5, -28.75))
    away = np.linalg.norm(grid.to_lps(np.moveaxis(np.indices(grid.shape), 0, -1)), axis=-1)
    surface = mask_surface(Volume(away <= RADIUS_MM, grid.affine))
    note = "sphere of 20 mm radius on 2.5 x 1 x 1 mm voxels; positive means facing outward"
    yield Row(
        TOPIC,
        "Signed volume inside a surface",
        float(surface.volume) / 1000,
        exact_ml,
        "ml",
        0.01 * exact_ml,
        "exact solution",
        note,
    )
    area_mm2 = 4 * np.pi * RADIUS_MM**2
    note = "sphere of 20 mm radius on 2.5 x 1 x 1 mm voxels; what is left of the steps between slices makes it larger"
    yield Row(TOPIC, "Area of a smoothed surface", float(surface.area), area_mm2, "mm2", float("inf"), "exact solution", note)


def real_files(folder: Path) -> Iterator[Row]:
    """Files of other programs against what those programs, or arithmetic without our code, say of them.

    Parameters
    ----------
    folder : Path
        Folder of the real images.
    """
    dcmqi = folder / "dicom-conformance" / "dcmqi" / "segmentations"
    for dicom, twin, numbers in TWINS if dcmqi.is_dir() else ():
        labels = read_nrrd(dcmqi / twin)
        seg = read_seg(dcmqi / dicom, onto=labels.grid)
        wrong = sum(int((seg.mask(n).array != (labels.array == n)).sum()) for n in numbers)
        note = f"segments {', '.join(map(str, numbers))}; {int(np.isin(labels.array, numbers).sum())} voxels"
        yield Row(TOPIC, f"{dicom} against {twin}: voxels that differ", wrong, 0.0, "1", 0.0, "dcmqi", note)
    slicer = folder / "y90-maa-spect" / "patient_2_Segmentation.seg.nrrd"
    if slicer.is_file():
        masks = read_seg_nrrd(slicer)
        for name, (truth_ml, rounding_ml) in SLICER_ML.items():
            volume_ml = float(masks[name].array.sum()) * masks[name].grid.voxel_ml
            note = "segmentation of 3D Slicer in four overlapping layers"
            yield Row(TOPIC, f"Volume of {name!r}", volume_ml, truth_ml, "ml", rounding_ml, "radioembolization_samples", note)
    for name in ("CT", "PET", "MR_T1"):
        case = folder / "sarcoma-petct-mr" / "cropped" / name
        if case.is_dir():
            structures = read_rtstruct(case / "mask" / "RS.dcm", onto=read_series(case / "image"))
            roi = structures.rois[0]
            truth_ml = sum(shoelace_mm2(c) for c in roi.contours) * 3.27 / 1000
            volume_ml = float(structures[roi.name].array.sum()) * structures[roi.name].grid.voxel_ml
            note = "32 contours at 3.27 mm; reference is their area by the shoelace formula times the spacing"
            yield Row(TOPIC, f"Sarcoma contours on {name}", volume_ml, truth_ml, "ml", 0.01 * truth_ml, "sarcoma_tcia", note)


def shoelace_mm2(contour: NDArray[np.float64]) -> float:
    """Area of an axial contour [mm2]."""
    x, y = contour[:, 0], contour[:, 1]
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
