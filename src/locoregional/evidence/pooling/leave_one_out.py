"""Does one study carry the result? The pool again and again, each time without one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.frame import study_names
from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["leave_one_out"]

_PER_STUDY = ("totals", "levels", "units", "estimands", "clocks")


def leave_one_out(
    pool: Callable[..., Pooled], *columns: ArrayLike, names: Sequence[str] = (), **settings: Any
) -> tuple[Pooled, ...]:
    """Pools without each of the studies in turn.

    Parameters
    ----------
    pool : callable
        ``pool_proportions``, ``pool_log_medians`` or ``pool_changes``.
    *columns : ArrayLike
        Its arrays, shape (k,) each.
    names : sequence of str
        Of the studies.
    **settings
        Its other arguments; those with one value per study lose the same study.

    Returns
    -------
    tuple of Pooled
        In the order of the studies; ``left_out`` names the one that is missing.

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, so that leaving one out leaves nothing to pool.
    """
    k = np.size(columns[0])
    if k < 3:
        raise EvidenceError(f"{k} studies: without one there is nothing to pool", where="leave one out", remedy="Leave it.")
    who = study_names(names, k)
    found = []
    for i, name in enumerate(who):
        rest = [j for j in range(k) if j != i]
        fewer = {
            key: [value[j] for j in rest] if key in _PER_STUDY and not np.isscalar(value) and len(value) else value
            for key, value in settings.items()
            if value is not None
        }
        part = pool(*(np.asarray(column)[rest] for column in columns), names=[who[j] for j in rest], **fewer)
        found.append(replace(part, left_out=name))
    return tuple(found)
