"""``locoregional score``: list, tables, results, JSON, errors."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from locoregional.cli import main
from locoregional.cli.score import command
from locoregional.errors import CaseError
from locoregional.scores.catalogue import CATALOGUE, answer_score, entry


def run(*arguments):
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_names_every_score():
    listed = [line.split()[0] for line in run("--list").splitlines()]
    assert listed == list(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_score_prints_its_keys_and_sources(name):
    text = run(name)
    assert entry(name).title in text
    if name != "ctcae":
        assert "Keys:" in text
        assert "verified" in text or "borrowed" in text


@pytest.mark.parametrize("name", [n for n in CATALOGUE if n != "ctcae"])
def test_every_score_runs_with_nothing_known(name):
    found = json.loads(run(name, "--json"))
    assert found["summary"]
    assert found["status"] in ("verified", "unverified", "borrowed")
    assert found["missing"]


def test_a_table_shows_allowed_answers_and_points():
    text = run("sins")
    assert "3  mechanical" in text
    assert "13 to 18: unstable" in text
    assert "pacsde_sins" in text


def test_a_result():
    text = run("sins", "location=T12", "pain=mechanical", "bone-lesion=lytic", "alignment=normal", "collapse=none,lt_50pct")
    assert "8 to 13 points, open: potentially unstable or unstable" in text
    assert "missing: collapse, posterolateral" in text
    assert "collapse: lt_50pct or none" in text or "collapse: none or lt_50pct" in text


def test_json_is_the_result():
    found = json.loads(run("child-pugh", "bilirubin_umol_l=20", "ascites=yes", "encephalopathy=unknown", "--json"))
    items = {i["key"]: i for i in found["items"]}
    assert items["bilirubin"]["points_low"] == 1
    assert items["ascites"]["possible"] == ["mild", "moderate"]
    assert items["encephalopathy"]["answer"] is None


def test_adverse_events():
    assert "event=pneumothorax" in run("ctcae")
    assert "grade 3: pleurodesis" in run("ctcae", "event=pneumothorax")
    assert "grade 2 to 4" in run("ctcae", "event=pneumothorax", "chest_tube=yes", "death=no")
    assert "grade 2" in run("ctcae", "event=fever", "temperature_c=39.5", "duration_h=3", "death=no")


def test_answers_are_read_by_kind():
    assert answer_score("tokuhashi", {"karnofsky": "70,80"}).items[0].answer is None
    assert answer_score("child_pugh", {"ascites": "no"}).items[3].answer == "none"
    assert answer_score("katagiri", {"primary": "slow_growth,moderate_growth"}).items[0].points_high == 2
    assert answer_score("albi", {"bilirubin_umol_l": "12", "albumin_g_l": "?"}).missing == ("albumin",)
    assert answer_score("ecog", {}).missing == ("karnofsky",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sins", "pain"), "no KEY=VALUE"),
        (("sins", "pain=none", "pain=none"), "no KEY=VALUE of its own"),
        (("sins", "pian=none"), "It has: location, pain"),
        (("sins", "pain=bad"), "Use one of: mechanical"),
        (("albi", "albumin_g_l=high"), "Give a number, or unknown"),
        (("albi", "albumin_g_l=nan"), "Give a number, or unknown"),
        (("oligometastatic", "all_treatable=maybe"), "Give yes or no, or unknown"),
        (("tokuhashi", "vertebral_metastases=1.5"), "Give a whole number, or unknown"),
        (("frobnicate",), "Known: sins"),
        (("ctcae", "event=fever", "chills=yes"), "It asks for: temperature_c"),
        (("ctcae", "--json"), "no event is called"),
    ],
)
def test_mistakes_are_explained(arguments, message):
    with pytest.raises(CaseError, match=message):
        CliRunner().invoke(command, list(arguments), catch_exceptions=False)


def test_the_command_line_gives_exit_code_2(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["score", "sins", "pain=bad"])
    assert stopped.value.code == 2
    assert "Use one of" in capsys.readouterr().err


def test_no_name_lists_the_scores():
    made = CliRunner().invoke(command, [])
    assert made.exit_code == 0
    assert "child_pugh" in made.output
