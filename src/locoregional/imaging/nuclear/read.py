"""Read an activity map: PET or SPECT in DICOM, or a file that holds only numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from locoregional.errors import DicomError, UnitsError
from locoregional.imaging.dicom_file import is_dicom, open_dicom
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.nuclear.administration import Administration, administration_of
from locoregional.imaging.nuclear.clock import anchored, clock_of, date_and_time, date_time, elapsed_s, on_clock
from locoregional.imaging.nuclear.isotope import Isotope, isotope_of
from locoregional.imaging.nuclear.pet_clock import pet_clock, series_start
from locoregional.imaging.nuclear.pet_units import Scale, decay_correction_of, require_attenuation, scale_of
from locoregional.imaging.nuclear.reinterpretation import reinterpreted
from locoregional.imaging.nuclear.timing import ScanTiming
from locoregional.imaging.volume import Volume
from locoregional.nuclides import decay_factor, nuclide
from locoregional.progress import Progress, silent

if TYPE_CHECKING:
    from locoregional.imaging.dicom_geometry import Stack

__all__ = ["Reading", "plane_headers", "read_activity", "read_dicom_activity"]

STORED = ("PET values are as stored", "nuclear medicine values are as stored")
"""Words of the general reader that no longer hold once the unit is known."""


def read_activity(
    path: str | Path,
    *,
    nuclide: str = "",
    reference: datetime | Literal["scan", "administration"] | None = "scan",
    infusion: datetime | None = None,
    unit: str = "",
    series: str | int | None = None,
    keep: str = "",
    timezone: str | tzinfo | None = None,
    decay_correction: str = "",
    decay_reference: datetime | None = None,
    half_life_s: float | None = None,
    progress: Progress = silent,
) -> ActivityMap:
    """Activity concentration, or counts, of a PET or SPECT image.

    Parameters
    ----------
    path : str or Path
        DICOM file or folder (PET single-frame, enhanced or legacy converted; NM tomogram), NIfTI or NRRD.
    nuclide : str
        What was in the patient. Needed where the file does not say. ``Y-90`` for a PET that was scanned under another name makes
        :func:`~locoregional.imaging.nuclear.reinterpretation.reinterpreted` of it; any other contradiction is an error.
    reference : datetime, ``scan``, ``administration`` or None
        Instant that the values shall hold for. ``scan`` (or None): the instant that the scanner corrected to, or the start of the
        first frame where it corrected to the administration or not at all. For a file without times (NIfTI, NRRD): the instant
        that its values do hold for; needed for Bq/ml.
    infusion : datetime, optional
        Instant of the administration with its time zone, where the header has none, not the day, or a wrong one.
    unit : str
        ``Bq/ml`` or ``counts``; needed where the file does not say. ``counts`` takes any of them as relative.
    series : str or int, optional
        Which DICOM series, where a folder holds several.
    keep : str
        ``Keyword=value``, to choose among slices at one place.
    timezone : str or tzinfo, optional
        Zone of the clock of the scanner (``+01:00``, ``Europe/Vienna``) where the file does not say, as most do not. Needed to
        relate the scan to an instant from elsewhere; without it such a request is an error, and the map has no ``reference``.
    decay_correction : str
        ``START``, ``ADMIN`` or ``NONE``, where the header is wrong or silent.
    decay_reference : datetime, optional
        Instant that decay was corrected to, with its time zone, where the header contradicts itself.
    half_life_s : float, optional
        With which the scanner corrected decay, where the header does not say.
    progress : Progress
        Told the share of the work done.

    Returns
    -------
    ActivityMap
        float32; every decision is a sentence in ``assumed``.

    Raises
    ------
    DicomError
        If the header is incomplete or contradicts itself in what changes the activity.
    UnitsError
        If unit, nuclide or instant are needed and not given.
    """
    path = Path(path)
    if not (path.is_dir() or (path.is_file() and is_dicom(path))):
        return _bare(path, name=nuclide, reference=reference, unit=unit)
    reading = read_dicom_activity(
        path,
        nuclide=nuclide,
        reference=reference,
        infusion=infusion,
        unit=unit,
        series=series,
        keep=keep,
        timezone=timezone,
        decay_correction=decay_correction,
        decay_reference=decay_reference,
        half_life_s=half_life_s,
        progress=progress,
    )
    found, wanted = reading.activity, _canonical(nuclide)
    if wanted and wanted != found.nuclide:
        if wanted != "Y-90" or found.volume.modality != "PT":
            raise DicomError(
                f"the file shows {found.nuclide}, not {wanted}",
                where=str(path),
                remedy="Choose the right series, or leave out nuclide=.",
            )
        found = reinterpreted(found, as_nuclide=wanted)
    return found


@dataclass(frozen=True, eq=False)
class Reading:
    """An activity map as the file names it, with what its header says.

    Attributes
    ----------
    activity : ActivityMap
        Of the nuclide that the file names.
    header : Lookup
        Of the first slice.
    isotope : Isotope
        As the file names it.
    zone : tzinfo or None
        Of the clock of the file.
    instant : datetime
        That the values hold for, on that clock.
    """

    activity: ActivityMap
    header: Lookup
    isotope: Isotope
    zone: tzinfo | None
    instant: datetime


def read_dicom_activity(
    path: str | Path,
    *,
    nuclide: str = "",
    reference: datetime | Literal["scan", "administration"] | None = "scan",
    infusion: datetime | None = None,
    unit: str = "",
    series: str | int | None = None,
    keep: str = "",
    timezone: str | tzinfo | None = None,
    decay_correction: str = "",
    decay_reference: datetime | None = None,
    half_life_s: float | None = None,
    progress: Progress = silent,
) -> Reading:
    """As :func:`read_activity`, of a DICOM series and without isotope re-interpretation."""
    from locoregional.imaging.dicom_volume import read_stack

    volume, stack = read_stack(path, series=series, keep=keep, progress=progress)
    if volume.modality not in ("PT", "NM"):
        raise DicomError(
            f"a {volume.modality} image holds no activity", where=str(path), remedy="Choose the PET or SPECT series."
        )
    headers = plane_headers(stack)
    isotope = isotope_of(headers[0], half_life_s=half_life_s)
    isotope = replace(isotope, name=isotope.name or _canonical(nuclide))
    if not isotope.name:
        raise UnitsError("the file does not say which radionuclide it shows", where=str(path), remedy="Give nuclide=.")
    scale = scale_of(headers, modality=volume.modality, wanted=unit)
    zone, words = clock_of(headers[0], timezone)
    words += tuple(w for w in volume.assumed if not w.startswith(STORED)) + isotope.words + scale.words
    bare = replace(volume, assumed=())
    if volume.modality == "NM" and scale.unit == "counts":
        return _counts_of_camera(bare, headers[0], isotope, zone, words, reference=reference or "scan")
    return _quantified(
        bare,
        headers,
        isotope,
        scale,
        zone,
        words,
        reference=reference or "scan",
        infusion=infusion,
        decay_correction=decay_correction,
        decay_reference=decay_reference,
    )


def _canonical(name: str) -> str:
    return nuclide(name).name if name else ""


def plane_headers(stack: Stack) -> list[Lookup]:
    """Headers of the planes of a stack, in the order of its slices."""
    opened = {group[0].path: None for group in stack.planes}
    headers = {path: open_dicom(path, pixels=False) for path in opened}
    return [Lookup(headers[group[0].path], group[0].number, where=group[0].place) for group in stack.planes]


def _bare(path: Path, *, name: str, reference: datetime | str | None, unit: str) -> ActivityMap:
    """Map of a file that holds only numbers."""
    from locoregional.imaging.read import read_image

    if unit not in ("Bq/ml", "counts"):
        raise UnitsError(
            f"the file does not say what its numbers are, and unit={unit!r} does not either",
            where=str(path),
            remedy="Give unit='Bq/ml' or unit='counts'.",
        )
    if not name:
        raise UnitsError("the file does not say which radionuclide it shows", where=str(path), remedy="Give nuclide=.")
    if reference == "administration":
        raise UnitsError("the file knows of no administration", where=str(path), remedy="Give reference= as an instant.")
    instant = reference if isinstance(reference, datetime) else None
    if instant is None and unit == "Bq/ml":
        raise UnitsError(
            "the file does not say for which instant its activities hold",
            where=str(path),
            remedy="Give reference= with its time zone.",
        )
    volume = read_image(path, unit=unit)
    words = (*volume.assumed, f"unit {unit}, nuclide {name} and instant were given, as the file holds only numbers")
    array = volume.array.astype(np.float32)
    low = float(array.min())
    if low < 0:
        share = float(-array[array < 0].sum(dtype=np.float64) / max(float(array.sum(dtype=np.float64)), 1e-30))
        words += (f"values below zero (down to {low:g}, {100 * share:.2g} % of the sum) were kept as they are",)
    return ActivityMap(Volume(array, volume.affine, unit=unit, modality=volume.modality), _canonical(name), instant, words)


def _counts_of_camera(
    volume: Volume,
    header: Lookup,
    isotope: Isotope,
    zone: tzinfo | None,
    words: tuple[str, ...],
    *,
    reference: datetime | str,
) -> Reading:
    """Map of an uncalibrated SPECT."""
    instant = date_and_time(header, "Acquisition") or series_start([header])[0]
    spacing, thickness = header.number("SpacingBetweenSlices"), header.number("SliceThickness")
    if spacing is not None and thickness is not None and abs(abs(spacing) - thickness) > 0.01 * thickness:
        words += (f"slices are {abs(spacing):g} mm apart though {thickness:g} mm thick; the distance was used",)
    if spacing is not None and spacing < 0:
        words += ("slices are stacked against the normal of their plane (SpacingBetweenSlices is negative), and were placed so",)
    words += ("decay during and since the acquisition was not corrected: counts are used only in proportion to each other",)
    held = anchored(instant, zone)
    array = volume.array.astype(np.float32)
    found = ActivityMap(volume.on(array, unit="counts"), isotope.name, held, words + _zone_words(held))
    if reference == "administration":
        raise UnitsError(
            "counts are not brought to the administration", where=header.where, remedy="Give reference= as an instant."
        )
    if isinstance(reference, datetime):
        instant = on_clock(reference, zone, where="reference")
        found = found.at(reference)
    return Reading(found, header, isotope, zone, instant)


def _zone_words(reference: datetime | None) -> tuple[str, ...]:
    if reference is not None:
        return ()
    return ("the instant has no time zone and is left open: give timezone= to relate it to another instant",)


def _quantified(
    volume: Volume,
    headers: list[Lookup],
    isotope: Isotope,
    scale: Scale,
    zone: tzinfo | None,
    words: tuple[str, ...],
    *,
    reference: datetime | str,
    infusion: datetime | None,
    decay_correction: str,
    decay_reference: datetime | None,
) -> Reading:
    """Map of a series whose decay correction matters."""
    header = headers[0]
    if scale.unit == "Bq/ml":
        words += require_attenuation(header)
    suv = scale.unit == "SUV"
    correction, more = ("SUV", ()) if suv else decay_correction_of(header, decay_correction)
    known = nuclide(isotope.name)
    used_s = known.half_life_s if correction == "NONE" else isotope.require_half_life(header.where)
    words += more
    scan = series_start(headers)[0]
    given: Administration | None = None
    if correction in ("ADMIN", "SUV") or reference == "administration":
        given = administration_of(header, scan=scan, zone=zone, infusion=infusion, half_life_s=known.half_life_s)
        if given is None:
            raise DicomError("the instant of the administration is not given", where=header.where, remedy="Give infusion=.")
        words += given.words
    stated = None if decay_reference is None else on_clock(decay_reference, zone, where="decay_reference")
    stated = stated or date_time(header, "DecayCorrectionDateTime")[0]
    clock = pet_clock(
        headers, correction=correction, half_life_s=used_s, administered=given.instant if given else None, stated=stated
    )
    words += clock.words
    first = clock.first
    corrected_to = given.instant if suv and given else clock.corrected_to or first
    timing = ScanTiming(
        half_life_s=used_s,
        start_s=clock.start_s - (corrected_to - clock.origin).total_seconds(),
        duration_s=clock.duration_s,
        positron_fraction=isotope.positron_fraction,
    )
    factor = scale.factor
    if suv:
        from locoregional.imaging.nuclear.suv import SuvScale

        body = SuvScale.of(header, isotope, elapsed_s=0.0)
        factor = factor / body.g_ml_per_bq_ml
        words += (*body.words, "SUV were turned back into Bq/ml at the administration")
    elif correction == "NONE":
        factor = factor * timing.factors(half_life_s=used_s)
        words += (f"decay was not corrected by the scanner; each slice was brought from its own frame to {first:%H:%M:%S}",)
    if reference == "administration" and given is not None:
        target = given.instant
    elif isinstance(reference, datetime):
        target = on_clock(reference, zone, where="reference")
    else:
        target = clock.corrected_to if correction == "START" and clock.corrected_to else first
    moved_s = elapsed_s(corrected_to, target, zone)
    if moved_s:
        ends = f"{corrected_to:%Y-%m-%d %H:%M:%S} to {target:%Y-%m-%d %H:%M:%S}"
        words += (f"decayed from {ends} with a half-life of {known.half_life_s:g} s",)
    factor = factor * decay_factor(time_s=moved_s, half_life_s=known.half_life_s)
    array = (volume.array * factor[:, None, None]).astype(np.float32)
    instant = anchored(target, zone)
    unit = "counts" if scale.unit == "counts" else "Bq/ml"
    found = ActivityMap(volume.on(array, unit=unit), isotope.name, instant, words + _zone_words(instant), timing.moved(moved_s))
    return Reading(found, header, isotope, zone, target)
