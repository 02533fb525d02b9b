"""Lung, airways, bone, gas and oral contrast by their Hounsfield units and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.resample import canonical
from locoregional.imaging.segmentation.airways import grow_airways
from locoregional.imaging.segmentation.body import segment_body, working_step
from locoregional.imaging.segmentation.morphology import closed, components, dilated, eroded, filled_slices, widened
from locoregional.imaging.segmentation.result import Segmentation
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.sources import Facts, read_facts

__all__ = ["HuOrgans", "segment_hu_organs"]

LUNG_ML = 30.0
"""Smaller air pockets are not taken for a lung."""

RIM_MM = 3.5
"""Width of the blurred rim of the lung, on working voxels."""
DEEP_MM = 4.0
"""Depth from which the inside of an air pocket is judged."""

PURE_GAS_HU = -930.0
"""Mean of a pocket below which it is gas, not lung: even emphysematous lung keeps its vessels."""

RIB_RADIUS_MM = 9.0
"""Half thickness above which a bright part that is not joined to the spine is no rib."""


CORTEX_REACH_MM = 5.0
"""Dense tissue farther than this from a cortex is not bone."""

SPINE_HALF_WIDTH_MM = 30.0
"""Half width of the vertebral column; kidneys lie farther from the midline."""

MARROW_HU = 70.0
"""Mean that tells a hole of marrow (cancellous bone, about 100 HU and more) from the spinal canal (about 20 to 40 HU)."""


@dataclass(frozen=True)
class HuOrgans:
    """Structures that need no seed.

    Attributes
    ----------
    body, lung, airways, bone, gas, oral_contrast : Segmentation
        Masks on the image's grid; ``gas`` is air in the body that is neither lung nor airway, ``oral_contrast`` bright content of
        bowel (told from bone by shape and place).
    """

    body: Segmentation
    lung: Segmentation
    airways: Segmentation
    bone: Segmentation
    gas: Segmentation
    oral_contrast: Segmentation

    def masks(self) -> Mapping[str, Volume]:
        """Masks by name, empty ones left out."""
        return {name: s.mask for name, s in vars(self).items() if s.mask.array.any()}


def segment_hu_organs(ct: Volume, *, progress: Progress = silent) -> HuOrgans:
    """Body, lung, airways, bone, gas and oral contrast of a CT.

    Parameters
    ----------
    ct : Volume
        CT [HU], with or without intravenous contrast.
    progress : Progress
        Told how far it is.

    Returns
    -------
    HuOrgans
    """
    facts = read_facts(__package__)
    progress(0.0, "finding the body")
    body = segment_body(ct)
    inside = body.mask.array
    progress(0.4, "finding air")
    step = working_step(ct)
    thin = (slice(None, None, step[0]), slice(None, None, step[1]), slice(None, None, step[2]))
    spacing = ct.spacing_mm * step
    coarse, coarse_body = ct.array[thin], inside[thin]
    lung, lung_words = _lungs(coarse, coarse_body, spacing, float(facts["air.upper"]))
    tree, tree_words = grow_airways(canonical(ct.on(ct.array)), threshold_hu=float(facts["airway.upper"]))
    airways = _back(tree, ct) & inside
    air = (ct.array < float(facts["air.upper"])) & inside
    # Air right at the lung is its blurred rim; the diaphragm keeps bowel farther away.
    rim = widened(dilated(lung, spacing, radius_mm=RIM_MM), step, ct.shape) & air
    lung = (widened(lung, step, ct.shape) | rim) & inside & ~airways
    gas = air & ~lung & ~airways
    progress(0.7, "finding bone")
    bone, bright, bone_words = _bones(coarse, coarse_body, spacing, ct, facts)
    dense = (ct.array > (facts["bone.lower"].low or 0.0)) & inside
    bone = widened(dilated(bone, spacing, radius_mm=1.0), step, ct.shape) & dense | widened(bone, step, ct.shape) & inside
    bright = widened(dilated(bright, spacing, radius_mm=1.0), step, ct.shape) & dense & ~bone
    progress(1.0, "organs found")

    def made(mask: NDArray[np.bool_], warnings: tuple[str, ...], assumed: str) -> Segmentation:
        quality = "not seen" if not mask.any() else ("fair" if warnings else "good")
        return Segmentation(ct.on(mask, unit=""), quality, warnings, (assumed,))

    return HuOrgans(
        body,
        made(lung, lung_words, f"lung is air below {float(facts['air.upper']):g} HU with its vessels"),
        made(airways, tree_words, f"airways are grown from the windpipe below {float(facts['airway.upper']):g} HU"),
        made(
            bone,
            bone_words,
            f"bone is from {facts['bone.lower'].low:g} HU with a cortex above {float(facts['bone.cortex']):g} HU",
        ),
        made(gas, (), "all other air inside the body is gas of bowel or wound"),
        made(bright, (), "bright parts that are neither joined to the skeleton nor thin are content of bowel"),
    )


def _lungs(
    coarse: NDArray, body: NDArray[np.bool_], spacing: NDArray, threshold: float
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Lungs with the vessels inside them, at working resolution."""
    numbers, sizes = components((coarse < threshold) & body)
    ml = sizes * float(np.prod(spacing)) * 1e-3
    # The deep part of a pocket tells gas from lung: its rim is blurred in both.
    deep = eroded(numbers > 0, spacing, radius_mm=DEEP_MM)
    wanted = [int(n) for n in np.flatnonzero(ml > LUNG_ML) if n > 0]
    lung = np.zeros(len(sizes), dtype=bool)
    for n in wanted:
        values = coarse[deep & (numbers == n)]
        lung[n] = len(values) == 0 or float(np.median(np.maximum(values, -1024))) > PURE_GAS_HU
    mask = lung[numbers]
    if not mask.any():
        return mask, ("no lung is seen in this image",)
    return closed(mask, spacing, radius_mm=4.0) & body & (coarse < 200), ()


