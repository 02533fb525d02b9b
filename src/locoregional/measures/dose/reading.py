"""The dose in one structure, as quantities with intervals, and what their uncertainty rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from locoregional.case import Quantity
from locoregional.imaging.volume import Volume
from locoregional.measures.dose.asked import Asked, dose_questions
from locoregional.measures.dose.dosed_region import DosedRegion, dosed_region
from locoregional.measures.dose.dvh import DoseVolume, region_dose_volume
from locoregional.measures.dose.interval import LEVEL, Band, DoseErrors, spread_of
from locoregional.measures.dose.recovery import RecoveryTable
from locoregional.sources import read_facts

__all__ = ["DoseReading", "read_dose"]

_METHOD = (
    "points of a dose taken as linear between voxel centres; interval: contour, place and calibration drawn together, "
    "without the noise of the image"
)


@dataclass(frozen=True, eq=False)
class DoseReading:
    """The dose in one structure.

    Attributes
    ----------
    name : str
        The structure.
    quantities : tuple of Quantity
        Volume, mean, percentiles, volumes at doses, and what else was asked; then the corrected mean, if asked for.
    budget : mapping of str to float
        Relative standard uncertainty of the mean from each cause.
    doses : DoseVolume
        The histogram.
    band : Band or None
        The histogram with its interval at every dose; None of a structure too small for one.
    words : tuple of str
        What a reader must know.
    """

    name: str
    quantities: tuple[Quantity, ...]
    budget: Mapping[str, float]
    doses: DoseVolume
    band: Band | None
    words: tuple[str, ...]

    def quantity(self, name: str) -> Quantity:
        """Quantity by name.

        Raises
        ------
        KeyError
            If it was not asked for.
        """
        found = {q.name: q for q in self.quantities}
        return found[name]


def read_dose(
    dose: Volume,
    mask: Volume,
    *,
    name: str,
    asked: Sequence[Asked] | None = None,
    errors: DoseErrors | None = None,
    recovery: RecoveryTable | None = None,
) -> DoseReading:
    """Read the dose in a structure.

    Parameters
    ----------
    dose : Volume
        Absorbed dose in Gy.
    mask : Volume
        Boolean or occupancy 0..1, on any grid of the same patient space.
    name : str
        The structure.
    asked : sequence of Asked, optional
        Which numbers; by default those of :func:`~locoregional.measures.dose.asked.dose_questions`.
    errors : DoseErrors, optional
        What may be off; by default the voxels and the calibration of the facts.
    recovery : RecoveryTable, optional
        For a partial-volume correction of the mean, reported beside the uncorrected one.

    Returns
    -------
    DoseReading
        Every quantity with a 90 % interval; one that cannot be given says why.

    Raises
    ------
    MaskError
        If the structure is smaller than one voxel of the map, empty, or reaches beyond the map.
    UnitsError, GeometryError, ImagingError, EvidenceError
        As the steps that raise them.
    """
    errors = errors or DoseErrors()
    asked = tuple(dose_questions() if asked is None else asked)
    region = dosed_region(dose, mask, name=name)
    doses = region_dose_volume(region)
    given = [a for a in asked if doses.readable or a.small]
    spread = spread_of(region, doses, given, errors, recovery=recovery)
    found = {a.name: n for n, a in enumerate(given)}
    quantities = [Quantity("volume_ml", "volume", doses.volume_ml, "ml", *spread.volume_ml, LEVEL, _METHOD, ("gear2018",))]
    for a in asked:
        if a.name not in found:
            quantities.append(Quantity(a.name, f"{a.words}: the structure {doses.words[0]}", None, a.unit, level=LEVEL))
            continue
        value, low, high = (float(numbers[found[a.name]]) for numbers in (spread.values, spread.low, spread.high))
        high = min(high, 1.0) if a.unit == "1" else high
        quantities.append(Quantity(a.name, a.words, value, a.unit, low, high, LEVEL, _METHOD, a.sources))
    if recovery is not None and spread.corrected is not None:
        part = recovery.near(doses.volume_ml)[0]
        words = f"mean dose over a recovery of {part:.2f} (table given, {doses.volume_ml:.3g} ml)"
        method = "partial-volume correction of the mean alone; no other number is corrected"
        quantities.append(Quantity("mean_corrected_gy", words, spread.corrected[0], "Gy", *spread.corrected[1:], LEVEL, method))
    said = (*doses.words, *spread.words, *_words(region, errors, corrected=recovery is not None), *mask.assumed)
    return DoseReading(name, tuple(quantities), spread.budget, doses, spread.band, said)


def _words(region: DosedRegion, errors: DoseErrors, *, corrected: bool) -> list[str]:
    facts = read_facts(__package__)
    words = []
    if errors.calibration_share is None:
        words.append(f"calibration of the activity taken as uncertain by {100 * errors.calibration:g} % (recalled, not stated)")
    if errors.registration_error_mm == 0.0:
        words.append("no registration error given: mask and dose map taken to lie exactly on each other")
    if errors.contour_resolution_mm is None:
        words.append("resolution of the image that the mask was drawn on not given: only its voxels count for the contour")
    across_mm = 2.0 * np.cbrt(region.volume_ml * 1e3 * 3.0 / (4.0 * np.pi))
    voxels = across_mm / np.cbrt(region.dose_grid.voxel_ml * 1e3)
    if voxels < float(facts["mask.voxels_across"]):
        words.append(f"only {voxels:.1f} voxels of the dose map across: the grid alone flattens hot and cold spots")
    limit = float(facts["resolution.lesion"])
    if errors.activity_resolution_mm is None:
        words.append("resolution of the activity image not given: whether a small structure is under-read is not judged")
    elif across_mm < limit * errors.activity_resolution_mm and not corrected:
        words.append(
            f"{across_mm:.0f} mm across, below {limit:g} widths of the point spread: under-read by partial volume, not corrected"
        )
    return words
