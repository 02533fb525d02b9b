import time

import pytest
from small_evidence import base_of, row

from locoregional.errors import EvidenceError
from locoregional.evidence.base import EvidenceBase, evidence_base, read_base, used_value, with_rows
from locoregional.evidence.used import in_words


def test_rows_are_found_by_id_study_and_words():
    base = base_of(row("outcomes"), row("outcomes", id="O002", organ="liver|lung", subgroup="a"), row("audit"))
    assert base.row("O001")["value"] == 25
    assert base.study("O001").id == base.study("Meloni2009").id == "Meloni2009"
    assert [r.id for r in base.filter("outcomes", organ="lung")] == ["O002"]
    assert [r.id for r in base.filter("outcomes", organ="liver", verdict="agrees")] == ["O001", "O002"]
    assert [f.id for f in base.findings_of("O001")] == ["A01"]
    assert base.findings_of(base.row("O002")) == ()
    assert len(base) == len(list(base)) == 4
    assert "O001" in base
    assert base.reference("meloni2009").fields["journal"] == "Radiology"
    with pytest.raises(EvidenceError, match="O001"):
        base.row("O0001")
    with pytest.raises(EvidenceError, match="Did you mean organ"):
        base.filter("outcomes", orgn="liver")
    with pytest.raises(EvidenceError, match="belongs to no study"):
        base.study("A01")
    with pytest.raises(EvidenceError, match="no reference"):
        base.reference("nobody")


def test_hash_follows_the_content_alone():
    one, two = row("outcomes"), row("outcomes", id="O002", subgroup="a")
    assert base_of(one, two).content_hash == base_of(two, one).content_hash
    assert base_of(one).content_hash != base_of(one, two).content_hash
    assert base_of(one).content_hash != base_of(row("outcomes", note="changed")).content_hash


def test_same_row_twice_is_once_and_another_content_is_a_problem():
    base = base_of(row("outcomes"))
    same, problems = with_rows(base, {"outcomes": [row("outcomes")]})
    assert (len(same), problems) == (len(base), [])
    _, problems = with_rows(base, {"outcomes": [row("outcomes", value="26")]})
    assert [p.code for p in problems] == ["duplicate"]


def test_agreeing_rows_use_the_study_and_complete_it():
    used = used_value(row("outcomes", primary_total="", primary_n="", low="15", high="40", level="0.95"))
    assert (used.value, used.n, used.total, used.low, used.level) == (25.0, 13, 52, 15.0, 0.95)
    assert (used.which, used.may_decide) == ("primary", True)
    assert "denominator is the printed one" in used.words
    assert used_value(row("outcomes", note="count rebuilt: 13/52")).words.endswith(
        "its count is rebuilt, the source does not give it"
    )
    own = used_value(row("outcomes", primary_low="14", primary_high="38", level="0.95"))
    assert (own.low, own.high, own.level) == (14.0, 38.0, 0.95), "an interval that only the study gives keeps its level"


def test_what_is_rebuilt_is_said_whatever_the_verdict():
    for verdict in ("agrees", "differs", "unverified"):
        words = used_value(row("outcomes", verdict=verdict, note="Count rebuilt: 13/52; denominator rebuilt too")).words
        assert "its count is rebuilt" in words
        assert "its denominator is rebuilt" in words
    assert "rebuilt" not in used_value(row("outcomes", note="as printed")).words


def test_differing_rows_use_the_study_alone_and_show_both():
    printed = row("outcomes", verdict="differs", total="51", primary_value="25.0")
    used = used_value(printed)
    assert (used.value, used.n, used.total, used.may_decide) == (25.0, 13, 52, True)
    assert used.words == "the source says 25 %, 13/52, not 25 % (13/52) as printed"
    counts = used_value(row("outcomes", verdict="differs", primary_value="", primary_n="14"))
    assert counts.value == pytest.approx(100 * 14 / 52)
    words = used_value(row("outcomes", verdict="differs", primary_value="", primary_n="", primary_total="", primary_words="no"))
    assert (words.value, words.total, words.may_decide) == (None, None, False)
    assert "gives no number" in words.words


