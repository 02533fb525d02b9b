"""From templates and safe placements to the arrangement that is proposed: chosen, tried in the patient's tissue, enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.arrangement import Arrangement, arrangements, judged, preferred, zone_of
from locoregional.ablation.coupled import CoupledRun, run_in_patient
from locoregional.ablation.device import Device, Setting
from locoregional.ablation.dissection import Dissection
from locoregional.ablation.energy import Energy
from locoregional.ablation.joint import joint_growth
from locoregional.ablation.region import Region
from locoregional.ablation.scene import RISK_STRUCTURES
from locoregional.ablation.sites import Sites, Surroundings, parallel_sites, spread_sites, surroundings
from locoregional.ablation.size import ZoneSize
from locoregional.access.coverage import PlacementError
from locoregional.access.field import Field
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Scene, ZoneSpec
from locoregional.case import Case, Lesion
from locoregional.progress import Progress, part
from locoregional.sources import Sourced, read_facts

__all__ = ["Problem", "Tried", "coupled_share", "spacing_of", "try_in_patient"]

TRIALS = 4
"""Most runs in the patient's tissue for one plan."""
SETTINGS = 3
"""Settings, largest zone first, that are tried with several applicators at once; one after another: one less."""


def spacing_of(energy: Energy) -> Sourced:
    """Practical distance between parallel applicators of an energy [mm], with its range."""
    facts = read_facts("locoregional.ablation", "plan_facts.toml")
    name = f"spacing.{energy.name}"
    return facts[name if name in facts else "spacing.rfa"]


def coupled_share() -> Sourced:
    """Share of what is required that must die in the run in the patient's tissue [%]."""
    return read_facts("locoregional.ablation", "plan_facts.toml")["coupled.share"]


