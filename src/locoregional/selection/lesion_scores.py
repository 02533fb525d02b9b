"""Clinical scores of a case and its lesions, from what the case says."""

from __future__ import annotations

from locoregional.case import Case, Lesion
from locoregional.case.site import long_bone, vertebra
from locoregional.scores.additive import Score
from locoregional.scores.albi import Albi, albi
from locoregional.scores.child_pugh import child_pugh
from locoregional.scores.finding import Finding
from locoregional.scores.mirels import axial_cortical_involvement, mirels
from locoregional.scores.oligometastatic import oligometastatic, oligoprogressive
from locoregional.scores.sins import sins, sins_collapse
from locoregional.scores.subtype import Subtype, molecular_subtype
from locoregional.scores.three_valued import any_of

__all__ = [
    "albi_of",
    "child_pugh_of",
    "fracture_risk_high",
    "mirels_of",
    "oligometastatic_of",
    "oligoprogressive_of",
    "sins_of",
    "subtype_of",
    "subtype_words",
]


def oligometastatic_of(case: Case) -> Finding:
    """Whether the disease is oligometastatic; more lesions listed than the definition allows decide it without a total.

    Without a stated total fewer lesions decide nothing: those listed need not be all.
    """
    count, listed = case.disease.metastases_total, len(case.lesions)
    if count is None and oligometastatic(lesion_count=listed, all_treatable=True).value is False:
        count = listed
    return oligometastatic(lesion_count=count, all_treatable=case.disease.all_sites_treatable)


def oligoprogressive_of(case: Case) -> Finding:
    """Whether the disease is oligoprogressive, as far as a case records it."""
    d = case.disease
    growing = [x for x in case.lesions if x.growing]
    count = d.progressing_lesions
    organs = {x.organ for x in growing}
    complete = count is not None and len(growing) == count and bool(growing)
    growth = [x.growth_percent for x in growing if x.growth_percent is not None]
    return oligoprogressive(
        progressing_count=count,
        organ_count=len(organs) if complete else None,
        growth_percent=min(growth) if complete and len(growth) == count else None,
        size_mm=min(x.diameter_mm for x in growing) if complete else None,
        in_bone=complete and all(x.organ.value == "bone" for x in growing),
        control_months=d.controlled_months,
        all_treatable=d.all_sites_treatable,
    )


def subtype_of(case: Case) -> Subtype:
    """Molecular subtype that the receptors allow."""
    d = case.disease
    return molecular_subtype(er=d.er, pr=d.pr, her2=d.her2, ki67_percent=d.ki67_percent)


def subtype_words(name: str) -> str:
    """Subtype as it is written: ``luminal_b_her2_negative`` is "luminal B HER2 negative"."""
    words = {"a": "A", "b": "B", "her2": "HER2"}
    return " ".join(words.get(part, part) for part in name.split("_"))


def child_pugh_of(case: Case) -> Score:
    """Child-Pugh score; made for cirrhosis."""
    labs, d = case.disease.labs, case.disease
    return child_pugh(
        bilirubin_umol_l=labs.bilirubin_umol_l,
        albumin_g_l=labs.albumin_g_l,
        inr=labs.inr,
        ascites=d.ascites,
        encephalopathy=d.liver.encephalopathy,
    )


def albi_of(case: Case) -> Albi:
    """Albumin-bilirubin score."""
    return albi(bilirubin_umol_l=case.disease.labs.bilirubin_umol_l, albumin_g_l=case.disease.labs.albumin_g_l)


def sins_of(lesion: Lesion) -> Score:
    """Spinal instability of a vertebral metastasis."""
    s = lesion.spine
    pain = "none" if s.pain is None and lesion.hurts is False else s.pain
    return sins(
        location=vertebra(lesion.site) or None,
        pain=pain,
        bone_lesion=lesion.bone.appearance,
        alignment=s.alignment,
        collapse=sins_collapse(collapse_percent=s.collapse_percent, body_involved_percent=s.body_involved_percent),
        posterolateral=s.posterolateral,
    )


def mirels_of(lesion: Lesion) -> Score:
    """Mirels score of a long bone; pain of unknown strength leaves its points open."""
    b = lesion.bone
    pain = "functional" if b.pain_on_loading else ("none" if lesion.hurts is False else None)
    return mirels(
        site=_site(lesion),
        pain=pain,
        lesion=b.appearance,
        fraction=b.diameter_share,
        cortical_length_mm=b.cortical_length_mm,
    )


def _site(lesion: Lesion) -> str | tuple[str, ...] | None:
    """Answer to the site of Mirels; a femur of which the region is not known may be the lower limb or peritrochanteric."""
    name, near = long_bone(lesion.site), lesion.bone.peritrochanteric
    if name != "femur":  # only the femur has trochanters
        return name
    if near or "trochanter" in lesion.site.lower():
        return "peritrochanteric"
    return ("femur", "peritrochanteric") if near is None and not lesion.bone.diaphyseal else name


def fracture_risk_high(lesion: Lesion) -> bool | None:
    """Whether a fracture is present or must be expected; None where the findings leave it open, or no score covers the bone.

    A vertebra: SINS above its stable band. A long bone: Mirels above its low band, or axial cortical involvement over the limit.
    """
    if lesion.bone_kind == "vertebra":
        return any_of((_fractured(lesion), _beyond(sins_of(lesion), "stable")))
    if lesion.bone_kind == "long_bone":
        cortex = axial_cortical_involvement(cortical_length_mm=lesion.bone.cortical_length_mm).value
        return any_of((_fractured(lesion), _beyond(mirels_of(lesion), "low"), cortex))
    return True if lesion.bone.fractured else None


def _fractured(lesion: Lesion) -> bool | None:
    """Whether a fracture is present: as stated; a body that kept its height or an intact cortex is not broken."""
    if lesion.bone.fractured is not None:
        return lesion.bone.fractured
    kept = lesion.spine.collapse_percent == 0 if lesion.bone_kind == "vertebra" else lesion.bone.cortex_broken is False
    return False if kept else None


def _beyond(score: Score, band: str) -> bool | None:
    if band not in score.bands_possible:
        return True
    return False if score.band == band else None
