"""Image-guided interventional oncology of metastatic breast cancer: select, plan, simulate, verify, follow.

Research software: not a medical device, not for clinical decisions.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from locoregional.version import __version__

if TYPE_CHECKING:
    from locoregional.case import Case, Disease, Lesion, Organ, Patient
    from locoregional.imaging.volume import Volume
    from locoregional.workflow import load, overrule, plan, save, select, simulate, verify

__all__ = [
    "Case",
    "Disease",
    "Lesion",
    "Organ",
    "Patient",
    "Volume",
    "__version__",
    "load",
    "overrule",
    "plan",
    "save",
    "select",
    "simulate",
    "verify",
]

_HOMES = {
    "case": ("Case", "Disease", "Lesion", "Organ", "Patient"),
    "imaging.volume": ("Volume",),
    "workflow": ("load", "overrule", "plan", "save", "select", "simulate", "verify"),
}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used so that importing the package costs nothing."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"locoregional.{home}"), name)
    raise AttributeError(f"module 'locoregional' has no attribute {name!r}")
