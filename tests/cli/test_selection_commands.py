"""``select``, ``board``, ``overrule`` and ``rules`` as a user runs them, on cases without images."""

import tomllib
from pathlib import Path

import pytest

from locoregional.figure_patients import figure_description


@pytest.fixture
def patient(tmp_path):
    folder = tmp_path / "cases" / "figure-1"
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(figure_description("figure-1"))
    return folder


def test_select_says_what_decides_and_every_rule_on_demand(program, patient):
    answer = program("select", patient, "--quiet")
    assert answer.code == 0
    assert "mwa: Indicated" in answer.out
    assert "? waits for: " in answer.out
    one = program("select", patient, "--procedure", "mwa", "--quiet").out
    assert "[required] Resection is not an option" in one
    assert "intent: curative" in one
    wrong = program("select", patient, "--procedure", "laser", "--quiet")
    assert wrong.code == 2
    assert "tace_then_ablation" in wrong.err
    both = program("select", patient, "--procedure", "tace_then_ablation", "--quiet")
    assert both.code == 0
    assert both.out.startswith("L1  tace_then_ablation: ")


def test_select_tells_of_a_combination_whose_steps_were_overruled(program, tmp_path):
    (tmp_path / "case.toml").write_text(figure_description("figure-4"))
    program("select", tmp_path, "--quiet")
    for name in ("rfa", "mwa", "cryo"):
        decision = (
            "--lesion",
            "T10",
            "--procedure",
            name,
            "--answer",
            "contraindicated",
            "--by",
            "Board",
            "--reason",
            "No device",
        )
        assert program("overrule", tmp_path, *decision).code == 0
    told = program("select", tmp_path, "--procedure", "ablation_then_cement", "--quiet").out
    assert told.count("! a step was overruled: contraindicated") == 1, "in T10, not in T11"


def test_board_writes_page_and_paper(program, patient):
    answer = program("board", patient, "--quiet")
    assert answer.code == 0
    assert {Path(line).name for line in answer.out.split()} == {"board.html", "board.pdf"}
    elsewhere = program("board", patient, "--out", patient.parent / "sheets", "--quiet")
    assert (patient.parent / "sheets" / "board.html").is_file(), elsewhere.err


def test_a_figure_patient_comes_before_the_board_in_one_command(program, tmp_path):
    answer = program("demo", "--patient", "figure-3", "--out", tmp_path / "f", "--quiet")
    assert answer.code == 0
    assert {p.name for p in (tmp_path / "f").iterdir()} >= {"case.toml", "chart.json", "board.html", "board.pdf"}
    again = program("demo", "--patient", "figure-3", "--out", tmp_path / "f", "--quiet")
    assert again.code == 2
    assert "not empty" in again.err


def test_overrule_is_kept_through_a_new_selection(program, patient):
    arguments = ("--lesion", "L1", "--procedure", "cryo", "--answer", "not indicated", "--by", "Board", "--reason", "No device")
    answer = program("overrule", patient, *arguments)
    assert answer.code == 0
    assert "not indicated instead of indicated" in answer.out
    again = program("select", patient, "--quiet")
    assert "overruled: not indicated, by Board: No device" in again.out
    refused = program("overrule", patient, *arguments[:-1], " ")
    assert refused.code == 2
    assert "reason" in refused.err
    withdrawn = program("overrule", patient, *arguments[:5], "indicated", *arguments[6:])
    assert "decision withdrawn, the answer of the rules stands again (indicated)" in withdrawn.out
    assert "overruled" not in program("select", patient, "--quiet").out
    elsewhere = program("overrule", patient, *arguments[:3], "vertebroplasty", *arguments[4:])
    assert elsewhere.code == 2
    assert "not done in this organ" in elsewhere.err


def test_rules_stand_side_by_side_with_their_sources(program):
    answer = program("rules", "--organ", "adrenal")
    assert answer.code == 0
    for words in ("Adrenalectomy is not an option", "rfa", "cryo", "filippiadis2022", "does not decide"):
        assert words in answer.out


