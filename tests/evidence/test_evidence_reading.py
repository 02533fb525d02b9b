import pytest
from small_evidence import DEFAULTS

from locoregional.errors import EvidenceError
from locoregional.evidence.reading import read_folder, read_form, read_table
from locoregional.evidence.row import read_row
from locoregional.evidence.schema import estimands, near, schema, table


def test_every_table_has_ids_and_words():
    assert list(schema())[:2] == ["studies", "outcomes"]
    for item in schema().values():
        assert next(iter(item.columns)) == "id"
        assert item.columns["id"].required
        assert all(c.words for c in item.columns.values())
        assert all(c.choices for c in item.columns.values() if c.kind == "choice")
        assert all(c.refers in ("", *schema()) for c in item.columns.values())
    assert set(table("outcomes").columns["estimand"].choices) == set(estimands())


def test_unknown_table_names_the_nearest():
    with pytest.raises(EvidenceError, match="Did you mean outcomes"):
        table("outcome")
    assert near("zzz", ["a", "b"]) == "Known: a, b."


def test_cells_are_numbers_and_lists():
    row, problems = read_row(table("outcomes"), {**DEFAULTS["outcomes"], "organ": "liver|lung", "low": "20", "level": "0.95"})
    assert problems == []
    assert (row["value"], row["n"], row["low"], row["high"]) == (25.0, 13, 20.0, None)
    assert isinstance(row["n"], int)
    assert row["organ"] == ("liver", "lung")
    assert row.many("why_not") == ()
    assert row.number("printed") is None
    assert "threshold" not in row
    assert row.number("threshold") is None
    with pytest.raises(EvidenceError, match="Did you mean value"):
        row["valu"]
    criterion, _ = read_row(table("criteria"), {**DEFAULTS["criteria"], "threshold": "few"})
    assert criterion["threshold"] == "few"
    assert criterion.number("threshold") is None


def line(**cells):
    return ",".join(cells), ",".join(cells.values())


def test_tables_of_other_programs_are_refused_with_the_reason():
    assert "separated by ;" in read_table("studies", "id;bib\nA2000;a\n")[1][0].words
    assert read_table("studies", "id,bibb\n")[1][0].remedy == "Did you mean bib?"
    assert "twice" in read_table("studies", "id,bib,bib\n")[1][0].words
    assert "3 cells" in read_table("studies", "id,bib\nA2000,a,b\n")[1][0].words
    header, cells = line(**DEFAULTS["criteria"])
    rows, problems = read_table("criteria", f"\ufeff{header}\n\n{cells}\n")
    assert (len(rows), problems) == (1, [])


def test_forms_with_slips_are_refused_with_the_reason():
    assert "cannot be read" in read_form("[study\n", where="f")[1][0].words
    assert "no section 'outcom'" in read_form("[[outcom]]\n", where="f")[1][0].words
    assert "no field 'valu'" in " ".join(p.words for p in read_form("[[outcome]]\nvalu = 3\n", where="f")[1])
    tables, problems = read_form(
        '[[outcome]]\norgan = ["liver", "lung"]\nvalue = 39.0\npoolable = true\n', where="f", partial=True
    )
    assert problems == []
    written = tables["outcomes"][0].written
    assert (written["organ"], written["value"], written["poolable"]) == ("liver|lung", "39.0", "yes")


def test_folders(tmp_path):
    with pytest.raises(EvidenceError, match="no such folder"):
        read_folder(tmp_path / "none")
    tmp_path.joinpath("outcom.csv").write_text("id\n")
    tmp_path.joinpath("notes.txt").write_text("anything")
    tmp_path.joinpath("pools.toml").write_text("[some.pool]")
    tables, problems = read_folder(tmp_path)
    assert tables == {}
    assert [p.remedy for p in problems] == ["Did you mean outcomes?"]
    tmp_path.joinpath("outcomes.csv").write_bytes(b"id\n\xff\xfe\n")
    with pytest.raises(EvidenceError, match="UTF-8"):
        read_folder(tmp_path)


def test_what_an_interrupted_writer_left_behind_is_not_read(tmp_path):
    (tmp_path / ".part-x.csv").write_text("id,stu", encoding="utf-8")
    (tmp_path / ".part-y.toml").write_text("[study]\nid = ", encoding="utf-8")
    assert read_folder(tmp_path) == ({}, [])
