"""Data of one lesion."""

from __future__ import annotations

from collections.abc import Callable

from locoregional.case import Case, Lesion, Organ
from locoregional.case.site import NEIGHBOURS, vertebra
from locoregional.selection.datum import Between, Datum, Value
from locoregional.selection.patient_data import sites
from locoregional.sources import read_facts

__all__ = ["LESION_DATA", "taken_for_centimetres"]


def taken_for_centimetres(lesion: Lesion) -> bool:
    """Whether a diameter, described and not drawn, is so small that it may be in centimetres."""
    limit_mm = float(read_facts("locoregional.selection")["plausible.diameter_centimetres"])
    return lesion.origin == "stated" and lesion.diameter_mm < limit_mm


def _diameter(_case: Case, lesion: Lesion) -> float | None:
    return None if taken_for_centimetres(lesion) and not lesion.approved else lesion.diameter_mm


def _in_organ(case: Case, lesion: Lesion) -> float | Between:
    """Lesions in the organ: those listed at least, and no more than the total and the other sites leave."""
    listed = sum(other.organ is lesion.organ for other in case.lesions)
    total, staged = case.disease.metastases_total, sites(case)
    if total is None:
        return Between(float(listed))
    elsewhere = len(case.lesions) - listed
    if staged is None:
        least, most = listed, total - elsewhere
    else:
        unlisted = staged - {other.organ.value for other in case.lesions}
        most = max(listed, total - elsewhere - len(unlisted))
        least = total if staged == {lesion.organ.value} else listed
    return float(most) if least == most else Between(float(least), float(most))


def _surgical(case: Case, lesion: Lesion) -> bool | None:
    """Whether this lesion can be resected; where only the patient is judged, that."""
    return case.disease.surgical_candidate if lesion.surgical_candidate is None else lesion.surgical_candidate


def _distance(name: str) -> Callable[[Case, Lesion], float | None]:
    return lambda _, lesion: lesion.near_mm.get(name)


def _nearest_nerve(_case: Case, lesion: Lesion) -> float | Between | None:
    """Nearest of nerve and cord; one alone is a bound, but in a long bone no cord is near."""
    nerve, cord = lesion.near_mm.get("nerve"), lesion.near_mm.get("spinal_cord")
    if lesion.bone_kind == "long_bone":
        return nerve
    known = [x for x in (nerve, cord) if x is not None]
    if not known:
        return None
    return min(known) if len(known) == 2 else Between(0.0, known[0])


def _of(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    return Datum(name, words, lambda _, lesion: getattr(lesion, name), unit, yes, no, of_lesion=True, place=f"lesions.{name}")


def _bone(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    field = name.removeprefix("bone_")
    return Datum(
        name, words, lambda _, lesion: getattr(lesion.bone, field), unit, yes, no, of_lesion=True, place=f"lesions.bone.{field}"
    )


def _spine(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    field = name.removeprefix("spine_")
    return Datum(
        name, words, lambda _, lesion: getattr(lesion.spine, field), unit, yes, no, of_lesion=True, place=f"lesions.spine.{field}"
    )


def _blocked(_case: Case, lesion: Lesion) -> Value:
    return None if lesion.access_blocked is None else frozenset(lesion.access_blocked)


def _before(_case: Case, lesion: Lesion) -> Value:
    return None if lesion.treated_before is None else frozenset(lesion.treated_before)


def _level(_case: Case, lesion: Lesion) -> str | None:
    return vertebra(lesion.site) or None if lesion.organ is Organ.BONE else None


LESION_DATA: tuple[Datum, ...] = (
    Datum("organ", "lesion lies in", lambda _, lesion: lesion.organ.value, of_lesion=True),
    Datum("diameter_mm", "diameter", _diameter, "mm", of_lesion=True),
    Datum("lesions_in_organ", "lesions in this organ:", _in_organ, of_lesion=True),
    Datum(
        "surgical_candidate",
        "surgical candidacy",
        _surgical,
        yes="a surgical candidate: a local treatment instead of resection is a decision of the board",
        no="not a surgical candidate",
        of_lesion=True,
        place="disease.surgical_candidate",
    ),
    Datum("bone_kind", "kind of bone", lambda _, lesion: lesion.bone_kind, of_lesion=True, place="lesions.site"),
    Datum("vertebra", "vertebra", _level, of_lesion=True),
    Datum("painful", "pain at the lesion", lambda _, lesion: lesion.hurts, yes="painful", no="not painful", of_lesion=True),
    _of("pain", "worst pain (0 to 10)"),
    _of("growing", "growth", yes="grows or is new", no="does not grow"),
    _of("hypervascular", "vascularity", yes="hypervascular", no="not hypervascular"),
    _of("surgery_planned", "operation on this lesion", yes="operation planned", no="no operation planned"),
    _of(
        "aerated_around", "aerated lung around it", yes="aerated lung on all sides", no="touches pleura, mediastinum or a fissure"
    ),
    Datum("access_blocked", "in the direct way in", _blocked, of_lesion=True, place="lesions.access_blocked"),
    Datum("treated_before", "earlier local treatment of this lesion", _before, of_lesion=True, place="lesions.treated_before"),
    Datum("nearest_nerve_mm", "distance to the nearest nerve or the cord", _nearest_nerve, "mm", of_lesion=True),
    *(
        Datum(
            f"distance_{name}_mm",
            f"distance to {name.replace('_', ' ')}",
            _distance(name),
            "mm",
            of_lesion=True,
            place=f"lesions.near_mm.{name}",
        )
        for name in NEIGHBOURS
    ),
    _bone("bone_appearance", "appearance"),
    _bone("bone_diameter_share", "share of the bone's diameter destroyed"),
    _bone("bone_cortical_length_mm", "axial cortical involvement", "mm"),
    _bone("bone_cortex_broken", "cortex", yes="cortex broken", no="cortex intact"),
    _bone("bone_diaphyseal", "part of the bone", yes="in the shaft", no="not in the shaft"),
    _bone("bone_soft_tissue_part", "soft-tissue part", yes="extends into soft tissue", no="confined to bone"),
    _bone("bone_fractured", "pathological fracture", yes="pathological fracture", no="no fracture"),
    _bone("bone_pain_on_loading", "pain on loading", yes="pain on loading", no="no pain on loading"),
    _bone("bone_weight_bearing", "weight-bearing", yes="weight-bearing", no="not weight-bearing"),
    _spine("spine_escc", "epidural compression (Bilsky)"),
    _spine("spine_neurology", "Frankel grade"),
    _spine("spine_posterior_wall_broken", "posterior wall", yes="posterior wall broken", no="posterior wall intact"),
    _spine("spine_levels_to_treat", "levels in one session:"),
    _spine(
        "spine_corpectomy_planned",
        "corpectomy or vertebrectomy",
        yes="corpectomy or vertebrectomy planned",
        no="no corpectomy planned",
    ),
    _spine("spine_collapse_percent", "loss of height", "%"),
)
"""Every datum of a lesion."""
