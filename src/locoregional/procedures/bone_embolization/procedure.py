"""Embolization of a bone metastasis as a procedure: selected, planned, and judged on angiograms before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from locoregional.procedures.base import require_modelled
from locoregional.selection.rule_file import RuleSet

if TYPE_CHECKING:
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.progress import Progress

__all__ = ["ORGANS", "BoneEmbolization"]

ORGANS = frozenset({"bone"})
"""Organs in which it is planned."""


@dataclass(frozen=True)
class BoneEmbolization:
    """Transarterial embolization of a bone metastasis.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    rules : RuleSet
        Whom it is for.
    aim : str
        ``before an operation`` or ``against pain``.
    """

    name: str
    title: str
    rules: RuleSet
    aim: Literal["before an operation", "against pain"]
    family: str = "arterial"
    curative: bool = False
    modelled: frozenset[str] = ORGANS

    def settings_type(self) -> type:
        """Class of its settings."""
        from locoregional.procedures.bone_embolization.settings import Settings

        return Settings

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """What to look for on the angiogram, agent, endpoint and time of the operation."""
        from locoregional.procedures.bone_embolization.plan import plan_bone_embolization

        require_modelled(lesion, title=self.title, modelled=self.modelled, remedy="Plan a lesion of bone.")
        return plan_bone_embolization(case, lesion, name=self.name, aim=self.aim, progress=progress)

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """What series reached; no effect on this lesion is predicted."""
        from locoregional.procedures.bone_embolization.expectation import expected_outcome

        return expected_outcome(case, plan, progress)

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Devascularisation with its interval, from angiograms before and after."""
        from locoregional.procedures.bone_embolization.verdict import verify_bone_embolization

        return verify_bone_embolization(case, outcome, progress)
