"""Multi-organ label maps and class maps."""

import json

import numpy as np
import pytest

from locoregional.errors import GeometryError, ImagingError, MaskError
from locoregional.imaging.classes import NAMED_MAPS, class_map_named, read_class_map, structure_of
from locoregional.imaging.labelmap import LabelMap, grouped, labels_of, read_labelmap, read_mask_folder
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((4, 5, 6), spacing_mm=2.0)


def volume(array, **kwargs):
    return Volume(np.asarray(array), GRID.affine, **kwargs)


def test_official_order_of_totalsegmentator():
    """Numbers as they stand in totalsegmentator/map_to_binary.py."""
    total, mr = class_map_named("totalsegmentator_total"), class_map_named("totalsegmentator_total_mr")
    assert (len(total), len(mr)) == (117, 50)
    for number, name in {
        1: "spleen", 2: "kidney_right", 3: "kidney_left", 5: "liver", 10: "lung_upper_lobe_left", 14: "lung_lower_lobe_right",
        18: "small_bowel", 21: "urinary_bladder", 25: "sacrum", 26: "vertebrae_S1", 27: "vertebrae_L5", 32: "vertebrae_T12",
        44: "vertebrae_C7", 50: "vertebrae_C1", 51: "heart", 52: "aorta", 63: "inferior_vena_cava",
        64: "portal_vein_and_splenic_vein", 69: "humerus_left", 79: "spinal_cord", 80: "gluteus_maximus_left", 90: "brain",
        91: "skull", 92: "rib_left_1", 103: "rib_left_12", 104: "rib_right_1", 115: "rib_right_12", 117: "costal_cartilages",
    }.items():  # fmt: skip
        assert total[number] == name
    for number, name in {
        10: "lung_left",
        12: "esophagus",
        19: "vertebrae",
        21: "spinal_cord",
        30: "humerus_left",
        50: "brain",
    }.items():
        assert mr[number] == name
    for name in NAMED_MAPS:
        assert len(set(class_map_named(name).values())) == len(class_map_named(name))


def test_every_organ_belongs_to_a_structure():
    loose = {n for m in NAMED_MAPS for n in class_map_named(m).values() if structure_of(n) is None}
    assert loose == {"liver_tumor"}
    assert structure_of("Vertebrae L3") == "bone"
    assert structure_of("Kidney-Right") == "kidney"
    assert structure_of("portal_vein_and_splenic_vein") == "vessels"
    assert structure_of("rib_right_11") == "bone"
    assert structure_of("nonsense") is None
    assert structure_of("liver_tumor") is None, "a tumour is not healthy liver"


def test_volumes_of_a_real_abdomen(shared_data):
    labels = read_labelmap(shared_data / "ct-abdomen-totalseg" / "example_seg_fast_force_split.nii.gz")
    assert labels.unknown == ()
    for name, volume_ml in {"liver": 1126, "spleen": 261, "kidney_right": 193, "kidney_left": 137, "aorta": 50}.items():
        mask = labels.mask(name)
        assert mask.array.sum() * mask.grid.voxel_ml == pytest.approx(volume_ml, abs=0.5)
    structures = labels.structures()
    np.testing.assert_array_equal(structures["kidney"].array, labels["kidney_left"].array | labels["kidney_right"].array)
    assert {"bone", "lung", "colon", "small_bowel", "duodenum", "stomach", "gallbladder", "vessels", "spinal_cord"} <= set(
        structures
    )


def test_mr_numbers_are_not_ct_numbers(shared_data):
    path = shared_data / "ct-abdomen-totalseg" / "example_seg_mr.nii.gz"
    mr, ct = read_labelmap(path, class_map="totalsegmentator_total_mr"), read_labelmap(path)
    assert "inferior_vena_cava" in mr
    assert "inferior_vena_cava" not in ct


