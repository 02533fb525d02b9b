"""Trim and fill: how the mean would move if the funnel plot were made symmetric (duval2000). A sensitivity analysis, no cure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import checked_effects
from locoregional.evidence.pooling.random_effects import Mean, random_effects
from locoregional.evidence.pooling.small_study import egger_mixed, enough_studies

__all__ = ["Filled", "trim_and_fill"]

_STEPS = 100


@dataclass(frozen=True)
class Filled:
    """Result of trim and fill.

    Attributes
    ----------
    missing : int
        Studies that would have to be added.
    side : str
        Where they would lie: ``left`` or ``right`` of the mean.
    mean : Mean
        With the studies filled in.
    y, v : NDArray
        Effects and variances of the filled set, the mirrored ones last.
    """

    missing: int
    side: str
    mean: Mean
    y: NDArray[np.float64]
    v: NDArray[np.float64]


def trim_and_fill(
    y: ArrayLike, v: ArrayLike, *, method: str = "REML", test: str = "z", side: str | None = None, force: bool = False
) -> Filled:
    """Mean after the outlying studies of one side are mirrored, their number by the estimator L0.

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    method, test : str
        Of the pool, as in ``random_effects``.
    side : str, optional
        Where studies are missing; by the sign of Egger's slope if not given.
    force : bool
        Also with too few studies.

    Raises
    ------
    EvidenceError
        If there are too few studies, the side is unknown, or trimming does not settle.
    """
    effects, variances = checked_effects(y, v)
    enough_studies(len(effects), force=force)
    if side is None:
        side = "right" if egger_mixed(effects, variances, method=method, force=True).statistic < 0 else "left"
    if side not in ("left", "right"):
        raise EvidenceError(f"no side is called {side!r}", where="trim and fill", remedy="Choose left or right.")
    sign = 1.0 if side == "left" else -1.0  # trimming happens at the top of the mirrored axis
    order = np.argsort(sign * effects, kind="stable")
    z, w = sign * effects[order], variances[order]
    missing = _missing(z, w, method)
    centre = random_effects(z[: len(z) - missing], w[: len(z) - missing], method=method, test=test).value
    filled = sign * np.concatenate([z, 2.0 * centre - z[len(z) - missing :]])
    widths = np.concatenate([w, w[len(z) - missing :]])
    return Filled(missing, side, random_effects(filled, widths, method=method, test=test), filled, widths)


def _missing(z: NDArray[np.float64], v: NDArray[np.float64], method: str) -> int:
    """Number of studies that the lower side lacks, by alternating trimming and counting until it settles."""
    from scipy.stats import rankdata

    k, missing, seen = len(z), 0, set()
    for _ in range(_STEPS):
        kept = k - missing
        if kept < 2:
            break
        away = z - random_effects(z[:kept], v[:kept], method=method, test="z").value
        ranks = rankdata(np.abs(away), method="ordinal")
        total = float(ranks[away > 0].sum())
        found = max(0, int(np.round((4.0 * total - k * (k + 1)) / (2 * k - 1))))
        if found == missing:
            return missing
        if found in seen:
            break
        seen.add(found)
        missing = found
    raise EvidenceError("the number of missing studies does not settle", where="trim and fill", remedy="Leave it out.")
