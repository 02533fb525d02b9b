"""Cases made at random, every field possibly unknown: for invariants of selection, and for its speed."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from locoregional.case import BoneFindings, Case, Disease, Fitness, Labs, Lesion, Liver, Organ, Patient, SpineFindings
from locoregional.case.site import NEIGHBOURS

__all__ = ["random_case"]

SITES = {
    Organ.BONE: ("T4", "T11", "L3", "C6", "sacrum", "acetabulum", "femur", "humerus", "rib", ""),
    Organ.LIVER: ("segment VI", "segment II", ""),
    Organ.LUNG: ("right upper lobe", ""),
    Organ.ADRENAL: ("left", "right"),
    Organ.SOFT_TISSUE: ("right shoulder", ""),
}


def random_case(seed: int, *, known: float = 0.85) -> Case:
    """Case of a seed.

    Parameters
    ----------
    seed : int
        Same seed, same case.
    known : float
        Chance that a field is known.
    """
    random = Random(seed)

    def maybe(value: Any) -> Any:
        return value if random.random() < known else None

    def yes(share: float = 0.5) -> bool | None:
        found: bool | None = maybe(random.random() < share)
        return found

    def number(low: float, high: float) -> float | None:
        found: float | None = maybe(round(random.uniform(low, high), 1))
        return found

    lesions = tuple(_lesion(f"L{i + 1}", random, maybe, yes, number) for i in range(random.choice((1, 1, 2, 3, 4, 6))))
    staged = tuple(x for x in ("bone", "lung", "brain") if random.random() < 0.3)
    unlisted = set(staged) - {lesion.organ.value for lesion in lesions}
    total = maybe(len(lesions) + len(unlisted) + random.choice((0, 0, 1, 3, 20)))
    disease = Disease(
        er=yes(), pr=yes(), her2=yes(0.3), ki67_percent=number(1, 60), ecog=maybe(random.choice((0, 1, 1, 2, 3))),
        labs=Labs(
            bilirubin_umol_l=number(5, 60), albumin_g_l=number(25, 48), creatinine_umol_l=number(40, 200), inr=number(0.9, 2.2),
            platelets_giga_l=number(20, 350), haemoglobin_g_l=number(80, 150), egfr_ml_min=number(20, 110),
        ),
        liver=Liver(
            involvement_percent=number(0, 80), dominant=yes(), cirrhosis=yes(0.1),
            encephalopathy=maybe(random.choice(("none", "none", "mild"))), portal_vein_occluded=yes(0.1),
            biliary_obstruction=yes(0.1), bilioenteric_anastomosis=yes(0.1), radiated=yes(0.1),
            lung_shunt_percent=number(1, 25), lung_dose_gy=number(1, 40), gut_arteries_safe=yes(0.8), hypervascular=yes(),
        ),
        fitness=Fitness(
            infection=yes(0.05), pregnant=yes(0.02), general_anaesthesia=yes(0.9), contrast_allergy=yes(0.05),
            cement_allergy=yes(0.02), bleeding_correctable=yes(0.95), anthracycline_mg_m2=number(0, 500),
        ),
        extrahepatic=maybe(staged), metastases_total=total,
        all_sites_treatable=yes(), primary_controlled=yes(0.8), refractory=yes(), chemotherapy_lines=maybe(random.randrange(5)),
        ascites=yes(0.15), surgical_candidate=yes(0.3), life_expectancy_months=number(1, 48),
        liver_metastases_months=number(0, 36),
    )  # fmt: skip
    return Case(Patient(f"random-{seed}", number(30, 85), "F"), disease, lesions)


def _lesion(name: str, random: Random, maybe: Any, yes: Any, number: Any) -> Lesion:
    organ = random.choice(tuple(Organ))
    painful, shaft = yes(0.6), yes(0.3)
    loaded = False if painful is False else yes()
    strength = ("none",) if painful is False else ("mechanical", "occasional", "none")
    lesion = Lesion(
        name, organ, round(random.uniform(6, 90), 1), origin="stated", approved=True, site=random.choice(SITES[organ]),
        near_mm={n: round(random.uniform(0, 60), 1) for n in NEIGHBOURS if random.random() < 0.6}, growing=yes(),
        painful=painful, hypervascular=yes(0.4), surgery_planned=yes(0.3), aerated_around=yes(0.6),
        access_blocked=maybe(tuple(x for x in ("lung", "colon") if random.random() < 0.2)),
        treated_before=maybe(random.choice(((), (), ("vertebroplasty",), ("radiotherapy",)))),
        bone=BoneFindings(
            appearance=maybe(random.choice(("lytic", "mixed", "blastic"))), diameter_share=number(0, 1),
            cortical_length_mm=number(0, 60), cortex_broken=yes(0.3), diaphyseal=shaft, soft_tissue_part=yes(0.3),
            fractured=yes(0.2), peritrochanteric=False if shaft else yes(0.3), pain_on_loading=loaded, weight_bearing=yes(),
        ),
        spine=SpineFindings(
            pain=maybe(random.choice(strength)),
            alignment=maybe(random.choice(("normal", "deformity", "subluxation"))), collapse_percent=number(0, 80),
            body_involved_percent=number(0, 100), posterolateral=maybe(random.choice(("none", "unilateral", "bilateral"))),
            escc=maybe(random.choice(("0", "1a", "1b", "1c", "2", "3"))), neurology=maybe(random.choice(("E", "E", "D", "C"))),
            posterior_wall_broken=yes(0.3), levels_to_treat=maybe(random.choice((1, 1, 2, 3, 5))), corpectomy_planned=yes(0.1),
        ),
    )  # fmt: skip
    if lesion.bone.fractured and lesion.bone.cortex_broken is False:  # findings that contradict each other are no case
        return replace(lesion, bone=replace(lesion.bone, cortex_broken=True))
    return lesion
