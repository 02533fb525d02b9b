"""Where the true value of a further study is expected, in two conventions that give different intervals.

``hts`` is Higgins, Thompson and Spiegelhalter (2009): t with k - 2 degrees of freedom. ``metafor`` uses the quantile of the
model's own test: normal under ``z``, t with k - 1 under Hartung and Knapp.
"""

from __future__ import annotations

from math import sqrt

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.quantiles import quantile

__all__ = ["CONVENTIONS", "prediction_interval"]

CONVENTIONS = ("hts", "metafor")
"""Names of the conventions of a prediction interval."""


def prediction_interval(
    value: float, *, se: float, tau2: float, k: int, degrees: int | None, convention: str = "hts", level: float = 0.95
) -> tuple[float, float] | None:
    """Prediction interval on the scale of the effects.

    Parameters
    ----------
    value, se : float
        Pooled mean and its standard error, as the test of the model has it.
    tau2 : float
        Variance between studies.
    k : int
        Number of studies.
    degrees : int or None
        Degrees of freedom of the model's test; None for the normal distribution.
    convention : str
        ``hts`` or ``metafor``.
    level : float
        Of the interval.

    Returns
    -------
    tuple of float or None
        None where it does not exist: ``hts`` needs three studies.

    Raises
    ------
    EvidenceError
        If the convention is unknown.
    """
    if convention not in CONVENTIONS:
        raise EvidenceError(
            f"no convention is called {convention!r}", where="prediction interval", remedy="Choose hts or metafor."
        )
    if convention == "hts" and k < 3:
        return None
    reach = quantile(level, k - 2 if convention == "hts" else degrees) * sqrt(tau2 + se * se)
    return value - reach, value + reach
