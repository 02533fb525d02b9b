"""What every procedure promises, and what a procedure that is not modelled yet can still do: be selected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from locoregional.case import Case, Lesion, Option, Outcome, Plan, Verdict
from locoregional.errors import NotModelled
from locoregional.procedures import in_sentence
from locoregional.progress import Progress
from locoregional.selection.consider import consider
from locoregional.selection.profile import Profile
from locoregional.selection.rule_file import RuleSet

__all__ = ["Procedure", "Selected", "assess", "require_modelled"]


@runtime_checkable
class Procedure(Protocol):
    """The one interface of a procedure; found by folder, never registered.

    ``curative`` says whether it can be part of a treatment that aims at long remission; ``modelled`` names the organs in which it
    can be planned and simulated; ``family`` groups it on the board.
    """

    name: str
    title: str
    family: str
    curative: bool
    modelled: frozenset[str]
    rules: RuleSet

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Way in, device and settings for a lesion."""
        ...

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Predicted outcome; the case comes back with the maps in its store."""
        ...

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Whether an outcome, predicted or observed, reaches its goal."""
        ...


@dataclass(frozen=True)
class Selected:
    """A procedure that can be selected for, and is not planned or simulated yet.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    family : str
        ``ablation``, ``arterial`` or ``bone``.
    rules : RuleSet
        Whom it is for.
    curative : bool
        Whether it can be part of a treatment that aims at long remission.
    modelled : frozenset of str
        Organs in which it can be planned: none.
    """

    name: str
    title: str
    family: str
    rules: RuleSet
    curative: bool = True
    modelled: frozenset[str] = field(default_factory=frozenset)

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Raise `NotModelled`."""
        del case, progress
        raise self._not_yet("planned", f"lesion {lesion.id}")

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Raise `NotModelled`."""
        del case, progress
        raise self._not_yet("simulated", f"plan {plan.id}")

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Raise `NotModelled`."""
        del case, progress
        raise self._not_yet("verified", f"outcome {outcome.id}")

    def _not_yet(self, what: str, where: str) -> NotModelled:
        return NotModelled(
            f"{in_sentence(self.title)} can be selected, but not yet {what}",
            where=where,
            remedy="Choose a procedure that is modelled.",
        )


def require_modelled(lesion: Lesion, *, title: str, modelled: frozenset[str], remedy: str) -> None:
    """Raise `NotModelled` where a procedure cannot be planned in the organ of a lesion; the remedy is said with it."""
    if lesion.organ.value not in modelled:
        raise NotModelled(
            f"{in_sentence(title)} is not yet modelled in {lesion.organ.value.replace('_', ' ')}",
            where=f"lesion {lesion.id}",
            remedy=remedy,
        )


def assess(procedure: Procedure, case: Case, lesion: Lesion) -> Option:
    """Option of one procedure for one lesion, with what to expect and to prepare."""
    return consider(procedure.rules, Profile(case, lesion), title=procedure.title, curative=procedure.curative)
