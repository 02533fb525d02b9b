"""The table on cold: exact solutions hold, and the phantoms are set up as published."""

import pytest

from locoregional.procedures.cryo.devices import device
from locoregional.validation import cryo_cases, cryotherapy


def test_rows_with_exact_solutions_hold():
    found = [*cryotherapy._wall(), *cryotherapy._line()]
    assert len(found) > 8
    assert [row.name for row in found if row.verdict != "holds"] == []


@pytest.mark.parametrize(("count", "neighbours"), [(2, 1), (3, 3), (4, 4)])
def test_probes_stand_as_far_apart_as_said(count, neighbours):
    places = cryo_cases._corners(count, 20.0)
    apart = [((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for n, a in enumerate(places) for b in places[:n]]
    assert sum(abs(d - 20.0) < 1e-9 for d in apart) == neighbours
    assert min(apart) > 20.0 - 1e-9


def test_pig_has_the_nitrogen_probe_in_living_tissue_with_its_middle_in_the_middle():
    job = cryo_cases.pig("liver", time_min=4.0)
    assert job.device is device("visica2")
    assert job.setting.time_s == 240.0
    assert job.properties.medium.full("perfusion_heat_w_m3k").min() > 0
    middle = 0.5 * (job.properties.shape[2] - 1)
    assert job.needles[0].tip_mm[2] - 0.5 * job.device.active_mm == pytest.approx(middle)
