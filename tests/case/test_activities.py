"""Activity images that a case.toml names."""

import numpy as np
import pytest

from locoregional.case.activities import read_activities
from locoregional.case.intake import ActivityIntake
from locoregional.case.stored import ArrayStore
from locoregional.errors import CaseError
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((6, 16, 16), spacing_mm=(3.0, 2.0, 2.0))
CT = Volume(np.full(GRID.shape, 40, np.int16), GRID.affine, unit="HU", modality="CT", frame_of_reference="1.2.3")


@pytest.fixture
def folder(tmp_path):
    write_ct_series(CT, tmp_path / "ct", patient_id="one", series_description="CT")
    write_ct_series(CT, tmp_path / "other", patient_id="two", series_description="CT")
    write_nifti(Volume(np.full(GRID.shape, 7.0, np.float32), GRID.affine), tmp_path / "maa.nii.gz")
    return tmp_path


def read(folder, **said):
    asked = {"work_up": ActivityIntake(**{"path": "maa.nii.gz", "nuclide": "Tc-99m", "unit": "counts", **said})}
    return read_activities(asked, folder, CT, ArrayStore(), planned_on=folder / "ct")["work_up"]


def test_a_map_that_is_said_to_lie_there_needs_its_error_and_takes_the_place(folder):
    with pytest.raises(CaseError, match="without registration_error_mm"):
        read(folder, registered=True)
    found = read(folder, registered=True, registration_error_mm=4.0)
    assert found.registration_error_mm == 4.0
    assert found.volume.frame_of_reference == "1.2.3"
    assert found.nuclide == "Tc-99m"
    assert "said to be registered to the planning image" in found.words


def test_a_map_of_another_patient_is_refused(folder):
    with pytest.raises(CaseError, match="of another patient"):
        read(folder, path="other")


def test_what_a_file_does_not_say_must_be_said(folder):
    with pytest.raises(ValueError, match=r"nuclide|radionuclide"):
        read(folder, nuclide="", registered=True, registration_error_mm=4.0)
