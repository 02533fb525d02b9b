"""``locoregional devascularisation``: an answer, "cannot be measured", or an error, never a traceback."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from locoregional.imaging.angiography import Angiogram
from locoregional.imaging.angiography_write import write_angiogram
from locoregional.imaging.phantom.angiogram import Scene, synthetic_pair


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    place = tmp_path_factory.mktemp("dsa")
    pair = synthetic_pair(Scene(shape=(128, 128), frames=50, noise_ratio=6.0), lost_share=0.9, seed=1)
    write_angiogram(pair.before, place / "before.dcm", patient_id="p")
    write_angiogram(pair.after, place / "after.dcm", patient_id="p")
    turned = Angiogram(pair.after.frames, replace(pair.after.acquisition, secondary_deg=30.0))
    write_angiogram(turned, place / "turned.dcm", patient_id="p")
    Image.fromarray(pair.artery.astype(np.uint8) * 255).save(place / "artery.png")
    return place


def words(films, after="after.dcm", tumour="67,70,16"):
    paths = ("--before", films / "before.dcm", "--after", films / after)
    return ("devascularisation", *paths, "--tumour", tumour, "--artery", films / "artery.png", "--quiet")


def test_numbers_picture_and_verdict(films, program, tmp_path):
    answer = program(*words(films), "--json", tmp_path / "d.json", "--picture", tmp_path / "d.png")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("Devascularisation ")
    assert "more than 70 % reached" in answer.out
    told = json.loads((tmp_path / "d.json").read_text())
    assert told["lost_percent"] == pytest.approx(90.0, abs=3.0)
    assert told["interval_percent"][0] < told["lost_percent"] < told["interval_percent"][1]
    assert (tmp_path / "d.png").stat().st_size > 20000


def test_what_cannot_be_measured_is_an_answer(films, program, tmp_path):
    answer = program(*words(films, "turned.dcm"), "--json", tmp_path / "d.json")
    assert answer.code == 0
    assert "cannot be measured" in answer.out
    assert "STOPS: the head-feet angle" in answer.out
    told = json.loads((tmp_path / "d.json").read_text())
    assert told["lost_percent"] is None
    assert told["success"] is None


def test_errors_are_told(films, program, tmp_path):
    assert "error: " in program(*words(films, tumour="67,70")).err
    assert "reaches beyond the frame" in program(*words(films, tumour="5,5,20")).err
    answer = program(*words(films), "--json", films / "before.dcm")
    assert answer.code == 2
    assert "never overwritten" in answer.err
    assert "is no PNG" in program(*words(films), "--picture", tmp_path / "d.svg").err


def test_odd_files_are_answered(shared_data, films, program):
    files = sorted(p for p in (shared_data / "dicom-conformance").rglob("*") if p.is_file())
    read = 0
    for path in files:
        answer = program(
            "devascularisation", "--before", path, "--after", path, "--tumour", "8,8,3", "--artery", "2,2,1", "--quiet"
        )
        assert answer.code in (0, 2), path
        read += answer.code == 0
        assert answer.code == 0 or "error: " in answer.err.lower(), path
    assert len(files) > 80
