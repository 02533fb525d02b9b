"""CT pictures: the plan in three planes and in the plane of the needle, and the lesion outline for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import MaskError
from locoregional.imaging.volume import Volume
from locoregional.report.fields import outline_field
from locoregional.report.marks import Layer, NeedleLine, common_direction
from locoregional.report.numbers import format_value
from locoregional.report.pictures.canvas import halo, jpeg_bytes, new_canvas
from locoregional.report.pictures.legend import legend_handles
from locoregional.report.pictures.needle_marks import draw_crossings, draw_needles
from locoregional.report.planes import Plane, across_plane, needle_plane, standard_planes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "ACROSS",
    "WINDOWS",
    "Window",
    "approval_panel",
    "draw_outline",
    "draw_panel",
    "plan_in_planes",
    "planes_of",
    "window_for",
    "window_of",
]

ACROSS = "Across"
"""First word of the title of the plane across needles."""
BESIDE_MM = 3.0
"""A needle this far beside another spans a plane with it."""
LEGEND_MM = 13.0
"""Height of the legend below the panels."""
PIXEL_MM = 0.4
"""Display sampling: about one picture pixel at the printed size."""


@dataclass(frozen=True)
class Window:
    """Grey-scale window: name, centre and width in HU (in the unit of the image where it is no CT)."""

    name: str
    centre_hu: float
    width_hu: float

    def grey(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values mapped to 0..1."""
        return np.asarray(np.clip((values - self.centre_hu) / self.width_hu + 0.5, 0.0, 1.0), dtype=np.float32)

    @property
    def words(self) -> str:
        """Name with width and centre, as on a workstation."""
        return f"{self.name} W {self.width_hu:g} L {self.centre_hu:g}"


WINDOWS = {
    "liver": Window("Liver", 80.0, 220.0),
    "soft tissue": Window("Soft tissue", 40.0, 400.0),
    "lung": Window("Lung", -600.0, 1500.0),
    "bone": Window("Bone", 400.0, 1800.0),
}
"""Usual CT windows."""


def window_of(organ: str) -> Window:
    """Window in which lesions of an organ are looked at."""
    return WINDOWS.get(organ, WINDOWS["soft tissue"])


def window_for(image: Volume, organ: str) -> Window:
    """Window of an image: that of the organ for a CT, else from nothing to nearly its brightest voxel."""
    if image.unit in ("HU", "") and image.modality in ("CT", ""):
        return window_of(organ)
    bright = max(float(np.quantile(image.array, 0.999)), 1e-6)
    return Window(image.modality or "image", bright / 2.0, bright)


def _scale_bar(axes: Axes, plane: Plane) -> None:
    length = next(n for n in (50.0, 20.0, 10.0, 5.0) if n <= plane.width_mm / 4 or n == 5.0)
    x0, y0 = plane.width_mm / 2 - length - 0.05 * plane.width_mm, plane.height_mm / 2 - 0.045 * plane.height_mm
    axes.plot(
        [x0, x0 + length],
        [y0, y0],
        color="white",
        linewidth=2.2,
        solid_capstyle="butt",
        zorder=9,
        path_effects=halo(width_px=4.0),
    )
    words: dict[str, Any] = {
        "color": "white",
        "fontsize": 7.5,
        "ha": "center",
        "va": "bottom",
        "zorder": 9,
        "path_effects": halo(width_px=2.5),
    }
    axes.text(x0 + length / 2, y0 - 0.015 * plane.height_mm, f"{length:g} mm", **words)


def _letters(axes: Axes, plane: Plane) -> None:
    places = {"left": (0.02, 0.5, "left", "center"), "right": (0.98, 0.5, "right", "center")}
    places |= {"top": (0.5, 0.985, "center", "top"), "bottom": (0.5, 0.015, "center", "bottom")}
    for side, (x, y, ha, va) in places.items():
        look: dict[str, Any] = {
            "color": "#ffe9a8",
            "fontsize": 9.5,
            "fontweight": "bold",
            "zorder": 9,
            "path_effects": halo(width_px=2.5),
        }
        axes.text(x, y, plane.letters[side], ha=ha, va=va, transform=axes.transAxes, **look)


def draw_outline(axes: Axes, plane: Plane, field: Volume, layer: Layer, *, pixel_mm: float) -> bool:
    """Outline of a layer where it crosses a plane; a zone with its band. False where the plane misses it."""
    values = plane.sample(field, pixel_mm=pixel_mm, outside=np.nan)  # no line where the field ends
    if not (values >= min(layer.levels)).any():
        return False
    rows, columns = values.shape
    u = ((np.arange(columns) + 0.5) / columns - 0.5) * plane.width_mm
    v = ((np.arange(rows) + 0.5) / rows - 0.5) * plane.height_mm
    if layer.role == "zone":
        axes.contourf(u, v, values, levels=[0.05, 0.95], colors=[layer.colour], alpha=0.22, zorder=3)
        axes.contour(u, v, values, levels=[0.05, 0.95], colors=[layer.colour], linewidths=0.8, linestyles=[(0, (4, 2))], zorder=4)
        axes.contour(u, v, values, levels=[0.5], colors=[layer.colour], linewidths=1.9, zorder=5)
    else:
        thick = {"lesion": 1.7, "risk": 1.3, "contour": 1.6}.get(layer.role, 1.0)
        axes.contour(
            u, v, values, levels=[0.5], colors=[layer.colour], linewidths=thick, zorder=6 if layer.role == "lesion" else 4
        )
    return True


