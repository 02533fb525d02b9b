"""Cryoablation: whom it is for, and the energy behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locoregional.ablation.procedure import Ablation
from locoregional.selection.rule_file import read_rules

if TYPE_CHECKING:
    from locoregional.ablation.energy import Energy

__all__ = ["PROCEDURES"]


def _energy() -> Energy:
    from locoregional.procedures.cryo.energy import ENERGY

    return ENERGY


PROCEDURES = (Ablation("cryo", "Cryoablation", read_rules(__package__, "cryo"), _energy),)