def _bones(
    coarse: NDArray, body: NDArray[np.bool_], spacing: NDArray, ct: Volume, facts: Facts
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], tuple[str, ...]]:
    """Skeleton with its marrow, and other bright parts, at working resolution."""
    from scipy.ndimage import distance_transform_edt as edt
    from scipy.ndimage import gaussian_filter, maximum, median

    calm = gaussian_filter(np.clip(coarse, -200, 1200).astype(np.float32), 0.6 * min(spacing) / spacing)
    lower, cortex = _adapted(calm, body, spacing, facts)
    # Bright tissue far from any cortex is a kidney, a vessel or thin contrast even where it touches a rib; the middle of the
    # spine has so thin a cortex that it may lie farther away.
    dense = (calm > lower) & body
    hard = (calm > cortex) & body
    back = _place(ct, coarse.shape, body, 1)
    side = _place(ct, coarse.shape, body, 0)
    behind_hard = hard & (back > 0.3 * back.max())
    middle = float(np.median(side[behind_hard])) if behind_hard.any() else 0.0
    column = (np.abs(side - middle) < SPINE_HALF_WIDTH_MM) & (back > 0.0)
    dense &= dilated(hard, spacing, radius_mm=CORTEX_REACH_MM) | (column & dilated(hard, spacing, radius_mm=22.0))
    numbers, sizes = components(dense)
    count = len(sizes)
    if count < 2:
        return dense, dense.copy(), ("no bone is seen in this image",)
    index = np.arange(count)
    owner = numbers[dense]
    peak = maximum(calm[dense], owner, index)
    volume_ml = sizes * float(np.prod(spacing)) * 1e-3
    has_cortex = (peak > cortex) & (volume_ml > 0.05)
    thick = maximum(edt(dense, sampling=spacing)[dense], owner, index)
    depth = median(_depth(body, spacing)[dense], owner, index)
    back = back / back.max()
    behind = median(back[dense], owner, index)
    # The skeleton's main part lies in the back half; ribs, sternum and processes are thin and near the surface.
    main = has_cortex & (behind > -0.1) & (volume_ml > 2.0)
    shallow = depth < np.maximum(38.0, 0.5 * float(np.median(depth[main])) if main.any() else 38.0)
    rib = has_cortex & (thick < RIB_RADIUS_MM) & shallow & ~main
    large = has_cortex & (volume_ml > 15.0) & (peak > 2 * cortex) & ~main
    bone = main | rib | large
    bone[0] = False
    rest = has_cortex & ~bone
    rest[0] = False
    marrow = _with_marrow(closed(bone[numbers], spacing, radius_mm=4.0) & body & (calm > -60), calm)
    words = ("some bright parts could be bone or bowel content; they are kept apart as oral contrast",) if rest.any() else ()
    return marrow, rest[numbers], words


