"""What an operator sets for a cryoablation."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.ablation.settings import AblationSettings

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings(AblationSettings):
    """Settings of one cryoablation; ``power_w`` is 0, the program says how long is frozen and thawed."""
