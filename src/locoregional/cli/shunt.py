"""``locoregional shunt``: lung shunt fraction from planar views or from a SPECT, without a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from locoregional.case import Quantity

__all__ = ["command"]

_PATH = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_REGION = 'mask file (PNG), corners "row,column row,column row,column" or disc "row,column,radius" in pixels'
_EPILOG = (
    "Example: locoregional shunt --planar maa.dcm --lungs lungs.png --liver liver.png --background 60,200,8 --picture shunt.png. "
    "By SPECT: locoregional shunt --spect maa.nii.gz --lungs lungs.nii.gz --liver liver.nii.gz --json shunt.json"
)


@click.command("shunt", epilog=_EPILOG)
@click.option("--planar", type=_PATH, help="Anterior and posterior view: DICOM file or folder.")
@click.option("--spect", type=_PATH, help="SPECT with attenuation and scatter corrected, instead of planar views.")
@click.option("--lungs", required=True, help=f"Both lungs on the anterior view: {_REGION}; for --spect a mask.")
@click.option("--liver", required=True, help="Liver with its tumours, likewise.")
@click.option("--background", help="Place beside lungs and liver on the planar views: taken off by area.")
@click.option("--nuclide", default="", help="Where the planar file does not say it, as Tc-99m.")
@click.option("--window", type=click.IntRange(min=1), help="Number of the energy window, in place of the photopeak.")
@click.option("--mirrored/--turned", default=None, help="How the posterior view is stored, where the file does not say it.")
@click.option("--json", "json_path", type=_OUT, help="Write the numbers here.")
@click.option("--picture", type=_OUT, help="Draw both views with the outlines (PNG).")
def command(
    *,
    planar: Path | None,
    spect: Path | None,
    lungs: str,
    liver: str,
    background: str | None,
    nuclide: str,
    window: int | None,
    mirrored: bool | None,
    json_path: Path | None,
    picture: Path | None,
) -> None:
    """Lung shunt fraction with its 90 % interval: geometric mean of planar views, or counts of a SPECT."""
    if (planar is None) == (spect is None):
        raise click.UsageError("Give one of --planar and --spect.")
    inputs = {Path(p).resolve() for p in (planar, spect, lungs, liver, background) if p}
    if any(target is not None and target.resolve() in inputs for target in (json_path, picture)):
        raise click.UsageError("An output has the name of an input, which is never overwritten; choose another name.")
    if picture is not None and (planar is None or picture.suffix.lower() != ".png"):
        raise click.UsageError("--picture draws planar views, into a file that ends in .png.")
    if planar is not None:
        found, notes = _of_views(planar, lungs, liver, background, nuclide, window, mirrored, picture)
    elif spect is not None:
        if background or nuclide or window is not None or mirrored is not None:
            raise click.UsageError("--background, --nuclide, --window and --mirrored are for planar views.")
        found, notes = _of_spect(spect, Path(lungs), Path(liver)), ()
    value, low, high = found.value, found.low, found.high
    assert value is not None
    assert low is not None
    assert high is not None
    click.echo(f"lung shunt {100 * value:.1f} % (90 %: {100 * low:.1f} to {100 * high:.1f})")
    click.echo(f"  {found.method} [{', '.join(found.sources)}]")
    for words in notes:
        click.echo(f"  note: {words}")
    click.echo(f"  for the activity: locoregional activity --lung-shunt {value:.4f}:{low:.4f}:{high:.4f} ...")
    click.echo("Research software: not a medical device, not for clinical decisions.")
    if picture is not None:
        click.echo(f"written: {picture}")
    if json_path is not None:
        from locoregional.imaging.atomic import atomic_path

        document = {
            "lung_shunt_fraction": value, "low": low, "high": high, "level": found.level, "method": found.method,
            "sources": list(found.sources), "notes": list(notes),
        }  # fmt: skip
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")


def _of_views(
    path: Path,
    lungs: str,
    liver: str,
    background: str | None,
    nuclide: str,
    window: int | None,
    mirrored: bool | None,
    picture: Path | None,
) -> tuple[Quantity, tuple[str, ...]]:
    from locoregional.imaging.nuclear.planar import read_planar
    from locoregional.imaging.pixel_region import read_region
    from locoregional.procedures.tare.lung_shunt import planar_lung_shunt
    from locoregional.procedures.tare.planar_shunt import background_of_views, counts_of_views

    views = read_planar(path, nuclide=nuclide, window=window, mirrored=mirrored)
    regions = {"lungs": read_region(lungs, views.anterior.shape), "liver": read_region(liver, views.anterior.shape)}
    counts = counts_of_views(views, lungs=regions["lungs"], liver=regions["liver"])
    off = None
    if background is not None:
        regions["background"] = read_region(background, views.anterior.shape)
        off = background_of_views(views, **regions)
    found = planar_lung_shunt(counts, background=off)
    if picture is not None:
        from locoregional.report.planar_figure import draw_views

        draw_views(views, regions, picture, title=f"lung shunt {100 * (found.value or 0.0):.1f} %, planar")
    seen = (
        f"counts from the front and from behind: lungs {counts.lung_anterior:,} and {counts.lung_posterior:,}, liver "
        f"{counts.liver_anterior:,} and {counts.liver_posterior:,}"
    )
    taken = () if off is None else (
        f"background taken off: lungs {off.lung_anterior:,} and {off.lung_posterior:,}, liver {off.liver_anterior:,} and "
        f"{off.liver_posterior:,}",
    )  # fmt: skip
    return found, (seen, *taken, *views.assumed)


def _of_spect(path: Path, lungs: Path, liver: Path) -> Quantity:
    import numpy as np

    from locoregional.errors import MaskError
    from locoregional.imaging.masks import read_mask
    from locoregional.imaging.nuclear.occupancy import occupancies_on
    from locoregional.imaging.read import read_image
    from locoregional.procedures.tare.lung_mass import cut_off
    from locoregional.procedures.tare.lung_shunt import spect_lung_shunt

    image = read_image(path)
    masks = {"lungs": read_mask(lungs), "liver": read_mask(liver)}
    if cut_off(masks["lungs"]):
        raise MaskError(
            "the outline ends within the lungs, so their counts are not complete",
            where=str(lungs),
            remedy="Outline both lungs whole, on an image that shows them.",
        )
    on_map = {name: np.asarray(mask.array, dtype=np.float64) for name, mask in occupancies_on(image, masks).items()}
    return spect_lung_shunt(np.maximum(image.array, 0.0), **on_map)
