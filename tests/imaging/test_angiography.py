"""Angiographic series are read as they were stored, or refused with the element named."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from pydicom.uid import UID
from xa_making import FRAMES, enhanced, one, saved, xa

from locoregional.errors import DicomError, MaskError
from locoregional.imaging.angiography import Angiogram, read_angiogram
from locoregional.imaging.angiography_header import Acquisition
from locoregional.imaging.angiography_write import write_angiogram
from locoregional.imaging.pixel_region import read_region


def test_a_classic_run_is_read_as_stored(tmp_path):
    found = read_angiogram(saved(xa(), tmp_path / "a.dcm"))
    how = found.acquisition
    assert found.frames.dtype == np.float32
    assert np.array_equal(found.frames, FRAMES)
    assert found.times_s.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert (how.relationship, how.rises_with_beam, how.limits) == ("LIN", True, (0.0, 4095.0))
    assert how.spacing_mm == pytest.approx((0.32, 0.24))
    assert (how.magnification, how.primary_deg, how.secondary_deg) == (1.25, 30.5, -10.0)
    assert not how.shown_inverted
    assert any("rise with the beam" in w or "was assumed" in w for w in how.words)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"FrameTimeVector": [0, 250, 250, 1000], "FrameIncrementPointer": 0x00181065}, [0, 0.25, 0.5, 1.5]),
        ({"FrameTimeVector": [7, 250, 250, 1000], "FrameTime": None, "FrameIncrementPointer": None}, [0, 0.25, 0.5, 1.5]),
        ({"FrameTimeVector": [0, 250, 250, 1000]}, [0, 0.5, 1.0, 1.5]),  # the pointer names FrameTime
        ({"FrameTime": None, "CineRate": 4, "FrameIncrementPointer": None}, [0, 0.25, 0.5, 0.75]),
    ],
)
def test_times_come_from_what_the_file_says(tmp_path, changes, times):
    found = read_angiogram(saved(xa(**changes), tmp_path / "a.dcm"))
    assert found.times_s.tolist() == times
    assert any("cine rate" in w for w in found.acquisition.words) == ("CineRate" in changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"FrameTime": None, "FrameIncrementPointer": None}, "nothing in the file says when"),
        ({"FrameTime": None, "FrameIncrementPointer": None, "RecommendedDisplayFrameRate": 4}, "nothing in the file says when"),
        ({"FrameTimeVector": [0, 250], "FrameTime": None, "FrameIncrementPointer": None}, "has 2 steps"),
        ({"FrameTimeVector": [0, 250, 0, 9], "FrameTime": None, "FrameIncrementPointer": None}, "do not rise"),
        ({"PixelIntensityRelationship": None}, "does not say it"),
        ({"PixelIntensityRelationship": "DISP"}, "says DISP"),
        ({"PositionerMotion": "DYNAMIC"}, "C-arm moves"),
        ({"PositionerPrimaryAngleIncrement": [0, 2, 2, 2]}, "C-arm moves"),
        ({"SOPClassUID": UID("1.2.840.10008.5.1.4.1.1.2")}, "is not an angiographic series"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "no grey values"),
        ({"PixelData": FRAMES.tobytes()[:-40]}, "ends early"),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, "every pixel would be the same"),
        ({"MaskSubtractionSequence": one(MaskOperation="AVG_SUB", MaskFrameNumbers=[9])}, "mask frame 9 of 4"),
        ({"ImagerPixelSpacing": [0, 0]}, "not positive"),
    ],
)
def test_what_is_missing_or_odd_is_refused(tmp_path, changes, words):
    with pytest.raises(DicomError, match=words):
        read_angiogram(saved(xa(**changes), tmp_path / "a.dcm"))


def test_one_frame_is_no_run(tmp_path):
    with pytest.raises(DicomError, match="shows no flow"):
        read_angiogram(saved(xa(FRAMES[:1]), tmp_path / "a.dcm"))


def test_a_person_may_state_the_relationship(tmp_path):
    found = read_angiogram(saved(xa(PixelIntensityRelationship="DISP"), tmp_path / "a.dcm"), relationship="LOG")
    assert found.acquisition.relationship == "LOG"
    assert any("stated by the user" in w for w in found.acquisition.words)


def test_window_and_display_inversion_never_touch_the_values(tmp_path):
    plain = read_angiogram(saved(xa(), tmp_path / "a.dcm"))
    negative = read_angiogram(saved(xa(PhotometricInterpretation="MONOCHROME1"), tmp_path / "b.dcm"))
    inverse = read_angiogram(saved(xa(PresentationLUTShape="INVERSE"), tmp_path / "c.dcm"))
    both = read_angiogram(saved(xa(PresentationLUTShape="INVERSE", PhotometricInterpretation="MONOCHROME1"), tmp_path / "d.dcm"))
    assert [a.acquisition.shown_inverted for a in (plain, negative, inverse, both)] == [False, True, True, False]
    assert all(np.array_equal(a.frames, plain.frames) for a in (negative, inverse, both))


def test_mask_frames_are_counted_from_nought_and_other_subtractions_are_told(tmp_path):
    sequence = one(MaskOperation="AVG_SUB", MaskFrameNumbers=[1, 2])
    sequence.extend(one(MaskOperation="TID"))
    found = read_angiogram(saved(xa(MaskSubtractionSequence=sequence), tmp_path / "a.dcm"))
    assert found.acquisition.mask_frames == (0, 1)
    assert any("TID" in w for w in found.acquisition.words)
    assert read_angiogram(saved(xa(), tmp_path / "b.dcm")).acquisition.mask_frames == ()


def test_the_modality_table_is_applied_to_linear_values(tmp_path):
    table = (np.arange(4096) * 3 + 11).astype(np.uint16)
    sequence = one(LUTDescriptor=[4096, 0, 16], ModalityLUTType="US", LUTData=table.tolist())
    sequence[0]["LUTDescriptor"].VR = sequence[0]["LUTData"].VR = "US"
    found = read_angiogram(saved(xa(ModalityLUTSequence=sequence), tmp_path / "a.dcm"))
    assert np.array_equal(found.frames, table[FRAMES])
    assert found.acquisition.limits == (11.0, 3.0 * 4095 + 11)


def test_logarithmic_values_stay_and_their_table_must_be_an_exponential(tmp_path):
    back = np.round(np.exp(np.arange(4096) / 4095 * np.log(60000.0))).astype(np.uint16)
    frames = (FRAMES // 2 + 1500).astype(np.uint16)
    sequence = one(LUTDescriptor=[4096, 0, 16], ModalityLUTType="US", LUTData=back.tolist())
    sequence[0]["LUTDescriptor"].VR = sequence[0]["LUTData"].VR = "US"
    made = xa(frames, PixelIntensityRelationship="LOG", ModalityLUTSequence=sequence)
    found = read_angiogram(saved(made, tmp_path / "a.dcm"))
    assert np.array_equal(found.frames, frames)  # the table leads back to the beam, it is not for measuring opacity
    sequence[0].LUTData = (np.arange(4096) * 4).tolist()
    with pytest.raises(DicomError, match="no exponential"):
        read_angiogram(saved(xa(frames, PixelIntensityRelationship="LOG", ModalityLUTSequence=sequence), tmp_path / "b.dcm"))


def test_rescaling_and_signed_values(tmp_path):
    signed = FRAMES.astype(np.int16) - 1000
    found = read_angiogram(
        saved(xa(signed, BitsStored=16, HighBit=15, RescaleSlope=2, RescaleIntercept=4096), tmp_path / "a.dcm")
    )
    assert np.array_equal(found.frames, signed * 2.0 + 4096)
    assert found.acquisition.limits == (-2.0 * 2**15 + 4096, 2.0 * (2**15 - 1) + 4096)


def test_an_enhanced_run_keeps_its_facts_in_functional_groups(tmp_path):
    found = read_angiogram(saved(enhanced(), tmp_path / "e.dcm"))
    how = found.acquisition
    assert found.times_s.tolist() == [0.0, 0.75, 1.25, 2.75]
    assert (how.relationship, how.rises_with_beam) == ("LOG", False)
    assert (how.primary_deg, how.secondary_deg) == (12.0, 3.0)
    assert how.spacing_mm == pytest.approx((0.2, 0.2))
    assert np.array_equal(found.frames, FRAMES * 2.0 + 5)


def test_missing_geometry_is_said_not_guessed(tmp_path):
    changes = {"ImagerPixelSpacing": None, "PositionerPrimaryAngle": None, "EstimatedRadiographicMagnificationFactor": None}
    how = read_angiogram(saved(xa(**changes), tmp_path / "a.dcm")).acquisition
    assert how.spacing_mm is None
    assert how.primary_deg is None
    assert any("angles of the C-arm" in w for w in how.words)
    assert any("size of a pixel" in w for w in how.words)
    how = read_angiogram(saved(xa(EstimatedRadiographicMagnificationFactor=None), tmp_path / "b.dcm")).acquisition
    assert how.spacing_mm == (0.4, 0.3)
    assert any("on the detector" in w for w in how.words)
    distances = {
        "EstimatedRadiographicMagnificationFactor": None,
        "DistanceSourceToDetector": 1200,
        "DistanceSourceToPatient": 800,
    }
    assert read_angiogram(saved(xa(**distances), tmp_path / "c.dcm")).acquisition.magnification == 1.5


def test_a_folder_of_several_runs_wants_a_choice(tmp_path):
    saved(xa(SeriesNumber=1), tmp_path / "a.dcm")
    saved(xa(FRAMES[::-1].copy(), SeriesNumber=2), tmp_path / "b.dcm")
    with pytest.raises(DicomError, match="2 angiographic runs"):
        read_angiogram(tmp_path)
    assert np.array_equal(read_angiogram(tmp_path, series="2").frames, FRAMES[::-1])
    with pytest.raises(DicomError, match="0 angiographic runs"):
        read_angiogram(tmp_path, series="7")


@settings(max_examples=15, deadline=None)
@given(
    frames=arrays(np.uint16, (3, 4, 5)),
    steps=st.lists(st.floats(0.01, 5.0), min_size=2, max_size=2),
    relationship=st.sampled_from(["LIN", "LOG"]),
    rises=st.booleans(),
    masks=st.sets(st.integers(0, 2)),
)
def test_what_is_written_is_read_back_exactly(tmp_path_factory, frames, steps, relationship, rises, masks):
    how = Acquisition(
        times_s=(0.0, round(steps[0], 6), round(steps[0], 6) + round(steps[1], 6)), relationship=relationship,
        rises_with_beam=rises, mask_frames=tuple(sorted(masks)), spacing_mm=(0.2, 0.25), magnification=1.25, primary_deg=-45.5,
        secondary_deg=20.0, contrast_ml=12.0, contrast_ml_s=4.0, shown_inverted=not rises,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("xa") / "a.dcm"
    write_angiogram(Angiogram(frames.astype(np.float32), how), path, patient_id="p")
    back = read_angiogram(path)
    assert np.array_equal(back.frames, frames)
    assert back.times_s == pytest.approx(how.times_s, abs=1e-8)
    same = {f.name for f in dataclasses.fields(how)} - {"times_s", "limits", "words", "patient", "field_mm"}
    assert {n: getattr(back.acquisition, n) for n in same} == {n: getattr(how, n) for n in same}


def test_values_that_are_no_whole_numbers_are_not_rounded_silently(tmp_path):
    run = Angiogram(np.full((2, 3, 3), 0.5, np.float32), Acquisition((0.0, 1.0), "LIN"))
    with pytest.raises(DicomError, match="no whole numbers"):
        write_angiogram(run, tmp_path / "a.dcm", patient_id="p")


def test_times_must_rise():
    with pytest.raises(DicomError, match="do not rise"):
        Angiogram(np.zeros((2, 3, 3), np.float32), Acquisition((0.0, 0.0), "LIN"))


def test_regions_are_discs_polygons_or_files(tmp_path):
    disc = read_region("10, 12, 3", (30, 40))
    rows, columns = np.ogrid[:30, :40]
    assert np.array_equal(disc, (rows - 10) ** 2 + (columns - 12) ** 2 <= 9)
    square = read_region("5,6 5,16 15,16 15,6", (30, 40))
    assert square[6:15, 7:16].all()
    assert square.sum() == pytest.approx(110, abs=12)
    Image.fromarray(disc.astype(np.uint8) * 200).save(tmp_path / "m.png")
    assert np.array_equal(read_region("m.png", (30, 40), folder=tmp_path), disc)


@pytest.mark.parametrize("words", ["10,12", "1,2,3,4", "1,2 3,4", "28,10,5", "-1,2 3,4 9,9", "10.5,12.5,0.2", "nothing.png"])
def test_regions_that_mean_nothing_are_refused(words, tmp_path):
    with pytest.raises(MaskError):
        read_region(words, (30, 40), folder=tmp_path)


def test_masks_of_another_size_are_refused(tmp_path):
    Image.fromarray(np.full((8, 8), 255, np.uint8)).save(tmp_path / "m.png")
    with pytest.raises(MaskError, match="shape"):
        read_region("m.png", (30, 40), folder=tmp_path)
