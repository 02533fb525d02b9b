"""Radioembolization of liver metastases with resin or with glass microspheres: whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Selected("tare_resin", "TARE (resin microspheres)", "arterial", read_rules(__package__, "tare_resin"), curative=False),
    Selected("tare_glass", "TARE (glass microspheres)", "arterial", read_rules(__package__, "tare_glass"), curative=False),
)
"""Palliative: offered beyond resection and mostly beyond chemotherapy (van Roekel, chapter 2); none claims cure."""
