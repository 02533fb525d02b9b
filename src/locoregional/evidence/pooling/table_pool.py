"""Anyone's table of studies, pooled by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import isnan, nan
from typing import Any

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.input_table import KINDS, LABELS, StudyTable
from locoregional.evidence.pooling.leave_one_out import leave_one_out
from locoregional.evidence.pooling.medians import pool_log_medians
from locoregional.evidence.pooling.pain import pool_changes
from locoregional.evidence.pooling.pooled import Pooled
from locoregional.evidence.pooling.proportions import pool_proportions

__all__ = ["pool_table"]

_LEVEL = 0.95
"""Of a published interval that does not say its own."""


def pool_table(
    table: StudyTable,
    *,
    method: str | None = None,
    test: str = "hk",
    prediction: str = "hts",
    level: float = 0.95,
    transform: str = "logit",
    floor: bool = False,
    without_each: bool = False,
) -> tuple[Pooled, tuple[Pooled, ...]]:
    """Pool a table, and if asked again without each of its studies.

    Parameters
    ----------
    table : StudyTable
        As read.
    method : str, optional
        If not given: ``glmm`` for proportions on the logit scale, ``REML`` otherwise.
    test, prediction, level, transform, floor
        As in ``pool_proportions``.
    without_each : bool
        Leave out one study at a time.

    Returns
    -------
    Pooled
        Of all studies.
    tuple of Pooled
        Without each in turn; empty if not asked for.

    Raises
    ------
    EvidenceError
        If a setting does not fit the table.
    """
    pool, columns = _pool_of(table, transform)
    settings: dict[str, Any] = {LABELS[c]: values for c, values in table.labels.items()}
    usual = "glmm" if table.kind == "proportions" and transform == "logit" else "REML"
    settings |= {"method": method or usual, "test": test, "prediction": prediction, "level": level, "floor": floor}
    if table.kind == "medians":
        empty = (nan,) * len(table.names)
        settings["totals"] = table.numbers.get("total", empty)
        settings["levels"] = tuple(_LEVEL if isnan(x) else x for x in table.numbers.get("level", empty))
    whole = pool(*columns, names=table.names, **settings)
    whole = replace(whole, warnings=(*table.warnings, *whole.warnings))
    return whole, leave_one_out(pool, *columns, names=table.names, **settings) if without_each else ()


def _pool_of(table: StudyTable, transform: str) -> tuple[Callable[..., Pooled], list[Sequence[float]]]:
    columns: list[Sequence[float]] = [table.numbers[c] for c in KINDS[table.kind]]
    if table.kind == "proportions":
        return partial(pool_proportions, transform=transform), columns
    if transform != "logit":
        raise EvidenceError(f"{table.kind} know no transform", where="--transform", remedy="Leave it out.")
    return (pool_log_medians if table.kind == "medians" else pool_changes), columns
