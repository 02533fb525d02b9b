"""Lung shunt of the work-up, from planar images or SPECT, with an interval that knows what each method gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

from numpy.typing import NDArray

from locoregional.case import PlanarCounts, Quantity
from locoregional.errors import PlanningError
from locoregional.procedures.tare.counts import noise_within, sum_within
from locoregional.procedures.tare.spread import LEVEL, SHARE_END, Spread, fraction
from locoregional.sources import read_facts

__all__ = ["METHODS", "PlanarBackground", "lung_shunt_spread", "planar_lung_shunt", "shunt_spread_of", "spect_lung_shunt"]

METHODS = ("planar", "spect", "unknown")
_FILE = "planning_facts.toml"
_SIGMAS_90, _SIGMAS_95 = 1.6448536269514722, 1.959963984540054


@dataclass(frozen=True)
class PlanarBackground:
    """Counts of background in the same four outlines, already scaled to their areas.

    Attributes
    ----------
    lung_anterior, lung_posterior, liver_anterior, liver_posterior : int
        Counts.
    """

    lung_anterior: int = 0
    lung_posterior: int = 0
    liver_anterior: int = 0
    liver_posterior: int = 0


def lung_shunt_spread(value: Spread, *, method: str, noise_share: float = 0.0) -> Spread:
    """Interval of a lung shunt without one, from what is known of its method.

    Parameters
    ----------
    value : Spread
        Lung shunt, a fraction; returned as it is if it has an interval.
    method : str
        ``planar``, ``spect`` or ``unknown`` (then as planar, the wider of the two).
    noise_share : float
        Standard deviation of the fraction by counting.

    Raises
    ------
    PlanningError
        If the method is unknown, or the value is no fraction.
    """
    fraction(value, "lung_shunt")
    if method not in METHODS:
        raise PlanningError(f"method {method!r} is unknown", where="lung_shunt", remedy=f"Use {', '.join(METHODS)}.")
    if value.wide:
        return value
    facts = read_facts(__package__, _FILE)
    shunt = value.value
    if method == "spect":
        half = hypot(0.01 * float(facts["shunt.spect_error"]) * shunt, _SIGMAS_90 * noise_share)
        words = f"SPECT/CT, {float(facts['shunt.spect_error']):g} % of its value and the noise of the counts either way"
        return Spread(shunt, max(0.0, shunt - half), min(SHARE_END, shunt + half), words)
    bias, agreement = (0.01 * float(facts[f"shunt.planar_{name}"]) for name in ("bias", "agreement"))
    half = _SIGMAS_90 * hypot(agreement / _SIGMAS_95, noise_share)
    words = (
        f"{'planar' if method == 'planar' else 'method not told, judged as planar'}: planar images read "
        f"{100.0 * bias:g} points too high on average, within {100.0 * agreement:g} points of SPECT/CT; "
        "the value is kept as measured"
    )
    low, high = max(0.0, shunt - bias - half), min(SHARE_END, shunt - bias + half)
    return Spread(shunt, min(low, shunt), max(high, shunt), words)


def planar_lung_shunt(counts: PlanarCounts, *, background: PlanarBackground | None = None) -> Quantity:
    """Lung shunt by the geometric mean of anterior and posterior counts, not corrected for attenuation.

    Parameters
    ----------
    counts : PlanarCounts
        Counts in the outlines of both lungs and of the liver.
    background : PlanarBackground or None
        Counts to take off first.

    Returns
    -------
    Quantity
        Fraction of all counts, with its 90 % interval.

    Raises
    ------
    PlanningError
        If the background is negative, exceeds the counts, or leaves none in the liver.
    """
    off = background or PlanarBackground()
    net, relative_variance = {}, {}
    for region in ("lung", "liver"):
        left, variance = [], 0.0
        for side in ("anterior", "posterior"):
            gross, minus = getattr(counts, f"{region}_{side}"), getattr(off, f"{region}_{side}")
            if minus < 0 or gross < minus:
                raise PlanningError(
                    f"background of {minus} in {gross} counts",
                    where=f"{region} {side}",
                    remedy="Scale it to the area of the outline.",
                )
            left.append(gross - minus)
            variance += (gross + minus) / max(1, gross - minus) ** 2
        net[region], relative_variance[region] = sqrt(left[0] * left[1]), 0.25 * variance
    if not net["liver"] > 0.0:
        raise PlanningError("no counts are left in the liver", where="liver", remedy="Check the background.")
    shunt = net["lung"] / (net["lung"] + net["liver"])
    noise = shunt * (1.0 - shunt) * sqrt(relative_variance["lung"] + relative_variance["liver"])
    facts = read_facts(__package__, _FILE)
    words = "" if background is None else ", background taken off"
    return _quantity(
        Spread(shunt, shunt, shunt),
        "planar",
        noise,
        f"planar, geometric mean of anterior and posterior counts{words}; in a series the mean was "
        f"{float(facts['shunt.planar_mean']):g} % so and {float(facts['shunt.spect_mean']):g} % by SPECT/CT",
        ("lung_shunt_agreement", "lung_shunt_hcc"),
    )


def spect_lung_shunt(counts: NDArray, *, lungs: NDArray, liver: NDArray) -> Quantity:
    """Lung shunt from a SPECT corrected for attenuation and scatter.

    Parameters
    ----------
    counts : ndarray
        Counts per voxel, lungs and liver complete within it.
    lungs, liver : ndarray, shape of ``counts``
        Share of every voxel, 0..1, that is lung or liver; the liver with its tumours.

    Returns
    -------
    Quantity
        Fraction of all counts, with its 90 % interval.

    Raises
    ------
    GeometryError, MaskError
        If the masks do not fit.
    PlanningError
        If there are no counts in the liver, or values that are no counts.
    """
    inside = {"lung": sum_within(counts, lungs, "lungs"), "liver": sum_within(counts, liver, "liver")}
    if not inside["liver"] > 0.0:
        raise PlanningError("no counts in the liver", where="liver", remedy="Check image and mask.")
    shunt = inside["lung"] / (inside["lung"] + inside["liver"])
    lung_noise = noise_within(counts, lungs) / inside["lung"] if inside["lung"] > 0.0 else 0.0
    noise = shunt * (1.0 - shunt) * hypot(lung_noise, noise_within(counts, liver) / inside["liver"])
    return _quantity(
        Spread(shunt, shunt, shunt),
        "spect",
        noise,
        "SPECT, counts in lungs and liver; noise as if the voxels were independent, which reconstruction does not grant",
        ("lung_shunt_phantom",),
    )


def _quantity(shunt: Spread, method: str, noise: float, words: str, sources: tuple[str, ...]) -> Quantity:
    found = lung_shunt_spread(shunt, method=method, noise_share=noise)
    return Quantity(f"lung_shunt_{method}", "lung shunt", found.value, "1", found.low, found.high, LEVEL, words, sources)


def shunt_spread_of(quantity: Quantity) -> Spread:
    """Measured lung shunt as an input of a model.

    Raises
    ------
    PlanningError
        If it has no value.
    """
    q = quantity
    if q.value is None or q.low is None or q.high is None:
        raise PlanningError("the lung shunt has no value", where=q.name, remedy="Measure it.")
    return Spread(q.value, q.low, q.high, q.method)
