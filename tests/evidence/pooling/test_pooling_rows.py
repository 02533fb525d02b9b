"""Every stored number of metafor, and every published meta-analysis, is reproduced."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from locoregional.evidence.pooling import binomial_normal, meta_regression, poisson_normal, table_effects
from locoregional.evidence.pooling.glmm import GlmmMean
from locoregional.evidence.pooling.mixed_likelihood import marginal
from locoregional.sources import bibliography
from locoregional.validation import pooling, worked_examples
from locoregional.validation.worked_calculations import CALCULATIONS

ROWS = list(pooling.rows())


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_metafor_is_met(row):
    assert row.verdict == "holds", f"{row.value} is more than {row.tolerance}"
    assert row.tolerance <= 1e-3
    assert row.source in bibliography() or row.source == "exact solution"


def test_every_stored_line_is_used():
    assert len(pooling.oracle("metafor_rma_proportions")) == 170
    assert {line["method"] for line in pooling.oracle("metafor_rma_proportions")} == {
        *("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")
    }
    assert len(pooling.study_sets()) == 5


@pytest.mark.parametrize("name", CALCULATIONS)
def test_printed_numbers_come_out_to_every_digit(name, request, monkeypatch):
    example = worked_examples.examples()[name]
    if "table" in example:
        monkeypatch.setenv("LOCOREGIONAL_DATA", str(request.getfixturevalue("shared_data")))
    data = worked_examples._data(example)
    assert worked_examples.missed(CALCULATIONS[name](data), example["answers"]) == []
    assert example["source"] in bibliography()


def test_examples_are_many_and_printed_to_four_digits():
    known = worked_examples.examples()
    assert set(known) == set(CALCULATIONS)
    long = [n for n, e in known.items() if any(len(a.lstrip("-0.").replace(".", "")) >= 4 for a in e["answers"].values())]
    assert len(long) >= 12


def test_tables_that_are_absent_are_said_to_be_absent(monkeypatch):
    monkeypatch.delenv("LOCOREGIONAL_DATA", raising=False)
    rows = list(worked_examples.rows())
    assert {row.verdict for row in rows} == {"holds", "not run"}
    assert all("--data" in row.note for row in rows if row.verdict == "not run")


def test_a_wrong_number_would_be_found():
    assert worked_examples.missed({"a": 1.235, "b": 2.0}, {"a": "1.23", "b": "2.0", "c": "1"}) == ["c"]
    assert worked_examples.missed({"a": 1.2351}, {"a": "1.23"}) == ["a"]


def _bcg(shared_data, monkeypatch):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    return worked_examples._data({"table": "dat.bcg"})


def test_where_we_differ_from_metafor_on_latitude_ours_is_the_maximum(shared_data, monkeypatch):
    data = _bcg(shared_data, monkeypatch)
    tpos, tneg, cpos, cneg = (np.array(data[c]) for c in ("tpos", "tneg", "cpos", "cneg"))
    y, v = table_effects(tpos, tpos + tneg, cpos, cpos + cneg, measure="log risk ratio")
    x = np.column_stack([np.ones(13), data["ablat"]])

    def deviance(tau2):
        w = 1 / (v + tau2)
        cross = (x.T * w) @ x
        rest = y - x @ np.linalg.solve(cross, x.T @ (w * y))
        return np.log(v + tau2).sum() + np.linalg.slogdet(cross)[1] + w @ rest**2

    best = minimize_scalar(deviance, bounds=(0.01, 0.5), method="bounded", options={"xatol": 1e-12})
    assert meta_regression(y, v, data["ablat"]).tau2 == pytest.approx(best.x, abs=1e-8)
    assert abs(best.x - 0.0764) > 4e-5  # metafor prints 0.0764


@pytest.mark.parametrize(
    ("fit", "theirs"),
    [
        (
            lambda d: binomial_normal(d["events"], d["totals"]),
            (-4.8121, 0.8265),
        ),
        (
            lambda d: binomial_normal(d["events_control"], d["totals_control"]),
            (-3.4964, 0.8124),
        ),
    ],
)
def test_where_we_differ_from_metafor_on_rare_events_ours_is_likelier(fit, theirs):
    ours: GlmmMean = fit(worked_examples.examples()["catheters_proportions"]["data"])
    assert ours.log_likelihood > marginal(ours.counts, np.array([theirs[0], np.sqrt(theirs[1])]))[0]


def test_where_we_differ_from_metafor_on_rates_ours_is_likelier(shared_data, monkeypatch):
    monkeypatch.setenv("LOCOREGIONAL_DATA", str(shared_data))
    data = worked_examples._data({"table": "dat.nielweise2008"})
    ours = poisson_normal(data["x1i"], np.array(data["t1i"]) / 1000)
    assert ours.log_likelihood > marginal(ours.counts, np.array([0.8494, np.sqrt(0.6543)]))[0]
