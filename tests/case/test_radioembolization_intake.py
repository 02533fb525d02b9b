"""What a case.toml says of radioembolization."""

from datetime import UTC, datetime

import pytest

from locoregional.case.intake import intake_of
from locoregional.case.radioembolization import PlanarCounts, Radioembolization, Vial
from locoregional.errors import CaseError

HEAD = '[patient]\nid = "p"\n\n[[lesions]]\nid = "L1"\norgan = "liver"\ndiameter_mm = 30\n\n'


def read(text):
    return intake_of(HEAD + text, where="case.toml").radioembolization


def test_what_is_left_out_is_not_known():
    assert read("") == Radioembolization()
    assert Radioembolization().infusion is None


def test_instants_keep_their_time_zone():
    text = '[radioembolization]\ninfusion = "2026-03-20T14:00+01:00"\n[[radioembolization.vials]]\nactivity_gbq = 3\n'
    found = read(text + 'calibrated = "2026-03-20T18:00-05:00"\n')
    assert found.infusion == datetime(2026, 3, 20, 13, 0, tzinfo=UTC)
    assert found.vials[0].calibrated == datetime(2026, 3, 20, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('infusion = "2026-03-20T14:00"', "no time zone"),
        ("residual_share = 2", "residual share of 2"),
        ('scenario = "right"', "scenario 'right' is unknown"),
        ("earlier_lung_dose_gy = -1", "below zero"),
        ('[[radioembolization.vials]]\nactivity_gbq = 0\ncalibrated = "2026-03-20T18:00Z"', "a vial of 0 GBq"),
        (
            "[radioembolization.planar]\nlung_anterior = 1\nlung_posterior = 1\nliver_anterior = 0\nliver_posterior = 5",
            "must be positive",
        ),
        ("infusion = 2026-03-20T14:00:00Z", "put text in quotes"),
    ],
)
def test_what_cannot_be_is_refused(text, words):
    with pytest.raises(CaseError, match=words):
        read(f"[radioembolization]\n{text}\n")


def test_planar_counts_of_no_lung_are_fine():
    assert PlanarCounts(0, 0, 900, 800).lung_anterior == 0


def test_a_vial_needs_an_instant_with_a_time_zone():
    with pytest.raises(CaseError, match="no time zone"):
        Vial(3.0, datetime(2026, 3, 20, 18, 0))


def test_an_activity_image_has_one_of_two_names():
    with pytest.raises(CaseError, match="work_up"):
        intake_of(HEAD + '[activity.maa]\npath = "x.nrrd"\n', where="case.toml")
