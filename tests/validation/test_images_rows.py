from locoregional.validation.images import rows


def test_every_image_row_holds(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    found = list(rows())
    assert len(found) == 13
    assert [row.name for row in found if row.verdict != "holds"] == ["Real CT against SimpleITK"]
    assert found[-1].verdict == "not run"


def test_real_data_is_compared_where_it_is_named(monkeypatch, shared_data):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    real = [row for row in rows() if row.name.startswith("Real CT")]
    assert [row.verdict for row in real] == ["holds", "holds"]
