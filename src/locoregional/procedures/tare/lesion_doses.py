"""Mean dose to each lesion if microspheres follow the map of the work-up: several compartments instead of one tumour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.case import Quantity
from locoregional.imaging.nuclear.occupancy import occupancy_on
from locoregional.procedures.tare.activity_request import ActivityRequest, assumed_interval
from locoregional.procedures.tare.compartments import Compartments, volume_ml
from locoregional.procedures.tare.delivery import respond
from locoregional.procedures.tare.doses import doses
from locoregional.procedures.tare.map_prediction import map_prediction
from locoregional.procedures.tare.masses import assumed_lungs, liver_mass
from locoregional.procedures.tare.spread import exact
from locoregional.procedures.tare.work_up import WorkUp

__all__ = ["lesion_doses"]


def lesion_doses(
    parts: Compartments, measured: WorkUp, request: ActivityRequest, *, activity_gbq: float | None
) -> tuple[Quantity, ...]:
    """Mean dose to each perfused lesion and to the normal perfused liver, by the shares of the map.

    Parameters
    ----------
    parts : Compartments
        Of the patient.
    measured : WorkUp
        With its map; without one there is nothing to say.
    request : ActivityRequest
        What the plan was asked.
    activity_gbq : float or None
        Activity in the vial at infusion.
    """
    if measured.activity is None or activity_gbq is None:
        return ()
    image = measured.activity.volume
    masks = {f"tumour {name}": mask for name, mask in parts.tumours.items()} | {"normal": parts.normal}

    def on_map(name: str) -> np.ndarray:
        return np.asarray(occupancy_on(image, masks[name], name=name).array, dtype=np.float64)

    model = map_prediction(
        np.maximum(image.array, 0.0),
        {name: on_map(name) for name in masks},
        liver=np.asarray(occupancy_on(image, parts.liver, name="liver").array, dtype=np.float64),
        masses_g={
            name: liver_mass(assumed_interval(exact(volume_ml(mask)), "normal_mass" if name == "normal" else "tumour_mass"))
            for name, mask in masks.items()
        },
        lung_g=request.lung_g or assumed_lungs(),
        lung_shunt=request.lung_shunt,
        residual_fraction=request.residual_fraction,
    )
    response = respond(
        model, constant=request.constant, activity_calibration_factor=request.calibration, members=request.members,
        seed=request.seed,
    )  # fmt: skip
    found = {q.name: q for q in doses(response, activity_gbq=activity_gbq)}
    made = []
    for name in masks:
        q = found[f"{name}_dose"]
        words = (
            f"mean dose to {name.removeprefix('tumour ')}, by the map"
            if name != "normal"
            else "normal perfused liver, by the map"
        )
        made.append(replace(q, name=f"map_{name.removeprefix('tumour ')}", words=words))
    return tuple(made)
