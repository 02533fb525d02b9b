"""``locoregional run`` and its verbs: an interruption or an error leaves the case folder as it was, byte for byte."""

import hashlib

import pytest

from locoregional import workflow
from locoregional.case import chart, stored
from locoregional.report import export, run

DISEASE = """
[disease]
er = true
ecog = 1
extrahepatic = []
surgical_candidate = false
[disease.liver]
cirrhosis = false
[disease.fitness]
infection = false
bleeding_correctable = true
"""


def bytes_of(folder):
    return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def case(program, files, tmp_path):
    """A case folder with a chart."""
    folder = tmp_path / "case"
    organs = ("--organs", files["labels"], "--class-map", "totalsegmentator_total")
    answer = program("import", files["ct"], "--out", folder, *organs, "--lesion-mask", files["lesion"], "--quiet")
    assert answer.code == 0
    return folder


def stop(*_args, **_kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize("verb", ["plan", "simulate", "verify"])
def test_an_interruption_in_a_verb_changes_nothing(program, case, monkeypatch, verb):
    described = (case / "case.toml").read_text().replace("[disease]", DISEASE)
    (case / "case.toml").write_text(described)
    before = bytes_of(case)
    monkeypatch.setattr(workflow, "plan", lambda case, *_a, **_k: case)
    monkeypatch.setattr(workflow, "simulate", lambda case, *_a, **_k: case)
    monkeypatch.setattr(run.workflow, verb, stop)
    if verb == "verify":
        monkeypatch.setattr(workflow.Case, "outcomes", property(lambda _self: (object(),)), raising=False)
    answer = program("run", case, "--quiet")
    assert answer.code == 130
    assert "nothing was changed" in answer.err
    assert bytes_of(case) == before


@pytest.mark.parametrize(("where", "name"), [(chart, "write_text_atomically"), (stored, "_write_npz")])
def test_an_interruption_while_writing_leaves_the_chart_whole(program, case, monkeypatch, where, name):
    (case / "case.toml").write_text((case / "case.toml").read_text() + "\n# looked at\n")
    for path in (case / "arrays").glob("*.npz"):
        if name == "_write_npz":
            path.unlink()  # so that arrays have to be written again
    before = bytes_of(case)
    monkeypatch.setattr(where, name, stop)
    answer = program("select", case, "--quiet")
    assert answer.code == 130
    assert bytes_of(case) == before


def test_without_an_indication_the_report_says_so(program, case, monkeypatch):
    monkeypatch.setattr(export, "export_case", lambda *_a, **_k: ())
    answer = program("run", case, "--quiet")
    assert answer.code == 0
    assert "surgical candidacy" in answer.out
    assert (case / "report.html").is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[patient", "not valid TOML"),
        ('[patient]\nid = "x"\n', "no lesion"),
        ('[patient]\nid = "x"\n[images.after]\npath = "a"\n', "images.planning"),
        ('[patient]\nid = "x"\nweight = 3\n[images.planning]\npath = "a"\n', "weight"),
        ('[patient]\nid = "x"\n[images.planning]\npath = "gone.nii.gz"\n', "gone.nii.gz"),
    ],
)
def test_a_wrong_description_names_the_field(program, tmp_path, text, words):
    (tmp_path / "case.toml").write_text(text)
    answer = program("run", tmp_path, "--quiet")
    assert answer.code == 2
    assert words in answer.err
    assert [p.name for p in tmp_path.iterdir()] == ["case.toml"]
