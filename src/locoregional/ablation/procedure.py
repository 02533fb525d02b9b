"""A thermal ablation as a procedure: selected, planned, simulated and judged by what all three share."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from locoregional.selection.rule_file import RuleSet

if TYPE_CHECKING:
    from locoregional.ablation.dissection import Dissection
    from locoregional.ablation.energy import Energy
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.progress import Progress

__all__ = ["ORGANS", "Ablation"]

ORGANS = frozenset({"liver", "lung", "adrenal", "bone", "soft_tissue"})
"""Organs in which thermal ablation is modelled."""


@dataclass(frozen=True)
class Ablation:
    """Percutaneous thermal ablation with one energy.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    rules : RuleSet
        Whom it is for.
    package : str
        Its folder, whose module ``energy`` holds ``ENERGY``; loaded when it is first needed, so that selecting stays quick.
    device_name : str
        Applicator to plan with; empty: the first of the energy.
    dissections : tuple of Dissection
        Fluid or gas injected before.
    processor : str
        ``cpu``, or ``cuda`` for heat on a GPU.
    others : tuple of Energy
        Whose devices are named where those of this one do not suffice.
    """

    name: str
    title: str
    rules: RuleSet
    package: str
    family: str = "ablation"
    curative: bool = True
    modelled: frozenset[str] = ORGANS
    device_name: str = ""
    dissections: tuple[Dissection, ...] = ()
    processor: str = "cpu"
    others: tuple[Energy, ...] = ()

    def energy(self) -> Energy:
        """Energy behind it."""
        found: Energy = import_module(f"{self.package}.energy").ENERGY
        return found

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Way in, device and settings."""
        from locoregional.ablation.plan import plan_ablation
        from locoregional.errors import NotModelled

        if lesion.organ.value not in self.modelled:
            raise NotModelled(
                f"{self.title.lower()} is not yet modelled in {lesion.organ.value.replace('_', ' ')}",
                where=f"lesion {lesion.id}",
                remedy=f"Plan lesions of {', '.join(sorted(self.modelled)).replace('_', ' ')}.",
            )
        return plan_ablation(
            case, lesion, self.energy(), progress, device_name=self.device_name, others=self.others, dissections=self.dissections
        )

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Predicted zone with its band."""
        from locoregional.ablation.simulation import simulate_ablation

        return simulate_ablation(case, plan, self.energy(), progress, processor=self.processor)

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Margin with its interval."""
        from locoregional.ablation.verdict import verify_ablation

        return verify_ablation(case, outcome, progress)
