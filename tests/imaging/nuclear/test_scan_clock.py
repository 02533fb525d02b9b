"""Times of headers, time zones, and decay within frames."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from locoregional.errors import DicomError, UnitsError
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.nuclear.clock import anchored, clock_of, date_and_time, date_time, elapsed_s, on_clock, zone_named
from locoregional.imaging.nuclear.isotope import named
from locoregional.imaging.nuclear.timing import ScanTiming, frame_growth, mean_delay_s
from locoregional.imaging.volume import Volume
from locoregional.nuclides import NAMES


def header(**elements):
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return Lookup(ds, where="x.dcm")


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("140530.25", 50730.25), ("140530", 50730), ("1405", 50700), ("14", 50400), ("14:05:30", 50730), ("235960", 86400)],
)
def test_times_in_every_length(time, seconds):
    found = date_and_time(header(SeriesDate="20260305", SeriesTime=time), "Series")
    assert found == datetime(2026, 3, 5) + timedelta(seconds=seconds)


def test_instants_of_one_element():
    keyword = "RadiopharmaceuticalStartDateTime"
    assert date_time(header(**{keyword: "20260305140530.5"}), keyword) == (datetime(2026, 3, 5, 14, 5, 30, 500000), None)
    found, zone = date_time(header(**{keyword: "20260305140530-0500"}), keyword)
    assert (found, zone.utcoffset(None)) == (datetime(2026, 3, 5, 14, 5, 30), timedelta(hours=-5))
    assert date_time(header(), keyword) == (None, None)
    assert date_and_time(header(SeriesDate="20260305"), "Series") is None
    assert date_and_time(header(AcquisitionDateTime="20260305140530"), "Acquisition") == datetime(2026, 3, 5, 14, 5, 30)
    with pytest.raises(DicomError, match="no instant"):
        date_and_time(header(SeriesDate="20261305", SeriesTime="140000"), "Series")


def test_zones():
    assert zone_named("-0330").utcoffset(None) == timedelta(hours=-3, minutes=-30)
    assert zone_named("Z") is UTC
    for wrong in ("+2500", "Nowhere", "../etc"):
        with pytest.raises(UnitsError, match="time zone"):
            zone_named(wrong)
    zone, words = clock_of(header(), None)
    assert (zone, words) == (None, ())
    with pytest.raises(DicomError, match="TimezoneOffsetFromUTC"):
        clock_of(header(TimezoneOffsetFromUTC="CET"), None)


def test_summer_time_counts():
    vienna = zone_named("Europe/Vienna")
    before, after = datetime(2026, 3, 28, 14), datetime(2026, 3, 29, 14)
    assert elapsed_s(before, after, vienna) == 23 * 3600
    assert elapsed_s(before, after, None) == 24 * 3600
    assert anchored(after, vienna) == datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert on_clock(datetime(2026, 3, 29, 12, tzinfo=UTC), vienna, where="x") == after


@pytest.mark.parametrize("name", NAMES)
def test_names_of_nuclides(name):
    element, mass = name.split("-")
    long = {"Y": "Yttrium", "Tc": "Technetium", "F": "Fluorine", "Ge": "Germanium", "Ga": "Gallium", "Zr": "Zirconium"}[element]
    for words in (name, mass + element, element + mass, f"^{mass}^{long}", f"{long}-{mass}"):
        assert named(words) == name
    assert named(f"{mass} {long}-labelled antibody") == ""
    assert named("^11^Carbon") == ""


@given(st.floats(1.0, 1e5), st.floats(10.0, 1e7))
def test_growth_within_a_frame_is_its_integral(duration_s, half_life_s):
    times = np.linspace(0, duration_s, 2001)
    mean = np.trapezoid(2.0 ** (-times / half_life_s), times) / duration_s
    growth = float(frame_growth(np.array(duration_s), half_life_s=half_life_s))
    if duration_s < 20 * half_life_s:
        assert growth * mean == pytest.approx(1.0, rel=1e-3)
        delay = float(mean_delay_s(np.array(duration_s), half_life_s=half_life_s))
        assert 2.0 ** (-delay / half_life_s) == pytest.approx(1 / growth, rel=1e-9)
    assert growth >= 1.0


def test_unknown_duration_leaves_the_frame_alone():
    timing = ScanTiming(100.0, np.array([0.0, 100.0]), np.zeros(2))
    np.testing.assert_allclose(timing.factors(half_life_s=100.0), [1.0, 2.0])


def test_timing_moves_with_its_map():
    when = datetime(2026, 3, 5, 14, tzinfo=UTC)
    timing = ScanTiming(100.0, np.zeros(2), np.zeros(2))
    found = ActivityMap(Volume(np.ones((2, 2, 2)), np.eye(4), unit="Bq/ml"), "Y-90", when, timing=timing)
    later = found.at(when.astimezone(timezone(timedelta(hours=2))) + timedelta(hours=64.1))
    assert later.timing.moved_s == pytest.approx(64.1 * 3600)
    np.testing.assert_allclose(later.volume.array, 0.5)
    assert found.at(when).timing.moved_s == 0.0


def test_decay_factors_of_the_table(shared_tables):
    from locoregional.nuclides import decay_factor

    for line in (shared_tables / "decay_factor_testvectors.csv").read_text().splitlines()[1:]:
        hours, *printed = (float(part) for part in line.split(","))
        for half_life_h, value in zip((64.1, 64.0416, 64.2), printed, strict=True):
            assert decay_factor(time_s=hours * 3600, half_life_s=half_life_h * 3600) == pytest.approx(value, abs=6e-7)
