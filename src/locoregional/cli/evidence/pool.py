"""``locoregional evidence pool``: one number from several studies, of the shipped base or of anyone's table."""

from __future__ import annotations

import json
from pathlib import Path

import click

__all__ = ["command"]

_EPILOG = (
    "Example: locoregional evidence pool --input studies.csv --method REML --interval hts --json pooled.json, where studies.csv "
    "has the columns study, events, total (or study, median_months, low, high; or study, mean_change, sd, total)"
)
_JSON = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
_METHODS = ("glmm", "REML", "PM", "DL", "ML", "EB", "SJ", "HS", "HE", "EE")
_TRANSFORMS = ("logit", "freeman-tukey", "arcsine", "raw", "log")
_TABLE_ONLY = ("test", "interval", "level", "transform", "floor", "leave_one_out")
_BASE_ONLY = ("names", "diff", "base")


@click.command("pool", epilog=_EPILOG)
@click.option("--input", "table", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A table of studies (CSV).")
@click.option(
    "--pool", "names", multiple=True, metavar="NAME", help="A pool of the shipped base; several allowed; all if left out."
)
@click.option("--diff", metavar="[DIR|shipped]", help="Show what moved against another base, or against the shipped one.")
@click.option(
    "--base", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A base of your own instead of the shipped one."
)
@click.option(
    "--method",
    type=click.Choice(_METHODS, case_sensitive=False),
    help="Model. Default: glmm (binomial-normal) for proportions, REML for medians, changes and other scales than logit.",
)
@click.option(
    "--test",
    type=click.Choice(("hk", "z")),
    default="hk",
    show_default=True,
    help="Confidence interval: Hartung-Knapp or Wald. glmm and EE know only z.",
)
@click.option(
    "--interval",
    type=click.Choice(("hts", "metafor")),
    default="hts",
    show_default=True,
    help="Prediction interval: Higgins-Thompson-Spiegelhalter (t, k-2) or the model's own quantile. Both are always in the JSON.",
)
@click.option(
    "--level",
    type=click.FloatRange(0.5, 1.0, max_open=True),
    default=0.95,
    show_default=True,
    help="Level of all intervals.",
)
@click.option("--transform", type=click.Choice(_TRANSFORMS), default="logit", show_default=True, help="Scale for proportions.")
@click.option("--floor", is_flag=True, help="Keep the Hartung-Knapp variance from falling below Wald's.")
@click.option("--leave-one-out", is_flag=True, help="Also pool without each study in turn.")
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write the numbers here; - for stdout.",
)
@click.pass_context
def command(
    context: click.Context,
    *,
    table: Path | None,
    names: tuple[str, ...],
    diff: str | None,
    base: Path | None,
    method: str | None,
    test: str,
    interval: str,
    level: float,
    transform: str,
    floor: bool,
    leave_one_out: bool,
    json_path: Path | None,
) -> None:
    """Pool studies, and say whether the result may be quoted.

    Patients and lesions, or different outcomes, are never mixed; studies that differ too much are computed and marked as not
    poolable, with the reason. Proportions in the JSON are 0..1, survival is in months.
    """
    others = _BASE_ONLY if table is not None else _TABLE_ONLY
    given = [name for name in others if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE]
    if given:
        where = "the base, not of --input" if table is not None else "--input"
        options = ", ".join("--pool" if name == "names" else f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{options}: for pools of {where}.")
    if table is None:
        from locoregional.cli._pool_base import pool_base

        pool_base(names=names, diff=diff, base=base, method=method or "auto", json_path=json_path)
        return
    to_stdout = json_path is not None and str(json_path) == "-"
    if json_path is not None and not to_stdout and json_path.resolve() == table.resolve():
        raise click.UsageError(f"{json_path} is the input and is never overwritten; choose another name.")
    from locoregional.evidence.pooling.document import pooled_document, pooled_lines
    from locoregional.evidence.pooling.input_table import read_study_table
    from locoregional.evidence.pooling.table_pool import pool_table
    from locoregional.imaging.atomic import atomic_path

    pooled, without_each = pool_table(
        read_study_table(table),
        method=method,
        test=test,
        prediction=interval,
        level=level,
        transform=transform,
        floor=floor,
        without_each=leave_one_out,
    )
    text = json.dumps(pooled_document(pooled, without_each), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if to_stdout:
        click.echo(text, nl=False)
        return
    for line in pooled_lines(pooled, without_each):
        click.echo(line)
    if json_path is not None:
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(text, encoding="utf-8")
        click.echo(f"written: {json_path}")
