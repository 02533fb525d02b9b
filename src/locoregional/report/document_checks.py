"""What the parts of a report are checked for."""

from __future__ import annotations

from locoregional.errors import LocoregionalError

__all__ = ["STATUSES", "VERDICTS", "DocumentError", "one_of"]

VERDICTS = ("good", "caution", "blocked", "neutral")
STATUSES = ("", "verified", "unverified", "borrowed", "computed", "assumed", "measured")


class DocumentError(LocoregionalError, ValueError):
    """A report that would mislead or cannot be drawn: a figure without words, a number without a unit, a ragged table."""


def one_of(value: str, allowed: tuple[str, ...], *, where: str) -> None:
    """Refuse a word that is not on a closed list.

    Raises
    ------
    DocumentError
        Naming the list.
    """
    if value not in allowed:
        raise DocumentError(f"{value!r} is not one of {allowed}", where=where)
