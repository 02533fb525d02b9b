"""The patient's chart: what was considered, planned, predicted or seen, and judged; entries are only ever appended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from locoregional.case.angiograms import AngiogramPair
from locoregional.case.option import Option, Overrule, now
from locoregional.case.stored import StoredVolume
from locoregional.errors import CaseError
from locoregional.version import __version__

__all__ = ["Entry", "Needle", "Outcome", "Plan", "Quantity", "Verdict", "now"]


@dataclass(frozen=True)
class Quantity:
    """A number a person may act on, with its interval and its origin.

    Attributes
    ----------
    name : str
        Identifier.
    words : str
        What it means.
    value : float or None
        Best value; None says that it cannot be given, and ``words`` say why.
    low, high : float or None
        Interval of the value; None where it cannot be given.
    unit : str
        Unit of the three numbers.
    level : float
        Coverage of the interval (0.9 for 90 %).
    method : str
        How the number and its interval were found.
    sources : tuple of str
        Keys of facts or of ``references.bib``.
    """

    name: str
    words: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    level: float = 0.9
    method: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needle:
    """A straight way in.

    Attributes
    ----------
    entry_lps_mm : tuple of float
        Where it enters the skin.
    tip_lps_mm : tuple of float
        Where its tip comes to lie.
    words : tuple of str
        Why this one, in words; the first is a summary.
    quantities : tuple of Quantity
        Angles, depth, distances, chances of coverage.
    """

    entry_lps_mm: tuple[float, float, float]
    tip_lps_mm: tuple[float, float, float]
    words: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is intended for one lesion: the way in, the device and its settings.

    Attributes
    ----------
    id : str
        Name of the plan, unique in the chart.
    lesion_id : str
        The lesion.
    procedure : str
        Short name of the procedure, for example ``mwa``.
    feasible : bool
        False when no safe plan exists; ``words`` say what blocks it.
    needles : tuple of Needle
        The chosen ways in, empty if none.
    alternatives : tuple of Needle
        Further distinct proposals, ranked.
    settings : object
        The procedure's own frozen ``Settings``.
    settings_type : str
        Module and name of that class, so that the settings survive the disk.
    words : tuple of str
        Reasons, in order.
    unchecked : tuple of str
        Risk structures that could not be checked.
    quantities : tuple of Quantity
        Expected zone, chances of coverage.
    facts : tuple of str
        Keys of the sourced facts used.
    cautions : tuple of str
        What stands against using it as it is, worst first; empty where nothing does.
    kind : str
        Always ``plan``: tells the entries of the course apart.
    date : datetime
        When the entry was made, with time zone.
    version : str
        Version of this software that made it.
    """

    id: str
    lesion_id: str
    procedure: str
    feasible: bool
    needles: tuple[Needle, ...]
    settings: Any
    words: tuple[str, ...] = ()
    alternatives: tuple[Needle, ...] = ()
    unchecked: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    facts: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    settings_type: str = ""
    kind: Literal["plan"] = "plan"
    date: datetime = field(default_factory=now)
    version: str = __version__

    def __post_init__(self) -> None:
        """Remember which type the settings have, so that they survive the disk."""
        if not self.settings_type:
            if isinstance(self.settings, dict):
                raise CaseError("settings are a dictionary", where=f"plan {self.id}", remedy="Use the procedure's Settings.")
            kind = type(self.settings)
            object.__setattr__(self, "settings_type", f"{kind.__module__}:{kind.__qualname__}")


@dataclass(frozen=True)
class Outcome:
    """What a procedure will do (predicted) or did (observed); both have the same shape.

    Attributes
    ----------
    id : str
        Name of the outcome, unique in the chart.
    plan_id : str
        Plan that it follows from; empty where the chart holds none.
    lesion_id : str
        The lesion.
    procedure : str
        Short name of the procedure, for example ``mwa``.
    predicted : bool
        True for a simulation, false for what a follow-up image shows.
    maps : dict
        Name to stored volume: ``zone`` (bool), ``probability`` (share of model runs in which tissue dies) ...
    reference_tumour : StoredVolume or None
        Tumour as it lies in the image of the zone (after registration for observed outcomes).
    registration_error_mm : float
        Error of that registration, 0 for predictions.
    traces : dict
        Curves over time, by name with unit (``time_s``, ``absorbed_w`` ...), all of one length.
    image : str
        Name of the image that the maps lie in the space of.
    angiograms : AngiogramPair or None
        Runs before and after an embolization.
    quantities : tuple of Quantity
        Sizes, coverage, temperatures at risk structures, each with its band.
    words : tuple of str
        What a reader must know of how it was found.
    facts : tuple of str
        Keys of the sourced facts used.
    kind : str
        Always ``outcome``: tells the entries of the course apart.
    date : datetime
        When the entry was made, with time zone.
    version : str
        Version of this software that made it.
    """

    id: str
    plan_id: str
    lesion_id: str
    procedure: str
    predicted: bool
    maps: dict[str, StoredVolume]
    quantities: tuple[Quantity, ...] = ()
    words: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    reference_tumour: StoredVolume | None = None
    registration_error_mm: float = 0.0
    traces: dict[str, tuple[float, ...]] = field(default_factory=dict)
    image: str = "planning"
    angiograms: AngiogramPair | None = None
    kind: Literal["outcome"] = "outcome"
    date: datetime = field(default_factory=now)
    version: str = __version__


@dataclass(frozen=True)
class Verdict:
    """Whether an outcome reaches its goal, and why.

    Attributes
    ----------
    outcome_id : str
        Outcome that is judged.
    lesion_id : str
        The lesion.
    procedure : str
        Short name of the procedure, for example ``mwa``.
    success : bool or None
        None when the interval does not allow an answer.
    words : tuple of str
        The verdict with its reasons.
    quantities : tuple of Quantity
        Minimal margin and what else it rests on, each with its interval.
    facts : tuple of str
        Keys of the sourced facts used.
    kind : str
        Always ``verdict``: tells the entries of the course apart.
    date : datetime
        When the entry was made, with time zone.
    version : str
        Version of this software that made it.
    """

    outcome_id: str
    lesion_id: str
    procedure: str
    success: bool | None
    words: tuple[str, ...]
    quantities: tuple[Quantity, ...] = ()
    facts: tuple[str, ...] = ()
    kind: Literal["verdict"] = "verdict"
    date: datetime = field(default_factory=now)
    version: str = __version__


Entry = Option | Overrule | Plan | Outcome | Verdict
"""Anything a chart may hold."""
