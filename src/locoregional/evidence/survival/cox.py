"""Proportional hazards regression: hazard ratios with their intervals and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.chi_square import ChiSquare, chi_square, quadratic
from locoregional.evidence.survival.kaplan_meier import normal_quantile
from locoregional.evidence.survival.partial_likelihood import Stratum, Sums, score_residuals, sums
from locoregional.evidence.survival.risk_sets import codes, risk_sets

__all__ = ["Cox", "Design", "cox", "design"]

_STEPS = 40  # Newton needs under ten where there is a maximum
_GONE = 1e-7  # share of the information; where there is a maximum, far more is left
_CONVERGED = 1e-9  # step in standard deviations of the variables


@dataclass(frozen=True)
class Design:
    """Data of a regression, by stratum, with the variables centred.

    Attributes
    ----------
    strata : tuple of Stratum
        Those with an event; the others say nothing.
    rows : tuple of ndarray of int
        Rows of the input in each stratum, in its order.
    scale : ndarray of float64, shape (p,)
        Standard deviation of each variable.
    n, events : int
        Patients and events in all.
    """

    strata: tuple[Stratum, ...]
    rows: tuple[NDArray, ...]
    scale: NDArray
    n: int
    events: int

    def total(self, beta: NDArray) -> tuple[float, NDArray, NDArray, list[Sums]]:
        """Log likelihood, slope (p,) and information (p, p) at coefficients, and the sums of each stratum."""
        found = [sums(s, beta) for s in self.strata]
        slope = np.sum([f.slope for f in found], axis=0)
        information = np.sum([f.curvature(s) for f, s in zip(found, self.strata, strict=True)], axis=0)
        return float(sum(f.log_likelihood for f in found)), slope, information, found


@dataclass(frozen=True)
class Cox:
    """A fitted proportional hazards model.

    Attributes
    ----------
    coef, se, z : ndarray of float64, shape (p,)
        Logarithms of the hazard ratios, their standard errors (robust if clusters were given), and their quotient.
    p : ndarray of float64, shape (p,)
        Two-sided chance of a quotient this large if there is no effect.
    hazard_ratio, low, high : ndarray of float64, shape (p,)
        Hazard ratio per unit of each variable, with its limits.
    covariance : ndarray of float64, shape (p, p)
        Inverse of the information.
    robust_covariance : ndarray of float64, shape (p, p), or None
        Sandwich by cluster (key linwei1989).
    log_likelihood : tuple of float
        Without the variables and with them.
    likelihood_ratio, wald, score : ChiSquare
        Tests of all variables together; Wald's uses the robust covariance if there is one.
    n, events : int
        Patients and events.
    """

    coef: NDArray
    se: NDArray
    z: NDArray
    p: NDArray
    hazard_ratio: NDArray
    low: NDArray
    high: NDArray
    covariance: NDArray
    robust_covariance: NDArray | None
    log_likelihood: tuple[float, float]
    likelihood_ratio: ChiSquare
    wald: ChiSquare
    score: ChiSquare
    n: int
    events: int


def design(time: ArrayLike, event: ArrayLike, x: ArrayLike, *, strata: ArrayLike | None = None, ties: str = "efron") -> Design:
    """Check and sort the data of a regression; arguments as in :func:`cox`."""
    t, e, variables = np.asarray(time, dtype=float), np.asarray(event), np.asarray(x, dtype=float)
    variables = variables[:, None] if variables.ndim == 1 else variables
    if variables.ndim != 2 or variables.shape[0] != t.size or variables.shape[1] == 0:
        remedy = "Give one row of numbers per patient."
        raise EvidenceError(f"variables of shape {variables.shape} for {t.size} patients", where="x", remedy=remedy)
    if not np.isfinite(variables).all():
        row = int(np.argmax(~np.isfinite(variables).all(axis=1)))
        raise EvidenceError(
            "a variable is missing", where=f"patient {row + 1}", remedy="Leave the patient out, or fill it with a reason."
        )
    if ties not in ("efron", "breslow"):
        raise EvidenceError(f"no treatment of ties called {ties!r}", where="ties", remedy="Use efron or breslow.")
    risk_sets(t, e)  # checks all rows at once, so that a message counts them as the caller does
    _, stratum = codes(strata, n=t.size)
    centred = variables - variables.mean(axis=0)
    blocks, rows = [], []
    for s in range(stratum.max() + 1):
        inside = np.flatnonzero(stratum == s)
        sets = risk_sets(t[inside], e[inside])
        if sets.event.any():
            rows.append(inside[sets.order])
            blocks.append(Stratum(centred[rows[-1]], sets, ties == "efron"))
    if not blocks:
        raise EvidenceError("there is no event", where="event", remedy="A hazard ratio needs events.")
    return Design(tuple(blocks), tuple(rows), centred.std(axis=0), t.size, int(e.sum()))


def cox(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: str = "efron",
    level: float = 0.95,
) -> Cox:
    """Fit a proportional hazards model (keys cox1972, efron1977) by Newton's method.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        As in :func:`locoregional.evidence.survival.kaplan_meier.kaplan_meier`.
    x : array_like of float, shape (n,) or (n, p)
        Variables; groups as 0 and 1.
    strata : array_like, shape (n,), optional
        Each has its own baseline hazard.
    cluster : array_like, shape (n,), optional
        Who belongs together, such as lesions of one patient; gives robust standard errors.
    ties : str
        ``efron`` or ``breslow``.
    level : float
        Confidence level.

    Returns
    -------
    Cox
        Hazard ratios and tests.

    Raises
    ------
    EvidenceError
        If the data are none, a variable does not vary or follows from others, or a hazard ratio runs to 0 or infinity.
    """
    from scipy.special import ndtr

    data = design(time, event, x, strata=strata, ties=ties)
    z_level = normal_quantile(level)
    beta = np.zeros(data.scale.size)
    null, slope, information, found = data.total(beta)
    if not _invertible(information):
        remedy = "Leave out variables that do not vary while someone is at risk, or that follow from the others."
        raise EvidenceError("the variables cannot be told apart", where="x", remedy=remedy)
    score, at_null, value = quadratic(slope, information), information, null
    for _ in range(_STEPS):
        if _gone(information, at_null):
            break
        step = np.linalg.solve(information, slope)
        if np.abs(step * data.scale).max() < _CONVERGED:
            break
        new = data.total(beta + step)
        while not new[0] >= value - 1e-10 * abs(value):  # also where the step overflowed
            step = step / 2
            new = data.total(beta + step)
        beta = beta + step
        value, slope, information, found = new
    if _gone(information, at_null) or np.abs(np.linalg.solve(information, slope) * data.scale).max() > _CONVERGED:
        remedy = "A group without any event has no hazard ratio: give the counts, or a test, instead."
        raise EvidenceError("a hazard ratio runs to 0 or infinity", where="x", remedy=remedy)
    covariance = np.linalg.inv(information)
    robust = None if cluster is None else _sandwich(data, found, covariance, codes(cluster, n=data.n)[1])
    used = covariance if robust is None else robust
    se = np.sqrt(np.diag(used))
    z = beta / se
    return Cox(
        coef=beta,
        se=se,
        z=z,
        p=2 * ndtr(-np.abs(z)),
        hazard_ratio=np.exp(beta),
        low=np.exp(beta - z_level * se),
        high=np.exp(beta + z_level * se),
        covariance=covariance,
        robust_covariance=robust,
        log_likelihood=(null, value),
        likelihood_ratio=chi_square(2 * (value - null), beta.size),
        wald=quadratic(beta, used),
        score=score,
        n=data.n,
        events=data.events,
    )


def _invertible(information: NDArray) -> bool:
    """Whether the information can be inverted with some digits left, whatever the units of the variables."""
    size = np.sqrt(np.abs(np.diag(information)))
    if not (np.isfinite(information).all() and (size > 0).all()):
        return False
    return bool(np.linalg.cond(information / np.outer(size, size)) < 1e12)


def _gone(information: NDArray, at_null: NDArray) -> bool:
    """Whether in some direction hardly any of the information is left: the likelihood rises for ever there."""
    root = np.linalg.inv(np.linalg.cholesky(at_null))
    left = root @ information @ root.T
    return not np.isfinite(left).all() or bool(np.linalg.eigvalsh(left)[0] < _GONE)


def _sandwich(data: Design, found: list[Sums], covariance: NDArray, cluster: NDArray) -> NDArray:
    """Covariance from the sum over clusters of what each moves the coefficients by."""
    moved = np.zeros((cluster.max() + 1, covariance.shape[0]))
    for rows, stratum, at in zip(data.rows, data.strata, found, strict=True):
        np.add.at(moved, cluster[rows], score_residuals(stratum, at) @ covariance)
    return moved.T @ moved
