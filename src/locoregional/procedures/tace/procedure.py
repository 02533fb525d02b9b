"""Embolization of liver metastases as a procedure: selected, planned, and judged on follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from locoregional.procedures.base import require_modelled
from locoregional.selection.rule_file import RuleSet

if TYPE_CHECKING:
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.progress import Progress

__all__ = ["ORGANS", "Embolization"]

ORGANS = frozenset({"liver"})
"""Organs in which embolization is planned here."""


@dataclass(frozen=True)
class Embolization:
    """Transarterial embolization with or without a drug.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    rules : RuleSet
        Whom it is for.
    carrier : str
        ``bland``, ``oil`` (drug in iodised oil) or ``beads`` (drug-eluting).
    drugs : tuple of str
        Drugs in the oil; several are combined.
    """

    name: str
    title: str
    rules: RuleSet
    carrier: Literal["bland", "oil", "beads"]
    drugs: tuple[str, ...] = ()
    family: str = "arterial"
    curative: bool = False
    modelled: frozenset[str] = ORGANS

    def settings_type(self) -> type:
        """Class of its settings."""
        from locoregional.procedures.tace.settings import CtaceSettings, DebTaceSettings, TaeSettings

        return {"bland": TaeSettings, "oil": CtaceSettings, "beads": DebTaceSettings}[self.carrier]

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Territory, drug, carrier, endpoint and follow-up."""
        from locoregional.procedures.tace.plan import plan_embolization

        require_modelled(
            lesion, title=self.title, modelled=self.modelled, remedy=f"Plan lesions of {', '.join(sorted(self.modelled))}."
        )
        return plan_embolization(case, lesion, self, progress)

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """What can be said before: drug and oil against the tumour's volume. No effect is predicted."""
        from locoregional.procedures.tace.simulation import simulate_embolization

        return simulate_embolization(case, plan, progress)

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Response on follow-up images."""
        from locoregional.procedures.tace.verdict import verify_embolization

        return verify_embolization(case, outcome, progress)
