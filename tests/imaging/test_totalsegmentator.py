"""The adapter, against a stand-in program (the real one downloads its weights)."""

import stat
import sys

import numpy as np
import pytest

from locoregional.errors import ImagingError, MissingDependency
from locoregional.imaging.totalsegmentator import is_installed, segment_organs
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((6, 8, 10), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(3, 4, 5))
CT = Volume(np.arange(480, dtype=np.int16).reshape(6, 8, 10), GRID.affine, unit="HU", modality="CT", frame_of_reference="1.2")


def program(folder, body):
    """Executable that gets the same arguments as TotalSegmentator."""
    path = folder / "TotalSegmentator"
    head = "import sys, pathlib\na = sys.argv[1:]\nsource, result = a[a.index('-i') + 1], a[a.index('-o') + 1]\n"
    path.write_text(f"#!{sys.executable}\n{head}{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


LABELS = """
import nibabel, numpy
assert '--ml' in a and a[a.index('-ta') + 1] == 'total' and a[a.index('-d') + 1] == 'cpu' and '-f' in a
image = nibabel.load(source)
data = numpy.asarray(image.dataobj)
out = numpy.where(data > 400, 5, 0) + numpy.where(data < 50, 1, 0)
nibabel.save(nibabel.Nifti1Image(out.astype('uint8'), image.affine), TARGET)
"""


@pytest.mark.parametrize("target", ["result", "(pathlib.Path(result).mkdir(), result + '/segmentations.nii')[1]"])
def test_organs_come_back_on_the_image(tmp_path, target):
    said = []
    stand_in = program(tmp_path, LABELS.replace("TARGET", target))
    organs = segment_organs(CT, fast=True, executable=stand_in, progress=lambda done, words: said.append(done))
    assert organs.names() == ("spleen", "liver")
    np.testing.assert_array_equal(organs["liver"].array, CT.array > 400)
    np.testing.assert_array_equal(organs["spleen"].array, CT.array < 50)
    assert organs["liver"].grid.same_as(GRID)
    assert organs["liver"].frame_of_reference == "1.2"
    assert "not checked by a person" in organs.volume.assumed[0]
    assert said[-1] == 1.0


def test_absent_program_says_how_to_install_it():
    assert not is_installed("no-such-program-here")
    with pytest.raises(MissingDependency, match="pip install"):
        segment_organs(CT, executable="no-such-program-here")


def test_failure_shows_its_last_words(tmp_path):
    with pytest.raises(ImagingError, match=r"code 3.*out of memory"):
        segment_organs(CT, executable=program(tmp_path, "print('out of memory'); sys.exit(3)"))


def test_no_result_is_an_error(tmp_path):
    with pytest.raises(ImagingError, match="no result"):
        segment_organs(CT, executable=program(tmp_path, "pass"))


def test_unknown_task():
    with pytest.raises(ImagingError, match="total_mr"):
        segment_organs(CT, task="everything")
