"""Cryoablation: whom it is for, and the energy behind it."""

from __future__ import annotations

from locoregional.ablation.procedure import Ablation
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (Ablation("cryo", "Cryoablation", read_rules(__package__, "cryo"), __package__),)
