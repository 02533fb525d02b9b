"""Survival plots keep names, medians and numbers at risk."""

import numpy as np
import pytest
from picture_reading import ink, svg_words

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.survival import draw_survival
from locoregional.evidence.survival.curve import SurvivalCurve


def curve(name: str, *, risk: bool = True) -> SurvivalCurve:
    times = np.array([0.0, 6.0, 12.0, 30.0, 48.0])
    survival = np.array([1.0, 0.8, 0.5, 0.3, 0.3])
    at = np.array([0.0, 12.0, 24.0, 36.0, 48.0]) if risk else np.array([])
    return SurvivalCurve(
        name, times, survival, np.clip(survival - 0.1, 0, 1), np.array([np.nan, 0.9, 0.6, 0.4, 0.4]), at,
        np.array([40, 20, 11, 6, 2]) if risk else np.array([], dtype=int),
    )  # fmt: skip


def test_curves_carry_names_medians_and_numbers_at_risk(tmp_path):
    names = ["Chemoembolization", "Radioembolization with resin microspheres after three lines of chemotherapy"]
    out = draw_survival([curve(n) for n in names], tmp_path / "a.svg", title="Survival", notes=["Rebuilt from a picture."])
    words = svg_words(out)
    for name in names:
        assert f"{name}: median 12.0 months; numbers at risk: 40 at 0, 20 at 12, 11 at 24, 6 at 36, 2 at 48" in words
    assert "Rebuilt from a picture." in words
    png = draw_survival([curve(n) for n in names], tmp_path / "a.png", title="Survival", censored=[np.array([7.0, 40.0])])
    assert ink(png) > 0.02


def test_without_numbers_at_risk_there_is_no_table(tmp_path):
    from PIL import Image

    bare = draw_survival([curve("One", risk=False)], tmp_path / "bare.png")
    full = draw_survival([curve("One")], tmp_path / "full.png")
    assert Image.open(bare).height < Image.open(full).height
    assert "not given" in svg_words(draw_survival([curve("One", risk=False)], tmp_path / "b.svg"))


def test_a_median_that_is_not_reached_is_said(tmp_path):
    one = curve("One")
    high = SurvivalCurve(
        "High", one.time_months, np.maximum(one.survival, 0.6), one.low, one.high, one.at_risk_times_months, one.at_risk
    )
    assert "median not reached" in svg_words(draw_survival([high], tmp_path / "c.svg"))


def test_none_or_too_many_curves_are_refused(tmp_path):
    for curves in ([], [curve(f"{i}") for i in range(7)]):
        with pytest.raises(EvidenceError, match="one to six"):
            draw_survival(curves, tmp_path / "d.svg")
