"""One thread or all, whichever is faster now: waiting for threads costs more than they bring where others use the cores."""

from __future__ import annotations

import time

__all__ = ["Pace"]

_FIRST, _LONGEST = 8, 256  # steps until both ways are tried again, doubled while the same one wins


class Pace:
    """Choose for each step of a march between two kernels that give the same result.

    Parameters
    ----------
    parallel : bool
        Whether all threads may be used at all.
    """

    def __init__(self, *, parallel: bool) -> None:
        self._allowed = parallel
        self._wins = parallel
        self._left, self._every = 0, _FIRST
        self._seconds = [0.0, 0.0]
        self._way, self._begun = parallel, 0.0

    def begin(self) -> bool:
        """Whether to use all threads for the step that begins now."""
        self._way = self._allowed and (self._wins if self._left > 0 else self._left == 0)
        self._begun = time.perf_counter()
        return self._way

    def end(self) -> None:
        """Note that the step is done."""
        if not self._allowed:
            return
        if self._left <= 0:
            self._seconds[self._left] = time.perf_counter() - self._begun  # 0: all threads, -1: one
            if self._left < 0:
                won = self._seconds[0] < self._seconds[-1]
                self._every = min(2 * self._every, _LONGEST) if won == self._wins else _FIRST
                self._wins = won
                self._left = self._every
                return
        self._left -= 1
