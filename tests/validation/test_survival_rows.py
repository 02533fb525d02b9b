from locoregional.validation.survival import rows


def test_every_stored_result_of_r_is_met(shared_data, monkeypatch):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    found = list(rows())
    assert len(found) == 23
    assert [(row.name, row.error) for row in found if row.verdict != "holds"] == []
    assert {row.tolerance for row in found} <= {1e-8, 1e-6, 0.005 + 1e-9}


def test_without_the_cohorts_it_says_what_is_missing(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    assert [row.verdict for row in rows()] == ["not run"]


def test_both_copies_of_the_cohorts_are_the_same(shared_data, shared_tables):
    for name in ("gbsg", "rotterdam"):
        here, there = shared_data / "clinical-gpl" / f"{name}.csv", shared_tables / "oracles" / f"data_{name}.csv"
        tables = [path.read_text().replace('"', "").replace(".0\n", "\n").replace(".0,", ",") for path in (here, there)]
        assert tables[0] == tables[1]
