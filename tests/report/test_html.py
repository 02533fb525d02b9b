import json
import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from made_patient import TARGET
from PIL import Image

from locoregional.report.document import (
    Answer,
    Badge,
    Callout,
    Figure,
    Fold,
    KeyNumbers,
    Number,
    OptionCard,
    Options,
    Paragraph,
    Report,
    RuleLine,
    Scene3D,
    Section,
    SliceStack,
    Source,
    Sources,
    Table,
)
from locoregional.report.html import render_html, write_html
from locoregional.report.marks import Point
from locoregional.report.pdf import render_pdf, write_pdf
from locoregional.report.scene import ball, needle_surfaces

HOSTILE = '</script><img src=x onerror="alert(1)">&{{ 7*7 }}'


def png(width=40, height=30):
    out = BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(out, format="PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def report(patient, moment):
    figure = Figure(png(), "caption " + HOSTILE, "alt " + HOSTILE, plot=True)
    rule = RuleLine("at most 3 cm " + HOSTILE, "unmet", "4 cm", "bai", "abstract", "borrowed: colorectal", "borrowed")
    everything = (
        Paragraph(HOSTILE, ("bai",)),
        KeyNumbers((Number("Margin", 3.24, "mm", 1.1, 5.4, source="bai", status="unverified", verdict="caution"),)),
        Table(("a", HOSTILE), (("x", Number("n", 7.0, "ml", 6.0, 8.0)), (HOSTILE, Badge("no", "blocked"))), HOSTILE, (1,)),
        Options((OptionCard("Microwave ablation", "not indicated", "blocked", (rule,)),)),
        *(Callout(kind, "title", (HOSTILE,)) for kind in ("caution", "assumed", "unchecked", "blocked", "good", "note")),
        Fold("more", (figure,)),
        SliceStack(patient.ct, tuple(TARGET), figure, patient.layers, (patient.needle,), reach_mm=15.0),
        Scene3D((ball(TARGET, radius_mm=10, name=HOSTILE), *needle_surfaces(patient.needle)), figure, (Point("tip", TARGET),)),
        Sources(),
    )
    sections = (Section("First & <b>best</b>", everything, lead=HOSTILE), Section("Second", (figure,)))
    answer = Answer("Indicated?", "No", "blocked", HOSTILE)
    return Report(
        "Patient " + HOSTILE,
        "72 years",
        moment,
        "9.9",
        sections,
        "headline",
        (answer,),
        (Source("bai", "Bai " + HOSTILE, "10.1/x"),),
        figure,
    )


@pytest.fixture(scope="module")
def page(report):
    return render_html(report)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.fixture(scope="module")
def tags(page):
    reader = Reader()
    reader.feed(page)
    return reader.tags


def test_nothing_is_fetched(page, tags):
    for tag, attributes in tags:
        for name in ("src", "srcset", "poster", "data"):
            if name in attributes and tag != "source":
                assert attributes[name].startswith("data:"), (tag, attributes[name][:60])
        if tag == "a":
            assert attributes["href"].startswith(("#", "https://doi.org/"))
        assert tag not in ("link", "iframe", "object", "base")
    assert "@import" not in page
    assert not re.search(r"url\(\s*['\"]?(?!data:)", page)
    policy = next(a["content"] for t, a in tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_hostile_text_stays_text(tags):
    assert not any("onerror" in attributes for _, attributes in tags)
    assert all(attributes.get("src", "") != "x" for _, attributes in tags)
    assert not any(tag == "b" for tag, _ in tags)


def test_templates_do_not_run_data(page):
    assert "&amp;49" not in page
    assert "{{ 7*7 }}" in page


def test_every_picture_has_words(tags):
    pictures = [a for t, a in tags if t == "img"]
    assert len(pictures) == 5
    assert all(a.get("alt", "").strip() for a in pictures)


def test_numbers_stand_with_interval_source_and_mark(page):
    flat = re.sub(r"[ \n]+", " ", page)
    assert re.search(
        r"<strong>3\.2\u00a0mm</strong><sup class=\"cite\">.*?\[1\]</a></sup> <span class=\"status unverified\">unverified", flat
    )
    assert "90\u00a0%: 1.1 to 5.4\u00a0mm" in page
    assert 'class="status borrowed"' in page


def test_links_inside_the_page_lead_somewhere(tags):
    names = {a["id"] for _, a in tags if "id" in a}
    assert {a["href"][1:] for t, a in tags if t == "a" and a["href"].startswith("#")} <= names
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_viewers_find_their_data(page, tags):
    for _, attributes in [x for x in tags if "data-values" in x[1]]:
        name = attributes["data-values"]
        text = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, flags=re.S).group(1)
        assert set(json.loads(text)) >= ({"surfaces", "points"} if "scene" in attributes["class"] else {"layers", "needles"})


def test_headings_descend_and_language_is_set(tags):
    levels = [int(t[1]) for t, _ in tags if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert next(a for t, a in tags if t == "html")["lang"] == "en"


def test_same_report_same_page(report, page):
    assert render_html(report) == page


def test_files_are_written_whole(report, tmp_path):
    html, pdf = write_html(report, tmp_path / "r.html"), write_pdf(report, tmp_path / "r.pdf")
    assert html.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html", "r.pdf"]
    assert pdf.read_bytes().rstrip().endswith(b"%%EOF")


def test_pdf_has_pages_and_real_fonts(report):
    data = render_pdf(report)
    assert data.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", data))
    assert pages >= 2
    assert b"DejaVuSans" in data
    assert b"Outlines" in data
    assert render_pdf(report) == data


def test_pdf_says_what_the_page_says(report, tmp_path):
    import shutil
    import subprocess

    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = write_pdf(report, tmp_path / "r.pdf")
    words = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    for needed in (
        "3.2",
        "90 %: 1.1 to 5.4 mm",
        "unverified",
        "borrowed",
        "Not for clinical decisions",
        "Page 2",
        "onerror",
    ):
        assert needed in words.replace("\u00a0", " "), needed
