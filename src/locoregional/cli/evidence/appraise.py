"""``locoregional evidence appraise``: how far a study, a pool, or the whole base can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli.evidence._rows import folder_option, read_evidence

if TYPE_CHECKING:
    from locoregional.evidence.appraisal.prisma import Flow
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.pools import PoolResult

__all__ = ["command"]


@click.command(
    "appraise", epilog="Example: locoregional evidence appraise Meloni2009, or liver_rfa_ltp_patient, or --flow flow.svg"
)
@click.argument("name", required=False)
@click.option("--flow", type=click.Path(dir_okay=False, path_type=Path), help="Draw how the studies were found (.svg or .png).")
@folder_option
def command(name: str | None, flow: Path | None, folder: Path | None) -> None:
    """Print the appraisal of NAME: risk of bias of a study, certainty (GRADE) of a pool.

    Without a name: how the studies were found (PRISMA 2020), MINORS and ROBINS-I of every study, and GRADE of every pool.
    """
    from locoregional.errors import EvidenceError
    from locoregional.evidence.pool_spec import pool_specs
    from locoregional.evidence.pools import pool_named
    from locoregional.evidence.schema import near

    base = read_evidence(folder)
    studies = {row.id for row in base.table("studies")}
    if name is None:
        _print_base(base)
    elif name in pool_specs():
        _print_pool(pool_named(base, name))
    elif name in studies:
        _print_study(base, name)
    else:
        known = (*pool_specs(), *sorted(studies))
        raise EvidenceError(f"neither a study nor a pool is called {name!r}", where="appraise", remedy=near(name, known))
    if flow is not None:
        from locoregional.evidence.plots.flow import draw_flow

        click.echo(f"written: {draw_flow(_flow(base), flow)}")


def _flow(base: EvidenceBase) -> Flow:
    from locoregional.evidence.appraisal.prisma import prisma_flow
    from locoregional.evidence.pools import all_pools

    results = [r for r in all_pools(base) if r.spec.board]
    return prisma_flow(base, pooled={c.study for r in results for c in r.chosen}, pools=len(results))


def _print_study(base: EvidenceBase, study: str) -> None:
    from locoregional.evidence.appraisal.minors import minors_of
    from locoregional.evidence.appraisal.robins import robins_of

    minors, robins = minors_of(base, study), robins_of(base, study)
    click.echo(f"{study}: {base.row(study).text('citation')}")
    for tool, result in (("MINORS", minors), ("ROBINS-I", robins)):
        if result is None:
            continue
        click.echo(f"   {tool}: {result.words}")
        for entry in result.entries:
            click.echo(f"      {entry.judgement:>14}  {entry.words}: {entry.reason} ({entry.basis}, {entry.assessed_by})")
    if minors is None and robins is None:
        how = "; add rows to the table appraisal" if study in base.own_ids else ""
        click.echo(f"   Not appraised ({base.row(study).text('design')}){how}.")


def _print_pool(result: PoolResult) -> None:
    click.echo(f"{result.spec.words}  [{result.spec.name}]")
    if result.certainty is None:
        click.echo(f"   No certainty: {result.pooled.reason}.")
        return
    click.echo(f"   GRADE: {result.certainty.words}")
    for step in result.certainty.steps:
        click.echo(f"      {f'down {step.down}' if step.down else 'kept':>7}  {step.domain}: {step.words}")


def _print_base(base: EvidenceBase) -> None:
    from locoregional.evidence.appraisal.minors import minors_of
    from locoregional.evidence.appraisal.robins import robins_of
    from locoregional.evidence.pools import all_pools

    flow = _flow(base)
    click.echo("How the studies were found (PRISMA 2020)")
    for line in flow.lines:
        click.echo(f"   {line}")
    click.echo(f"   {' '.join(flow.words.split())}")
    for title, find in (("MINORS, series", minors_of), ("ROBINS-I, comparisons", robins_of)):
        click.echo(f"\n{title}")
        for row in base.table("studies"):
            found = find(base, row.id)
            if found is not None:
                click.echo(f"   {row.id}: {found.words}")
    click.echo("\nGRADE, pools")
    for result in all_pools(base):
        certainty = "no series" if result.certainty is None else result.certainty.words
        click.echo(f"   {result.spec.name}: {certainty}")
