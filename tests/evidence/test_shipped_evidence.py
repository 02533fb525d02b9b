"""The tables that come with the package: complete, in order, and used by the rule."""

import csv
import re

import pytest

from locoregional.evidence.audit import findings, recomputed
from locoregional.evidence.base import read_base, shipped_tables, used_value
from locoregional.evidence.check import check_base, check_folder


@pytest.fixture(scope="module")
def base():
    return read_base(shipped_tables())[0]


def test_shipped_tables_are_in_order():
    _, problems = check_folder()
    assert [str(p) for p in problems] == []


def test_every_reference_of_the_review_is_there(base):
    numbers = {n for s in base.filter("studies", in_review="yes") for n in re.findall(r"\d+", s.text("ref_no"))}
    assert {str(n) for n in range(1, 51)} <= numbers
    assert all(base.knows_reference(s.text("bib")) for s in base.table("studies"))


def test_tables_hold_at_least_what_was_known(base, shared_tables):
    sizes = {
        "studies": "studies", "outcomes": "outcomes", "prognostic_factors": "prognostic_factors",
        "criteria": "indications_contraindications", "recommendations": "technical_recommendations",
        "epidemiology": "epidemiology_biology", "figure_cases": "figures_cases", "audit": "audit_inconsistencies",
    }  # fmt: skip
    for table, file in sizes.items():
        with (shared_tables / "evidence" / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            known = [next(iter(r.values())) for r in csv.DictReader(lines)]
        if table in ("outcomes", "prognostic_factors", "audit", "figure_cases"):
            assert set(known) <= {r.id for r in base.table(table)}, table
        assert len(base.table(table)) >= len(known), table


def test_places_are_found_in_the_review(base, shared_tables):
    text = shared_tables.parent / "reference" / "filippiadis-2022.txt"
    if not text.is_file():
        pytest.skip("the review is not beside this checkout")

    def plain(words):
        without_marks = re.sub(r"\^\{[^}]*\}|[⁰¹²³⁴⁵⁶⁷⁸⁹]", "", words.lower())
        return re.sub(r"[^a-z0-9.<>≥≤%]+", "", without_marks)

    review = plain(text.read_text(encoding="utf-8"))
    places = {r.id: r.text("locator").rstrip(".… ") for r in base if r.text("locator") not in ("", "abstract")}
    assert len(places) > 250
    assert [id_ for id_, words in places.items() if plain(words) not in review] == []


def test_an_unverified_number_never_decides(base):
    for row in base:
        if row.text("verdict") == "unverified" or row.text("status") == "unverified":
            assert not used_value(row).may_decide, row.id
    for row in base.filter("outcomes", verdict="differs"):
        used = used_value(row)
        assert row.text("printed") in used.words
        assert used.value == row.number("primary_value") or used.n == row.whole("primary_n")


def test_known_errors_of_the_review_are_turned_right(base):
    barral = base.row("P42")
    assert (barral["op"], barral["threshold"], barral["unit"], barral["verdict"]) == (">", 40, "mm", "differs")
    gordon = base.row("O044")
    assert (gordon["estimand"], gordon["verdict"]) == ("disease_control", "differs")
    assert base.row("O035")["estimand"] == "disease_control"
    assert {r["directness"] for r in base.filter("outcomes", study="Hasegawa2015")} == {"borrowed"}
    assert [used_value(base.row("O041")).in_months().value] == [pytest.approx(8.05, abs=0.01)]
    assert base.findings_of("P42")[0].id == "A01"


def test_calculation_finds_what_readers_found(base):
    listed = {id_ for r in recomputed(base) for id_ in r.listed}
    # denominators, whole numbers, weeks, means of censored times, sizes that clash, a tail beyond the follow-up, subgroups
    assert {"A09", "A17", "A18", "A25", "A26", "A27", "A33"} <= listed
    assert all(set(r.calculated.rows) <= {row.id for row in base} for r in recomputed(base))


def test_audit_is_ordered_and_counted(base):
    order = [f["severity"] for f in findings(base)]
    assert order == sorted(order, key=("grave", "moderate", "minor").index)
    known = [f for f in base.table("audit") if f["found"] == "known"]
    assert (len(known), sum(f["severity"] == "grave" for f in known)) == (58, 15)
    assert len(findings(base, new=True)) == len(base.table("audit")) - 58
    assert all(f.text("rows") for f in findings(base, severity="grave"))


def test_checks_do_not_depend_on_the_order(base):
    turned = type(base)({name: rows[::-1] for name, rows in base.tables.items()}, base.version)
    assert turned.content_hash == base.content_hash
    assert check_base(turned) == []
