"""A question to a chart, and the block of tissue with parallel applicators that answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from locoregional.ablation.band import parameter_ranges
from locoregional.ablation.device import Device, Setting
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import BLOCK_MM, TISSUE_OF_ORGAN, block_job
from locoregional.errors import PlanningError
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import TISSUES
from locoregional.sources import Facts, read_facts
from locoregional.units import minutes_to_s, perfusion_ml_100g_min_to_per_s

__all__ = ["Question", "job_of", "own_perfusion_ml_100g_min", "parallel_needles", "ranges_of", "setting_of"]

HIGHEST_ML_100G_MIN = 600.0
"""No tissue that is ablated is perfused more: kidney has about 400."""


PHASES = r"\d+(\.\d+)?(-\d+(\.\d+)?)*(\+\d+(\.\d+)?)?"
"""Minutes of freezing and thawing in turn, joined by hyphens, and of active thaw after a plus sign."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    device, setting
        What is used, and what is dialled.
    organ : str
        ``liver``, ``lung``, ``adrenal``, ``bone``, ``soft_tissue``, or the name of a tissue.
    perfused : bool
        Living tissue; False: ex vivo, from room temperature.
    perfusion_ml_100g_min : float or None
        Measured perfusion, in place of the tissue's own with its range.
    applicators : int
        How many, at once, parallel, tips in one plane.
    apart_mm : float
        Distance between neighbours, which stand on a circle.
    start_c : float or None
        Another start temperature than body or room.
    """

    device: Device
    setting: Setting
    organ: str = "liver"
    perfused: bool = True
    perfusion_ml_100g_min: float | None = None
    applicators: int = 1
    apart_mm: float = 0.0
    start_c: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no answer."""
        if self.organ not in (*TISSUE_OF_ORGAN, *TISSUES):
            raise PlanningError(
                f"no organ is called {self.organ!r}", where="organ", remedy=f"Use one of {', '.join(TISSUE_OF_ORGAN)}."
            )
        given = self.perfusion_ml_100g_min
        if given is not None and not self.perfused:
            raise PlanningError("tissue ex vivo is not perfused", where="perfusion", remedy="Leave one of the two out.")
        if given is not None and not 0.0 <= given <= HIGHEST_ML_100G_MIN:
            raise PlanningError(
                f"{given:g} ml/min/100 g is no perfusion", where="perfusion", remedy=f"Use 0 to {HIGHEST_ML_100G_MIN:g}."
            )
        if not 1 <= self.applicators <= self.device.together:
            raise PlanningError(
                f"{self.applicators} of {self.device.name} do not work at once",
                where="applicators",
                remedy=f"Use 1 to {self.device.together}; what follows one another is planned in a patient.",
            )
        if self.applicators > 1 and not self.device.diameter_mm < self.apart_mm <= BLOCK_MM:
            raise PlanningError(
                f"{self.apart_mm:g} mm between applicators",
                where="spacing",
                remedy=f"State more than the shaft's {self.device.diameter_mm:g} mm, and at most {BLOCK_MM:g} mm.",
            )

    @property
    def tissue(self) -> str:
        """Tissue that stands for the organ."""
        return TISSUE_OF_ORGAN.get(self.organ, self.organ)

    @property
    def radius_mm(self) -> float:
        """Radius of the circle on which several applicators stand."""
        return 0.0 if self.applicators == 1 else self.apart_mm / (2.0 * float(np.sin(np.pi / self.applicators)))

    @property
    def side_mm(self) -> float:
        """Side of the block, before it is rounded to whole voxels."""
        return BLOCK_MM + 2.0 * self.radius_mm


