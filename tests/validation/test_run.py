import math
import sys

import pytest

from locoregional.errors import EvidenceError
from locoregional.validation import Row, not_run
from locoregional.validation.markdown import HEADING, cited, table, validation_page
from locoregional.validation.run import run, topics

HOLDING = '''
"""Things that hold."""
from locoregional.validation import Row, not_run

def rows(progress):
    progress(0.5, "half")
    yield Row("Good", "one | two", 1.0, 1.01, "mm", 0.02, "exact solution")
    yield Row("Good", "only shown", 5.0, 3.0, "mm", float("inf"), "he2010, Table 2")
    yield not_run("Good", "real CT", "needs the folder of images")
'''
MISSING = '''
"""A thing that misses."""
from locoregional.validation import Row

def rows(progress):
    yield Row("Bad", "far off", 2.0, 1.0, "mm", 0.5, "rossmann2014", "the reference is another species")
'''
FAILING = '''
"""A topic that breaks."""
from locoregional.validation import Row

def rows(progress):
    yield Row("Broken", "before", 1.0, 1.0, "mm", 0.0, "exact solution")
    raise ZeroDivisionError("no such table")
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Folder of four modules: three topics and one that is none."""
    folder = tmp_path / "fake_topics"
    folder.mkdir()
    files = {"__init__": "", "good": HOLDING, "bad": MISSING, "broken": FAILING, "parts": "x = 1\n"}
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "fake_topics"
    for name in [n for n in sys.modules if n.startswith("fake_topics")]:
        del sys.modules[name]


def test_verdicts_are_where_the_tolerance_ends():
    def row(value, tolerance):
        return Row("t", "n", value, 10.0, "mm", tolerance, "exact solution").verdict

    assert [row(10.5, 0.5), row(9.5, 0.5), row(10.75, 0.5), row(9.25, 0.5)] == ["holds", "holds", "misses", "misses"]
    assert row(99.0, math.inf) == "reported"
    assert row(math.nan, 0.5) == "misses"
    assert not_run("t", "n", "why").verdict == "not run"


def test_topics_are_the_modules_with_rows_and_nothing_is_imported(package):
    assert topics(package) == {"bad": "A thing that misses.", "broken": "A topic that breaks.", "good": "Things that hold."}
    assert "fake_topics.good" not in sys.modules


def test_every_own_topic_says_what_it_compares():
    own = topics()
    assert "images" in own
    assert not {"run", "row", "markdown"} & set(own)
    assert [name for name, words in own.items() if len(words) < 10] == []


def test_a_failing_topic_is_a_row_that_misses_and_hides_no_other(package):
    heard = []
    found = run(package=package, progress=lambda done, words: heard.append(done))
    assert [(r.topic, r.verdict) for r in found.rows] == [
        ("Bad", "misses"),
        ("Broken", "holds"),
        ("Broken", "misses"),
        ("Good", "holds"),
        ("Good", "reported"),
        ("Good", "not run"),
    ]
    assert "ZeroDivisionError: no such table" in found.misses[1].note
    assert "broken.py" in found.misses[1].note
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_failure_names_no_folder_of_this_machine(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCOREGIONAL_DATA", "/somewhere/images")
    text = '"""Lost."""\ndef rows(progress):\n    raise OSError(f"{HERE}/a and /somewhere/images/b")\n    yield\n'
    (tmp_path / "fake_topics" / "lost.py").write_text(text.replace("{HERE}", str(tmp_path)))
    note = run(["lost"], package=package).rows[0].note
    assert note == "stopped by OSError: ./a and DATA/b (lost.py, line 3)"


def test_only_the_topics_asked_for_run(package):
    found = run(["good"], package=package)
    assert {row.topic for row in found.rows} == {"Good"}
    assert found.left_out == ("bad", "broken")
    with pytest.raises(EvidenceError, match="no topic called beauty"):
        run(["beauty"], package=package)


def test_a_topic_without_rows_is_said_not_to_have_run(package, tmp_path):
    (tmp_path / "fake_topics" / "empty.py").write_text('"""Nothing here."""\ndef rows(progress):\n    yield from ()\n')
    assert [row.verdict for row in run(["empty"], package=package).rows] == ["not run"]


def test_a_quick_run_leaves_a_topic_and_says_so(package, monkeypatch):
    monkeypatch.setattr("locoregional.validation.run.QUICK_S", 0.0)
    rows = run(["good"], quick=True, package=package).rows
    assert [(row.name, row.verdict) for row in rows] == [("one | two", "holds"), ("further rows", "not run")]


def test_json_has_every_row_and_null_for_what_does_not_exist(package):
    import json

    data = json.loads(json.dumps(run(package=package).as_json(), allow_nan=False))
    by_name = {row["name"]: row for row in data["rows"]}
    assert by_name["one | two"]["error"] == pytest.approx(-0.01)
    assert by_name["only shown"]["tolerance"] is None
    assert by_name["real CT"]["value"] is None
    assert data["versions"]["numpy"]


def test_page_puts_misses_first_and_resolves_sources(package):
    page = validation_page(run(package=package))
    assert page.startswith(HEADING)
    misses = page[page.index("## Misses") : page.index("## Bad")]
    assert "far off" in misses
    assert "the reference is another species" in misses
    assert "no such table" in misses
    assert page.index("## Summary") < page.index("## Misses") < page.index("## Good")
    assert "| [Good](#good) | 3 | 1 | 0 | 1 | 1 |" in page
    assert "**misses**" in page
    assert "none claimed" in page
    assert '<a id="ref-he2010"></a>' in page
    assert "Microwave ablation: an experimental comparative study" in page
    assert "**rossmann2014**" in page
    assert "one \\| two" in page


def test_page_without_misses_says_so(package):
    assert "No row misses its tolerance." in validation_page(run(["good"], package=package))


def test_bars_in_cells_do_not_break_tables():
    lines = table(("a", "b"), [("x | y", "two\nlines")])
    assert lines == ["| a | b |", "|---|---|", "| x \\| y | two lines |"]


def test_only_known_keys_become_links():
    assert cited("he2010, Table 2") == "[he2010](#ref-he2010), Table 2"
    assert cited("exact solution") == "exact solution"
    assert cited("he2010", page="facts.md") == "[he2010](facts.md#ref-he2010)"
