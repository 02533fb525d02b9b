"""Groups of commands found by the modules of a folder; none is imported before it is needed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

import click

__all__ = ["commands_of"]


def commands_of(package: str, order: Sequence[str] = ()) -> type[click.Group]:
    """Click group whose commands are the modules of a package, each with its ``command``.

    Parameters
    ----------
    package : str
        Dotted name; a module ``list_`` is the command ``list``.
    order : sequence of str
        Names in the order in which help shows them; the rest follow by name.
    """

    class Commands(click.Group):
        """Commands found by the modules of a folder."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            """Names in the order of the story, then the rest."""
            names = [m.name.removesuffix("_") for m in _modules(package)]
            return sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n))

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            """Command of a name, None if there is none."""
            for name in (cmd_name, f"{cmd_name}_"):
                if any(m.name == name for m in _modules(package)):
                    command: click.Command = importlib.import_module(f"{package}.{name}").command
                    return command
            return None

    return Commands


def _modules(package: str) -> list[pkgutil.ModuleInfo]:
    """Modules that hold a command; what starts with an underscore is shared by them."""
    return [m for m in pkgutil.iter_modules(importlib.import_module(package).__path__) if not m.name.startswith("_")]
