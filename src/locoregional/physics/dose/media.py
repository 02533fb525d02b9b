"""What lies in a voxel decides what its dose is worth: soft tissue, lung, or no tissue at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import NotModelled, UnitsError
from locoregional.sources import Sourced, read_facts

__all__ = [
    "GAS",
    "LUNG",
    "LUNG_METHODS",
    "SOFT",
    "checked_activity",
    "effective_density",
    "kernel_density",
    "lung_bias",
    "media_map",
    "method_words",
]

SOFT, LUNG, GAS = 0, 1, 2
"""Labels of a media map: soft tissue and bone, tissue as thin as lung, no tissue."""

LUNG_METHODS = ("compartment", "local", "kernel_local_density", "kernel_soft", "kernel_lung")
"""Methods whose error in lung was measured against Monte Carlo."""

_WORDS = {
    "compartment": "the mean of a compartment",
    "local": "energy kept in the voxel of the decay",
    "kernel_local_density": "soft-tissue kernel divided by the local density",
    "kernel_soft": "soft-tissue kernel without density",
    "kernel_lung": "lung kernel",
}
_KERNELS = ("soft", "water")


def media_map(density_g_ml: NDArray) -> NDArray[np.uint8]:
    """Label of every voxel: ``SOFT``, ``LUNG`` (below 0.5 g/ml) or ``GAS`` (below 0.1 g/ml).

    Parameters
    ----------
    density_g_ml : ndarray
        Density [g/ml].

    Returns
    -------
    ndarray of uint8, same shape
        A dose in ``LUNG`` is to be shown with its method and that method's error (:func:`method_words`), never as a plain dose.
    """
    facts = read_facts(__package__)
    density = np.asarray(density_g_ml)
    out = np.full(density.shape, SOFT, np.uint8)
    out[density < float(facts["media.lung_below"])] = LUNG
    out[density < float(facts["media.gas_below"])] = GAS
    return out


def lung_bias(method: str) -> Sourced:
    """Error of the mean lung dose by a method against Monte Carlo, in per cent (negative: dose given too low).

    Parameters
    ----------
    method : str
        One of ``LUNG_METHODS``.

    Raises
    ------
    NotModelled
        If no error is known for the method.
    """
    if method not in LUNG_METHODS:
        raise NotModelled(
            f"the error of {method!r} in lung is not known", where="method", remedy=f"Known: {', '.join(LUNG_METHODS)}."
        )
    return read_facts(__package__).section("lung_bias")[method]


def method_words(density_g_ml: NDArray, *, method: str) -> tuple[str, ...]:
    """What must stand beside a dose map because of what lies in its voxels; empty for soft tissue throughout.

    Parameters
    ----------
    density_g_ml : ndarray
        Density of the voxels whose dose is shown [g/ml].
    method : str
        One of ``LUNG_METHODS``; :func:`~locoregional.physics.dose.local.local_dose` is ``local``,
        :func:`~locoregional.physics.dose.convolution.voxel_dose` with a density map is ``kernel_local_density``.

    Returns
    -------
    tuple of str
        Sentences.

    Raises
    ------
    NotModelled
        If no error is known for the method.
    """
    bias, labels, facts = lung_bias(method), media_map(density_g_ml), read_facts(__package__)
    thin, gas = float(facts["media.lung_below"]), float(facts["media.gas_below"])
    words = []
    if (labels == LUNG).any():
        share = 100.0 * float((labels == LUNG).mean())
        words.append(
            f"{share:.3g} % of the voxels are as thin as lung (below {thin:g} g/ml). "
            f"Their dose is by {_WORDS[method]}, which gave the mean lung dose {-float(bias):.0f} % too low against Monte Carlo "
            "in one phantom."
        )
    if (labels == GAS).any():
        share = 100.0 * float((labels == GAS).mean())
        words.append(
            f"{share:.3g} % of the voxels hold no tissue (below {gas:g} g/ml); "
            "the dose there is that to soft tissue in the same place."
        )
    return tuple(words)


def kernel_density(medium: str) -> float:
    """Density [g/ml] in which the voxel kernel of a medium is laid out.

    Raises
    ------
    NotModelled
        If there is no kernel for the medium: bone and lung stop electrons differently from water of their density.
    """
    if medium not in _KERNELS:
        raise NotModelled(
            f"there is no voxel kernel for {medium!r}",
            where="medium",
            remedy=f"Use one of {', '.join(_KERNELS)}, and say what that is worth elsewhere.",
        )
    return float(read_facts(__package__)[f"media.{medium}_density"])


def checked_activity(activity_bq_ml: NDArray) -> NDArray[np.float32]:
    """Activity map as float32, three-dimensional and finite; noise below zero is kept.

    Raises
    ------
    UnitsError
        If it is not finite or has not three axes.
    """
    activity = np.asarray(activity_bq_ml, dtype=np.float32)
    if activity.ndim != 3:
        raise UnitsError(f"an activity map of {activity.ndim} axes", where="activity_bq_ml", remedy="Give slices, rows, columns.")
    # the sum tells in one quick pass; where it overflows, every voxel is asked
    with np.errstate(over="ignore", invalid="ignore"):
        total = activity.sum()
    if not np.isfinite(total) and not np.isfinite(activity).all():
        raise UnitsError("the activity map is not finite", where="activity_bq_ml", remedy="Set missing voxels to zero.")
    return activity


def effective_density(density_g_ml: float | NDArray, *, shape: tuple[int, ...], constant_gy_kg_gbq: float) -> NDArray[np.float32]:
    """Density to divide by: the voxel's own, and that of soft tissue where there is no tissue.

    Dividing by the density of gas would give doses without bound to something that is not tissue; a cavity between tissue
    receives about the dose of its wall.

    Parameters
    ----------
    density_g_ml : float or ndarray of ``shape``
        Density [g/ml].
    shape : tuple of int
        Shape of the activity map.
    constant_gy_kg_gbq : float
        Dose constant, checked here too [Gy*kg/GBq].

    Returns
    -------
    ndarray, of ``shape`` or a single number [g/ml]

    Raises
    ------
    UnitsError
        If a density is negative or not finite, a single density is that of gas, shapes differ, or the constant is not positive.
    """
    if not (np.isfinite(constant_gy_kg_gbq) and constant_gy_kg_gbq > 0.0):
        raise UnitsError(f"a dose constant of {constant_gy_kg_gbq:g}", where="constant_gy_kg_gbq", remedy="Use dose_constant().")
    facts = read_facts(__package__)
    gas = float(facts["media.gas_below"])
    density = np.asarray(density_g_ml, dtype=np.float32)
    if density.ndim == 0:
        if not (np.isfinite(density) and gas <= density < 25.0):
            raise UnitsError(f"a density of {float(density):g} g/ml", where="density_g_ml", remedy="Give it in g/ml: about 1.05.")
        return density
    if density.shape != shape:
        raise UnitsError(
            f"densities of shape {density.shape} for an activity map of {shape}", where="density_g_ml", remedy="Resample them."
        )
    if not (density.min() >= 0.0 and density.max() < 25.0):  # also false where a density is not finite
        raise UnitsError(
            f"densities of {float(density.min()):g} to {float(density.max()):g} g/ml", where="density_g_ml", remedy="Give g/ml."
        )
    return np.where(density < gas, np.float32(float(facts["media.soft_density"])), density)
