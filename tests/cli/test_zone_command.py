"""The commands `zone` and `devices`, as a user runs them."""

import json

import pytest

from locoregional.cli.devices import SCHEMA as DEVICES_SCHEMA

FAST = ("--power-w", "40", "--time-min", "1", "--members", "2", "-q")


def test_a_zone_is_told_and_written(program, tmp_path):
    answer = program("zone", "he2010-cooled", *FAST, "--json", tmp_path / "z.json", "--picture", tmp_path / "z.png")
    assert answer.code == 0, answer.err
    for words in ("along the needle", "across the needle", "volume", "90 % of runs", "contracted", "caveat:", "facts:", "voxels"):
        assert words in answer.out
    document = json.loads((tmp_path / "z.json").read_text(encoding="utf-8"))
    assert document["schema"] == "locoregional.zone/1"
    assert document["members"] == 2
    size = document["outlines"]["dead"]["long_mm"]
    assert size["interval"][0] <= size["interval"][1]
    assert f"{size['value']:.1f} mm" in answer.out
    assert (tmp_path / "z.png").read_bytes().startswith(b"\x89PNG")


def test_ex_vivo_in_another_organ_without_a_band(program):
    answer = program("zone", "coaxial-slot", "--organ", "soft_tissue", "--ex-vivo", "--time-min", "1", "--members", "0", "-q")
    assert answer.code == 0, answer.err
    assert "soft tissue ex vivo from 22 C" in answer.out
    assert "contraction was measured in liver" in answer.out


def test_a_device_file_goes_straight_from_the_example_to_a_zone(program, tmp_path):
    example = program("devices", "--example", "mwa")
    path = tmp_path / "mine.toml"
    path.write_text(example.out, encoding="utf-8")
    answer = program("zone", path, *FAST)
    assert answer.code == 0, answer.err
    assert "my-antenna: 17 gauge slot antenna with water cooling" in answer.out
    assert "Described in a file" in answer.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("zone", "amica14"), "Did you mean amica-14g"),
        (("zone", "amica-14g", "--power-w", "300"), "Use 0 to 140 W"),
        (("zone", "amica-14g", "--ex-vivo", "--perfusion", "20"), "not perfused"),
        (("zone", "amica-14g", "--applicators", "2"), "between applicators"),
        (("zone", "amica-14g", "--organ", "spleen"), "spleen"),
        (("zone", "amica-14g", "--picture", "zone.bmp"), ".png"),
        (("zone", "none.toml"), "cannot be read"),
        (("zone", "mine.toml", "--json", "mine.toml"), "never overwritten"),
        (("devices", "--energy", "steam"), "no energy"),
        (("devices", "--example", "steam"), "no energy"),
    ],
)
def test_mistakes_get_one_line_and_code_2(arguments, says, program):
    answer = program(*arguments)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_devices_are_listed_with_their_sources(program, tmp_path):
    from locoregional.procedures.energies import energies, known_devices

    answer = program("devices", "--json", tmp_path / "d.json")
    assert answer.code == 0
    document = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert document["schema"] == DEVICES_SCHEMA
    assert {d["name"] for d in document["devices"]} == set(known_devices())
    for row in document["devices"]:
        assert row["name"] in answer.out
        assert row["facts"]
        assert {"source", "where", "status", "unit", "value"} <= set(row["facts"][0])
    only = program("devices", "--energy", "mwa")
    assert "amica-14g" in only.out
    assert all(f"[{name}]" not in only.out for name in energies() if name != "mwa")


def test_screening_names_what_drives_each_axis(program):
    answer = program("zone", "coaxial-slot", "--power-w", "30", "--time-min", "0.4", "--members", "0", "--screening", "-q")
    assert answer.code == 0, answer.err
    for axis in ("along the needle", "across the needle", "volume"):
        assert f"drives {axis}" in answer.out
