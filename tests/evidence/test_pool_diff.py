"""A living review: what moved, by how much, and which rows did it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from own_evidence import own_folder

from locoregional.evidence.base import evidence_base, read_base, shipped_tables
from locoregional.evidence.pool_diff import pool_moves
from locoregional.evidence.pool_snapshot import read_snapshot, snapshot_lines


def test_nothing_moved_is_nothing():
    lines = read_snapshot()
    assert pool_moves(lines, lines) == ()
    assert pool_moves(lines, snapshot_lines(read_base(shipped_tables())[0])) == ()


def test_a_new_study_moves_its_pool_and_is_named(tmp_path):
    base = evidence_base(own_folder(tmp_path))
    moves = {m.pool: m for m in pool_moves(read_snapshot(), snapshot_lines(base))}
    assert "liver_rfa_ltp_patient" in moves
    move = moves["liver_rfa_ltp_patient"]
    assert move.rows == ("Miller2025-O01",)
    text = " | ".join(move.sentences)
    assert "Miller2025-O01 enters with 30/60" in text
    assert "3 series" in text
    assert "4 series" in text
    beside = moves["liver_rfa_ltp_lesion"]
    assert beside.rows == ("Miller2025-O01",)
    assert beside.sentences == ("the number is unchanged; Miller2025-O01 stands beside it",), (
        "a count of patients does not enter a pool of lesions"
    )
    assert "liver_tare_os_median" not in moves


def test_the_other_way_round_the_row_leaves(tmp_path):
    base = evidence_base(own_folder(tmp_path))
    moves = {m.pool: m for m in pool_moves(snapshot_lines(base), read_snapshot())}
    assert "Miller2025-O01 (30/60) leaves" in moves["liver_rfa_ltp_patient"].sentences


def test_a_changed_count_is_told_from_a_changed_method():
    line = read_snapshot()[0]
    counted = replace(line, inputs=line.inputs.replace("O105=8/69", "O105=18/69"), estimate="25.00")
    (move,) = pool_moves([line], [counted])
    assert move.rows == ("O105",)
    assert "O105 changed from 8/69 to 18/69" in move.sentences
    (move,) = pool_moves([line], [replace(line, estimate="25.00")])
    assert move.rows == ()
    assert "no row changed" in move.sentences[-1]


def test_poolable_no_more_comes_first_with_the_reason():
    line = read_snapshot()[0]
    (move,) = pool_moves([line], [replace(line, poolable="no", reason="too different", estimate="", low="", high="")])
    assert move.sentences[0] == "may not be pooled any more: too different"
    assert "is not poolable (3 series)" in move.sentences[1]


def test_new_and_vanished_pools_are_named():
    lines = read_snapshot()
    assert "new pool" in pool_moves(lines[1:], lines)[-1].sentences[0]
    assert "not asked for any more" in pool_moves(lines, lines[1:])[0].sentences[0]


@given(st.sampled_from(read_snapshot()), st.floats(0.02, 90.0), st.sampled_from(["estimate", "low", "high"]))
def test_every_visible_move_is_reported_and_none_below_the_last_decimal(line, by, name):
    if not getattr(line, name):
        return
    value = float(getattr(line, name))
    assert len(pool_moves([line], [replace(line, **{name: f"{value + by + 0.01:.2f}"})])) == 1
    assert pool_moves([line], [replace(line, **{name: f"{value + 0.01:.2f}"})]) == ()
