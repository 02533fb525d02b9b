"""A round liver with two tumours and an activity map that is known voxel by voxel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from locoregional.case import ActivityImage, Case, Disease, Labs, Lesion, Liver, Organ, Patient, Radioembolization
from locoregional.imaging.volume import Grid, Volume

__all__ = ["GRID", "INFUSION", "LPS", "ball", "known", "liver_case", "volume_of"]

GRID = Grid.regular((60, 60, 60), spacing_mm=(4.0, 3.0, 3.0), origin_lps_mm=(-90.0, -90.0, -90.0))
_INDEX = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
LPS = GRID.to_lps(_INDEX)
INFUSION = datetime(2026, 3, 20, 13, 0, tzinfo=UTC)


def ball(centre, radius_mm):
    return ((LPS - np.asarray(centre, float)) ** 2).sum(axis=-1) <= radius_mm**2


def volume_of(mask):
    return float(mask.sum()) * GRID.voxel_ml


def known(*, shunt_percent=4.0, lines=0):
    labs, liver = Labs(bilirubin_umol_l=12.0), Liver(lung_shunt_percent=shunt_percent, radiated=False, cirrhosis=False)
    return Disease(labs=labs, liver=liver, chemotherapy_lines=lines)


def liver_case(*, tn=5.0, shunt_percent=4.0, mapped=True, structures=None, disease=None, **session):
    """Case with lesions L1 (right) and L2 (left), a CT of soft tissue, and a work-up with this ratio of concentrations."""
    liver, one, two = ball((0, 0, 0), 65.0), ball((-25, 0, 0), 18.0), ball((30, 0, 0), 12.0)
    case = Case(
        Patient("p", age_years=51, sex="F", height_cm=165, weight_kg=65),
        disease=disease
        or Disease(
            labs=Labs(bilirubin_umol_l=12.0),
            liver=Liver(lung_shunt_percent=shunt_percent, radiated=False, cirrhosis=False),
            chemotherapy_lines=0,
        ),
        radioembolization=Radioembolization(scenario="whole liver", **session),
    )
    put = case.store.put
    lesions = tuple(
        Lesion(name, Organ.LIVER, diameter, tuple(float(x) for x in centre), put(Volume(mask, GRID.affine)))
        for name, diameter, centre, mask in (("L1", 36.0, (-25, 0, 0), one), ("L2", 24.0, (30, 0, 0), two))
    )
    masks = {"liver": liver, **(structures or {})}
    ct = Volume(np.where(ball((0, 0, 0), 82.0), 40, -1000).astype(np.int16), GRID.affine, unit="HU", modality="CT")
    activities = {}
    if mapped:
        counts = (1000.0 * liver + 1000.0 * (tn - 1.0) * (one | two)).astype(np.float32)
        activities["work_up"] = ActivityImage(put(Volume(counts, GRID.affine, unit="counts")), "Tc-99m")
    return replace(
        case, lesions=lesions, images={"planning": put(ct)}, activities=activities,
        structures={name: put(Volume(mask, GRID.affine)) for name, mask in masks.items()},
    )  # fmt: skip
