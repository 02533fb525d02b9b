import csv
import io
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.addition import add_form, add_rows
from locoregional.evidence.base import evidence_base, shipped_tables
from locoregional.evidence.check import check_folder
from locoregional.evidence.form import empty_form, form_text
from locoregional.evidence.reading import read_form
from locoregional.evidence.schema import schema

STUDY = """
[study]
author = "Müller, A. and Jones, B."
title = "Freezing of forty invented livers"
journal = "Journal of Invented Series"
year = 2025
volume = "12"
pages = "1-9"
doi = "https://doi.org/10.1000/Invented"
design = "retrospective series"
breast = "yes"
organ = "liver"
procedures = "cryo"
n_patients_primary = 40
abstract_seen = "yes"
"""
OUTCOME = {
    "organ": "liver", "procedure": "cryo", "estimand": "ltp", "value": "15.0", "unit": "%", "n": "6", "total": "40",
    "unit_of_analysis": "patient", "estimator": "crude", "verdict": "agrees",
}  # fmt: skip


def form(study=STUDY, **changes):
    cells = {k: v for k, v in {**OUTCOME, **changes}.items() if v}
    return study + "\n[[outcome]]\n" + "\n".join(f'{k} = "{v}"' for k, v in cells.items()) + "\n"


def rows_text(*rows):
    text = io.StringIO()
    lines = csv.DictWriter(text, list(rows[0]))
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue()


def files(folder):
    return {p.name: p.read_bytes() for p in folder.rglob("*")} if folder.exists() else {}


@pytest.fixture
def own(tmp_path):
    """A folder that holds one study."""
    folder = tmp_path / "own"
    add_form(folder, form())
    return folder


def test_what_was_added_is_in_the_evidence(own):
    base = evidence_base(own)
    row = base.row("Muller2025-O01")
    assert base.study("Muller2025-O01").text("citation").startswith("Müller et al. Freezing of forty invented livers. Journal")
    assert row["directness"] == "breast"
    assert row.text("printed") == "15.0 % (6/40)"
    assert (row["primary_value"], row["primary_total"], row["poolable"]) == (15.0, 40, "yes")
    assert "doi:" in str(base.reference("Muller2025"))
    assert check_folder(own)[1] == []


def test_stored_form_gives_the_rows_again(own):
    text = (own / "Muller2025.toml").read_text(encoding="utf-8")
    tables, problems = read_form(text, where="again")
    assert problems == []
    assert form_text(tables) == text


REFUSED = [
    (form(value="75", n="", total="34"), "no whole number"),
    (form(value="0.15"), "fraction of one"),
    (form(value="115"), "outside 0 to 100"),
    (form(n="60"), "more than all"),
    (form(n="7"), "7 of 40 is 17.5 %"),
    (form(organ="livr"), "Did you mean liver"),
    (form(procedure="freezing"), "'freezing' is not known here"),
    (form(time_months="-2"), "-2 lies outside"),
    (form(estimand="os_median", value="-5", unit="months", n="", clock="first"), "-5 months is negative"),
    (form(estimand="os_median", value="35", unit="months", n="", printed="35 weeks", clock="first"), "the words say otherwise"),
    (form(estimand="os_median", value="240", unit="months", n="", clock="first"), "is it in weeks or days"),
    (form(total="50", value="12"), "the study has 40"),
    (form(verdict=""), "verdict: is empty"),
    (form(poolable="yes", n="", total=""), "no denominator"),
    (form(poolable="no"), "the reason is not said"),
    (form(low="5", high="10", level="0.95"), "outside its interval"),
    (form(directness="borrowed"), "Write 'breast'"),
    (form() + form(study=""), "is the same outcome"),
    (form(STUDY.replace('breast = "yes"', "")), "breast: is empty"),
    (form(STUDY.replace("title", "titel")), "Did you mean title"),
    (form(STUDY + 'bib = "nobody1999"\n').replace('author = "Müller, A. and Jones, B."\n', ""), "author: is empty"),
    (form(study=""), "holds no [study]"),
    (STUDY + STUDY.replace("[study]", "[study2]"), "no section 'study2'"),
    ("[study", "cannot be read"),
    (STUDY + '[[prognostic_factor]]\norgan = "liver"\nprocedure = "cryo"\nfactor = "tumour_diameter_mm"\nop = ">"\n'
     'threshold = 3\nunit = "mm"\ndirection = "worse"\noutcome = "ltp"\nverdict = "agrees"\n', "is it 3 cm"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[r[1] for r in REFUSED])
def test_refused_with_the_reason_and_nothing_stored(tmp_path, text, reason):
    folder = tmp_path / "own"
    with pytest.raises(EvidenceError) as error:
        add_form(folder, text)
    assert reason in str(error.value)
    assert not folder.exists()


CELLS = st.sampled_from("|-1|0|1|7|40|0.15|15.0|250|x|liver|yes|no|agrees|differs|a,b|nan".split("|"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(schema()["outcomes"].columns)), CELLS, max_size=6), st.booleans())
def test_any_form_is_stored_whole_or_refused_with_reasons(tmp_path_factory, changes, allow):
    folder = tmp_path_factory.mktemp("any") / "own"
    try:
        add_form(folder, form(**changes), allow_questions=allow)
    except EvidenceError:
        assert not folder.exists()
    else:
        assert [p for p in check_folder(folder)[1] if not p.question] == []


