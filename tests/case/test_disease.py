import pytest

from locoregional.case import Disease, Labs, Lesion, Organ, Patient
from locoregional.errors import CaseError


def test_receptors_open_is_not_negative():
    assert Disease().hormone_receptor_positive is None
    assert Disease(er=False).hormone_receptor_positive is None
    assert Disease(er=False, pr=False).hormone_receptor_positive is False
    assert Disease(er=None, pr=True).hormone_receptor_positive is True


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Disease(ki67_percent=120), "Ki-67"),
        (lambda: Disease(ecog=7), "ECOG"),
        (lambda: Disease(subtype="triple negative", er=True), "triple negative"),
        (lambda: Disease(life_expectancy_months=-3), "negative"),
        (lambda: Labs(albumin_g_l=4.1), "unit"),
        (lambda: Labs(platelets_giga_l=180_000), "unit"),
        (lambda: Patient("p", age_years=720), "impossible"),
        (lambda: Patient(" "), "no id"),
        (lambda: Patient("p", sex="female"), "not F, M or O"),
        (lambda: Lesion("L1", Organ.LIVER, 0.24, (0, 0, 0)), "millimetres"),
        (lambda: Lesion("L1", Organ.LIVER, 2400, (0, 0, 0)), "millimetres"),
    ],
)
def test_impossible_values_are_refused_with_a_remedy(make, says):
    with pytest.raises(CaseError, match=says):
        make()
