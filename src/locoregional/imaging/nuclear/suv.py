"""SUV of body weight of a PET scan, and the way back to activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

import numpy as np

from locoregional.errors import DicomError, NotModelled, UnitsError
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.nuclear.administration import administration_of
from locoregional.imaging.nuclear.clock import elapsed_s
from locoregional.imaging.nuclear.isotope import Isotope
from locoregional.imaging.volume import Volume
from locoregional.nuclides import decay_factor

__all__ = ["Suv", "SuvScale", "suv_bw"]

WEIGHT_KG = (1.0, 400.0)
"""A body outside is a weight in grams or pounds, or a typing error."""

DOSE_BQ = (1e6, 1e11)
"""An injection outside is a dose in MBq, kBq or mCi where Bq are due."""

GRAMS_PER_KG = 1000.0


@dataclass(frozen=True)
class SuvScale:
    """What turns an activity concentration into SUV of body weight.

    Attributes
    ----------
    weight_kg : float
        Of the patient.
    injected_bq : float
        Activity at the administration.
    elapsed_s : float
        From the administration to the instant that the concentrations hold for.
    half_life_s : float
        With which the injected activity decays.
    words : tuple of str
        Where these come from.
    """

    weight_kg: float
    injected_bq: float
    elapsed_s: float
    half_life_s: float
    words: tuple[str, ...] = field(default=())

    @property
    def g_ml_per_bq_ml(self) -> float:
        """SUV [g/ml] of 1 Bq/ml: body weight over the injected activity that is left at that instant."""
        left_bq = self.injected_bq * decay_factor(time_s=self.elapsed_s, half_life_s=self.half_life_s)
        return self.weight_kg * GRAMS_PER_KG / left_bq

    @classmethod
    def of(
        cls,
        header: Lookup,
        isotope: Isotope,
        *,
        elapsed_s: float,
        weight_kg: float | None = None,
        injected_bq: float | None = None,
    ) -> SuvScale:
        """Scale of a header, with what the caller knows better.

        Raises
        ------
        NotModelled
            For yttrium-90, whose distribution is no uptake.
        DicomError
            If weight or injected activity are missing or cannot be true.
        """
        if isotope.name == "Y-90":
            raise NotModelled(
                "SUV means nothing for Y-90: microspheres lodge and are not taken up, and not all of the vial is delivered",
                where=header.where,
                remedy="Use the activity in Bq/ml.",
            )
        item = header.item("RadiopharmaceuticalInformationSequence")
        written = item.number("RadionuclideTotalDose") if item is not None else None
        weight = _within(
            header.number("PatientWeight") if weight_kg is None else weight_kg,
            WEIGHT_KG,
            "body weight (PatientWeight)",
            "weight_kg",
            header.where,
        )
        dose = _within(
            written if injected_bq is None else injected_bq,
            DOSE_BQ,
            "injected activity [Bq] (RadionuclideTotalDose)",
            "injected_bq",
            header.where,
        )
        words = (f"body weight {weight:g} kg, injected {dose / 1e6:g} MBq; what stayed in the syringe is not in the header",)
        return cls(weight, dose, elapsed_s, isotope.require_half_life(header.where), words)


def _within(value: float | None, limits: tuple[float, float], name: str, argument: str, where: str) -> float:
    """The value; DicomError where it is missing or cannot be true."""
    if value is None or not limits[0] <= value <= limits[1]:
        said = "is missing" if value is None else f"of {value:g} cannot be true"
        raise DicomError(f"the {name} {said}", where=where, remedy=f"Give {argument}=.")
    return value


@dataclass(frozen=True, eq=False)
class Suv:
    """SUV of body weight with the scale that it was made with.

    Attributes
    ----------
    volume : Volume
        ``g/ml``, float64 so that the way back is exact.
    scale : SuvScale
        What was multiplied with.
    source : ActivityMap
        Nuclide, instant and words of the activity.
    """

    volume: Volume
    scale: SuvScale
    source: ActivityMap

    def activity(self) -> ActivityMap:
        """The activity again [Bq/ml]; bit for bit what it was made of, unless the SUV were changed."""
        array = (self.volume.array / self.scale.g_ml_per_bq_ml).astype(np.float32)
        return ActivityMap(
            self.source.volume.on(array), self.source.nuclide, self.source.reference, self.source.assumed, self.source.timing
        )


def suv_bw(
    path: str | Path,
    *,
    series: str | int | None = None,
    infusion: datetime | None = None,
    timezone: str | tzinfo | None = None,
    weight_kg: float | None = None,
    injected_bq: float | None = None,
    half_life_s: float | None = None,
) -> Suv:
    """SUV of body weight of a PET series: concentration times body weight over the injected activity left at its instant.

    Parameters
    ----------
    path : str or Path
        PET folder or file.
    series : str or int, optional
        Which, where a folder holds several.
    infusion : datetime, optional
        Instant of the injection with its time zone, where the header has it wrong.
    timezone : str or tzinfo, optional
        Zone of the clock of the scanner; needed with ``infusion``.
    weight_kg, injected_bq : float, optional
        Where the header has none or a wrong one.
    half_life_s : float, optional
        Where the header has none.

    Returns
    -------
    Suv
        ``g/ml``.

    Raises
    ------
    NotModelled
        For yttrium-90.
    DicomError
        If the header lacks what is needed.
    UnitsError
        If the series holds counts only.
    """
    from locoregional.imaging.nuclear.read import read_dicom_activity

    reading = read_dicom_activity(path, series=series, infusion=infusion, timezone=timezone, half_life_s=half_life_s)
    activity, header, isotope = reading.activity, reading.header, reading.isotope
    if not activity.absolute:
        raise UnitsError("the series holds counts, of which no SUV can be made", where=header.where, remedy="Export it in Bq/ml.")
    known_s = isotope.require_half_life(header.where)
    given = administration_of(header, scan=reading.instant, zone=reading.zone, infusion=infusion, half_life_s=known_s)
    if given is None:
        raise DicomError("the instant of the administration is not given", where=header.where, remedy="Give infusion=.")
    since_s = elapsed_s(given.instant, reading.instant, reading.zone)
    scale = SuvScale.of(header, isotope, elapsed_s=since_s, weight_kg=weight_kg, injected_bq=injected_bq)
    array = activity.volume.array.astype(np.float64) * scale.g_ml_per_bq_ml
    volume = activity.volume.on(array, unit="g/ml").assuming(*activity.assumed, *given.words, *scale.words)
    return Suv(volume, scale, activity)
