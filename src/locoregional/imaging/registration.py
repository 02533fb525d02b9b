"""Before and after on one grid: rigid, then smooth deformable registration, with an honest residual.

Rigid by mutual information; deformable by demons on soft-tissue windowed intensities (SimpleITK), for two CTs of a similar
contrast phase. What the treatment changed can be left out of the comparison; the smooth field around it then carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.resample import canonical, resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent

__all__ = ["Registration", "register"]

COARSE_MM = 4.0
"""Voxel side of both stages: breathing moves the liver by centimetres; sub-voxel accuracy comes from interpolation."""
RIGID_SHRINK, RIGID_ITERATIONS = (3, 2, 1), 80
"""Levels of the rigid stage, coarse to fine, and iterations on each."""
SAMPLES = 0.15
"""Share of voxels sampled for mutual information (regular sampling with a fixed seed)."""
DEMONS_PASSES = ((4.0, 40), (2.5, 40))
"""Smoothing of the field [voxels] and iterations: first the large motion, then the detail."""
FIELD_SMOOTHING = 1.0
"""Smoothing of the whole field [voxels]; more would pull it back to nothing where the liver has no texture."""
SHELL_MM = 24.0
"""Thickness of the shell around what is left out from which the field is carried through it."""
FADE_MM = 24.0
"""Room around the region in which the displacement field fades to nothing."""
SOFT_TISSUE_HU = (-150.0, 250.0)
"""Window that demons see: bone and air edges would dominate otherwise."""


@dataclass(frozen=True, eq=False)
class Registration:
    """A mapping of LPS points of the fixed image to LPS points of the moving image.

    Attributes
    ----------
    transform : SimpleITK.Transform
        Fixed point to moving point, LPS [mm].
    grid : Grid
        Grid of the fixed image.
    residual_mm : float
        Error estimate: mean residual displacement of textured blocks, or of carrying the left-out part if that is larger.
    blocks : int
        Number of blocks behind the residual; below 8 the estimate is not trusted.
    words : tuple of str
        Quality in words.
    """

    transform: Any
    grid: Grid
    residual_mm: float
    blocks: int
    words: tuple[str, ...]

    def to_moving(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Where points of the fixed image lie in the moving image, shape (n, 3) [mm]."""
        points = np.atleast_2d(np.asarray(lps_mm, dtype=float))
        return np.array([self.transform.TransformPoint([float(x) for x in p]) for p in points])

    def carried(self, volume: Volume, *, outside: float = 0.0) -> Volume:
        """Volume of the moving space on the fixed grid; masks come back as occupancy 0..1."""
        import SimpleITK as sitk

        array = volume.array.astype(np.float32)
        image = _image(Volume(array, volume.affine))
        frame = _image(Volume(np.zeros(self.grid.shape, np.uint8), self.grid.affine))
        carried = sitk.Resample(image, frame, self.transform, sitk.sitkLinear, float(outside), sitk.sitkFloat32)
        return Volume(sitk.GetArrayFromImage(carried), self.grid.affine, unit=volume.unit, modality=volume.modality)


def _image(volume: Volume) -> Any:
    """SimpleITK image of a volume; SimpleITK orders axes (x, y, z), arrays come (z, y, x)."""
    import SimpleITK as sitk

    if not volume.grid.is_orthogonal:
        raise GeometryError("a sheared image cannot be registered", remedy="Resample it onto an orthogonal grid first.")
    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array))
    image.SetSpacing([float(s) for s in volume.spacing_mm[::-1]])
    image.SetOrigin([float(x) for x in volume.affine[:3, 3]])
    image.SetDirection([float(x) for x in volume.grid.directions[:, ::-1].ravel()])
    return image


def _reduced(volume: Volume, spacing_mm: float, *, outside: float) -> Volume:
    """Smoothed copy on a coarser axial grid that covers the volume."""
    from scipy.ndimage import gaussian_filter

    upright = canonical(volume)
    factor = np.maximum(1.0, spacing_mm / upright.spacing_mm)
    smooth = gaussian_filter(upright.array.astype(np.float32), 0.4 * (factor - 1), mode="nearest")
    shape = np.maximum(8, np.floor(np.array(upright.shape) / factor)).astype(int)
    affine = upright.affine.copy()
    affine[:3, :3] *= factor
    grid = Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)
    return resampled(Volume(smooth, upright.affine), grid, outside=outside)


