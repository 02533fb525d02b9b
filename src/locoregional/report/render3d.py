"""A picture of surfaces in space without graphics hardware: the still of every 3-D scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.report.marks import Point, Surface
from locoregional.report.palette import rgb
from locoregional.report.planes import direction_letters

__all__ = ["Camera", "camera_for", "render", "render_array", "vertex_normals"]

FIELD_OF_VIEW_DEG = 26.0
SUPERSAMPLING = 2
DENSE = 0.4
"""Surfaces at least this opaque hide each other: what lies behind two of them could hardly be made out."""
NEAR_MM = 5.0
"""Triangles nearer to the eye are not drawn."""


@dataclass(frozen=True, eq=False)
class Camera:
    """An eye looking at a point.

    Attributes
    ----------
    target_lps_mm : ndarray, shape (3,) [mm]
        Middle of the picture.
    view_from : ndarray, shape (3,)
        Unit LPS direction from the target to the eye.
    distance_mm : float [mm]
        From eye to target.
    up : tuple of float
        LPS direction that points up in the picture.
    """

    target_lps_mm: NDArray[np.float64]
    view_from: NDArray[np.float64]
    distance_mm: float
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @property
    def axes(self) -> NDArray[np.float64]:
        """Rows: unit LPS vectors right, down and away from the viewer, shape (3, 3)."""
        away = -np.asarray(self.view_from, dtype=float)
        away = away / np.linalg.norm(away)
        right = np.cross(away, self.up)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(away, right), away])

    def project(self, lps_mm: ArrayLike, *, width: int, height: int) -> NDArray[np.float64]:
        """Pixel column, pixel row and depth [mm] of LPS points, shape (n, 3)."""
        eye = (np.asarray(lps_mm, dtype=float) - self.target_lps_mm) @ self.axes.T
        depth = eye[:, 2] + self.distance_mm
        focal = 0.5 * height / np.tan(np.deg2rad(FIELD_OF_VIEW_DEG / 2)) / np.maximum(depth, 1e-3)
        return np.column_stack([width / 2 + eye[:, 0] * focal, height / 2 + eye[:, 1] * focal, depth])


def camera_for(
    surfaces: Sequence[Surface],
    *,
    view_from: ArrayLike = (-0.5, -1.0, 0.35),
    target_lps_mm: ArrayLike | None = None,
    reach_mm: float | None = None,
    ratio: float = 4 / 3,
) -> Camera:
    """Camera that holds all shown surfaces in the picture, or what lies within ``reach_mm`` of the target.

    Parameters
    ----------
    surfaces : sequence of Surface
        What must fit.
    view_from : array_like, shape (3,)
        LPS direction from the target to the eye; not along the body axis.
    target_lps_mm : array_like, optional
        Middle of the picture; middle of the surfaces' box when not given.
    reach_mm : float, optional [mm]
        For a close-up.
    ratio : float
        Width by height of the picture.
    """
    shown = [s.vertices_lps_mm for s in surfaces if s.shown] or [s.vertices_lps_mm for s in surfaces]
    if not shown:
        raise GeometryError("a scene without surfaces cannot be seen", remedy="Add at least one surface.")
    points = np.concatenate([v[:: max(1, len(v) // 500)] for v in shown])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2 if target_lps_mm is None else np.asarray(target_lps_mm, dtype=float)
    away = np.asarray(view_from, dtype=float)
    away = away / np.linalg.norm(away)
    if abs(away[2]) > 0.999:
        raise GeometryError("the view along the body axis has no up", remedy="Tilt view_from a little.")
    slope = np.tan(np.deg2rad(FIELD_OF_VIEW_DEG / 2))
    if reach_mm is not None:
        return Camera(middle, away, float(reach_mm / slope))
    camera = Camera(middle, away, 1.0)
    eye = (points - middle) @ camera.axes.T
    needed = np.maximum(np.abs(eye[:, 0]) / (slope * ratio), np.abs(eye[:, 1]) / slope) - eye[:, 2]
    return Camera(middle, away, float(max(needed.max() * 1.03, 10.0)))


def vertex_normals(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> NDArray[np.float64]:
    """Unit normals at vertices, weighted by triangle area, shape (n, 3)."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    total = np.stack(
        [np.bincount(faces.ravel(), weights=np.repeat(flat[:, k], 3), minlength=len(vertices)) for k in range(3)], axis=1
    )
    size = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.where(size > 0, size, 1.0))


