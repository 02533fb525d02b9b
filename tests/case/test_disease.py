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
        (lambda: Disease(ecog=5), "dead"),
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


@pytest.mark.parametrize(
    ("stated", "receptors"),
    [
        ("HER2-positive (non-luminal)", {"er": False, "pr": False, "her2": True}),
        ("HER2 enriched, not luminal", {"er": False, "pr": False, "her2": True}),
        ("triple-positive", {"er": True, "pr": True, "her2": True}),
        ("triple negative", {"er": False, "pr": False, "her2": False}),
        ("Luminal B, HER2-negative", {"er": True, "her2": False}),
        ("luminal B-like (HER2+)", {"er": True, "her2": True}),
        ("luminal A-like", {"er": True, "her2": False}),
        ("luminal B / HER2-", {"er": True, "her2": None}),
        ("", {"er": False, "pr": False, "her2": True}),
    ],
)
def test_a_subtype_that_the_receptors_allow_is_accepted(stated, receptors):
    assert Disease(subtype=stated, **receptors).subtype == stated


@pytest.mark.parametrize(
    ("stated", "receptors", "says"),
    [
        ("luminal B, HER2-negative", {"er": True, "her2": True}, "HER2 negative, but"),
        ("luminal B (HER2-)", {"er": True, "her2": True}, "HER2 negative, but"),
        ("luminal B HER2+", {"er": True, "her2": False}, "HER2 positive, but"),
        ("HER2-positive (non-luminal)", {"er": True, "her2": True}, "not luminal"),
        ("Triple-positive", {"er": True, "pr": False, "her2": True}, "triple positive"),
        ("TRIPLE-NEGATIVE", {"her2": True}, "triple negative"),
        ("luminal_A", {"er": True, "her2": True}, "luminal A"),
        ("luminal", {"er": False, "pr": False}, "luminal"),
        ("HER2-enriched", {"her2": False}, "enriched"),
    ],
)
def test_a_subtype_that_the_receptors_contradict_is_refused(stated, receptors, says):
    with pytest.raises(CaseError, match=says):
        Disease(subtype=stated, **receptors)
