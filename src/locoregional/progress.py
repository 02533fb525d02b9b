"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "part", "silent"]

Progress = Callable[[float, str], None]
"""Called with the share done (0..1) and a few words on what is being done."""


def silent(done: float, words: str) -> None:
    """Listen to nothing: the default of every long function."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Progress of a step that fills the share ``start..stop`` of a longer job."""

    def inner(done: float, words: str) -> None:
        progress(start + (stop - start) * done, words)

    return inner
