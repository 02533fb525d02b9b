"""Settings of the three embolizations."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEVEL", "CtaceSettings", "DebTaceSettings", "Dose", "TaeSettings"]

LEVEL = 0.9
"""Coverage that is claimed for the ranges of sources and for bounds; their method says which they are."""


@dataclass(frozen=True)
class Dose:
    """One drug.

    Attributes
    ----------
    drug : str
        Name.
    per_surface_mg_m2 : float or None
        Dose by body surface; None for a flat dose.
    dose_mg : float or None
        Dose for one session; None where body surface is not known.
    """

    drug: str
    per_surface_mg_m2: float | None
    dose_mg: float | None


@dataclass(frozen=True)
class TaeSettings:
    """Bland embolization of one lesion.

    Attributes
    ----------
    territory : str
        What is embolized, as far as the case says.
    smallest_um, largest_um : float
        Sizes of the particles.
    endpoint : str
        When to stop.
    repeat_months : float
        Shortest interval to the next session, on viable tumour.
    image_months : tuple of float
        When to image.
    """

    territory: str
    smallest_um: float
    largest_um: float
    endpoint: str
    repeat_months: float
    image_months: tuple[float, ...]


@dataclass(frozen=True)
class CtaceSettings:
    """Chemoembolization with a drug in iodised oil.

    Attributes
    ----------
    territory : str
        What is embolized, as far as the case says.
    doses : tuple of Dose
        Drugs, each with the most for one session.
    oil_ml : float
        Iodised oil at most, for one session.
    aqueous_ml : float
        Drug solution that makes the emulsion with it.
    endpoint : str
        When to stop.
    repeat_months : float
        Shortest interval to the next session, on viable tumour.
    image_months : tuple of float
        When to image.
    """

    territory: str
    doses: tuple[Dose, ...]
    oil_ml: float
    aqueous_ml: float
    endpoint: str
    repeat_months: float
    image_months: tuple[float, ...]


@dataclass(frozen=True)
class DebTaceSettings:
    """Chemoembolization with drug-eluting beads.

    Attributes
    ----------
    territory : str
        What is embolized, as far as the case says.
    doses : tuple of Dose
        Drug in all vials together.
    vials : int
        Vials for one session.
    beads_ml : float
        Beads in them.
    loading_mg_ml : float
        Drug in each millilitre of beads.
    loading_h : float
        Time to load.
    smallest_um, largest_um : float
        Sizes of the beads.
    contrast_ml : float
        Contrast medium to mix in, at least.
    endpoint : str
        When to stop.
    repeat_months : float
        Shortest interval to the next session, on viable tumour.
    image_months : tuple of float
        When to image.
    """

    territory: str
    doses: tuple[Dose, ...]
    vials: int
    beads_ml: float
    loading_mg_ml: float
    loading_h: float
    smallest_um: float
    largest_um: float
    contrast_ml: float
    endpoint: str
    repeat_months: float
    image_months: tuple[float, ...]
