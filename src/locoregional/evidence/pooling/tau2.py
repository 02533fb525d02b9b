"""Between-study variance by nine estimators.

DerSimonian & Laird 1986 (DL), Hedges & Olkin 1985 (HE), Hunter & Schmidt (HS), Sidik & Jonkman 2005 (SJ), maximum
likelihood (ML), restricted maximum likelihood (REML), Morris 1983 (EB), Paule & Mandel 1982 (PM); none for EE.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import Contrasts

__all__ = ["TAU2_METHODS", "between_study_variance", "solve_q"]

TAU2_METHODS = ("REML", "PM", "DL", "ML", "EB", "SJ", "HS", "HE", "EE")
"""Names of the estimators, as in the literature (viechtbauer2005, dersimonian2007)."""

_GRID = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 47)])
"""Shares of the largest possible tau2 at which a likelihood is looked at, so that no second peak is missed."""
_STEPS = 100


def between_study_variance(data: Contrasts, method: str) -> float:
    """Variance between studies, at least 0, on the scale of the effects.

    Parameters
    ----------
    data : Contrasts
        Of the studies.
    method : str
        One of ``TAU2_METHODS``.

    Raises
    ------
    EvidenceError
        If the method is unknown.
    """
    if method not in _ESTIMATORS:
        raise EvidenceError(
            f"no estimator of the between-study variance is called {method!r}",
            where="method",
            remedy=f"Choose one of {', '.join(TAU2_METHODS)}.",
        )
    return max(0.0, _ESTIMATORS[method](data))


def solve_q(data: Contrasts, q: float) -> float:
    """Between-study variance at which the generalised Q equals ``q``; 0 if it lies below already.

    ``1/Q`` is concave in tau2, so that Newton's steps on it rise towards the solution and never pass it.
    """
    squares, spectrum = data.values**2, data.spectrum
    tau2 = 0.0
    for _ in range(_STEPS):
        inverse = 1.0 / (spectrum + tau2)
        terms = squares * inverse
        now = float(terms.sum())
        if now <= q:
            return tau2
        step = now * (now - q) / (q * float(terms @ inverse))
        tau2 += step
        if step <= 1e-15 * tau2:
            return tau2
    raise EvidenceError("the between-study variance did not converge", where="Q profile", remedy="Check the standard errors.")


def _moments_dl(data: Contrasts) -> float:
    weights = 1.0 / data.spectrum
    return float((weights @ data.values**2 - (data.k - data.p)) / weights.sum())


def _moments_he(data: Contrasts) -> float:
    return float((data.values @ data.values - data.spectrum.sum()) / (data.k - data.p))


def _moments_hs(data: Contrasts) -> float:
    return float((data.q_at(0.0) - data.k) / (1.0 / data.variances).sum())


def _sidik_jonkman(data: Contrasts) -> float:
    start = float(data.spread)
    return start * float(data.q_at(start)) / (data.k - data.p) if start > 0 else 0.0


def _paule_mandel(data: Contrasts) -> float:
    return solve_q(data, float(data.k - data.p))


def _restricted_likelihood(data: Contrasts) -> float:
    return _peak(data, data.spectrum)


def _likelihood(data: Contrasts) -> float:
    return _peak(data, data.variances)


def _peak(data: Contrasts, widths: NDArray[np.float64]) -> float:
    """Highest point of ``-sum log(widths + tau2) - Q(tau2)`` over tau2 >= 0.

    Beyond ``s (s + sqrt(s^2 + 4 v)) / 2``, with ``s`` the spread of the contrasts and ``v`` the largest variance, both terms
    fall, so that a grid up to there brackets the highest peak and Newton's method, kept inside the bracket, finds it.
    """
    squares, spectrum = data.values**2, data.spectrum
    spread = float(squares.sum()) / (data.k - data.p)
    top = 0.5 * (spread + np.sqrt(spread**2 + 4.0 * spread * float(data.variances.max())))
    if top == 0.0:
        return 0.0
    grid = top * _GRID
    height = -np.log(widths + grid[:, None]).sum(1) - (squares / (spectrum + grid[:, None])).sum(1)
    best = int(height.argmax())
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    return _root(lambda t: _slope(t, squares, spectrum, widths), low, high, float(grid[best]))


def _slope(
    tau2: float, squares: NDArray[np.float64], spectrum: NDArray[np.float64], widths: NDArray[np.float64]
) -> tuple[float, float]:
    """First and second derivative of the height."""
    inverse, width = 1.0 / (spectrum + tau2), 1.0 / (widths + tau2)
    terms = squares * inverse * inverse
    return float(terms.sum() - width.sum()), float(width @ width - 2.0 * (terms @ inverse))


def _root(slope: Callable[[float], tuple[float, float]], low: float, high: float, start: float) -> float:
    """Where a slope that falls from plus to minus between ``low`` and ``high`` vanishes; ``low`` where it is minus there."""
    if slope(low)[0] <= 0.0:
        return low
    at = start
    for _ in range(_STEPS):
        value, rate = slope(at)
        low, high = (at, high) if value > 0.0 else (low, at)
        step = value / rate if rate < 0.0 else np.inf
        new = at - step if low < at - step < high else 0.5 * (low + high)
        if abs(new - at) <= 1e-14 * high or high - low <= 1e-15 * high:
            return new
        at = new
    raise EvidenceError("the between-study variance did not converge", where="likelihood", remedy="Check the standard errors.")


_ESTIMATORS: dict[str, Callable[[Contrasts], float]] = {
    "REML": _restricted_likelihood,
    "PM": _paule_mandel,
    "DL": _moments_dl,
    "ML": _likelihood,
    "EB": _paule_mandel,  # the same equation, derived differently
    "SJ": _sidik_jonkman,
    "HS": _moments_hs,
    "HE": _moments_he,
    "EE": lambda _: 0.0,
}
