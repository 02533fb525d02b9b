"""Cement in a metastatic bone, in the spine (vertebroplasty, kyphoplasty) and outside it (cementoplasty): whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Selected("vertebroplasty", "Vertebroplasty", "bone", read_rules(__package__, "vertebroplasty"), curative=False),
    Selected("kyphoplasty", "Kyphoplasty", "bone", read_rules(__package__, "kyphoplasty"), curative=False),
    Selected("cementoplasty", "Cementoplasty", "bone", read_rules(__package__, "cementoplasty"), curative=False),
)
"""Palliative: cement relieves pain and consolidates; the review's word of curative use is not backed by a result."""
