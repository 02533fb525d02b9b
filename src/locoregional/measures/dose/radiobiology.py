"""What a dose does, by the models in use: BED, EQD2, EUBED, tumour control and complication, each with a named parameter set.

The whole dose of a decaying source that stays where it is::

    BED = D (1 + D T_rep / ((T_rep + T_phys) alpha/beta))

Models fit tumours and livers of other diseases; none was fitted to breast cancer metastases.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.measures.dose.dvh import DoseVolume
from locoregional.measures.dose.parameter_sets import ParameterSet
from locoregional.nuclides import nuclide

__all__ = ["bed_gy", "bed_volume", "eqd2_gy", "eubed_gy", "ntcp_lyman", "tcp_logistic", "tcp_poisson"]

FRACTION_GY = 2.0
"""Dose per fraction that EQD2 refers to, by its definition."""


def bed_gy(dose_gy: ArrayLike, parameters: ParameterSet, *, device: str = "", of: str = "Y-90") -> NDArray[np.float64]:
    """Biologically effective dose [Gy] of the whole decay of a permanent implant.

    Parameters
    ----------
    dose_gy : array_like
        Absorbed doses, any shape.
    parameters : ParameterSet
        Must state ``alpha_beta`` and ``repair_half_life``.
    device : str
        ``glass`` or ``resin``; empty where not known.
    of : str
        Radionuclide.

    Raises
    ------
    EvidenceError
        If the set lacks a parameter or holds for other microspheres, or a dose is below zero.
    """
    parameters.require_device(device)
    ratio, repair_h = parameters.value("alpha_beta"), parameters.value("repair_half_life")
    dose = np.asarray(dose_gy, dtype=np.float64)
    if not (dose >= 0.0).all():
        raise EvidenceError("a dose below zero has no biological effect", where="dose_gy", remedy="Correct the dose map first.")
    physical_h = float(nuclide(of).half_life)
    return np.asarray(dose * (1.0 + dose * repair_h / ((repair_h + physical_h) * ratio)))


def eqd2_gy(bed: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Dose [Gy] in fractions of 2 Gy with the same biologically effective dose [Gy]."""
    return np.asarray(np.asarray(bed, dtype=np.float64) / (1.0 + FRACTION_GY / parameters.value("alpha_beta")))


def bed_volume(doses: DoseVolume, parameters: ParameterSet, *, device: str = "", of: str = "Y-90") -> DoseVolume:
    """Histogram of BED in place of dose; noise below zero counts as zero, as it does nowhere else.

    Raises
    ------
    EvidenceError
        As :func:`bed_gy`.
    """
    effective = bed_gy(np.maximum(doses.doses_gy, 0.0), parameters, device=device, of=of)
    return replace(doses, doses_gy=effective.astype(np.float32))


def eubed_gy(bed: DoseVolume, parameters: ParameterSet) -> float:
    """BED [Gy] that, given evenly, would leave as many cells: ``-ln(mean(exp(-alpha BED))) / alpha``.

    Parameters
    ----------
    bed : DoseVolume
        From :func:`bed_volume`, with the same set.
    parameters : ParameterSet
        Must state ``alpha``.
    """
    return -_log_survival(bed, parameters.value("alpha")) / parameters.value("alpha")


def tcp_poisson(bed: DoseVolume, parameters: ParameterSet, *, clonogens: int) -> float:
    """Probability that none of so many clonogens, spread evenly over the volume, survives: ``prod exp(-N v exp(-alpha BED))``.

    Raises
    ------
    EvidenceError
        If the number of clonogens is not positive.
    """
    if clonogens < 1:
        raise EvidenceError(f"{clonogens} clonogens", where="clonogens", remedy="Give how many the tumour is thought to hold.")
    return float(np.exp(-clonogens * np.exp(_log_survival(bed, parameters.value("alpha")))))


def tcp_logistic(mean_dose_gy: ArrayLike, *, d50_gy: float, slope: float) -> NDArray[np.float64]:
    """Logistic tumour control on the mean dose, ``1 / (1 + (D50 / D)^(4 slope))``.

    Parameters
    ----------
    mean_dose_gy : array_like
        Mean doses.
    d50_gy : float
        Mean dose with half of the tumours controlled.
    slope : float
        Normalised slope there (gamma50).

    Raises
    ------
    EvidenceError
        If dose at one half or slope is not positive.
    """
    if not (d50_gy > 0.0 and slope > 0.0):
        raise EvidenceError(
            f"a logistic curve with D50 {d50_gy:g} Gy and slope {slope:g}", where="d50_gy", remedy="Give positive numbers."
        )
    dose = np.maximum(np.asarray(mean_dose_gy, dtype=np.float64), 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / (1.0 + (d50_gy / dose) ** (4.0 * slope)))


def ntcp_lyman(bed: DoseVolume, parameters: ParameterSet, *, device: str) -> float:
    """Lyman-Kutcher-Burman complication probability on BED.

    Parameters
    ----------
    bed : DoseVolume
        From :func:`bed_volume`.
    parameters : ParameterSet
        Must state ``td50``, ``volume_exponent`` and ``slope``; holds for one device.
    device : str
        ``glass`` or ``resin``.

    Raises
    ------
    EvidenceError
        If the set lacks a parameter or holds for other microspheres.
    """
    from scipy.special import logsumexp, ndtr

    parameters.require_device(device)
    n, m, td50 = (parameters.value(name) for name in ("volume_exponent", "slope", "td50"))
    with np.errstate(divide="ignore"):
        uniform = np.exp(n * logsumexp(np.log(np.maximum(bed.doses_gy.astype(np.float64), 0.0)) / n, b=bed.shares))
    return float(ndtr((uniform - td50) / (m * td50)))


def _log_survival(bed: DoseVolume, alpha: float) -> float:
    """Logarithm of the mean surviving share, without underflow where every share is tiny."""
    from scipy.special import logsumexp

    return float(logsumexp(-alpha * bed.doses_gy.astype(np.float64), b=bed.shares))
