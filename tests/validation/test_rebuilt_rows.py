import numpy as np
import pytest

from locoregional.evidence.survival.accuracy import GIVEN, READING, accuracy_fact
from locoregional.validation.printed_curves import SERIES, simulated, trials
from locoregional.validation.rebuilt_curves import accuracy, measured, rows


@pytest.fixture(scope="module")
def published(shared_data):
    return trials(shared_data / "clinical" / "kmdata_breast_trials")


def test_all_published_hazard_ratios_come_back_and_misses_are_shown(shared_data, monkeypatch):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    monkeypatch.setattr("locoregional.validation.rebuilt_curves.accuracy", lambda _: {})
    found = list(rows())
    ratios = [row for row in found if row.name.endswith(": hazard ratio")]
    medians = [row for row in found if row.name.endswith("median, share of the true one")]
    assert len(ratios) == 25 * 2
    assert len(medians) == 15 * 2
    assert [row.name for row in ratios if row.verdict != "holds"] == []
    assert sum(row.verdict == "misses" for row in medians) <= 4
    assert all(row.verdict == "holds" for row in found if row.name.startswith("all trials"))


@pytest.mark.parametrize("size", ["large", "small"])
def test_stated_accuracy_is_what_is_measured(published, size):
    """The facts against the measurement that they came from; a part of it where all would take too long."""
    if size == "large":
        some = {name: arms for name, arms in published.items() if not name.startswith("ALTTO")}
    else:
        made_up = simulated(np.random.default_rng(20))
        some = {name: arms for name, arms in made_up.items() if arms[0].time.size < 100 and int(name.split()[-1]) <= 8}
    sections = {**GIVEN, READING: READING}
    for (given, quantity), errors in measured(some).items():
        if quantity != "median_of_rebuilt_patients":
            fact = accuracy_fact(sections[given], quantity, n=500 if size == "large" else 50)
            assert np.median(errors) <= 2 * fact.low, (given, quantity)
            assert np.quantile(errors, 0.9) <= 2 * fact.value, (given, quantity)
            assert errors.max() <= fact.high, (given, quantity)


def test_small_and_large_series_are_told_apart(monkeypatch):
    asked = []
    monkeypatch.setattr("locoregional.validation.rebuilt_curves.measured", lambda part: asked.append(set(part)) or {})
    accuracy({})
    large, small = asked
    assert len(large) == len(small) == 40
    assert {name.split()[1] for name in small} == {"30", "60"}


def test_made_up_patients_are_the_same_each_time():
    first, again = (simulated(np.random.default_rng(1)) for _ in range(2))
    assert all(np.array_equal(a.time, b.time) for name in first for a, b in zip(first[name], again[name], strict=True))
    assert set(SERIES) == {"corners", "rounded", "pixels"}


def test_without_the_trials_it_says_what_is_missing(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    assert [row.verdict for row in rows()] == ["not run"]
