"""Radioembolization as a procedure: selected, planned, predicted from the work-up, and judged by the dose that was delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.procedures.base import require_modelled
from locoregional.selection.rule_file import RuleSet

if TYPE_CHECKING:
    from locoregional.case import Case, Lesion, Outcome, Plan, Verdict
    from locoregional.progress import Progress

__all__ = ["Radioembolization"]


@dataclass(frozen=True)
class Radioembolization:
    """Radioembolization with one product.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    rules : RuleSet
        Whom it is for.
    device : str
        ``resin`` or ``glass``; their limits differ and are never mixed.
    """

    name: str
    title: str
    rules: RuleSet
    device: str
    family: str = "arterial"
    curative: bool = False
    modelled: frozenset[str] = frozenset({"liver"})

    def settings_type(self) -> type:
        """Class of its settings."""
        from locoregional.procedures.tare.settings import Settings

        return Settings

    def plan(self, case: Case, lesion: Lesion, progress: Progress) -> Plan:
        """Activity within every limit, its doses, vials and hours."""
        from locoregional.procedures.tare.plan import plan_radioembolization

        require_modelled(lesion, title=self.title, modelled=self.modelled, remedy="Plan lesions of the liver.")
        return plan_radioembolization(case, lesion, self.device, progress, name=self.name)

    def simulate(self, case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
        """Dose in every voxel, if microspheres follow the work-up."""
        from locoregional.procedures.tare.predicted import predicted_dose

        return predicted_dose(case, plan, progress)

    def observe(self, case: Case, plan: Plan, progress: Progress) -> Outcome | None:
        """Dose that the image after treatment shows; None where there is none, or another product was infused."""
        from locoregional.procedures.tare.predicted import observed_dose

        infused = case.radioembolization.device
        if "treatment" not in case.activities or (infused and infused != self.device):
            return None
        return observed_dose(case, plan, progress)

    def verify(self, case: Case, outcome: Outcome, progress: Progress) -> Verdict:
        """Tumour dose against its goal and normal liver against its limit; of a lesion seen on follow-up, its response."""
        from locoregional.procedures.tare.response import verify_response
        from locoregional.procedures.tare.verdict import verify_dose

        if "dose" not in outcome.maps:
            return verify_response(case, outcome, progress)
        return verify_dose(case, outcome, progress)
