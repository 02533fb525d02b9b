"""Verdict on an embolization of bone, from angiograms that a case.toml names."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.case import Case, Lesion, Organ, Outcome, Patient, read_chart, write_chart
from locoregional.case.intake import AngiographyIntake, ObservedIntake, intake_of
from locoregional.case.observed import observed_outcomes
from locoregional.errors import CaseError
from locoregional.imaging.angiography_write import write_angiogram
from locoregional.imaging.phantom.angiogram import Scene, synthetic_pair
from locoregional.imaging.volume import Grid, Volume
from locoregional.procedures import procedure
from locoregional.progress import silent

BEFORE = procedure("embolization_preoperative")
CASE = Case(Patient("p"), lesions=(Lesion("L1", Organ.BONE, 30.0, (0.0, 0.0, 0.0), site="T10"),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs on disk, 90 % lost, and the regions."""
    from PIL import Image

    place = tmp_path_factory.mktemp("dsa")
    pair = synthetic_pair(Scene(shape=(128, 128), frames=50, noise_ratio=6.0), lost_share=0.9, seed=1)
    write_angiogram(pair.before, place / "before.dcm", patient_id="p")
    write_angiogram(pair.after, place / "after.dcm", patient_id="p")
    write_angiogram(replace_angle(pair.after), place / "turned.dcm", patient_id="p")
    for name in ("tumour", "artery"):
        Image.fromarray(getattr(pair, name).astype(np.uint8) * 255).save(place / f"{name}.png")
    return place


def replace_angle(run):
    return type(run)(run.frames, replace(run.acquisition, primary_deg=25.0))


def films(after="after.dcm", **more):
    return AngiographyIntake(before="before.dcm", after=after, tumour="tumour.png", artery="artery.png", **more)


def observed(folder, **more):
    item = ObservedIntake(lesion="L1", procedure="embolization_preoperative", angiography=films(**more))
    return observed_outcomes(CASE, (item,), folder)


def test_the_loss_is_measured_and_judged(folder):
    case = observed(folder)
    verdict = BEFORE.verify(case, case.outcomes[0], silent)
    told = {q.name: q for q in verdict.quantities}
    assert verdict.success is True
    assert told["devascularisation"].value == pytest.approx(90.0, abs=3.0)
    assert told["devascularisation"].low < told["devascularisation"].value < told["devascularisation"].high
    assert "automated, not the visual criterion" in verdict.words[0]
    assert any("no study was found" in w for w in verdict.words)
    assert verdict.facts == ("measures.devascularisation:success.lost",)


def test_the_angiograms_survive_the_disk(folder, tmp_path):
    case = observed(folder)
    write_chart(case, tmp_path)
    back, _ = read_chart(tmp_path)
    assert back.outcomes == case.outcomes
    first = BEFORE.verify(case, case.outcomes[0], silent).quantities
    assert BEFORE.verify(back, back.outcomes[0], silent).quantities == first


def test_two_projections_cannot_be_measured(folder):
    case = observed(folder, after="turned.dcm")
    verdict = BEFORE.verify(case, case.outcomes[0], silent)
    assert verdict.success is None
    assert "cannot be measured" in verdict.words[0]
    assert "angle of the C-arm differs by 25 degrees" in verdict.words[0]
    assert verdict.quantities[0].value is None


def test_without_angiograms_nothing_is_measured():
    outcome = Outcome("observed-L1-1", "", "L1", "embolization_preoperative", False, {})
    verdict = BEFORE.verify(CASE, outcome, silent)
    assert verdict.success is None
    assert "holds no angiograms" in verdict.words[0]
    assert verdict.quantities[0].value is None


def scanned(*, shift_mm=0.0):
    """Vertebral mass of 1000 voxels, 800 of which rise by 60 HU before and 200 after; 100 more rise by 15 HU after."""
    grid = Grid.regular((20, 20, 20), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(-10.0, -10.0, -20.0))
    other = Grid.regular((20, 20, 20), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(-10.0 + shift_mm, -10.0, -20.0))
    tumour = np.zeros(grid.shape, bool)
    tumour[5:15, 5:15, 5:15] = True

    def ct(*rises, place=grid):
        array = np.full(grid.shape, 60.0, np.float32)
        inside, start = np.flatnonzero(tumour), 0
        for count, rise in rises:
            array.reshape(-1)[inside[start : start + count]] += rise
            start += count
        return Volume(array, place.affine, unit="HU", modality="CT")

    case = Case(Patient("p"))
    store = case.store
    mask = store.put(Volume(tumour, grid.affine))
    images = {
        "planning_native": ct(),
        "planning_arterial": ct((800, 60)),
        "after_native": ct(place=other),
        "after_arterial": ct((200, 60), (100, 15)),
    }
    lesion = Lesion("L1", Organ.BONE, 12.0, (0.0, 0.0, 0.0), mask, site="T10")
    outcome = Outcome("observed-L1-1", "", "L1", "embolization_preoperative", False, {"lesion": mask}, image="after")
    case = replace(case, lesions=(lesion,), images={n: store.put(v) for n, v in images.items()}, course=(outcome,))
    return BEFORE.verify(case, outcome, silent)


def test_ct_shows_what_still_enhances_without_deciding():
    verdict = scanned()
    assert verdict.success is None
    assert "holds no angiograms" in verdict.words[0]
    lost = verdict.quantities[1]
    assert (lost.name, lost.value) == ("enhancing_volume_lost", pytest.approx(75.0))
    assert "62 to 75 % with thresholds of 10 to 20 HU" in lost.method
    assert "does not decide" in verdict.words[1]
    assert lost.sources


def test_phases_on_two_grids_are_not_subtracted():
    verdict = scanned(shift_mm=3.0)
    assert len(verdict.quantities) == 1
    assert "do not lie on one grid" in verdict.words[1]


def test_angiograms_and_a_zone_are_two_entries(folder):
    item = ObservedIntake(lesion="L1", zone="z.nii.gz", angiography=films())
    with pytest.raises(CaseError, match="together with a zone"):
        observed_outcomes(CASE, (item,), folder)


def test_a_case_file_may_name_them():
    text = """
    [patient]
    id = "p"
    [images.planning]
    path = "ct"
    [[lesions]]
    id = "L1"
    organ = "bone"
    seed_lps_mm = [0.0, 0.0, 0.0]
    diameter_mm = 30.0
    [[observed]]
    lesion = "L1"
    procedure = "embolization_preoperative"
    [observed.angiography]
    before = "before.dcm"
    after = "after.dcm"
    tumour = "60,70,18"
    artery = "artery.png"
    """
    found = intake_of(text, where="case.toml").observed[0].angiography
    assert found.tumour == "60,70,18"
    with pytest.raises(CaseError, match=r"angiography\.tumour"):
        intake_of(text.replace("tumour =", "tumor ="), where="case.toml")
