"""Alerts for structures beside a zone."""

import numpy as np
import pytest

from locoregional.ablation.alerts import alert_quantities, find_alerts, shares_of_runs, skin_of, spreads_of_runs
from locoregional.ablation.size import ZoneSize
from locoregional.ablation.zone import Zone
from locoregional.physics.heating import EnergyBalance

SHAPE = (8, 8, 8)


def _zone(extreme, dose=None):
    extreme = np.asarray(extreme, np.float32)
    dead = np.zeros(SHAPE, bool)
    return Zone(
        temperature_c=extreme,
        extreme_c=extreme,
        dead=dead,
        level=dead.astype(np.float32),
        size=ZoneSize.empty(),
        energy=_balance(),
        trace={},
        dose={} if dose is None else {"cem43_min": np.asarray(dose, np.float32)},
    )


def _balance():
    import dataclasses

    return EnergyBalance(**{f.name: 0.0 for f in dataclasses.fields(EnergyBalance)})


def _at(*index):
    mask = np.zeros(SHAPE, bool)
    mask[index] = True
    return mask


def test_heat_by_temperature_and_by_dose():
    heat = np.full(SHAPE, 37.0)
    heat[0], heat[1], heat[2] = 46.8, 43.5, 41.0  # 46.8 C: epidural maximum in a cadaver vertebra (Groetz 2013)
    dose = np.zeros(SHAPE)
    dose[0], dose[1] = 14.0, 30.0
    masks = {"spinal_cord": _at(0), "colon": _at(1), "nerve": _at(2), "muscle": _at(3), "small_bowel": np.zeros(SHAPE, bool)}
    alerts = {a.structure: a for a in find_alerts(_zone(heat, dose), masks, lethal="heat", spacing_mm=1.0)}
    assert set(alerts) == {"spinal_cord", "colon", "nerve"}  # muscle has no threshold, an empty mask says nothing
    assert alerts["spinal_cord"].level == "alert"
    assert alerts["spinal_cord"].beyond_ml == pytest.approx(0.064)
    assert alerts["colon"].level == "near"
    assert alerts["nerve"].level == "clear"
    dose[1] = 90.0  # long and mild harms as well
    by_dose = {a.structure: a for a in find_alerts(_zone(heat, dose), masks, lethal="heat", spacing_mm=1.0)}
    assert by_dose["colon"].level == "alert"
    assert by_dose["colon"].extreme_c == pytest.approx(43.5)


def test_cold_and_the_order():
    cold = np.full(SHAPE, 37.0)
    cold[0], cold[1], cold[2] = 9.0, 5.0, -8.0
    masks = {"kidney": _at(2), "nerve": _at(0), "colon": _at(1)}
    alerts = find_alerts(_zone(cold), masks, lethal="cold", spacing_mm=1.0)
    assert [a.structure for a in alerts] == ["nerve", "colon", "kidney"]
    assert [a.level for a in alerts] == ["alert", "clear", "clear"]
    assert alerts[0].dose_min is None
    assert "down to 9 °C (limit 10 °C)" in alerts[0].words


def test_the_target_is_no_neighbour():
    heat = np.full(SHAPE, 90.0)
    masks = {"adrenal": _at(0), "kidney": _at(slice(0, 2))}
    assert {a.structure for a in find_alerts(_zone(heat), masks, lethal="heat", spacing_mm=1.0, target="adrenal")} == {"kidney"}
    lesion = _at(slice(0, 2))
    assert find_alerts(_zone(heat), masks, lethal="heat", spacing_mm=1.0, without=lesion, target="adrenal") == ()


def test_quantities_and_shares():
    hot, mild = np.full(SHAPE, 60.0), np.full(SHAPE, 38.0)
    masks = {"spinal_cord": _at(0)}
    runs = [find_alerts(_zone(t, np.zeros(SHAPE)), masks, lethal="heat", spacing_mm=1.0) for t in (hot, mild, mild, mild)]
    shares = shares_of_runs(runs)
    assert shares == {"spinal_cord": 0.25}
    found = {q.name: q for q in alert_quantities(runs[0], shares=shares, runs=4)}
    assert found["peak_spinal_cord"].value == pytest.approx(60.0)
    assert found["alert_spinal_cord"].value == 1.0
    assert found["alert_spinal_cord"].words.startswith("ALERT: spinal cord: up to 60 °C (limit 45 °C)")
    assert found["dose_spinal_cord"].unit == "min"
    assert found["alert_share_spinal_cord"].value == 25.0
    assert found["peak_spinal_cord"].sources == ("ablation:spinal_cord.hot", "ablation:spinal_cord.dose")


def test_skin_is_the_rim_of_the_body_but_not_of_the_grid():
    body = np.zeros((10, 10, 10), bool)
    body[:, 4:, :] = True
    skin = skin_of(body, spacing_mm=1.0)
    assert skin[:, 4:6].all()
    assert not skin[:, 6:].any()
    assert not skin_of(np.ones((4, 4, 4), bool), spacing_mm=1.0).any()


def test_an_interval_holds_nearly_all_runs_and_the_nominal_one():
    runs = [find_alerts(_zone(np.full(SHAPE, float(c))), {"nerve": _at(0)}, lethal="heat", spacing_mm=1.0) for c in range(40, 61)]
    spreads = spreads_of_runs(runs)
    low, high = spreads["peak_nerve"]
    assert (low, high) == (41.0, 59.0)
    found = {q.name: q for q in alert_quantities(runs[-1], spreads=spreads, runs=21)}
    assert found["peak_nerve"].low == 41.0
    assert found["peak_nerve"].high == found["peak_nerve"].value == 60.0  # never narrower than the run that is shown
    assert alert_quantities(runs[-1])[0].low is None, "without runs there is no interval"
