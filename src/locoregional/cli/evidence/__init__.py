"""``locoregional evidence``: what the literature says, and how sure that is."""

from __future__ import annotations

import click

from locoregional.cli._found import commands_of

__all__ = ["command"]

_ORDER = ("list", "show", "search", "audit", "appraise", "add", "check", "pool", "forest", "funnel", "rebuild")


@click.group(
    "evidence",
    cls=commands_of(__name__, _ORDER),
    epilog="Example: locoregional evidence show O044, then locoregional evidence audit --severity grave",
)
def command() -> None:
    """Read, audit, extend and pool the evidence that selection rests on."""
