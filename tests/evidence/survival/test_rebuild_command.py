import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from locoregional.cli import main
from locoregional.evidence.survival.kaplan_meier import kaplan_meier


@dataclass(frozen=True)
class Figure:
    """A printed figure of two arms: files of both curves and their numbers at risk, and the data behind them."""

    curve: Path
    risk: Path
    curve2: Path
    risk2: Path
    patients: tuple[tuple[np.ndarray, np.ndarray], ...]


@pytest.fixture
def figure(tmp_path) -> Figure:
    rng = np.random.default_rng(4)
    files, patients = [], []
    for name, median in (("tare", 18.0), ("tace", 11.0)):
        dies, leaves = rng.exponential(median / np.log(2), 120), 60 - rng.uniform(0, 24, 120)
        time, event = np.minimum(dies, leaves).round(2), dies <= leaves
        km = kaplan_meier(time, event)
        t = np.linspace(0, 54, 109)
        s = 100 * np.r_[1.0, km.survival][np.searchsorted(km.time, t, side="right")]
        curve, risk = tmp_path / f"{name}.csv", tmp_path / f"{name}_risk.csv"
        curve.write_text("time_months,survival\n" + "".join(f"{a:.2f},{b:.1f}\n" for a, b in zip(t, s, strict=True)))
        risk.write_text("time_months,at_risk\n" + "".join(f"{a},{(time >= a).sum()}\n" for a in range(0, 54, 6)))
        files += [curve, risk]
        patients.append((time, event))
    return Figure(*files, tuple(patients))


@pytest.fixture
def rebuild_command(capsys):
    """The command as a user runs it: exit code and both streams."""

    def run(*arguments) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            main(["evidence", "rebuild", *[str(a) for a in arguments]])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_one_curve_becomes_patients_and_numbers(figure, rebuild_command, tmp_path):
    code, out, err = rebuild_command(
        "--curve", figure.curve, "--at-risk", figure.risk, "--json", tmp_path / "new" / "x.json", "--out", tmp_path / "ipd.csv"
    )
    assert code == 0, err
    said = json.loads((tmp_path / "new" / "x.json").read_text())
    time, event = figure.patients[0]
    km = kaplan_meier(time, event)
    assert said["n"] == 120
    assert said["events"] == pytest.approx(event.sum(), abs=2)
    assert said["median_months"] == pytest.approx(km.quantile().value, rel=0.02)
    assert said["median_low"] < said["median_months"] < said["median_high"]
    assert said["rmst_months"] == pytest.approx(km.restricted_mean(stop=said["rmst_until_months"]).value, rel=0.01)
    assert said["survival_at"]["24"] == pytest.approx(km.at(24).value, abs=0.01)
    assert said["max_deviation"] < 0.02
    assert said["numbers_at_risk_given"] is True
    assert said["poolable"] is True
    assert said["reason"] == ""
    assert "9 of 10" in said["accuracy"]
    rows = list(csv.DictReader((tmp_path / "ipd.csv").open()))
    assert len(rows) == 120
    assert sum(int(row["event"]) for row in rows) == said["events"]
    assert f"{said['median_months']:.3g} months" in out
    assert "accuracy: " in out


def test_two_curves_give_a_hazard_ratio_and_a_picture(figure, rebuild_command, tmp_path):
    arms = ("--curve", figure.curve, "--at-risk", figure.risk, "--curve2", figure.curve2, "--at-risk2", figure.risk2)
    code, out, err = rebuild_command(*arms, "--json", "-", "--out", tmp_path / "ipd.csv", "--picture", tmp_path / "curves.svg")
    assert code == 0, err
    said = json.loads(out)
    assert said["hazard_ratio_low"] < said["hazard_ratio"] < said["hazard_ratio_high"] < 1
    assert said["hazard_ratio_of"] == "tare over tace"
    assert said["log_rank_p"] < 0.05
    assert list(said["arms"]) == ["tare", "tace"]
    assert {row["arm"] for row in csv.DictReader((tmp_path / "ipd.csv").open())} == {"tare", "tace"}
    assert "</svg>" in (tmp_path / "curves.svg").read_text()


def test_less_beside_the_curve_says_less(figure, rebuild_command, tmp_path):
    code, out, err = rebuild_command("--curve", figure.curve, "--json", "-")
    alone = json.loads(out)
    assert (code, alone["n"], alone["median_low"], alone["poolable"]) == (0, None, None, False)
    assert alone["median_months"] > 0
    code, out, err = rebuild_command("--curve", figure.curve, "--total", "120", "--json", "-")
    counted = json.loads(out)
    assert counted["numbers_at_risk_given"] is False
    assert "assumption" in counted["reason"]
    assert any("assumed" in note for note in counted["notes"])
    code, out, err = rebuild_command(
        "--curve", figure.curve, "--total", 120, "--curve2", figure.curve2, "--at-risk2", figure.risk2
    )
    assert "hazard ratio withheld: the first curve lacks numbers at risk, or the number of events" in out
    code, out, err = rebuild_command("--curve", figure.curve, "--out", tmp_path / "ipd.csv")
    assert code == 2
    assert "Give --total or --at-risk." in err
    assert not (tmp_path / "ipd.csv").exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("50,101", "101 % exceeds 100 %"),
        ("50,60", "rises by"),
        ("-1,50", "negative"),
        ("nan,50", "no number"),
        ("50,x", "'x' is no number"),
        ("50,", "a cell is empty"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(figure, rebuild_command, tmp_path, row, words):
    bad = tmp_path / "bad.csv"
    bad.write_text(figure.curve.read_text() + row + "\n")
    line = len(bad.read_text().splitlines())
    code, out, err = rebuild_command(
        "--curve", bad, "--at-risk", figure.risk, "--out", tmp_path / "o.csv", "--json", tmp_path / "o.json"
    )
    assert (code, out) == (2, "")
    assert words in err
    assert f"line {line}" in err
    assert not list(tmp_path.glob("o.*"))


def test_numbers_at_risk_of_another_arm_are_noticed(figure, rebuild_command, tmp_path):
    constant = tmp_path / "constant.csv"
    constant.write_text("time_months,at_risk\n0,120\n12,118\n24,117\n36,115\n")
    code, _, err = rebuild_command("--curve", figure.curve, "--at-risk", constant)
    assert code == 2
    assert "contradict each other" in err


def test_inputs_are_never_overwritten_and_options_must_fit(figure, rebuild_command, tmp_path):
    before = figure.curve.read_bytes()
    assert rebuild_command("--curve", figure.curve, "--at-risk", figure.risk, "--out", figure.curve)[0] == 2
    assert figure.curve.read_bytes() == before
    same = ("--out", tmp_path / "x", "--json", tmp_path / "x")
    assert rebuild_command("--curve", figure.curve, "--total", 9, *same)[0] == 2
    assert rebuild_command("--curve", figure.curve, "--events2", 0)[0] == 2
    assert rebuild_command("--curve", figure.curve, "--picture", tmp_path / "x.gif")[0] == 2
    names = ("--curve2", figure.curve2, "--name", "a", "--name2", "a")
    assert rebuild_command("--curve", figure.curve, *names)[0] == 2
