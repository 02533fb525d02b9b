"""What is known of a radioembolization before and after it: activity images, the vials on order, what was coiled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from locoregional.case.stored import ArrayStore, StoredVolume
from locoregional.errors import CaseError
from locoregional.imaging.nuclear.activity import ActivityMap

__all__ = ["ActivityImage", "PlanarCounts", "Radioembolization", "Vial"]

SCENARIOS = ("", "whole liver", "lobar", "lobectomy", "segmental")


@dataclass(frozen=True)
class ActivityImage:
    """An activity map that the case keeps, with what was injected.

    Attributes
    ----------
    volume : StoredVolume
        Values on their own grid, ``Bq/ml`` or ``counts``.
    nuclide : str
        ``Tc-99m`` for the work-up, ``Y-90`` for the treatment.
    reference : datetime or None
        Instant that the values hold for.
    infusion : datetime or None
        Instant of the injection.
    injected_gbq : float or None
        Activity that left the catheter, at the instant of the injection.
    registration_error_mm : float
        Error of its place on the planning image.
    words : tuple of str
        What was assumed while reading and placing it.
    """

    volume: StoredVolume
    nuclide: str
    reference: datetime | None = None
    infusion: datetime | None = None
    injected_gbq: float | None = None
    registration_error_mm: float = 0.0
    words: tuple[str, ...] = ()

    def located(self, store: ArrayStore) -> ActivityMap:
        """Activity map with its array."""
        return ActivityMap(store.get(self.volume), self.nuclide, self.reference, self.words)


@dataclass(frozen=True)
class PlanarCounts:
    """Counts of the planar images of the work-up, in outlines of both lungs and of the liver.

    Attributes
    ----------
    lung_anterior, lung_posterior, liver_anterior, liver_posterior : int
        Counts.
    """

    lung_anterior: int
    lung_posterior: int
    liver_anterior: int
    liver_posterior: int

    def __post_init__(self) -> None:
        """Refuse counts below zero and a liver without any."""
        counts = (self.lung_anterior, self.lung_posterior, self.liver_anterior, self.liver_posterior)
        if min(counts) < 0 or min(counts[2:]) == 0:
            raise CaseError("planar counts must be positive", where="radioembolization.planar", remedy="Read them off again.")


@dataclass(frozen=True)
class Vial:
    """A vial that can be ordered.

    Attributes
    ----------
    activity_gbq : float
        Activity at its calibration.
    calibrated : datetime
        Instant of the calibration, with its time zone.
    """

    activity_gbq: float
    calibrated: datetime

    def __post_init__(self) -> None:
        """Refuse an activity that is not positive, and an instant without a time zone."""
        if not self.activity_gbq > 0:
            raise CaseError(f"a vial of {self.activity_gbq:g} GBq", where="radioembolization.vials", remedy="Correct it.")
        _require_zone(self.calibrated, "radioembolization.vials.calibrated")


@dataclass(frozen=True)
class Radioembolization:
    """What a plan of radioembolization needs beside the images; left out means not known.

    Attributes
    ----------
    infusion : datetime or None
        When it is to be done.
    scenario : str
        ``whole liver``, ``lobar``, ``lobectomy`` (a lobe that shall shrink) or ``segmental`` (a segment that is given up); empty:
        not stated, and taken from the share of the liver that is perfused.
    device : str
        ``resin`` or ``glass``: what was infused, for the dose of the treatment; empty: as planned.
    residual_share : float
        Share of the activity that stays in vial, tubing and catheter, 0..1.
    constant : str
        Dose constant by its name: ``conventional``, ``icrp107``, ``ddep`` or ``label``.
    planar : PlanarCounts or None
        For the lung shunt.
    coiled : tuple of str
        Arteries that were closed before the work-up.
    open_arteries : tuple of str
        Arteries to stomach, duodenum or gallbladder that leave the treated tree and are open.
    earlier_lung_dose_gy : float
        Lung dose of earlier treatments.
    vials : tuple of Vial
        Vials that can be had.
    """

    infusion: datetime | None = None
    scenario: str = ""
    device: Literal["", "resin", "glass"] = ""
    residual_share: float = 0.0
    constant: str = "conventional"
    planar: PlanarCounts | None = None
    coiled: tuple[str, ...] = ()
    open_arteries: tuple[str, ...] = ()
    earlier_lung_dose_gy: float = 0.0
    vials: tuple[Vial, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        place = "radioembolization"
        if self.scenario not in SCENARIOS:
            raise CaseError(f"scenario {self.scenario!r} is unknown", where=place, remedy=f"Use {', '.join(SCENARIOS[1:])}.")
        if not 0.0 <= self.residual_share < 1.0:
            raise CaseError(
                f"a residual share of {self.residual_share:g}",
                where=place,
                remedy="Give the share that stays behind, 0 to 1: 2 % is 0.02.",
            )
        if self.earlier_lung_dose_gy < 0:
            raise CaseError("a lung dose below zero", where=place, remedy="Correct earlier_lung_dose_gy.")
        if self.infusion is not None:
            _require_zone(self.infusion, f"{place}.infusion")


def _require_zone(instant: datetime, place: str) -> None:
    if instant.tzinfo is None:
        raise CaseError(
            f"{instant:%Y-%m-%d %H:%M} has no time zone", where=place, remedy='Write "2026-03-05T14:00+01:00", in quotes.'
        )
