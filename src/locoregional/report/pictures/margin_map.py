"""Where the margin is thin: the tumour surface unrolled like a globe, and how much of it lies in each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.report.palette import MARGIN_CLASSES, rgb
from locoregional.report.pictures.canvas import INK, QUIET, new_canvas, plot_axes, png_bytes

__all__ = ["class_shares", "margin_colours", "margin_map"]

HEADROOM = 1.72
"""Height of the histogram's axes over its tallest bar: room for the legend."""


def class_shares(margin_mm: ArrayLike, *, area_mm2: ArrayLike | None = None) -> NDArray[np.float64]:
    """Share of the surface in each of ``MARGIN_CLASSES``.

    Parameters
    ----------
    margin_mm : array_like, shape (n,) [mm]
        Signed margin at each surface point; negative where tumour is left.
    area_mm2 : array_like, shape (n,), optional [mm2]
        Surface that each point stands for; equal when not given.

    Returns
    -------
    ndarray, shape (4,)
        Shares, adding up to 1.
    """
    margin = np.asarray(margin_mm, dtype=float)
    weight = np.ones_like(margin) if area_mm2 is None else np.asarray(area_mm2, dtype=float)
    return np.array([weight[(margin >= low) & (margin < high)].sum() for low, high, _, _ in MARGIN_CLASSES]) / weight.sum()


def margin_colours(margin_mm: ArrayLike) -> NDArray[np.uint8]:
    """Colour of each point by margin class, shape (n, 3), for ``Surface.colours``."""
    which = np.digitize(np.asarray(margin_mm, dtype=float), [c[1] for c in MARGIN_CLASSES[:-1]])
    table = np.array([rgb(c[3]) for c in MARGIN_CLASSES]) * 255.0
    return np.round(table[which]).astype(np.uint8)


