import json

import pytest
from click.testing import CliRunner

from locoregional.cli import main
from locoregional.cli.validate import command
from locoregional.validation import Row
from locoregional.validation import run as runner

HOLDS = Row("Tiny", "thing", 1.0, 1.0, "mm", 0.1, "exact solution")
MISSES = Row("Tiny", "other", 2.0, 1.0, "mm", 0.1, "exact solution", "made to miss")


@pytest.fixture
def rows(monkeypatch):
    """Rows of the only topic, ``tiny``."""
    chosen = [HOLDS]
    monkeypatch.setattr(runner, "topics", lambda package=runner.PACKAGE: {"tiny": "A small topic."})
    monkeypatch.setattr(runner, "_topic", lambda name, package, quick, progress: list(chosen))
    return chosen


def invoke(*arguments):
    return CliRunner().invoke(command, ["--quiet", *map(str, arguments)])


def test_all_rows_hold(rows, tmp_path):
    result = invoke("--out", tmp_path / "deep" / "v.md", "--json", tmp_path / "v.json")
    assert result.exit_code == 0
    assert "1 rows: 1 holds, 0 misses" in result.output
    assert "| thing | 1 | 1 |" in (tmp_path / "deep" / "v.md").read_text()
    assert json.loads((tmp_path / "v.json").read_text())["rows"][0]["verdict"] == "holds"


def test_a_miss_is_said_written_and_exits_with_1(rows, tmp_path):
    rows.append(MISSES)
    result = invoke("--out", tmp_path / "v.md")
    assert result.exit_code == 1
    assert "misses: Tiny: other: 2 against 1 mm  made to miss" in result.output
    assert "made to miss" in (tmp_path / "v.md").read_text()
    assert invoke("--allow-misses").exit_code == 0


def test_the_program_itself_exits_with_1_after_a_miss(rows, capsys):
    main(["validate", "--quiet"])
    rows.append(MISSES)
    with pytest.raises(SystemExit) as exit_:
        main(["validate", "--quiet"])
    assert exit_.value.code == 1
    with pytest.raises(SystemExit) as exit_:
        main(["validate", "--quiet", "--topic", "beauty"])
    assert exit_.value.code == 2
    assert "error: no topic called beauty" in capsys.readouterr().err


def test_list_runs_nothing(rows, monkeypatch):
    monkeypatch.setattr(runner, "run", lambda *a, **k: pytest.fail("a topic ran"))
    assert "A small topic." in invoke("--list").output


def test_unknown_topic_is_an_error_that_names_the_known(rows):
    result = invoke("--topic", "beauty")
    assert result.exit_code != 0
    assert "Known: tiny" in str(result.exception)


def test_a_page_of_someone_else_is_never_replaced(rows, tmp_path):
    other = tmp_path / "README.md"
    other.write_text("# My notes\n")
    result = invoke("--out", other)
    assert result.exit_code != 0
    assert other.read_text() == "# My notes\n"


def test_own_page_is_replaced(rows, tmp_path):
    for _ in range(2):
        assert invoke("--out", tmp_path / "v.md").exit_code == 0


def test_a_real_topic_runs(tmp_path, monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    result = invoke("--topic", "images", "--json", tmp_path / "v.json")
    assert result.exit_code == 0, result.output
    assert len(json.loads((tmp_path / "v.json").read_text())["rows"]) >= 12
