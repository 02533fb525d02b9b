from locoregional.validation.segmentations import real_files, rows


def test_every_row_about_formats_and_shapes_holds(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    found = list(rows())
    assert len(found) == 11
    assert [row.name for row in found if row.verdict == "not run"] == ["Files of other programs"]
    assert [row.name for row in found if row.verdict not in ("holds", "not run")] == ["Area of a smoothed surface"]


def test_files_of_other_programs_agree(shared_data):
    found = list(real_files(shared_data))
    assert len(found) == 13
    assert [(row.name, row.error) for row in found if row.verdict != "holds"] == []
