"""Which number of a row is used: the study's own where it was read, the printed one otherwise, never silently."""

from __future__ import annotations

from dataclasses import dataclass, replace

from locoregional.evidence.row import Row
from locoregional.units import days_to_months

__all__ = ["Used", "in_words", "used_value"]

_SIGNS = {"%": " %", "months": " months", "weeks": " weeks", "points": " points"}


@dataclass(frozen=True)
class Used:
    """The number of a row that may be shown and, where somebody has read it in its source, may decide.

    Attributes
    ----------
    value, low, high : float or None
        Number and its interval or range, in ``unit``.
    level : float or None
        Level of the interval; None for a range or where it is not given.
    n, total : int or None
        Count and denominator.
    unit : str
        Unit.
    which : str
        ``primary`` (as the study itself says) or ``printed`` (as the review prints it).
    may_decide : bool
        False where nobody has read the source, or the source differs and gives no number: it is shown, and does not decide.
    words : str
        The rule applied, in words, with both numbers where they differ.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float | None
    n: int | None
    total: int | None
    unit: str
    which: str
    may_decide: bool
    words: str

    def in_months(self) -> Used:
        """Give the same in months where the unit is weeks; anything else is unchanged."""
        if self.unit != "weeks":
            return self
        value, low, high = (None if v is None else days_to_months(7 * v) for v in (self.value, self.low, self.high))
        return replace(self, value=value, low=low, high=high, unit="months")


def used_value(row: Row) -> Used:
    """Number of a row that is used, and whether it may decide.

    Parameters
    ----------
    row : Row
        Any row. An outcome has a printed and a primary number; other tables hold one number and its status.

    Returns
    -------
    Used
        ``differs``: the study's own number, both in words. ``agrees``: the study's own number, completed by what is printed
        where the source repeats only a part. ``unverified``: the printed number, which may not decide.
    """
    if row.table == "outcomes":
        return _outcome(row)
    name = next((c for c in ("value", "threshold") if c in row), "value")
    verdict = row.text("verdict") or row.text("status")
    words = {
        "agrees": "agrees with its source",
        "verified": "read in its source",
        "borrowed": "borrowed from another tumour or tissue",
        "differs": f"as its source has it, the review prints otherwise ({row.text('primary_words') or row.text('note')})",
    }
    known = verdict in words
    return Used(
        row.number(name), row.number("low"), row.number("high"), None, None, None, row.text("unit"),
        "primary" if known else "printed", known, words.get(verdict, "nobody has read the source: shown, not deciding"),
    )  # fmt: skip


def _outcome(row: Row) -> Used:
    printed, primary = _numbers(row, ""), _numbers(row, "primary_")
    verdict, shown = row.text("verdict"), row.text("printed")
    if verdict == "unverified":
        return replace(printed, words=f"printed {shown}; nobody has read the source: shown, not deciding{_rebuilt(row)}")
    if verdict == "agrees":
        same = {k: v if (v := getattr(primary, k)) is not None else getattr(printed, k) for k in ("low", "high", "n", "total")}
        value = primary.value if primary.value is not None else printed.value
        level = row.number("level") if same["low"] is not None else None
        borrowed = "; its denominator is the printed one" if primary.total is None and printed.total is not None else ""
        words = f"agrees with its source{borrowed}{_rebuilt(row)}"
        return replace(primary, value=value, level=level, may_decide=True, words=words, **same)
    own = row.text("primary_words") or in_words(primary)
    known = primary.value is not None or primary.low is not None
    tail = "" if known else "; the source gives no number to use"
    return replace(primary, may_decide=known, words=f"the source says {own}, not {shown} as printed{tail}{_rebuilt(row)}")


def _rebuilt(row: Row) -> str:
    """Say so where a count or denominator was worked out, mostly from the percentage."""
    note = row.text("note").lower()
    return "".join(
        f"; its {part} is rebuilt, the source does not give it" for part in ("count", "denominator") if f"{part} rebuilt" in note
    )


def _numbers(row: Row, prefix: str) -> Used:
    value, low, high = (row.number(prefix + c) for c in ("value", "low", "high"))
    n, total = row.whole(f"{prefix}n"), row.whole(f"{prefix}total")
    if value is None and n is not None and total and row.text("unit") == "%":
        value = 100.0 * n / total
    level = row.number("level") if low is not None else None
    return Used(value, low, high, level, n, total, row.text("unit"), "primary" if prefix else "printed", False, "")


def in_words(used: Used) -> str:
    """Write a number as people do: value, unit, interval or range, count; "no number" where there is none."""
    if used.value is None:
        if used.low is not None and used.high is not None:
            return f"{used.low:g} to {used.high:g}{_SIGNS.get(used.unit, '')}"
        return "no number"
    level = "" if used.level is None else f"{100 * used.level:g} % CI "
    band = "" if used.low is None or used.high is None else f" ({level}{used.low:g} to {used.high:g})"
    share = f", {used.n}/{used.total}" if used.n is not None and used.total is not None else ""
    return f"{used.value:.4g}{_SIGNS.get(used.unit, '')}{band}{share}"