def draw_panel(
    axes: Axes, plane: Plane, image: Volume, window: Window, *, title: str, pixel_mm: float, low_title: bool = False
) -> None:
    """One plane of an image with orientation letters, scale bar and title."""
    outside = window.centre_hu - window.width_hu
    grey = window.grey(plane.sample(image, pixel_mm=pixel_mm, outside=outside))
    half_u, half_v = plane.width_mm / 2, plane.height_mm / 2
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1, extent=(-half_u, half_u, half_v, -half_v), interpolation="bilinear")
    axes.set_xlim(-half_u, half_u)
    axes.set_ylim(half_v, -half_v)
    axes.set_axis_off()
    _letters(axes, plane)
    _scale_bar(axes, plane)
    box = {"facecolor": "black", "alpha": 0.45, "pad": 2.5, "edgecolor": "none"}
    y, va = (0.02, "bottom") if low_title else (0.985, "top")
    axes.text(0.015, y, title, color="white", fontsize=8.5, ha="left", va=va, transform=axes.transAxes, zorder=10, bbox=box)


def planes_of(needles: Sequence[NeedleLine], target_lps_mm: ArrayLike, *, side_mm: float) -> list[Plane]:
    """Planes that follow from the needles: one that holds the first, and of several one across them through the target.

    Parameters
    ----------
    needles : sequence of NeedleLine
        May be empty.
    target_lps_mm : array_like, shape (3,) [mm]
        What the pictures are about.
    side_mm : float [mm]
        Sides of the pictures.
    """
    if not needles:
        return []
    first, target = needles[0], np.asarray(target_lps_mm, dtype=float)
    middle = ((first.entry_lps_mm + first.tip_lps_mm) / 2 + target) / 2
    off = [np.linalg.norm(np.cross(first.direction, n.tip_lps_mm - first.entry_lps_mm)) for n in needles]
    beside = next((n for n, away in zip(needles, off, strict=True) if away > BESIDE_MM), None)
    name = "Plane of the needle" if len(needles) == 1 else f"Plane of {first.name}"
    if beside is not None:
        away = abs(float(np.dot(np.cross(first.direction, beside.tip_lps_mm - first.entry_lps_mm), beside.direction)))
        name += f" and {beside.name}" if away < BESIDE_MM else f" and the tip of {beside.name}"
    planes = [
        needle_plane(
            first.entry_lps_mm, first.tip_lps_mm, width_mm=side_mm, height_mm=side_mm, centre_lps_mm=middle,
            beside_lps_mm=None if beside is None else beside.tip_lps_mm, name=name,
        )
    ]  # fmt: skip
    if len(needles) > 1:
        words = f"{ACROSS}, at the target"
        planes.append(across_plane(common_direction(needles), target, side_mm=side_mm / 2, name=words))
    return planes


