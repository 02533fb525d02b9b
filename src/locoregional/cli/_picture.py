"""What the commands that draw evidence share: their options, and how a user's table becomes a pool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["asked", "method_option", "out_option", "table_option", "table_result", "title_option"]

_METHODS = ("glmm", "REML", "PM", "DL", "ML", "EB", "SJ", "HS", "HE", "EE")

out_option = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Picture to write, .svg or .png."
)
table_option = click.option(
    "--input",
    "table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of studies (CSV) instead of a pool of the base; columns as for locoregional evidence pool --input.",
)
title_option = click.option("--title", default="", help="Title of the picture of a table; by default its file name.")
method_option = click.option(
    "--method", type=click.Choice(_METHODS, case_sensitive=False), help="Model; by default REML with Hartung-Knapp."
)


def asked(pool: str | None, table: Path | None, out: Path) -> None:
    """Refuse both a pool and a table, neither, and a picture in place of the table."""
    if (pool is None) == (table is None):
        raise click.UsageError("Name a pool, or give a table with --input; locoregional evidence pool lists the pools.")
    if table is not None and table.resolve() == out.resolve():
        raise click.UsageError(f"{out} is the input and is never overwritten; choose another name.")


def table_result(table: Path, method: str | None) -> Pooled:
    """Pool of a user's table."""
    from locoregional.evidence.pooling.input_table import read_study_table
    from locoregional.evidence.pooling.table_pool import pool_table

    return pool_table(read_study_table(table), method=method or "REML")[0]
