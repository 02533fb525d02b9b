"""How long a digital patient and the segmentation of a CT take."""

from __future__ import annotations

import time

import numpy as np

from locoregional.imaging.phantom import EllipsoidZone, after_ablation, digital_patient
from locoregional.imaging.segmentation import segment_hepatic_vessels, segment_hu_organs, segment_lesion, segment_liver


def run() -> list[dict[str, object]]:
    digital_patient(1, spacing_mm=(6, 4, 4))  # compiles
    rows: list[dict[str, object]] = []

    def timed(topic: str, case: str, work, limit_s: float):
        start, cpu = time.perf_counter(), time.process_time()
        result = work()
        seconds, spent = time.perf_counter() - start, time.process_time() - cpu
        note = f"limit {limit_s:g} s; {spent:.1f} s of processor time"
        rows.append(
            {"topic": topic, "case": case, "seconds": seconds, "reference": limit_s, "ratio": seconds / limit_s, "note": note}
        )
        return result

    patient = timed("digital patient", "102x240x298, 3 x 1.25 x 1.25 mm", lambda: digital_patient(2), 12.0)
    zone = EllipsoidZone(tuple(patient.lesion_seed_lps_mm), 44, 36)
    timed("follow-up of a known ablation", "same grid", lambda: after_ablation(patient, zone, seed=2), 12.0)
    large = digital_patient(3, spacing_mm=(6.0, 0.73, 0.73), lesion_lps_mm=(-94, 14, 24))
    segment_lesion(patient.ct, patient.lesion_seed_lps_mm, diameter_mm=24.0)  # compiles

    def whole() -> None:
        seed = large.lesion_seed_lps_mm
        organs = segment_hu_organs(large.ct)
        lesion = segment_lesion(large.ct, seed, diameter_mm=24.0)
        liver = segment_liver(large.ct, organs, lesions=[lesion.mask])
        segment_hepatic_vessels(large.ct, liver.mask)

    timed("body, organs, liver, vessels and lesion", "x".join(str(n) for n in np.array(large.ct.shape)), whole, 15.0)
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
