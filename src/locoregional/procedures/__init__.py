"""One folder, one procedure or one family of them; a new folder is found without touching any other file."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from locoregional.errors import PlanningError

if TYPE_CHECKING:
    from locoregional.procedures.base import Procedure

__all__ = ["found", "in_sentence", "procedure"]

_FAMILIES = ("ablation", "arterial", "bone")


@cache
def found() -> dict[str, Procedure]:
    """Every procedure by name, in the order of the board: each sub-package's ``PROCEDURES``."""
    items: list[Procedure] = []
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            items += importlib.import_module(f"{__name__}.{module.name}").PROCEDURES
    return {item.name: item for item in sorted(items, key=lambda p: _FAMILIES.index(p.family))}


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


def in_sentence(title: str) -> str:
    """Title as it stands within a sentence: small at the start, unless it starts with an abbreviation."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
