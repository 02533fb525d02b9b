import json

import click
import pytest
from click.testing import CliRunner

from locoregional.cli import commands
from locoregional.errors import EvidenceError

COUNTS = "study,events,total,unit_of_analysis\nMeloni 2009,13,52,patient\nBai 2019,8,69,patient\nKumler 2015,7,32,patient\n"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "studies.csv"
    file.write_text(COUNTS, encoding="utf-8")
    return file


def run(*arguments):
    return CliRunner().invoke(commands, ["evidence", "pool", *map(str, arguments)], catch_exceptions=True)


def test_json_on_stdout_holds_what_is_promised(path):
    result = run("--input", path, "--json", "-", "--method", "REML")
    found = json.loads(result.output)
    assert result.exit_code == 0
    promised = {
        "estimate",
        "ci_low",
        "ci_high",
        "tau2",
        "i2_percent",
        "prediction_low",
        "prediction_high",
        "k",
        "poolable",
        "reason",
    }
    assert promised <= set(found)
    assert (found["k"], found["poolable"], found["test"], found["unit"]) == (3, True, "hk", "proportion")
    assert found["estimate"] == pytest.approx(0.18916, abs=1e-5)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.062853, 0.447973), abs=1e-5)
    assert found["prediction_convention"] == "hts"
    assert found["other_prediction_low"] == pytest.approx(0.031867, abs=1e-4)
    assert [study["events"] for study in found["studies"]] == [13, 8, 7]


def test_default_is_the_glmm_with_its_companion(path):
    found = json.loads(run("--input", path, "--json", "-").output)
    assert (found["method"], found["companion"]["method"]) == ("glmm", "REML")
    assert found["estimate"] == pytest.approx(0.184077, abs=1e-5)


def test_a_person_reads_lines(path, tmp_path):
    target = tmp_path / "pooled.json"
    result = run("--input", path, "--leave-one-out", "--interval", "metafor", "--json", target)
    assert "18.4 % (95 %: 12.1 to 27.0 %)" in result.output
    assert "poolable: 3 studies" in result.output
    assert "without Bai 2019" in result.output
    assert "Higgins-Thompson-Spiegelhalter" in result.output
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["prediction_convention"] == "metafor"
    assert [each["left_out"] for each in found["leave_one_out"]] == ["Meloni 2009", "Bai 2019", "Kumler 2015"]


@pytest.mark.parametrize("method", ["glmm", "REML", "pm", "DL", "ML", "EB", "SJ", "HS", "HE", "EE"])
def test_every_method_runs(path, method):
    found = json.loads(run("--input", path, "--method", method, "--json", "-").output)
    assert 0.1 < found["estimate"] < 0.3


def test_medians_and_changes(path):
    path.write_text("study,median_months,low,high\nCIRT,10.6,7.3,14.4\nGordon,6.6,5,9.2\n", encoding="utf-8")
    found = json.loads(run("--input", path, "--json", "-", "--test", "z").output)
    assert (found["unit"], found["estimate"]) == ("months", pytest.approx(8.31283, abs=1e-4))
    assert found["prediction_low"] is None
    path.write_text("study,mean_change,sd,total\nA,-5.2,2.0,65\nB,-4.8,2.2,66\n", encoding="utf-8")
    assert "points" in run("--input", path).output


def test_not_poolable_is_a_result_and_not_an_error(path):
    path.write_text(COUNTS.replace("69,patient", "69,lesion"), encoding="utf-8")
    result = run("--input", path, "--json", "-")
    found = json.loads(result.output)
    assert (result.exit_code, found["poolable"], found["estimate"]) == (0, False, None)
    assert "NOT POOLABLE: units of analysis are mixed" in run("--input", path).output


def test_a_bad_table_writes_nothing(path, tmp_path):
    path.write_text(COUNTS.replace("13,52", "130,52"), encoding="utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())
    result = run("--input", path, "--json", tmp_path / "pooled.json")
    assert isinstance(result.exception, EvidenceError)
    assert "row 2 (Meloni 2009), column events" in str(result.exception)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_the_input_is_never_overwritten(path):
    result = run("--input", path, "--json", path)
    assert result.exit_code == click.UsageError.exit_code
    assert path.read_text(encoding="utf-8") == COUNTS


@pytest.mark.parametrize("arguments", [("--pool", "liver"), ("--diff", "shipped"), ("--base", ".")])
def test_options_of_the_base_do_not_go_with_a_table(path, arguments):
    result = run("--input", path, *arguments)
    assert result.exit_code == 2
    assert "not of --input" in result.output


def test_options_of_a_table_do_not_go_without_one():
    result = run("--interval", "metafor")
    assert result.exit_code == 2
    assert "--interval" in result.output
