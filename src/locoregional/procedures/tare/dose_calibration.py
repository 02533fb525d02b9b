"""From an activity map to Bq/ml at the infusion: by the scanner's calibration, or by the injected activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError, PlanningError, UnitsError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Volume
from locoregional.nuclides import nuclide, seconds_between
from locoregional.sources import read_facts

__all__ = ["Calibrated", "calibrated"]

_FILE = "dose_facts.toml"
_BQ = 1e9
"""Becquerels in a gigabecquerel."""
_S_PER_D = 86400.0
RIM = 2
"""Voxels around the outline in which the map is kept as it is."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Activity at the infusion.

    Attributes
    ----------
    activity_bq_ml : ndarray, shape (slices, rows, columns)
        Concentration.
    how : str
        ``absolute`` or ``patient-relative``.
    total_gbq : float
        Whole activity of the map.
    words, facts : tuple of str
        What was done and assumed, and the keys of the facts behind it.
    """

    activity_bq_ml: NDArray[np.float32]
    how: str
    total_gbq: float
    words: tuple[str, ...]
    facts: tuple[str, ...]


def calibrated(
    activity: ActivityMap,
    *,
    infusion: datetime | None,
    injected_gbq: float | None,
    lung_shunt_share: float | None = None,
    within: Volume | None = None,
    relative: bool = False,
) -> Calibrated:
    """Activity of yttrium-90 in every voxel at the infusion.

    Counts, and every map of another radionuclide (the work-up), are calibrated by the patient: the share of a voxel in all counts
    times the injected activity less what went to the lungs.

    Parameters
    ----------
    activity : ActivityMap
        The map.
    infusion : datetime or None
        Instant of the injection, with its time zone; needed for an absolute map.
    injected_gbq : float or None
        Activity that left the catheter, at the injection; needed for counts, and a check of an absolute map.
    lung_shunt_share : float or None
        Share of it that went to the lungs, 0..1; needed for counts: 0 where the map holds the lungs too.
    within : Volume, optional
        Mask of where the activity can be (the liver): counts elsewhere are scatter and are not counted.
    relative : bool
        Calibrate an absolute map by the patient too: the scanner's calibration then cancels.

    Raises
    ------
    UnitsError
        If a percentage is taken for a share, the injected activity is no treatment's, or the map's activity is not believable.
    PlanningError
        If what is needed is not given.
    ImagingError
        If the map is empty or not finite.
    GeometryError
        If map and mask are in different frames of reference.
    """
    _check(activity, injected_gbq, lung_shunt_share)
    if activity.absolute and activity.nuclide == "Y-90" and not relative:
        return _absolute(activity, infusion, injected_gbq)
    return _relative(activity, injected_gbq, lung_shunt_share, within)


def _check(activity: ActivityMap, injected_gbq: float | None, shunt: float | None) -> None:
    highest = read_facts(__package__, _FILE)["plausible.total"].value[1]
    if not np.isfinite(activity.volume.array).all():
        raise ImagingError("the activity map holds NaN or infinite values", where="activity", remedy="Reconstruct it again.")
    if not activity.total > 0.0:
        raise ImagingError("the activity map is empty", where="activity", remedy="Check the file and its rescaling.")
    if shunt is not None and not 0.0 <= shunt < 1.0:
        raise UnitsError(f"a lung shunt of {shunt:g}", where="lung_shunt_share", remedy="Give a share: 5 per cent is 0.05.")
    if injected_gbq is not None and not 0.0 < injected_gbq <= highest:
        raise UnitsError(
            f"an injected activity of {injected_gbq:g} GBq",
            where="injected_gbq",
            remedy=f"Give gigabecquerels, up to {highest:g}: 1500 MBq are 1.5.",
        )


def _absolute(activity: ActivityMap, infusion: datetime | None, injected_gbq: float | None) -> Calibrated:
    facts = read_facts(__package__, _FILE)
    if infusion is None or activity.reference is None:
        missing = "the instant of the infusion" if infusion is None else "the instant that the activity holds for"
        raise PlanningError(
            f"{missing} is not known: the activity cannot be brought to the infusion",
            where="infusion" if infusion is None else "reference",
            remedy="Give both instants with their time zone, as 2026-03-05T14:00+01:00.",
        )
    apart_s = seconds_between(infusion, activity.reference)
    if abs(apart_s) > float(facts["plausible.apart"]) * _S_PER_D:
        raise UnitsError(
            f"{abs(apart_s) / _S_PER_D:.0f} days between infusion and image", where="reference", remedy="Check both dates."
        )
    then = activity.at(infusion)
    total = then.total / _BQ
    words = [
        f"calibration absolute: Bq/ml of the scanner, brought {apart_s / 3600.0:+.2f} h back to the infusion "
        f"(factor {total * _BQ / activity.total:.4f}, half-life {float(nuclide(activity.nuclide).half_life):g} h)"
    ]
    keys = [nuclide(activity.nuclide).half_life.key]
    if apart_s < 0.0:
        words.append("the values hold for an instant before the infusion: they were decay-corrected to it")
    low, high = facts["plausible.total"].value
    if injected_gbq is None:
        if not low <= total <= high:
            raise UnitsError(
                f"the map holds {total:.3g} GBq at the infusion: no treatment",
                where="activity",
                remedy="Check that the values are Bq/ml (not counts or kBq/ml); if they are counts, say so.",
            )
        words.append(f"{total:.2f} GBq at the infusion, not checked: the injected activity is not given")
        keys.append(facts["plausible.total"].key)
    else:
        ratio, most = total / injected_gbq, float(facts["plausible.ratio"])
        if not 1.0 / most <= ratio <= most:
            raise UnitsError(
                f"the map holds {total:.3g} GBq at the infusion, {injected_gbq:.3g} GBq were injected",
                where="activity",
                remedy="Check unit (counts, kBq/ml), instants and radionuclide; counts are calibrated by the injected activity.",
            )
        words.append(f"the map holds {total:.2f} GBq, {100.0 * ratio:.0f} % of the injected {injected_gbq:.2f} GBq")
        keys.append(facts["plausible.ratio"].key)
    return Calibrated(then.volume.array.astype(np.float32), "absolute", total, (*words, *_below_zero(then)), tuple(keys))


def _relative(activity: ActivityMap, injected_gbq: float | None, shunt: float | None, within: Volume | None) -> Calibrated:
    if injected_gbq is None or shunt is None:
        missing = "injected activity" if injected_gbq is None else "lung shunt"
        raise PlanningError(
            f"counts have no dose without the {missing}",
            where="injected_gbq" if injected_gbq is None else "lung_shunt_share",
            remedy="Give the activity that left the catheter in GBq, and the share in the lungs (0 if the map holds them).",
        )
    from scipy.ndimage import binary_dilation

    values = activity.volume.array.astype(np.float32)
    words = []
    if within is not None:
        a, b = activity.volume.frame_of_reference, within.frame_of_reference
        if a and b and a != b:
            raise GeometryError(
                "map and mask are in different frames of reference", where=f"{a} / {b}", remedy="Register them first."
            )
        share = resampled(within, activity.volume.grid).array.astype(np.float32)
        total = float((values * share).sum(dtype=np.float64))
        part = total / float(values.sum(dtype=np.float64))
        # The rim stays as the image shows it: cut at the outline, it would be read as a fall of the dose inside it.
        values = np.where(binary_dilation(share > 0.0, iterations=RIM), values, np.float32(0.0))
        words.append(f"{100.0 * part:.0f} % of all counts lie where activity can be; the others were left out, but for a rim")
    else:
        total = float(values.sum(dtype=np.float64))
    if not total > 0.0:
        raise ImagingError("no counts lie where activity can be", where="within", remedy="Check that map and mask fit.")
    net_gbq = injected_gbq * (1.0 - shunt)
    words.insert(
        0,
        f"calibration patient-relative: each voxel's share of the counts times {net_gbq:.3g} GBq "
        f"({injected_gbq:.3g} GBq injected less a lung shunt of {100.0 * shunt:.3g} %); the scanner's calibration cancels",
    )
    if activity.nuclide != "Y-90":
        words.append(f"predicted from {activity.nuclide}: particles of the treatment may lodge elsewhere")
    if within is None and shunt > 0.0:
        words.append("all counts of the map share what did not go to the lungs: the map must not hold the lungs")
    values *= np.float32(net_gbq * _BQ / activity.volume.grid.voxel_ml / total)
    return Calibrated(values, "patient-relative", net_gbq, (*words, *_below_zero(activity)), ())


def _below_zero(activity: ActivityMap) -> tuple[str, ...]:
    share = float((activity.volume.array < 0.0).mean())
    if not share or any("below zero" in words for words in activity.assumed):
        return ()
    return (f"{100.0 * share:.2g} % of the voxels are below zero (noise), kept so that means are not raised",)
