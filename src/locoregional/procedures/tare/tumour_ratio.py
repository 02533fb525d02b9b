"""Ratio of concentrations between tumour and normal liver, on the whole normal perfused liver and never on a sphere."""

from __future__ import annotations

from math import hypot, log1p

import numpy as np
from numpy.typing import NDArray

from locoregional.case import Quantity
from locoregional.errors import MaskError, PlanningError
from locoregional.procedures.tare.counts import noise_within, sum_within
from locoregional.procedures.tare.spread import LEVEL
from locoregional.sources import read_facts

__all__ = ["tumour_to_normal"]

_SIGMAS_90 = 1.6448536269514722


def tumour_to_normal(activity: NDArray, *, tumour: NDArray, perfused: NDArray, normal: NDArray | None = None) -> Quantity:
    """Mean activity per volume of tumour over that of all normal perfused liver.

    Parameters
    ----------
    activity : ndarray
        Counts or activity per voxel.
    tumour, perfused : ndarray, shape of ``activity``
        Share of every voxel, 0..1, that is perfused tumour, and that is perfused liver with its tumours.
    normal : ndarray, optional
        Normal perfused liver, where it was outlined. Default: the perfused liver without tumour.

    Returns
    -------
    Quantity
        Ratio with its 90 % interval: noise of the counts, and the interval assumed for what the work-up foretells.

    Raises
    ------
    GeometryError, MaskError
        If the masks do not fit, or one is empty.
    PlanningError
        If ``normal`` is only a sample of the normal perfused liver, or there is no activity in it.
    """
    facts = read_facts(__package__, "planning_facts.toml")
    rest = np.clip(np.asarray(perfused, dtype=np.float64) - tumour, 0.0, 1.0)
    whole = rest if normal is None else np.asarray(normal, dtype=np.float64)
    sizes = {"tumour": float(np.sum(tumour)), "normal": float(np.sum(whole))}
    for name, size in sizes.items():
        if not size > 0.0:
            raise MaskError(f"no {name} in the perfused liver", where=name, remedy="Check the outlines.")
    covered = float(np.sum(np.minimum(whole, rest))) / float(np.sum(rest)) if rest.any() else 0.0
    least = 0.01 * float(facts["normal.covered"])
    if covered < least:
        raise PlanningError(
            f"the normal region covers {100.0 * covered:.0f} % of the normal perfused liver",
            where="normal",
            remedy="Take all of it: uptake is uneven, and the ratio from a sphere depends on where it is put.",
        )
    sums = {"tumour": sum_within(activity, tumour, "tumour"), "normal": sum_within(activity, whole, "normal")}
    for name, total in sums.items():
        if not total > 0.0:
            raise PlanningError(f"no activity in the {name}", where=name, remedy="Check map and outlines.")
    ratio = (sums["tumour"] / sizes["tumour"]) / (sums["normal"] / sizes["normal"])
    noise = hypot(noise_within(activity, tumour) / sums["tumour"], noise_within(activity, whole) / sums["normal"])
    half = hypot(_SIGMAS_90 * noise, log1p(0.01 * float(facts["assumed.ratio"])))
    return Quantity(
        "tn_concentration_ratio",
        "T/N ratio of concentrations",
        ratio,
        "1",
        float(ratio * np.exp(-half)),
        float(ratio * np.exp(half)),
        LEVEL,
        "mean of the tumour over the mean of the whole normal perfused liver; interval assumed for what the work-up foretells; "
        "blurred images read small tumours too low",
        ("mikell2016", facts["assumed.ratio"].key),
    )
