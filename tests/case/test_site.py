"""Names of bones as reports write them."""

from __future__ import annotations

import pytest

from locoregional.case.site import bone_kind, vertebra
from locoregional.errors import CaseError


@pytest.mark.parametrize("site", ["T10", "Th10", "D10", "vertebra T10", "t 10", "T10 vertebral body and rib"])
def test_a_vertebra_is_read_in_every_spelling(site):
    assert (bone_kind(site), vertebra(site)) == ("vertebra", "T10")


@pytest.mark.parametrize("site", ["thoracic spine", "lumbar spine", "T10-T12"])
def test_a_spine_without_one_level_has_no_level(site):
    assert (bone_kind(site), vertebra(site)) == ("vertebra", "")


@pytest.mark.parametrize(
    ("site", "kind"),
    [
        ("femoral neck", "long_bone"),
        ("humeral shaft", "long_bone"),
        ("sacral ala", "sacrum"),
        ("S1", "sacrum"),
        ("pubic ramus", "pelvis"),
        ("anterior superior iliac spine", "pelvis"),
        ("rib 6", "other_bone"),
        ("spine of the scapula", "other_bone"),
    ],
)
def test_other_bones(site, kind):
    assert bone_kind(site) == kind


@pytest.mark.parametrize("site", ["", "hip", "left", "left rib, level T6", "rib L4"])
def test_a_bone_that_is_not_named_clearly_is_not_guessed(site):
    assert bone_kind(site) is None
    assert vertebra(site) == ""


@pytest.mark.parametrize("site", ["T14", "Th13", "L6", "C8", "T0"])
def test_a_level_that_does_not_exist_is_refused(site):
    with pytest.raises(CaseError, match="there is no vertebra"):
        vertebra(site)
