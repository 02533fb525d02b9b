"""Planar scintigraphy: counts seen from the front and from behind, in the photopeak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.dicom_series import files_in
from locoregional.imaging.nuclear.planar_views import View, chosen_window, views_of

__all__ = ["Planar", "read_planar"]

SAME_DURATION = 0.01
"""Relative difference of two durations up to which views are of one acquisition."""


@dataclass(frozen=True, eq=False)
class Planar:
    """Two opposite views of one acquisition.

    Attributes
    ----------
    anterior, posterior : ndarray, shape (rows, columns)
        Counts as each detector saw them.
    spacing_mm : tuple of float
        Distance of rows and of columns.
    duration_s : float or None
        Of the acquisition; None where not known.
    window_kev : tuple of float or None
        Lower and upper limit of the energy window; None where not known.
    nuclide : str
        Empty where not known.
    mirrored : bool
        Whether the posterior view shows the patient's left where the anterior shows the right.
    assumed : tuple of str
        What was decided while reading.
    """

    anterior: NDArray[np.float64]
    posterior: NDArray[np.float64]
    spacing_mm: tuple[float, float]
    duration_s: float | None = None
    window_kev: tuple[float, float] | None = None
    nuclide: str = ""
    mirrored: bool = True
    assumed: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse views that do not lie on each other, and counts below zero."""
        if self.anterior.shape != self.posterior.shape or self.anterior.ndim != 2:
            raise GeometryError(
                f"views of {self.anterior.shape} and {self.posterior.shape} pixels do not lie on each other",
                remedy="Choose two views of one acquisition.",
            )
        if min(self.anterior.min(), self.posterior.min()) < 0:
            raise DicomError("counts below zero", where="planar views", remedy="Give the views without background subtraction.")

    @property
    def facing(self) -> NDArray[np.float64]:
        """Posterior counts turned so that they lie on the anterior view, shape (rows, columns)."""
        return self.posterior[:, ::-1] if self.mirrored else self.posterior

    @property
    def geometric_mean(self) -> NDArray[np.float64]:
        """Square root of the product of both views pixel by pixel, as the anterior view shows it, shape (rows, columns).

        For counts of a region take the root of the product of its two sums instead: noise biases the mean of pixels low.
        """
        return np.sqrt(self.anterior * self.facing)

    def counts_in(self, region: NDArray[np.bool_]) -> tuple[float, float]:
        """Anterior and posterior counts in a region drawn on the anterior view.

        Raises
        ------
        GeometryError
            If the region is not on the pixels of the view, or empty.
        """
        if region.shape != self.anterior.shape or not region.any():
            raise GeometryError("the region is empty or not on the pixels of the view", remedy="Draw it on the anterior view.")
        return float(self.anterior[region].sum()), float(self.facing[region].sum())


def read_planar(
    path: str | Path | Sequence[str | Path], *, nuclide: str = "", window: int | None = None, mirrored: bool | None = None
) -> Planar:
    """Anterior and posterior view of a planar NM acquisition (static or whole body).

    Parameters
    ----------
    path : path or sequence of paths
        A multi-frame file, a folder, or the files of both views.
    nuclide : str
        Where the file does not say; it decides which energy window holds the photopeak.
    window : int, optional
        Number of the energy window (from 1), instead of the photopeak.
    mirrored : bool, optional
        Whether the posterior view is mirrored against the anterior one, where the file does not say.

    Returns
    -------
    Planar
        Every choice is a sentence in ``assumed``.

    Raises
    ------
    DicomError
        If the file is no planar acquisition, has only one view, or no window holds the photopeak.
    """
    files = files_in(path)
    views, name, words = views_of(files, nuclide=nuclide)
    where = str(files[0]) if len(files) == 1 else str(files[0].parent)
    kept, limits, more = chosen_window(views, name=name, window=window, where=where)
    words += more
    front, back = (_one(kept, side, where) for side in ("anterior", "posterior"))
    for view in (front, back):
        words += view.words
    if front.spacing_mm is None or back.spacing_mm is None or not np.allclose(front.spacing_mm, back.spacing_mm, rtol=1e-4):
        raise DicomError("PixelSpacing is missing or differs between the views", where=where, remedy="Export both views again.")
    durations = [view.duration_s for view in (front, back) if view.duration_s]
    if len(durations) == 2 and abs(durations[0] / durations[1] - 1) > SAME_DURATION:
        raise DicomError(
            f"the views took {durations[0]:g} and {durations[1]:g} s", where=where, remedy="Choose two views of one acquisition."
        )
    if not durations:
        words += ("how long the acquisition took is not given",)
    turned, more = _mirrored(front, back, mirrored, where)
    return Planar(
        front.counts,
        back.counts,
        front.spacing_mm,
        durations[0] if durations else None,
        limits,
        name,
        turned,
        tuple(dict.fromkeys(words + more)),
    )


def _one(views: Sequence[View], side: str, where: str) -> View:
    found = [view for view in views if view.side == side]
    if not found:
        seen = ", ".join(sorted({view.side or "a view that is not named" for view in views}))
        raise DicomError(
            f"there is no {side} view (found: {seen}); without both the geometric mean cannot be formed",
            where=where,
            remedy="Give the file or folder with both views. One view alone mistakes depth for activity.",
        )
    if len(found) > 1:
        raise DicomError(
            f"there are {len(found)} {side} views in this energy window",
            where=where,
            remedy="Give one acquisition: several beds, phases or detectors must be chosen among first.",
        )
    return found[0]


def _mirrored(front: View, back: View, stated: bool | None, where: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the posterior view must be turned over, and why."""
    if stated is not None:
        return stated, (f"the posterior view was said to be {'mirrored' if stated else 'turned already'}",)
    if front.row_lps is not None and back.row_lps is not None:
        opposite = bool(front.row_lps @ back.row_lps < 0)
        return opposite, (f"the posterior view is {'mirrored' if opposite else 'turned already'}, by its orientation",)
    shown = [float(np.corrcoef(front.counts.ravel(), view.ravel())[0, 1]) for view in (back.counts[:, ::-1], back.counts)]
    if not shown[0] > shown[1]:
        raise DicomError(
            "the views carry no orientation, and the posterior one looks as if it had been turned over already "
            f"(correlation {shown[0]:.2f} mirrored, {shown[1]:.2f} as stored)",
            where=where,
            remedy="Say mirrored=True or mirrored=False.",
        )
    return True, (
        f"the views carry no orientation; the posterior one was taken as mirrored (correlation {shown[0]:.2f} so, "
        f"{shown[1]:.2f} as stored)",
    )
