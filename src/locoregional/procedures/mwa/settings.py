"""What an operator sets for a microwave ablation."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.ablation.settings import AblationSettings

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings(AblationSettings):
    """Settings of one microwave ablation; ``power_w`` is what the generator shows for each antenna."""
