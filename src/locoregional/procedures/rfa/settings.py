"""What an operator sets for a radiofrequency ablation."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.ablation.settings import AblationSettings

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings(AblationSettings):
    """Settings of one radiofrequency ablation; ``power_w`` is the limit of the generator."""
