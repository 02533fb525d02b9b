"""The command `activity`, as a user runs it."""

import json

import pytest

RESIN = ("activity", "--device", "resin", "--tumour-ml", "200", "--normal-ml", "1300", "--tn", "4:3:6", "--lung-shunt", "0.05")
GLASS = (
    "activity", "--device", "glass", "--model", "mird", "--scenario", "lobar", "--tumour-ml", "80", "--normal-ml", "620",
    "--lung-shunt", "0.03", "--goal-gy", "120", "--goal-target", "perfused",
)  # fmt: skip
VIAL = ("--calibrated", "2026-03-01T12:00-05:00", "--infusion", "2026-03-05T10:00+01:00")


def test_the_largest_activity_is_told_with_its_limit_and_written(program, tmp_path):
    answer = program(*RESIN, "--not-pretreated", "--json", tmp_path / "a.json")
    assert answer.code == 0, answer.err
    for words in (
        "49.67 Gy kg/GBq",
        "binding: normal perfused liver at 40 Gy",
        "mean dose to tumour: 160 Gy",
        "number of spheres",
        "[weber2022, verified]",
        "source: ho1996",
        "not for clinical decisions",
    ):
        assert words in answer.out, words
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document["schema"] == "locoregional.activity/1"
    (plan,) = document["plans"]
    dose = next(d for d in plan["doses"] if d["name"] == "normal_dose")
    assert dose["value"] == pytest.approx(40.0)
    assert dose["low"] < 40.0 < dose["high"]
    assert plan["largest"]["activity_gbq"] == pytest.approx(plan["activity"]["value"])


def test_a_given_activity_with_another_constant(program):
    answer = program(*RESIN, "--activity-gbq", "2", "--constant", "label", "--residual", "0.02", "--lung-mass-g", "822:700:950")
    assert answer.code == 0, answer.err
    assert "label constant 50 Gy kg/GBq" in answer.out
    assert f"lungs of 822 g: {50 * 2 * 0.98 * 0.05 / 0.822:.3g} Gy" in answer.out
    assert f"if they weigh exactly 1000 g: {50 * 2 * 0.98 * 0.05:.3g} Gy" in answer.out
    assert "EXCEEDS 30 Gy" in answer.out


def test_all_models_beside_each_other(program):
    territories = ("--territory", "right:0.7:150:800:4", "--territory", "left:0.3:50:500:4:0.02")
    answer = program(*RESIN, "--all", "--height-cm", "165", "--weight-kg", "65", *territories)
    assert answer.code == 0, answer.err
    for model in ("mird", "bsa", "empiric", "partition", "modified-partition", "multi"):
        assert any(line.startswith(model) for line in answer.out.splitlines()), model
    assert "left out" not in answer.out


def test_bilirubin_in_mg_dl_sets_the_limit_of_glass(program):
    base = [x for x in RESIN if x != "resin"]
    base.insert(2, "glass")
    for mg_dl, gy in (("0.9", "90 Gy"), ("1.1", "50 Gy"), ("2", "50 Gy")):
        answer = program(*base, "--bilirubin-mg-dl", mg_dl)
        assert answer.code == 0, answer.err
        assert f"at {gy}" in answer.out


def test_a_vial_at_an_hour_and_in_a_window(program, tmp_path):
    one = program(*GLASS, *VIAL, "--vial-gbq", "5")
    assert one.code == 0, one.err
    assert "infused Thu 2026-03-05 10:00 +0100: 1.931 GBq left" in one.out
    window = program(*GLASS, *VIAL, "--zone", "Europe/Berlin", "--days", "5", "--json", tmp_path / "w.json")
    assert window.code == 0, window.err
    vials = json.loads((tmp_path / "w.json").read_text(encoding="utf-8"))["vials"]
    assert vials
    assert all(abs(v["off_share"]) <= 0.1 for v in vials)
    assert vials[0]["infusion"].endswith("+01:00")


def test_a_shunt_that_stops_is_an_answer(program):
    answer = program(*RESIN[:-1], "0.25")
    assert answer.code == 0
    assert "STOP: 25 %" in answer.out
    assert not any(line.startswith(("mean dose", "activity", "number")) for line in answer.out.splitlines())


def test_no_activity_for_goal_and_limits_is_an_answer(program):
    answer = program(*RESIN[:-4], "--tn", "1.5", "--lung-shunt", "0.05")
    assert answer.code == 0, answer.err
    assert "goal NOT reached" in answer.out
    assert "no activity satisfies goal and limits" in answer.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*RESIN[:-1], "5"), "5 % is 0.05"),
        ((*RESIN[:-1], "-0.1"), "negative"),
        ((*RESIN[:-1], "nan"), "not finite"),
        ((*RESIN, "--residual", "2"), "2 % is 0.02"),
        ((*RESIN, "--tumour-ml", "0"), "positive"),
        ((*RESIN, "--tn", "4:3"), "90 % interval"),
        ((*RESIN, "--tn", "4:5:6"), "outside its interval"),
        ((*RESIN, "--activity-gbq", "-1"), "positive activity"),
        ((*RESIN, "--model", "bsa"), "height"),
        ((*RESIN, "--model", "multi"), "territories"),
        ((*RESIN, "--territory", "right:1"), "NAME:SHARE"),
        ((*RESIN, "--calibrated", "2026-03-01T12:00", "--infusion", "2026-03-01T13:00+01:00"), "no time zone"),
        ((*RESIN, "--calibrated", "2026-03-01T12:00+01:00"), "both"),
        ((*RESIN, *VIAL), "expires after 24 h"),
        ((*GLASS, *VIAL, "--zone", "Berlin"), "time zone"),
        ((*GLASS, *VIAL, "--zone", "Europe/Berlin", "--hours", "17-8"), "range of hours"),
        ((*GLASS, "--model", "bsa", "--height-cm", "165", "--weight-kg", "65"), "resin microspheres only"),
        ((*RESIN, "--bilirubin-mg-dl", "0.01"), "umol/l"),
    ],
)
def test_mistakes_get_one_line_and_code_2(arguments, says, program):
    answer = program(*arguments)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err
