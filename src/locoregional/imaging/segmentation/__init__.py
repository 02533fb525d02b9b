"""Structures from a CT: by Hounsfield units, and from a seed, always for a person's approval (names load on first use)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locoregional.imaging.segmentation.body import segment_body, skin_surface
    from locoregional.imaging.segmentation.hu_organs import HuOrgans, segment_hu_organs
    from locoregional.imaging.segmentation.lesion import LesionSegmentation, segment_lesion
    from locoregional.imaging.segmentation.liver import segment_liver
    from locoregional.imaging.segmentation.result import Segmentation
    from locoregional.imaging.segmentation.vessels import segment_hepatic_vessels, vessel_diameter_mm

__all__ = [
    "HuOrgans",
    "LesionSegmentation",
    "Segmentation",
    "segment_body",
    "segment_hepatic_vessels",
    "segment_hu_organs",
    "segment_lesion",
    "segment_liver",
    "skin_surface",
    "vessel_diameter_mm",
]

_HOME = {
    "HuOrgans": "hu_organs",
    "LesionSegmentation": "lesion",
    "Segmentation": "result",
    "segment_body": "body",
    "segment_hepatic_vessels": "vessels",
    "segment_hu_organs": "hu_organs",
    "segment_lesion": "lesion",
    "segment_liver": "liver",
    "skin_surface": "body",
    "vessel_diameter_mm": "vessels",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
