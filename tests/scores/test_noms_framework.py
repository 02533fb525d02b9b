"""Grades of epidural compression and the NOMS framework."""

from __future__ import annotations

from itertools import product

import pytest

from locoregional.errors import CaseError
from locoregional.scores.escc import escc
from locoregional.scores.noms import INSTABILITY, noms, radiosensitive

GRADES = {"0": False, "1a": False, "1b": False, "1c": False, "2": True, "3": True}


def test_grades_of_compression():
    assert {g: escc(g).high_grade for g in GRADES} == GRADES
    assert escc(" 1A ").grade == "1a"
    assert (escc(None).high_grade, escc(None).missing) == (None, ("grade",))
    for wrong in ("1", "4", ""):
        with pytest.raises(CaseError, match="no Bilsky grade"):
            escc(wrong)


def noms_of(grade, sensitive, fit, band="stable", myelopathy=False):
    return noms(escc=grade, myelopathy=myelopathy, radiosensitive=sensitive, tolerates_surgery=fit, instability=band)


@pytest.mark.parametrize(
    ("grade", "sensitive", "fit", "words", "status"),
    [
        ("1b", True, True, "conventional external-beam radiotherapy", "verified"),
        ("1b", False, True, "stereotactic radiotherapy", "verified"),
        ("3", True, True, "conventional external-beam radiotherapy", "unverified"),
        ("3", False, True, "separation surgery, then stereotactic radiotherapy", "verified"),
        ("3", False, False, "conventional external-beam radiotherapy", "unverified"),
    ],
)
def test_radiotherapy(grade, sensitive, fit, words, status):
    found = noms_of(grade, sensitive, fit)
    assert (found.treatment, found.status, found.missing) == (words, status, ())


def test_stability():
    said = [noms_of("0", True, True, band).stabilisation for band in INSTABILITY]
    assert said == ["no stabilisation", "ask a spine surgeon about stabilisation", "stabilisation"]
    two = noms_of("0", True, True, ("potentially_unstable", "unstable"))
    assert (two.stabilisation, two.missing) == (None, ("instability",))
    with pytest.raises(CaseError, match="no band of SINS"):
        noms(instability="wobbly")


def test_myelopathy_without_compression_is_not_covered():
    assert "not covered" in noms_of("1a", True, True, myelopathy=True).treatment


def test_only_data_that_matter_are_missing():
    found = noms(escc="1a", myelopathy=False, radiosensitive=True, instability="stable")
    assert (found.treatment, found.missing) == ("conventional external-beam radiotherapy", ())
    open_ = noms(escc="2", radiosensitive=False, instability="stable")
    assert (open_.treatment, open_.missing) == (None, ("tolerates_surgery",))
    assert set(noms().missing) == {"escc", "myelopathy", "radiosensitive", "tolerates_surgery", "instability"}


def test_open_data_never_exclude_the_truth():
    full = {"escc": GRADES, "myelopathy": (True, False), "radiosensitive": (True, False), "tolerates_surgery": (True, False)}
    for values in product(*full.values()):
        truth = noms(**dict(zip(full, values, strict=True))).treatment
        for name in full:
            part = {k: v for k, v in zip(full, values, strict=True) if k != name}
            assert truth in noms(**part).treatment_possible


def test_breast_cancer_answers_to_radiotherapy():
    assert [radiosensitive(h) for h in ("breast", "Kidney", "unicorn")] == [True, False, None]
