from datetime import datetime

import pytest

from locoregional.report.document import (
    Callout,
    DocumentError,
    Figure,
    Fold,
    KeyNumbers,
    Number,
    Paragraph,
    Report,
    RuleLine,
    Section,
    Source,
    Table,
)

PNG = b"\x89PNG\r\n\x1a\n"


def test_number_reads_with_unit_and_interval():
    n = Number("margin", 3.24, "mm", 1.1, 5.4)
    assert n.text == "3.2\u00a0mm"
    assert n.interval == "90\u00a0%: 1.1 to 5.4\u00a0mm"
    assert str(Number("angle", -12.3, "deg", decimals=0)) == "\u221212°"
    assert Number("temperature", 60.0, "C").text == "60\u00a0°C"
    assert Number("lesion", "not outlined").text == "not outlined"
    assert Number("margin", float("nan"), "mm").text == "not known"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Number("x", 1.0, ""),
        lambda: Number("x", 1.0, "mm", 3.0, 2.0),
        lambda: Number("x", 1.0, "mm", status="certain"),
        lambda: Figure(PNG, "caption", "  "),
        lambda: Figure(b"<svg/>", "caption", "words"),
        lambda: Table(("a", "b"), (("1",),)),
        lambda: Callout("warning", "x", ()),
        lambda: RuleLine("x", "maybe"),
        lambda: Section("x", (Paragraph("one"))),
        lambda: Fold("x", ("text",)),
    ],
)
def test_what_would_mislead_is_refused(make):
    with pytest.raises(DocumentError):
        make()


def test_every_citation_must_be_listed(moment):
    inner = Fold("more", (KeyNumbers((Number("x", 1.0, "mm", source="bai2019"),)),))
    section = Section("Numbers", (inner,))
    with pytest.raises(DocumentError, match="bai2019"):
        Report("t", "p", moment, "1", (section,))
    report = Report("t", "p", moment, "1", (section,), sources=(Source("other", "Other"), Source("bai2019", "Bai")))
    assert report.number_of("bai2019") == 2
    assert list(report.cited()) == ["bai2019"]


def test_a_report_without_time_zone_is_refused():
    with pytest.raises(DocumentError, match="time zone"):
        Report("t", "p", datetime(2026, 1, 2), "1", ())