def _longitude_latitude(directions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Angles of LPS unit vectors: longitude 0 at the front, growing to the patient's left; latitude to the head [rad]."""
    return np.arctan2(directions[..., 0], -directions[..., 1]), np.arcsin(np.clip(directions[..., 2], -1.0, 1.0))


def margin_map(
    points_lps_mm: ArrayLike,
    margin_mm: ArrayLike,
    *,
    area_mm2: ArrayLike | None = None,
    counted: ArrayLike | None = None,
    needle_from_lps: ArrayLike | None = None,
) -> bytes:
    """Map of the margin over the tumour surface, with its histogram.

    Parameters
    ----------
    points_lps_mm : array_like, shape (n, 3) [mm]
        Points of the tumour surface.
    margin_mm : array_like, shape (n,) [mm]
        Signed distance to the ablation surface; negative where tumour is left.
    area_mm2 : array_like, shape (n,), optional [mm2]
        Surface that each point stands for.
    counted : array_like of bool, shape (n,), optional
        False where a subcapsular rule leaves the surface out: drawn grey, and not in the histogram.
    needle_from_lps : array_like, shape (3,) or (needles, 3), optional
        Directions from the tumour to where needles come from; marked.

    Returns
    -------
    bytes
        PNG.

    Raises
    ------
    GeometryError
        If points and margins do not belong together.
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from scipy.spatial import cKDTree

    points, margin = np.asarray(points_lps_mm, dtype=float), np.asarray(margin_mm, dtype=float)
    if points.ndim != 2 or points.shape != (len(margin), 3) or len(margin) < 4:
        raise GeometryError(f"points {points.shape} and margins {margin.shape} do not belong together", where="margin map")
    weight = np.ones_like(margin) if area_mm2 is None else np.asarray(area_mm2, dtype=float)
    counts = np.ones(len(margin), dtype=bool) if counted is None else np.asarray(counted, dtype=bool)
    counts = counts if counts.any() else ~counts
    centre = np.average(points, axis=0, weights=weight)
    directions = points - centre
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)

    lon, lat = np.meshgrid(np.linspace(-np.pi, np.pi, 361), np.linspace(-np.pi / 2, np.pi / 2, 181))
    sphere = np.stack([np.cos(lat) * np.sin(lon), -np.cos(lat) * np.cos(lon), np.sin(lat)], axis=-1)
    near, which = cKDTree(directions).query(sphere.reshape(-1, 3), k=min(6, len(points)))
    share = 1.0 / (near + 0.02) ** 2
    values = ((margin[which] * share).sum(axis=1) / share.sum(axis=1)).reshape(lon.shape)

    figure = new_canvas(width_mm=200, height_mm=92)
    globe = figure.add_axes((0.02, 0.12, 0.56, 0.74), projection="mollweide")
    cmap = ListedColormap([c[3] for c in MARGIN_CLASSES])
    globe.pcolormesh(lon, lat, values, cmap=cmap, norm=BoundaryNorm([-1e9, 0, 5, 10, 1e9], 4), shading="nearest", rasterized=True)
    globe.contour(lon, lat, values, levels=[0.0, 5.0, 10.0], colors="white", linewidths=0.8)
    if not counts.all():
        left_out = np.where(counts[which[:, 0]].reshape(lon.shape), np.nan, 0.0)
        globe.pcolormesh(lon, lat, left_out, cmap=ListedColormap(["#b4bcc4"]), shading="nearest", rasterized=True)
    globe.set_xticks([])
    globe.set_yticks([])
    globe.spines["geo"].set_color(QUIET)
    for name, (x, y) in {
        "A": (0, 0),
        "L": (np.pi / 2, 0),
        "R": (-np.pi / 2, 0),
        "P": (np.pi * 0.975, 0),
        "P ": (-np.pi * 0.975, 0),
    }.items():
        globe.text(x, y, name.strip(), color="white", fontsize=10, fontweight="bold", ha="center", va="center")
    globe.text(0.5, 1.02, "H", transform=globe.transAxes, ha="center", va="bottom", fontsize=10, fontweight="bold", color=INK)
    globe.text(0.5, -0.02, "F", transform=globe.transAxes, ha="center", va="top", fontsize=10, fontweight="bold", color=INK)
    thin = int(np.argmin(np.where(counts, margin, np.inf)))
    thin_x, thin_y = _longitude_latitude(directions[thin])
    globe.plot([thin_x], [thin_y], marker="*", markersize=15, markerfacecolor="white", markeredgecolor="black", zorder=5)
    ways = np.zeros((0, 3)) if needle_from_lps is None else np.atleast_2d(np.asarray(needle_from_lps, dtype=float))
    for way in ways:
        nx, ny = _longitude_latitude(way / np.linalg.norm(way))
        for colour, width in (("black", 3.6), ("white", 1.8)):
            globe.plot(
                [nx], [ny], marker="o", markersize=10, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=width,
                zorder=6,
            )  # fmt: skip
    title = "Tumour surface, unrolled" + ("" if counts.all() else " (grey: at the capsule)")
    margin, weight = margin[counts], weight[counts]
    figure.text(0.02, 0.965, title, fontsize=10.5, fontweight="bold", color=INK, va="top")
    come = "needle comes" if len(ways) == 1 else "needles come"
    marks = f"★ thinnest: {margin.min():.1f} mm".replace("-", "\u2212") + (f"     ○ {come} from here" if len(ways) else "")
    figure.text(0.30, 0.025, marks, fontsize=8.5, color=INK, ha="center")

    bars = figure.add_axes((0.67, 0.17, 0.31, 0.69))
    step = 1.0
    low, high = np.floor(min(margin.min(), 0.0)), np.ceil(max(margin.max(), 10.0)) + step
    edges = np.arange(low, high + step / 2, step)
    heights, _ = np.histogram(margin, bins=edges, weights=100.0 * weight / weight.sum())
    colours = [f"#{c[0]:02x}{c[1]:02x}{c[2]:02x}" for c in margin_colours(edges[:-1])]
    bars.bar(edges[:-1], heights, width=step * 0.92, align="edge", color=colours)
    for limit, style in ((0.0, "-"), (5.0, "--"), (10.0, "--")):
        bars.axvline(limit, ymax=1.1 / HEADROOM, color=INK if limit == 0.0 else QUIET, linewidth=0.9, linestyle=style)
    plot_axes(bars, xlabel="margin [mm]", ylabel="share of the surface [%]", title="How much is thin")
    top = max(1.0, float(heights.max()))
    bars.set_ylim(0, top * HEADROOM)
    bars.set_yticks([t for t in bars.get_yticks() if t <= 1.1 * top])
    for i, (words, part) in enumerate(zip([c[2] for c in MARGIN_CLASSES], class_shares(margin, area_mm2=weight), strict=True)):
        level = top * (HEADROOM - 0.09 - 0.13 * i)
        bars.text(
            0.045,
            level,
            "■",
            color=MARGIN_CLASSES[i][3],
            fontsize=10,
            va="center",
            backgroundcolor="white",
            transform=bars.get_yaxis_transform(),
        )
        bars.text(
            0.11,
            level,
            f"{100 * part:.0f} %  {words}",
            color=INK,
            fontsize=8.5,
            va="center",
            backgroundcolor="white",
            transform=bars.get_yaxis_transform(),
        )
    return png_bytes(figure)
