"""Settings of an embolization of a bone metastasis."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What is planned for one lesion; the angiogram decides the rest.

    Attributes
    ----------
    aim : str
        ``before an operation`` or ``against pain``.
    agent : str
        What is injected.
    smallest_um, largest_um : float
        Sizes of the particles.
    endpoint : str
        When to stop.
    goal_percent : float
        Loss of perfused vessels that counts as effective.
    hypervascular : bool or None
        What the case says of the lesion; None: the angiogram has to show it.
    levels : tuple of str
        Vertebral levels whose arteries are shown on both sides first; empty outside the spine.
    operate_from_h, operate_until_h : float or None
        When the operation follows; None without one.
    """

    aim: str
    agent: str
    smallest_um: float
    largest_um: float
    endpoint: str
    goal_percent: float
    hypervascular: bool | None = None
    levels: tuple[str, ...] = ()
    operate_from_h: float | None = None
    operate_until_h: float | None = None
