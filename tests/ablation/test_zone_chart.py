"""Answers to a chart's question: where needles stand, what perfusion means, and what must grow with what."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from locoregional.ablation import chart as chart_module
from locoregional.ablation.band import run_member
from locoregional.ablation.chart import chart, outlines_of
from locoregional.ablation.chart_job import (
    Question,
    job_of,
    own_perfusion_ml_100g_min,
    parallel_needles,
    ranges_of,
    setting_of,
)
from locoregional.ablation.chart_json import SCHEMA, chart_document, chart_lines
from locoregional.ablation.chart_picture import draw_chart
from locoregional.ablation.device import Device, Setting
from locoregional.ablation.energy import Energy
from locoregional.ablation.needle import Needle
from locoregional.ablation.runs import run_all
from locoregional.ablation.settings import AblationSettings
from locoregional.ablation.size import ZoneSize, measure_zone
from locoregional.ablation.zone import Zone
from locoregional.errors import GeometryError, PlanningError, SolverError
from locoregional.physics.heating import EnergyBalance
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.energy import ENERGY


class Ball(Energy):
    """Kills or freezes a ball whose radius is known, so that a chart can be checked without physics."""

    def devices(self):
        return {"ball": PROBE}

    def ranges(self, device):
        return {"growth": (0.8, 1.2)}

    def simulate(self, job):
        along = job.spacing_mm * np.indices(job.properties.shape)
        near = np.full(job.properties.shape, np.inf)
        for needle in job.needles:
            centre = np.asarray(needle.tip_mm)[:, None, None, None]
            near = np.minimum(near, np.sqrt(((along - centre) ** 2).sum(axis=0)))
        perfusion = float(job.properties.medium.full("perfusion_heat_w_m3k").flat[0])
        radius = 12.0 * job.draw.get("growth", 1.0) * (1.0 - 1e-6 * perfusion) * (1.0 + job.setting.power_w / 100.0)
        level = (radius - near).astype(np.float32)
        hot = self.lethal == "heat"
        extreme = np.where(near < 0, 0, 37.0 + 4.0 * level) if hot else 4.0 * near - 40.0
        from locoregional.ablation.needle import NeedleFrame

        frames = [NeedleFrame(n, shape=job.properties.shape, spacing_mm=job.spacing_mm, parallel=False) for n in job.needles]
        size = measure_zone(frames, level=level, peak_temperature_c=extreme if hot else None)
        books = EnergyBalance(1000.0, 1000.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return Zone(extreme.astype(np.float32), extreme.astype(np.float32), level > 0, level, size, books, {"time_s": (0.0,)})


PROBE = Device(
    name="ball",
    words="a ball",
    diameter_mm=2.0,
    lengths_mm=(100.0,),
    settings=(Setting(0.0, 60.0),),
    longest_s=2000.0,
    together=4,
)
HOT = Ball(name="ball", words="ball", law="isotherm_54", laws=("isotherm_54",), lethal="heat", settings=AblationSettings)
COLD = replace(HOT, lethal="cold")


def asked(**changes):
    return replace(Question(PROBE, Setting(0.0, 60.0), perfused=False), **changes)


@cache
def microwave(**changes):
    question = Question(device("he2010-cooled"), Setting(40.0, 90.0), **changes)
    return chart(ENERGY, question, members=0)


def test_a_ball_comes_back_as_a_ball_with_its_band():
    found = chart(HOT, asked(), members=24)
    outline = found.outlines[0]
    assert outline.size.long_mm == pytest.approx(24.0, abs=0.6)
    assert outline.size.short_mm == pytest.approx(24.0, abs=0.6)
    assert outline.size.volume_ml == pytest.approx(4 / 3 * np.pi * 1.2**3, rel=0.03)
    low, high = outline.interval("short_mm")
    assert low == pytest.approx(24.0 * 0.82, abs=1.0)  # 5 % of 0.8 to 1.2
    assert high == pytest.approx(24.0 * 1.18, abs=1.0)
    assert outline.refinement("short_mm") < 1.0
    assert found.coverage.max() == pytest.approx(1.0)
    assert found.warnings == ()
    sure = (found.coverage > 0.999).sum() * 27e-3
    assert sure == pytest.approx(4 / 3 * np.pi * (1.2 * 0.8) ** 3, rel=0.15)


def test_cold_shows_its_isotherms_where_they_lie():
    found = chart(COLD, asked(), members=4)
    widths = {o.name: o.size.short_mm for o in found.outlines}
    assert list(widths) == ["dead", "0 C", "-20 C", "-40 C"]
    assert widths["0 C"] == pytest.approx(20.0, abs=0.6)  # 4 r - 40 = 0
    assert widths["-20 C"] == pytest.approx(10.0, abs=0.6)
    assert widths["-40 C"] < 2.0
    assert "contracted_short_mm" not in chart_document(found)["outlines"]["dead"]
    assert outlines_of(HOT, found.job, found.zone).keys() == {"dead"}


def test_the_screening_finds_the_only_parameter_that_matters():
    found = chart(HOT, asked(), members=0, walks=3)
    first, *rest = found.influences["short_mm"]
    assert first.name == "growth"
    assert first.weight == pytest.approx(24.0 * 0.4, abs=1.5)
    assert all(i.weight == 0.0 for i in rest if i.name != "start_c")
    assert any("drives" in line and "growth" in line for line in chart_lines(found))


def test_needles_stand_on_a_circle_with_neighbours_as_far_apart_as_asked():
    for number in (2, 3, 4, 5):
        tips = np.array([n.tip_mm for n in parallel_needles(Needle((50.0, 50.0, 60.0), (0, 0, 1)), number, apart_mm=17.0)])
        gaps = np.linalg.norm(tips - np.roll(tips, 1, axis=0), axis=1)
        assert gaps == pytest.approx([17.0] * number)
        assert tips.mean(axis=0) == pytest.approx([50.0, 50.0, 60.0])


def test_a_measured_perfusion_is_what_the_tissue_gets_and_is_not_drawn():
    for organ in ("liver", "lung", "bone", "soft_tissue", "adrenal"):
        question = Question(device("he2010-cooled"), Setting(40.0, 60.0), organ, perfusion_ml_100g_min=25.0)
        job = job_of(question, law="isotherm_54", spacing_mm=10.0, side_mm=100.0)
        assert own_perfusion_ml_100g_min(job.properties.medium, question.tissue) == pytest.approx(25.0)
    assert "perfusion" not in ranges_of(ENERGY, question)
    assert "start_c" not in ranges_of(ENERGY, question)
    bench = replace(question, perfused=False, perfusion_ml_100g_min=None)
    assert ranges_of(ENERGY, bench)["start_c"] == (15.0, 30.0)
    assert "perfusion" not in ranges_of(ENERGY, bench)
    assert "perfusion" in ranges_of(ENERGY, replace(question, perfusion_ml_100g_min=None))
    # liver of the facts: 50000 W/m3/K over the heat capacity of blood, in ml per minute and 100 g
    own = job_of(replace(question, organ="liver", perfusion_ml_100g_min=None), law="isotherm_54", spacing_mm=10.0, side_mm=100.0)
    assert 60.0 < own_perfusion_ml_100g_min(own.properties.medium, "liver") < 90.0


def test_zones_shrink_with_perfusion_and_ex_vivo_ones_are_larger():
    dry, wet, dead = (
        microwave(perfusion_ml_100g_min=5.0),
        microwave(perfusion_ml_100g_min=90.0),
        microwave(perfused=False),
    )
    assert dry.zone.size.short_mm > wet.zone.size.short_mm
    assert dead.zone.energy.perfused_j == 0.0
    assert wet.zone.energy.residual_share < 5e-3


def test_the_document_is_versioned_and_complete():
    import json

    document = json.loads(json.dumps(chart_document(microwave()), allow_nan=False))
    assert document["schema"] == SCHEMA == "locoregional.zone/1"
    measures = document["outlines"]["dead"]
    for name in ("long_mm", "short_mm", "volume_ml", "contracted_short_mm", "ahead_mm"):
        assert measures[name]["value"] > 0
        assert measures[name]["interval"] is None
        assert measures[name]["refinement"] >= 0
    assert measures["contracted_volume_ml"]["value"] < measures["volume_ml"]["value"]
    assert {"verified", "unverified"} <= {f["status"] for f in document["facts"]}
    assert document["energy_balance"]["residual_share"] < 5e-3
    assert any("geometry is not published" in words for words in document["caveats"])
    text = "\n".join(chart_lines(microwave()))
    assert "unverified of the device" in text
    assert "not for clinical decisions" in text


@pytest.mark.parametrize("name", ["zone.png", "zone.svg", "zone.html"])
def test_pictures_are_drawn(name, tmp_path):
    found = chart(HOT, asked(applicators=2, apart_mm=20.0), members=2)
    draw_chart(found, tmp_path / name)
    written = (tmp_path / name).read_bytes()
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".html": b"<!doctype html>"}[(tmp_path / name).suffix]
    assert written.startswith(start)
    assert len(written) > 10_000


def test_a_zone_that_fills_the_block_is_an_error_and_a_wide_one_gets_a_larger_block():
    huge = replace(PROBE, settings=(Setting(500.0, 60.0),), max_power_w=500.0)
    with pytest.raises(GeometryError, match="border"):
        chart(HOT, replace(asked(), device=huge, setting=Setting(500.0, 60.0)), members=0)
    wide = chart(HOT, replace(asked(), device=huge, setting=Setting(250.0, 60.0)), members=0)
    assert wide.zone.size.short_mm == pytest.approx(84.0, abs=1.0)
    assert wide.job.properties.shape[0] * wide.job.spacing_mm > 120.0


def test_a_grid_that_is_too_coarse_says_so(monkeypatch):
    monkeypatch.setattr(chart_module, "COARSE_MM", 12.0)
    found = chart(HOT, asked(), members=0)
    assert any("too coarse" in words for words in found.warnings)
    assert any(line.startswith("WARNING") for line in chart_lines(found))


def test_a_run_that_fails_fails_the_band():
    class Broken(Ball):
        def simulate(self, job):
            if job.draw.get("growth", 1.0) > 1.1:
                raise SolverError("did not converge")
            return super().simulate(job)

    broken = Broken(name="ball", words="ball", law="isotherm_54", laws=("isotherm_54",), lethal="heat", settings=AblationSettings)
    with pytest.raises(SolverError, match="converge"):
        chart(broken, asked(), members=12)


def test_runs_come_back_in_the_order_of_their_draws():
    job = job_of(asked(), law="isotherm_54", spacing_mm=4.0, side_mm=60.0)
    draws = [{"growth": g} for g in (1.2, 0.8, 1.0, 0.9)]
    widths = run_all(lambda draw: run_member(HOT, job, draw).size.short_mm, draws)
    assert list(np.argsort(widths)) == [1, 3, 2, 0]
    assert isinstance(run_all(lambda draw: run_member(HOT, job, draw).size, draws[:1])[0], ZoneSize)


COLD_PROBE = replace(PROBE, settings=(Setting(0.0, 900.0, "15"), Setting(0.0, 1500.0, "10-5-10")))


def test_what_is_dialled():
    antenna = device("he2010-cooled")
    assert setting_of(antenna) == Setting(60.0, 600.0)
    assert setting_of(antenna, power_w=35.0, time_min=7.0) == Setting(35.0, 420.0)
    assert setting_of(COLD_PROBE) == Setting(0.0, 1500.0, "10-5-10")
    assert setting_of(COLD_PROBE, program="15") == Setting(0.0, 900.0, "15")
    assert setting_of(COLD_PROBE, program="8-4-8+2") == Setting(0.0, 1320.0, "8-4-8+2")
    assert setting_of(COLD_PROBE, time_min=6.0) == Setting(0.0, 360.0, "6")


@pytest.mark.parametrize(
    ("its", "options", "says"),
    [
        (device("he2010-cooled"), {"power_w": 500.0}, "outside what"),
        (device("he2010-cooled"), {"time_min": 45.0}, "no treatment time"),
        (device("he2010-cooled"), {"program": "10-5-10"}, "no program"),
        (COLD_PROBE, {"power_w": 20.0}, "no power to set"),
        (COLD_PROBE, {"program": "10-5-10", "time_min": 12.0}, "takes 25 min"),
        (COLD_PROBE, {"program": "slowly"}, "Use one of 15, 10-5-10"),
        (COLD_PROBE, {"program": "30-10-30"}, "no treatment time"),
    ],
)
def test_impossible_settings_are_refused(its, options, says):
    with pytest.raises(PlanningError, match=says):
        setting_of(its, **options)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"organ": "spleen!"}, "no organ"),
        ({"perfusion_ml_100g_min": 20.0}, "not perfused"),
        ({"perfusion_ml_100g_min": -1.0, "perfused": True}, "no perfusion"),
        ({"applicators": 9, "apart_mm": 20.0}, "do not work at once"),
        ({"applicators": 2}, "between applicators"),
        ({"applicators": 2, "apart_mm": 1.0}, "between applicators"),
    ],
)
def test_impossible_questions_are_refused(changes, says):
    with pytest.raises(PlanningError, match=says):
        asked(**changes)
