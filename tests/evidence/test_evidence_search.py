from small_evidence import base_of, row

from locoregional.evidence.dependents import dependents
from locoregional.evidence.search import search

BASE = base_of(
    row("outcomes"),
    row("outcomes", id="O002", subgroup="a", procedure="deb_tace", note="see Kümler, pages 1–9"),
    row("prognostic_factors"),
    row("audit"),
)


def ids(words):
    return [h.row.id for h in search(BASE, words)]


def test_every_word_must_occur_in_any_case():
    assert ids("LOCAL tumour progression")[:2] == ["O001", "O002"]
    assert ids("progression deb-tace") == ["O002"]
    assert ids("progression nonsense") == []
    assert ids("") == ids("  -  ") == []


def test_accents_and_hyphens_do_not_matter():
    assert ids("kumler") == ids("KÜMLER") == ["O002"]
    assert ids("1-9") == ["O002"]


def test_the_row_itself_comes_first():
    assert ids("O001")[0] == "O001"
    assert "A01" in ids("O001")
    assert ids("Meloni2009")[0] == "Meloni2009"
    assert search(BASE, "diameter")[0].columns == ("factor",)


def test_what_rests_on_a_row():
    base = base_of(
        row("outcomes"), row("outcomes", id="O002", subgroup="a", note="twice the value of O001"), row("outcomes", id="O00")
    )
    found = dependents(base, "O001")
    assert "outcomes O002: note" in found
    assert "pool liver_rfa_ltp_patient: enters" in found
    assert any(line.startswith("pool liver_rfa_ltp_lesion: shown beside it, ") for line in found)
    assert all(line.startswith("pool ") for line in dependents(base, "O00"))
    assert dependents(base, "P77") == ()