def render_array(surfaces: Sequence[Surface], camera: Camera, *, width: int = 1200, height: int = 900) -> NDArray[np.uint8]:
    """Picture of the shown surfaces, shape (height, width, 4), transparent where there is nothing.

    Parameters
    ----------
    surfaces : sequence of Surface
        Opaque ones hide each other; see-through ones are blended by depth, each with its nearest side.
    camera : Camera
        Where to look from.
    width, height : int
        Pixels.
    """
    from locoregional.report.raster import blend_layers, draw_triangles

    rows, columns = height * SUPERSAMPLING, width * SUPERSAMPLING
    shown = [s for s in surfaces if s.shown and s.opacity > 0]
    layers = _layers(shown)
    depths = np.full((1 + max(layers), rows, columns), np.inf, dtype=np.float32)
    shades = np.zeros((1 + max(layers), rows, columns, 4), dtype=np.float32)
    for surface, layer in zip(shown, layers, strict=True):
        corners = camera.project(surface.vertices_lps_mm, width=columns, height=rows)
        normals = vertex_normals(surface.vertices_lps_mm, surface.faces) @ camera.axes.T
        flat = np.broadcast_to(np.array(rgb(surface.colour)), normals.shape)
        colours = flat if surface.colours is None else surface.colours / 255.0
        single = [np.ascontiguousarray(a, dtype=np.float32) for a in (corners, normals, colours)]
        faces = surface.faces[(corners[:, 2] > NEAR_MM)[surface.faces].all(axis=1)]
        draw_triangles(single[0], single[1], single[2], faces, depths[layer], shades[layer], float(surface.opacity))
    _darken_edges(depths[0], shades[0])
    picture = blend_layers(depths, shades)
    picture = picture.reshape(height, SUPERSAMPLING, width, SUPERSAMPLING, 4).mean(axis=(1, 3))
    alpha = picture[..., 3:]
    picture[..., :3] /= np.maximum(alpha, 1e-4)
    return np.asarray(np.round(255.0 * np.clip(picture, 0.0, 1.0)), dtype=np.uint8)


def _layers(shown: Sequence[Surface]) -> list[int]:
    """Layer of each surface: 0 opaque, 1 those nearly so together (the nearest hides the others), the rest one each."""
    layers, last = [], 1
    for surface in shown:
        if surface.opacity >= 1:
            layers.append(0)
        elif surface.opacity >= DENSE:
            layers.append(1)
        else:
            last += 1
            layers.append(last)
    return layers or [0]


def _darken_edges(depth: NDArray[np.float32], shade: NDArray[np.float32]) -> None:
    """Darken opaque pixels that lie just behind a nearer edge, in place: separates shapes of like colour."""
    solid = np.where(np.isfinite(depth), depth, np.float32(1e6))
    behind = np.zeros_like(solid)
    for axis, shift in ((0, 2), (0, -2), (1, 2), (1, -2)):
        behind = np.maximum(behind, solid - np.roll(solid, shift, axis=axis))
    shade[..., :3] *= (1.0 - 0.38 * np.clip((behind - 2.0) / 6.0, 0.0, 1.0) * (behind < 1e5))[..., None]


def render(
    surfaces: Sequence[Surface],
    *,
    points: Sequence[Point] = (),
    view_from: ArrayLike = (-0.5, -1.0, 0.35),
    target_lps_mm: ArrayLike | None = None,
    reach_mm: float | None = None,
    width: int = 1200,
    height: int = 900,
) -> bytes:
    """PNG of a scene on a transparent ground, with labelled points and the patient's directions.

    Parameters
    ----------
    surfaces : sequence of Surface
        What to draw.
    points : sequence of Point
        Labelled places, always in front.
    view_from : array_like, shape (3,)
        LPS direction from the target to the eye.
    target_lps_mm : array_like, optional
        Middle of the picture.
    reach_mm : float, optional [mm]
        Show only what lies this far around the target (a close-up).
    width, height : int
        Pixels.

    Returns
    -------
    bytes
        PNG with transparency.
    """
    from importlib.util import find_spec
    from pathlib import Path

    from PIL import Image, ImageDraw, ImageFont

    camera = camera_for(surfaces, view_from=view_from, target_lps_mm=target_lps_mm, reach_mm=reach_mm, ratio=width / height)
    image = Image.fromarray(render_array(surfaces, camera, width=width, height=height), "RGBA")
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    font = ImageFont.truetype(str(folder / "DejaVuSans-Bold.ttf"), max(14, height // 34))
    draw = ImageDraw.Draw(image)
    taken: list[tuple[float, float, float, float]] = []
    for point in points:
        x, y, _ = camera.project(point.lps_mm[None], width=width, height=height)[0]
        reach = height // 18
        places = [
            (x + side * reach, y + up * reach, "l" if side > 0 else "r")
            for reach in (reach, 2 * reach)
            for up in (-1, 1)
            for side in (1, -1)
        ]
        for px, py, edge in places:  # the first that hides no other label
            at = (px + (6 if edge == "l" else -6), py)
            box = draw.textbbox(at, point.name, font=font, anchor=f"{edge}m")
            box = (box[0] - 7, box[1] - 4, box[2] + 7, box[3] + 5)
            if not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
                break
        taken.append(box)
        draw.line([(x, y), (px, py)], fill=(70, 84, 98, 255), width=2)
        draw.rounded_rectangle(box, 7, fill=(255, 255, 255, 225), outline=(120, 134, 148, 255))
        draw.text(at, point.name, font=font, anchor=f"{edge}m", fill=(20, 32, 44, 255))
    cx, cy, size = height * 0.085, height - height * 0.085, height * 0.055
    for unit in np.eye(3):
        step = camera.axes @ unit
        end = (cx + size * step[0], cy + size * step[1])
        draw.line([(cx, cy), end], fill=(110, 124, 138, 255), width=3)
        far = (cx + 1.35 * size * step[0], cy + 1.35 * size * step[1])
        draw.text(far, direction_letters(unit), font=font, anchor="mm", fill=(110, 124, 138, 255))
    out = BytesIO()
    image.save(out, format="PNG", compress_level=6)
    return out.getvalue()
