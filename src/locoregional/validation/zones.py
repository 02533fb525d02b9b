"""Zones that somebody measured against the predicted ones and their bands, one parameter set for each energy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from math import inf
from typing import Any

import numpy as np

from locoregional.ablation.band import draws_of, run_member
from locoregional.ablation.chart_job import Question, job_of, ranges_of, setting_of
from locoregional.ablation.energy import Energy
from locoregional.ablation.runs import run_all
from locoregional.ablation.size import ZoneSize
from locoregional.errors import EvidenceError
from locoregional.procedures.energies import energies
from locoregional.progress import Progress, part, silent
from locoregional.validation.row import Row, not_run

__all__ = ["MeasuredZone", "measured_zones", "rows"]

TOPIC = "Measured zones"
AIM_MM = 3.0
"""Error of an axis that would count as credible."""
AIM_SHARE = 0.8
"""Share of measured means that the 90 % bands should hold."""
FINE_MM, VOXEL_MM, SIDE_MM = 2.0, 3.0, 102.0
"""Voxels of the nominal run and of those behind the band, as for ``locoregional zone``; side of the block."""
MEMBERS = {"rfa": 12}
"""Runs behind a band where they are dear; 32 elsewhere."""
USUAL_MEMBERS = 32
_MEASURES = {"along": ("long_mm", "mm"), "across": ("short_mm", "mm"), "volume": ("volume_ml", "ml")}
_AXES = ("along", "across")


@dataclass(frozen=True)
class MeasuredZone:
    """One row of ``measured_zones.toml``.

    Attributes
    ----------
    energy, name, device : str
        Which energy, what was done in words, and the device that stands for it.
    source, where : str
        Who measured it.
    organ : str
        Tissue.
    perfused : bool
        Living, or perfused from outside.
    power_w, time_min : float or None
        As dialled; None: the device's own.
    program : str or None
        As dialled.
    perfusion_ml_100g_min : float or None
        Measured perfusion.
    along, across, volume : tuple of float
        Mean and, where it is known, standard deviation; empty: not measured.
    note, cannot : str
        What was assumed; why it cannot be simulated.
    """

    energy: str
    name: str
    device: str
    source: str
    where: str
    organ: str
    perfused: bool
    power_w: float | None = None
    time_min: float | None = None
    program: str | None = None
    perfusion_ml_100g_min: float | None = None
    along: tuple[float, ...] = ()
    across: tuple[float, ...] = ()
    volume: tuple[float, ...] = ()
    note: str = ""
    cannot: str = ""

    @property
    def words(self) -> str:
        """Name with what was dialled."""
        parts = [self.name]
        if self.power_w is not None and self.energy == "mwa":
            parts.append(f"{self.power_w:g} W")
        if self.program is not None and self.time_min is None:
            parts.append(f"{self.program} min")
        if self.time_min is not None:
            parts.append(f"{self.time_min:g} min")
        return ", ".join(parts)


@dataclass
class _Score:
    errors: list[float] = field(default_factory=list)
    contracted: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    contracted_inside: list[bool] = field(default_factory=list)


@cache
def measured_zones() -> tuple[MeasuredZone, ...]:
    """Every measured zone.

    Raises
    ------
    EvidenceError
        If a row has an unknown or no entry.
    """
    text = resources.files(__package__).joinpath("measured_zones.toml").read_text(encoding="utf-8")
    known = {f.name for f in fields(MeasuredZone)}
    out = []
    entries: list[dict[str, Any]] = tomllib.loads(text)["zone"]
    for number, entry in enumerate(entries, start=1):
        odd = sorted(set(entry) - known)
        if odd:
            raise EvidenceError(f"{odd[0]!r} is no entry of a zone", where=f"measured_zones.toml, zone {number}")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        out.append(MeasuredZone(**values))
    return tuple(out)


def _predicted(energy: Energy, row: MeasuredZone, progress: Progress) -> tuple[ZoneSize, list[ZoneSize]]:
    """Nominal size, and those behind the band."""
    device = energy.devices()[row.device]
    setting = setting_of(device, power_w=row.power_w, time_min=row.time_min, program=row.program)
    asked = Question(
        device=device,
        setting=setting,
        organ=row.organ,
        perfused=row.perfused,
        perfusion_ml_100g_min=row.perfusion_ml_100g_min,
    )
    job = job_of(asked, law=energy.law, spacing_mm=VOXEL_MM, side_mm=SIDE_MM)
    members = MEMBERS.get(energy.name, USUAL_MEMBERS)
    draws = draws_of(ranges_of(energy, asked), members=members, seed=0)
    nominal = energy.simulate(job_of(asked, law=energy.law, spacing_mm=FINE_MM, side_mm=SIDE_MM)).size
    return nominal, run_all(lambda draw: run_member(energy, job, draw).size, draws, progress=progress, what=row.words)


def _band(members: list[ZoneSize], attribute: str) -> tuple[float, float]:
    low, high = np.quantile([getattr(m, attribute) for m in members], [0.05, 0.95])
    return float(low), float(high)


def _compared(energy: Energy, row: MeasuredZone, score: _Score, progress: Progress) -> Iterator[Row]:
    nominal, members = _predicted(energy, row, progress)
    for measure, (attribute, unit) in _MEASURES.items():
        told = getattr(row, measure)
        if not told:
            continue
        value = float(getattr(nominal, attribute))
        low, high = _band(members, attribute)
        contracted = float(getattr(nominal, f"contracted_{attribute}"))
        least, most = _band(members, f"contracted_{attribute}")
        notes = [f"90 % band {low:.1f} to {high:.1f} {unit} from {len(members)} runs"]
        notes += [f"measured SD {told[1]:g} {unit}"] if len(told) > 1 else []
        notes += [f"after contraction {contracted:.1f} ({least:.1f} to {most:.1f}) {unit}"] if energy.lethal == "heat" else []
        notes += [row.note] if row.note else []
        if measure in _AXES:
            score.errors.append(abs(value - told[0]))
            score.contracted.append(abs(contracted - told[0]))
            score.inside.append(low <= told[0] <= high)
            score.contracted_inside.append(least <= told[0] <= most)
        tolerance = AIM_MM if measure in _AXES else inf
        name = f"{row.words}: {'volume' if measure == 'volume' else f'{measure} the needle'}"
        yield Row(TOPIC, name, value, told[0], unit, tolerance, row.source, "; ".join(notes))


def _summary(energy: Energy, score: _Score) -> Iterator[Row]:
    count = f"{len(score.errors)} axes"
    yield Row(
        TOPIC, f"{energy.words}: mean absolute error of an axis", float(np.mean(score.errors)), 0.0, "mm", AIM_MM,
        "rows above", f"{count}; tissue that died, in its place before treatment" if energy.lethal == "heat" else count,
    )  # fmt: skip
    if energy.lethal == "heat":
        yield Row(
            TOPIC, f"{energy.words}: mean absolute error of an axis after contraction", float(np.mean(score.contracted)), 0.0,
            "mm", inf, "rows above", f"{count}; specimens are measured contracted",
        )  # fmt: skip
        yield Row(
            TOPIC, f"{energy.words}: share of measured means inside the 90 % band after contraction",
            float(np.mean(score.contracted_inside)), 1.0, "1", inf, "rows above", count,
        )  # fmt: skip
    share = float(np.mean(score.inside))
    yield Row(
        TOPIC, f"{energy.words}: share of measured means inside the 90 % band", share, 1.0, "1", 1.0 - AIM_SHARE,
        "rows above", f"{sum(score.inside)} of {count}; aim: at least {AIM_SHARE:g}",
    )  # fmt: skip


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Rows of the chapter on measured zones: each axis with its band, and how each energy does over all.

    Parameters
    ----------
    progress : Progress
        Told which zone runs.

    Yields
    ------
    Row
        One comparison.
    """
    known = energies()
    table = measured_zones()
    for name in dict.fromkeys(row.energy for row in table):
        score = _Score()
        for number, row in enumerate(table):
            if row.energy != name:
                continue
            if row.cannot or name not in known:
                yield not_run(TOPIC, row.words, row.cannot or "this energy is not there", row.source)
                continue
            step = part(progress, number / len(table), (number + 1) / len(table))
            yield from _compared(known[name], row, score, step)
        if score.errors:
            yield from _summary(known[name], score)
    progress(1.0, "measured zones compared")
