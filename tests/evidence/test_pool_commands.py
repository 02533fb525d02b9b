"""The commands that pool, draw and appraise the evidence base, as a user runs them."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from own_evidence import own_folder

from locoregional.cli import commands
from locoregional.errors import EvidenceError


def run(*arguments):
    result = CliRunner().invoke(commands, ["evidence", *map(str, arguments)], catch_exceptions=True)
    if isinstance(result.exception, EvidenceError):
        raise result.exception
    return result


def test_all_pools_as_a_table_with_reasons_and_no_ranking():
    out = run("pool").output
    assert "liver_tace_response" in out
    assert "not poolable" in out
    assert "the studies differ too much (I² 95 %)" in out
    assert "says nothing about which procedure is better" in out


def test_one_pool_in_full():
    out = run("pool", "--pool", "liver_rfa_ltp_patient").output
    for part in (
        "Meloni 2009",
        "13/52",
        "Pooled: 18.9",
        "k = 3 studies",
        "binomial-normal",
        "imprecision",
        "Beside it",
        "[O116]",
    ):
        assert part in out


def test_json_of_pools_has_the_agreed_names(tmp_path):
    target = tmp_path / "pools.json"
    run("pool", "--json", target)
    document = json.loads(target.read_text(encoding="utf-8"))
    assert "not_a_ranking" in document
    for pool in document["pools"]:
        assert {
            "estimate",
            "ci_low",
            "ci_high",
            "tau2",
            "i2_percent",
            "prediction_low",
            "prediction_high",
            "k",
            "poolable",
            "reason",
        } <= set(pool["result"])
    assert json.loads(run("pool", "--pool", "liver_rfa_os_median", "--json", "-").output)["pools"][0]["n_patients"] == 179


def test_diff_names_what_a_new_study_moved(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    own_folder(folder)
    assert "No pool moved" in run("pool", "--diff", "shipped").output
    out = run("pool", "--base", folder, "--diff", "shipped").output
    assert "Miller2025-O01 enters with 30/60" in out
    assert "No pool moved" in run("pool", "--base", folder, "--diff", folder).output
    with pytest.raises(EvidenceError, match="no such folder"):
        run("pool", "--diff", tmp_path / "nowhere")


def test_forest_of_a_pool_and_of_a_table(tmp_path):
    out = tmp_path / "a.svg"
    assert f"written: {out}" in run("forest", "liver_tace_response", "--out", out).output
    words = " ".join(ElementTree.parse(out).getroot().itertext())
    assert "Vogl 2010" in words
    assert "Not poolable: the studies differ too much" in words
    table = tmp_path / "mine.csv"
    table.write_text("study,events,total\nA,3,20\nB,5,30\nC,4,25\n", encoding="utf-8")
    run("forest", "--input", table, "--out", tmp_path / "b.svg", "--title", "Mine")
    ids = {e.get("id") for e in ElementTree.parse(tmp_path / "b.svg").getroot().iter()}
    assert "pooled-diamond" in ids


def test_funnel_and_flow(tmp_path):
    run("funnel", "liver_rfa_complete_ablation_lesion", "--out", tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    out = run("appraise", "--flow", tmp_path / "flow.svg").output
    assert "PRISMA" in out
    assert "MINORS, series" in out
    assert "critical (confounding)" in out
    assert (tmp_path / "flow.svg").exists()


def test_appraise_a_study_and_a_pool():
    out = run("appraise", "McMenomy2013").output
    assert "8 of the 14 points that could be judged (1 of 8 items could not)" in out
    assert "3 of 43 patients (7 %) lost" in out
    assert "Not appraised (narrative review)" in run("appraise", "Bale2019").output
    assert "down 1  imprecision" in run("appraise", "liver_tare_os_median").output
    assert "No certainty" in run("appraise", "liver_cryo_ltp_lesion").output


def test_bad_requests_are_refused(tmp_path):
    table = tmp_path / "t.svg"
    table.write_text("study,events,total\nA,3,20\n", encoding="utf-8")
    assert run("forest", "--out", tmp_path / "x.svg").exit_code == 2
    assert run("forest", "liver_rfa_os_median", "--input", table, "--out", tmp_path / "x.svg").exit_code == 2
    assert "never overwritten" in run("forest", "--input", table, "--out", table).output
    with pytest.raises(EvidenceError, match="neither a study nor a pool"):
        run("appraise", "Meloni2008")
    with pytest.raises(EvidenceError, match="no study to draw"):
        run("forest", "spine_vertebroplasty_pain_change", "--out", tmp_path / "x.svg")
    assert not (tmp_path / "x.svg").exists()
