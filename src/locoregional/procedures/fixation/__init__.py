"""Percutaneous fixation of a metastatic bone with screws: whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (Selected("fixation", "Percutaneous fixation", "bone", read_rules(__package__, "fixation"), curative=False),)
"""Palliative: screws keep the bone whole; they do not treat the tumour."""
