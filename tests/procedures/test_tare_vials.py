"""Vials, spheres, decay and clocks."""

import csv
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import PlanningError, UnitsError
from locoregional.nuclides import seconds_between
from locoregional.procedures.tare.microspheres import activity_at, product, sphere_count, when_left
from locoregional.procedures.tare.schedule import local_instant, vial_at, vial_options

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=-5)))
GLASS, RESIN = product("glass"), product("resin")


def test_decay_vectors(shared_tables):
    with open(shared_tables / "decay_factor_testvectors.csv", newline="") as file:
        rows = [(float(r["hours_after_reference"]), float(r["f_T64.1h"])) for r in csv.DictReader(file)]
    assert len(rows) > 20
    for hours, factor in rows:
        left = activity_at(GLASS, calibrated_gbq=3.0, calibrated=NOON, infusion=NOON + timedelta(hours=hours))
        assert left == pytest.approx(3.0 * factor, abs=3e-6)


def test_spheres_as_the_table_of_products_says(shared_tables):
    with open(shared_tables / "microsphere_properties.csv", newline="") as file:
        table = {r["property"]: r for r in csv.DictReader(file)}
    per_3 = table["spheres per 3 GBq"]
    glass = sphere_count(GLASS, calibrated_gbq=3.0)
    assert glass.value == pytest.approx(float(per_3["glass_TheraSphere"]))
    resin = sphere_count(RESIN, calibrated_gbq=3.0)
    low, high = (float(x) for x in per_3["resin_SIR-Spheres"].replace("e6", "").split("-"))
    assert (resin.low, resin.high) == (low * 1e6, high * 1e6)
    assert resin.value == pytest.approx(6e7)
    assert glass.low is None
    assert list(GLASS.vials_gbq) == [float(x) for x in table["vial GBq"]["glass_TheraSphere"].split(";")]
    assert RESIN.divisible
    assert not GLASS.divisible
    for item, column in ((GLASS, "glass_TheraSphere"), (RESIN, "resin_SIR-Spheres")):
        assert float(table["mean size um"][column]) == float(item.diameter)


def test_the_second_week_needs_six_times_the_spheres():
    early = vial_at(GLASS, vial_gbq=3.0, calibrated=NOON, infusion=NOON)
    late = vial_at(GLASS, vial_gbq=20.0, calibrated=NOON, infusion=NOON + timedelta(days=7))
    assert late.given_gbq == pytest.approx(20.0 * 0.162566, rel=1e-5)
    assert late.sphere_bq == pytest.approx(2500.0 * 0.162566, rel=1e-5)
    per_gbq = (late.spheres.value / late.given_gbq) / (early.spheres.value / early.given_gbq)
    assert per_gbq == pytest.approx(1.0 / 0.162566, rel=1e-5)
    assert any("second week: 6.2 times" in words for words in late.words)
    assert not any("second week" in words for words in early.words)


def test_an_expired_vial_is_an_error():
    last = NOON + timedelta(days=12)
    assert activity_at(GLASS, calibrated_gbq=20.0, calibrated=NOON, infusion=last) > 0
    with pytest.raises(PlanningError, match="expires after 288 h"):
        activity_at(GLASS, calibrated_gbq=20.0, calibrated=NOON, infusion=last + timedelta(minutes=1))
    with pytest.raises(PlanningError, match="expires after 24 h"):
        activity_at(RESIN, calibrated_gbq=3.0, calibrated=NOON, infusion=NOON + timedelta(hours=25))
    with pytest.raises(PlanningError, match="expires"):
        when_left(GLASS, calibrated_gbq=20.0, calibrated=NOON, wanted_gbq=0.5)


def test_a_resin_dose_is_drawn_from_its_vial():
    found = vial_at(RESIN, vial_gbq=3.0, calibrated=NOON, infusion=NOON + timedelta(hours=6), wanted_gbq=1.4)
    assert found.left_gbq == pytest.approx(3.0 * 0.937179, rel=1e-5)
    assert found.drawn_share == pytest.approx(1.4 / found.left_gbq)
    assert found.given_gbq == 1.4
    assert found.off_share == 0.0
    assert found.spheres.value == pytest.approx(1.4e9 / (50.0 * 0.937179), rel=1e-5)
    with pytest.raises(PlanningError, match="left in the vial"):
        vial_at(RESIN, vial_gbq=3.0, calibrated=NOON, infusion=NOON + timedelta(hours=6), wanted_gbq=2.9)
    early = vial_at(RESIN, vial_gbq=3.0, calibrated=NOON, infusion=NOON - timedelta(hours=24), wanted_gbq=3.5)
    assert early.left_gbq == pytest.approx(3.0 * 1.296314, rel=1e-5)
    assert any("before its calibration" in words for words in early.words)


@settings(max_examples=60, deadline=None)
@given(vial=st.sampled_from(GLASS.vials_gbq), hours=st.floats(0.0, 287.0))
def test_the_hour_of_an_activity_gives_that_activity(vial, hours):
    wanted = activity_at(GLASS, calibrated_gbq=vial, calibrated=NOON, infusion=NOON + timedelta(hours=hours))
    instant = when_left(GLASS, calibrated_gbq=vial, calibrated=NOON, wanted_gbq=wanted)
    assert seconds_between(NOON, instant) == pytest.approx(3600.0 * hours, abs=0.01)
    assert instant.utcoffset() == NOON.utcoffset()


