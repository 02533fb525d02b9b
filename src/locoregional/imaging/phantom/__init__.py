"""Digital patients whose truth is known (names load on first use, so that importing this costs nothing)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locoregional.imaging.phantom.patient import DigitalPatient, digital_patient

__all__ = ["DigitalPatient", "digital_patient"]

_HOME = {"DigitalPatient": "patient", "digital_patient": "patient"}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
