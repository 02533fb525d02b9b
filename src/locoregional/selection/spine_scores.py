"""Scores of a vertebral metastasis beside its stability: compression, treatment framework, and how long the patient may live."""

from __future__ import annotations

from locoregional.case import Case, Lesion
from locoregional.scores.additive import Score
from locoregional.scores.bauer import modified_bauer
from locoregional.scores.escc import Escc, escc
from locoregional.scores.katagiri import katagiri, katagiri_primary_of_breast
from locoregional.scores.noms import Noms, noms, radiosensitive
from locoregional.scores.performance import karnofsky_from_ecog
from locoregional.scores.tokuhashi import tokuhashi
from locoregional.scores.van_der_linden import van_der_linden
from locoregional.selection.lesion_scores import sins_of
from locoregional.selection.patient_data import sites

__all__ = ["escc_of", "noms_of", "prognostic_scores"]

VISCERAL = frozenset({"liver", "lung", "adrenal", "brain", "pleura"})
"""Sites that the scores count as visceral or cerebral."""


def escc_of(lesion: Lesion) -> Escc:
    """Epidural compression after Bilsky."""
    return escc(lesion.spine.escc)


def noms_of(case: Case, lesion: Lesion) -> Noms:
    """Treatment that the NOMS framework points to; breast cancer counts as radiosensitive."""
    neurology = lesion.spine.neurology
    return noms(
        escc=lesion.spine.escc,
        myelopathy=None if neurology is None else neurology != "E",
        radiosensitive=radiosensitive("breast"),
        tolerates_surgery=False if case.disease.fitness.general_anaesthesia is False else None,
        instability=sins_of(lesion).bands_possible,
    )


def prognostic_scores(case: Case, lesion: Lesion) -> dict[str, Score]:
    """Modified Bauer, van der Linden, revised Tokuhashi and Katagiri, by name; what the case leaves open widens them."""
    d = case.disease
    visceral = _visceral(case)
    performance = karnofsky_from_ecog(d.ecog)
    known = performance.low is not None and performance.high is not None
    karnofsky = tuple(range(performance.low or 0, (performance.high or 0) + 1, 10)) if known else None
    in_bone = [x for x in case.lesions if x.organ.value == "bone"]
    complete = d.metastases_total == len(case.lesions)  # else further bone metastases may be unlisted
    vertebrae = sum(x.bone_kind == "vertebra" for x in in_bone)
    return {
        "modified Bauer": modified_bauer(
            primary="breast",
            visceral_metastases=visceral,
            solitary=None if d.metastases_total is None else d.metastases_total == 1,
        ),
        "van der Linden": van_der_linden(karnofsky=karnofsky, primary="breast", visceral_metastases=visceral),
        "revised Tokuhashi": tokuhashi(
            karnofsky=karnofsky,
            extraspinal_bone_metastases=len(in_bone) - vertebrae if complete else None,
            vertebral_metastases=vertebrae if complete else None,
            organ_metastases="none" if visceral is False else None,
            primary="breast",
            palsy=lesion.spine.neurology,
        ),
        "Katagiri": katagiri(
            primary=katagiri_primary_of_breast(d.hormone_receptor_positive),
            visceral_or_cerebral="none" if visceral is False else None,
            ecog=d.ecog if d.ecog is None or d.ecog <= 4 else None,
            previous_chemotherapy=None if d.chemotherapy_lines is None else d.chemotherapy_lines > 0,
            skeletal_metastases=len(in_bone) if complete else None,
        ),
    }


def _visceral(case: Case) -> bool | None:
    """Whether there are visceral metastases; a listed one is known whatever staging left open."""
    listed = frozenset(x.organ.value for x in case.lesions)
    staged = sites(case)
    return True if listed & VISCERAL else None if staged is None else bool(staged & VISCERAL)