def register(
    moving: Volume,
    fixed: Volume,
    *,
    region: Volume | None = None,
    left_out: Volume | None = None,
    deformable: bool = True,
    start: Registration | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Registration:
    """Find where points of the fixed image lie in the moving image.

    Parameters
    ----------
    moving, fixed : Volume
        Images of the same patient, for example planning (moving) and follow-up (fixed) CT.
    region : Volume or None
        Mask on the fixed grid that decides (for example the body, or the liver and its surroundings).
    left_out : Volume or None
        Mask on the fixed grid that must not decide (what the treatment changed).
    deformable : bool
        Add a smooth displacement field to the rigid motion; needs two images of one modality.
    start : Registration or None
        A rigid registration of the same two images to go on from.
    seed : int
        Seed of the sampling; same seed, same result.

    Returns
    -------
    Registration
        With a residual estimated from textured blocks.
    """
    import SimpleITK as sitk

    if deformable and moving.modality and fixed.modality and moving.modality != fixed.modality:
        raise GeometryError(
            f"{moving.modality} cannot be deformed onto {fixed.modality}",
            remedy="Register rigidly (deformable=False), or give the zone in the frame of the planning image.",
        )
    progress(0.0, "rigid registration")
    low = float(min(moving.array.min(), fixed.array.min()))
    fixed_coarse, moving_coarse = (_reduced(v, COARSE_MM, outside=low) for v in (fixed, moving))
    mask = _mask(region, left_out, fixed_coarse.grid, fixed.grid)
    if start is None:
        rigid = _optimised(fixed_coarse, moving_coarse, _first_guess(fixed, moving, fixed_coarse, moving_coarse), mask, seed)
    else:
        rigid = start.transform.GetNthTransform(0)
    transform = sitk.CompositeTransform(3)
    transform.AddTransform(rigid)
    if deformable:
        progress(0.3, "deformable registration")
        # SimpleITK applies the transform added last first: point -> field -> rigid.
        if region is not None:
            fixed_coarse = _around(fixed_coarse, region)
        field, bridge = _demons(fixed_coarse, moving_coarse, rigid, region, left_out, low)
        transform.AddTransform(field)
    found = Registration(transform, fixed.grid, float("nan"), 0, ("rigid only, its residual was not measured",))
    if not deformable:
        return found
    progress(0.9, "measuring the residual")
    residual, blocks = _residual_mm(found, moving, fixed, region, left_out, low)
    words = [f"mean residual of {blocks} textured blocks after registration: {residual:.1f} mm"]
    if bridge > 0:
        words.append(f"the treated part was carried by its surroundings; the same step misses them by {bridge:.1f} mm on average")
        residual = float(np.fmax(residual, bridge))
    if blocks < 8:
        words.append("too little texture for a trustworthy residual: check the overlay by eye")
    progress(1.0, "registered")
    return Registration(transform, fixed.grid, residual, blocks, tuple(words))


def _mask(region: Volume | None, left_out: Volume | None, grid: Grid, fixed: Grid) -> Any:
    if region is None and left_out is None:
        return None
    keep = np.ones(grid.shape, dtype=bool)
    for volume, wanted in ((region, True), (left_out, False)):
        if volume is not None:
            if not volume.grid.same_as(fixed):
                raise GeometryError("the mask is not on the grid of the fixed image", remedy="Resample it first.")
            keep &= (resampled(volume, grid).array > 0.5) == wanted
    return _image(Volume(keep.astype(np.uint8), grid.affine))


def _first_guess(fixed: Volume, moving: Volume, fixed_coarse: Volume, moving_coarse: Volume) -> Any:
    """Where the scanner put both if they share a table position, else centre on centre."""
    import SimpleITK as sitk

    guess = sitk.Euler3DTransform(
        sitk.CenteredTransformInitializer(
            _image(fixed_coarse), _image(moving_coarse), sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.GEOMETRY
        )
    )
    if fixed.grid.same_as(moving.grid) or np.allclose(fixed.affine, moving.affine, atol=1.0):
        guess.SetTranslation((0.0, 0.0, 0.0))
    return guess


def _method(mask: Any, seed: int) -> Any:
    import SimpleITK as sitk

    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=40)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(SAMPLES, seed + 1)
    method.SetInterpolator(sitk.sitkLinear)
    if mask is not None:
        method.SetMetricFixedMask(mask)
    return method


