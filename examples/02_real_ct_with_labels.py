"""A real CT with organ labels, given as files: a lesion is implanted, then planned like any patient's.

    python examples/02_real_ct_with_labels.py ct.nii.gz organs.nii.gz

The labels are those of TotalSegmentator's task "total". Research only: not a medical device, not for clinical decisions.
"""

import sys
from pathlib import Path

import locoregional as lr
from locoregional.imaging.implant import implant_lesion
from locoregional.imaging.labelmap import read_labelmap
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.read import read_image
from locoregional.report.run import run_case

DESCRIPTION = """
[patient]
id = "example-2"

[disease]            # synthetic
er = true
ecog = 1
metastases_total = 1
extrahepatic = []
surgical_candidate = false

[disease.liver]
cirrhosis = false

[disease.fitness]
infection = false
bleeding_correctable = true

[images.planning]
path = "ct.nii.gz"

[structures]
masks = "{organs}"
class_map = "totalsegmentator_total"

[[lesions]]
id = "L1"
organ = "liver"
mask = "lesion.nii.gz"
diameter_mm = {diameter:g}
"""


def prepare(ct_path: Path, organs_path: Path, folder: Path, *, diameter_mm: float = 20.0) -> lr.Case:
    """Case folder with a lesion whose outline is known exactly, because it was put there."""
    ct = read_image(ct_path, modality="CT", unit="HU")
    liver = read_labelmap(organs_path)["liver"]
    with_lesion, lesion = implant_lesion(ct, liver, diameter_mm=diameter_mm, seed=4)
    folder.mkdir(parents=True)
    write_nifti(with_lesion, folder / "ct.nii.gz")
    write_nifti(lesion, folder / "lesion.nii.gz")
    (folder / "case.toml").write_text(DESCRIPTION.format(organs=organs_path.resolve().as_posix(), diameter=diameter_mm))
    return lr.load(folder)  # reads, checks and completes what is missing: here the skin


def main(ct_path: Path, organs_path: Path, folder: Path) -> None:
    case = prepare(ct_path, organs_path, folder)
    print(f"{len(case.structures)} structures; the lesion is {case.lesions[0].diameter_mm:.0f} mm across")
    for note in case.notes:
        print(f"note: {note}")
    page, pdf, exports = run_case(folder, procedure_name="mwa")  # select, plan, simulate, verify, report, export
    print(page, pdf, exports, sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path("example-2"))
