"""Named pools: what enters and why, agreement with a first look made elsewhere, and refusals that say their reason."""

from dataclasses import replace

import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.base import evidence_base, read_base, shipped_tables
from locoregional.evidence.pool_selection import select_rows, study_label
from locoregional.evidence.pool_snapshot import PoolLine, read_snapshot, snapshot_lines, write_snapshot
from locoregional.evidence.pool_spec import pool_specs
from locoregional.evidence.pooling.medians import pool_log_medians
from locoregional.evidence.pooling.proportions import pool_proportions
from locoregional.evidence.pools import all_pools, pool_named, pool_of, rank_procedures


@pytest.fixture(scope="module")
def base():
    return read_base(shipped_tables())[0]


@pytest.fixture(scope="module")
def results(base):
    return {r.spec.name: r for r in all_pools(base)}


def rounded(value: float, digits: int = 1) -> float:
    return round(100.0 * value, digits)


def test_every_row_named_in_the_questions_exists_and_speaks_to_them(base):
    for spec in pool_specs().values():
        chosen, aside = select_rows(base, spec)
        ids = {c.row for c in (*chosen, *aside)}
        assert set(spec.admit) <= {c.row for c in chosen}, f"{spec.name} admits a row that does not enter"
        assert set(spec.leave_out) <= {c.row for c in aside}
        assert set(spec.leave_out) | set(spec.admit) <= ids
        for pair in spec.scores.values():
            assert all(base.row(id_).text("estimand") == "pain_score" for id_ in pair)


def test_units_are_never_mixed_and_a_study_enters_once(results):
    for result in results.values():
        assert {c.unit_of_analysis for c in result.chosen} <= {result.spec.unit_of_analysis}
        studies = [c.study for c in result.chosen]
        assert len(studies) == len(set(studies))
        assert all(c.reason for c in result.aside)
        assert not any(c.reason for c in result.chosen)


def test_lesions_stand_beside_patients_with_the_reason(results):
    aside = {c.row: c.reason for c in results["liver_rfa_ltp_patient"].aside}
    assert aside["O116"] == "counts by lesion, the pool by patient"
    assert "O116" in [c.row for c in results["liver_rfa_ltp_lesion"].chosen]


def test_unverified_rows_never_enter_a_board_pool_silently(results):
    for result in results.values():
        unread = [c for c in result.chosen if c.status == "unverified"]
        assert (result.status == "unverified") == bool(unread)
        if unread and result.spec.board:
            assert not result.pooled.poolable, f"{result.spec.name} rests on {unread[0].row}, which nobody has read"
    with_jakobs = results["liver_rfa_os_median_with_jakobs"]
    assert not with_jakobs.spec.board
    assert with_jakobs.verified_only is not None
    assert with_jakobs.verified_only.estimate == pytest.approx(results["liver_rfa_os_median"].pooled.estimate)


def test_response_to_chemoembolization_is_not_poolable_as_in_the_first_look(results):
    tace, both = results["liver_tace_response"].pooled, results["liver_tace_tare_response"].pooled
    for pooled, estimate, low, high, i2, q, far in (
        (tace, 20.7, 0.6, 91.3, 94.8, 37.79, 99.7),
        (both, 24.2, 4.1, 70.3, 94.1, 43.86, 95.8),
    ):
        assert not pooled.poolable
        assert "differ too much" in pooled.reason
        assert (rounded(pooled.estimate), rounded(pooled.ci_low), rounded(pooled.ci_high)) == (estimate, low, high)
        assert pooled.i2_percent == pytest.approx(i2, abs=0.06)
        assert pooled.q == pytest.approx(q, abs=0.006)
        assert pooled.other_convention == "metafor"
        assert rounded(pooled.other_prediction_high) == far


def test_two_medians_of_drug_eluting_beads_are_two_numbers(results):
    pooled = results["liver_deb_tace_os_median"].pooled
    assert not pooled.poolable
    assert pooled.k == 2
    assert pooled.i2_percent == pytest.approx(93.4, abs=0.06)
    assert pooled.estimate == pytest.approx(28.5, abs=0.06)
    assert pooled.prediction_low is None


def test_local_progression_agrees_with_the_first_look_on_its_inputs(results):
    """Both take 13 of 52; the base keeps the Hartung-Knapp variance from falling below Wald's, so that its interval is wider."""
    first = pool_proportions([13, 8, 7], [52, 69, 32], method="REML")
    assert [rounded(v) for v in (first.estimate, first.ci_low, first.ci_high)] == [18.9, 6.3, 44.8]
    assert [rounded(v) for v in (first.other_prediction_low, first.other_prediction_high)] == [3.2, 62.3]
    ours = results["liver_rfa_ltp_patient"]
    assert ours.pooled.estimate == pytest.approx(first.estimate)
    assert ours.pooled.ci_low <= first.ci_low
    assert ours.companion.method == "glmm"
    assert ours.companion.estimate == pytest.approx(0.184, abs=0.003)


