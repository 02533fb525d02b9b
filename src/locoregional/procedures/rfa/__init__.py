"""Radiofrequency ablation: whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (Selected("rfa", "Radiofrequency ablation", "ablation", read_rules(__package__, "rfa")),)