def test_all_reasons_are_listed_at_once(tmp_path):
    with pytest.raises(EvidenceError) as error:
        add_form(tmp_path / "own", form(organ="livr", value="115", verdict="", total="x"))
    for word in ("livr", "verdict: is empty", "'x' is not a number", "outside 0 to 100"):
        assert word in str(error.value)


def test_questions_are_kept_in_the_note(tmp_path):
    text = form(value="75", n="", total="34")
    with pytest.raises(EvidenceError, match="allow-questions"):
        add_form(tmp_path / "own", text)
    done = add_form(tmp_path / "own", text, allow_questions=True)
    assert [q.code for q in done.accepted] == ["grim"]
    assert "[accepted: grim]" in evidence_base(tmp_path / "own").row("Muller2025-O01").text("note")
    assert check_folder(tmp_path / "own")[1] == []
    with pytest.raises(EvidenceError, match="more than all"):  # an error is never accepted
        add_form(tmp_path / "other", form(n="60"), allow_questions=True)


def test_no_denominator_is_kept_and_not_poolable(tmp_path):
    done = add_form(tmp_path / "own", form(n="", total=""))
    assert [r.id for r in done.not_poolable] == ["Muller2025-O01"]
    row = evidence_base(tmp_path / "own").row("Muller2025-O01")
    assert (row["poolable"], row["why_not"]) == ("no", "no denominator given")


DUPLICATES = [
    (STUDY, "same DOI and title"),
    (STUDY.replace("Freezing of forty", "Thawing of fifty other"), "same DOI"),
    (STUDY.replace("10.1000", "10.2000").replace("Freezing of forty", "FREEZING: of forty"), "same title"),
    (STUDY.replace("10.1000", "10.2000").replace("forty invented", "forty invented human"), "nearly the same title"),
    (STUDY.replace("10.1000", "10.2000").replace("Freezing of forty invented livers", "Heat"), "same first author and year"),
    (
        STUDY.replace("10.1000", "10.2000").replace("2025", "2024").replace("[study]", '[study]\nid = "Muller2025"'),
        "exists already",
    ),
]


@pytest.mark.parametrize(("study", "reason"), DUPLICATES, ids=[d[1] for d in DUPLICATES])
def test_the_same_study_is_refused(own, study, reason):
    before = files(own)
    with pytest.raises(EvidenceError) as error:
        add_form(own, form(study))
    assert reason in str(error.value)
    assert files(own) == before


def test_a_namesake_is_accepted_when_asked(own):
    other = STUDY.replace("10.1000", "10.2000").replace("Freezing of forty invented livers", "Heat")
    done = add_form(own, form(other), allow_questions=True)
    assert done.path.name == "Muller2025b.toml"
    assert "[accepted: same-study]" in evidence_base(own).row("Muller2025b").text("note")


