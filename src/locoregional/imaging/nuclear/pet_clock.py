"""To which instant a PET series was corrected for decay: what the header says, held against its decay factors.

The standard lets the instant be derived from decay factor, frame reference time and half-life (DICOM PS3.3 C.8.9.1.1.5). Where
SeriesTime and those factors disagree, the factors are what was done to the pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.nuclear.clock import date_and_time, date_time, time_on_day
from locoregional.imaging.nuclear.timing import frame_growth, mean_delay_s

__all__ = ["PetClock", "decay_words", "pet_clock", "series_start"]

SAME_INSTANT_S = 2.0
"""Instants of one event that differ less are the same: headers round to whole seconds, decay factors to five digits."""

WRITTEN_DIGITS = 2e-5
"""Relative rounding of a decay factor as written, with the spread that it gives to instants derived from it."""

HARMLESS = 0.01
"""Relative change of activity up to which a contradiction about the instant is only said; above it the series is refused."""

HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True, eq=False)
class PetClock:
    """Instants of a PET series on the clock of its scanner.

    Attributes
    ----------
    corrected_to : datetime or None
        Instant that the decay correction of the scanner aimed at; None where nothing was corrected.
    start_s : ndarray, shape (slices,) [s]
        Start of each frame, after ``origin``.
    duration_s : ndarray, shape (slices,) [s]
        Duration of each frame; 0 where not known.
    origin : datetime
        Start of the series.
    words : tuple of str
        What was decided and why.
    """

    corrected_to: datetime | None
    start_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    origin: datetime
    words: tuple[str, ...] = field(default=())

    @property
    def first(self) -> datetime:
        """Start of the first frame."""
        return self.origin + timedelta(seconds=float(self.start_s.min()))


def decay_words(*, time_s: float, half_life_s: float) -> str:
    """``63.0 s, 0.66 % of the activity``."""
    return f"{abs(time_s):.1f} s, {100 * abs(2.0 ** (time_s / half_life_s) - 1):.2g} % of the activity"


def pet_clock(
    headers: Sequence[Lookup], *, correction: str, half_life_s: float, administered: datetime | None, stated: datetime | None
) -> PetClock:
    """When the slices were acquired, and to which instant they were corrected.

    Parameters
    ----------
    headers : sequence of Lookup
        One per slice, in the order of the volume.
    correction : str
        ``NONE``, ``START`` or ``ADMIN``; ``SUV`` where the values hold for no instant, and only the frames are asked for.
    half_life_s : float
        With which the scanner corrected.
    administered : datetime or None
        Administration, on the clock of the file.
    stated : datetime or None
        Instant that the caller says the series was corrected to, on the clock of the file; believed.

    Raises
    ------
    DicomError
        If times are missing, or contradict each other by more than 1 % of the activity.
    """
    where = headers[0].where
    origin, words = series_start(headers)
    starts, durations, more = _frames(headers, origin)
    words += more
    factor = np.array([header.number("DecayFactor") or np.nan for header in headers])
    told = bool(np.isfinite(factor).all() and (factor > 0).all() and np.abs(factor - 1).max() > WRITTEN_DIGITS)
    starts, derived_s, more = _frame_starts(headers, starts, durations, factor if told else None, half_life_s)
    words += more
    if correction == "SUV":
        return PetClock(None, starts, durations, origin, words)
    if correction == "NONE":
        if told:
            raise DicomError(
                f"DecayCorrection is NONE but decay factors up to {factor.max():.5g} were applied",
                where=where,
                remedy="Say which with decay_correction='START', 'ADMIN' or 'NONE'.",
            )
        return PetClock(None, starts, durations, origin, words)
    if stated is not None:
        chosen, more = stated, (f"decay was said to be corrected to {stated:%Y-%m-%d %H:%M:%S} on the clock of the file",)
    elif correction == "ADMIN":
        if administered is None:
            raise DicomError(
                "decay was corrected to the administration (ADMIN), and its instant is not known",
                where=where,
                remedy="Give infusion= with its time zone.",
            )
        chosen, more = administered, ("decay was corrected to the administration (ADMIN): nothing more is to be corrected to it",)
    else:
        chosen, more = _start_reference(headers, origin, starts, derived_s, half_life_s)
    words += more
    if derived_s is not None:
        apart = derived_s - (chosen - origin).total_seconds()
        if stated is None and abs(2.0 ** (apart / half_life_s) - 1) > HARMLESS:
            aim = origin + timedelta(seconds=derived_s)
            raise DicomError(
                f"the header says that decay was corrected to {chosen:%Y-%m-%d %H:%M:%S}, its decay factors say "
                f"{aim:%Y-%m-%d %H:%M:%S} ({decay_words(time_s=apart, half_life_s=half_life_s)})",
                where=where,
                remedy="Ask the scanner's maker which holds, and give decay_reference= with its time zone.",
            )
        if abs(apart) > _tolerance_s(half_life_s):
            far = decay_words(time_s=apart, half_life_s=half_life_s)
            words += (f"the decay factors give an instant that differs by {far}; it was not used",)
        else:
            words += ("the decay factors of the slices confirm this instant",)
    elif not told:
        words += ("no decay factors are written, so that instant could not be checked",)
    return PetClock(chosen, starts, durations, origin, words)


def series_start(headers: Sequence[Lookup]) -> tuple[datetime, tuple[str, ...]]:
    """Start of the series on the clock of the file, and what is to be said about it.

    Raises
    ------
    DicomError
        If no times are given.
    """
    found = {date_and_time(header, "Series") for header in (headers[0], headers[-1])}
    series = found.pop() if len(found) == 1 else None
    if series is not None:
        return series, ()
    first = [date_and_time(header, "Acquisition") or date_time(header, "FrameAcquisitionDateTime")[0] for header in headers]
    known = [instant for instant in first if instant is not None]
    if not known:
        raise DicomError(
            "neither SeriesDate and SeriesTime nor the times of acquisition are given",
            where=headers[0].where,
            remedy="Export the series again with complete headers.",
        )
    return min(known), ("the series gives no single start; the first acquisition was taken",)


def _frames(headers: Sequence[Lookup], origin: datetime) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Start after the origin and duration of each frame [s] as the header says them; start NaN where it does not."""
    starts, durations = np.full(len(headers), np.nan), np.zeros(len(headers))
    rolled = 0
    for k, header in enumerate(headers):
        start = date_time(header, "FrameAcquisitionDateTime")[0] or date_and_time(header, "Acquisition")
        if start is None and header.text("AcquisitionTime"):
            start = time_on_day(header.text("AcquisitionTime"), origin.date(), where=header.where)
        if start is not None and start.date() == origin.date() and start < origin - HALF_DAY:
            start, rolled = start + timedelta(days=1), rolled + 1
        if start is not None:
            starts[k] = (start - origin).total_seconds()
        length_ms = header.number("FrameAcquisitionDuration")
        length_ms = header.number("ActualFrameDuration") if length_ms is None else length_ms
        durations[k] = 0.0 if length_ms is None else length_ms * 1e-3
    words: tuple[str, ...] = ()
    if rolled:
        words += (
            f"{rolled} slices were acquired after midnight though their date was not advanced (or is missing); a day was added",
        )
    if origin.time() > (origin + timedelta(seconds=float(np.nan_to_num(starts).max()))).time():
        words += ("the scan crossed midnight",)
    if not durations.all():
        words += ("how long a frame took is not given for all slices; decay within a frame is then left out",)
    return starts, durations, words


