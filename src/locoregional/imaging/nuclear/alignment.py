"""An activity image on the planning CT: a rigid motion, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.nuclear.likeness import coarse_ct, compressed, mutual_information, on_coarse, polished
from locoregional.imaging.nuclear.outlines import Overlap, body_of_activity, overlap_of
from locoregional.imaging.registration import register
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent

__all__ = ["Alignment", "aligned"]

STARTS_MM = ((0.0, 0.0, 0.0), (8.0, 8.0, 8.0), (-8.0, -8.0, 8.0), (-8.0, 8.0, -8.0), (8.0, -8.0, -8.0))
"""Where the search begins, from the best guess: alternate corners of a cube, so that no direction is favoured."""

AS_GOOD = 0.95
"""Share of the best mutual information from which a result counts; a search that ran away falls far below."""

ALONG_MM = tuple(float(z) for z in range(-200, 201, 20))
"""Shifts along the body that are tried where the two images do not share a frame of reference."""

POLISHED = 3
"""Best results that are searched further."""

FEWEST = 2
"""Searches that must agree before their scatter says something."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """An activity image moved onto a CT, with what is known of the error of its place.

    Attributes
    ----------
    volume : Volume
        Same voxels and values in the space of the CT; nothing was interpolated, so all activity is kept.
    transform : ndarray, shape (4, 4) [mm]
        LPS point of the activity image to LPS point of the CT.
    moved_mm : float
        Mean displacement of the voxels in the common field of view, against what the headers say.
    outlines : mapping of str to Overlap
        By name: how outlines that both images show lie on each other.
    residual_mm : tuple of float, or None
        Lower and upper end of the residual displacement; None where there is nothing to judge by.
    words : tuple of str
        Quality in words.
    """

    volume: Volume
    transform: NDArray[np.float64]
    moved_mm: float
    outlines: Mapping[str, Overlap]
    residual_mm: tuple[float, float] | None
    words: tuple[str, ...]

    @property
    def error_mm(self) -> float:
        """Upper end of the residual displacement [mm].

        Raises
        ------
        GeometryError
            If it cannot be judged.
        """
        if self.residual_mm is None:
            raise GeometryError(
                "how well the activity image lies on the CT cannot be judged: both show no outline in common",
                where="registration",
                remedy="Look at the overlay and state the error in mm, or draw the liver on both images.",
            )
        return self.residual_mm[1]


def aligned(
    activity: Volume,
    ct: Volume,
    *,
    outlines: Mapping[str, tuple[Volume, Volume]] | None = None,
    search: bool | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Alignment:
    """Bring a PET or SPECT image onto a CT by a rigid motion, and say how good that is.

    The motion maximises mutual information and is searched from several starts. Images of one frame of reference were taken
    without moving the patient: the scanner's own alignment is kept for them, and the search only checks it.

    Parameters
    ----------
    activity : Volume
        PET or SPECT, any unit.
    ct : Volume
        Planning image.
    outlines : mapping of str to (mask, mask), optional
        Organs that were drawn on both: on the activity image and on the CT. The liver is what matters.
    search : bool, optional
        Use the motion that was found (True) or what the headers say (False); by default only images that do not share a frame of
        reference are moved.
    seed : int
        Of the sampling.
    progress : Progress
        Told the share of the work done.

    Raises
    ------
    GeometryError
        If the images cannot be brought over each other.
    """
    same = bool(activity.frame_of_reference) and activity.frame_of_reference == ct.frame_of_reference
    use = not same if search is None else search
    fixed = coarse_ct(ct)
    moving = compressed(activity)
    guess = np.zeros(3) if same else _along(moving, fixed)
    found = []
    for number, shift in enumerate(STARTS_MM):
        progress(0.4 * number / len(STARTS_MM), f"search {number + 1} of {len(STARTS_MM)}")
        offset = guess + shift
        placed = on_coarse(_moved(moving, _shift(offset)), fixed.grid)
        result = register(placed, fixed, deformable=False, seed=seed)
        motion = _matrix(result.to_moving)
        motion[:3, 3] -= offset  # CT point to point of the activity image where its header puts it
        value = mutual_information(
            fixed, on_coarse(_moved(moving, np.asarray(np.linalg.inv(motion), dtype=np.float64)), fixed.grid)
        )
        found.append((value, motion))
    found = [polished(fixed, moving, motion) for _, motion in sorted(found, key=lambda item: -item[0])[:POLISHED]]
    best = max(value for value, _ in found)
    points = _points(activity, fixed)
    kept = [motion for value, motion in found if value >= AS_GOOD * best]
    places = np.array([points @ motion[:3, :3].T + motion[:3, 3] for motion in kept])
    middle = int(np.argmin([np.linalg.norm(place - np.median(places, axis=0), axis=1).mean() for place in places]))
    scatter = np.linalg.norm(places - places[middle], axis=2).max(axis=1)
    words = [f"{len(kept)} of {len(found)} searches ended alike, within {scatter.max():.1f} mm of each other"]
    checked_mm = float(np.linalg.norm(places[middle] - points, axis=1).mean())
    if use:
        transform: NDArray[np.float64] = np.asarray(np.linalg.inv(kept[middle]), dtype=np.float64)
        words.insert(0, f"moved rigidly onto the CT by {checked_mm:.1f} mm on average")
    else:
        transform = np.eye(4)
        kind = "the scanner's own alignment was kept" if same else "the places of the headers were kept, as asked"
        words.insert(0, f"{kind}; a search by likeness would move it by {checked_mm:.1f} mm on average")
    progress(0.9, "comparing outlines")
    moved = replace(_moved(activity, transform), frame_of_reference=ct.frame_of_reference, assumed=())
    shown, more = _outlines(activity, moved, ct, transform, outlines or {})
    words += more
    floor = 0.5 * float(np.linalg.norm(activity.spacing_mm))
    residual = _interval(shown, scatter if len(kept) >= FEWEST else None, None if use else checked_mm, floor)
    if residual is None:
        words.append("how well it lies there cannot be judged: the images show no outline in common")
    else:
        words.append(
            f"residual displacement {residual[0]:.1f} to {residual[1]:.1f} mm; breathing between the images comes on top"
        )
    progress(1.0, "aligned")
    return Alignment(moved, transform, checked_mm if use else 0.0, shown, residual, tuple(words))


def _interval(
    shown: Mapping[str, Overlap], scatter: NDArray[np.float64] | None, checked_mm: float | None, floor_mm: float
) -> tuple[float, float] | None:
    """Residual displacement: not below the scatter of the search, not above what outlines (and a kept alignment's check) allow.

    The shift of an outline is taken with twice its standard error. Half the diagonal of a voxel of the activity image is added:
    nothing finer can be seen in it.
    """
    if not shown or scatter is None:
        return None
    apart = max(overlap.shift_mm + 2.0 * overlap.shift_error_mm for overlap in shown.values())
    if not np.isfinite(apart):
        return None
    low = float(np.median(scatter)) if checked_mm is None else 0.0
    high = max(apart, float(scatter.max()), checked_mm or 0.0) + floor_mm
    return min(low, high), high


def _along(moving: Volume, fixed: Volume) -> NDArray[np.float64]:
    """Best shift of the activity image to begin with: where it is, or its middle on that of the CT, and then along the body."""
    weight = np.clip(moving.array, 0, None)
    if not weight.any():
        raise GeometryError("the activity image is empty", remedy="Choose another series.")
    middle = (np.array(fixed.shape) - 1) / 2
    own = (np.array(moving.shape) - 1) / 2
    centred = fixed.grid.to_lps(middle) - moving.grid.to_lps(own)
    tried = []
    for base in (np.zeros(3), centred):
        for z in ALONG_MM:
            shift = base + np.array([0.0, 0.0, z])
            placed = on_coarse(_moved(moving, _shift(shift)), fixed.grid)
            tried.append((mutual_information(fixed, placed), tuple(shift)))
    best, found = max(tried)
    if best <= 0:
        raise GeometryError("the two images do not overlap anywhere", remedy="Check that they are of one patient.")
    return np.array(found)


def _shift(offset: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _moved(volume: Volume, motion: NDArray[np.float64]) -> Volume:
    return replace(volume, affine=motion @ volume.affine)


def _matrix(mapping: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Matrix of a rigid mapping of points."""
    places = mapping(np.vstack([np.zeros(3), 100.0 * np.eye(3)]))
    matrix = np.eye(4)
    matrix[:3, :3] = (places[1:] - places[0]).T / 100.0
    matrix[:3, 3] = places[0]
    return matrix


def _points(activity: Volume, fixed: Volume) -> NDArray[np.float64]:
    """Tissue of the CT, thinned out; where the images lie on each other nothing else counts."""
    tissue = np.argwhere(fixed.array > fixed.array.min() + 0.2 * np.ptp(fixed.array))
    if len(tissue) == 0:
        raise GeometryError("the CT shows no tissue", remedy="Choose another series.")
    points = fixed.grid.to_lps(tissue[:: max(1, len(tissue) // 2000)])
    inside = activity.grid.contains(points)
    return points[inside] if inside.any() else points


def _outlines(
    activity: Volume,
    moved: Volume,
    ct: Volume,
    transform: NDArray[np.float64],
    drawn: Mapping[str, tuple[Volume, Volume]],
) -> tuple[dict[str, Overlap], list[str]]:
    """Overlap of what both images show, and words."""
    shown: dict[str, Overlap] = {}
    words: list[str] = []
    for name, (on_activity, on_ct) in drawn.items():
        if not on_activity.grid.same_as(activity.grid) and on_activity.frame_of_reference not in (
            "",
            activity.frame_of_reference,
        ):
            raise GeometryError("an outline is not on the activity image", where=name, remedy="Draw it there.")
        shown[name] = overlap_of(_moved(on_activity, transform), on_ct, field=moved.grid)
        words.append(f"{name}: {shown[name].sentence}")
    try:
        from locoregional.imaging.segmentation.body import segment_body

        body = segment_body(ct).mask
    except ImagingError as error:
        return shown, [*words, f"the body on the planning image was not found ({error.what})"]
    seen = body_of_activity(moved)
    if seen is None:
        return shown, [*words, "the activity image does not show the outline of the body"]
    overlap = overlap_of(seen, body, field=moved.grid)
    if not overlap.comparable:
        return shown, [*words, f"the activity image does not show the outline of the body ({overlap.sentence})"]
    shown["body"] = overlap
    return shown, [*words, f"body: {overlap.sentence}"]
