"""Doses of an activity, each with its interval, its constant and its method."""

from __future__ import annotations

import numpy as np

from locoregional.case import Quantity
from locoregional.errors import PlanningError
from locoregional.physics.dose.media import lung_bias
from locoregional.procedures.tare.delivery import Response
from locoregional.procedures.tare.spread import LEVEL

__all__ = ["doses"]

_WORDS = {
    "perfused": "perfused liver, tumour included",
    "tumour": "tumour",
    "normal": "normal perfused liver",
    "whole_normal": "whole normal liver",
    "lung_1000_g": "lungs, if they weigh exactly 1000 g",
}
_ENDS = (50.0 * (1.0 - LEVEL), 50.0 * (1.0 + LEVEL))


def doses(response: Response, *, activity_gbq: float) -> tuple[Quantity, ...]:
    """Mean doses of an activity [Gy], and the activity in the lungs [GBq].

    Parameters
    ----------
    response : Response
        Doses per gigabecquerel.
    activity_gbq : float
        Stated activity in the vial at infusion.

    Returns
    -------
    tuple of Quantity
        One per compartment; intervals hold 90 % of the draws of the inputs.

    Raises
    ------
    PlanningError
        If the activity is not positive.
    """
    if not (activity_gbq > 0.0 and np.isfinite(activity_gbq)):
        raise PlanningError(f"{activity_gbq:g} GBq", where="activity_gbq", remedy="Give a positive activity in GBq.")
    constant, model = response.constant, response.model
    method = f"{model.name}; {constant.name} constant of {float(constant):g} Gy kg/GBq"
    if response.calibration.value != 1.0:
        method += f"; true activity {response.calibration.value:g} times the stated one"
    bias = lung_bias("compartment")
    lungs = f"; mean of a compartment: {-float(bias):g} % below Monte Carlo in one voxel phantom"
    sources = (*model.sources, constant.fact.source, constant.fact.key)
    names = {**_WORDS, "lung": f"lungs of {model.inputs['lung_g'].value:.0f} g"}
    out = []
    for name, rate in response.gy_per_gbq.items():
        low, high = np.percentile(response.draws[name], _ENDS)
        lung = name.startswith("lung")
        out.append(
            Quantity(
                f"{name}_dose",
                f"mean dose to {names.get(name, name)}",
                rate * activity_gbq,
                "Gy",
                min(float(low), rate) * activity_gbq,
                max(float(high), rate) * activity_gbq,
                LEVEL,
                method + (lungs if lung else ""),
                (*sources, bias.source, bias.key) if lung else sources,
            )
        )
    low, high = np.percentile(response.lung_share_draws, _ENDS)
    share = response.lung_share
    out.append(
        Quantity(
            "lung_activity",
            "activity that reaches the lungs",
            share * activity_gbq,
            "GBq",
            min(float(low), share) * activity_gbq,
            max(float(high), share) * activity_gbq,
            LEVEL,
            model.name,
            model.sources,
        )
    )
    return tuple(out)
