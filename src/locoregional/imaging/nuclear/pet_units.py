"""What the numbers of a PET or SPECT series are: activity, counts, or SUV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, UnitsError
from locoregional.imaging.dicom_lookup import Lookup

__all__ = ["Scale", "decay_correction_of", "require_attenuation", "scale_of"]

REAL_WORLD = {"Bq/ml": 1.0, "Bq/mL": 1.0, "kBq/ml": 1e3, "kBq/mL": 1e3, "MBq/ml": 1e6, "MBq/mL": 1e6}
"""UCUM codes of real-world values that are activity concentrations, in Bq/ml."""

PHILIPS = (0x7053, "Philips PET Private Group", 0x09)
"""Private element with the activity [Bq/ml] of one count, of one maker that stores counts."""

CORRECTIONS = ("NONE", "START", "ADMIN")


@dataclass(frozen=True, eq=False)
class Scale:
    """How rescaled values become the unit.

    Attributes
    ----------
    factor : ndarray, shape (slices,)
        Unit per rescaled value.
    unit : str
        ``Bq/ml``, ``counts`` or ``SUV``.
    words : tuple of str
        Why.
    """

    factor: NDArray[np.float64]
    unit: str
    words: tuple[str, ...]


def scale_of(headers: Sequence[Lookup], *, modality: str, wanted: str) -> Scale:
    """Unit of a series, and the factor that brings its rescaled values there.

    Parameters
    ----------
    headers : sequence of Lookup
        One per slice.
    modality : str
        ``PT`` or ``NM``.
    wanted : str
        ``Bq/ml``, ``counts``, or empty for what the file holds.

    Raises
    ------
    DicomError
        If the slices differ in unit, or the unit is none that can be used.
    UnitsError
        If ``Bq/ml`` is wanted of a file that holds only counts.
    """
    where = headers[0].where
    found = {header.text("Units") or _rescale_unit(header) for header in headers}
    if len(found) > 1:
        raise DicomError(f"the slices have values in different units ({', '.join(sorted(found))})", where=where)
    units = found.pop()
    scale = _scale(headers, units, modality)
    if wanted in ("", scale.unit):
        return scale
    if wanted == "counts" and scale.unit == "Bq/ml":
        return Scale(np.ones(len(headers)), "counts", (f"values in {units or 'Bq/ml'} were taken as relative counts, as asked",))
    if scale.unit == "SUV":
        return scale if wanted == "Bq/ml" else _refused(units, where)
    raise UnitsError(
        f"the file holds {scale.unit} ({units or 'no unit stated'}), not {wanted}",
        where=where,
        remedy="Use it as relative counts, or export the series in Bq/ml.",
    )


def _rescale_unit(header: Lookup) -> str:
    kind = header.text("RescaleType")
    return kind if kind in ("BQML", "CNTS", "PROPCNTS", "GML") else ""


def _scale(headers: Sequence[Lookup], units: str, modality: str) -> Scale:
    where, ones = headers[0].where, np.ones(len(headers))
    count = [header.private(*PHILIPS) for header in headers]
    if units == "BQML":
        words = ["values are Bq/ml (BQML)"]
        if any(count):
            words.append("the maker's private factor from counts to Bq/ml is there too; it was not applied, as Units is BQML")
        return Scale(ones, "Bq/ml", tuple(words))
    if units == "CNTS" and all(count):
        try:
            factor = np.array([float(text) for text in count])
        except ValueError:
            factor = np.zeros(1)
        if not (np.isfinite(factor).all() and (factor > 0).all()):
            raise DicomError("the private factor from counts to Bq/ml (7053,xx09) is not a positive number", where=where)
        return Scale(factor, "Bq/ml", ("values are counts; the maker's private factor (7053,xx09) turned them into Bq/ml",))
    if units in ("CNTS", "PROPCNTS"):
        return Scale(ones, "counts", (f"values are {units}, without a factor to Bq/ml: only their ratios mean something",))
    if units == "GML":
        kind = headers[0].text("SUVType") or "BW"
        if kind != "BW":
            raise DicomError(
                f"SUV of the kind {kind} are no SUV of body weight", where=where, remedy="Export the series in Bq/ml."
            )
        said = "" if headers[0].text("SUVType") else "; SUVType is missing, which means body weight"
        return Scale(ones, "SUV", (f"values are SUV of body weight (GML){said}",))
    if not units:
        mapped = [_real_world(header) for header in headers]
        if all(mapped):
            factor = np.array([slope for slope in mapped if slope is not None])
            return Scale(factor, "Bq/ml", ("the real-world value mapping of the file gives Bq/ml",))
        if modality == "NM":
            return Scale(ones, "counts", ("values are counts of a gamma camera: only their ratios mean something",))
    return _refused(units, where)


def _refused(units: str, where: str) -> Scale:
    raise DicomError(
        f"values in {units or 'a unit that is not stated'} (Units (0054,1001)) are no activity and no counts",
        where=where,
        remedy="Export the series in Bq/ml (BQML).",
    )


def _real_world(header: Lookup) -> float | None:
    """Bq/ml per rescaled value by a real-world value mapping; None where there is none in that unit."""
    item = header.item("RealWorldValueMappingSequence")
    code = item.item("MeasurementUnitsCodeSequence") if item is not None else None
    if item is None or code is None or code.text("CodeValue") not in REAL_WORLD:
        return None
    slope, intercept = item.number("RealWorldValueSlope"), item.number("RealWorldValueIntercept") or 0.0
    if slope is None:
        return None
    rescale, offset = header.number("RescaleSlope") or 1.0, header.number("RescaleIntercept") or 0.0
    if abs(intercept - offset * slope / rescale) > 1e-6 * abs(slope):
        raise DicomError(
            "real-world values have another zero than rescaled values", where=header.where, remedy="Export the series in Bq/ml."
        )
    return REAL_WORLD[code.text("CodeValue")] * slope / rescale


def require_attenuation(header: Lookup) -> tuple[str, ...]:
    """Words on the corrections; DicomError for a series that was not corrected for attenuation.

    Raises
    ------
    DicomError
        If the list of corrections is there and attenuation is not in it.
    """
    done = [part for part in header.text("CorrectedImage").split("\\") if part]
    enhanced = {"YES": ["ATTN"], "NO": ["no attenuation"]}.get(header.text("AttenuationCorrected"), [])
    if enhanced and not done:
        done = enhanced + (["SCAT"] if header.text("ScatterCorrected") == "YES" else [])
    if not done:
        return ("which corrections were made is not stated; attenuation and scatter were taken as corrected",)
    if "ATTN" not in done:
        raise DicomError(
            f"the images were not corrected for attenuation (CorrectedImage {', '.join(done)}): their Bq/ml are no activity",
            where=header.where,
            remedy="Choose the attenuation-corrected series, or pass unit='counts' for ratios.",
        )
    return () if "SCAT" in done else ("the images were not corrected for scatter",)


def decay_correction_of(header: Lookup, stated: str) -> tuple[str, tuple[str, ...]]:
    """``NONE``, ``START`` or ``ADMIN``, and words.

    Parameters
    ----------
    header : Lookup
        Of any of the slices.
    stated : str
        What the caller says, which is believed; empty for what the file says.

    Raises
    ------
    DicomError
        If nobody says, or the header contradicts itself.
    """
    written = header.text("DecayCorrection")
    if stated:
        if stated not in CORRECTIONS:
            raise UnitsError(f"decay_correction={stated!r}", where="decay_correction", remedy=f"Say {', '.join(CORRECTIONS)}.")
        says = f"while the file says {written}" if written and written != stated else "by the caller"
        return stated, (f"decay correction was said to be {stated}, {says}",)
    if not written and header.text("DecayCorrected") == "NO":
        written = "NONE"
    if not written and header.text("DecayCorrectionDateTime"):  # an enhanced object names the instant outright
        return "START", ()
    if written not in CORRECTIONS:
        raise DicomError(
            f"DecayCorrection (0054,1102) is {written or 'missing'}: to which instant the values belong is not known",
            where=header.where,
            remedy="Give decay_correction='START', 'ADMIN' or 'NONE' as the scanner applied it.",
        )
    done = header.text("CorrectedImage").split("\\")
    if done != [""] and ("DECY" in done) != (written != "NONE"):
        raise DicomError(
            f"DecayCorrection says {written}, but the list of corrections says {', '.join(done)}",
            where=header.where,
            remedy="Give decay_correction='START', 'ADMIN' or 'NONE' as the scanner applied it.",
        )
    return written, ()
