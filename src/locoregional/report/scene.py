"""Surfaces for scenes: needles, balls, thinner meshes, and their compact form inside a page."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.report.marks import NeedleLine, Surface
from locoregional.report.palette import COLOURS

__all__ = ["ball", "decode_surface", "encode_surface", "needle_surfaces", "thinned", "tube"]


def tube(
    start_lps_mm: ArrayLike,
    stop_lps_mm: ArrayLike,
    *,
    radius_mm: float,
    name: str,
    colour: str = "",
    stop_radius_mm: float | None = None,
) -> Surface:
    """Closed round tube (or cone, where ``stop_radius_mm`` differs) between two LPS points."""
    start, stop = np.asarray(start_lps_mm, dtype=float), np.asarray(stop_lps_mm, dtype=float)
    d = (stop - start) / np.linalg.norm(stop - start)
    side = np.cross(d, np.eye(3)[int(np.argmin(np.abs(d)))])
    side /= np.linalg.norm(side)
    count = 20
    angle = 2 * np.pi * np.arange(count) / count
    ring = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * np.cross(d, side)
    end_radius = radius_mm if stop_radius_mm is None else stop_radius_mm
    vertices = np.vstack([start + radius_mm * ring, stop + end_radius * ring, start, stop])
    i = np.arange(count)
    j = (i + 1) % count
    walls = np.concatenate([np.column_stack([i, j, j + count]), np.column_stack([i, j + count, i + count])])
    caps = np.concatenate(
        [
            np.column_stack([j, i, np.full(count, 2 * count)]),
            np.column_stack([i + count, j + count, np.full(count, 2 * count + 1)]),
        ]
    )
    return Surface(name, vertices, np.concatenate([walls, caps]).astype(np.int32), colour=colour)


def ball(centre_lps_mm: ArrayLike, *, radius_mm: float, name: str, colour: str = "", opacity: float = 1.0) -> Surface:
    """Sphere around an LPS point."""
    rings, count = 14, 24
    polar = np.pi * np.arange(1, rings) / rings
    turn = 2 * np.pi * np.arange(count) / count
    body = np.stack(
        np.broadcast_arrays(np.sin(polar)[:, None] * np.cos(turn), np.sin(polar)[:, None] * np.sin(turn), np.cos(polar)[:, None]),
        axis=-1,
    )
    vertices = np.vstack([body.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]]) * radius_mm + np.asarray(centre_lps_mm, dtype=float)
    i, j = np.meshgrid(np.arange(rings - 2), np.arange(count), indexing="ij")
    k = (j + 1) % count
    a, b, c, d = i * count + j, i * count + k, (i + 1) * count + j, (i + 1) * count + k
    faces = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    n, last, top = np.arange(count), (rings - 2) * count, (rings - 1) * count
    m = (n + 1) % count
    caps = np.concatenate(
        [np.column_stack([np.full(count, top), n, m]), np.column_stack([np.full(count, top + 1), last + m, last + n])]
    )
    return Surface(name, vertices, np.concatenate([faces, caps]).astype(np.int32), colour=colour, opacity=opacity)


def needle_surfaces(needle: NeedleLine, *, handle_mm: float = 45.0) -> tuple[Surface, ...]:
    """Shaft with a pointed tip, the part outside the body, and a ring where it enters the skin."""
    d, r, colour = needle.direction, needle.radius_mm, COLOURS["needle"]
    neck = needle.tip_lps_mm - min(3.5 * r, needle.length_mm / 3) * d
    return (
        tube(needle.entry_lps_mm - handle_mm * d, neck, radius_mm=r, name=needle.name, colour=colour),
        tube(neck, needle.tip_lps_mm, radius_mm=r, stop_radius_mm=0.05, name=needle.name, colour="#ffffff"),
        tube(needle.entry_lps_mm - 1.2 * d, needle.entry_lps_mm + 1.2 * d, radius_mm=3.6 * r, name=needle.name, colour="#ffd23f"),
    )


def thinned(surface: Surface, *, cell_mm: float) -> Surface:
    """Surface with at most one vertex in each cubic cell: every vertex moves to the mean of its cell.

    Parameters
    ----------
    surface : Surface
        Any triangle mesh.
    cell_mm : float [mm]
        Cell side; details below it vanish.
    """
    cell = np.floor((surface.vertices_lps_mm - surface.vertices_lps_mm.min(axis=0)) / cell_mm).astype(np.int64)
    size = cell.max(axis=0) + 1
    _, owner = np.unique((cell[:, 0] * size[1] + cell[:, 1]) * size[2] + cell[:, 2], return_inverse=True)
    count = np.bincount(owner)
    mean = np.stack([np.bincount(owner, weights=surface.vertices_lps_mm[:, k]) for k in range(3)], axis=1) / count[:, None]
    faces = owner[surface.faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    if len(faces) == 0:
        return surface
    used, packed = np.unique(faces, return_inverse=True)
    colours = None
    if surface.colours is not None:
        colour = np.stack([np.bincount(owner, weights=surface.colours[:, k]) for k in range(3)], axis=1) / count[:, None]
        colours = np.round(colour[used]).astype(np.uint8)
    return Surface(
        surface.name,
        mean[used],
        packed.reshape(-1, 3).astype(np.int32),
        surface.colour,
        surface.opacity,
        colours=colours,
        shown=surface.shown,
    )


def _text(array: NDArray[Any]) -> str:
    return b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def encode_surface(surface: Surface) -> dict[str, Any]:
    """Surface as JSON values: vertices as int16 steps of its box (error below 1/65000 of the box), little endian, base64."""
    vertices = surface.vertices_lps_mm
    low = vertices.min(axis=0)
    step = np.maximum((vertices.max(axis=0) - low) / 65535.0, 1e-9)
    steps = np.clip(np.round((vertices - low) / step) - 32768, -32768, 32767).astype("<i2")
    wide = len(vertices) > 65536
    return {
        "name": surface.name, "colour": surface.colour, "opacity": surface.opacity, "shown": surface.shown,
        "low": low.tolist(), "step": step.tolist(), "vertices": _text(steps), "wide": wide,
        "faces": _text(surface.faces.astype("<u4" if wide else "<u2")),
        "colours": None if surface.colours is None else _text(surface.colours),
    }  # fmt: skip


def decode_surface(values: dict[str, Any]) -> Surface:
    """Surface from what ``encode_surface`` gave."""
    steps = np.frombuffer(b64decode(values["vertices"]), dtype="<i2").reshape(-1, 3)
    faces = np.frombuffer(b64decode(values["faces"]), dtype="<u4" if values["wide"] else "<u2").reshape(-1, 3)
    colours = None if values["colours"] is None else np.frombuffer(b64decode(values["colours"]), dtype=np.uint8).reshape(-1, 3)
    vertices = (steps.astype(float) + 32768) * np.array(values["step"]) + np.array(values["low"])
    return Surface(
        values["name"],
        vertices,
        faces.astype(np.int32),
        values["colour"],
        values["opacity"],
        colours=colours,
        shown=values["shown"],
    )