def test_unverified_rows_never_decide():
    empty = {"primary_value": "", "primary_n": "", "primary_total": "", "source_of_primary": ""}
    used = used_value(row("outcomes", verdict="unverified", **empty))
    assert (used.value, used.n, used.total, used.which, used.may_decide) == (25.0, 13, 52, "printed", False)
    assert not used_value(row("criteria", status="unverified")).may_decide
    assert used_value(row("criteria")).value == 30
    assert used_value(row("prognostic_factors")).value == 25


def test_weeks_become_months():
    used = used_value(row("outcomes", value="35", unit="weeks", low="30", primary_value="", primary_n="", primary_total=""))
    assert used.in_months().value == pytest.approx(8.05, abs=0.01)
    assert used.in_months().low == pytest.approx(6.90, abs=0.01)
    assert used.in_months().in_months() == used.in_months()
    assert in_words(used) == "35 weeks, 13/52"


def test_shipped_base_is_quick_and_kept():
    evidence_base()
    start = time.perf_counter()
    read_base_once()
    assert time.perf_counter() - start < 0.1
    assert evidence_base() is evidence_base()
    assert isinstance(evidence_base(), EvidenceBase)


def read_base_once():
    from locoregional.evidence.base import shipped_tables

    return read_base(shipped_tables())


def test_folder_by_argument_and_environment(tmp_path, monkeypatch):
    criterion = row("criteria", id="Own-I01", criterion="ward rule")
    header, cells = ",".join(criterion.written), ",".join(criterion.written.values())
    tmp_path.joinpath("criteria.csv").write_text(f"{header}\n{cells}\n")
    base = evidence_base(tmp_path)
    assert base.row("Own-I01")["threshold"] == 30
    assert base.own_ids == {"Own-I01"}
    assert base.version.endswith("+own")
    assert len(base) == len(evidence_base()) + 1
    monkeypatch.setenv("LOCOREGIONAL_EVIDENCE", str(tmp_path))
    assert evidence_base() is base
    tmp_path.joinpath("criteria.csv").write_text(f"{header}\n{cells.replace('ward rule', 'other rule')}\n")
    assert evidence_base().row("Own-I01")["criterion"] == "other rule"
    tmp_path.joinpath("criteria.csv").write_text(f"{header}\n{cells.replace('meloni2009', 'nobody').replace('liver', 'livr')}\n")
    with pytest.raises(EvidenceError, match="2 problems") as error:
        evidence_base()
    assert "livr" in str(error.value)
    assert "nobody" in str(error.value)
    monkeypatch.setenv("LOCOREGIONAL_EVIDENCE", str(tmp_path / "gone"))
    with pytest.raises(EvidenceError, match="no such folder"):
        evidence_base()


def test_folder_may_not_change_a_shipped_row(tmp_path):
    first = evidence_base().table("outcomes")[0]
    changed = {**first.written, "printed": "something else"}
    lines = [",".join(changed), ",".join('"' + v.replace('"', '""') + '"' for v in changed.values())]
    tmp_path.joinpath("outcomes.csv").write_text("\n".join(lines))
    with pytest.raises(EvidenceError, match="says something else"):
        evidence_base(tmp_path)


def test_a_whole_base_in_a_folder_stands_in_place_of_the_shipped_one(tmp_path):
    tmp_path.joinpath("VERSION").write_text("0.9\n")
    study = row("studies")
    tmp_path.joinpath("studies.csv").write_text(",".join(study.written) + "\n" + ",".join(study.written.values()) + "\n")
    base = evidence_base(tmp_path)
    assert (base.version, len(base)) == ("0.9", 1)
    with pytest.raises(EvidenceError, match="no VERSION"):
        read_base(tmp_path / "none")
