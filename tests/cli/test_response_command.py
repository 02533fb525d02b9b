"""``locoregional response``: categories from numbers and from masks, and refusals instead of guesses."""

import json

import numpy as np
import pytest
from cli_images import write

from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((20, 60, 60), spacing_mm=(2.0, 1.0, 1.0))
P = GRID.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1))


def ball(radius_mm, centre):
    return radius_mm > np.linalg.norm(P - np.asarray(centre), axis=-1)


def labels(path, *radii_mm):
    """Label map with a ball of each radius, side by side; a radius of 0 leaves the label out."""
    array = np.zeros(GRID.shape, np.uint8)
    for i, radius in enumerate(radii_mm, start=1):
        array[ball(radius, (14 + 28 * (i - 1), 30, 20))] = i
    return write(Volume(array, GRID.affine), path)


def image(path, array, modality="CT", unit="HU"):
    return write(Volume(np.asarray(array, dtype=np.float32), GRID.affine, unit=unit, modality=modality), path)


def said(program, tmp_path, *words):
    answer = program("response", *words, "--json", tmp_path / "r.json", "--quiet")
    assert answer.code == 0, answer.err
    return json.loads((tmp_path / "r.json").read_text()), answer.out


def test_the_example_of_the_brief(program, tmp_path):
    """32 and 18 mm become 20 and 10 mm: 40 % less."""
    found, out = said(program, tmp_path, "--criterion", "recist", "--diameters-baseline", "32,18", "--diameters", "20,10")
    assert found["category"] == "PR"
    assert found["changes"][0]["percent"] == pytest.approx(-40)
    low, high = found["changes"][0]["interval_percent"]
    assert low < -40 < high
    assert found["possible"] == ["PR", "SD"]
    assert "too close to call" in out
    assert any("new lesions" in words for words in found["open"])
    fact = found["facts"]["measures.response:recist.decrease"]
    assert fact["value"] == 30
    assert fact["status"] == "verified"


@pytest.mark.parametrize(
    ("words", "category"),
    [
        (("recist", "--diameters-baseline", "30", "--diameters", "0", "--no-new-lesions"), "CR"),
        (("recist", "--diameters-baseline", "30", "--diameters", "?"), "NE"),
        (("recist", "--diameters-baseline", "30", "--diameters", "10", "--new-lesions", "1"), "PD"),
        (("recist", "--nodes-baseline", "18", "--nodes", "9", "--diameters-baseline", "30", "--diameters", "0"), "CR"),
        (("recist", "--diameters-baseline", "50,50", "--diameters", "42,42", "--smallest-mm", "70"), "PD"),
        (("mrecist", "--diameters-baseline", "30", "--diameters", "20", "--hypervascular"), "PR"),
        (("easl", "--diameters-baseline", "30x20", "--diameters", "20x14"), "PR"),
        (("easl", "--diameters-baseline", "30x20", "--diameters", "0"), "CR"),
        (("choi", "--diameters-baseline", "40", "--diameters", "40", "--hu-baseline", "100", "--hu", "80"), "PR"),
        (("choi", "--diameters-baseline", "40", "--diameters", "40"), "NE"),
        (("percist", "--sul-baseline", "8", "--sul", "5", "--liver-sul-baseline", "1.6,0.2"), "PMR"),
        (("percist", "--sul-baseline", "2", "--sul", "1", "--liver-sul-baseline", "1.6,0.2"), "NE"),
        (("volume", "--volume-baseline", "10", "--volume", "3"), "PR"),
        (("volume", "--volume-baseline", "10", "--volume", "0", "--non-target", "progressing"), "PD"),
        (("volume", "--volume-baseline", "10", "--volume", "0", "--non-target", "persisting"), "PR"),
    ],
)
def test_from_numbers(program, tmp_path, words, category):
    found, _ = said(program, tmp_path, "--criterion", *words)
    assert found["category"] == category


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("recist",), "--diameters-baseline"),
        (("recist", "--diameters-baseline", "30"), "both examinations"),
        (("recist", "--diameters-baseline", "30,20", "--diameters", "30"), "same lesions"),
        (("recist", "--diameters-baseline", "thirty", "--diameters", "30"), "no number"),
        (("easl", "--diameters-baseline", "30", "--diameters", "20"), "pair"),
        (("percist", "--sul-baseline", "8"), "--sul"),
        (("percist", "--sul-baseline", "8", "--sul", "5", "--liver-sul-baseline", "1.6"), "mean and standard deviation"),
        (("recist", "--diameters-baseline", "30", "--diameters", "3", "--new-lesions", "2", "--no-new-lesions"), "contradict"),
        (("recist", "--diameters-baseline", "3000", "--diameters", "3"), "no size"),
    ],
)
def test_what_is_missing_or_wrong_is_named(program, words, says):
    answer = program("response", "--criterion", *words, "--quiet")
    assert answer.code == 2
    assert says in answer.err


