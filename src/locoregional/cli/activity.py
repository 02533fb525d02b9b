"""``locoregional activity``: how much yttrium-90, by which model, within which limits, from which vial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locoregional.cli._activity_input import INSTANT, NUMBER, TERRITORY, hours_of

if TYPE_CHECKING:
    from datetime import datetime

    from locoregional.procedures.tare.activity_plan import ActivityPlan
    from locoregional.procedures.tare.activity_request import ActivityRequest
    from locoregional.procedures.tare.schedule import VialOption

__all__ = ["command"]

_MODELS = ("mird", "bsa", "empiric", "partition", "modified-partition", "multi")
_SCENARIOS = ("whole liver", "lobar", "lobectomy", "segmental")
_UMOL_L_PER_MG_DL = 17.1  # bilirubin
_EPILOG = (
    "Example: locoregional activity --device resin --tumour-ml 200 --normal-ml 1300 --tn 4:3:6 --lung-shunt 0.05 "
    "--lung-shunt-method planar --bilirubin-mg-dl 0.7 --json plan.json. "
    "Judge an activity: add --activity-gbq 1.6. All models: --all. "
    "Which vial: locoregional activity --device glass --model mird --scenario lobar --tumour-ml 80 --normal-ml 620 "
    "--lung-shunt 0.03 --goal-gy 120 --goal-target perfused --calibrated 2026-03-01T12:00-05:00 "
    "--infusion 2026-03-05T10:00+01:00 --zone Europe/Berlin --days 10. A number may be given with its 90 % interval, as "
    "VALUE:LOW:HIGH. A territory is NAME:SHARE:TUMOUR_ML:NORMAL_ML:TN[:SHUNT], its share being that of the activity."
)


@click.command("activity", epilog=_EPILOG)
@click.option(
    "--device", required=True, type=click.Choice(("resin", "glass")), help="Product; limits of the two are never mixed."
)
@click.option("--model", type=click.Choice(_MODELS), default="partition", show_default=True, help="Model of delivery.")
@click.option("--all", "every", is_flag=True, help="All models that the numbers allow, side by side.")
@click.option("--scenario", type=click.Choice(_SCENARIOS), default="whole liver", show_default=True, help="What is treated.")
@click.option("--tumour-ml", type=NUMBER, required=True, help="Perfused tumour.")
@click.option("--normal-ml", type=NUMBER, required=True, help="Perfused liver without tumour.")
@click.option("--whole-normal-ml", type=NUMBER, help="All liver without tumour. Default: the perfused one.")
@click.option("--tn", type=NUMBER, help="Ratio of concentrations, tumour over normal liver (partition).")
@click.option("--activity-ratio", type=NUMBER, help="Ratio of activities, tumour over normal liver (modified partition).")
@click.option("--tumour-lung-shunt", type=NUMBER, help="Lungs over lungs and tumour, a fraction (modified partition).")
@click.option("--territory", "territories", type=TERRITORY, multiple=True, help="Once for each position of the catheter (multi).")
@click.option("--lung-shunt", type=NUMBER, required=True, help="Fraction: 5 % is 0.05.")
@click.option(
    "--lung-shunt-method",
    type=click.Choice(("planar", "spect", "unknown")),
    default="unknown",
    show_default=True,
    help="Sets the interval where none is given.",
)
@click.option("--lung-mass-g", type=NUMBER, help="By CT. Default: 1000 g, assumed.")
@click.option("--earlier-lung-dose-gy", type=float, default=0.0, show_default=True, help="Of earlier treatments.")
@click.option("--residual", type=NUMBER, default="0", show_default=True, help="Fraction that stays in vial, tubing and catheter.")
@click.option("--activity-gbq", type=float, help="Judge this activity, in the vial at infusion. Default: look for the largest.")
@click.option("--goal-gy", type=float, help="Look for the activity that gives this mean dose.")
@click.option("--goal-target", type=click.Choice(("tumour", "perfused")), default="tumour", show_default=True, help="Where to.")
@click.option("--height-cm", type=float, help="For body surface.")
@click.option("--weight-kg", type=float, help="For body surface.")
@click.option("--liver-ml", type=NUMBER, help="Whole liver with its tumours, for body surface of a part.")
@click.option("--liver-tumour-ml", type=NUMBER, help="All tumour of the liver, for body surface of a part.")
@click.option("--old-reduction", is_flag=True, help="Reduce by the shunt as an older insert did (unverified).")
@click.option("--bilirubin-mg-dl", type=float, help="Total bilirubin. Not given counts as raised.")
@click.option("--pretreated/--not-pretreated", default=None, help="Pretreated or compromised liver. Not given counts as yes.")
@click.option("--reserve", type=float, help="Fraction of the liver that is not treated. Not given counts as small.")
@click.option(
    "--constant",
    type=click.Choice(("conventional", "icrp107", "ddep", "label")),
    default="conventional",
    show_default=True,
    help="Dose constant.",
)
@click.option("--activity-calibration-factor", type=NUMBER, help="True over stated activity. Default: 1.")
@click.option("--vial-gbq", type=float, multiple=True, help="Activity of a vial at calibration. Default: those of the product.")
@click.option("--calibrated", type=INSTANT, multiple=True, help="Calibration, with its time zone: 2026-03-01T12:00-05:00.")
@click.option("--infusion", type=INSTANT, help="Infusion, with its time zone; the first day of the window.")
@click.option("--zone", help="Time zone of the treatment, as Europe/Berlin: lists vials, days and hours.")
@click.option("--days", type=int, default=7, show_default=True, help="Days of the window.")
@click.option("--hours", default="8-17", show_default=True, help="Hours of treatment, first and last.")
@click.option("--members", type=click.IntRange(16, 65536), default=1024, show_default=True, help="Draws behind the intervals.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same intervals.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers here.")
def command(*, every: bool, model: str, json_path: Path | None, **options: Any) -> None:
    """Activity of yttrium-90 microspheres and the doses it gives, each with its interval, method and source.

    Without --activity-gbq and --goal-gy the largest activity within the limits of the product is looked for.
    """
    from locoregional.imaging.atomic import atomic_path
    from locoregional.procedures.tare.activity_plan import plan_activity, plan_all
    from locoregional.procedures.tare.activity_report import activity_document, comparison_lines, plan_lines, vial_lines

    request = _request(options)
    if every:
        plans, left_out = plan_all(request)
        if not plans:
            raise click.UsageError("no model could be used: " + "; ".join(f"{name}: {why}" for name, why in left_out.items()))
        lines = comparison_lines(plans, left_out)
    else:
        plans, left_out = (plan_activity(request, model),), {}
        lines = plan_lines(plans[0])
    vials = _vials(plans[0] if not every else _asked(plans, model), options)
    if vials is not None:
        lines += ["", *vial_lines(vials)]
    for line in lines:
        click.echo(line)
    if json_path is not None:
        document = activity_document(plans, left_out=left_out, options=vials or ())
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")


def _request(options: dict[str, Any]) -> ActivityRequest:
    from locoregional.procedures.tare.activity_request import ActivityRequest
    from locoregional.procedures.tare.limits import LiverFunction
    from locoregional.procedures.tare.lung_shunt import lung_shunt_spread

    o = options
    bilirubin = o["bilirubin_mg_dl"]
    return ActivityRequest(
        device=o["device"],
        scenario=o["scenario"],
        tumour_ml=o["tumour_ml"],
        normal_ml=o["normal_ml"],
        lung_shunt=lung_shunt_spread(o["lung_shunt"], method=o["lung_shunt_method"]),
        residual_fraction=o["residual"],
        tn_concentration_ratio=o["tn"],
        tumour_to_normal_activity_ratio=o["activity_ratio"],
        tumour_lung_shunt=o["tumour_lung_shunt"],
        territories=dict(o["territories"]),
        whole_normal_ml=o["whole_normal_ml"],
        liver_ml=o["liver_ml"],
        liver_tumour_ml=o["liver_tumour_ml"],
        lung_g=o["lung_mass_g"],
        height_cm=o["height_cm"],
        weight_kg=o["weight_kg"],
        old_reduction=o["old_reduction"],
        function=LiverFunction(
            bilirubin_umol_l=None if bilirubin is None else _UMOL_L_PER_MG_DL * bilirubin,
            compromised=o["pretreated"],
            reserve_share=o["reserve"],
        ),
        earlier_lung_dose_gy=o["earlier_lung_dose_gy"],
        constant=o["constant"],
        activity_calibration_factor=o["activity_calibration_factor"],
        activity_gbq=o["activity_gbq"],
        goal_target=o["goal_target"],
        goal_gy=o["goal_gy"],
        members=o["members"],
        seed=o["seed"],
    )


def _asked(plans: tuple[ActivityPlan, ...], model: str) -> ActivityPlan:
    """The plan whose activity the vial shall give."""
    return next((plan for plan in plans if plan.model == model), plans[0])


def _vials(plan: ActivityPlan, options: dict[str, Any]) -> tuple[VialOption, ...] | None:
    """Vials at the hour of infusion, or in a window of days; None where no calibration is given."""
    calibrated: tuple[datetime, ...] = options["calibrated"]
    infusion: datetime | None = options["infusion"]
    if not calibrated and infusion is None:
        return None
    if not calibrated or infusion is None:
        raise click.UsageError("a vial needs both --calibrated and --infusion.")
    if plan.activity.value is None:
        return ()
    from locoregional.procedures.tare.microspheres import product
    from locoregional.procedures.tare.schedule import vial_at, vial_options

    item = product(plan.request.device)
    wanted, vials = plan.activity.value, options["vial_gbq"]
    if options["zone"]:
        return vial_options(
            item,
            wanted_gbq=wanted,
            calibrations=calibrated,
            first_day=infusion.date(),
            days=options["days"],
            hours=hours_of(options["hours"]),
            zone=options["zone"],
            vials_gbq=vials,
        )
    return tuple(
        vial_at(item, vial_gbq=vial, calibrated=instant, infusion=infusion, wanted_gbq=wanted)
        for instant in calibrated
        for vial in vials or item.vials_gbq
    )
