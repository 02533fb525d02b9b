import pytest

from locoregional.errors import LocoregionalError, SourceError, UnitsError
from locoregional.sources import _flatten, bibliography, read_facts, sourced

GOOD = {
    "value": 0.52,
    "unit": "W/m/K",
    "source": "filippiadis2022",
    "where": "p. 250",
    "status": "verified",
    "low": 0.46,
    "high": 0.57,
}


def test_a_good_fact_is_read():
    fact = sourced("x:k", GOOD)
    assert float(fact) == 0.52
    assert (fact.low, fact.high, fact.unit) == (0.46, 0.57, "W/m/K")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"source": "nosuch2020"}, SourceError, "nosuch2020"),
        ({"status": "probably"}, SourceError, "probably"),
        ({"unit": "furlong"}, UnitsError, "furlong"),
        ({"low": 0.6}, SourceError, "outside"),
        ({"colour": "red"}, SourceError, "colour"),
    ],
)
def test_a_bad_fact_is_refused_with_its_reason(change, error, says):
    with pytest.raises(error, match=says):
        sourced("x:k", {**GOOD, **change})


def test_a_fact_without_source_is_refused():
    with pytest.raises(SourceError, match="source"):
        sourced("x:k", {k: v for k, v in GOOD.items() if k != "source"})


def test_a_bare_number_is_refused():
    with pytest.raises(SourceError, match="bare number"):
        list(_flatten({"liver": {"k": 0.5}}))


def test_unknown_names_list_what_is_near():
    with pytest.raises(SourceError, match=r"coverage\.wanted"):
        read_facts("locoregional.ablation")["coverage.sought"]


def test_bibliography_reads_authors_and_doi():
    entry = bibliography()["filippiadis2022"]
    assert entry.fields["doi"] == "10.5152/dir.2022.20911"
    assert "Filippiadis" in str(entry)


def test_errors_say_what_where_and_remedy():
    text = str(LocoregionalError("it broke", where="file.dcm", remedy="Mend it."))
    assert text == "it broke [file.dcm] Mend it."
    assert issubclass(SourceError, KeyError), "so that Facts.get and `in` work as in every mapping"