def test_unknown_numbers_are_never_silent(tmp_path):
    array = np.zeros(GRID.shape, np.int16)
    array[0], array[1] = 1, 99
    write_nifti(volume(array), tmp_path / "x.nii.gz")
    with pytest.raises(MaskError, match="99"):
        read_labelmap(tmp_path / "x.nii.gz", class_map={1: "liver"})
    labels = read_labelmap(tmp_path / "x.nii.gz", class_map={1: "liver"}, allow_unknown=True)
    assert labels.names() == ("liver", "label_99")
    assert "99" in labels.volume.assumed[-1]
    with pytest.raises(MaskError, match="liver, label_99"):
        labels.mask("spleen")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({"5": "liver", "1": "spleen"})),
        ("b.json", json.dumps({"labels": {"background": 0, "liver": 5, "spleen": 1}})),
        ("c.toml", '5 = "liver"\n1 = "spleen"\n'),
        ("d.toml", "[classes]\nliver = 5\nspleen = 1\n"),
        ("e.csv", "number,name\n5,liver\n1,spleen\n"),
        ("f.csv", "5,liver\n1,spleen\n"),
        ("g.ctbl", "# Color table file\n0 background 0 0 0 0\n5 liver 221 130 101 255\n1 spleen 157 108 162 255\n"),
        ("h.txt", '# ITK-SnAP\n0 0 0 0 0 0 0 "Clear Label"\n5 255 0 0 1 1 1 "liver"\n1 0 255 0 1 1 1 "spleen"\n'),
    ],
)
def test_class_maps_of_all_kinds(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_class_map(tmp_path / name) == {5: "liver", 1: "spleen"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "1,liver\n1,spleen\n"), ("b.csv", "1,liver\n2,liver\n"), ("c.json", "{"), ("d.csv", "x,y\nz,w\n")],
)
def test_bad_class_maps(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ImagingError) as caught:
        read_class_map(tmp_path / name)
    assert name in str(caught.value)


def test_unknown_map_lists_what_there_is():
    with pytest.raises(ImagingError, match="totalsegmentator_total"):
        read_class_map("totalsegmentator")


def test_folder_of_one_file_per_organ(tmp_path):
    for k, name in enumerate(("liver", "rib_left_1", "rib_left_2")):
        array = np.zeros(GRID.shape, np.uint8)
        array[k] = 1
        write_nifti(volume(array), tmp_path / f"{name}.nii.gz")
    write_nifti(volume(np.zeros(GRID.shape, np.uint8)), tmp_path / "spleen.nii.gz")
    masks = read_mask_folder(tmp_path)
    assert sorted(masks) == ["liver", "rib_left_1", "rib_left_2"]
    structures = grouped(masks)
    assert list(structures) == ["bone", "liver"]
    assert structures["bone"].array[1:3].all()
    assert not structures["bone"].array[0].any()
    other = Grid.regular((4, 5, 6), spacing_mm=1.0)
    write_nifti(Volume(np.ones(other.shape, np.uint8), other.affine), tmp_path / "z.nii.gz")
    with pytest.raises(GeometryError):
        read_mask_folder(tmp_path)


def test_labels_refuse_grey_values():
    assert labels_of(volume(np.arange(120).reshape(GRID.shape) % 3)) == (1, 2)
    for array, word in (
        (np.full(GRID.shape, -1000, np.int16), "not labels"),
        (np.full(GRID.shape, 0.3), "not whole"),
        (np.full(GRID.shape, np.nan), "NaN"),
    ):
        with pytest.raises(MaskError, match=word):
            labels_of(volume(array))
    with pytest.raises(MaskError, match="different values"):
        labels_of(Volume(np.arange(8000).reshape(20, 20, 20), np.eye(4)))


def test_masks_share_one_array():
    array = np.zeros(GRID.shape, np.uint8)
    array[1], array[2] = 3, 7
    labels = LabelMap(volume(array, frame_of_reference="1.2"), {3: "liver", 7: "spleen", 9: "heart"})
    assert labels.names() == ("liver", "spleen")
    assert labels["liver"].frame_of_reference == "1.2"
    assert labels.group(["liver", "spleen", "heart"]).array.sum() == 60
    assert labels["liver"].array.sum() == 30
