"""The command line, one module per noun; each module's ``command`` is found by name."""

from __future__ import annotations

import os
import sys

import click

from locoregional.cli._found import commands_of
from locoregional.errors import LocoregionalError
from locoregional.version import __version__

__all__ = ["commands", "main"]

_ORDER = (
    "import", "run", "select", "board", "overrule", "plan", "replan", "simulate", "verify", "report", "export",
    "margin", "zone", "devices", "shunt", "activity", "dose", "arteries", "devascularisation", "response",
    "rules", "evidence", "demo", "validate",
)  # fmt: skip


@click.group(
    cls=commands_of(__name__, _ORDER),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: locoregional demo --out demo, then open demo/report.html. Every command has --help with an example.",
)
@click.version_option(__version__, prog_name="locoregional")
def commands() -> None:
    """Image-guided interventional oncology of metastatic breast cancer: select, plan, simulate, verify, follow.

    Research software: not a medical device, not for clinical decisions.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors of ours or of the disk become one line and exit code 2, an interruption exit code 130."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin at a barrier starve each other on busy machines
    try:
        commands.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LocoregionalError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except OSError as error:  # a folder where a file should be, a full disk, no permission
        place = f" [{error.filename}]" if error.filename else ""
        click.echo(f"error: {error.strerror or error}{place}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: nothing was changed", err=True)
        sys.exit(130)
