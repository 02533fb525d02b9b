"""Answers of ``locoregional response`` from masks and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locoregional.cli._response_numbers import Numbers, nodes_of_numbers

if TYPE_CHECKING:
    from locoregional.imaging.volume import Volume
    from locoregional.measures.response.category import Reading
    from locoregional.measures.response.enhancing import Viable
    from locoregional.measures.response.percist import LiverUptake

__all__ = ["reading_of_images"]

_MADE_OF_ENHANCEMENT = ("mrecist", "easl", "volume")


def reading_of_images(given: Numbers) -> tuple[Reading, tuple[str, ...]]:
    """Reading of masks and images, and what was assumed."""
    assert given.baseline is not None
    if given.follow_up is None and not given.gone:
        raise click.UsageError("Give both --baseline and --follow-up, or --gone all where every lesion has disappeared.")
    if given.criterion == "percist":
        return _by_uptake(given)
    before = _lesions(given.baseline, given.baseline_image)
    after = {} if given.follow_up is None else _lesions(given.follow_up, given.follow_up_image)
    if len(before) == 1 and len(after) == 1:  # single masks carry the names of their files
        after = dict(zip(before, after.values(), strict=True))
    gone = tuple(before) if given.gone == ("all",) else given.gone
    for name in gone:
        if name not in before or name in after:
            where = "in the follow-up mask too" if name in after else f"not in the baseline mask, which holds {', '.join(before)}"
            raise click.UsageError(f"--gone {name}: it is {where}.")
    notes = [f"{name} is in the follow-up mask only: say --new-lesions if it is new" for name in sorted(set(after) - set(before))]
    missing = [name for name in before if name not in after and name not in gone]
    notes += [f"{name} is not in the follow-up mask: not measured (say --gone {name} if it has disappeared)" for name in missing]
    if given.criterion in _MADE_OF_ENHANCEMENT:
        return _by_enhancement(given, before, after, gone, notes)
    return _by_size(given, before, after, gone, notes)


def _lesions(path: Path, image: Path | None) -> dict[str, Volume]:
    """Masks by label; a label that is alone in its file keeps its number, so that it is found again."""
    import numpy as np

    from locoregional.imaging.masks import mask_kind, read_masks
    from locoregional.imaging.read import read_image

    masks = read_masks(path, onto=None if image is None else read_image(image).grid)
    found = {name: masks[name] for name in masks}
    if len(found) == 1 and mask_kind(path) == "image":
        numbers = np.unique(read_image(path).array)
        numbers = numbers[numbers > 0]
        if len(numbers) == 1 and float(numbers[0]).is_integer():
            return {f"label_{int(numbers[0])}": next(iter(found.values()))}
    return found


def _by_size(
    given: Numbers, before: Mapping[str, Volume], after: Mapping[str, Volume], gone: tuple[str, ...], notes: list[str]
) -> tuple[Reading, tuple[str, ...]]:
    from locoregional.measures.response.choi import choi
    from locoregional.measures.response.diameters import axial_diameters
    from locoregional.measures.response.size import recist
    from locoregional.measures.response.target import Target

    targets = []
    for name, mask in before.items():
        first = axial_diameters(mask)
        second = axial_diameters(after[name]) if name in after else None
        last_mm = second.long_mm if second is not None else 0.0 if name in gone else None
        targets.append(Target(name, first.long_mm, last_mm))
        notes += [f"{name}: {words}" for words in (*first.words, *(() if second is None else second.words))]
    targets += nodes_of_numbers(given)
    if given.criterion == "recist":
        reading = recist(targets, smallest_mm=given.smallest_mm, readers=given.readers, **given.told)
        return reading, (
            *notes,
            "longest diameters of the masks; give lymph nodes by their short axes, with --nodes-baseline and --nodes",
        )
    if given.baseline_image is None or given.follow_up_image is None:
        raise click.UsageError("choi needs --baseline-image and --follow-up-image, the portal-venous phases.")
    return (
        choi(
            targets,
            baseline_hu=_mean_hu(given.baseline_image, before),
            follow_up_hu=_mean_hu(given.follow_up_image, after) if after else None,
            readers=given.readers,
            oil=given.oil,
            **given.told,
        ),
        tuple(notes),
    )


def _mean_hu(path: Path, masks: Mapping[str, Volume]) -> float:
    """Mean over all lesions together, so that large ones weigh more."""
    from locoregional.imaging.read import read_image
    from locoregional.measures.response.enhancing import density

    image = read_image(path)
    found = [density(image, mask) for mask in masks.values()]
    return sum(d.mean_hu * d.voxels for d in found) / sum(d.voxels for d in found)


def _by_enhancement(
    given: Numbers, before: Mapping[str, Volume], after: Mapping[str, Volume], gone: tuple[str, ...], notes: list[str]
) -> tuple[Reading, tuple[str, ...]]:
    from locoregional.measures.response.area import Pair, easl, viable_volume
    from locoregional.measures.response.diameters import viable_diameters
    from locoregional.measures.response.size import mrecist, not_judged
    from locoregional.measures.response.target import Target

    first = _viable(before, given.baseline_image, given.baseline_native, given.baseline_liver, "baseline")
    second = _viable(after, given.follow_up_image, given.follow_up_native, given.follow_up_liver, "follow-up") if after else {}
    for when, parts in (("before", first), ("after", second)):
        for name, v in parts.items():
            others = f"{v.low_ml:.1f} to {v.high_ml:.1f} with other thresholds"
            notes += [f"{when}, {name}: {v.volume_ml:.1f} ml enhance ({others}) of {v.tumour_ml:.1f}"]
            notes += [f"{when}, {words}" for words in v.words]
    told = tuple(dict.fromkeys(notes))
    known: dict[str, Any] = {"readers": given.readers, "hypervascular": given.hypervascular}
    missing = [name for name in first if name not in second and name not in gone]
    if given.criterion == "volume":
        if missing:
            return not_judged("Viable volume", f"{', '.join(missing)} could not be measured at follow-up"), told
        reading = viable_volume(
            baseline_ml=sum(v.volume_ml for v in first.values()),
            follow_up_ml=sum((v.volume_ml for name, v in second.items() if name in first), 0.0),
            lesions=len(first),
            **known,
            **given.told,
        )
        return reading, told
    sizes = {}
    for name, v in first.items():
        later = viable_diameters(second[name].mask) if name in second else None
        pair = (later.long_mm, later.short_mm) if later is not None else (0.0, 0.0) if name in gone else None
        sizes[name] = (viable_diameters(v.mask), pair)
    if given.criterion == "easl":
        pairs = [Pair(name, (a.long_mm, a.short_mm), b) for name, (a, b) in sizes.items()]
        return easl(pairs, smallest_mm2=given.smallest_mm2, **known, **given.told), told
    targets = [Target(name, a.long_mm, None if b is None else b[0]) for name, (a, b) in sizes.items()]
    return mrecist(targets, smallest_mm=given.smallest_mm, **known, **given.told), told


def _viable(
    lesions: Mapping[str, Volume], arterial: Path | None, native: Path | None, liver: Path | None, when: str
) -> dict[str, Viable]:
    from locoregional.imaging.masks import read_mask
    from locoregional.imaging.read import read_image
    from locoregional.measures.response.enhancing import viable_part

    if arterial is None or liver is None:
        raise click.UsageError(
            f"Enhancement needs --{when}-image (arterial phase) and --{when}-liver; better --{when}-native too."
        )
    image = read_image(arterial)
    before = None if native is None else read_image(native)
    organ = read_mask(liver, onto=image.grid)
    tumours = [mask.array >= 0.5 for mask in lesions.values()]
    healthy = organ.array >= 0.5
    made = {}
    for (name, mask), own in zip(lesions.items(), tumours, strict=True):
        rest = healthy.copy()
        for other in tumours:
            rest &= ~other | own
        made[name] = viable_part(mask, arterial=image, native=before, liver=organ.on(rest, unit=""))
    return made


def _by_uptake(given: Numbers) -> tuple[Reading, tuple[str, ...]]:
    from locoregional.measures.response.percist import percist

    if given.baseline_image is None or given.follow_up_image is None or given.baseline is None or given.follow_up is None:
        raise click.UsageError("percist needs masks and PET images (SUV or SUL) of both examinations.")
    share = given.lean_share
    first, liver_first, words_first = _uptake(given.baseline_image, given.baseline, given.baseline_liver, share)
    second, liver_second, words_second = _uptake(given.follow_up_image, given.follow_up, given.follow_up_liver, share)
    reading = percist(
        baseline_g_ml=first, follow_up_g_ml=second, baseline_liver=liver_first, follow_up_liver=liver_second, **given.told
    )
    unit = "taken as SUL (lean body mass), as nothing else was said" if share is None else f"SUV, times {share:g} for SUL"
    return reading, tuple(dict.fromkeys((f"values of the PET: {unit}", *words_first, *words_second)))


def _uptake(
    image: Path, lesions: Path, liver: Path | None, share: float | None
) -> tuple[float, LiverUptake | None, tuple[str, ...]]:
    """SULpeak of the hottest lesion, uptake of the liver, and words."""
    from locoregional.imaging.masks import read_mask
    from locoregional.imaging.read import read_image
    from locoregional.measures.response.uptake import liver_uptake, uptake_peak

    pet = read_image(image)
    pet = replace(pet, array=pet.array.astype("float32") * (1.0 if share is None else share))
    masks = _lesions(lesions, image)
    peaks = {name: uptake_peak(pet, mask) for name, mask in masks.items()}
    hottest = max(peaks, key=lambda name: peaks[name].value_g_ml)
    around = None
    if liver is not None:
        organ = read_mask(liver, onto=pet.grid)
        healthy = organ.array >= 0.5
        for mask in masks.values():
            healthy &= mask.array < 0.5
        around = liver_uptake(pet, organ.on(healthy, unit=""))
    return peaks[hottest].value_g_ml, around, peaks[hottest].words