def test_median_survival_agrees_with_the_first_look_on_its_inputs(base):
    plain = replace(pool_specs()["liver_rfa_os_median"], leave_out={"O178": "not in the first look"})
    jakobs = replace(plain, admit={"O009": "first look"})
    for spec, numbers, i2 in ((plain, (28.7, 21.2, 39.0), 0.0), (jakobs, (34.9, 19.8, 61.7), 83.8)):
        chosen = select_rows(base, spec)[0]
        none = [float("nan")] * len(chosen)
        medians, totals = [c.used.value for c in chosen], [c.used.total for c in chosen]
        plainly = pool_log_medians(medians, none, none, totals=totals, method="DL")
        assert tuple(round(v, 1) for v in (plainly.estimate, plainly.ci_low, plainly.ci_high)) == numbers
        assert plainly.i2_percent == pytest.approx(i2, abs=0.06)
        named = pool_of(base, spec, method="DL").pooled
        assert named.estimate == pytest.approx(plainly.estimate)
        assert named.ci_low <= plainly.ci_low, "the base keeps the Hartung-Knapp variance from falling below Wald's"


def test_medians_without_interval_are_called_optimistic(results):
    pooled = results["liver_rfa_os_median"].pooled
    assert any("exponential" in w and "Meloni 2009" in w for w in pooled.warnings)


def test_pain_change_of_one_series_names_its_assumption(results):
    pooled = results["bone_cementoplasty_pain_change"].pooled
    assert pooled.estimate == pytest.approx(3.02 - 8.19)
    assert not pooled.poolable
    assert any("correlation of 0.5" in w for w in pooled.warnings)
    error = ((1.1**2 + 1.9**2 - 1.1 * 1.9) / 51) ** 0.5
    assert pooled.estimate - pooled.ci_low == pytest.approx(2.009 * error, rel=0.02)


def test_a_question_without_any_number_says_so(results):
    for name in ("liver_cryo_ltp_lesion", "spine_vertebroplasty_pain_change"):
        result = results[name]
        assert (result.pooled.k, result.n_studies, result.n_patients, result.certainty) == (0, 0, None, None)
        assert result.pooled.reason.startswith("no study gives a number")


def test_every_pool_with_studies_has_a_certainty_with_its_steps(results):
    for result in results.values():
        if result.chosen:
            assert result.certainty.certainty in ("very low", "low")
            assert len(result.certainty.steps) == 5


def test_ranking_is_refused_with_the_reason():
    with pytest.raises(EvidenceError, match="single-arm series"):
        rank_procedures(["liver_rfa_os_median", "liver_tare_os_median"])


def test_unknown_pools_are_refused_with_the_nearest_names(base):
    with pytest.raises(EvidenceError, match="liver_rfa_os_median"):
        pool_named(base, "liver_rfa_os_medain")


def test_pools_are_computed_once_per_content(base):
    assert pool_named(base, "liver_tace_response") is pool_named(read_base(shipped_tables())[0], "liver_tace_response")


def test_glmm_is_for_proportions_and_leaves_medians_alone(base):
    by_name = {r.spec.name: r for r in all_pools(base, method="glmm")}
    assert by_name["liver_rfa_ltp_patient"].pooled.method == "glmm"
    assert by_name["liver_rfa_ltp_patient"].companion.method == "REML"
    assert by_name["liver_rfa_os_median"].pooled.method == "REML"


def test_study_labels_read_as_names(base):
    labels = {row.id: study_label(row) for row in base.table("studies")}
    assert labels["Meloni2009"] == "Meloni 2009"
    assert labels["X3_Bale2018"] == "Bale 2018"
    assert labels["X8_Ridouani"] == "Ridouani 2021"
    assert len(set(labels.values())) == len(labels), "two studies of one name could not be pooled"


def test_the_committed_snapshot_is_what_the_tables_give(base):
    """If the tables changed on purpose: python -m locoregional.evidence.pool_snapshot, and look at what moved."""
    numbers = {"estimate", "low", "high", "prediction_low", "prediction_high", "i2_percent", "glmm", "glmm_low", "glmm_high"}
    fresh, kept = snapshot_lines(base), read_snapshot()
    assert [line.pool for line in fresh] == [line.pool for line in kept]
    for new, old in zip(fresh, kept, strict=True):
        for name in PoolLine.__dataclass_fields__:
            a, b = getattr(new, name), getattr(old, name)
            if name in numbers and a and b:
                assert float(a) == pytest.approx(float(b), abs=0.021), f"{new.pool}: {name}"
            else:
                assert a == b, f"{new.pool}: {name}"


def test_snapshots_survive_the_disk_and_strange_files_are_refused(tmp_path):
    lines = read_snapshot()
    assert read_snapshot(write_snapshot(lines, tmp_path / "p.csv")) == lines
    (tmp_path / "other.csv").write_text("pool,k\nx,1\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="columns"):
        read_snapshot(tmp_path / "other.csv")


def test_numbers_that_may_not_be_quoted_are_not_in_the_snapshot():
    for line in read_snapshot():
        assert bool(line.estimate) == (line.poolable == "yes" or line.k == "1")


def test_the_shipped_base_without_an_overlay_gives_the_same(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_EVIDENCE", raising=False)
    assert snapshot_lines(evidence_base()) == snapshot_lines(read_base(shipped_tables())[0])
