"""Pictures and table of an absorbed dose: isodoses on three planes, dose-volume curves, and the numbers of each structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.case import Case, Lesion, Outcome, Quantity
from locoregional.imaging.volume import Volume
from locoregional.report.case_layers import layers_of, title_of
from locoregional.report.citations import Citations
from locoregional.report.document import Cell, Figure, Table
from locoregional.report.marks import Layer

__all__ = ["DOSE_AXIS", "ISODOSES_GY", "VOLUME_PREFIX", "dose_figures", "dose_table"]

ISODOSES_GY = {30.0: "#56b4e9", 50.0: "#009e73", 80.0: "#cc79a7", 120.0: "#e69f00", 200.0: "#d55e00"}
"""Levels drawn, with their colours."""
DOSE_AXIS, VOLUME_PREFIX = "dose_gy", "volume_percent_"
"""Traces of an outcome: doses, and for each structure the share of its volume [%] that receives at least as much."""
COLUMNS = {"mean_dose": "Mean", "d70": "D70", "d50": "D50", "v30": "V30 Gy", "v50": "V50 Gy", "bed_mean": "BED, mean"}
"""Numbers of the table, by the start of their names; the structure's name follows."""
REACH_MM = 80.0


def dose_figures(case: Case, lesion: Lesion, outcome: Outcome) -> tuple[Figure, ...]:
    """Isodoses and dose-volume curves of an outcome; none where it holds no dose.

    Parameters
    ----------
    case, lesion
        Patient and target.
    outcome : Outcome
        With ``dose`` among its maps, and dose-volume curves among its traces.
    """
    made = []
    if "dose" in outcome.maps and lesion.mask is not None:
        made.append(_isodoses(case, lesion, case.store.get(outcome.maps["dose"])))
    if DOSE_AXIS in outcome.traces:
        made.append(_curves(outcome))
    return tuple(made)


def dose_table(outcome: Outcome, citations: Citations) -> Table | None:
    """Structures by dose numbers; None where the outcome holds none.

    Parameters
    ----------
    outcome : Outcome
        Its quantities are called ``mean_dose_L1``, ``d70_liver`` and the like.
    citations : Citations
        Of the report.
    """
    known = {q.name: q for q in outcome.quantities}
    structures = [name.removeprefix("mean_dose_") for name in known if name.startswith("mean_dose_")]
    if not structures:
        return None
    columns = [start for start in COLUMNS if any(f"{start}_{s}" in known for s in structures)]

    def cell(quantity: Quantity | None) -> Cell:
        return "" if quantity is None else citations.number(quantity)

    rows = tuple(
        (_structure_words(s), *(cell(known.get(f"{start}_{s}")) for start in columns)) for s in structures
    )  # fmt: skip
    heads = ("Structure", *(COLUMNS[c] for c in columns))
    return Table(heads, rows, "Absorbed dose, each with its interval", tuple(range(1, len(heads))))


def _structure_words(name: str) -> str:
    return title_of(name) if not name[:1].isupper() else f"Lesion {name}"


def _isodoses(case: Case, lesion: Lesion, dose: Volume) -> Figure:
    from locoregional.report.pictures.anatomy import plan_in_planes, window_for

    highest = float(dose.array.max())
    levels = [gy for gy in ISODOSES_GY if gy < highest]
    layers = [
        layer for layer in layers_of(case, lesion, None) if layer.role == "lesion" or layer.name == title_of(lesion.organ.value)
    ]
    layers = [replace(layer, role="organ", colour="#ffffff") if layer.role != "lesion" else layer for layer in layers]
    layers += [
        Layer(f"{gy:g} Gy", _smooth_level(dose, level_gy=gy), role="contour", colour=ISODOSES_GY[gy]) for gy in levels
    ]  # fmt: skip
    window = window_for(case.image(), lesion.organ.value)
    data = plan_in_planes(case.image(), lesion.located(), layers=layers, window=window, reach_mm=REACH_MM)
    words = (
        f"Isodoses of {', '.join(f'{gy:g}' for gy in levels)} Gy through lesion {lesion.id} (yellow), the organ in white. "
        f"Highest voxel {highest:.0f} Gy. Radiological convention."
    )
    return Figure(data, words, f"Isodose lines on three planes through lesion {lesion.id}.")


def _smooth_level(dose: Volume, *, level_gy: float) -> Volume:
    """Field between 0 and 1 that is one half where the dose is at the level, so that its outline runs between voxels."""
    field = dose.array.astype(np.float64)
    return dose.on((field / (field + level_gy)).astype(np.float32), unit="")


def _curves(outcome: Outcome) -> Figure:
    from locoregional.report.pictures.plots import Curve, dose_volume_curves

    dose = np.asarray(outcome.traces[DOSE_AXIS])
    curves = [
        Curve(_structure_words(name.removeprefix(VOLUME_PREFIX)), dose, np.asarray(values))
        for name, values in outcome.traces.items()
        if name.startswith(VOLUME_PREFIX)
    ]
    words = "Dose-volume curves: the share of each structure that receives at least a dose."
    return Figure(dose_volume_curves(curves), words, words, plot=True)
