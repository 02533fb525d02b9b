"""Microwave ablation: rules; plan, simulation and verdict in the liver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.selection.rule_file import RuleSet, read_rules

if TYPE_CHECKING:
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.progress import Progress

__all__ = ["PROCEDURES", "Microwave"]


@dataclass(frozen=True)
class Microwave:
    """Percutaneous microwave ablation with one antenna."""

    rules: RuleSet
    name: str = "mwa"
    title: str = "Microwave ablation"
    family: str = "ablation"
    curative: bool = True
    modelled: frozenset[str] = frozenset({"liver"})

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Way in, device, power and time."""
        from locoregional.errors import NotModelled
        from locoregional.procedures.mwa.plan import plan_microwave

        if lesion.organ.value not in self.modelled:
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


PROCEDURES = (Microwave(read_rules(__package__, "mwa")),)
