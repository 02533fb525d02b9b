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

__all__ = ["Numbers", "nodes_of_numbers", "reading_of_numbers"]

_INSTEAD_OF_MASKS = {
    "--diameters-baseline": "diameters_baseline",
    "--diameters": "diameters",
    "--nodes-baseline": "nodes_baseline",
    "--nodes": "nodes",
    "--hu-baseline": "baseline_hu",
    "--hu": "follow_up_hu",
    "--sul-baseline": "baseline_g_ml",
    "--sul": "follow_up_g_ml",
    "--liver-sul-baseline": "liver_sul_baseline",
    "--liver-sul": "liver_sul",
    "--volume-baseline": "baseline_ml",
    "--volume": "follow_up_ml",
}
_BESIDE_MASKS = {
    "--follow-up": "follow_up",
    "--gone": "gone",
    "--baseline-image": "baseline_image",
    "--follow-up-image": "follow_up_image",
    "--baseline-native": "baseline_native",
    "--follow-up-native": "follow_up_native",
    "--baseline-liver": "baseline_liver",
    "--follow-up-liver": "follow_up_liver",
    "--lean-share": "lean_share",
}


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
    non_target: NonTarget | None
    hypervascular: bool | None
    oil: bool
    readers: Readers

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that are read."""
        return tuple(value for value in vars(self).values() if isinstance(value, Path))

    def unused(self) -> tuple[str, ...]:
        """Options that were given and would not be used: numbers beside masks that measure them, images without masks."""
        if self.baseline is None:
            return tuple(option for option, name in _BESIDE_MASKS.items() if getattr(self, name) not in (None, ()))
        nodes = self.criterion in ("recist", "choi")
        return tuple(
            option
            for option, name in _INSTEAD_OF_MASKS.items()
            if getattr(self, name) is not None and not (nodes and option.startswith("--nodes"))
        )

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
            readers=given.readers,
            hypervascular=given.hypervascular,
            **given.told,
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
    made = (*_sizes(given.diameters_baseline, given.diameters, node=False), *nodes_of_numbers(given))
    if not made:
        raise click.UsageError("Give --baseline and --follow-up masks, or --diameters-baseline and --diameters.")
    return made


def nodes_of_numbers(given: Numbers) -> tuple[Target, ...]:
    """Lymph nodes whose short axes were typed in."""
    return _sizes(given.nodes_baseline, given.nodes, node=True)


def _sizes(before: str | None, after: str | None, *, node: bool) -> tuple[Target, ...]:
    from locoregional.measures.response.target import Target

    if (before is None) != (after is None):
        raise click.UsageError("Diameters are needed of both examinations, in the same order.")
    if before is None or after is None:
        return ()
    first, second = before.split(","), after.split(",")
    if len(first) != len(second):
        raise click.UsageError(f"{len(first)} sizes before and {len(second)} after: give the same lesions in the same order.")
    return tuple(
        Target(f"{'node' if node else 'lesion'} {i}", _number(a), None if b.strip() == "?" else _number(b), node)
        for i, (a, b) in enumerate(zip(first, second, strict=True), start=1)
    )


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