def test_from_masks(program, tmp_path):
    before, after = labels(tmp_path / "a.nii.gz", 12, 10), labels(tmp_path / "b.nii.gz", 6, 5)
    words = ("--criterion", "recist", "--baseline", before, "--follow-up", after, "--no-new-lesions", "--readers", "same")
    found, _ = said(program, tmp_path, *words)
    assert found["category"] == "PR"
    assert found["certain"]
    assert found["changes"][0]["reference"] == pytest.approx(44, abs=2)
    assert found["changes"][0]["value"] == pytest.approx(22, abs=2)
    answer = program("response", *words, "--json", before)
    assert answer.code == 2
    assert "never overwritten" in answer.err


def test_nothing_given_is_left_unused(program, tmp_path):
    before, after = labels(tmp_path / "before.nii.gz", 15), labels(tmp_path / "after.nii.gz", 9)
    masks = ("--baseline", str(before), "--follow-up", str(after))
    for words, named in (
        ((*masks, "--diameters-baseline", "30", "--diameters", "18"), "--diameters-baseline, --diameters would not be used"),
        ((*masks, "--sul", "4"), "--sul would not be used"),
        (("--follow-up", str(after), "--diameters-baseline", "30", "--diameters", "18"), "--follow-up needs --baseline"),
        (("--gone", "all", "--diameters-baseline", "30", "--diameters", "18"), "--gone needs --baseline"),
    ):
        answer = program("response", "--criterion", "recist", *words, "--quiet")
        assert answer.code == 2
        assert named in " ".join(answer.err.split())


def test_nodes_are_added_to_masks(program, tmp_path):
    before, after = labels(tmp_path / "before.nii.gz", 15), labels(tmp_path / "after.nii.gz", 15)
    masks = ("recist", "--baseline", str(before), "--follow-up", str(after))
    alone, _ = said(program, tmp_path, "--criterion", *masks)
    nodes, _ = said(program, tmp_path, "--criterion", *masks, "--nodes-baseline", "20", "--nodes", "36")
    assert (alone["category"], nodes["category"]) == ("SD", "PD")


def test_lesions_that_nobody_spoke_of_stay_open(program, tmp_path):
    numbers = ("recist", "--diameters-baseline", "30", "--diameters", "0", "--no-new-lesions")
    _, silent = said(program, tmp_path, "--criterion", *numbers)
    _, stated = said(program, tmp_path, "--criterion", *numbers, "--non-target", "none")
    assert "without being measured was not stated" in silent
    assert "was not stated" not in stated


