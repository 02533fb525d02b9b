"""Embolization of a bone metastasis before an operation or against pain: whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Selected(
        "embolization_preoperative", "Preoperative embolization", "arterial",
        read_rules(__package__, "embolization_preoperative"), curative=False,
    ),
    Selected(
        "embolization_palliative", "Palliative embolization", "arterial",
        read_rules(__package__, "embolization_palliative"), curative=False,
    ),
)  # fmt: skip
"""Palliative: the one prepares an operation, the other relieves pain; neither aims at control of the tumour."""
