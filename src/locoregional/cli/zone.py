"""``locoregional zone``: what a vendor's chart states, simulated, with its band."""

from __future__ import annotations

import json
from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]

_ORGANS = ("liver", "lung", "adrenal", "bone", "soft_tissue")
_EPILOG = (
    "Example: locoregional zone amica-14g --organ liver --power-w 80 --time-min 10 --json zone.json --picture zone.png. "
    "A device of your own: locoregional devices --example mwa > my-device.toml, then locoregional zone my-device.toml"
)


@click.command("zone", epilog=_EPILOG)
@click.argument("device")
@click.option("--organ", type=click.Choice(_ORGANS), default="liver", show_default=True, help="Tissue of the block.")
@click.option("--ex-vivo", is_flag=True, help="Not perfused, from room temperature.")
@click.option("--perfusion", type=float, help="Measured perfusion, ml/min/100 g, in place of the tissue's own with its range.")
@click.option("--power-w", type=float, help="Setting of the generator for each applicator. Default: the device's largest in use.")
@click.option("--time-min", type=float, help="Length of the program. Default: the device's own.")
@click.option("--program", help="Program of the generator; of a cryoprobe minutes of freezing and thawing, as in 10-5-10.")
@click.option("--applicators", type=int, default=1, show_default=True, help="How many, parallel, at once.")
@click.option("--spacing-mm", type=float, help="Distance between neighbouring applicators.")
@click.option("--members", type=click.IntRange(0, 4096), default=32, show_default=True, help="Runs behind the band; 0: none.")
@click.option("--screening", is_flag=True, help="Tell which parameter drives each axis (Morris, 8 walks).")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same band.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers here.")
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: .png, .svg, or .html with the numbers."
)
@quiet_option
def command(
    *,
    device: str,
    organ: str,
    ex_vivo: bool,
    perfusion: float | None,
    power_w: float | None,
    time_min: float | None,
    program: str | None,
    applicators: int,
    spacing_mm: float | None,
    members: int,
    screening: bool,
    seed: int,
    json_path: Path | None,
    picture: Path | None,
    quiet: bool,
) -> None:
    """Predict the zone of DEVICE in a block of tissue: both axes and the volume, with 90 % bands.

    DEVICE is a name that `locoregional devices` lists, or a file that ends in .toml.
    """
    if picture is not None and picture.suffix.lower() not in (".png", ".svg", ".html"):
        raise click.UsageError(f"{picture} is no picture; use a name that ends in .png, .svg or .html.")
    for target in (json_path, picture):
        if target is not None and target.resolve() == Path(device).resolve():
            raise click.UsageError(f"{target} is the input and is never overwritten; choose another name.")
    from locoregional.ablation.chart import chart
    from locoregional.ablation.chart_job import Question, setting_of
    from locoregional.ablation.chart_json import chart_document, chart_lines
    from locoregional.imaging.atomic import atomic_path
    from locoregional.procedures.energies import device_named

    energy, known = device_named(device)
    question = Question(
        device=known,
        setting=setting_of(known, power_w=power_w, time_min=time_min, program=program),
        organ=organ,
        perfused=not ex_vivo,
        perfusion_ml_100g_min=perfusion,
        applicators=applicators,
        apart_mm=spacing_mm or 0.0,
    )
    with bar("zone", quiet=quiet) as progress:
        answer = chart(energy, question, members=members, walks=8 if screening else 0, seed=seed, progress=progress)
    for line in chart_lines(answer):
        click.echo(line)
    if json_path is not None:
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(chart_document(answer), indent=2) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")
    if picture is not None:
        from locoregional.ablation.chart_picture import draw_chart

        with atomic_path(picture, overwrite=True) as part:
            draw_chart(answer, part)
        click.echo(f"written: {picture}")
