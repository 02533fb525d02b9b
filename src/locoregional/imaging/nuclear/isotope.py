"""Which radionuclide a file says was scanned, and what the scanner took its half-life and positron fraction to be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from locoregional.errors import DicomError
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.nuclides import NAMES, Nuclide, nuclide

__all__ = ["Isotope", "isotope_of", "named"]

CODES = {
    "14691008": "Y-90",
    "C-162A7": "Y-90",
    "77004003": "F-18",
    "C-111A1": "F-18",
    "35337001": "Ga-68",
    "C-131A3": "Ga-68",
    "53315004": "Ge-68",
    "C-128A2": "Ge-68",
    "72454006": "Tc-99m",
    "C-163A8": "Tc-99m",
}
"""Code values of DICOM PS3.16 (context groups 18 and 4020), in SNOMED CT and in the older SNOMED RT."""

SYMBOLS = {
    "yttrium": "y",
    "fluorine": "f",
    "fluor": "f",
    "gallium": "ga",
    "germanium": "ge",
    "technetium": "tc",
    "zirconium": "zr",
}

SAME_HALF_LIFE = 0.01
"""Relative difference up to which two half-lives are one nuclide's: tables differ by tenths of a percent."""


@dataclass(frozen=True)
class Isotope:
    """What a file says about its radionuclide.

    Attributes
    ----------
    name : str
        ``Y-90`` ...; empty where the file names none.
    half_life_s : float or None
        With which the scanner corrected decay.
    positron_fraction : float or None
        With which it turned coincidences into activity.
    words : tuple of str
        What is to be said about it.
    """

    name: str
    half_life_s: float | None
    positron_fraction: float | None
    words: tuple[str, ...] = ()

    def require_half_life(self, where: str) -> float:
        """Half-life; DicomError where the file gives none.

        Raises
        ------
        DicomError
            If it is missing.
        """
        if self.half_life_s is None:
            raise DicomError(
                "RadionuclideHalfLife (0018,1075) is missing: with which half-life the scanner corrected decay is not known",
                where=where,
                remedy="Export the series again with complete headers, or give half_life_s= from the scanner's isotope table.",
            )
        return self.half_life_s


def named(words: str) -> str:
    """Name of a nuclide from its meaning in a header (``^18^Fluorine``, ``F-18``, ``Y90``); empty where it names none we know."""
    plain = re.sub(r"[^a-z0-9]", "", words.lower())
    for long, short in SYMBOLS.items():
        plain = plain.replace(long, short)
    for known in NAMES:
        element, mass = known.lower().split("-")
        if plain in (element + mass, mass + element):
            return known
    return ""


def isotope_of(header: Lookup, *, half_life_s: float | None = None) -> Isotope:
    """Radionuclide of a PET or NM header.

    Parameters
    ----------
    header : Lookup
        Of any of its slices.
    half_life_s : float, optional
        Half-life that the scanner used, where the file does not say.

    Raises
    ------
    DicomError
        If several radiopharmaceuticals were given, the half-life is not positive, or name and half-life do not belong together.
    """
    from pydicom.sequence import Sequence as Items

    given = header.value("RadiopharmaceuticalInformationSequence")
    if isinstance(given, Items) and len(given) > 1:
        raise DicomError(
            f"{len(given)} radiopharmaceuticals are named: which one a voxel holds cannot be told",
            where=header.where,
            remedy="Choose a series of one radiopharmaceutical.",
        )
    item = header.item("RadiopharmaceuticalInformationSequence")
    if item is None:
        return Isotope("", half_life_s, None)
    code = item.item("RadionuclideCodeSequence")
    name, words = "", []
    if code is not None:
        name = CODES.get(code.text("CodeValue"), "") or named(code.text("CodeMeaning"))
        if not name:
            words.append(
                f"the radionuclide is given as {code.text('CodeValue')!r} {code.text('CodeMeaning')!r}, which is not known"
            )
    written = item.number("RadionuclideHalfLife")
    if written is not None and written <= 0:
        raise DicomError(f"RadionuclideHalfLife (0018,1075) is {written:g} s", where=header.where, remedy="Correct the header.")
    half_life = half_life_s if written is None else written
    if name and half_life is not None:
        _require_fit(nuclide(name), half_life, header.where)
    elif half_life is not None:
        alike = [n for n in NAMES if abs(half_life / nuclide(n).half_life_s - 1) <= SAME_HALF_LIFE]
        if len(alike) == 1:
            name = alike[0]
            words.append(f"the file does not name its radionuclide; its half-life of {half_life:g} s is that of {name}")
    if written is not None and half_life_s is not None and written != half_life_s:
        words.append(f"the half-life of {written:g} s in the header was used, not the {half_life_s:g} s that were given")
    fraction = item.number("RadionuclidePositronFraction")
    return Isotope(name, half_life, fraction if fraction and fraction > 0 else None, tuple(words))


def _require_fit(known: Nuclide, half_life_s: float, where: str) -> None:
    """DicomError where the half-life is not that of the nuclide."""
    if abs(half_life_s / known.half_life_s - 1) > SAME_HALF_LIFE:
        raise DicomError(
            f"the file names {known.name} with a half-life of {half_life_s:g} s; that of {known.name} is {known.half_life_s:g} s",
            where=where,
            remedy="Ask which isotope the scanner was set to, and correct the header.",
        )
