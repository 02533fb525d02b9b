"""What the literature lets a board expect of a procedure in an organ, for the chart."""

from __future__ import annotations

from functools import lru_cache

from locoregional.case import Expected
from locoregional.evidence.base import evidence_base
from locoregional.evidence.expected import expected
from locoregional.evidence.schema import schema
from locoregional.selection.kin import kin

__all__ = ["expectation"]


def expectation(organ: str, procedure: str) -> tuple[Expected, ...]:
    """Local control, survival and pain that studies report, with intervals and how much stands behind them.

    Parameters
    ----------
    organ : str
        Organ in the words of the evidence tables (``spine``, ``long_bone`` where that is known).
    procedure : str
        Short name of the procedure.

    Returns
    -------
    tuple of Expected
        Empty where the evidence holds nothing.
    """
    return _kept(evidence_base().content_hash, organ, procedure)


@lru_cache(maxsize=512)
def _kept(base_hash: str, organ: str, procedure: str) -> tuple[Expected, ...]:
    del base_hash  # the key of the cache: other tables, other numbers
    known = schema()["outcomes"].columns["procedure"].choices
    name = next((n for n in kin(procedure) if n in known), None)
    if name is None:
        return ()
    made = []
    for e in expected(evidence_base(), organ=organ, procedure=name):
        certainty = f"certainty (GRADE) {e.certainty}" if e.certainty else ""
        reason = "; ".join(x for x in (certainty, e.reason) if x)
        made.append(
            Expected(
                e.group, e.what, e.value, e.unit, e.low, e.high, e.level or 0.0, e.n_studies, e.n_patients, e.basis, e.directness,
                e.status, e.sources, e.rows, reason,
            )
        )  # fmt: skip
    return tuple(made)
