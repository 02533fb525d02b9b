"""The numbers that are read from a dose-volume histogram: their names, words and units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from locoregional.measures.dose.dvh import DoseVolume
from locoregional.measures.dose.parameter_sets import ParameterSet
from locoregional.measures.dose.radiobiology import bed_volume, eqd2_gy, eubed_gy, ntcp_lyman
from locoregional.sources import read_facts

__all__ = ["Asked", "biological_questions", "complication_question", "dose_questions"]

PERCENTS = (98, 95, 90, 70, 50, 2)


@dataclass(frozen=True)
class Asked:
    """One number of a histogram.

    Attributes
    ----------
    name, words, unit : str
        As in a quantity.
    read : callable
        Reads it.
    small : bool
        Whether it can be read of a structure too small for a histogram.
    sources : tuple of str
        Facts behind it.
    """

    name: str
    words: str
    unit: str
    read: Callable[[DoseVolume], float]
    small: bool = False
    sources: tuple[str, ...] = ()


def dose_questions(levels_gy: Sequence[float] | None = None) -> tuple[Asked, ...]:
    """Mean, D98 to D2, lowest, highest, and the share of the volume at each level (and its volume below the first).

    Parameters
    ----------
    levels_gy : sequence of float, optional
        Doses to read the volume at; by default those of the facts.
    """
    fact = read_facts(__package__)["volume.dose_levels"]
    levels = tuple(fact.value) if levels_gy is None else tuple(levels_gy)
    asked = [Asked("mean_gy", "mean dose", "Gy", lambda d: d.mean_gy, small=True)]
    asked += [_percentile(p) for p in PERCENTS]
    asked += [
        Asked("minimum_gy", "lowest dose", "Gy", lambda d: d.minimum_gy),
        Asked("maximum_gy", "highest dose", "Gy", lambda d: d.maximum_gy),
    ]
    for level in levels:
        asked += _at_level(float(level))
    return tuple(asked)


def _percentile(percent: int) -> Asked:
    words = f"D{percent}, dose to the best covered {percent} % of the volume"
    return Asked(f"d{percent}_gy", words, "Gy", lambda d: d.dose_gy(percent / 100.0))


def _at_level(level_gy: float) -> list[Asked]:
    name = f"{level_gy:g}".replace(".", "_")
    words = f"V{level_gy:g}, share with at least {level_gy:g} Gy"
    below = f"volume below {level_gy:g} Gy"
    return [
        Asked(f"v{name}_share", words, "1", lambda d: d.share_above(dose_gy=level_gy)),
        Asked(f"below_{name}_ml", below, "ml", lambda d: d.volume_below_ml(dose_gy=level_gy)),
    ]


def biological_questions(parameters: ParameterSet, *, device: str = "") -> tuple[Asked, ...]:
    """Mean BED and its EQD2, and EUBED where the set states alpha.

    Parameters
    ----------
    parameters : ParameterSet
        Named set.
    device : str
        ``glass``, ``resin`` or empty.

    Raises
    ------
    EvidenceError
        If the set cannot give a BED of this device.
    """
    parameters.require_device(device)
    parameters.value("repair_half_life")
    name, ratio = parameters.name, parameters.value("alpha_beta")
    keys = tuple(v.key for v in parameters.values.values())

    def mean_bed(d: DoseVolume) -> float:
        return bed_volume(d, parameters, device=device).mean_gy

    asked = [
        Asked(f"bed_{name}_gy", f"mean BED, set {name}", "Gy", mean_bed, sources=keys),
        Asked(
            f"eqd2_{name}_gy",
            f"EQD2 of the mean BED, alpha/beta {ratio:g} Gy, set {name}",
            "Gy",
            lambda d: float(eqd2_gy(mean_bed(d), parameters)),
            sources=keys,
        ),
    ]
    if "alpha" in parameters.values:
        asked.append(
            Asked(
                f"eubed_{name}_gy",
                f"EUBED (even BED with as many cells left), set {name}",
                "Gy",
                lambda d: eubed_gy(bed_volume(d, parameters, device=device), parameters),
                sources=keys,
            )
        )
    return tuple(asked)


def complication_question(limits: ParameterSet, parameters: ParameterSet, *, device: str) -> Asked:
    """Complication probability by the Lyman model of one set on the BED of another.

    Raises
    ------
    EvidenceError
        If a set lacks what it is asked for, or holds for other microspheres.
    """
    for needed in ("td50", "volume_exponent", "slope"):
        limits.value(needed)
    for one in (limits, parameters):
        one.require_device(device)
    parameters.value("repair_half_life")
    return Asked(
        f"ntcp_{limits.name}_share",
        f"complication probability, set {limits.name} on BED of set {parameters.name}, {device} only",
        "1",
        lambda d: ntcp_lyman(bed_volume(d, parameters, device=device), limits, device=device),
        sources=tuple(v.key for s in (limits, parameters) for v in s.values.values()),
    )
