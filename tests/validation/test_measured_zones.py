"""The table of measured zones: whole, cited, and run as written."""

import csv
from dataclasses import replace
from math import inf

import pytest

from locoregional.procedures.energies import energies
from locoregional.progress import silent
from locoregional.sources import bibliography
from locoregional.validation import zones
from locoregional.validation.zones import MeasuredZone, measured_zones


def test_every_measured_zone_is_cited_and_either_runs_or_says_why_not():
    for row in measured_zones():
        assert row.source in bibliography()
        assert row.where
        if not row.cannot:
            assert row.along or row.across
            known = energies().get(row.energy)
            assert known is None or row.device in known.devices(), row.device
        for told in (row.along, row.across, row.volume):
            assert all(v > 0 for v in told)


def test_no_row_that_was_read_is_left_out(shared_tables):
    """Axes of every row that was seen in its source, compared with the transcription."""
    with (shared_tables / "ablation-device-zones.csv").open(encoding="utf-8") as file:
        seen = [r for r in csv.DictReader(file) if r["status"] == "seen"]
    kinds = {"RFA": "rfa", "MWA": "mwa", "Cryo": "cryo"}

    def number(text):
        try:
            return float(text.split()[0])
        except (ValueError, IndexError):
            return None

    def held(row):
        wanted = [(a, number(row[c])) for a, c in (("along", "long_axis_mm"), ("across", "short_axis_mm"))]
        wanted = [(a, v) for a, v in wanted if v is not None]
        ours = [z for z in measured_zones() if z.energy == kinds[row["modality"]]]
        return any(all(getattr(z, a) and abs(getattr(z, a)[0] - v) < 0.05 for a, v in wanted) for z in ours)

    told = [r for r in seen if number(r["long_axis_mm"]) is not None and number(r["short_axis_mm"]) is not None]
    assert len(told) >= 20
    two_sided = [r for r in told if "kidney" in r["tissue"]]  # 31 x 19 mm stands as its geometric mean
    assert [r for r in told if not held(r) and r not in two_sided] == []
    assert any(z.organ == "kidney" and z.along == (32.0, 5.0) for z in measured_zones())


def test_an_unknown_entry_is_refused(monkeypatch, tmp_path):
    (tmp_path / "measured_zones.toml").write_text('[[zone]]\nenergy = "mwa"\nlenght = 3\n', encoding="utf-8")
    monkeypatch.setattr(zones.resources, "files", lambda package: tmp_path)
    measured_zones.cache_clear()
    with pytest.raises(zones.EvidenceError, match="lenght"):
        measured_zones()
    measured_zones.cache_clear()


def quick_row(**changes):
    base = MeasuredZone(
        energy="mwa", name="short", device="he2010-cooled", source="he2010", where="Table 1", organ="liver", perfused=False,
        power_w=40.0, time_min=0.5, along=(18.0, 1.0), across=(11.0,), volume=(1.2,),
    )  # fmt: skip
    return replace(base, **changes)


def test_rows_compare_each_axis_and_sum_up(monkeypatch):
    table = (quick_row(), quick_row(name="none", cannot="not modelled"), quick_row(energy="laser", name="light"))
    monkeypatch.setattr(zones, "measured_zones", lambda: table)
    monkeypatch.setattr(zones, "USUAL_MEMBERS", 4)
    monkeypatch.setattr(zones, "VOXEL_MM", 3.0)
    monkeypatch.setattr(zones, "SIDE_MM", 72.0)
    found = list(zones.rows(silent))
    names = [r.name for r in found]
    assert names[:3] == [f"short, 40 W, 0.5 min: {w}" for w in ("along the needle", "across the needle", "volume")]
    along, across, volume = found[:3]
    assert along.reference == 18.0
    assert across.reference == 11.0
    assert along.tolerance == across.tolerance == 3.0
    assert volume.tolerance == inf
    assert "measured SD 1 mm" in along.note
    assert "90 % band" in along.note
    skipped = {r.name: r for r in found if r.verdict == "not run"}
    assert {"none, 40 W, 0.5 min", "light, 0.5 min"} == set(skipped)
    assert "not modelled" in skipped["none, 40 W, 0.5 min"].note
    mean = next(r for r in found if "mean absolute error of an axis" in r.name)
    assert mean.value == pytest.approx(0.5 * (abs(along.error) + abs(across.error)))
    shares = [r for r in found if "inside the 90 % band" in r.name]
    assert len(shares) == 2  # as it died, and after contraction
    assert all(r.value in (0.0, 0.5, 1.0) for r in shares)