@dataclass(frozen=True, eq=False)
class Problem:
    """One lesion, one device, and everything that the search for an arrangement needs.

    Attributes
    ----------
    case, lesion
        Patient and target.
    scene, field, rules, needle
        As the needle planner sees them.
    energy, device
        What is used.
    tissue : str
        Tissue of the templates.
    table : mapping of Setting to ZoneSize
        Templates.
    region : Region
        What must die.
    around : Surroundings
        What should live.
    error : PlacementError
        Of each needle.
    dissections : tuple of Dissection
        What is injected before, for the runs in the patient's tissue.
    """

    case: Case
    lesion: Lesion
    scene: Scene
    field: Field
    rules: AccessRules
    needle: NeedleSpec
    energy: Energy
    device: Device
    tissue: str
    table: Mapping[Setting, ZoneSize]
    region: Region
    around: Surroundings
    error: PlacementError = default(default_factory=PlacementError.published)
    dissections: tuple[Dissection, ...] = ()

    @classmethod
    def around_of(cls, scene: Scene, region: Region, table: Mapping[Setting, ZoneSize]) -> Surroundings:
        """Healthy tissue within reach of the largest zone."""
        widest = max((max(s.long_mm, s.short_mm) for s in table.values()), default=0.0)
        return surroundings(scene, region, reach_mm=region.radius_mm + 0.75 * widest, at_risk=RISK_STRUCTURES)

    @property
    def relative_sd(self) -> float:
        """Relative standard deviation of the zone's size."""
        return float(read_facts("locoregional.ablation")["zone.relative_sd"])

    @property
    def apart_mm(self) -> tuple[float, float]:
        """Least and largest practical distance between neighbouring applicators that work at once [mm]."""
        fact = spacing_of(self.energy)
        return float(fact if fact.low is None else fact.low), float(fact if fact.high is None else fact.high)

    def growth(self, setting: Setting) -> float:
        """Growth of the zones when neighbours at the practical distance work at the same time."""
        if self.device.together < 2:
            return 1.0
        return joint_growth(self.energy, self.device.name, setting, self.tissue, apart_mm=float(spacing_of(self.energy)))

    def sites(
        self, zone: ZoneSpec, directions: Sequence[NDArray], *, together: bool = False, lifted: tuple[str, ...] = ()
    ) -> Sites:
        """Safe placements along directions (unit vectors from target to skin); at once: parallel to the first."""
        if together:
            return parallel_sites(
                self.field, scene=self.scene, region=self.region, outwards=directions[0], needle=self.needle, zone=zone,
                lifted=lifted,
            )  # fmt: skip
        return spread_sites(
            self.field, scene=self.scene, region=self.region, directions=directions, needle=self.needle, zone=zone, lifted=lifted
        )

    def single(self, setting: Setting, *, aim_lps_mm: NDArray, entry_lps_mm: NDArray, axis: NDArray) -> Arrangement:
        """One applicator whose zone has its middle at the aim."""
        size = self.table[setting]
        zone = zone_of(size, relative_sd=self.relative_sd)
        aim = np.asarray(aim_lps_mm, dtype=float)[None]
        plan = Arrangement(
            setting, size, zone, False, np.asarray(entry_lps_mm, dtype=float)[None], aim - zone.tip_beyond_centre_mm * axis, aim,
            np.zeros(1, bool), proven=True,
        )  # fmt: skip
        return self.judged(plan)

    def judged(self, plan: Arrangement) -> Arrangement:
        """Arrangement with its chances and its harm."""
        return judged(plan, self.region, error=self.error, around=self.around)

    def several(
        self,
        directions: Sequence[NDArray],
        *,
        together: bool,
        wanted_share: float,
        placed: Sequence[tuple[NDArray, NDArray]] = (),
    ) -> list[Arrangement]:
        """Arrangements with applicators along directions: at once (parallel, so one direction) or one after another."""
        return arrangements(
            self.table, device=self.device, region=self.region, around=self.around,
            sites_for=lambda zone: self.sites(zone, directions, together=together), growth_of=self.growth, apart_mm=self.apart_mm,
            relative_sd=self.relative_sd, error=self.error, together=together, wanted_share=wanted_share, placed=placed,
            settings=SETTINGS if together else SETTINGS - 1,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tried:
    """An arrangement with its run in the patient's tissue.

    Attributes
    ----------
    plan : Arrangement
        What was run.
    run : CoupledRun
        What it did.
    words : tuple of str
        How the search came to it.
    """

    plan: Arrangement
    run: CoupledRun
    words: tuple[str, ...] = ()

    def enough(self, region: Region) -> bool:
        """Whether the required share died."""
        return self.run.reached[region.least_mm] >= float(coupled_share()) / 100.0

    def good(self, region: Region) -> bool:
        """Whether the required share died and nothing that a published limit protects was harmed."""
        return self.enough(region) and not self.run.harms


def try_in_patient(problem: Problem, candidates: Sequence[Arrangement], *, wanted_share: float, progress: Progress) -> Tried:
    """Run the best arrangements in the patient's own tissue until one reaches what is required and harms nothing.

    A candidate that falls short is tried with the next larger setting, then gives way to the next candidate with more
    placements; one that harms a structure beyond a published limit gives way to the next of no more volume. If none suffices,
    the least harmful of those that reached most is returned.

    Parameters
    ----------
    problem : Problem
        The search.
    candidates : sequence of Arrangement
        The best first; at least one.
    wanted_share : float
        Chance that is wanted, for the order.
    progress : Progress
        Told how far it is.
    """
    queue = list(preferred(candidates, wanted_share=wanted_share))
    order = sorted(problem.table, key=lambda s: problem.table[s].volume_ml)
    tried: list[Tried] = []
    said: list[str] = []
    plan = queue.pop(0)
    while True:
        step = part(progress, len(tried) / TRIALS, (len(tried) + 1) / TRIALS)
        run = run_in_patient(
            problem.case, problem.lesion, energy=problem.energy, device=problem.device, plan=plan, region=problem.region,
            dissections=problem.dissections, progress=step,
        )  # fmt: skip
        tried.append(Tried(plan, run, tuple(said)))
        if tried[-1].good(problem.region) or len(tried) == TRIALS:
            break
        milder = bool(run.harms)
        following = _milder(problem, plan, queue) if milder else _stronger(problem, plan, queue, order)
        if following is None:
            break
        queue = [a for a in queue if a is not following]
        share, why = 100 * run.reached[problem.region.least_mm], f" (missed beside: {run.missed_near})" if run.missed_near else ""
        if milder:
            why = f" and harms {' and '.join(a.structure for a in run.harms)}"
        said.append(
            f"{len(plan)} x {plan.setting.words} reached {share:.0f} % of it in the patient's tissue{why.replace('_', ' ')}; "
            f"{len(following)} x {following.setting.words} was tried next."
        )
        plan = following
    good = [t for t in tried if t.good(problem.region)]
    best = (
        good[0] if good else max(tried, key=lambda t: (t.run.reached[problem.region.least_mm], -len(t.run.harms), -len(t.plan)))
    )
    return Tried(best.plan, best.run, tuple(said))


def _stronger(problem: Problem, plan: Arrangement, queue: Sequence[Arrangement], order: Sequence[Setting]) -> Arrangement | None:
    """The same needles with the next larger setting that is still safe, or else more of them."""
    for setting in order[order.index(plan.setting) + 1 :]:
        growth = problem.growth(setting) if plan.together else 1.0
        turned = plan.dialled(setting, problem.table[setting], factor=growth)
        if _still_safe(problem, turned):
            return problem.judged(turned)
    return next((a for a in queue if len(a) > len(plan) and a.covers), None)


def _milder(problem: Problem, plan: Arrangement, queue: Sequence[Arrangement]) -> Arrangement | None:
    """The next arrangement that covers with less heat or cold."""

    def volume(one: Arrangement) -> float:
        return len(one) * problem.table[one.setting].volume_ml

    return next((a for a in queue if a.covers and volume(a) < volume(plan)), None)


def _still_safe(problem: Problem, plan: Arrangement) -> bool:
    """Whether the needles still break no constraint after their tips moved."""
    from locoregional.access.trace import Tracer

    tracer = Tracer(
        problem.field, aims_lps_mm=plan.aims_lps_mm, needle=problem.needle,
        tip_beyond_mm=plan.zone.tip_beyond_centre_mm, position=problem.scene.position,
    )  # fmt: skip
    paths = tracer.trace(plan.axes, aim=np.arange(len(plan)), fine=True)
    return bool((paths.safe | plan.placed).all())
