"""What every segmentation gives back: a mask, how far to trust it, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from locoregional.imaging.volume import Volume

__all__ = ["QUALITIES", "Segmentation"]

QUALITIES = ("good", "fair", "poor", "not seen")
"""``good``: consistent with itself; ``fair``: look closely; ``poor``: expect to correct it; ``not seen``: nothing to segment."""


@dataclass(frozen=True)
class Segmentation:
    """A proposal that a person approves, corrects or rejects.

    Attributes
    ----------
    mask : Volume
        Boolean mask on the image's grid.
    quality : str
        One of ``QUALITIES``.
    warnings : tuple of str
        What a reader must look at.
    assumed : tuple of str
        What was assumed, in words.
    numbers : dict of str to float
        Measured values, units in the names.
    """

    mask: Volume
    quality: str
    warnings: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def volume_ml(self) -> float:
        """Volume of the mask [ml]."""
        return float(self.mask.array.sum() * self.mask.grid.voxel_ml)
