"""``locoregional evidence rebuild``: individual data from a digitised survival curve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from locoregional.evidence.survival.rebuilt import Rebuilt

__all__ = ["command"]

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_EPILOG = (
    "Example: locoregional evidence rebuild --curve tare.csv --at-risk tare_risk.csv --curve2 tace.csv --at-risk2 tace_risk.csv "
    "--out patients.csv --json - (a curve has the columns time_months,survival; numbers at risk time_months,at_risk)"
)


@click.command("rebuild", epilog=_EPILOG)
@click.option(
    "--curve", required=True, type=_IN, help="Points of the curve: CSV with time_months,survival (0 to 1, or per cent)."
)
@click.option("--at-risk", type=_IN, help="Numbers at risk: CSV with time_months,at_risk.")
@click.option("--total", type=click.IntRange(min=1), help="Patients at time 0, where no numbers at risk are printed.")
@click.option("--events", type=click.IntRange(min=0), help="Events in all, if printed.")
@click.option("--curve2", type=_IN, help="Points of a second arm, for a hazard ratio of the first over the second.")
@click.option("--at-risk2", type=_IN, help="Numbers at risk of the second arm.")
@click.option("--total2", type=click.IntRange(min=1), help="Patients of the second arm.")
@click.option("--events2", type=click.IntRange(min=0), help="Events of the second arm.")
@click.option("--name", help="Name of the arm.  [default: name of its file]")
@click.option("--name2", help="Name of the second arm.")
@click.option(
    "--time-unit", type=click.Choice(("days", "weeks", "months", "years")), help="Unit of a column that is called time."
)
@click.option("--survival-unit", type=click.Choice(("auto", "fraction", "percent")), default="auto", show_default=True)
@click.option(
    "--points",
    type=click.Choice(("auto", "corners", "samples")),
    default="auto",
    show_default=True,
    help="Whether points are the feet of the steps or lie anywhere on the curve; auto looks at their spacing.",
)
@click.option("--out", type=_OUT, help="Write one row per patient here (CSV: time_months, event, arm).")
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False, allow_dash=True), help="Write the numbers here; - for the screen."
)
@click.option("--picture", type=_OUT, help="Draw the rebuilt curves here (PNG or SVG).")
def command(
    *,
    curve: Path,
    at_risk: Path | None,
    total: int | None,
    events: int | None,
    curve2: Path | None,
    at_risk2: Path | None,
    total2: int | None,
    events2: int | None,
    name: str | None,
    name2: str | None,
    time_unit: str | None,
    survival_unit: str,
    points: str,
    out: Path | None,
    json_path: str | None,
    picture: Path | None,
) -> None:
    """Rebuild who had an event when from a printed survival curve, and say how far to trust it.

    Points come from any digitiser, numbers at risk from the rows under the figure. Without these, give the number of patients
    and, if printed, of events; the answer then says what was assumed and what it is good for.
    """
    targets = [p for p in (out, picture, Path(json_path) if json_path not in (None, "-") else None) if p is not None]
    inputs = {p.resolve() for p in (curve, at_risk, curve2, at_risk2) if p is not None}
    for target in targets:
        if target.resolve() in inputs:
            raise click.UsageError(f"{target} is an input and is never overwritten; choose another name.")
    if len({p.resolve() for p in targets}) < len(targets):
        raise click.UsageError("two results have one name; choose another for one of them.")
    if picture is not None and picture.suffix.lower() not in (".png", ".svg"):
        raise click.UsageError(f"{picture} is neither PNG nor SVG.")
    if curve2 is None and (at_risk2 or total2 or events2 is not None):
        raise click.UsageError("numbers of a second arm need its curve: --curve2.")
    from locoregional.errors import EvidenceError
    from locoregional.evidence.survival.curve_file import individual_table
    from locoregional.evidence.survival.rebuilt_json import rebuilt_document, rebuilt_lines
    from locoregional.evidence.survival.two_curves import compare
    from locoregional.imaging.atomic import atomic_path

    options = (time_unit or "", survival_unit, points)
    first = name or curve.stem
    arms = {first: _arm(curve, at_risk, total, events, options)}
    comparison = None
    if curve2 is not None:
        second = name2 or (curve2.stem if curve2.stem != first else f"{curve2.stem} (2)")
        if second == first:
            raise click.UsageError("both arms have one name; choose another with --name2.")
        arms[second] = _arm(curve2, at_risk2, total2, events2, options)
        comparison = compare(arms[first], arms[second])
    times = {key: arm.times for key, arm in arms.items() if arm.times is not None}
    if out is not None and len(times) < len(arms):
        raise EvidenceError(
            "without the number of patients there are no patients to write", where="--out", remedy="Give --total or --at-risk."
        )
    document = json.dumps(rebuilt_document(arms, comparison), indent=2, ensure_ascii=False) + "\n"
    if json_path == "-":
        click.echo(document, nl=False)
    else:
        click.echo("\n".join(rebuilt_lines(arms, comparison)))
    if out is not None:
        with atomic_path(out, overwrite=True) as part:
            part.write_text(individual_table(times), encoding="utf-8")
    if json_path not in (None, "-"):
        with atomic_path(str(json_path), overwrite=True) as part:
            part.write_text(document, encoding="utf-8")
    if picture is not None:
        from locoregional.evidence.plots.survival import draw_survival

        notes = ["Rebuilt from a printed curve.", *dict.fromkeys(arm.accuracy for arm in arms.values())]
        draw_survival([arm.drawn(key) for key, arm in arms.items()], picture, event="event-free", notes=notes)
    for target in targets:
        click.echo(f"written: {target}", err=json_path == "-")


def _arm(curve: Path, at_risk: Path | None, total: int | None, events: int | None, options: tuple[str, str, str]) -> Rebuilt:
    """One arm from its files."""
    from locoregional.evidence.survival.curve_file import read_at_risk, read_curve
    from locoregional.evidence.survival.curve_input import clean_curve, clean_numbers_at_risk
    from locoregional.evidence.survival.rebuilt import rebuild

    time_unit, survival_unit, points = options
    read = read_curve(curve, time_unit=time_unit)
    unit = read.unit if survival_unit == "auto" else survival_unit
    cleaned = clean_curve(read.time_months, read.value, unit=unit, points=points, where=str(curve), lines=read.lines)
    numbers = None
    if at_risk is not None:
        row = read_at_risk(at_risk, time_unit=time_unit)
        numbers = clean_numbers_at_risk(row.time_months, row.value, total=total, where=str(at_risk), lines=row.lines)
    return rebuild(cleaned, at_risk=numbers, total=total, events=events)
