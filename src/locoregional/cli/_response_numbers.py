"""Answers of ``locoregional response`` from numbers that somebody measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from locoregional.measures.response.area import Pair
    from locoregional.measures.response.category import NonTarget, Reading
    from locoregional.measures.response.change import Readers
    from locoregional.measures.response.percist import LiverUptake
    from locoregional.measures.response.target import Target

__all__ = ["Numbers", "reading_of_numbers"]


@dataclass(frozen=True)
class Numbers:
    """What was given on the command line, by the names of its options."""

    criterion: str
    baseline: Path | None
    follow_up: Path | None
    gone: tuple[str, ...]
    baseline_image: Path | None
    follow_up_image: Path | None
    baseline_native: Path | None
    follow_up_native: Path | None
    baseline_liver: Path | None
    follow_up_liver: Path | None
    diameters_baseline: str | None
    diameters: str | None
    nodes_baseline: str | None
    nodes: str | None
    smallest_mm: float | None
    smallest_mm2: float | None
    baseline_hu: float | None
    follow_up_hu: float | None
    baseline_g_ml: float | None
    follow_up_g_ml: float | None
    liver_sul_baseline: str | None
    liver_sul: str | None
    lean_share: float | None
    baseline_ml: float | None
    follow_up_ml: float | None
    new_lesions: int | None
    no_new_lesions: bool
    non_target: NonTarget
    hypervascular: bool | None
    oil: bool
    readers: Readers

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that are read."""
        return tuple(value for value in vars(self).values() if isinstance(value, Path))

    @property
    def fresh(self) -> int | None:
        """New lesions as stated; None where nobody said."""
        if self.no_new_lesions and self.new_lesions:
            raise click.UsageError("--no-new-lesions and --new-lesions contradict each other.")
        return 0 if self.no_new_lesions else self.new_lesions

    @property
    def told(self) -> dict[str, Any]:
        """What every criterion is told beside sizes."""
        return {"new_lesions": self.fresh, "non_target": self.non_target}


def reading_of_numbers(given: Numbers) -> Reading:
    """Reading of what was typed in."""
    from locoregional.measures.response.area import easl, viable_volume
    from locoregional.measures.response.choi import choi
    from locoregional.measures.response.percist import percist
    from locoregional.measures.response.size import mrecist, recist

    kind = given.criterion
    if kind == "percist":
        if given.baseline_g_ml is None or given.follow_up_g_ml is None:
            raise click.UsageError("percist needs --sul-baseline and --sul, or --baseline and --follow-up with PET images.")
        return percist(
            baseline_g_ml=given.baseline_g_ml,
            follow_up_g_ml=given.follow_up_g_ml,
            baseline_liver=_liver(given.liver_sul_baseline),
            follow_up_liver=_liver(given.liver_sul),
            **given.told,
        )
    if kind == "volume":
        if given.baseline_ml is None or given.follow_up_ml is None:
            raise click.UsageError("volume needs --volume-baseline and --volume, or --baseline and --follow-up with images.")
        return viable_volume(
            baseline_ml=given.baseline_ml,
            follow_up_ml=given.follow_up_ml,
            new_lesions=given.fresh,
            readers=given.readers,
            hypervascular=given.hypervascular,
        )
    if kind == "easl":
        pairs = _pairs(given.diameters_baseline, given.diameters)
        more: dict[str, Any] = {
            "readers": given.readers,
            "hypervascular": given.hypervascular,
            "smallest_mm2": given.smallest_mm2,
        }
        return easl(pairs, **more, **given.told)
    targets = _targets(given)
    if kind == "choi":
        return choi(
            targets,
            baseline_hu=given.baseline_hu,
            follow_up_hu=given.follow_up_hu,
            readers=given.readers,
            oil=given.oil,
            **given.told,
        )
    if kind == "mrecist":
        more = {"readers": given.readers, "hypervascular": given.hypervascular, "smallest_mm": given.smallest_mm}
        return mrecist(targets, **more, **given.told)
    return recist(targets, smallest_mm=given.smallest_mm, readers=given.readers, **given.told)


def _targets(given: Numbers) -> tuple[Target, ...]:
    from locoregional.measures.response.target import Target

    made = []
    pairs = ((given.diameters_baseline, given.diameters, False), (given.nodes_baseline, given.nodes, True))
    for before, after, node in pairs:
        if (before is None) != (after is None):
            raise click.UsageError("Diameters are needed of both examinations, in the same order.")
        if before is None or after is None:
            continue
        first, second = before.split(","), after.split(",")
        if len(first) != len(second):
            raise click.UsageError(f"{len(first)} sizes before and {len(second)} after: give the same lesions in the same order.")
        for i, (a, b) in enumerate(zip(first, second, strict=True), start=1):
            made.append(Target(f"{'node' if node else 'lesion'} {i}", _number(a), None if b.strip() == "?" else _number(b), node))
    if not made:
        raise click.UsageError("Give --baseline and --follow-up masks, or --diameters-baseline and --diameters.")
    return tuple(made)


def _pairs(before: str | None, after: str | None) -> tuple[Pair, ...]:
    from locoregional.measures.response.area import Pair

    if before is None or after is None:
        raise click.UsageError("easl needs --diameters-baseline and --diameters, two of each lesion: 32x20,18x12.")
    first, second = before.split(","), after.split(",")
    if len(first) != len(second):
        raise click.UsageError(f"{len(first)} lesions before and {len(second)} after: give the same ones in the same order.")
    return tuple(
        Pair(f"lesion {i}", _two(a), None if b.strip() == "?" else _two(b))
        for i, (a, b) in enumerate(zip(first, second, strict=True), start=1)
    )


def _two(words: str) -> tuple[float, float]:
    parts = words.lower().split("x")
    if parts == ["0"]:
        return 0.0, 0.0
    if len(parts) != 2:
        raise click.UsageError(f"{words!r} is no pair of diameters; write 32x20.")
    return _number(parts[0]), _number(parts[1])


def _number(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        raise click.UsageError(f"{words!r} is no number; write millimetres, separated by commas.") from None


def _liver(words: str | None) -> LiverUptake | None:
    from locoregional.measures.response.percist import LiverUptake

    if words is None:
        return None
    parts = words.split(",")
    if len(parts) != 2:
        raise click.UsageError(f"{words!r}: give mean and standard deviation of the liver's SUL, as 1.6,0.2.")
    return LiverUptake(_number(parts[0]), _number(parts[1]))
