import csv
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.grim import grim, share_fits


def brute(percent: str, total: int) -> tuple[set[int], set[int]]:
    """Counts by rounding and by truncation, tried one by one."""
    step = Decimal(1).scaleb(Decimal(percent).as_tuple().exponent)
    half, cut = set(), set()
    for k in range(total + 1):
        exact = Decimal(100 * k) / Decimal(total)
        if any(exact.quantize(step, rule) == Decimal(percent) for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN)):
            half.add(k)
        if exact.quantize(step, ROUND_DOWN) == Decimal(percent):
            cut.add(k)
    return half, cut - half


@given(st.integers(0, 2), st.data(), st.integers(1, 260))
def test_same_counts_as_trying_all(places, data, total):
    number = data.draw(st.integers(0, 100 * 10**places))
    percent = f"{number / 10**places:.{places}f}"
    half, cut = brute(percent, total)
    answer = grim(percent, total)
    # Half-up, half-even and half-down are all accepted, so a tie may add counts that neither of the two rules gives.
    assert half <= set(answer.rounded)
    assert all(
        abs(Decimal(100 * k) / total - Decimal(percent)) * 2 == Decimal(1).scaleb(-places) for k in set(answer.rounded) - half
    )
    assert set(answer.truncated) == cut - set(answer.rounded)


@given(st.integers(1, 500), st.data(), st.integers(0, 3))
def test_a_true_share_is_never_refused(total, data, places):
    n = data.draw(st.integers(0, total))
    assert share_fits(f"{100 * n / total:.{places}f}", n, total) == "rounded"


def test_published_list(shared_tables):
    with (shared_tables / "evidence" / "grim_check.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 25
    for row in rows:
        percent = f"{float(row['percent']):.{row['decimals']}f}"
        expected = () if row["k_that_fit"] == "NONE" else tuple(int(k) for k in row["k_that_fit"].split(";"))
        assert grim(percent, int(row["N"])).rounded == expected, row["claim"]


def test_words_name_the_neighbours():
    assert grim("75", 34).words == "75 % of 34 is no whole number (25 gives 73.53 % and 26 gives 76.47 %)"
    assert grim("71.8", 64).truncated == (46,)
    assert "cut off, not rounded" in grim("71.8", 64).words
    assert grim("100", 7).rounded == (7,)
    assert grim("13", 208).words == "13 % of 208 is 26 to 28"
    assert share_fits("12.5", 2, 17) == "no"


def test_decimals_count():
    assert grim("39", 41).possible
    assert grim("39.0", 41).rounded == (16,)
    assert not grim("40.0", 41).possible


@pytest.mark.parametrize(("percent", "total"), [("101", 10), ("-1", 10), ("many", 10), ("nan", 10), ("50", 0)])
def test_impossible_questions_are_refused(percent, total):
    with pytest.raises(EvidenceError):
        grim(percent, total)
