"""Segmentation against digital patients whose truth is exact, with seeds that were not used while it was made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom import DigitalPatient, digital_patient
from locoregional.imaging.segmentation import segment_hepatic_vessels, segment_hu_organs, segment_lesion, segment_liver
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Segmentation from CT"
SEEDS = (401, 402)
SPACING_MM = (4.0, 1.6, 1.6)
THICK_MM = (5.0, 1.6, 1.6)


def _dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float(2 * (a & b).sum() / max(int(a.sum() + b.sum()), 1))


def _row(name: str, value: float, floor: float, note: str = "") -> Row:
    """Dice coefficient against perfect overlap; it holds at or above ``floor``."""
    return Row(TOPIC, name, value, 1.0, "1", 1.0 - floor, "exact solution", note)


def _lesions(patient: DigitalPatient, seed: int, slices: str) -> Iterator[Row]:
    rng = np.random.default_rng(seed)
    off = patient.lesion_seed_lps_mm + rng.normal(0, 1.5, 3)
    found = segment_lesion(patient.ct, off, diameter_mm=patient.lesion_diameter_mm * rng.uniform(0.85, 1.15))
    note = f"seed point and diameter given wrongly by about 2.6 mm and up to 15 %; {found.quality}"
    yield _row(f"Dice, metastasis, {slices}, digital patient {seed}", _dice(found.mask.array, patient.lesion.array), 0.85, note)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Dice coefficients of body, lung, liver, vessels and metastasis."""
    for n, seed in enumerate(SEEDS):
        progress(n / (len(SEEDS) + 1), f"segmenting digital patient {seed}")
        patient = digital_patient(seed, spacing_mm=SPACING_MM)
        truth = patient.structures
        organs = segment_hu_organs(patient.ct)
        liver = segment_liver(patient.ct, organs, seed_lps_mm=patient.lesion_seed_lps_mm)
        vessels = segment_hepatic_vessels(patient.ct, liver.mask)
        yield from _lesions(patient, seed, "4 mm slices")
        yield _row(f"Dice, liver, digital patient {seed}", _dice(liver.mask.array, truth["liver"].array), 0.93, liver.quality)
        yield _row(f"Dice, body, digital patient {seed}", _dice(organs.body.mask.array, truth["body"].array), 0.985)
        yield _row(f"Dice, lung, digital patient {seed}", _dice(organs.lung.mask.array, truth["lung"].array), 0.95)
        yield Row(
            TOPIC,
            f"Dice, hepatic vessels, digital patient {seed}",
            _dice(vessels.mask.array, truth["hepatic_vessels"].array),
            1.0,
            "1",
            float("inf"),
            "exact solution",
            "reported only: most of the tree is thinner than two voxels",
        )
    progress(len(SEEDS) / (len(SEEDS) + 1), "thick slices")
    yield from _lesions(digital_patient(403, spacing_mm=THICK_MM), 403, "5 mm slices")