def test_rows_of_a_table_join_the_folder(own):
    base = evidence_base(own)
    more = {**OUTCOME, "study": "Muller2025", "estimand": "complete_ablation", "value": "90", "n": "36"}
    add_rows(own, "outcomes", rows_text(more))
    add_rows(own, "outcomes", rows_text({**more, "estimand": "death", "value": "5", "n": "2"}))
    after = evidence_base(own)
    assert len(after) == len(base) + 2
    assert [r.id for r in after.rows_of("Muller2025")] == ["Muller2025-O01", "Muller2025-O02", "Muller2025-O03"]
    assert check_folder(own)[1] == []
    before = files(own)
    for bad, reason in ((more, "is the same outcome"), ({**more, "study": "Muler2025"}, "Did you mean Muller2025")):
        with pytest.raises(EvidenceError, match=reason):
            add_rows(own, "outcomes", rows_text({**OUTCOME, "study": "Muller2025", "estimand": "ned"}, bad))
        assert files(own) == before
    with pytest.raises(EvidenceError, match="no row to add"):
        add_rows(own, "outcomes", "id,study\n")
    with pytest.raises(EvidenceError, match="Did you mean outcomes"):
        add_rows(own, "outcome", rows_text(more))


def test_rules_of_a_ward_get_ids(tmp_path):
    rule = {"procedure": "rfa", "organ": "liver", "criterion": "largest diameter", "op": "<=", "threshold": "30", "unit": "mm"}
    rule |= {"effect": "required", "source": "meloni2009", "status": "unverified", "in_review": "no"}
    with pytest.raises(EvidenceError, match="is it 3 cm"):
        add_rows(tmp_path, "criteria", rows_text({**rule, "threshold": "3"}))
    done = add_rows(tmp_path, "criteria", rows_text(rule, {**rule, "procedure": "mwa"}))
    assert [r.id for r in done.rows] == ["Own-I01", "Own-I02"]


def test_broken_and_foreign_folders_are_left_alone(own, tmp_path):
    (own / "outcomes.csv").write_text("id,study\nMuller2025-O09,Nobody\n")
    before = files(own)
    with pytest.raises(EvidenceError, match="not in order"):
        add_form(own, form(STUDY.replace("Müller", "Other").replace("10.1000", "10.3")))
    assert files(own) == before
    with pytest.raises(EvidenceError, match="whole evidence base"):
        add_form(shipped_tables(), form())


def test_a_failure_while_writing_leaves_the_folder_as_it_was(own, monkeypatch):
    before = files(own)
    monkeypatch.setattr("os.replace", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        add_rows(own, "outcomes", rows_text({**OUTCOME, "study": "Muller2025", "estimand": "ned"}))
    assert files(own) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 400), st.data())
def test_any_true_share_is_taken_and_shown_as_it_was(tmp_path, total, data):
    n = data.draw(st.integers(0, total))
    folder = tmp_path / f"{total}-{n}"
    share = f"{100 * n / total:.1f}"
    study = STUDY.replace("n_patients_primary = 40", f"n_patients_primary = {total}")
    if not folder.exists():
        add_form(folder, form(study, value=share, n=str(n), total=str(total)))
    row = evidence_base(folder).row("Muller2025-O01")
    assert (row.text("value"), row["n"], row["total"]) == (share, n, total)


def test_empty_form_explains_every_field_that_is_asked():
    text = empty_form()
    sections = tomllib.loads(text)
    assert set(sections) == {"study", "outcome", "prognostic_factor"}
    assert {"author", "doi", "breast", "n_patients_primary"} <= set(sections["study"])
    assert {"value", "total", "estimator", "why_not"} <= set(sections["outcome"][0])
    for name, part in (("outcomes", sections["outcome"][0]), ("prognostic_factors", sections["prognostic_factor"][0])):
        assert set(part) <= set(schema()[name].columns)
    assert "os_median (median overall survival)" in text
    fields = [line for line in text.splitlines() if line.endswith('= ""')]
    lines = text.splitlines()
    assert all(lines[lines.index(f) - 1].startswith("# ") for f in fields)
