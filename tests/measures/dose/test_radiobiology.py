"""BED, EQD2, EUBED, control and complication: vectors, limits, and sets that never mix."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from locoregional.errors import EvidenceError
from locoregional.measures.dose.dvh import DoseVolume
from locoregional.measures.dose.parameter_sets import ParameterSet, parameter_set, parameter_sets
from locoregional.measures.dose.radiobiology import (
    bed_gy,
    bed_volume,
    eqd2_gy,
    eubed_gy,
    ntcp_lyman,
    tcp_logistic,
    tcp_poisson,
)
from locoregional.sources import sourced


def own_set(device="any", **values):
    units = {"alpha": "1/Gy", "alpha_beta": "Gy", "repair_half_life": "h", "td50": "Gy", "volume_exponent": "1", "slope": "1"}
    made = {
        k: sourced(
            f"test:{k}", {"value": v, "unit": units[k], "source": "mirdcalculation", "where": "a test", "status": "verified"}
        )
        for k, v in values.items()
    }
    return ParameterSet("own", "a tissue", device, made)


def even(*doses):
    n = len(doses)
    return DoseVolume(np.sort(np.array(doses, np.float32)), np.arange(1, n + 1) / n, 10.0, 50.0)


def test_bed_vectors(shared_tables):
    with (shared_tables / "testvectors_bed.csv").open() as file:
        rows = list(csv.DictReader(file))
    doses = [float(r["D_Gy"]) for r in rows]
    assert len(doses) == 12
    for ratio, repair_h, column in (
        (2.5, 2.5, "BED_ab2.5_Tr2.5h"),
        (2.75, 2.5, "BED_ab2.75_Tr2.5h"),
        (3.0, 2.5, "BED_ab3_Tr2.5h"),
    ):
        found = bed_gy(doses, own_set(alpha_beta=ratio, repair_half_life=repair_h))
        np.testing.assert_allclose(found, [float(r[column]) for r in rows], rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        bed_gy(doses, parameter_set("mgh_tumour")), [float(r["BED_ab10_Tr1.5h"]) for r in rows], rtol=0, atol=1e-6
    )


@given(st.floats(0.0, 500.0), st.floats(1.0, 20.0))
def test_bed_exceeds_the_dose_and_falls_with_the_ratio(dose, ratio):
    one, other = (own_set(alpha_beta=r, repair_half_life=2.0) for r in (ratio, 2.0 * ratio))
    assert dose <= bed_gy(dose, other) <= bed_gy(dose, one)


def test_eqd2_of_fractions_of_two_gray_is_their_dose():
    parameters = own_set(alpha_beta=10.0)
    bed = 60.0 * (1.0 + 2.0 / 10.0)  # 30 fractions of 2 Gy
    assert eqd2_gy(bed, parameters) == pytest.approx(60.0)


def test_eubed_lies_between_the_coldest_and_the_mean_and_survives_large_doses():
    parameters = own_set(alpha=0.1)
    doses = even(100.0, 200.0)
    found = eubed_gy(doses, parameters)
    assert found == pytest.approx(-np.log(0.5 * np.exp(-10) + 0.5 * np.exp(-20)) / 0.1)
    assert 100.0 < found < doses.mean_gy
    assert eubed_gy(even(150.0), parameters) == pytest.approx(150.0)
    # exp(-1000) is zero in double precision; the logarithm of the sum is not
    assert eubed_gy(even(10_000.0, 12_000.0), parameters) == pytest.approx(10_000.0 + np.log(2.0) / 0.1, rel=1e-6)


def test_mean_of_bed_is_not_bed_of_the_mean():
    parameters = parameter_set("mgh_tumour_liver")
    doses = even(50.0, 350.0)
    assert bed_volume(doses, parameters).mean_gy > float(bed_gy(200.0, parameters)) + 10.0


def test_control_rises_with_dose_and_falls_with_clonogens():
    parameters = own_set(alpha=0.1)
    some = [tcp_poisson(even(x), parameters, clonogens=10**7) for x in (50.0, 150.0, 160.0, 300.0)]
    assert some == sorted(some)
    assert some[0] < 1e-9
    assert some[-1] > 0.999
    assert tcp_poisson(even(150.0), parameters, clonogens=10**8) < some[1]
    exact = np.exp(-1e6 * (0.5 * np.exp(-12.0) + 0.5 * np.exp(-15.0)))
    assert tcp_poisson(even(120.0, 150.0), parameters, clonogens=10**6) == pytest.approx(exact, rel=1e-6)
    with pytest.raises(EvidenceError):
        tcp_poisson(even(100.0), parameters, clonogens=0)


def test_logistic_control():
    found = tcp_logistic([0.0, 100.0, 1e6], d50_gy=100.0, slope=1.5)
    assert found == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)
    near = tcp_logistic([99.9, 100.1], d50_gy=100.0, slope=1.5)
    assert (near[1] - near[0]) / 0.002 == pytest.approx(1.5, rel=1e-4)  # the normalised slope, by its definition
    with pytest.raises(EvidenceError):
        tcp_logistic(100.0, d50_gy=0.0, slope=1.0)


def test_lyman():
    limits = parameter_set("strigari_resin_liver")
    assert ntcp_lyman(even(93.0), limits, device="resin") == pytest.approx(0.5, abs=1e-6)
    assert ntcp_lyman(even(93.0 * 1.28), limits, device="resin") == pytest.approx(float(ndtr(1.0)), abs=1e-6)
    # n = 1 is the mean
    assert ntcp_lyman(even(0.0, 186.0), limits, device="resin") == pytest.approx(0.5, abs=1e-6)
    peaked = own_set(device="resin", td50=93.0, volume_exponent=0.05, slope=0.28)
    assert ntcp_lyman(even(0.0, 186.0), peaked, device="resin") > 0.99


@pytest.mark.parametrize("device", ["glass", ""])
def test_a_set_for_resin_refuses_glass_and_the_unsaid(device):
    with pytest.raises(EvidenceError, match="resin microspheres"):
        ntcp_lyman(even(50.0), parameter_set("strigari_resin_liver"), device=device)
    with pytest.raises(EvidenceError, match="glass microspheres"):
        bed_gy(50.0, own_set(device="glass", alpha_beta=3.0, repair_half_life=2.0), device="resin")
    with pytest.raises(EvidenceError, match="no device"):
        bed_gy(50.0, parameter_set("mgh_normal"), device="plastic")


def test_unknown_sets_list_the_known_and_nothing_is_taken_from_another():
    with pytest.raises(EvidenceError) as caught:
        parameter_set("liver")
    for name in parameter_sets():
        assert name in str(caught.value)
    with pytest.raises(EvidenceError, match="repair half life"):
        bed_gy(50.0, parameter_set("hepatitis_liver"))
    with pytest.raises(EvidenceError, match="alpha"):
        eubed_gy(even(50.0), parameter_set("hepatitis_liver"))
    with pytest.raises(EvidenceError, match="below zero"):
        bed_gy([-1.0, 5.0], parameter_set("mgh_normal"))


def test_published_sets_disagree_and_say_so():
    ours, theirs = parameter_set("mgh_normal_liver"), parameter_set("ribeiro_normal_liver")
    assert float(bed_gy(100.0, ours)) > 1.5 * float(bed_gy(100.0, theirs))
    for one in parameter_sets().values():
        assert one.tissue in one.words
        assert all(v.source and v.where for v in one.values.values())
    assert "unverified" in parameter_set("strigari_resin_liver").words


def test_sets_agree_with_the_table_they_were_taken_from(shared_tables):
    with (shared_tables / "radiobiology_parameters.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = {(r["parameter"], r["tissue"]): r["value"] for r in reversed(rows)}  # of two entries the first, by MGH
    for name, key, column in (
        ("mgh_tumour_lung", "alpha", ("alpha", "tumour lung")),
        ("mgh_tumour_liver", "alpha", ("alpha", "tumour liver")),
        ("mgh_normal_lung", "alpha_beta", ("alpha/beta", "normal lung")),
        ("mgh_normal_liver", "alpha_beta", ("alpha/beta", "normal liver")),
        ("mgh_tumour_lung", "alpha_beta", ("alpha/beta", "tumour lung")),
        ("mgh_normal", "repair_half_life", ("Trep", "normal generic")),
        ("mgh_tumour", "repair_half_life", ("Trep", "tumour generic")),
        ("ribeiro_tumour", "repair_half_life", ("Trep", "tumour (PTV)")),
        ("ribeiro_normal_liver", "repair_half_life", ("Trep", "normal liver (NLV)")),
        ("ribeiro_tumour", "alpha", ("alpha", "PTV")),
        ("ribeiro_normal_liver", "alpha", ("alpha", "NLV")),
    ):
        assert parameter_set(name).value(key) == float(table[column])
