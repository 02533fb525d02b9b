"""Verdicts on embolizations that were done, on images whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.case import Case, Disease, Lesion, Liver, Organ, Outcome, Patient, Quantity
from locoregional.case.build import build_case
from locoregional.case.intake import INTAKE, read_intake
from locoregional.errors import CaseError
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.volume import Grid, Volume
from locoregional.procedures import procedure
from locoregional.procedures.tace.uptake_of_oil import oil_uptake
from locoregional.progress import silent

GRID = Grid.regular((24, 60, 60), spacing_mm=(2.0, 1.5, 1.5))
P = GRID.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1))
MIDDLE = np.array([44.0, 44.0, 24.0])
AWAY = np.linalg.norm(P - MIDDLE, axis=-1)
PATIENT = Patient("p", sex="F", height_cm=165, weight_kg=65)


def mask(radius_mm):
    return Volume(radius_mm > AWAY, GRID.affine)


def ct(tumour_hu, radius_mm, *, liver_hu=110.0, noise=3.0):
    rng = np.random.default_rng(7)
    array = np.where(radius_mm > AWAY, tumour_hu, liver_hu) + rng.normal(0, noise, GRID.shape)
    return Volume(array.astype(np.float32), GRID.affine, unit="HU", modality="CT")


def observed(*, before_mm=18.0, after_mm=9.0, name="deb_tace", images=None, new_lesions=0.0, hypervascular=None):
    """Case with a tumour of one radius before and another after, and the outcome."""
    case = Case(PATIENT, Disease(liver=Liver(hypervascular=hypervascular)))
    store = case.store
    lesion = Lesion("L1", Organ.LIVER, 2 * before_mm, tuple(MIDDLE), store.put(mask(before_mm)))
    given = {"planning": ct(60, before_mm), "after": ct(60, after_mm), **(images or {})}
    outcome = Outcome(
        "observed-L1-1", "", "L1", name, predicted=False, maps={"lesion": store.put(mask(after_mm))}, image="after",
        quantities=(Quantity("new_lesions", "new lesions", new_lesions, "lesions"),),
    )  # fmt: skip
    liver = store.put(Volume(AWAY < 40, GRID.affine))
    case = replace(
        case,
        lesions=(lesion,),
        images={n: store.put(v) for n, v in given.items()},
        structures={"liver": liver},
        course=(outcome,),
    )
    return case, outcome


def verdict(case, outcome):
    return procedure(outcome.procedure).verify(case, outcome, silent)


def test_a_tumour_of_half_the_size_responded():
    case, outcome = observed()
    found = verdict(case, outcome)
    assert found.success is True
    assert found.words[0].startswith("Observed: responded. Choi: partial response")
    values = {q.name: q for q in found.quantities}
    assert values["recist_1_1_change"].value == pytest.approx(-50, abs=2)
    assert values["recist_1_1_change"].low < -50 < values["recist_1_1_change"].high


def test_a_tumour_that_grew_did_not_and_a_new_lesion_decides():
    found = verdict(*observed(after_mm=28.0))
    assert found.success is False
    assert any("RECIST 1.1: progressive disease" in words for words in found.words)
    fresh = verdict(*observed(new_lesions=1.0))
    assert fresh.success is False
    assert any("1 new lesion" in words for words in fresh.words)


def test_a_small_change_is_too_close_to_call():
    found = verdict(*observed(after_mm=16.5))
    assert found.success is None
    assert "cannot be said" in found.words[0]


def test_growth_that_is_certain_is_never_passed_over():
    """A dead tumour that swelled: enhancement says response, size says progression, so nobody knows."""
    case, outcome = observed(after_mm=28.0, images=phases(), hypervascular=True)
    found = verdict(case, outcome)
    assert found.success is None
    assert any("contradict each other" in words for words in found.words)


def test_what_nobody_said_of_new_lesions_stays_open():
    found = verdict(*observed(new_lesions=None))
    assert any("new lesions was not stated" in words for words in found.words)


def phases(before_mm=18.0, *, alive_before=True, alive_after=False, liver_rise=20.0):
    """Native and arterial phases: the tumour rises by 70 HU where it is alive; only the size after is that of the mask."""
    made = {}
    for name, radius, alive in (("planning", before_mm, alive_before), ("after", before_mm, alive_after)):
        rng = np.random.default_rng(5)
        native = 50 + rng.normal(0, 3, GRID.shape)
        rise = np.where(radius > AWAY, 70.0 if alive else 0.0, liver_rise) + rng.normal(0, 3, GRID.shape)
        for phase, array in (("native", native), ("arterial", native + rise), ("portal", native + 60)):
            made[f"{name}_{phase}"] = Volume(array.astype(np.float32), GRID.affine, unit="HU", modality="CT")
    return made


def test_a_dead_tumour_of_the_same_size_is_seen_by_its_enhancement():
    case, outcome = observed(after_mm=18.0, images=phases(), hypervascular=True)
    found = verdict(case, outcome)
    assert found.success is True
    assert found.words[0].startswith("Observed: responded. mRECIST: complete response")
    assert any("Viable volume: complete response" in words for words in found.words)
    assert any("RECIST 1.1: " in words and "stable disease" in words for words in found.words)
    values = {q.name: q for q in found.quantities}
    assert values["enhancement_fraction_before"].value == pytest.approx(100 * 70 / 60, abs=2)
    assert values["enhancement_fraction_after"].value == pytest.approx(0, abs=2)


def test_enhancement_does_not_lead_where_the_tumour_never_enhanced():
    case, outcome = observed(after_mm=18.0, images=phases(), hypervascular=False)
    found = verdict(case, outcome)
    assert not found.words[0].startswith("Observed: responded. mRECIST")
    assert any("mRECIST is unfit" in words for words in found.words)


def test_oil_is_measured_and_hides_density_and_enhancement():
    oily = ct(60, 18.0)
    half = (AWAY < 18) & (P[..., 0] > MIDDLE[0] - 4)
    array = np.where(half, 600.0, oily.array)
    images = {**phases(), "after_native": Volume(array, GRID.affine, unit="HU", modality="CT")}
    case, outcome = observed(after_mm=18.0, name="ctace", images=images, hypervascular=True)
    found = verdict(case, outcome)
    oil = next(q for q in found.quantities if q.name == "oil_uptake")
    assert oil.value == pytest.approx(100 * half.sum() / (AWAY < 18).sum(), abs=0.5)
    assert any("moderate retention" in words for words in found.words)
    assert any("hides" in words for words in found.words)
    assert not any(words.startswith("mRECIST") for words in found.words)
    assert any("Choi: cannot be judged" in words for words in found.words)
    assert found.success is None


@pytest.mark.parametrize(("share", "name"), [(1.0, "complete"), (0.7, "moderate"), (0.3, "poor")])
def test_classes_of_oil(share, name):
    lesion = mask(15.0)
    order = np.argsort(P[..., 0][lesion.array])
    values = np.full(int(lesion.array.sum()), 60.0)
    values[order[: int(share * len(order))]] = 500.0
    array = np.zeros(GRID.shape)
    array[lesion.array] = values
    quantity, words = oil_uptake(Volume(array, GRID.affine, unit="HU"), lesion, native=True)
    assert quantity.value == pytest.approx(100 * share, abs=0.1)
    assert f"{name} retention" in words
    _, contrasted = oil_uptake(Volume(array, GRID.affine, unit="HU"), lesion, native=False)
    assert contrasted


def pet(peak, radius_mm=18.0):
    return Volume(np.where(radius_mm > AWAY, peak, 2.2).astype(np.float32), GRID.affine, unit="g/ml", modality="PT")


def test_pet_leads_where_there_is_one():
    case, outcome = observed(after_mm=18.0, images={"planning_pet": pet(9.0), "after_pet": pet(3.0)})
    found = verdict(case, outcome)
    assert found.success is True
    assert found.words[0].startswith("Observed: responded. PERCIST: partial metabolic response")
    assert any("Janmahasatian" in words for words in found.words)
    unknown = replace(case, patient=Patient("p"))
    assert any("SUV stands in for SUL" in words for words in verdict(unknown, outcome).words)


def test_an_outcome_without_the_lesion_says_what_to_do():
    case, outcome = observed()
    with pytest.raises(CaseError, match="holds no lesion") as caught:
        verdict(case, replace(outcome, maps={}))
    assert "[[observed]]" in caught.value.remedy


def test_from_the_case_file_to_the_verdict(tmp_path):
    liver = Volume(AWAY < 30, GRID.affine)
    scans = {"ct": ct(60, 18.0), "after": ct(60, 8.0), "lesion": mask(18.0), "lesion-after": mask(8.0), "liver": liver}
    for name, volume in scans.items():
        if volume.unit == "HU":
            volume.array[:, :5], volume.array[:, -3:] = -1000, 700  # air and bone, as a CT has them
        array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array.astype(np.int16)
        write_nifti(replace(volume, array=array), tmp_path / f"{name}.nii.gz")
    (tmp_path / INTAKE).write_text(
        """
[patient]
id = "p"
[images.planning]
path = "ct.nii.gz"
[images.after]
path = "after.nii.gz"
[structures]
files = { liver = "liver.nii.gz" }
find_missing = false
[[lesions]]
id = "L1"
organ = "liver"
mask = "lesion.nii.gz"
[[observed]]
lesion = "L1"
procedure = "deb_tace"
tumour = "lesion-after.nii.gz"
new_lesions = 0
""",
        encoding="utf-8",
    )
    case = build_case(read_intake(tmp_path / INTAKE), tmp_path)
    outcome = case.outcomes[0]
    assert outcome.procedure == "deb_tace"
    assert not outcome.predicted
    found = verdict(case, outcome)
    assert found.success is True
    assert any("RECIST 1.1: partial response" in words for words in found.words)
    text = (
        (tmp_path / INTAKE)
        .read_text(encoding="utf-8")
        .replace("new_lesions = 0", 'new_lesions = 0\nzone = "lesion-after.nii.gz"')
    )
    (tmp_path / INTAKE).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="both zone and tumour"):
        build_case(read_intake(tmp_path / INTAKE), tmp_path)
