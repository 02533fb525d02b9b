"""``locoregional arteries`` on a fork in a block of liver."""

import json

import numpy as np
import pytest

from locoregional.access.arteries.files import read_tree
from locoregional.imaging.markups import read_markups
from locoregional.imaging.nifti import read_nifti, write_nifti
from locoregional.imaging.phantom.arterial_growth import GrownArteries
from locoregional.imaging.phantom.arterial_scan import artery_occupancy
from locoregional.imaging.volume import Grid, Volume


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arteries")
    grid = Grid.regular((75, 75, 95), spacing_mm=0.9, origin_lps_mm=(-10.0, -33.0, -33.0))
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    lps = grid.to_lps(index)
    liver = ((lps >= [5, -28, -28]) & (lps <= [65, 28, 28])).all(axis=-1)
    places = np.array([[-6.0, 0, 0], [25, 0, 0], [50, 10, 12], [50, -10, -12]])
    tree = GrownArteries(places, np.array([-1, 0, 1, 1]), np.array([1.6, 1.6, 1.27, 1.27]), ("",) * 4)
    hu = np.where(liver, np.float32(70), np.float32(-90))
    hu += artery_occupancy(tree, grid) * (330 - hu)
    hu += np.random.default_rng(1).normal(0, 8, hu.shape).astype(np.float32)
    lesion = np.linalg.norm(lps - [50, 10, 16], axis=-1) < 8
    stomach = (np.linalg.norm(lps - [50, -10, -12], axis=-1) < 4) & liver
    files = {}
    for name, array in {"image": hu, "liver": liver, "lesion": lesion, "stomach": stomach}.items():
        files[name] = folder / f"{name}.nii.gz"
        write_nifti(Volume(array.astype(np.float32 if name == "image" else np.uint8), grid.affine), files[name])
    return files


def test_feeders_tips_and_files(program, scan, tmp_path):
    answer = program(
        "arteries", scan["image"], "--root", "-5,0,0", "--organ", scan["liver"], "--lesion", f"L1={scan['lesion']}",
        "--structure", f"stomach={scan['stomach']}", "--tip", "15,0,0", "--members", 8, "--json", tmp_path / "a.json",
        "--territories", tmp_path / "t.nii.gz", "--tree", tmp_path / "t.mrk.json", "--quiet",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    said = json.loads((tmp_path / "a.json").read_text())
    lesion = said["lesions"]["L1"]
    assert lesion["feeders"][0]["lesion_share"] == pytest.approx(1.0)
    assert np.linalg.norm(np.array(lesion["feeders"][0]["tip_lps_mm"]) - [50, 10, 12]) < 3.0
    best = lesion["tips"][0]
    assert best["safe"]
    assert best["covers"]
    assert best["place_lps_mm"][0] > 25, "beyond the fork, where the stomach is not downstream"
    assert best["interval"]["tumour_share"][0] <= best["tumour_share"] + 0.05
    assert lesion["asked"]["leads_out"] == ["stomach"]
    assert lesion["asked"]["elsewhere_share"] > 0.3
    assert "not safe: stomach downstream" in answer.out
    labels = read_nifti(tmp_path / "t.nii.gz").array
    liver = read_nifti(scan["liver"]).array > 0
    assert ((labels > 0) == liver).all()
    assert len(read_markups(tmp_path / "t.mrk.json")) == 3


def test_a_coil_protects_the_stomach(program, scan, tmp_path):
    common = (scan["image"], "--root", "-5,0,0", "--organ", scan["liver"], "--lesion", f"L1={scan['lesion']}")
    more = ("--structure", f"stomach={scan['stomach']}", "--coil", "40,-6,-7", "--tip", "15,0,0", "--members", 0)
    answer = program("arteries", *common, *more, "--json", tmp_path / "a.json", "--tree", tmp_path / "t.json", "--quiet")
    assert answer.code == 0, answer.err
    lesion = json.loads((tmp_path / "a.json").read_text())["lesions"]["L1"]
    assert lesion["asked"]["leads_out"] == []
    assert lesion["tips"][0]["interval"] is None
    assert len(read_tree(tmp_path / "t.json").terminals) == 2


def test_a_tree_serves_again_and_takes_particles(program, scan, tmp_path):
    common = (scan["image"], "--organ", scan["liver"], "--lesion", f"L1={scan['lesion']}", "--members", 0, "--quiet")
    first = program("arteries", *common, "--root", "-5,0,0", "--tree", tmp_path / "t.json", "--tip", "45,8,10")
    again = program("arteries", *common, "--use-tree", tmp_path / "t.json", "--tip", "45,8,10", "--embolic-um", 100)
    assert again.code == 0, again.err

    def told(answer):
        return [line for line in answer.out.splitlines() if "feeder" in line or "% of what is injected" in line]

    assert told(first) == told(again)
    assert "particles of 100 um at the tip leave" in again.out
    assert "unverified" in again.out
    assert "add --tip" in program("arteries", *common, "--root", "-5,0,0", "--embolic-um", 100).err
    assert "needs a start" in program("arteries", *common).err


def test_odd_wishes_are_refused_in_a_sentence(program, scan, tmp_path):
    common = ("arteries", scan["image"], "--organ", scan["liver"], "--quiet")
    assert 'LPS millimetres as "x,y,z"' in program(*common, "--root", "1,2").err
    assert "NAME=FILE" in program(*common, "--root", "-5,0,0", "--lesion", "nothing").err
    assert "judged for a lesion" in program(*common, "--root", "-5,0,0", "--tip", "1,2,3").err
    assert "never overwritten" in program(*common, "--root", "-5,0,0", "--json", scan["liver"]).err
    answer = program(*common, "--root", "40,20,-20")
    assert answer.code == 2
    assert answer.err.startswith("error: the root is no brighter")
