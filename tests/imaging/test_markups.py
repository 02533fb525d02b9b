"""Needles and points for 3D Slicer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import ImagingError
from locoregional.imaging.markups import needle_line, points_markup, read_markups, write_markups

POINT = st.tuples(*[st.floats(-2000, 2000)] * 3)


@given(entry=POINT, tip=POINT)
def test_round_trip(tmp_path_factory, entry, tip):
    path = tmp_path_factory.mktemp("m") / "x.mrk.json"
    write_markups([needle_line("Needle 1", entry_lps_mm=entry, tip_lps_mm=tip), points_markup("Seeds", {"A": tip})], path)
    line, seeds = read_markups(path)
    np.testing.assert_array_equal(line.points_lps_mm, [entry, tip])
    assert (line.kind, line.name, line.labels) == ("Line", "Needle 1", ("entry", "tip"))
    assert (seeds.kind, seeds.labels) == ("Fiducial", ("A",))


def test_what_the_schema_requires(tmp_path):
    write_markups([needle_line("N", entry_lps_mm=(1, 2, 3), tip_lps_mm=(4, 5, 6), description="15 cm")], tmp_path / "x.mrk.json")
    document = json.loads((tmp_path / "x.mrk.json").read_text())
    assert document["@schema"].endswith("markups-schema-v1.0.3.json#")
    (markup,) = document["markups"]
    assert (markup["type"], markup["coordinateSystem"], markup["coordinateUnits"]) == ("Line", "LPS", "mm")
    first, second = markup["controlPoints"]
    assert first["position"] == [1, 2, 3]
    assert second["position"] == [4, 5, 6]
    assert {c["positionStatus"] for c in markup["controlPoints"]} == {"defined"}
    assert len(first["orientation"]) == 9
    assert first["description"] == "15 cm"


def test_other_frames_and_units_are_converted(tmp_path):
    item = {
        "type": "Fiducial",
        "coordinateSystem": "RAS",
        "coordinateUnits": ["um", "UCUM", "micrometer"],
        "controlPoints": [{"position": [1000, 2000, 3000]}],
    }
    (tmp_path / "x.mrk.json").write_text(json.dumps({"markups": [item]}))
    np.testing.assert_allclose(read_markups(tmp_path / "x.mrk.json")[0].points_lps_mm, [[-1, -2, 3]])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"coordinateSystem": "IJK"}, "IJK"),
        ({"coordinateUnits": "inch"}, "inch"),
        ({"controlPoints": []}, "no finite points"),
        ({"controlPoints": [{"position": [1, 2]}]}, "no finite points"),
        ({"controlPoints": [{"position": [0, 0, 0], "positionStatus": "undefined"}]}, "not placed"),
    ],
)
def test_bad_markups(tmp_path, change, word):
    item = {"type": "Fiducial", "controlPoints": [{"position": [1, 2, 3]}]} | change
    (tmp_path / "x.mrk.json").write_text(json.dumps({"markups": [item]}))
    with pytest.raises(ImagingError, match=word):
        read_markups(tmp_path / "x.mrk.json")


def test_bad_files_and_names(tmp_path):
    (tmp_path / "x.mrk.json").write_text("{")
    with pytest.raises(ImagingError, match="not a markups file"):
        read_markups(tmp_path / "x.mrk.json")
    line = needle_line("N", entry_lps_mm=(1, 2, 3), tip_lps_mm=(4, 5, np.nan))
    with pytest.raises(ImagingError, match="finite"):
        write_markups([line], tmp_path / "y.mrk.json")
    with pytest.raises(ImagingError, match="ending"):
        write_markups([line], tmp_path / "y.json")
    with pytest.raises(ImagingError, match="no markup"):
        write_markups([], tmp_path / "y.mrk.json")
    assert not (tmp_path / "y.mrk.json").exists()
