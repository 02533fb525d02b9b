"""Digital patients whose truth is known (names load on first use, so that importing this costs nothing)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locoregional.imaging.phantom.ablation import EllipsoidZone, FollowUp, after_ablation, breathing
    from locoregional.imaging.phantom.deformation import Deformation
    from locoregional.imaging.phantom.patient import DigitalPatient, digital_patient

__all__ = ["Deformation", "DigitalPatient", "EllipsoidZone", "FollowUp", "after_ablation", "breathing", "digital_patient"]

_HOME = {
    "Deformation": "deformation",
    "DigitalPatient": "patient",
    "EllipsoidZone": "ablation",
    "FollowUp": "ablation",
    "after_ablation": "ablation",
    "breathing": "ablation",
    "digital_patient": "patient",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
