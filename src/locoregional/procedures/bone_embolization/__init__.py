"""Embolization of a bone metastasis before an operation or against pain."""

from __future__ import annotations

from locoregional.procedures.bone_embolization.procedure import BoneEmbolization
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    BoneEmbolization(
        "embolization_preoperative", "Preoperative embolization", read_rules(__package__, "embolization_preoperative"),
        "before an operation",
    ),
    BoneEmbolization(
        "embolization_palliative", "Palliative embolization", read_rules(__package__, "embolization_palliative"), "against pain"
    ),
)  # fmt: skip
"""Palliative: the one prepares an operation, the other relieves pain; neither aims at control of the tumour."""
