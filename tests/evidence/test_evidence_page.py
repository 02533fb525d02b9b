"""The page on the evidence says what the tables hold today, and its example works."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from locoregional.cli.evidence import command
from locoregional.evidence.appraisal.minors import minors_of
from locoregional.evidence.appraisal.robins import robins_of
from locoregional.evidence.audit import findings, recomputed
from locoregional.evidence.base import read_base, shipped_tables
from locoregional.evidence.pool_snapshot import drawn_number
from locoregional.evidence.pools import all_pools, pool_named

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())
NUMBERS = dict(enumerate("no one two three four five six seven eight nine ten".split()))


@pytest.fixture(scope="module")
def base():
    return read_base(shipped_tables())[0]


def count(base, table, **wanted):
    return len(base.filter(table, **wanted))


def test_sizes_of_the_tables(base):
    assert f"Version {base.version}, {len(base)} rows" in WORDS
    for name, rows in base.tables.items():
        assert f"| {name} | {len(rows)} |" in PAGE


def test_verdicts_and_what_was_read(base):
    for words, verdict in (("agrees with the study itself", "agrees"), ("differs", "differs")):
        assert f"| {words} | {count(base, 'outcomes', in_review='yes', verdict=verdict)} |" in PAGE
    unverified = count(base, "outcomes", in_review="yes", verdict="unverified")
    printed = count(base, "outcomes", in_review="yes")
    assert f"nobody has read it in the study | {unverified} |" in PAGE
    assert f"({unverified} of {printed} rows) is unverified" in WORDS
    assert f"does not print ({count(base, 'outcomes', in_review='no')} rows)" in WORDS
    rebuilt = sum("rebuilt" in r.text("note").lower() for r in base.table("outcomes"))
    assert f"*rebuilt* ({rebuilt} rows)" in PAGE
    for words, directness in (
        ("breast cancer only", "breast"),
        ("several tumours together", "mixed"),
        ("other tumours", "borrowed"),
    ):
        assert re.search(rf"{words} \({count(base, 'outcomes', directness=directness)}\b", WORDS), directness
    seen, unread = (count(base, "studies", in_review="yes", abstract_seen=s) for s in ("yes", "no"))
    further = count(base, "studies", in_review="no", abstract_seen="yes")
    assert f"{seen} of the 50 references" in WORDS
    assert f"the {further} further papers; {unread} were not read" in WORDS
    assert further == count(base, "studies", in_review="no")


def test_findings(base):
    found = findings(base)
    of = [f.text("severity") for f in found]
    counts = ", ".join(f"{of.count(s)} {s}" for s in ("grave", "moderate", "minor"))
    assert f"{len(found)} findings: {counts}" in WORDS
    assert f"{len(findings(base, new=True))} are new" in WORDS
    grave = {f.id for f in findings(base, severity="grave")}
    assert grave == set(re.findall(r"\bA\d{2,3}\b", PAGE.partition("## What is weak")[0].partition("The grave ones")[2]))
    again = recomputed(base)
    assert f"comes to {len(again)} contradictions" in WORDS
    assert all(r.listed for r in again)


def test_weaknesses(base):
    assert f"{count(base, 'standards', status='unverified')} are unverified" in WORDS
    alone = [s.id for s in base.table("standards") if s.text("source") == "locoregional_recalled"]
    assert f"{NUMBERS[len(alone)]} ({', '.join(alone)})" in WORDS
    appraised = [m for s in base.table("studies") if (m := minors_of(base, s.id)) is not None]
    assert f"Of {len(appraised)} series appraised by MINORS {sum(m.weak for m in appraised)} have" in WORDS
    judged = base.table("appraisal")
    unsaid = sum(r.text("judgement") == "no information" for r in judged)
    assert f"of all {len(judged)} judgements {unsaid} are" in WORDS
    compared = [r.overall for s in base.table("studies") if (r := robins_of(base, s.id)) is not None]
    said = [f"{NUMBERS[compared.count(o)]} {o}" for o in ("serious", "critical")]
    assert (
        f"{NUMBERS[len(compared)].title()} comparisons: {', '.join(said)}, {NUMBERS[compared.count('no information')]}" in WORDS
    )


def test_pools(base):
    results = all_pools(base)
    assert f"{len(results)} named questions" in WORDS
    assert f"{NUMBERS[sum(not r.spec.board for r in results)]} of them are variants" in WORDS
    refused = [r.pooled.k for r in results if not r.pooled.poolable]
    pooled, differ = NUMBERS[len(results) - len(refused)], NUMBERS[sum(k > 1 for k in refused)]
    alone, empty = NUMBERS[refused.count(1)], NUMBERS[refused.count(0)]
    said = f"{pooled} questions may be pooled, {differ} differ too much, {alone} rest on one study and {empty} on none"
    assert said in WORDS
    graded = [r.certainty.certainty for r in results if r.certainty is not None]
    assert f"All {len(graded)} questions with a study come to very low" in WORDS
    assert set(graded) == {"very low"}
    for name in ("liver_rfa_ltp_patient", "liver_rfa_os_median", "liver_tare_os_median"):
        p = pool_named(base, name).pooled
        middle, low, high = (drawn_number(v, p.measure, decimals=1) for v in (p.estimate, p.ci_low, p.ci_high))
        assert re.search(rf"{re.escape(middle)} (%|months)[^(]*\({low} to {high}, {NUMBERS[p.k]} series\)", WORDS), (
            name,
            middle,
            low,
            high,
        )


def test_the_example_moves_what_the_page_says(tmp_path):
    (form,) = re.findall(r"^```toml\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert tomllib.loads(form)["study"]["journal"] == "Made Up J"
    study, own = tmp_path / "study.toml", tmp_path / "own"
    study.write_text(form, encoding="utf-8")
    run = CliRunner().invoke
    added = run(command, ["add", "--from", str(study), "--to", str(own)]).output
    moved = run(command, ["pool", "--base", str(own), "--diff", "shipped"]).output
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    for line in shown.splitlines():
        assert line == "..." or line in added or line in moved
    assert "from your own folder" in run(command, ["show", "Tester2025", "--folder", str(own)]).output
