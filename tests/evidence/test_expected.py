"""What a board is told to expect: pools where allowed, else series side by side, everything marked."""

import time

import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.base import read_base, shipped_tables
from locoregional.evidence.expected import DIRECTNESS, expected
from locoregional.evidence.pool_spec import GROUPS
from locoregional.evidence.pooling.single_study import clopper_pearson
from locoregional.evidence.pools import pool_named
from locoregional.evidence.schema import schema

ORGANS = [o for o in schema()["outcomes"].columns["organ"].choices if o not in ("any", "none")]
PROCEDURES = [p for p in schema()["outcomes"].columns["procedure"].choices if p not in ("any", "none")]


@pytest.fixture(scope="module")
def base():
    return read_base(shipped_tables())[0]


@pytest.fixture(scope="module")
def everything(base):
    return {(o, p): expected(base, organ=o, procedure=p) for o in ORGANS for p in PROCEDURES}


def test_every_source_and_row_resolves_and_every_number_has_a_unit(base, everything):
    for found in everything.values():
        for e in found:
            assert e.sources
            assert all(base.knows_reference(s) for s in e.sources)
            assert all(id_ in base for id_ in e.rows)
            assert e.unit in ("%", "months", "points", "text")
            assert e.words
            assert e.status in ("verified", "unverified", "borrowed")
            assert e.group in (*GROUPS, "comparison")
            if e.low is not None and e.value is not None and e.level is not None:
                assert e.low <= e.value <= e.high


def test_only_rows_of_the_organ_and_the_procedure_or_its_kind(base, everything):
    for id_ in (id_ for e in everything["liver", "mwa"] for id_ in e.rows):
        assert set(base.row(id_).many("procedure")) & {"mwa", "thermal_ablation"}
        assert "liver" in base.row(id_).many("organ")
    assert everything["long_bone", "fixation"] == ()


def test_a_poolable_question_gives_the_pool_and_hides_none_of_the_rest(base, everything):
    found = everything["liver", "rfa"]
    pool = pool_named(base, "liver_rfa_os_median")
    first = next(e for e in found if e.group == "survival")
    assert (first.pool, first.poolable, first.n_studies, first.n_patients) == ("liver_rfa_os_median", True, 4, 179)
    assert first.value == pytest.approx(pool.pooled.estimate)
    assert (first.low, first.high) == (pytest.approx(pool.pooled.ci_low), pytest.approx(pool.pooled.ci_high))
    assert set(first.rows) == {c.row for c in pool.chosen}
    jakobs = next(e for e in found if e.rows == ("O009",))
    assert (jakobs.status, jakobs.poolable, jakobs.value) == ("unverified", False, 58.6)
    assert "[unverified]" in jakobs.words
    assert jakobs.reason


def test_what_may_not_be_pooled_stands_side_by_side_with_exact_intervals(everything):
    response = [e for e in everything["liver", "ctace"] if e.pool == "liver_tace_response"]
    assert not any(e.poolable for e in response)
    vogl = next(e for e in response if e.rows == ("O020",))
    assert (vogl.low, vogl.high) == tuple(100.0 * v for v in clopper_pearson([27], [208])[:, 0])
    assert "differ too much" in vogl.reason
    assert {"O020", "O029"} <= {e.rows[0] for e in response}


def test_variants_that_rest_on_unverified_rows_are_not_shown(everything):
    pools = {e.pool for found in everything.values() for e in found if e.poolable}
    assert "liver_rfa_os_median" in pools
    assert not {"liver_rfa_os_median_with_jakobs", "liver_tare_os_median_with_fendler", "liver_thermal_ltp_lesion"} & pools
    assert all(e.status != "unverified" for found in everything.values() for e in found if e.poolable)


def test_within_a_group_pools_come_first_and_unverified_numbers_last(everything):
    order = [*GROUPS, "comparison"]
    for found in everything.values():
        groups = [order.index(e.group) for e in found]
        assert groups == sorted(groups)
        for group in {e.group for e in found}:
            unverified = [e.status == "unverified" for e in found if e.group == group]
            assert unverified == sorted(unverified)


def test_a_row_is_told_once(everything):
    for found in everything.values():
        rows = [id_ for e in found for id_ in e.rows]
        assert len(rows) == len(set(rows))


def test_contrary_evidence_stands_beside_the_procedure(everything):
    contrary = [e for e in everything["spine", "bone_embolization"] if e.group == "comparison"]
    assert any("no significant difference of blood loss" in e.words for e in contrary)
    assert any(e.rows == ("O160",) for e in everything["liver", "rfa"]), "resection lived longer"
    assert all(e.value is None and e.unit == "text" for e in contrary)


def test_borrowed_numbers_are_called_borrowed_and_can_be_hidden(base, everything):
    adrenal = everything["adrenal", "rfa"]
    assert {e.status for e in adrenal} == {"borrowed"}
    assert expected(base, organ="adrenal", procedure="rfa", directness=("breast",)) == ()


def test_bone_outside_the_spine_keeps_its_own_numbers_first(everything):
    pain = [e for e in everything["long_bone", "cementoplasty"] if e.group == "pain"]
    assert pain[0].rows == ("O071",)
    change = next(e for e in pain if e.rows == ("O070",))
    assert change.value == pytest.approx(-5.17)
    assert change.unit == "points"


def test_what_is_measured_stands_apart_from_its_number(everything):
    what = {e.rows[0]: e.what for found in everything.values() for e in found}
    assert what["O126"] == "Gordon 2014: partial response, evaluable by RECIST"
    assert what["O108"] == "Bai 2019: overall survival at 12 months, from first RFA"
    assert what["O101"] == "Meloni 2009: median overall survival, from diagnosis of liver metastasis"
    assert what["O211"] == "Barral 2016: disease-free survival at 12 months"
    pool = next(e for e in everything["liver", "tare"] if e.pool == "liver_tare_os_median" and e.poolable)
    assert pool.what == "Liver, radioembolization (resin and glass): median overall survival (pool)"
    for found in everything.values():
        for e in found:
            assert "at a time point" not in e.words
            assert e.what.partition(":")[0] in e.words
            if e.group != "comparison" and e.value is not None:
                assert f"{e.value:.1f}" in e.words
                assert f"{e.value:.1f} " not in e.what


def test_ranges_of_studies_are_not_called_intervals(everything):
    wang = next(e for e in everything["liver", "tace"] if e.rows == ("O036",))
    assert wang.level is None
    assert "range 7.3 to 47.0 months" in wang.words
    mcmenomy = next(e for e in everything["bone", "cryo"] if e.rows == ("O058",))
    assert mcmenomy.level == 0.95


def test_the_same_question_is_answered_from_memory(base):
    expected(base, organ="liver", procedure="rfa")
    start = time.perf_counter()
    answers = {id(expected(base, organ="liver", procedure="rfa")) for _ in range(20_000)}
    assert time.perf_counter() - start < 1.0
    assert len(answers) == 1


@pytest.mark.parametrize("wrong", [{"organ": "spleen", "procedure": "rfa"}, {"organ": "liver", "procedure": "hifu"}])
def test_unknown_words_are_refused(base, wrong):
    with pytest.raises(EvidenceError, match="is not known"):
        expected(base, **wrong)
    with pytest.raises(EvidenceError, match="directness"):
        expected(base, organ="liver", procedure="rfa", directness=(*DIRECTNESS, "mice"))
