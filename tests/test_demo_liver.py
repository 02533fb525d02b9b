"""Patient 2 from work-up to delivered dose, on coarse voxels."""

import numpy as np
import pydicom
import pytest

import locoregional as lr
from locoregional.demo import run_demo


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("demo") / "patient-2"
    run_demo(where, story=2, small=True)
    return where


def test_the_course_runs_from_plan_to_delivered_dose(folder):
    case = lr.load(folder)
    assert len(case.lesions) == 3
    plan = case.plans[-1]
    assert plan.feasible
    assert plan.settings.device == "resin"
    assert [o.predicted for o in case.outcomes] == [True, False]
    assert len(case.verdicts) == 2
    shunt = next(q for q in plan.quantities if q.name == "lung_shunt_planar")
    assert shunt.value == pytest.approx(0.04, abs=1e-4)  # the truth of the phantom


def test_the_delivered_dose_is_the_truth_of_the_phantom(folder):
    from locoregional.demo.patient_2 import AFTER, SHUNT_AFTER

    case = lr.load(folder)
    gbq = case.plans[-1].settings.delivered_gbq
    observed = case.outcomes[-1]
    largest = case.tumour(case.lesions[0])
    mass_kg = 1e-3 * 1.04 * largest.array.sum() * largest.grid.voxel_ml
    truth = 49.67 * gbq * (1.0 - SHUNT_AFTER) * AFTER["L1"] / mass_kg
    found = next(q for q in observed.quantities if q.name == "mean_dose_L1")
    assert 0.75 * truth < found.value < truth  # the blur of the PET takes some of it out of the lesion


def test_pages_and_files_for_pacs_are_written(folder):
    assert "Isodoses" in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "report.pdf").stat().st_size > 50_000
    doses = sorted((folder / "export").glob("*-dose.dcm"))
    assert len(doses) == 2
    case = lr.load(folder)
    for path, outcome in zip(doses, sorted(case.outcomes, key=lambda o: o.id), strict=True):
        file = pydicom.dcmread(path)
        assert file.DoseUnits == "GY"
        highest = float(file.DoseGridScaling) * int(np.max(file.pixel_array))
        assert highest == pytest.approx(float(case.store.get(outcome.maps["dose"]).array.max()), rel=1e-6)
    assert len(list((folder / "export").glob("*-dose-sr.dcm"))) == 2


def test_coils_close_the_way_to_stomach_and_duodenum(folder):
    import json

    from locoregional.demo.coiled_arteries import COILED, coiled_arteries
    from locoregional.demo.patient_2 import COARSE_MM, FURTHER, LARGEST_LPS_MM, LARGEST_MM, SEED
    from locoregional.imaging.phantom.patient import digital_patient

    patient = digital_patient(
        SEED, spacing_mm=COARSE_MM, lesion_diameter_mm=LARGEST_MM, lesion_lps_mm=LARGEST_LPS_MM, further=FURTHER
    )
    found = coiled_arteries(patient, seed=SEED)
    assert {"duodenum", "stomach"} <= set(found.before.leads_out)
    assert not {"duodenum", "stomach"} & set(found.after.leads_out)
    assert found.after.elsewhere_share < 0.5 * found.before.elsewhere_share
    assert found.after.tumour_share + found.after.organ_share + found.after.elsewhere_share == pytest.approx(1.0)
    assert {found.tree.names[c] for c in found.coils} == set(COILED)
    assert any("coiled" in note for note in lr.load(folder).notes)
    assert (folder / "figure-2.jpg").stat().st_size > 30_000
    assert json.loads((folder / "arteries.mrk.json").read_text(encoding="utf-8"))["markups"]
