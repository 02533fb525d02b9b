"""Radioembolization of liver metastases with resin or with glass microspheres."""

from __future__ import annotations

from locoregional.procedures.tare.procedure import Radioembolization
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Radioembolization("tare_resin", "TARE (resin microspheres)", read_rules(__package__, "tare_resin"), "resin"),
    Radioembolization("tare_glass", "TARE (glass microspheres)", read_rules(__package__, "tare_glass"), "glass"),
)
"""Palliative: offered beyond resection and mostly beyond chemotherapy (van Roekel, chapter 2); none claims cure."""