def test_a_change_of_guideline_shows_what_it_changes(program, patient, tmp_path):
    mine = tmp_path / "mine.toml"
    assert program("rules", "--export", mine).code == 0
    text = mine.read_text()
    assert tomllib.loads(text)["procedure"]
    same = program("rules", "--diff", "shipped", mine, patient.parent, "--quiet")
    assert same.code == 0
    assert "0 rule(s) differ" in same.out
    assert "0 answer(s) change in 1 case(s)" in same.out
    before = (patient / "case.toml").read_bytes()
    mine.write_text(text.replace('datum = "diameter_mm"\nop = "<"\nvalue = 25', 'datum = "diameter_mm"\nop = "<"\nvalue = 20'))
    changed = program("rules", "--diff", "shipped", mine, patient.parent, "--quiet")
    assert "mwa" in changed.out
    assert "- Indicated" in changed.out
    assert "+ Possible: not met: Diameter below 25 mm" in changed.out
    assert (patient / "case.toml").read_bytes() == before
    assert not (patient / "chart.json").exists(), "a comparison writes nothing"
    assert program("rules", "--export", mine).code == 2, "an edited set is never overwritten"


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "no [[procedure]]"), ("[[procedure", "not valid TOML"), ('[[procedure]]\nname = "x"\n', "no [[procedure]]")],
)
def test_a_file_of_rules_that_is_none_is_refused(program, tmp_path, text, says):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    answer = program("rules", "--diff", "shipped", path)
    assert answer.code == 2
    assert says in answer.err


def test_an_organ_taken_from_a_procedure_and_a_name_misspelt_are_seen(program, tmp_path):
    mine = tmp_path / "mine.toml"
    assert program("rules", "--export", mine).code == 0
    text = mine.read_text()
    head, tail = text.split('name = "mwa"\norgans = { value = [', 1)
    mine.write_text(f'{head}name = "mwa"\norgans = {{ value = ["liver"]{tail[tail.index("]") + 1 :]}')
    answer = program("rules", "--diff", "shipped", mine)
    assert "mwa: organs" in answer.out
    assert "+ organs: liver" in answer.out
    mine.write_text(text.replace('name = "rfa"', 'name = "rfaa"'))
    wrong = program("rules", "--diff", "shipped", mine)
    assert wrong.code == 2
    assert "no procedure called 'rfaa'" in wrong.err


def test_export_does_not_swallow_a_comparison(program, tmp_path):
    answer = program("rules", "--export", tmp_path / "a.toml", "--diff", "shipped", "shipped")
    assert answer.code == 2
    assert "--export only writes a file" in answer.err
    assert not (tmp_path / "a.toml").exists()


def test_rules_refuse_what_they_cannot_compare(program, tmp_path):
    assert program("rules", "--diff", "shipped", tmp_path / "gone.toml").code == 2
    assert "no case" in program("rules", "--diff", "shipped", "shipped", tmp_path, "--quiet").err
    assert program("rules", tmp_path).code == 2
    assert "Known: " in program("rules", "--procedure", "laser").err


def test_what_the_disk_refuses_is_one_line(program, patient, tmp_path):
    (tmp_path / "file").write_text("")
    answer = program("board", patient, "--out", tmp_path / "file" / "sheets", "--quiet")
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1
    (patient / "case.toml").unlink()
    (patient / "case.toml").mkdir()
    (patient / "chart.json").unlink(missing_ok=True)
    answer = program("select", patient, "--quiet")
    assert answer.code == 2
    assert answer.err.startswith("error: Is a directory [")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("name", ["_verb", "_bar", "_found"])
def test_modules_that_commands_share_are_no_commands(program, name):
    answer = program(name)
    assert answer.code == 2
    assert "No such command" in answer.err