def test_a_missing_label_is_not_taken_for_gone(program, tmp_path):
    before, after = labels(tmp_path / "a.nii.gz", 12, 10), labels(tmp_path / "b.nii.gz", 6)
    words = ("--criterion", "recist", "--baseline", before, "--follow-up", after, "--no-new-lesions")
    found, out = said(program, tmp_path, *words)
    assert found["category"] == "NE"
    assert "label_2 could not be measured" in out
    assert "say --gone label_2" in out
    shrunk, _ = said(program, tmp_path, *words, "--gone", "label_2")
    assert shrunk["category"] == "PR"
    assert shrunk["changes"][0]["value"] == pytest.approx(12, abs=1.5)
    gone, _ = said(program, tmp_path, "--criterion", "recist", "--baseline", before, "--gone", "all", "--no-new-lesions")
    assert gone["category"] == "CR"
    wrong = program("response", *words, "--gone", "label_9", "--quiet")
    assert wrong.code == 2
    assert "label_1" in wrong.err


def test_viable_tumour_from_phases(program, tmp_path):
    """A ball of 14 mm radius enhances as a whole before, and in its right third after."""
    tumour = ball(14, (30, 30, 20))
    mask = write(Volume(tumour.astype(np.uint8), GRID.affine), tmp_path / "t.nii.gz")
    liver = write(Volume(np.ones(GRID.shape, np.uint8), GRID.affine), tmp_path / "liver.nii.gz")
    rng = np.random.default_rng(2)
    native = 50 + rng.normal(0, 3, GRID.shape)
    alive = tumour & (P[..., 0] > 34)
    first = image(tmp_path / "n.nii.gz", native)
    files = {}
    for name, part in (("before", tumour), ("after", alive)):
        rise = np.where(part, 70.0, np.where(tumour, 0.0, 20.0)) + rng.normal(0, 3, GRID.shape)
        files[name] = image(tmp_path / f"{name}.nii.gz", native + rise)
    phases = (
        "--baseline", mask, "--follow-up", mask, "--baseline-image", files["before"], "--follow-up-image", files["after"],
        "--baseline-native", first, "--follow-up-native", first, "--baseline-liver", liver, "--follow-up-liver", liver,
        "--no-new-lesions", "--hypervascular",
    )  # fmt: skip
    volume, _ = said(program, tmp_path, "--criterion", "volume", *phases)
    assert volume["changes"][0]["percent"] == pytest.approx(100 * (alive.sum() / tumour.sum() - 1), abs=2)
    assert volume["category"] == "PR"
    length, _ = said(program, tmp_path, "--criterion", "mrecist", *phases)
    chord = 2 * np.sqrt(14**2 - 4**2)  # the cut face is the longest line of what is left
    assert length["changes"][0]["value"] == pytest.approx(chord, abs=1.5)
    product, _ = said(program, tmp_path, "--criterion", "easl", *phases)
    assert product["changes"][0]["value"] == pytest.approx(chord * 10, rel=0.15)
    missing = program("response", "--criterion", "easl", "--baseline", mask, "--follow-up", mask, "--quiet")
    assert missing.code == 2
    assert "--baseline-image" in missing.err


def test_density_and_uptake_from_images(program, tmp_path):
    tumour = ball(14, (30, 30, 20))
    mask = write(Volume(tumour.astype(np.uint8), GRID.affine), tmp_path / "t.nii.gz")
    names = {}
    for name, inside in (("dense", 90.0), ("thin", 45.0), ("hot", 8.0), ("cool", 4.0)):
        names[name] = image(tmp_path / f"{name}.nii.gz", np.where(tumour, inside, 1.5))
    both = ("--baseline", mask, "--follow-up", mask, "--no-new-lesions")
    density, _ = said(
        program, tmp_path, "--criterion", "choi", *both, "--baseline-image", names["dense"], "--follow-up-image", names["thin"]
    )
    assert density["category"] == "PR"
    assert density["changes"][1]["percent"] == pytest.approx(-50)
    images = ("--baseline-image", names["hot"], "--follow-up-image", names["cool"])
    uptake, _ = said(program, tmp_path, "--criterion", "percist", *both, *images, "--lean-share", "0.5")
    assert uptake["category"] == "PMR"
    assert uptake["changes"][0]["reference"] == pytest.approx(4.0)
    assert any("times 0.5" in words for words in uptake["notes"])
    assert any("uptake of the liver" in words for words in uptake["open"])
