"""Surfaces of masks and fields in LPS millimetres, as STL for planning tools and glTF for viewers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.volume import Volume

if TYPE_CHECKING:
    import trimesh

__all__ = ["GLTF_FROM_LPS_MM", "isosurface", "mask_surface", "write_glb", "write_stl"]

GLTF_FROM_LPS_MM = np.array(
    [[1e-3, 0.0, 0.0, 0.0], [0.0, 0.0, 1e-3, 0.0], [0.0, -1e-3, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]], dtype=np.float64
)
"""Root transform of every glTF written: metres, Y up (to the head), Z forward (to the front), X to the patient's left."""

VOLUME_TOLERANCE = 1e-3
"""The surface encloses the volume of its mask this closely: ten times better than the 1 % that readers rely on."""

MAX_TRIES = 24
"""Surfaces drawn at most while looking for the level; two or three are usual."""

SMOOTHING_VOXELS = 0.7
"""Blur of a mask before its surface is drawn, in voxels: takes the steps away, keeps details of two voxels."""


def isosurface(volume: Volume, *, level: float) -> trimesh.Trimesh:
    """Closed surface where a field crosses a level, facing outward (towards lower values).

    Parameters
    ----------
    volume : Volume
        Field, shape (slices, rows, columns). Beyond its edge it counts as lower than the level, so the surface is closed.
    level : float
        In the unit of the field.

    Returns
    -------
    trimesh.Trimesh
        Vertices in LPS mm; signed volume positive.

    Raises
    ------
    ImagingError
        If the field does not cross the level.
    """
    import trimesh
    from skimage.measure import marching_cubes

    field = np.asarray(volume.array, dtype=np.float32)
    if not field.min() <= level < field.max():
        raise ImagingError(
            f"the field ({field.min():g} to {field.max():g}) does not cross {level:g}",
            where=volume.unit,
            remedy="Choose another level.",
        )
    first, last = _filled_box(field > level)
    low = [max(0, a - 1) for a in first]
    box = field[tuple(slice(a, b + 1) for a, b in zip(low, last, strict=True))]
    outside = min(float(box.min()), level - (float(box.max()) - level))
    vertices, faces, _, _ = marching_cubes(np.pad(box, 1, constant_values=outside), level, allow_degenerate=False)
    points = volume.grid.to_lps(vertices.astype(np.float64) - 1.0 + np.array(low))
    a, b, c = (points[faces[:, k]] - points[0] for k in range(3))
    if float(np.einsum("ij,ij->", a, np.cross(b, c))) < 0:  # six times the enclosed volume
        faces = faces[:, ::-1]
    return trimesh.Trimesh(points, faces, process=False)


def _filled_box(inside: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    low, high = [], []
    for axis in range(3):
        filled = np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis)))
        low.append(int(filled[0]))
        high.append(int(filled[-1]) + 1)
    return low, high


def mask_surface(mask: Volume, *, smooth: bool = True) -> trimesh.Trimesh:
    """Surface of a mask that encloses the volume of the mask.

    The mask is blurred by less than a voxel, and the level is chosen so that the enclosed volume is that of the voxels; smoothing
    therefore does not shrink.

    Parameters
    ----------
    mask : Volume
        Boolean mask or float occupancy 0..1.
    smooth : bool
        Whether to blur away the steps between voxels first.

    Returns
    -------
    trimesh.Trimesh
        Closed, facing outward, vertices in LPS mm.

    Raises
    ------
    MaskError
        If the mask is empty.
    """
    array = np.asarray(mask.array, dtype=np.float32)
    if not (array > 0).any():
        raise MaskError("the mask is empty", remedy="Check the segmentation.")
    low, high = _filled_box(array > 0)
    pad = 4
    box = np.pad(array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))], pad)
    cut = Volume(box, mask.grid.cropped(low, high).affine.copy())
    affine = cut.affine.copy()
    affine[:3, 3] = cut.grid.to_lps(np.full(3, -pad))
    target_mm3 = float(array.sum(dtype=np.float64)) * mask.grid.voxel_ml * 1e3
    if smooth:
        from scipy.ndimage import gaussian_filter

        box = gaussian_filter(box, SMOOTHING_VOXELS)
    field = Volume(box, affine)
    # enclosed volume falls as the level rises: false position, kept inside the bracket by bisection
    below, above = 0.0, float(box.max())
    level, tried = 0.5 * above, []
    for _ in range(MAX_TRIES):
        mesh = isosurface(field, level=level)
        error = float(mesh.volume) / target_mm3 - 1.0
        if abs(error) < VOLUME_TOLERANCE:
            break
        below, above = (level, above) if error > 0 else (below, level)
        tried.append((level, error))
        level = 0.5 * (below + above)
        if len(tried) > 1 and tried[-1][1] != tried[-2][1]:
            (l1, e1), (l2, e2) = tried[-2:]
            secant = l2 - e2 * (l2 - l1) / (e2 - e1)
            level = secant if below < secant < above else level
    return mesh


def write_stl(mesh: trimesh.Trimesh, folder: str | Path, *, name: str, overwrite: bool = False) -> Path:
    """Write a surface as binary STL, in LPS millimetres.

    STL holds neither unit nor frame, so the file is called ``<name>_lps_mm.stl``.

    Parameters
    ----------
    mesh : trimesh.Trimesh
        Vertices in LPS mm.
    folder : path
        Where to write.
    name : str
        First part of the file name.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        File written.
    """
    path = Path(folder) / f"{name}_lps_mm.stl"
    with atomic_path(path, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        mesh.export(file_obj=file, file_type="stl")
    return path


def write_glb(
    meshes: Mapping[str, Any],
    path: str | Path,
    *,
    colours: Mapping[str, tuple[float, float, float, float]] | None = None,
    overwrite: bool = False,
) -> None:
    """Write surfaces as one binary glTF.

    Vertices stay in LPS millimetres; the root node carries ``GLTF_FROM_LPS_MM``, so that viewers see metres with Y up.

    Parameters
    ----------
    meshes : mapping
        Name to trimesh.Trimesh in LPS mm.
    path : path
        File ending in ``.glb``.
    colours : mapping, optional
        Name to red, green, blue and opacity, each 0..1.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ImagingError
        If there is no surface, or the name has another ending.
    """
    import trimesh

    if not meshes or not str(path).endswith(".glb"):
        raise ImagingError(
            "no surface, or a name that does not end in .glb", where=str(path), remedy="Give surfaces and a .glb name."
        )
    scene = trimesh.Scene()
    scene.graph.update(frame_from=scene.graph.base_frame, frame_to="lps_mm", matrix=GLTF_FROM_LPS_MM)
    for name, mesh in meshes.items():
        red, green, blue, opacity = (colours or {}).get(name, (0.8, 0.8, 0.8, 1.0))
        material = trimesh.visual.material.PBRMaterial(
            name=name,
            baseColorFactor=[red, green, blue, opacity],
            alphaMode="BLEND" if opacity < 1 else "OPAQUE",
            metallicFactor=0.0,
            roughnessFactor=0.7,
            doubleSided=opacity < 1,
        )
        drawn = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        drawn.visual = trimesh.visual.TextureVisuals(material=material)
        scene.add_geometry(drawn, node_name=name, geom_name=name, parent_node_name="lps_mm", transform=np.eye(4))
    with atomic_path(path, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        scene.export(file_obj=file, file_type="glb")
