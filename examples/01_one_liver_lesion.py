"""One liver metastasis, from CT to a checked plan, on a digital patient whose anatomy is known exactly.

    python examples/01_one_liver_lesion.py

Research only: not a medical device, not for clinical decisions.
"""

from dataclasses import replace
from pathlib import Path

import locoregional as lr
from locoregional.case import Fitness, Labs, Liver
from locoregional.imaging.phantom import digital_patient
from locoregional.report.case_report import write_report


def main(folder: Path, *, spacing_mm=(3.0, 1.5, 1.5), members: int = 32, voxel_mm: float = 1.0) -> lr.Case:
    # The patient: a CT, organs, and one metastasis. Of your own patient, `lr.load("patient-7")` gives the same.
    patient = digital_patient(seed=3, spacing_mm=spacing_mm, lesion_diameter_mm=16.0)
    case = lr.Case(
        lr.Patient("example-1", age_years=64, sex="F"),
        lr.Disease(
            er=True,
            her2=False,
            ecog=0,
            extrahepatic=(),
            metastases_total=1,
            surgical_candidate=False,
            labs=Labs(inr=1.0, platelets_giga_l=220),
            liver=Liver(cirrhosis=False),
            fitness=Fitness(infection=False, bleeding_correctable=True),
        ),
    )
    lesion = lr.Lesion("L1", lr.Organ.LIVER, 16.0, tuple(patient.lesion_seed_lps_mm), case.store.put(patient.lesion))
    structures = {name: case.store.put(mask) for name, mask in patient.structures.items()}
    case = replace(
        case, lesions=(lesion,), images={"planning": case.store.put(patient.ct)}, structures=structures,
        origins=dict.fromkeys(structures, "given"),
    )  # fmt: skip

    # Which procedure? Every rule in words, with its source.
    case = lr.select(case)
    print(next(o.words for o in case.options if o.procedure == "mwa"))

    # Which way in, with how much power for how long?
    case = lr.plan(case, procedure_name="mwa")
    plan = case.plans[-1]
    print(*plan.words[:2], sep="\n")

    # What will it do? A zone with a band, from many model runs.
    finer = replace(plan, settings=replace(plan.settings, members=members, spacing_mm=voxel_mm))
    case = lr.simulate(replace(case, course=(*case.course[:-1], finer)))

    # Is the margin reached?
    case = lr.verify(case)
    print(case.verdicts[-1].words[0])

    # One chart for everything, and the pages people read.
    folder.mkdir(parents=True, exist_ok=True)
    lr.save(case, folder)
    page, _ = write_report(case, folder)
    print(f"report: {page}")
    return case


if __name__ == "__main__":
    main(Path("example-1"))
