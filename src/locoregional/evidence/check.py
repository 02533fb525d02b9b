"""Check an evidence base: every cell, every link, every number against every other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from locoregional.evidence.audit import matching
from locoregional.evidence.base import EvidenceBase, read_base, shipped_tables, with_rows
from locoregional.evidence.calculations import Calculated, calculated
from locoregional.evidence.checks import links, outcomes, studies, thresholds
from locoregional.evidence.problem import Problem
from locoregional.evidence.reading import read_folder

__all__ = ["ASKED", "accepted", "check_base", "check_folder"]

ASKED = {
    "fraction": "Write percentages from 0 to 100.",
    "grim": "Look up the count and the denominator.",
    "truncated": "Write the rounded percentage.",
    "share": "Correct the count, the denominator or the percentage.",
    "count": "Correct the count or the denominator.",
    "denominator": "Name the subgroup, or correct the denominator.",
    "verdict": "Say differs.",
    "sum": "Look up the categories and their denominator.",
    "subgroups": "Look up whether they count the same thing.",
    "weeks": "Correct the unit.",
    "long": "Correct the unit.",
    "curve": "Look up the time points and from when time is counted.",
    "interval": "Correct the effect or its interval.",
    "p_value": "Look up the p value and the interval.",
}
"""Calculations that are asked about when rows are checked, with what to do; the others only describe the literature."""


def check_base(base: EvidenceBase, *, only: Collection[str] | None = None) -> list[Problem]:
    """What is wrong with the rows of a base; cells by themselves are judged while they are read.

    Parameters
    ----------
    base : EvidenceBase
        Evidence.
    only : collection of str, optional
        Ids of the rows to report; all rows are compared with.

    Returns
    -------
    list of Problem
        Errors, and questions that nobody has accepted yet (in the row's note) and no finding of the audit answers.
    """
    found = [*links.problems(base), *outcomes.problems(base), *studies.problems(base), *thresholds.problems(base)]
    found += list(_recalculated(base, only))
    wanted = (p for p in found if only is None or p.row in only)
    return [p for p in wanted if not (p.question and p.row in base and p.code in accepted(base.row(p.row).text("note")))]


def accepted(note: str) -> frozenset[str]:
    """Names of the questions that a note says were accepted."""
    return frozenset(re.findall(r"\[accepted: ([a-z_-]+)\]", note))


def check_folder(folder: Path | None = None) -> tuple[EvidenceBase, list[Problem]]:
    """Check the shipped tables, a whole base in a folder, or a user's folder on top of the shipped tables.

    Parameters
    ----------
    folder : Path, optional
        Default: the shipped tables.

    Raises
    ------
    EvidenceError
        If the folder does not exist.
    """
    if folder is None or folder.joinpath("VERSION").is_file():
        base, problems = read_base(shipped_tables() if folder is None else folder)
        return base, problems + check_base(base)
    more, problems = read_folder(folder)
    base, twice = with_rows(_plain_base(), more, overlay=folder)
    return base, problems + twice + check_base(base, only=base.own_ids)


def _plain_base() -> EvidenceBase:
    """Shipped tables alone, whatever the environment names."""
    base, _ = read_base(shipped_tables())
    return base


def _recalculated(base: EvidenceBase, only: Collection[str] | None) -> Iterator[Problem]:
    for found in calculated(base):
        if found.code in ASKED and (only is None or set(found.rows) & set(only)) and not _is_known(base, found):
            id_ = next((r for r in reversed(found.rows) if only is None or r in only), found.rows[-1])
            others = [r for r in found.rows if r != id_]
            words = found.words + (f" (with {', '.join(others)})" if others else "")
            question = not found.certain or found.printed
            yield Problem(base.row(id_).table, id_, "", words, ASKED[found.code], found.code, question)


def _is_known(base: EvidenceBase, found: Calculated) -> bool:
    """A defect of the review that the audit lists is no defect of the table."""
    return not (found.certain and not found.printed) and bool(matching(base, found))
