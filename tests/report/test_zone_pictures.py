import numpy as np
import pytest
from test_case_report import made_case

from locoregional.imaging.volume import Grid
from locoregional.report.zone_pictures import margin_figure, risk_figure


def test_map_measures_the_gap_between_two_balls(patient, monkeypatch):
    case = made_case(patient)
    grid = Grid.regular((60, 60, 60), spacing_mm=1.0, origin_lps_mm=(-90.0, -40.0, -20.0))
    places = grid.to_lps(np.stack(np.meshgrid(*[np.arange(60)] * 3, indexing="ij"), axis=-1))
    middle = np.array([-60.4, -10.3, 9.6])
    far = np.linalg.norm(places - middle, axis=-1)
    shifted = np.linalg.norm(places - middle - [2.0, 0, 0], axis=-1)
    outcome = case.outcomes[0]
    from dataclasses import replace

    from locoregional.imaging.volume import Volume

    balls = {"tumour": Volume(far < 10, grid.affine), "zone": Volume(shifted < 17, grid.affine)}
    maps = {"zone": case.store.put(balls["zone"])}
    made = replace(outcome, predicted=False, reference_tumour=case.store.put(balls["tumour"]), maps=maps)
    seen = {}

    def caught(points, margins, **others):
        seen.update(points=points, margins=margins, **others)
        return b"\x89PNG"

    monkeypatch.setattr("locoregional.report.pictures.margin_map.margin_map", caught)
    assert margin_figure(case, made, None) is not None
    exact = 17.0 - np.linalg.norm(seen["points"] - middle - [2.0, 0, 0], axis=1)
    assert np.abs(seen["margins"] - exact).mean() < 0.2
    assert seen["margins"].min() == pytest.approx(5.0, abs=0.6)
    thin = seen["points"][np.argmin(seen["margins"])]
    assert thin[0] < middle[0] - 7, "the zone is shifted to the left, so the right side is thin"
    assert seen["area_mm2"].sum() == pytest.approx(4 * np.pi * 100, rel=0.05)


def test_risk_figure_needs_a_temperature(patient):
    from dataclasses import replace

    outcome = made_case(patient).outcomes[0]
    assert "gallbladder" in risk_figure(outcome).alt.lower()
    assert risk_figure(replace(outcome, quantities=())) is None
