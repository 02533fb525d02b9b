"""``locoregional evidence funnel``: the funnel plot of a pool, or of anyone's table."""

from __future__ import annotations

from pathlib import Path

import click

from locoregional.cli._picture import method_option, out_option, table_option, title_option
from locoregional.cli.evidence._rows import folder_option, read_evidence

__all__ = ["command"]


@click.command("funnel", epilog="Example: locoregional evidence funnel liver_rfa_complete_ablation_lesion --out funnel.png")
@click.argument("pool", required=False)
@out_option
@table_option
@title_option
@method_option
@folder_option
def command(pool: str | None, out: Path, table: Path | None, title: str, method: str | None, folder: Path | None) -> None:
    """Draw the funnel plot of POOL (names: locoregional evidence pool), or of a table given by --input.

    Below ten studies the plot says that asymmetry is not tested.
    """
    from locoregional.cli._picture import asked, table_result
    from locoregional.evidence.plots.funnel import draw_funnel
    from locoregional.evidence.pool_pictures import draw_pool_funnel

    asked(pool, table, out)
    if table is not None:
        made = draw_funnel(table_result(table, method), out, title=title or table.stem)
    else:
        from locoregional.evidence.pools import pool_named

        made = draw_pool_funnel(pool_named(read_evidence(folder), pool or "", method=method), out)
    click.echo(f"written: {made}")
