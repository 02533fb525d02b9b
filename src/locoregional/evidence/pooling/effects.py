"""Proportions of single-arm series on the scale of an analysis, with their variances, and the way back.

Half an event and half a non-event are added where a series saw none or all, and nowhere else, as metafor does by default.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError

__all__ = ["TRANSFORMS", "checked_counts", "proportion_effects", "proportions_back"]

TRANSFORMS = ("logit", "freeman-tukey", "arcsine", "raw", "log")
"""Scales of an analysis of proportions."""

Array = NDArray[np.float64]


def checked_counts(events: ArrayLike, totals: ArrayLike, *, names: tuple[str, ...] = ()) -> tuple[Array, Array]:
    """Counts as arrays, shape (k,), or the reason why they cannot be.

    Parameters
    ----------
    events, totals : ArrayLike
        Whole numbers, shape (k,).
    names : tuple of str
        Of the studies, for the words of an error.

    Raises
    ------
    EvidenceError
        If a count is missing, negative, not whole or above its total, or a total is 0.
    """
    x, n = np.asarray(events, float), np.asarray(totals, float)
    if x.ndim != 1 or x.shape != n.shape or not len(x):
        raise EvidenceError(
            f"{x.size} counts and {n.size} totals do not pair", where="pool", remedy="Give one count and one total per study."
        )
    whole = np.isfinite(x) & np.isfinite(n) & (np.floor(x) == x) & (np.floor(n) == n)
    faults = (
        (~whole, "a count or total is missing or not whole", "Give counts; a percentage must be turned into its count."),
        (n <= 0, "the total is not above 0", "Leave the study out, or find its denominator."),
        (x < 0, "a count is negative", "Correct it."),
        (x > n, "more events than patients or lesions", "Give counts, not percentages, and check the denominator."),
    )
    for wrong, what, remedy in faults:
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            raise EvidenceError(what, where=f"{names[i] if names else f'study {i + 1}'}: {x[i]:g} of {n[i]:g}", remedy=remedy)
    return x, n


def proportion_effects(
    events: ArrayLike, totals: ArrayLike, *, transform: str = "logit", add_half: bool = True
) -> tuple[Array, Array]:
    """Transformed proportions and their sampling variances.

    Parameters
    ----------
    events, totals : ArrayLike
        Counts, shape (k,).
    transform : str
        One of ``TRANSFORMS``. Freeman-Tukey is the mean of two arcsines, metafor's definition: half of that of the paper.
    add_half : bool
        Add one half to both cells of a series with no or only events. Without it the logit and the log do not exist there;
        the arcsines do.

    Returns
    -------
    y, v : NDArray
        Shape (k,).

    Raises
    ------
    EvidenceError
        If the counts are impossible, the transform is unknown, or an effect does not exist.
    """
    x, n = checked_counts(events, totals)
    if transform not in _FORWARD:
        raise EvidenceError(f"no transform is called {transform!r}", where="transform", remedy=f"Choose {', '.join(TRANSFORMS)}.")
    extreme = (x == 0) | (x == n)
    if add_half:
        x, n = np.where(extreme, x + 0.5, x), np.where(extreme, n + 1.0, n)
    elif extreme.any() and transform in ("logit", "log", "raw"):
        raise EvidenceError(
            f"the {transform} of 0 % or 100 % has no variance",
            where=f"study {int(np.flatnonzero(extreme)[0]) + 1}",
            remedy="Add one half to its cells, or use the GLMM, which needs no such patch.",
        )
    return _FORWARD[transform](x, n)


def proportions_back(values: ArrayLike, *, transform: str, totals: ArrayLike | None = None) -> Array:
    """Proportions of values on the scale of an analysis; beyond the ends of the scale, 0 or 1.

    Parameters
    ----------
    values : ArrayLike
        On the scale of ``transform``, any shape.
    transform : str
        One of ``TRANSFORMS``.
    totals : ArrayLike, optional
        Denominators of the studies; Freeman-Tukey needs them and uses their harmonic mean (miller1978), which misleads where
        they differ much (schwarzer2019).

    Raises
    ------
    EvidenceError
        If Freeman-Tukey comes without totals.
    """
    y = np.asarray(values, float)
    if transform == "freeman-tukey":
        if totals is None:
            raise EvidenceError("the way back needs the totals", where="freeman-tukey", remedy="Pass them.")
        return _double_arcsine_back(y, float(1.0 / np.mean(1.0 / np.asarray(totals, float))))
    from scipy.special import expit

    back: dict[str, Callable[[Array], Array]] = {
        "logit": expit,
        "log": np.exp,
        "raw": np.asarray,
        "arcsine": lambda a: np.sin(np.clip(a, 0.0, 0.5 * np.pi)) ** 2,
    }
    return np.clip(back[transform](y), 0.0, 1.0)


def _logit(x: Array, n: Array) -> tuple[Array, Array]:
    return np.log(x / (n - x)), 1.0 / x + 1.0 / (n - x)


def _double_arcsine(x: Array, n: Array) -> tuple[Array, Array]:
    both = np.arcsin(np.sqrt(x / (n + 1.0))) + np.arcsin(np.sqrt((x + 1.0) / (n + 1.0)))
    return 0.5 * both, 1.0 / (4.0 * n + 2.0)


def _arcsine(x: Array, n: Array) -> tuple[Array, Array]:
    return np.arcsin(np.sqrt(x / n)), 1.0 / (4.0 * n)


def _raw(x: Array, n: Array) -> tuple[Array, Array]:
    p = x / n
    return p, p * (1.0 - p) / n


def _log(x: Array, n: Array) -> tuple[Array, Array]:
    return np.log(x / n), 1.0 / x - 1.0 / n


def _double_arcsine_back(y: Array, n: float) -> Array:
    """Miller's closed form; values below that of 0 of n are 0, above that of n of n 1."""
    lowest, highest = (float(_double_arcsine(np.array(x), np.array(n))[0]) for x in (0.0, n))
    sine = np.sin(2.0 * np.clip(y, lowest, highest))
    inner = 1.0 - (sine + (sine - 1.0 / sine) / n) ** 2
    p = 0.5 * (1.0 - np.sign(np.cos(2.0 * y)) * np.sqrt(np.clip(inner, 0.0, None)))
    return np.where(y <= lowest, 0.0, np.where(y >= highest, 1.0, p))


_FORWARD: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "logit": _logit,
    "freeman-tukey": _double_arcsine,
    "arcsine": _arcsine,
    "raw": _raw,
    "log": _log,
}
