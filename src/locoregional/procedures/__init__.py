"""One folder, one procedure; a new folder is found without touching any other file."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from locoregional.errors import PlanningError

if TYPE_CHECKING:
    from locoregional.procedures.base import Procedure

__all__ = ["found", "procedure"]


@cache
def found() -> dict[str, Procedure]:
    """Every procedure by name: each sub-package's ``PROCEDURE``."""
    procedures: dict[str, Procedure] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            item: Procedure = importlib.import_module(f"{__name__}.{module.name}").PROCEDURE
            procedures[item.name] = item
    return procedures


def procedure(name: str) -> Procedure:
    """Procedure by name.

    Raises
    ------
    PlanningError
        If there is none of that name.
    """
    try:
        return found()[name]
    except KeyError:
        raise PlanningError(f"no procedure called {name!r}", remedy=f"Known: {', '.join(found())}.") from None