def _frame_starts(
    headers: Sequence[Lookup],
    acquired_s: NDArray[np.float64],
    durations: NDArray[np.float64],
    factor: NDArray[np.float64] | None,
    half_life_s: float,
) -> tuple[NDArray[np.float64], float | None, tuple[str, ...]]:
    """Start of each frame, the instant that the decay factors aim at [s after the origin] if they agree on one, and words."""
    offset = np.array([np.nan if (ms := header.number("FrameReferenceTime")) is None else ms * 1e-3 for header in headers])
    readings = [
        (acquired_s, ""),
        (offset, "the frames start at FrameReferenceTime after the series; the acquisition time is the same for all beds"),
        (offset - mean_delay_s(durations, half_life_s=half_life_s), "the start of each frame was found from FrameReferenceTime"),
    ]
    possible = [(starts, words) for starts, words in readings if np.isfinite(starts).all()]
    if not possible:
        raise DicomError(
            "neither the time of acquisition nor FrameReferenceTime is given for all slices",
            where=headers[0].where,
            remedy="Export the series again with complete headers.",
        )
    if factor is not None:
        for starts, words in possible:
            ahead = half_life_s * np.log2(factor / frame_growth(durations, half_life_s=half_life_s))
            aims = starts - ahead
            if np.ptp(aims) <= 2 * _tolerance_s(half_life_s):
                return starts, float(np.median(aims)), (words,) if words else ()
        return possible[0][0], None, ("the decay factors of the slices fit no single instant; they were not used",)
    same_for_all = np.isfinite(acquired_s).all() and np.ptp(acquired_s) == 0 and np.nan_to_num(np.ptp(offset)) > SAME_INSTANT_S
    starts, words = possible[-1] if same_for_all else possible[0]
    return starts, None, (words,) if words else ()


def _tolerance_s(half_life_s: float) -> float:
    return max(SAME_INSTANT_S, WRITTEN_DIGITS * half_life_s / float(np.log(2.0)))


def _start_reference(
    headers: Sequence[Lookup],
    origin: datetime,
    starts: NDArray[np.float64],
    derived_s: float | None,
    half_life_s: float,
) -> tuple[datetime, tuple[str, ...]]:
    """Instant of DecayCorrection START."""
    first = origin + timedelta(seconds=float(starts.min()))
    scan = _ge_scan_start(headers[0])
    candidates = [(origin, "decay was corrected to the start of the series (START)")]
    if scan is not None:
        candidates.append(
            (scan, "decay was corrected to the start of the scan that a private element of the maker gives (START)")
        )
    candidates.append((first, "decay was corrected to the start of the first acquisition (START)"))
    if derived_s is not None:
        aim = origin + timedelta(seconds=derived_s)
        tolerance = timedelta(seconds=_tolerance_s(half_life_s))
        for instant, words in candidates:
            if abs(instant - aim) <= tolerance:
                late = "" if instant == origin else f"; SeriesTime is {abs((origin - instant).total_seconds()):.0f} s off"
                return instant, (words + late,)
    if origin <= first + timedelta(seconds=SAME_INSTANT_S):
        return candidates[0][0], (candidates[0][1],)
    instant, words = candidates[1]
    late_s = (origin - first).total_seconds()
    return instant, (f"{words}; SeriesTime lies {late_s:.0f} s after the first acquisition and cannot be meant",)


def _ge_scan_start(header: Lookup) -> datetime | None:
    """Scan start of the private element (0009,xx0D) of GE, which SeriesTime of a later reconstruction does not tell."""
    from pydicom.dataset import Dataset

    written = header.private(0x0009, "GEMS_PETD_01", 0x0D)
    if not written:
        return None
    item = Dataset()
    item.AcquisitionDateTime = written
    return date_time(Lookup(item, where=header.where), "AcquisitionDateTime")[0]
