"""Angiographic runs in a report."""

from io import BytesIO

import numpy as np
from PIL import Image

from locoregional.case import Case, Lesion, Organ, Outcome, Patient
from locoregional.case.intake import AngiographyIntake, ObservedIntake
from locoregional.case.observed import observed_outcomes
from locoregional.imaging.angiography_write import write_angiogram
from locoregional.imaging.phantom.angiogram import Scene, synthetic_pair
from locoregional.report.angiogram_figure import angiogram_figure


def test_two_runs_are_drawn_and_nothing_where_there_are_none(tmp_path):
    pair = synthetic_pair(Scene(shape=(96, 96), frames=40, noise_ratio=6.0), lost_share=0.8, seed=2)
    for name in ("before", "after"):
        write_angiogram(getattr(pair, name), tmp_path / f"{name}.dcm", patient_id="p")
    for name in ("tumour", "artery"):
        Image.fromarray(getattr(pair, name).astype(np.uint8) * 255).save(tmp_path / f"{name}.png")
    films = AngiographyIntake(before="before.dcm", after="after.dcm", tumour="tumour.png", artery="artery.png")
    item = ObservedIntake(lesion="L1", procedure="embolization_preoperative", angiography=films)
    case = Case(Patient("p"), lesions=(Lesion("L1", Organ.BONE, 30.0, (0.0, 0.0, 0.0), site="T10"),))
    case = observed_outcomes(case, (item,), tmp_path)
    figure = angiogram_figure(case, case.outcomes[0])
    picture = np.asarray(Image.open(BytesIO(figure.data)).convert("RGB"))
    assert min(picture.shape[:2]) > 600
    assert picture.std() > 20, "something is drawn"
    assert angiogram_figure(case, Outcome("x", "", "L1", "tae", False, {})) is None
