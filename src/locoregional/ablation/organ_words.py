"""What a plan says of the organ: adrenal crisis and routes, drill length and canal in bone, pleura and airways in the lung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.boxes import filled_box
from locoregional.access.plan import Trajectory
from locoregional.access.scene import Scene
from locoregional.case import Case, Lesion, Organ, Quantity
from locoregional.case.site import vertebra
from locoregional.imaging.distance import distance_outside_mm
from locoregional.sources import Facts, read_facts

__all__ = ["Said", "said_of_organ"]

STEP_MM = 0.5
"""Sampling along the needle."""
GAP_MM = 3.0
"""A gap in the lung shorter than this is a vessel or a septum that the needle crosses, not the chest wall."""
LOOK_MM = 60.0
"""How far around the lesion distances to structures are measured."""
CANAL_SIDE_MM = 25.0
"""Pedicles lie within this distance of the middle of the canal."""
NEAR_NERVES = ("nerve", "spinal_cord")


@dataclass(frozen=True)
class Said:
    """Words, numbers and the facts behind them.

    Attributes
    ----------
    words : tuple of str
        Sentences.
    quantities : tuple of Quantity
        Numbers.
    facts : tuple of str
        Keys of the facts used.
    """

    words: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    facts: tuple[str, ...] = ()


def said_of_organ(case: Case, lesion: Lesion, scene: Scene, *, paths: Sequence[Trajectory], minutes: str) -> Said:
    """What the plan of a lesion must say because of where it lies.

    Parameters
    ----------
    case, lesion
        Patient and target.
    scene : Scene
        Structures.
    paths : sequence of Trajectory
        The chosen ways in.
    minutes : str
        How long this plan treats, in words.
    """
    facts = read_facts("locoregional.ablation", "plan_facts.toml")
    if lesion.organ is Organ.ADRENAL:
        return _adrenal(lesion, facts, minutes)
    if lesion.organ is Organ.LUNG:
        return _lung(case, lesion, scene, facts, paths)
    if lesion.organ is Organ.BONE:
        return _bone(case, lesion, scene, facts, paths)
    return Said()


def _keys(facts: Facts, *names: str) -> tuple[str, ...]:
    return tuple(facts[name].key for name in names)


def _adrenal(lesion: Lesion, facts: Facts, minutes: str) -> Said:
    crisis, small = float(facts["adrenal.crisis"]), float(facts["adrenal.small"])
    size = (
        f" At {lesion.diameter_mm:.0f} mm this lesion is in the group at higher risk (up to {small:g} mm: "
        "odds ratio 26, 5.3 to 132)."
        if lesion.diameter_mm <= small
        else ""
    )
    with_block, without = float(facts["adrenal.urgency_blocked"]), float(facts["adrenal.urgency_unblocked"])
    mwa, rfa = facts["time.mwa"], facts["time.rfa"]
    words = (
        f"Hypertensive crisis: {crisis:g} % of 72 sessions of adrenal ablation (no breast primary).{size} Adrenergic blockade "
        f"before and during; urgency fell from {without:g} to {with_block:g} % of sessions with alpha blockade, at the price of "
        "more vasopressors. Invasive pressure and short-acting drugs at hand.",
        f"Treatment time: this plan takes {minutes}. Microwave is the shorter of the two heat methods, so a lower risk of "
        "crisis is claimed for it (narrative review, no comparison in numbers); measured in liver, mean (SD): microwave "
        f"{float(mwa):g} ({float(mwa) - float(mwa.low or 0):.1f}) min, radiofrequency {float(rfa):g} "
        f"({float(rfa) - float(rfa.low or 0):.1f}) min.",
        "Ask for the state of the other adrenal gland: insufficiency followed in 13 of 58 patients, 10 of them without a healthy "
        "second gland (Espinosa 2017).",
    )
    used = ("adrenal.crisis", "adrenal.small", "adrenal.urgency_blocked", "adrenal.urgency_unblocked", "time.mwa", "time.rfa")
    numbers = (
        Quantity(
            "hypertensive_crisis", "sessions of adrenal ablation with hypertensive crisis", crisis, "%",
            method="31 of 72 sessions, no breast primary", sources=_keys(facts, "adrenal.crisis"),
        ),
    )  # fmt: skip
    return Said(words, numbers, _keys(facts, *used))


def _lung(case: Case, lesion: Lesion, scene: Scene, facts: Facts, paths: Sequence[Trajectory]) -> Said:
    ideal, rim_mm, below = (float(facts[n]) for n in ("lung.ideal_diameter", "lung.rim", "lung.aerated_below"))
    words, numbers = [], []
    share = _aerated_rim(case, scene, rim_mm, below)
    around = lesion.aerated_around if lesion.aerated_around is not None else share > 0.95
    size_ok = lesion.diameter_mm < ideal
    seen = f"{100 * share:.0f} % of the {rim_mm:g} mm around it is aerated lung on this CT"
    verdict = "An ideal target" if size_ok and around else "Not the ideal target"
    words.append(
        f"{verdict} of the review (under {ideal:g} mm and surrounded by aerated lung): {lesion.diameter_mm:.0f} mm, {seen}."
    )
    numbers.append(
        Quantity(
            "aerated_rim", f"lung within {rim_mm:g} mm of the lesion that is aerated", 100 * share, "%", method="CT and masks"
        )
    )
    lung = scene.structures.get("lung")
    if lung is not None:
        crossings = [_entries_into(_along(scene, lung | scene.target, path)) for path in paths]
        total = sum(crossings)
        words.append(
            f"The pleura is crossed {total} time{'s' if total != 1 else ''}"
            + (f" by {len(paths)} applicators" if len(paths) > 1 else "")
            + "; each crossing can let air in."
        )
        numbers.append(Quantity("pleura_crossings", "crossings of the pleura", float(total), "1", method="needle and lung mask"))
    lobes = {name: case.structure(name) for name in case.structures if "lobe" in name}
    if len(lobes) > 1:
        masks = [v.array.astype(bool) for v in lobes.values() if v is not None]
        fissures = sum(max(0, len({i for i, m in enumerate(masks) if _along(scene, m, path).any()}) - 1) for path in paths)
        words.append(f"Fissures crossed: {fissures} (from the lobes given).")
        numbers.append(Quantity("fissures_crossed", "fissures crossed", float(fissures), "1", method="needle and lobe masks"))
    else:
        words.append("Lobes are not outlined: a fissure on the way would not be noticed.")
    numbers += _distances(scene, ("vessels", "airway", "heart"))
    for q in numbers:
        if q.name.startswith("lesion_to_") and q.value is not None and q.value < rim_mm:
            words.append(
                f"The {q.words.partition(' to ')[2]} lies {q.value:.0f} mm from the lesion: within the margin to ablate."
            )
    return Said(tuple(words), tuple(numbers), _keys(facts, "lung.ideal_diameter", "lung.rim", "lung.aerated_below"))


def _bone(case: Case, lesion: Lesion, scene: Scene, facts: Facts, paths: Sequence[Trajectory]) -> Said:
    words, numbers = [], []
    bone, threshold = scene.structures.get("bone"), float(facts["cortex.hu"])
    ct = np.asarray(case.image().array)
    for k, path in enumerate(paths, start=1):
        name = f"Applicator {k}: " if len(paths) > 1 else ""
        if bone is not None:
            along = _along(scene, bone & ~scene.target, path)
            step = path.depth_mm / max(1, len(along))
            cortex = float((along & (_values(scene, ct, path) > threshold)).sum()) * step
            whole = float(along.sum()) * step
            if whole < 1.0:
                words.append(f"{name or 'Way in: '}no bone to drill before the lesion.")
            else:
                drill = (
                    f"a drill through {cortex:.0f} mm of cortex" if cortex >= 1.0 else "no cortex dense enough to need a drill"
                )
                words.append(f"{name or 'Way in: '}{whole:.0f} mm of bone before the lesion, {drill} (over {threshold:g} HU).")
            suffix = f"_{k}" if len(paths) > 1 else ""
            numbers += [
                Quantity(f"drill_cortex{suffix}", "cortex on the way", cortex, "mm", method=f"bone mask over {threshold:g} HU"),
                Quantity(f"bone_before_target{suffix}", "bone before the lesion", whole, "mm", method="bone mask"),
            ]
        words += [f"{name or 'Way in: '}{w}" for w in _pedicle_words(lesion, scene, path, bone)]
    cord = scene.structures.get("spinal_cord")
    if cord is not None and cord.any():
        numbers += _distances(scene, ("spinal_cord",))
        clear = [p.clearances_mm.get("spinal_cord", np.inf) for p in paths]
        if clear and np.isfinite(min(clear)):
            words.append(f"Nearest needle axis to the spinal canal: {min(clear):.0f} mm.")
    for name in NEAR_NERVES:
        if name in lesion.near_mm:
            words.append(
                f"{name.replace('_', ' ').capitalize()} {lesion.near_mm[name]:g} mm from the lesion, as the case states."
            )
    if lesion.bone_kind == "vertebra" and "nerve" not in lesion.near_mm:
        words.append("Nerve roots are not outlined: look for them in the foramina beside this level; the simulation does not.")
    return Said(tuple(words), tuple(numbers), _keys(facts, "cortex.hu"))


def _pedicle_words(lesion: Lesion, scene: Scene, path: Trajectory, bone: NDArray[np.bool_] | None) -> list[str]:
    """Whether the needle passes the level of the canal inside bone (through a pedicle) or beside it."""
    cord = scene.structures.get("spinal_cord")
    if lesion.bone_kind != "vertebra" or bone is None or cord is None or not cord.any():
        return []
    points = _points(path)
    voxels = np.argwhere(cord)
    canal = scene.grid.to_lps(voxels)
    level = canal[np.abs(canal[:, 2] - points[-1, 2]) < 10.0]
    if not len(level):
        return []
    middle = level.mean(axis=0)
    passing = int(np.argmin(np.abs(points[:, 1] - middle[1])))  # LPS y: front to back
    if abs(points[passing, 1] - middle[1]) > 2.0:
        return []  # it never comes as far forward or back as the canal
    aside = float(abs(points[passing, 0] - middle[0]))
    inside = bool(_along(scene, bone | scene.target, path)[passing])
    if inside and aside < CANAL_SIDE_MM:
        return [f"transpedicular: beside the canal in bone, {aside:.0f} mm from its middle."]
    thoracic = vertebra(lesion.site).startswith("T")
    name = "costovertebral (between rib and pedicle)" if thoracic and aside < 2 * CANAL_SIDE_MM else "extrapedicular"
    return [f"{name}: passes the level of the canal {aside:.0f} mm from its middle."]


def _points(path: Trajectory) -> NDArray[np.float64]:
    """Points along the needle from skin to tip, shape (n, 3) [mm]."""
    count = max(2, int(np.ceil(path.depth_mm / STEP_MM)))
    share = (np.arange(count) + 0.5) / count
    return np.asarray(path.entry_lps_mm + share[:, None] * (path.tip_lps_mm - path.entry_lps_mm))


def _values(scene: Scene, array: NDArray, path: Trajectory) -> NDArray:
    """Voxels of an array along the needle; nothing (0) outside the image."""
    index = np.round(scene.grid.to_index(_points(path))).astype(int)
    held = np.asarray(((index >= 0) & (index < scene.grid.shape)).all(axis=1))
    out = np.zeros(len(index), array.dtype)
    out[held] = array[tuple(index[held].T)]
    return out


def _along(scene: Scene, mask: NDArray[np.bool_], path: Trajectory) -> NDArray[np.bool_]:
    return _values(scene, mask, path).astype(bool)


def _entries_into(inside: NDArray[np.bool_]) -> int:
    """How often a needle enters an organ, gaps of a few millimetres left out."""
    from scipy.ndimage import binary_closing

    width = 2 * round(GAP_MM / STEP_MM / 2) + 1
    closed = binary_closing(np.pad(inside, width), structure=np.ones(width, bool))[width:-width]
    return int((np.diff(np.concatenate([[0], closed.astype(int)])) == 1).sum())


def _aerated_rim(case: Case, scene: Scene, rim_mm: float, below_hu: float) -> float:
    """Share of the tissue within a rim around the target that is aerated lung."""
    spacing = scene.grid.spacing_mm
    box = filled_box(scene.target, margin=np.ceil((rim_mm + 2.0) / spacing).astype(int))
    away = distance_outside_mm(scene.target[box], spacing_mm=spacing)
    # the first millimetres are blurred with the lesion itself
    rim = (away > min(2.0, 0.4 * rim_mm)) & (away <= rim_mm)
    if not rim.any():
        return 0.0
    lung = scene.structures.get("lung")
    aerated = np.asarray(case.image().array)[box] < below_hu
    if lung is not None:
        aerated &= lung[box]
    return float(aerated[rim].mean())


def _distances(scene: Scene, names: Sequence[str]) -> list[Quantity]:
    """Distance from the lesion's surface to structures, within reach."""
    spacing = scene.grid.spacing_mm
    box = filled_box(scene.target, margin=np.ceil(LOOK_MM / spacing).astype(int))
    away = distance_outside_mm(scene.target[box], spacing_mm=spacing)
    out = []
    for name in names:
        mask = scene.structures.get(name)
        if mask is None:
            continue
        there = away[mask[box]]
        label = {"vessels": "large vessels", "spinal_cord": "spinal canal", "airway": "airways"}.get(name, name.replace("_", " "))
        if there.size:
            out.append(Quantity(f"lesion_to_{name}", f"lesion to {label}", float(there.min()), "mm", method="distance of masks"))
    return out