def _depth(body: NDArray[np.bool_], spacing: NDArray) -> NDArray[np.float32]:
    """Distance to the skin [mm], from every other row and column: exact enough to tell shallow from deep."""
    from scipy.ndimage import distance_transform_edt

    thin = distance_transform_edt(body[:, ::2, ::2], sampling=spacing * (1, 2, 2))
    return np.asarray(thin.repeat(2, 1).repeat(2, 2)[:, : body.shape[1], : body.shape[2]], dtype=np.float32)


def _adapted(calm: NDArray[np.float32], body: NDArray[np.bool_], spacing: NDArray, facts: Facts) -> tuple[float, float]:
    """Lower limits of bone and cortex: as low as the brightest thick soft tissue (kidneys, great vessels) allows.

    Without contrast, and where thick voxels blur thin ribs, the lower end of the sourced range finds more bone.
    """
    near_bone = dilated((calm > (facts["bone.cortex"].low or 0.0)) & body, spacing, radius_mm=22.0)
    soft = eroded((calm > 0) & (calm < 300) & body, spacing, radius_mm=5.0) & ~near_bone
    brightest = float(np.percentile(calm[soft], 98)) if soft.any() else 0.0
    bone, cortex = facts["bone.lower"], facts["bone.cortex"]
    lower = float(np.clip(brightest + 45, bone.low or 0.0, float(bone)))
    share = (lower - (bone.low or 0.0)) / max(float(bone) - (bone.low or 0.0), 1.0)
    return lower, (cortex.low or 0.0) + share * (float(cortex) - (cortex.low or 0.0))


def _with_marrow(shell: NDArray[np.bool_], calm: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Bone with the holes that hold marrow filled slice by slice; the spinal canal stays open."""
    from scipy.ndimage import mean

    out = shell.copy()
    for k in range(shell.shape[0]):
        numbers, sizes = components(filled_slices(shell[k : k + 1])[0] & ~shell[k])
        if len(sizes) > 1:
            level = np.asarray(mean(calm[k], numbers, np.arange(len(sizes))))
            full = level > MARROW_HU
            full[0] = False
            out[k] |= full[numbers]
    return out


def _place(ct: Volume, shape: tuple[int, ...], body: NDArray[np.bool_], lps: int) -> NDArray[np.float32]:
    """LPS coordinate [mm] of the coarse voxels, counted from the middle of the body."""
    steps = np.array(ct.shape) / shape
    axes = [ct.affine[lps, a] * np.arange(shape[a]) * steps[a] for a in range(3)]
    at = axes[0][:, None, None] + axes[1][None, :, None] + axes[2][None, None, :]
    low, high = np.percentile(at[body], [1, 99])
    return np.asarray(at - (low + high) / 2, dtype=np.float32)


def _back(mask: Volume, ct: Volume) -> NDArray[np.bool_]:
    """Mask of the canonical image on the image's own axes."""
    back = np.linalg.inv(mask.affine) @ ct.affine
    axes = np.abs(back[:3, :3]).argmax(axis=0)
    array = np.transpose(mask.array, axes)
    for axis in range(3):
        if back[axes[axis], axis] < 0:
            array = np.flip(array, axis)
    return np.ascontiguousarray(array)