def plan_in_planes(
    image: Volume,
    target_lps_mm: ArrayLike,
    *,
    layers: Sequence[Layer] = (),
    needles: Sequence[NeedleLine] = (),
    window: Window = WINDOWS["soft tissue"],
    reach_mm: float = 25.0,
) -> bytes:
    """Axial, coronal and sagittal plane through the target, the plane that holds a needle, and of several the plane across them.

    Parameters
    ----------
    image : Volume
        CT [HU] or other image; any grid.
    target_lps_mm : array_like, shape (3,) [mm]
        Where the three planes cross.
    layers : sequence of Layer
        Outlines: lesion, organs, predicted zone.
    needles : sequence of NeedleLine
        The first sets the fourth panel; where there are several it holds the tip of the next as well, and a fifth panel lies
        across all of them.
    window : Window
        Grey scale.
    reach_mm : float [mm]
        Space around needle and target.

    Returns
    -------
    bytes
        JPEG.
    """
    target = np.asarray(target_lps_mm, dtype=float)
    points = np.vstack([target, *[np.stack([n.entry_lps_mm, n.tip_lps_mm]) for n in needles]])
    side = float(np.clip(2 * (np.abs(points - target).max() + reach_mm), 100.0, 260.0))
    planes: list[Plane] = list(standard_planes(target, width_mm=side, height_mm=side, depth_mm=side))
    planes += planes_of(needles, target, side_mm=side)
    fields = [(layer, outline_field(layer, points, reach_mm=side / 2)) for layer in layers if layer.shown]
    seen: set[str] = set()
    rows = -(-len(planes) // 2)
    spare = len(planes) % 2 == 1  # the legend fills the place of a panel
    foot = 0.0 if spare else LEGEND_MM
    height = 100.0 * rows + foot
    figure = new_canvas(width_mm=200, height_mm=height, background="#0b0f13")
    for i, plane in enumerate(planes):
        low = (foot + 100.0 * (rows - 1 - i // 2)) / height
        axes = figure.add_axes((0.004 + 0.499 * (i % 2), low, 0.493, 98.6 / height))
        middle_words = dict(
            zip(
                ("Axial", "Coronal", "Sagittal"),
                (f"{axis} {format_value(float(target[k]), decimals=0)}" for axis, k in (("z", 2), ("y", 1), ("x", 0))),
                strict=True,
            )
        ).get(plane.name)
        title = f"{plane.name}, {middle_words} mm" if middle_words else plane.name
        pixel_mm = max(PIXEL_MM, plane.width_mm / 420)
        draw_panel(axes, plane, image, window, title=title, pixel_mm=pixel_mm)
        for layer, field in fields:
            if field is not None and draw_outline(axes, plane, field, layer, pixel_mm=pixel_mm):
                seen.add(layer.name)
        (draw_crossings if plane.name.startswith(ACROSS) else draw_needles)(axes, plane, needles)
    handles = legend_handles([layer for layer, _ in fields if layer.name in seen], needles)
    figure.legend(
        handles=handles, loc="upper left" if spare else "lower left",
        bbox_to_anchor=(0.51, 98.0 / height) if spare else (0.0, 0.0),
        ncols=1 if spare else min(4, max(1, len(handles))), fontsize=8.5 if spare else 7.5, labelcolor="white", frameon=False,
        handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip
    figure.text(0.995, 0.012, window.words, color="#b9c4cd", fontsize=7.5, ha="right", va="bottom")
    return jpeg_bytes(figure)


def _approval_levels(volume: Volume, places_lps_mm: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """Heights at which to show a lesion: the image's own axial slices, spread evenly, with neighbours where it has too few."""
    axis = int(np.argmax(np.abs(volume.grid.directions[2])))
    step = abs(float(volume.affine[2, axis]))
    if abs(float(volume.grid.directions[2, axis])) < 0.999:
        low, high = places_lps_mm[:, 2].min(), places_lps_mm[:, 2].max()
        return np.asarray(low + (high - low) * (np.arange(count) + 0.5) / count)
    own = np.unique(np.round(places_lps_mm[:, 2], 3))
    while len(own) < count:
        own = np.concatenate([[own[0] - step], own, [own[-1] + step]])
    return own[np.round(np.linspace(0, len(own) - 1, count)).astype(int)] if len(own) > count + 1 else own[:count]


def approval_panel(
    image: Volume,
    lesion: Layer,
    *,
    count: int = 4,
    window: Window = WINDOWS["soft tissue"],
    reach_mm: float = 22.0,
    outlined: Sequence[Layer] = (),
) -> bytes:
    """Axial slices through a lesion, plain above and outlined below, so that a reader can approve the outline.

    Parameters
    ----------
    image : Volume
        CT [HU].
    lesion : Layer
        Its mask or occupancy.
    count : int
        Number of slices, spread over its extent.
    window : Window
        Grey scale.
    reach_mm : float [mm]
        Space around the lesion.
    outlined : sequence of Layer
        Further outlines in the lower row.

    Returns
    -------
    bytes
        JPEG.

    Raises
    ------
    MaskError
        If the lesion is empty.
    """
    inside = np.argwhere(lesion.volume.array >= 0.5)
    if len(inside) == 0:
        raise MaskError("there is no voxel to outline", where=lesion.name, remedy="Check the mask or the seed point.")
    places = lesion.volume.grid.to_lps(inside)
    low, high = places.min(axis=0), places.max(axis=0)
    middle = (low + high) / 2
    side = float(max(high[0] - low[0], high[1] - low[1]) + 2 * reach_mm)
    levels = _approval_levels(lesion.volume, places, count=count)
    points = np.stack([low, high, *[[middle[0], middle[1], z] for z in levels]])
    shown = [*outlined, lesion]
    fields = [(layer, outline_field(layer, points, reach_mm=side / 2)) for layer in shown]
    figure = new_canvas(width_mm=200, height_mm=200 * 2 / count, background="#0b0f13")
    gap = 0.004
    for i, z in enumerate(levels):
        plane = Plane("Axial", np.array([middle[0], middle[1], z]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), side, side)
        for row in (0, 1):
            axes = figure.add_axes((i / count + gap, (1 - row) / 2 + gap, 1 / count - 2 * gap, 0.5 - 2 * gap))
            draw_panel(
                axes,
                plane,
                image,
                window,
                title=f"z {format_value(float(z), decimals=1)} mm" if row == 0 else "outlined",
                pixel_mm=side / 300,
                low_title=True,
            )
            for layer, field in fields:
                if row == 1 and field is not None:
                    draw_outline(axes, plane, field, layer, pixel_mm=side / 300)
    return jpeg_bytes(figure)
