"""Promises that every procedure keeps, whichever it is: found, not listed."""

import dataclasses

import pytest

from locoregional.case import Case, Lesion, Organ, Patient
from locoregional.errors import NotModelled
from locoregional.procedures import found, procedure
from locoregional.procedures.base import Procedure
from locoregional.progress import silent


@pytest.fixture(params=list(found()))
def item(request):
    return procedure(request.param)


def test_it_has_the_one_interface(item):
    assert isinstance(item, Procedure)
    assert item.rules
    assert item.title


def test_it_is_frozen(item):
    with pytest.raises(dataclasses.FrozenInstanceError):
        item.name = "other"


@pytest.mark.parametrize("organ", list(Organ))
def test_what_it_does_not_model_it_says(item, organ):
    if organ.value in item.modelled:
        pytest.skip(f"{item.name} is modelled in {organ.value}")
    lesion = Lesion("L1", organ, 20.0, (0.0, 0.0, 0.0))
    with pytest.raises(NotModelled, match="not yet"):
        item.plan(Case(Patient("p"), lesions=(lesion,)), lesion, silent)