def test_elapsed_time_knows_clock_changes():
    york = ZoneInfo("America/New_York")
    spring = [datetime(2026, 3, day, 12, tzinfo=york) for day in (7, 8)]
    autumn = [datetime(2026, 10, 31, 12, tzinfo=york), datetime(2026, 11, 1, 12, tzinfo=york)]
    assert seconds_between(*spring) == 23 * 3600.0
    assert seconds_between(*autumn) == 25 * 3600.0
    berlin = datetime(2026, 3, 8, 17, tzinfo=ZoneInfo("Europe/Berlin"))
    assert seconds_between(spring[1], berlin) == 0.0


def test_a_vial_calibrated_overseas_before_a_clock_change():
    york = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("America/New_York"))
    found = vial_at(GLASS, vial_gbq=5.0, calibrated=york, infusion=datetime(2026, 3, 9, 10, tzinfo=ZoneInfo("Europe/Berlin")))
    hours = 8 * 24 - 8  # 17 h UTC on the 1st, 9 h UTC on the 9th
    assert found.left_gbq == pytest.approx(5.0 * 2.0 ** (-hours / 64.1), rel=1e-12)


def test_hours_that_the_clock_shows_never_or_twice():
    with pytest.raises(PlanningError, match="never or twice"):
        local_instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    with pytest.raises(PlanningError, match="never or twice"):
        local_instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert local_instant(date(2026, 3, 29), time(3, 30), "Europe/Berlin").astimezone(UTC).hour == 1
    with pytest.raises(PlanningError, match="no time zone"):
        local_instant(date(2026, 3, 29), time(3), "Europe/Atlantis")


def test_instants_without_a_zone_are_refused():
    naive = datetime(2026, 3, 1, 12)
    for start, stop in ((naive, NOON), (NOON, naive)):
        with pytest.raises(UnitsError, match="no time zone"):
            activity_at(GLASS, calibrated_gbq=3.0, calibrated=start, infusion=stop)
    with pytest.raises(UnitsError, match="no time zone"):
        when_left(GLASS, calibrated_gbq=3.0, calibrated=naive, wanted_gbq=1.0)


def _window(item, wanted, **more):
    settings = {
        "calibrations": (NOON, NOON + timedelta(days=7)),
        "first_day": date(2026, 3, 2),
        "days": 14,
        "hours": [time(h) for h in range(8, 18)],
        "zone": "Europe/Berlin",
    }
    return vial_options(item, wanted_gbq=wanted, **{**settings, **more})


def test_options_give_the_wanted_activity_and_nothing_is_missed():
    found = _window(GLASS, 2.0)
    assert found
    for option in found:
        hours = seconds_between(option.calibrated, option.infusion) / 3600.0
        assert option.left_gbq == pytest.approx(option.vial_gbq * 2.0 ** (-hours / 64.1), rel=1e-12)
        assert abs(option.left_gbq / 2.0 - 1.0) <= 0.1
        assert hours <= 288.0
        assert 8 <= option.infusion.hour <= 17
    off = [abs(option.off_share) for option in found]
    assert off == sorted(off)
    every = 0
    for calibrated in (NOON, NOON + timedelta(days=7)):
        for day in range(14):
            for hour in range(8, 18):
                start = datetime(2026, 3, 2, hour, tzinfo=timezone(timedelta(hours=1))) + timedelta(days=day)
                hours = (start - calibrated).total_seconds() / 3600.0
                if hours <= 288.0:
                    every += sum(abs(v * 2.0 ** (-hours / 64.1) / 2.0 - 1.0) <= 0.1 for v in GLASS.vials_gbq)
    assert len(found) == every


def test_a_window_over_the_clock_change_keeps_local_hours():
    found = _window(GLASS, 2.0, first_day=date(2026, 3, 27), days=6, calibrations=(NOON + timedelta(days=24),), off_share=10.0)
    offsets = {option.infusion.utcoffset() for option in found}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}
    assert {option.infusion.hour for option in found} == set(range(8, 18))


def test_resin_options_hold_enough_and_come_back_exact():
    found = _window(RESIN, 1.5, calibrations=(datetime(2026, 3, 5, 7, tzinfo=UTC),), days=7)
    assert found
    assert all(option.given_gbq == 1.5 and option.left_gbq >= 1.5 for option in found)
    assert max(seconds_between(x.calibrated, x.infusion) for x in found) <= 24 * 3600


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 400}, {"zone": "Berlin"}])
def test_impossible_windows(wrong):
    with pytest.raises(PlanningError):
        _window(GLASS, 2.0, **wrong)


@pytest.mark.parametrize("gbq", [0.0, -2.0, float("nan"), float("inf")])
def test_impossible_activities(gbq):
    with pytest.raises(PlanningError):
        _window(GLASS, gbq)
    with pytest.raises(PlanningError):
        sphere_count(GLASS, calibrated_gbq=gbq)
    with pytest.raises(PlanningError):
        when_left(GLASS, calibrated_gbq=3.0, calibrated=NOON, wanted_gbq=gbq)
    with pytest.raises(PlanningError, match="unknown"):
        product("holmium")