def _optimised(fixed: Volume, moving: Volume, start: Any, mask: Any, seed: int) -> Any:
    import SimpleITK as sitk

    method = _method(mask, seed)
    method.SetOptimizerAsRegularStepGradientDescent(2.0, 0.01, RIGID_ITERATIONS, relaxationFactor=0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(list(RIGID_SHRINK))
    method.SetSmoothingSigmasPerLevel([float(s - 1) for s in RIGID_SHRINK])
    method.SetInitialTransform(sitk.Euler3DTransform(start), inPlace=False)
    found = method.Execute(_image(fixed), _image(moving))
    return found.GetBackTransform() if hasattr(found, "GetBackTransform") else found


def _around(volume: Volume, region: Volume) -> Volume:
    """Part of a volume that holds a region, with room for the field to fade."""
    inside = np.argwhere(resampled(region, volume.grid).array > 0.5)
    if len(inside) == 0:
        raise GeometryError("the region of registration is empty", remedy="Check that it lies in the fixed image.")
    room = np.ceil(FADE_MM / volume.spacing_mm).astype(int)
    return volume.cropped(np.maximum(inside.min(0) - room, 0), np.minimum(inside.max(0) + 1 + room, volume.shape))


def _demons(
    fixed: Volume, moving: Volume, rigid: Any, region: Volume | None, left_out: Volume | None, low: float
) -> tuple[Any, float]:
    """Displacement field on the coarse grid, and the error of bridging what is left out.

    Outside the region, and where something is left out, the images are made equal.
    """
    import SimpleITK as sitk

    frame = _image(fixed)
    carried = sitk.Resample(_image(moving), frame, rigid, sitk.sitkLinear, low)
    still = np.clip(fixed.array, *SOFT_TISSUE_HU).astype(np.float32)
    warped = np.clip(sitk.GetArrayFromImage(carried), *SOFT_TISSUE_HU).astype(np.float32)
    if left_out is not None:
        share = np.clip(resampled(left_out, fixed.grid).array, 0, 1)
        still = share * warped + (1 - share) * still
    if region is not None:
        share = np.clip(resampled(region, fixed.grid).array, 0, 1)
        still = share * still + (1 - share) * warped
    images = [_image(Volume(a, fixed.affine)) for a in (still, warped)]
    field: Any = None
    for smoothing, iterations in DEMONS_PASSES:
        demons = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        demons.SetNumberOfIterations(iterations)
        demons.SetStandardDeviations(FIELD_SMOOTHING)
        demons.SetSmoothUpdateField(True)
        demons.SetUpdateFieldStandardDeviations(smoothing)
        field = demons.Execute(*images, field) if field is not None else demons.Execute(*images)
    unknown = 0.0
    if left_out is not None:
        hole = resampled(left_out, fixed.grid).array > 0.5
        known = np.ones_like(hole) if region is None else resampled(region, fixed.grid).array > 0.5
        array, unknown = _bridged(sitk.GetArrayFromImage(field), hole, known, fixed.spacing_mm)
        bridged = sitk.GetImageFromArray(array, isVector=True)
        bridged.CopyInformation(field)
        field = bridged
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64)), unknown


def _bridged(
    field: NDArray[np.float64], hole: NDArray[np.bool_], known: NDArray[np.bool_], spacing_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Field carried through what was left out by a quadratic fitted to the shell around it, and the error of doing so.

    The error is measured: the same fit to the outer part of the shell alone is asked for its inner part.
    """
    from scipy.ndimage import distance_transform_edt

    if not hole.any():
        return field, 0.0
    away = distance_transform_edt(~hole, sampling=spacing_mm)
    middle = np.argwhere(hole).mean(axis=0)
    places = (np.moveaxis(np.indices(hole.shape), 0, -1) - middle) * spacing_mm / SHELL_MM

    def terms(where: NDArray[np.bool_]) -> NDArray[np.float64]:
        at = places[where]
        x, y, z = at[:, 0], at[:, 1], at[:, 2]
        return np.column_stack([np.ones(len(at)), x, y, z, x * x, y * y, z * z, x * y, y * z, x * z])

    def fitted(where: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        if where.sum() < 60:  # six equations for each of the ten terms
            return None
        return np.asarray(np.linalg.lstsq(terms(where), field[where], rcond=None)[0], dtype=np.float64)

    inner = known & (away > 0) & (away <= SHELL_MM / 3)
    outer = known & (away > SHELL_MM / 3) & (away <= SHELL_MM)
    whole, test = fitted(inner | outer), fitted(outer)
    if whole is None:
        return field, float("nan")
    error = (
        float("nan")
        if test is None or not inner.any()
        else float(np.linalg.norm(terms(inner) @ test - field[inner], axis=1).mean())
    )
    share = np.clip(1.0 - away / (SHELL_MM / 3), 0.0, 1.0)[..., None]  # fades out over the inner shell, so the field has no step
    near = share[..., 0] > 0
    out = field.copy()
    out[near] = share[near] * (terms(near) @ whole) + (1.0 - share[near]) * field[near]
    return out, error


def _residual_mm(
    found: Registration, moving: Volume, fixed: Volume, region: Volume | None, left_out: Volume | None, low: float
) -> tuple[float, int]:
    """Mean displacement that block matching still finds, and the number of blocks with enough texture."""
    from skimage.registration import phase_cross_correlation

    grid = _reduced(fixed, COARSE_MM, outside=low).grid
    still = resampled(fixed, grid, outside=low).array
    warped = resampled(found.carried(moving, outside=low), grid, outside=low).array
    keep = np.ones(grid.shape, dtype=bool)
    if region is not None:
        keep &= resampled(region, grid).array > 0.5
    if left_out is not None:
        keep &= resampled(left_out, grid).array < 0.5
    still, warped = (np.clip(a, *SOFT_TISSUE_HU) for a in (still, warped))
    half = np.maximum(3, np.round(13.0 / grid.spacing_mm)).astype(int)
    shifts = []
    for centre in np.ndindex(*[max(0, n // (2 * h) - 1) for n, h in zip(grid.shape, half, strict=True)]):
        box = tuple(slice((c + 0) * 2 * h + h // 2, (c + 1) * 2 * h + h // 2) for c, h in zip(centre, half, strict=True))
        if keep[box].mean() < 0.9 or still[box].std() < 8.0:
            continue
        shift, error, _ = phase_cross_correlation(still[box], warped[box], upsample_factor=5, normalization=None)
        if error < 0.6:
            shifts.append(np.linalg.norm(shift * grid.spacing_mm))
    return (float(np.mean(shifts)) if shifts else float("nan")), len(shifts)
