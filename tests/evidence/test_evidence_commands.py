import json

import pytest
from click.testing import CliRunner
from test_evidence_addition import OUTCOME, STUDY, files, form, rows_text

from locoregional.cli import main
from locoregional.cli.evidence import _terminal, command
from locoregional.errors import EvidenceError
from locoregional.evidence.base import evidence_base


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)))


def said(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def own(tmp_path):
    """A folder of one's own with one study, added by command."""
    source, folder = tmp_path / "study.toml", tmp_path / "own"
    source.write_text(form(value="15", n="6"), encoding="utf-8")
    output = said("add", "--from", source, "--to", folder)
    assert "added: Muller2025-O01  (outcomes)" in output
    return folder


@pytest.mark.parametrize("name", ["list", "show", "search", "audit", "add", "check"])
def test_help_has_an_example(name):
    assert "Example: locoregional evidence" in said(name, "--help")


def test_added_study_is_listed_shown_and_found(own):
    listed = said("list", "outcomes", "--study", "Muller2025", "--folder", own)
    assert "Muller2025-O01" in listed
    assert "15 %, 6/40" in listed
    assert "1 of" in listed
    shown = said("show", "Muller2025-O01", "--folder", own)
    for words in (
        "verdict: agrees",
        "used: 15 %, 6/40 (primary); may decide",
        "says so: [Muller2025] Müller A",
        "your own folder",
    ):
        assert words in shown
    assert "Muller2025-O01" in said("show", "Muller2025", "--folder", own)
    assert "Muller2025-O01" in said("search", "invented", "--folder", own)
    assert "0 errors, 0 questions" in said("check", own)


def test_environment_names_the_folder(own, monkeypatch):
    monkeypatch.setenv("LOCOREGIONAL_EVIDENCE", str(own))
    assert "Muller2025" in said("list", "studies")


def test_json(own):
    rows = json.loads(said("list", "outcomes", "--study", "Muller2025", "--folder", own, "--json"))
    assert rows[0]["used"]["value"] == 15
    assert rows[0]["organ"] == ["liver"]
    shown = json.loads(said("show", "Muller2025", "--folder", own, "--json"))
    assert [r["id"] for r in shown["rows"]] == ["Muller2025-O01"]
    assert json.loads(said("search", "muller2025", "--folder", own, "--json"))[0]["id"] == "Muller2025"
    assert set(json.loads(said("audit", "--json"))) == {"version", "findings", "calculations"}
    assert json.loads(said("check", own, "--json"))["problems"] == []
    assert json.loads(said("list", "--json"))["tables"]["outcomes"] == len(evidence_base().table("outcomes"))


def test_lists_without_a_table_give_the_tables():
    output = said("list")
    assert "outcomes" in output
    assert "content" in output


def test_unknown_words_are_answered_with_the_nearest(capsys):
    for arguments, hint in (
        (("list", "outcom"), "Did you mean outcomes"),
        (("list", "--organ", "livr"), "Did you mean liver"),
        (("list", "--procedure", "rfaa"), "Did you mean rfa"),
        (("list", "--verdict", "agree"), "Did you mean agrees"),
        (("list", "audit", "--organ", "liver"), "no column 'organ'"),
        (("show", "O0001"), "Did you mean O001"),
    ):
        with pytest.raises(SystemExit) as leave:
            main(["evidence", *arguments])
        assert leave.value.code == 2
        assert hint in capsys.readouterr().err


def test_add_refuses_and_leaves_the_folder_as_it_was(own, tmp_path, capsys):
    source, table, before = tmp_path / "bad.toml", tmp_path / "rows.csv", files(own)
    source.write_text(form(STUDY.replace("Müller", "Other").replace("10.1000", "1").replace("forty", "a hundred"), n="60"))
    table.write_text(rows_text({**OUTCOME, "study": "Muller2025"}))
    for arguments, reason in (
        ((source,), "more than all"),
        ((table, "--table", "outcomes"), "is the same outcome"),
        ((table,), "--table NAME goes with a CSV file"),
        ((source, "--table", "outcomes"), "--table NAME goes with a CSV file"),
        ((own / "Muller2025.toml",), "is read already"),
    ):
        with pytest.raises(SystemExit) as leave:
            main(["evidence", "add", "--to", str(own), "--from", *map(str, arguments)])
        assert leave.value.code == 2
        assert reason in capsys.readouterr().err
        assert files(own) == before
    assert run("add").exit_code == 2


def test_template_can_be_filled_in():
    assert "[[outcome]]" in said("add", "--template")


def test_check_fails_where_something_is_wrong(own):
    outcome = {**OUTCOME, "study": "Muller2025", "value": "250", "id": "Muller2025-O07", "printed": "250 %"}
    (own / "outcomes.csv").write_text(rows_text(outcome))
    result = run("check", own)
    assert result.exit_code == 1
    assert "error: outcomes: Muller2025-O07: value: 250 % lies outside 0 to 100 %" in result.output


@pytest.fixture
def terminal(monkeypatch):
    """Make a terminal of so many columns of the standard output."""

    def of(width: int) -> None:
        monkeypatch.setattr(_terminal.sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(width))

    return of


ROWS = [
    ("O001", "Meloni2009", "a long sentence that does not fit beside the others and goes on for a while"),
    ("O002", "Bai2019", ""),
]


def test_tables_fit_the_terminal_and_keep_every_word(capsys, terminal):
    said = {}
    for width in (120, 70, 40):
        terminal(width)
        _terminal.print_table(("id", "study", "what_it_says"), ROWS)
        said[width] = capsys.readouterr().out
        assert max(map(len, said[width].splitlines())) <= width
        assert " ".join(ROWS[0][2].split()) in " ".join(said[width].split()), "no word is cut off"
    assert said[120].splitlines()[0].split("  ")[0].strip() == "id"
    assert "what it says" in said[70]
    assert said[40].startswith("O001  Meloni2009; a long sentence")


def test_paragraphs_are_broken_on_a_terminal_only(capsys, terminal):
    _terminal.say("   note: " + "word " * 30)
    assert len(capsys.readouterr().out.splitlines()) == 1
    terminal(40)
    _terminal.say("   note: " + "word " * 30, indent=9)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("   note: word")
    assert all(line.startswith("         word") and len(line) <= 40 for line in lines[1:])


def test_ids_are_found_whatever_their_capitals_and_pools_are_told_apart():
    assert said("show", "o044").startswith("O044  outcomes")
    assert "6.6 months (95 % CI 5 to 9.2)" in said("show", "gordon2014")
    refused = run("show", "liver_rfa_ltp_patient")
    assert isinstance(refused.exception, EvidenceError)
    assert "is a pool, not a row" in str(refused.exception)


def test_a_reference_that_the_review_does_not_have_is_refused():
    refused = run("audit", "--ref", "999")
    assert isinstance(refused.exception, EvidenceError)
    assert "from 1 to 50" in str(refused.exception)
    assert "A17" in said("audit", "--ref", "7")
