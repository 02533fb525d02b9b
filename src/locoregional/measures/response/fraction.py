"""Arterial enhancement fraction: which share of the portal-venous enhancement a tumour has in the arterial phase already."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from locoregional.case import Quantity
from locoregional.measures.response.change import LEVEL
from locoregional.sources import read_facts

__all__ = ["enhancement_fraction"]


def enhancement_fraction(*, native_hu: float, arterial_hu: float, portal_hu: float, after: bool) -> Quantity:
    """Arterial enhancement fraction with its interval.

    Parameters
    ----------
    native_hu, arterial_hu, portal_hu : float
        Mean density of the tumour before contrast, in the arterial and in the portal-venous phase [HU].
    after : bool
        Whether it is that of the residual tumour after treatment.

    Returns
    -------
    Quantity
        In per cent. Without a value where portal-venous enhancement is too small to divide by.
    """
    facts = read_facts(__package__)
    name = f"enhancement_fraction_{'after' if after else 'before'}"
    words = f"arterial enhancement fraction {'after' if after else 'before'} treatment"
    cut = facts[f"enhancement_fraction.{'after' if after else 'before'}"]
    least, error = facts["enhancement_fraction.difference"], float(facts["repeat.density"]) / sqrt(2)
    arterial, portal = arterial_hu - native_hu, portal_hu - native_hu
    method = "(arterial - native) / (portal - native); interval from the error of a mean density"
    keys = (cut.key, least.key, facts["repeat.density"].key)
    if portal < float(least):
        said = f"{words}: cannot be given, it enhances by {portal:.0f} HU only in the portal-venous phase"
        return Quantity(name, said, None, "%", method=method, sources=keys)
    value = arterial / portal
    # the native density enters both differences, so its error partly cancels
    share = sqrt(error**2 + (value * error) ** 2 + ((value - 1) * error) ** 2) / portal
    half = NormalDist().inv_cdf(0.5 + LEVEL / 2) * share
    above = "above" if 100 * value > float(cut) else "not above"
    said = f"{words} ({above} {float(cut):g} %, beyond which death was likelier in hepatocellular carcinoma)"
    return Quantity(name, said, 100 * value, "%", 100 * (value - half), 100 * (value + half), LEVEL, method, keys)
