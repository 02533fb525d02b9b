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
from locoregional.report.marks import Layer, NeedleLine
from locoregional.report.numbers import format_value
from locoregional.report.palette import COLOURS
from locoregional.report.pictures.canvas import jpeg_bytes, new_canvas
from locoregional.report.planes import Plane, needle_plane, standard_planes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patheffects import AbstractPathEffect

__all__ = ["WINDOWS", "Window", "approval_panel", "draw_outline", "draw_panel", "plan_in_planes"]

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


def _halo(width: float) -> list[AbstractPathEffect]:
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width, foreground="black", alpha=0.6), Normal()]


def _scale_bar(axes: Axes, plane: Plane) -> None:
    length = next(n for n in (50.0, 20.0, 10.0, 5.0) if n <= plane.width_mm / 4 or n == 5.0)
    x0, y0 = plane.width_mm / 2 - length - 0.05 * plane.width_mm, plane.height_mm / 2 - 0.045 * plane.height_mm
    axes.plot([x0, x0 + length], [y0, y0], color="white", linewidth=2.2, solid_capstyle="butt", zorder=9, path_effects=_halo(4.0))
    words: dict[str, Any] = {
        "color": "white",
        "fontsize": 7.5,
        "ha": "center",
        "va": "bottom",
        "zorder": 9,
        "path_effects": _halo(2.5),
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
            "path_effects": _halo(2.5),
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
        thick = {"lesion": 1.7, "risk": 1.3}.get(layer.role, 1.0)
        axes.contour(
            u, v, values, levels=[0.5], colors=[layer.colour], linewidths=thick, zorder=6 if layer.role == "lesion" else 4
        )
    return True


def _needle(axes: Axes, plane: Plane, needle: NeedleLine, colour: str) -> None:
    (u0, v0, w0), (u1, v1, w1) = plane.project(np.stack([needle.entry_lps_mm, needle.tip_lps_mm]))
    style: tuple[int, tuple[int, ...]] | str = "-" if max(abs(w0), abs(w1)) < 2.0 else (0, (5, 2))
    axes.plot([u0, u1], [v0, v1], color=colour, linewidth=1.8, linestyle=style, path_effects=_halo(3.2), zorder=7)
    axes.plot(
        [u0], [v0], marker="o", markersize=5.5, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.5, zorder=8
    )
    axes.plot([u1], [v1], marker="o", markersize=3.2, color=colour, zorder=8)


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


def _legend_entries(layers: Sequence[Layer], needles: Sequence[NeedleLine]) -> list[tuple[str, str, str]]:
    entries = []
    for layer in layers:
        if layer.role == "zone":
            entries += [(f"{layer.name}: 50 % chance", layer.colour, "line"), ("5 to 95 % band", layer.colour, "band")]
        else:
            entries.append((layer.name, layer.colour, "line"))
    return entries + [(f"{n.name} (ring: skin, dot: tip; dashed: projected)", COLOURS["needle"], "line") for n in needles]


def plan_in_planes(
    image: Volume,
    target_lps_mm: ArrayLike,
    *,
    layers: Sequence[Layer] = (),
    needles: Sequence[NeedleLine] = (),
    window: Window = WINDOWS["soft tissue"],
    reach_mm: float = 25.0,
) -> bytes:
    """Axial, coronal and sagittal plane through the target, and the plane that holds the whole needle.

    Parameters
    ----------
    image : Volume
        CT [HU] or other image; any grid.
    target_lps_mm : array_like, shape (3,) [mm]
        Where the three planes cross.
    layers : sequence of Layer
        Outlines: lesion, organs, predicted zone.
    needles : sequence of NeedleLine
        The first sets the fourth panel.
    window : Window
        Grey scale.
    reach_mm : float [mm]
        Space around needle and target.

    Returns
    -------
    bytes
        JPEG.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    target = np.asarray(target_lps_mm, dtype=float)
    points = np.vstack([target, *[np.stack([n.entry_lps_mm, n.tip_lps_mm]) for n in needles]])
    side = float(np.clip(2 * (np.abs(points - target).max() + reach_mm), 100.0, 260.0))
    planes: list[Plane] = list(standard_planes(target, width_mm=side, height_mm=side, depth_mm=side))
    if needles:
        n = needles[0]
        middle = (n.entry_lps_mm + n.tip_lps_mm) / 2
        planes.append(
            needle_plane(n.entry_lps_mm, n.tip_lps_mm, width_mm=side, height_mm=side, centre_lps_mm=(middle + target) / 2)
        )
    fields = [(layer, outline_field(layer, points, reach_mm=side / 2)) for layer in layers]
    pixel_mm = max(PIXEL_MM, side / 420)
    seen: set[str] = set()
    figure = new_canvas(width_mm=200, height_mm=212, background="#0b0f13")
    for i, plane in enumerate(planes):
        axes = figure.add_axes((0.004 + 0.499 * (i % 2), 0.062 + 0.4705 * (1 - i // 2), 0.493, 0.465))
        middle_words = dict(
            zip(
                ("Axial", "Coronal", "Sagittal"),
                (f"{axis} {format_value(float(target[k]), decimals=0)}" for axis, k in (("z", 2), ("y", 1), ("x", 0))),
                strict=True,
            )
        ).get(plane.name)
        title = f"{plane.name}, {middle_words} mm" if middle_words else plane.name
        draw_panel(axes, plane, image, window, title=title, pixel_mm=pixel_mm)
        for layer, field in fields:
            if field is not None and draw_outline(axes, plane, field, layer, pixel_mm=pixel_mm):
                seen.add(layer.name)
        for needle in needles:
            _needle(axes, plane, needle, COLOURS["needle"])
    handles: list[Line2D | Patch] = []
    for words, colour, kind in _legend_entries([layer for layer, _ in fields if layer.name in seen], needles):
        handles.append(
            Patch(facecolor=colour, alpha=0.4, label=words)
            if kind == "band"
            else Line2D([], [], color=colour, linewidth=2, label=words)
        )
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 0.0), ncols=min(4, max(1, len(handles))), fontsize=7.5,
        labelcolor="white", frameon=False, handlelength=1.6, columnspacing=1.4,
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
    window: Window = WINDOWS["liver"],
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
