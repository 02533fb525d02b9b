"""Microwave ablation of liver metastases: rules, plan, simulation, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.procedures.mwa.rules import LITERATURE, RULES

if TYPE_CHECKING:
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.procedures.base import Rule
    from locoregional.progress import Progress
    from locoregional.sources import Sourced

__all__ = ["PROCEDURE", "Microwave"]


@dataclass(frozen=True)
class Microwave:
    """Percutaneous microwave ablation with one antenna."""

    name: str = "mwa"
    title: str = "Microwave ablation"
    rules: tuple[Rule, ...] = RULES
    literature: tuple[Sourced, ...] = LITERATURE

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Way in, device, power and time."""
        from locoregional.errors import NotModelled
        from locoregional.procedures.mwa.plan import plan_microwave

        if lesion.organ.value != "liver":
            raise NotModelled(
                f"microwave ablation is modelled in the liver, not yet in {lesion.organ.value.replace('_', ' ')}",
                where=f"lesion {lesion.id}",
                remedy="Plan liver lesions only.",
            )
        return plan_microwave(case, lesion, progress)

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Predicted zone with its band."""
        from locoregional.procedures.mwa.simulation import simulate_microwave

        return simulate_microwave(case, plan, progress)

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Margin with its interval."""
        from locoregional.procedures.mwa.verdict import verify_microwave

        return verify_microwave(case, outcome, progress)


PROCEDURE = Microwave()
