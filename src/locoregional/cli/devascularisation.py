"""``locoregional devascularisation``: how much an embolization closed, from two angiographic series, without a case."""

from __future__ import annotations

import json
from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]

_PATH = click.Path(exists=True, path_type=Path)
_EPILOG = (
    "Example: locoregional devascularisation --before before.dcm --after after.dcm --tumour 260,240,45 --artery 90,120,4 "
    "--json devascularisation.json --picture devascularisation.png"
)
_REGION = '"row,column,radius" in pixels, corners "row,column row,column row,column", or a mask file'


@click.command("devascularisation", epilog=_EPILOG)
@click.option("--before", required=True, type=_PATH, help="DICOM XA run before the embolization: file or folder.")
@click.option("--after", required=True, type=_PATH, help="Run after it: same projection, same injection.")
@click.option("--tumour", required=True, help=f"Stain on the run before: {_REGION}.")
@click.option("--artery", required=True, help="Feeding artery on the run before, upstream of what was embolized.")
@click.option("--tumour-after", help="Stain on the run after; default: that of before, shifted as the anatomy is.")
@click.option("--artery-after", help="Feeding artery on the run after.")
@click.option("--background", help="Region without opacified vessels: removes changes of the beam.")
@click.option("--series-before", default="", help="Number of the series where the folder of --before holds several.")
@click.option("--series-after", default="", help="Number of the series in the folder of --after.")
@click.option(
    "--relationship", type=click.Choice(["LIN", "LOG"]), help="How values follow from the beam, where the files do not say it."
)
@click.option("--still", is_flag=True, help="Do not follow movement.")
@click.option("--draws", type=click.IntRange(100, 20000), default=1000, show_default=True, help="Draws behind the interval.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same interval.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers here.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw curves and maps (PNG).")
@quiet_option
def command(
    *,
    before: Path,
    after: Path,
    tumour: str,
    artery: str,
    tumour_after: str | None,
    artery_after: str | None,
    background: str | None,
    series_before: str,
    series_after: str,
    relationship: str | None,
    still: bool,
    draws: int,
    seed: int,
    json_path: Path | None,
    picture: Path | None,
    quiet: bool,
) -> None:
    """Measure the loss of perfused vessels between two angiographic series, with a 90 % interval.

    The curve of the tumour is set against that of its artery in each series, and after against before. Where the two series
    cannot be compared, the answer is that it cannot be measured, and why.
    """
    inputs = {Path(p).resolve() for p in (before, after, tumour, artery, tumour_after, artery_after, background) if p}
    for target in (json_path, picture):
        if target is not None and target.resolve() in inputs:
            raise click.UsageError(f"{target} is an input and is never overwritten; choose another name.")
    if picture is not None and picture.suffix.lower() != ".png":
        raise click.UsageError(f"{picture} is no PNG; use a name that ends in .png.")
    from locoregional.imaging.angiography import read_angiogram
    from locoregional.imaging.atomic import atomic_path
    from locoregional.imaging.pixel_region import read_region
    from locoregional.measures.devascularisation.document import devascularisation_document, devascularisation_lines
    from locoregional.measures.devascularisation.measure import devascularisation
    from locoregional.progress import part as share

    with bar("devascularisation", quiet=quiet) as progress:
        progress(0.0, "reading the series")
        first = read_angiogram(before, series=series_before, relationship=relationship or "")
        second = read_angiogram(after, series=series_after, relationship=relationship or "")
        sizes = first.frames.shape[1:], second.frames.shape[1:]
        found = devascularisation(
            first,
            second,
            tumour=read_region(tumour, sizes[0]),
            artery=read_region(artery, sizes[0]),
            tumour_after=read_region(tumour_after, sizes[1]) if tumour_after else None,
            artery_after=read_region(artery_after, sizes[1]) if artery_after else None,
            background=read_region(background, sizes[0]) if background else None,
            still=still,
            draws=draws,
            seed=seed,
            progress=share(progress, 0.3, 0.95),
        )
    for line in devascularisation_lines(found):
        click.echo(line)
    if json_path is not None:
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(devascularisation_document(found), indent=2, allow_nan=False) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")
    if picture is not None:
        from locoregional.measures.devascularisation.picture import draw_devascularisation

        with atomic_path(picture, overwrite=True) as part:
            draw_devascularisation(found, part)
        click.echo(f"written: {picture}")
