"""The chapter on nuclear medicine images holds, and its references are what the sources print."""

from locoregional.sources import bibliography
from locoregional.validation.nuclear_images import rows


def test_rows_without_real_images_hold(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    found = list(rows())
    assert [row.name for row in found if row.verdict == "misses"] == []
    assert sum(row.verdict == "holds" for row in found) >= 18
    assert found[-1].verdict == "not run"


def test_rows_on_real_images_hold(monkeypatch, shared_data):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    found = list(rows())
    assert [row.name for row in found if row.verdict != "holds"] == []
    assert len(found) >= 31
    assert {row.source for row in found} - {"exact solution"} <= set(bibliography())


def test_printed_decay_factors_are_those_of_the_table(shared_tables):
    table = {
        float(line.split(",")[0]): float(line.split(",")[1])
        for line in (shared_tables / "decay_factor_testvectors.csv").read_text().splitlines()[1:]
    }
    printed = [row for row in rows() if row.name.startswith("Decay factor")]
    assert {row.reference for row in printed} <= set(table.values())
