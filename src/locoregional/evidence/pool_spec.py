"""Named questions for which the evidence base is pooled, read from ``pools.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from locoregional.errors import EvidenceError
from locoregional.evidence.schema import estimands, near

__all__ = ["GROUPS", "MEASURES", "PoolSpec", "pool_specs"]

MEASURES = ("proportion", "median survival", "mean change")
GROUPS = ("local control", "response", "survival", "progression", "pain", "function", "complication")
"""What a pool tells a tumour board, in the order in which a board asks."""


@dataclass(frozen=True)
class PoolSpec:
    """One question and the rows that may answer it.

    Attributes
    ----------
    name, words : str
        Short name and the question.
    organ, procedures, estimands : tuple of str
        A row belongs here if its organs and procedures are all among these, and its estimand is one of these.
    unit_of_analysis, measure : str
        What is counted; one of ``MEASURES``.
    group : str
        One of ``GROUPS``.
    subgroups : tuple of str
        Subgroups that may enter; rows of other subgroups are shown beside the pool.
    admit : dict
        Row id to the reason why it enters although it is not marked poolable.
    leave_out : dict
        Row id to the reason why it does not enter.
    scores : dict
        Row id of a change to the ids of the two rows that give the score before and after.
    correlation_share : float or None
        Correlation between the scores before and after, assumed (0..1).
    board : bool
        Whether a tumour board is shown it; False for variants that answer "what if".
    note : str
        What a reader must know.
    """

    name: str
    words: str
    organ: tuple[str, ...]
    procedures: tuple[str, ...]
    estimands: tuple[str, ...]
    unit_of_analysis: str
    measure: str
    group: str
    subgroups: tuple[str, ...] = ()
    admit: Mapping[str, str] = field(default_factory=dict)
    leave_out: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    correlation_share: float | None = None
    board: bool = True
    note: str = ""

    @property
    def axis_words(self) -> str:
        """What an axis shows: the first estimand in words, capitalised."""
        words = estimands()[self.estimands[0]].words
        return words[0].upper() + words[1:]


@cache
def pool_specs() -> Mapping[str, PoolSpec]:
    """Every named pool, by name, in the order of the file.

    Raises
    ------
    EvidenceError
        If a pool names an unknown field, measure, group or estimand.
    """
    text = resources.files("locoregional.evidence").joinpath("pools.toml").read_text(encoding="utf-8")
    return {name: _spec(name, entry) for name, entry in tomllib.loads(text).items()}


def _spec(name: str, entry: Mapping[str, Any]) -> PoolSpec:
    known = PoolSpec.__dataclass_fields__
    unknown = [f for f in entry if f not in known]
    if unknown:
        raise EvidenceError(f"unknown field {unknown[0]!r}", where=f"pools.toml: {name}", remedy=near(unknown[0], tuple(known)))
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    spec = PoolSpec(name=name, **fields)
    for what, given, allowed in (
        ("measure", (spec.measure,), MEASURES),
        ("group", (spec.group,), GROUPS),
        ("estimand", spec.estimands, tuple(estimands())),
    ):
        wrong = [g for g in given if g not in allowed]
        if wrong:
            raise EvidenceError(f"unknown {what} {wrong[0]!r}", where=f"pools.toml: {name}", remedy=near(wrong[0], allowed))
    return spec
