"""The arteries of patient 2: what an injection would reach before and after two of them are coiled, and a picture of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from locoregional.access.arteries.files import grown_tree
from locoregional.access.arteries.injection import Injection, closed_below, virtual_injection
from locoregional.access.arteries.supply import supply_of
from locoregional.access.arteries.tree import ArterialTree
from locoregional.imaging.phantom.arterial_growth import grow_hepatic_arteries
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.imaging.volume import Volume
from locoregional.report.pictures.canvas import INK, jpeg_bytes, new_canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COILED", "CoiledArteries", "artery_picture", "coiled_arteries"]

COILED = ("left gastric artery", "gastroduodenal artery")
"""What the review's figure shows coiled."""
BEFORE_AT, AFTER_AT = "common hepatic artery", "proper hepatic artery"
"""Where the catheter lies before the coils, and for the infusion."""
AXES = (("coronal, from the front", 0), ("sagittal, from the patient's left", 1))
"""Views: words, and the LPS axis that runs to the right of the picture."""


@dataclass(frozen=True, eq=False)
class CoiledArteries:
    """Tree with its coils and tips.

    Attributes
    ----------
    tree : ArterialTree
        Every artery, as it grew.
    coils : tuple of int
        Nodes that are closed.
    tip : int
        Node of the catheter for the infusion.
    before, after : Injection
        What is reached from the common hepatic artery without coils, and from the tip with them.
    """

    tree: ArterialTree
    coils: tuple[int, ...]
    tip: int
    before: Injection
    after: Injection

    @property
    def words(self) -> tuple[str, ...]:
        """Sentences for the report."""
        out = 100 * self.before.elsewhere_share, 100 * self.after.elsewhere_share
        return (
            f"arteries of the digital patient, known and not traced: before the coils {out[0]:.0f} % of what is injected into "
            f"the {BEFORE_AT} would leave the liver ({', '.join(self.before.leads_out)})",
            f"with {' and '.join(COILED)} coiled and the tip in the {AFTER_AT}, {out[1]:.1f} % would "
            f"({', '.join(self.after.leads_out) or 'nowhere'}); flow by collaterals is not modelled",
        )


def coiled_arteries(patient: DigitalPatient, *, seed: int) -> CoiledArteries:
    """Grow the arteries, coil two, and inject virtually before and after.

    Parameters
    ----------
    patient : DigitalPatient
        With a liver.
    seed : int
        Of the branches.
    """
    liver = patient.structures["liver"]
    tree, named = grown_tree(grow_hepatic_arteries(liver, seed=seed))
    supply, _ = supply_of(tree, liver, patient.lesion, named=named)
    names = np.array(tree.names)
    coils = tuple(int(np.flatnonzero(names == name)[0]) for name in COILED)
    first, tip = int(np.flatnonzero(names == BEFORE_AT)[0]), int(np.flatnonzero(names == AFTER_AT)[-1])
    closed = closed_below(supply, coils)
    moved, _ = closed.tree.nearest(tree.nodes_lps_mm[tip])
    return CoiledArteries(tree, coils, tip, virtual_injection(supply, first), virtual_injection(closed, moved))


def artery_picture(arteries: CoiledArteries, liver: Volume, lesions: Mapping[str, Volume]) -> bytes:
    """Arteries from the front and from the side, with liver and lesions as shadows, coils and catheter tip.

    Parameters
    ----------
    arteries : CoiledArteries
        What is drawn.
    liver : Volume
        Its mask.
    lesions : mapping of str to Volume
        Masks by name.

    Returns
    -------
    bytes
        JPEG.
    """
    figure = new_canvas(width_mm=200, height_mm=104)
    for number, (title, axis) in enumerate(AXES):
        axes = figure.add_axes((0.02 + 0.5 * number, 0.1, 0.46, 0.82))
        _shadow(axes, liver, axis, "#e9d3c4")
        for mask in lesions.values():
            _shadow(axes, mask, axis, "#d9a514")
        _vessels(axes, arteries, axis)
        shown = np.vstack([arteries.tree.nodes_lps_mm, liver.grid.to_lps(np.argwhere(liver.array > 0.5)[::50])])
        axes.set_xlim(shown[:, axis].min() - 4, shown[:, axis].max() + 4)
        axes.set_ylim(shown[:, 2].min() - 4, shown[:, 2].max() + 4)
        axes.set_aspect("equal")
        axes.axis("off")
        axes.set_title(title, fontsize=9, color=INK)
    figure.text(
        0.5, 0.03, "red: to the liver; blue: to other organs; grey: behind a coil (x); circle: catheter tip for the infusion",
        ha="center", fontsize=8.5, color=INK,
    )  # fmt: skip
    return jpeg_bytes(figure)


def _shadow(axes: Axes, mask: Volume, axis: int, colour: str) -> None:
    """Silhouette of a mask."""
    along = 2 if axis == 0 else 1  # LPS x runs along columns, y along rows
    flat = (mask.array > 0.5).any(axis=3 - along)
    index = np.zeros((max(flat.shape), 3))
    index[:, 0] = index[:, along] = np.arange(max(flat.shape))
    places = mask.grid.to_lps(index)
    axes.contourf(places[: flat.shape[1], axis], places[: flat.shape[0], 2], flat, levels=[0.5, 1.5], colors=[colour])


def _vessels(axes: Axes, arteries: CoiledArteries, axis: int) -> None:
    from matplotlib.collections import LineCollection

    tree = arteries.tree
    behind = np.logical_or.reduce([tree.downstream(c) for c in arteries.coils])
    names = np.array(tree.names)
    inside = np.array(["hepatic" in n or n.startswith(("right a", "right p", "left l", "left m", "celiac")) for n in names])
    flat = np.stack([tree.nodes_lps_mm[:, axis], tree.nodes_lps_mm[:, 2]], axis=1)
    child = np.flatnonzero(tree.parent >= 0)
    lines = np.stack([flat[tree.parent[child]], flat[child]], axis=1)
    colours = np.where(behind, "#8c96a0", np.where(inside, "#a3132a", "#1f5fa8"))[child]
    axes.add_collection(LineCollection(list(lines), colors=list(colours), linewidths=1.1 * tree.radius_mm[child] + 0.2))
    axes.plot(*flat[list(arteries.coils)].T, "x", color="#111111", markersize=9, markeredgewidth=2.2)
    axes.plot(*flat[arteries.tip], "o", color="#111111", markersize=9, markerfacecolor="none", markeredgewidth=2)
