"""The flow of studies adds up, line by line, and calls the search what it was."""

import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.appraisal import prisma
from locoregional.evidence.appraisal.prisma import prisma_flow, search_log
from locoregional.evidence.base import evidence_base
from locoregional.evidence.plots.flow import draw_flow


def test_each_line_adds_up_to_the_one_above():
    base = evidence_base()
    flow = prisma_flow(base, pooled={"Meloni2009", "Bai2019", "WHO2020"}, pools=4)
    identified = dict(flow.identified)
    assert identified["reference list of the review"] == 50
    assert sum(identified.values()) == len(base.table("studies"))
    assert flow.screened == sum(identified.values()) - flow.duplicates
    assert flow.screened - sum(n for _, n in flow.excluded) == flow.sought == flow.included
    assert 0 < flow.not_read < flow.sought
    assert flow.in_pools == 2, "a web page is no series, even if somebody pools it"


def test_the_search_is_called_what_it_was():
    assert search_log()["search"]["kind"] == "not systematic"
    assert "No database was searched" in prisma_flow(evidence_base()).words


def test_excluded_studies_have_no_patients_and_give_no_poolable_outcome():
    base = evidence_base()
    excluded = {i for entry in search_log()["excluded"] for i in entry["studies"]}
    assert not [r.id for r in base.table("outcomes") if r.text("study") in excluded and r.text("poolable") == "yes"]


def test_a_log_that_excludes_what_is_not_there_is_refused(monkeypatch):
    log = dict(search_log())
    log["excluded"] = [{"reason": "r", "studies": ["Nobody1999"]}]
    monkeypatch.setattr(prisma, "search_log", lambda: log)
    with pytest.raises(EvidenceError, match="Nobody1999"):
        prisma_flow(evidence_base())


def test_the_diagram_holds_all_counts(tmp_path):
    from xml.etree import ElementTree

    flow = prisma_flow(evidence_base(), pooled={"Meloni2009"}, pools=3)
    out = draw_flow(flow, tmp_path / "flow.svg")
    words = " ".join(ElementTree.parse(out).getroot().itertext())
    for line in flow.lines:
        assert line in words
    assert draw_flow(flow, tmp_path / "flow.png").stat().st_size > 10_000
