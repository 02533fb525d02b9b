"""Organs of a case: those that were given, and those that the CT itself shows."""

from __future__ import annotations

from pathlib import Path

from locoregional.case.intake import StructuresIntake
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent

__all__ = ["find_structures", "given_structures"]


def given_structures(intake: StructuresIntake, folder: Path, planning: Volume) -> tuple[dict[str, Volume], list[str]]:
    """Masks of a label map, a folder or single files, on the planning grid, grouped to the planner's structures.

    Returns
    -------
    dict, list of str
        Masks by structure, and what a reader must know of them.

    Raises
    ------
    CaseError
        If masks are given and none of their names is an anatomical name.
    """
    from locoregional.imaging.classes import structure_of
    from locoregional.imaging.labelmap import grouped
    from locoregional.imaging.masks import read_mask, read_masks

    masks: dict[str, Volume] = {}
    if intake.masks:
        read = read_masks(folder / intake.masks, class_map=intake.class_map or None, onto=planning)
        masks.update({name: read[name] for name in read})
    for name, path in intake.files.items():
        masks[name] = read_mask(folder / path, onto=planning)
    treated = {name: place for name in masks if (place := _territory(name))}
    nameless = sorted(name for name in masks if structure_of(name) is None and name != "body" and name not in treated)
    if masks and len(nameless) == len(masks):
        raise CaseError(
            f"none of the masks has a name that means an organ: {_listed(nameless)}",
            where=intake.masks or ", ".join(intake.files),
            remedy="Say what the numbers mean (--class-map totalsegmentator_total, or a file), or name files after organs.",
        )
    notes = [f"masks of no use to the plan, left out: {_listed(nameless)}"] if nameless else []
    found = {}
    whole = {"body": masks["body"]} if "body" in masks else {}  # the skin is no organ, yet a plan needs it
    whole |= {place: masks[name] for name, place in treated.items()}  # nor is what a catheter position feeds
    for name, volume in {**grouped(masks), **whole}.items():
        binary = volume if volume.array.dtype == bool else volume.on(volume.array > 0.5)
        if binary.array.any():
            found[name] = binary
        notes += [f"{name}: {words}" for words in volume.assumed]
    return found, notes


def _territory(name: str) -> str:
    """Structure that a mask of what a catheter position feeds becomes: ``perfused_volume``, ``perfused_right``; else empty."""
    from locoregional.imaging.classes import plain_name

    plain = plain_name(name)
    if plain.startswith("perfused") and "normal" not in plain:
        return "perfused_volume" if plain in ("perfused", "perfused_liver") else plain
    return ""


def _listed(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def find_structures(
    ct: Volume,
    given: dict[str, Volume],
    *,
    liver: bool,
    seed_lps_mm: tuple[float, float, float] | None,
    lesions: list[Volume],
    progress: Progress = silent,
) -> tuple[dict[str, tuple[Volume, str]], list[str]]:
    """What the CT shows of body, lung, airways and bone, and, where a liver lesion is planned, liver and vessels.

    Parameters
    ----------
    ct : Volume
        Planning CT [HU].
    given : dict of str to Volume
        Structures that are known; they are not looked for again.
    liver : bool
        Whether the liver and its vessels are wanted.
    seed_lps_mm : tuple of float or None
        A point in healthy liver.
    lesions : list of Volume
        Masks of liver lesions: they lie in the liver and show where to look.
    progress : Progress
        Told how far the work is.

    Returns
    -------
    dict, list of str
        Mask and origin by structure, and what a reader must know.
    """
    from locoregional.imaging.segmentation.hu_organs import segment_hu_organs

    organs = segment_hu_organs(ct, progress=part(progress, 0.0, 0.4))
    found: dict[str, tuple[Volume, str]] = {}
    notes: list[str] = []
    for name, made in (("body", organs.body), ("lung", organs.lung), ("airway", organs.airways), ("bone", organs.bone)):
        if name not in given and made.mask.array.any():
            found[name] = (made.mask, f"found from HU, quality {made.quality}")
            notes += [f"{name}: {words}" for words in made.warnings]
    if "bowel" not in given and not {"colon", "small_bowel"} & set(given) and organs.gas.mask.array.any():
        found["bowel_gas"] = (organs.gas.mask, "found from HU: gas only, so bowel without gas is not seen")
    if not liver:
        return found, notes
    known = {name: volume for name, (volume, _) in found.items()} | given
    if "liver" not in given:
        from locoregional.imaging.segmentation.liver import segment_liver

        progress(0.4, "finding the liver")
        made = segment_liver(ct, organs, seed_lps_mm=seed_lps_mm, lesions=lesions, progress=part(progress, 0.4, 0.75))
        if made.mask.array.any():
            found["liver"] = (made.mask, f"found from the CT, quality {made.quality}")
            known["liver"] = made.mask
        notes += [f"liver: {words}" for words in (*made.assumed, *made.warnings)]
    if "liver" in known and not {"vessels", "liver_vessels"} & set(given):
        from locoregional.imaging.segmentation.vessels import segment_hepatic_vessels

        progress(0.75, "finding vessels in the liver")
        made = segment_hepatic_vessels(ct, known["liver"])
        if made.mask.array.any():
            found["liver_vessels"] = (made.mask, f"found from the CT, quality {made.quality}")
        notes += [f"liver vessels: {words}" for words in made.warnings]
        if not made.mask.array.any():
            notes.append("liver vessels: not seen, so no distance from them is kept and none cools the zone")
    return found, notes
