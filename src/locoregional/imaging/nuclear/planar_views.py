"""The views that planar NM files hold: side, energy window, counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import integer, is_dicom, items, numbers, open_dicom, tag_name, text, value_of
from locoregional.imaging.dicom_frames import Frame
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.dicom_pixels import stored_pixels
from locoregional.imaging.nuclear.isotope import isotope_of
from locoregional.nuclides import nuclide as known_nuclide
from locoregional.sources import read_facts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["View", "chosen_window", "views_of"]

NM_CLASS = "1.2.840.10008.5.1.4.1.1.20"
SIDES = {"399321004": "anterior", "G-5215": "anterior", "399001007": "posterior", "G-5216": "posterior"}
"""Codes of NM projections (DICOM PS3.16, context group 26) that can enter a geometric mean."""

SQUARELY = 0.94
"""Cosine of 20 degrees: a detector that is turned further is no anterior or posterior view."""

PLANAR_KINDS = ("STATIC", "WHOLE BODY")
PHOTOPEAKS = {"Tc-99m": "tc99m.photopeak"}


@dataclass(frozen=True, eq=False)
class View:
    """One planar image.

    Attributes
    ----------
    counts : ndarray, shape (rows, columns)
        As the detector saw them.
    side : str
        ``anterior``, ``posterior``, ``another side``, or empty.
    window : int
        Number of the energy window in its file, from 1.
    limits_kev : tuple of float or None
        Of that window.
    spacing_mm : tuple of float or None
        Distance of rows and columns.
    duration_s : float or None
        Of the acquisition.
    row_lps : ndarray, shape (3,), or None
        Direction of growing columns.
    words : tuple of str
        What was decided about it.
    """

    counts: NDArray[np.float64]
    side: str
    window: int
    limits_kev: tuple[float, float] | None
    spacing_mm: tuple[float, float] | None
    duration_s: float | None
    row_lps: NDArray[np.float64] | None
    words: tuple[str, ...]


def views_of(files: Sequence[Path], *, nuclide: str) -> tuple[list[View], str, tuple[str, ...]]:
    """All views of planar files, the radionuclide (empty where not known), and what is to be said.

    Raises
    ------
    DicomError
        If a file is no planar NM acquisition, or they are of several studies or radionuclides.
    """
    views: list[View] = []
    names, studies, words = set(), set(), dict[str, None]()
    for path in files:
        if not is_dicom(path):
            continue
        dataset = open_dicom(path)
        where = str(path)
        if text(dataset, "SOPClassUID", where=where) != NM_CLASS:
            raise DicomError("not a nuclear medicine image", where=where, remedy="Give the planar scintigraphy alone.")
        header = Lookup(dataset, where=where)
        kind = header.text("ImageType").split("\\")
        if not any(word in kind for word in PLANAR_KINDS):
            raise DicomError(
                f"a nuclear medicine image of type {header.text('ImageType')!r} is no planar view",
                where=where,
                remedy="Choose the static or whole-body acquisition.",
            )
        isotope = isotope_of(header)
        names.add(isotope.name)
        studies.add((text(dataset, "StudyInstanceUID", where=where), text(dataset, "PatientID", where=where)))
        words.update(dict.fromkeys(isotope.words))
        views += _views(dataset, path)
    if not views:
        raise DicomError("no DICOM image was found", where=str(files[0].parent) if files else "", remedy="Check the folder.")
    if len(studies) > 1 or len(names) > 1:
        raise DicomError(
            "the views are of several studies or radionuclides", where=str(files[0].parent), remedy="Give one study."
        )
    written = names.pop()
    wanted = known_nuclide(nuclide).name if nuclide else ""
    if written and wanted and written != wanted:
        raise DicomError(f"the views show {written}, not {wanted}", where=str(files[0]), remedy="Choose the right series.")
    return views, written or wanted, tuple(words)


def _views(dataset: Dataset, path: Path) -> list[View]:
    where = str(path)
    count = integer(dataset, "NumberOfFrames", where=where, default=1)
    windows = numbers(dataset, "EnergyWindowVector", count, where=where)
    detectors = numbers(dataset, "DetectorVector", count, where=where)
    energy = items(dataset, "EnergyWindowInformationSequence", where=where)
    heads = items(dataset, "DetectorInformationSequence", where=where)
    spacing = numbers(dataset, "PixelSpacing", 2, where=where)
    length_ms = Lookup(dataset, where=where).number("ActualFrameDuration")
    shape = (integer(dataset, "Rows", where=where), integer(dataset, "Columns", where=where))
    slope = value_of(dataset, "RescaleSlope", where=where)
    full = 2 ** integer(dataset, "BitsStored", where=where, default=integer(dataset, "BitsAllocated", where=where)) - 1
    views = []
    for number in range(count):
        window = 1 if windows is None else int(windows[number])
        head = 1 if detectors is None else int(detectors[number])
        item = heads[head - 1] if 0 < head <= len(heads) else None
        side, row, words = _side(dataset, item, f"{where}, frame {number + 1}")
        frame = _frame(dataset, path, number, shape)
        stored, more = stored_pixels(dataset, frame)
        if int(stored.max()) >= full:
            words += ("some pixels are at the largest number that the file can hold; counts there may be cut off",)
        counts = stored.astype(np.float64) * (1.0 if slope is None else float(slope))
        limits = _limits(energy[window - 1], where) if 0 < window <= len(energy) else None
        place = None if spacing is None else (float(spacing[0]), float(spacing[1]))
        views.append(
            View(counts, side, window, limits, place, None if length_ms is None else length_ms * 1e-3, row, words + more)
        )
    return views


def _frame(dataset: Dataset, path: Path, number: int, shape: tuple[int, int]) -> Frame:
    """Frame without a place in the patient: a projection has none."""
    where = str(path)
    return Frame(
        path=path,
        number=number,
        position_lps_mm=np.zeros(3),
        axes=np.eye(3)[:2],
        spacing_mm=np.ones(2),
        shape=shape,
        bits=integer(dataset, "BitsAllocated", where=where),
        slope=1.0,
        intercept=0.0,
        rescale_type="",
        thickness_mm=0.0,
        marks={},
        modality="NM",
        frame_of_reference="",
        patient="",
    )


def _side(dataset: Dataset, item: Dataset | None, where: str) -> tuple[str, NDArray[np.float64] | None, tuple[str, ...]]:
    """Side of a view, direction of its rows, and how it was found."""
    said: dict[str, str] = {}
    row = None
    if item is not None:
        code = Lookup(item, where=where).item("ViewCodeSequence")
        if code is not None:
            said["its code"] = SIDES.get(code.text("CodeValue"), _worded(code.text("CodeMeaning")) or "another side")
        cosines = numbers(item, "ImageOrientationPatient", 6, where=where)
        if cosines is not None:
            row = cosines[:3]
            away = np.cross(row, cosines[3:])
            said["its orientation"] = "another side" if abs(away[1]) < SQUARELY else "anterior" if away[1] > 0 else "posterior"
    if not said:
        for keyword in ("ViewPosition", "ImageID", "SeriesDescription"):
            side = _worded(text(dataset, keyword, where=where))
            if side:
                said[keyword] = side
                break
    if len(set(said.values())) > 1:
        raise DicomError(
            "the view contradicts itself: " + ", ".join(f"{side} by {name}" for name, side in said.items()),
            where=where,
            remedy="Correct the header.",
        )
    if not said:
        return "", row, ()
    side = next(iter(said.values()))
    return side, row, (f"{side} view by {' and '.join(said)}",)


def _worded(words: str) -> str:
    plain = words.upper()
    front, back = "ANT" in plain or plain == "AP", "POST" in plain or plain == "PA"
    return "" if front == back else "anterior" if front else "posterior"


def _limits(item: Dataset, where: str) -> tuple[float, float] | None:
    """Limits of an energy window; None where it has none, or is a sum of several ranges."""
    ranges = items(item, "EnergyWindowRangeSequence", where=where)
    if len(ranges) != 1:
        return None
    inner = Lookup(ranges[0], where=where)
    low, high = inner.number("EnergyWindowLowerLimit"), inner.number("EnergyWindowUpperLimit")
    if low is None or high is None:
        return None
    if not 0 < low < high:
        raise DicomError(f"an energy window from {low:g} to {high:g} keV ({tag_name('EnergyWindowLowerLimit')})", where=where)
    return low, high


def chosen_window(
    views: Sequence[View], *, name: str, window: int | None, where: str
) -> tuple[list[View], tuple[float, float] | None, tuple[str, ...]]:
    """Views in the photopeak (or in the window asked for), its limits [keV], and why.

    Raises
    ------
    DicomError
        If no window, or more than one, holds the photopeak.
    """
    windows = {view.window: view.limits_kev for view in views}
    listed = ", ".join(f"{number}: {_span(limits)}" for number, limits in sorted(windows.items()))
    if window is not None:
        if window not in windows:
            raise DicomError(f"there is no energy window {window}", where=where, remedy=f"Choose among {listed}.")
        chosen, words = window, f"energy window {window} ({_span(windows[window])}) was asked for"
    elif name not in PHOTOPEAKS:
        if len(windows) > 1:
            raise DicomError(
                f"there are {len(windows)} energy windows ({listed}), and no photopeak is known for {name or 'the radionuclide'}",
                where=where,
                remedy="Choose one with window=, or give nuclide=.",
            )
        chosen = next(iter(windows))
        words = f"the only energy window ({_span(windows[chosen])}) was taken; whether it holds a photopeak was not judged"
    else:
        peak = float(read_facts(__package__)[PHOTOPEAKS[name]])
        fitting = [number for number, limits in windows.items() if limits is not None and limits[0] <= peak <= limits[1]]
        if not fitting and len(windows) == 1 and next(iter(windows.values())) is None:
            chosen, words = (
                next(iter(windows)),
                f"the only energy window has no limits; it was taken to hold the {peak:g} keV of {name}",
            )
        elif len(fitting) == 1:
            chosen = fitting[0]
            words = f"energy window {chosen} ({_span(windows[chosen])}) holds the {peak:g} keV of {name}"
            words += f"; left out: {len(windows) - 1} other windows" if len(windows) > 1 else ""
        else:
            raise DicomError(
                f"{len(fitting)} energy windows hold the {peak:g} keV of {name} ({listed})",
                where=where,
                remedy="Choose one with window=.",
            )
    return [view for view in views if view.window == chosen], windows[chosen], (words,)


def _span(limits: tuple[float, float] | None) -> str:
    return "limits not given" if limits is None else f"{limits[0]:g} to {limits[1]:g} keV"
