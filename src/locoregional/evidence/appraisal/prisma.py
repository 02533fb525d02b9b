"""How the studies were found: counts for a flow diagram in the manner of PRISMA 2020, from the search log and the tables."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from locoregional.errors import EvidenceError

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase

__all__ = ["Flow", "prisma_flow", "search_log"]


@dataclass(frozen=True)
class Flow:
    """Counts of the flow diagram (page2021); each line adds up to the one above it.

    Attributes
    ----------
    words : str
        What kind of search it was.
    identified : tuple of (str, int)
        Records by source.
    duplicates, screened : int
        Removed before screening, and screened.
    excluded : tuple of (str, int)
        By reason.
    sought, not_read : int
        Series of patients sought, and those whose abstract nobody has read; these stay, marked unverified.
    included : int
        Series in the base.
    in_pools, pools : int
        Series that give a number to at least one named pool, and how many such pools there are.
    """

    words: str
    identified: tuple[tuple[str, int], ...]
    duplicates: int
    screened: int
    excluded: tuple[tuple[str, int], ...]
    sought: int
    not_read: int
    included: int
    in_pools: int
    pools: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The diagram in words, top to bottom."""
        found = "; ".join(f"{name} {n}" for name, n in self.identified)
        out = "; ".join(f"{reason} {n}" for reason, n in self.excluded)
        return (
            f"Identified: {sum(n for _, n in self.identified)} ({found})",
            f"Duplicates removed: {self.duplicates}",
            f"Screened: {self.screened}",
            f"Excluded: {sum(n for _, n in self.excluded)} ({out})",
            f"Series of patients sought: {self.sought}, of which {self.not_read} without a read abstract (kept, unverified)",
            f"Included in the base: {self.included}",
            f"In at least one of {self.pools} pools: {self.in_pools}",
        )


@cache
def search_log() -> Mapping[str, Any]:
    """Shipped search log as it stands in ``tables/search_log.toml``."""
    file = resources.files("locoregional.evidence").joinpath("tables", "search_log.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def prisma_flow(base: EvidenceBase, *, pooled: Collection[str] = (), pools: int = 0) -> Flow:
    """Counts of the flow diagram for an evidence base, a user's own studies included.

    Parameters
    ----------
    base : EvidenceBase
        The studies.
    pooled : collection of str
        Studies that enter a pool.
    pools : int
        Number of pools.

    Returns
    -------
    Flow
        Counts that add up.

    Raises
    ------
    EvidenceError
        If the log excludes a study that the base does not hold, or one study twice.
    """
    log = search_log()
    studies = {row.id: row for row in base.table("studies")}
    excluded = [id_ for entry in log["excluded"] for id_ in entry["studies"]]
    wrong = sorted({i for i in excluded if i not in studies or excluded.count(i) > 1})
    if wrong:
        remedy = "Name each excluded study once, as the table of studies does."
        raise EvidenceError(f"the search log excludes {', '.join(wrong)} wrongly", where="search_log.toml", remedy=remedy)
    own = [i for i in studies if i in base.own_ids]
    shipped = [row for i, row in studies.items() if i not in base.own_ids]
    identified = [(s["name"], sum(r.text("in_review") == s["in_review"] for r in shipped)) for s in log["source"]]
    identified += [("added by the user", len(own))] if own else []
    series = [row for i, row in studies.items() if i not in excluded]
    total = sum(n for _, n in identified)
    return Flow(
        words=f"{log['search']['words']} Last checked {log['search']['last_checked']}; readers: {log['search']['readers']}.",
        identified=tuple(identified),
        duplicates=log["search"]["duplicates_removed"],
        screened=total - log["search"]["duplicates_removed"],
        excluded=tuple((entry["reason"], len(entry["studies"])) for entry in log["excluded"]),
        sought=len(series),
        not_read=sum(row.text("abstract_seen") != "yes" for row in series),
        included=len(series),
        in_pools=sum(row.id in pooled for row in series),
        pools=pools,
    )
