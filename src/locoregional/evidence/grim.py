"""Whether a percentage can exist for a number of patients.

A percentage of ``total`` people or lesions must come from a whole number of them. A percentage that no whole number gives,
neither by rounding nor by cutting the digits off, has another denominator, is not a share of people at all, or is a slip.
The test says nothing about Kaplan-Meier and other estimates for censored data: they are no shares of whole people.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from locoregional.errors import EvidenceError

__all__ = ["EXEMPT", "Grim", "grim", "share_fits"]

EXEMPT = ("kaplan-meier", "median", "mean", "range")
"""Estimators whose values need not be shares of whole people."""


@dataclass(frozen=True)
class Grim:
    """Answer of the test.

    Attributes
    ----------
    percent : str
        Percentage as printed; its decimals count.
    total : int
        Denominator.
    rounded : tuple of int
        Counts that give the percentage by rounding (a half may go either way).
    truncated : tuple of int
        Counts that give it only if the digits beyond were cut off.
    """

    percent: str
    total: int
    rounded: tuple[int, ...]
    truncated: tuple[int, ...]

    @property
    def possible(self) -> bool:
        """Whether a whole number gives the percentage by rounding."""
        return bool(self.rounded)

    @property
    def words(self) -> str:
        """The answer as a sentence."""
        if self.rounded:
            return f"{self.percent} % of {self.total} is {_either(self.rounded)}"
        if self.truncated:
            k = self.truncated[0]
            return f"{k} of {self.total} is {100 * k / self.total:.4g} %: {self.percent} % was cut off, not rounded"
        below = int(Decimal(self.percent) * self.total / 100)
        around = " and ".join(f"{k} gives {100 * k / self.total:.4g} %" for k in (below, below + 1) if k <= self.total)
        return f"{self.percent} % of {self.total} is no whole number ({around})"


def grim(percent: str, total: int) -> Grim:
    """Counts out of ``total`` that a printed percentage can stand for.

    Parameters
    ----------
    percent : str
        As printed, without the sign: ``"39.0"`` promises one decimal more than ``"39"``.
    total : int
        Denominator, at least 1.

    Returns
    -------
    Grim
        Counts that fit by rounding, and those that fit only by truncation. Exact arithmetic.

    Raises
    ------
    EvidenceError
        If the percentage is no number from 0 to 100, or the denominator is below 1.
    """
    try:
        number = Decimal(percent)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or not 0 <= number <= 100:
        raise EvidenceError(f"{percent!r} is no percentage", where="percent", remedy="Give a number from 0 to 100.")
    if total < 1:
        raise EvidenceError(f"nothing can be a share of {total}", where="total", remedy="Give the number of people or lesions.")
    places = max(0, -int(number.as_tuple().exponent))
    scale, printed = 10**places, int(number * 10**places)  # printed = percent in units of its last digit
    per_one = 100 * scale  # k of N is per_one * k / N such units
    half_low, half_high = -((total - 2 * printed * total) // (2 * per_one)), (2 * printed + 1) * total // (2 * per_one)
    cut_low, cut_high = -(-printed * total // per_one), -(-(printed + 1) * total // per_one) - 1
    rounded = tuple(range(max(half_low, 0), min(half_high, total) + 1))
    truncated = tuple(k for k in range(max(cut_low, 0), min(cut_high, total) + 1) if k not in rounded)
    return Grim(percent, total, rounded, truncated)


def share_fits(percent: str, n: int, total: int) -> str:
    """How a count fits a printed percentage.

    Returns
    -------
    str
        ``rounded``, ``truncated`` or ``no``.
    """
    answer = grim(percent, total)
    return "rounded" if n in answer.rounded else "truncated" if n in answer.truncated else "no"


def _either(counts: tuple[int, ...]) -> str:
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
