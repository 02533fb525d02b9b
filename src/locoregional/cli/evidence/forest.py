"""``locoregional evidence forest``: the forest plot of a pool, or of anyone's table."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._picture import method_option, out_option, table_option, title_option
from locoregional.cli.evidence._rows import folder_option, read_evidence

__all__ = ["command"]


@click.command("forest", epilog="Example: locoregional evidence forest liver_rfa_ltp_patient --out forest.svg")
@click.argument("pool", required=False)
@out_option
@table_option
@title_option
@method_option
@folder_option
def command(pool: str | None, out: Path, table: Path | None, title: str, method: str | None, folder: Path | None) -> None:
    """Draw the forest plot of POOL (names: locoregional evidence pool), or of a table given by --input.

    Studies that may not be pooled are drawn without a diamond, with the reason; numbers that nobody has read in their source
    are hollow.
    """
    from locoregional.cli._picture import asked, table_result
    from locoregional.evidence.plots.forest import draw_forest
    from locoregional.evidence.pool_pictures import draw_pool_forest

    asked(pool, table, out)
    if table is not None:
        made = draw_forest(table_result(table, method), out, title=title or table.stem)
    else:
        from locoregional.evidence.pools import pool_named

        made = draw_pool_forest(pool_named(read_evidence(folder), pool or "", method=method), out)
    click.echo(f"written: {made}")