def setting_of(
    device: Device, *, power_w: float | None = None, time_min: float | None = None, program: str | None = None
) -> Setting:
    """Setting of a device; what is not said is as in the largest of those that a plan chooses from.

    Parameters
    ----------
    device : Device
        Which.
    power_w, time_min : float, optional
        What is dialled.
    program : str, optional
        Name of the generator's program, or minutes of freezing and thawing in turn (``10-5-10``).

    Raises
    ------
    PlanningError
        If the device knows no such program, has no power to set, or cannot do it.
    """
    offered = device.settings
    if program is None and time_min is not None and not device.max_power_w:
        program = f"{time_min:g}"  # cold has nothing else to dial: one freeze
    phased = program is not None and re.fullmatch(PHASES, program) is not None
    if program is not None:
        named = [*dict.fromkeys(s.program for s in offered if s.program), *getattr(device, "programs", ())]
        if phased and not device.max_power_w:
            offered = (Setting(0.0, minutes_to_s(sum(map(float, re.split(r"[-+]", program)))), program),)
        elif program in named:
            offered = tuple(s for s in offered if s.program == program) or (replace(offered[-1], program=program),)
        else:
            raise PlanningError(
                f"{device.name} has no program {program!r}",
                where="program",
                remedy=f"Use one of {', '.join(dict.fromkeys(named))}." if named else "It has only one: leave the program out.",
            )
    if power_w is not None and not device.max_power_w:
        raise PlanningError(f"{device.name} has no power to set", where="power_w", remedy="Leave the power out.")
    last = offered[-1]
    time_s = last.time_s if time_min is None else minutes_to_s(time_min)
    if phased and time_s != last.time_s:
        raise PlanningError(
            f"the program {program} takes {last.time_s / minutes_to_s(1.0):g} min", where="time_min", remedy="Leave the time out."
        )
    chosen = Setting(last.power_w if power_w is None else power_w, time_s, last.program)
    device.require(chosen)
    return chosen


def parallel_needles(first: Needle, number: int, *, apart_mm: float) -> tuple[Needle, ...]:
    """Parallel needles on a circle around one along the last axis; two lie along the rows."""
    if number == 1:
        return (first,)
    radius = apart_mm / (2.0 * float(np.sin(np.pi / number)))
    angles = 2.0 * np.pi * np.arange(number) / number
    a, b, c = first.tip_mm
    return tuple(Needle((a + radius * float(np.sin(t)), b + radius * float(np.cos(t)), c), first.direction) for t in angles)


def _blood_heat(facts: Facts) -> float:
    return float(facts["blood.density"]) * float(facts["blood.specific_heat"])


def _density(tissue: str) -> float:
    return float(read_facts("locoregional.physics")[f"{tissue}.density"])


def own_perfusion_ml_100g_min(medium: Medium, tissue: str) -> float:
    """Perfusion of a homogeneous medium."""
    flow = float(medium.full("perfusion_heat_w_m3k").flat[0]) / _blood_heat(read_facts("locoregional.physics"))
    return flow / perfusion_ml_100g_min_to_per_s(1.0, density_kg_m3=_density(tissue))


def job_of(question: Question, *, law: str, spacing_mm: float, side_mm: float) -> Job:
    """Run of a question.

    Parameters
    ----------
    question : Question
        What is asked.
    law : str
        Damage law.
    spacing_mm, side_mm : float
        Voxel and side of the block.
    """
    tissue = question.tissue
    job = block_job(
        question.device,
        question.setting,
        tissue=tissue,
        perfused=question.perfused,
        start_c=question.start_c,
        spacing_mm=spacing_mm,
        side_mm=side_mm,
        law=law,
    )
    given = question.perfusion_ml_100g_min
    if given is not None:
        flow = perfusion_ml_100g_min_to_per_s(given, density_kg_m3=_density(tissue))
        medium = replace(job.properties.medium, perfusion_heat_w_m3k=flow * _blood_heat(read_facts("locoregional.physics")))
        job = replace(job, properties=replace(job.properties, medium=medium))
    return replace(job, needles=parallel_needles(job.needles[0], question.applicators, apart_mm=question.apart_mm))


def ranges_of(energy: Energy, question: Question) -> dict[str, tuple[float, float]]:
    """Ranges that the band draws from: what is given is not drawn, ex vivo the start temperature is."""
    ranges = parameter_ranges(energy, question.device, tissue_name=question.tissue)
    if not question.perfused or question.perfusion_ml_100g_min is not None:
        ranges.pop("perfusion", None)
    start = read_facts(__package__)["exvivo.start_temperature"]
    if not question.perfused and question.start_c is None and start.low is not None and start.high is not None:
        ranges["start_c"] = (start.low, start.high)
    return ranges
