"""``locoregional response``: did the tumour respond, from masks and images or from numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locoregional.cli._bar import bar
from locoregional.cli._response_numbers import Numbers, reading_of_numbers
from locoregional.cli._verb import quiet_option

if TYPE_CHECKING:
    from locoregional.measures.response.category import Reading

__all__ = ["command"]

_PATH = click.Path(exists=True, path_type=Path)
_EPILOG = (
    "Example: locoregional response --criterion recist --baseline before.nii.gz --follow-up after.nii.gz --no-new-lesions. "
    "From numbers: locoregional response --criterion recist --diameters-baseline 32,18 --diameters 20,10 --json response.json"
)


@click.command("response", epilog=_EPILOG)
@click.option(
    "--criterion",
    required=True,
    type=click.Choice(["recist", "mrecist", "easl", "choi", "percist", "volume"]),
    help="volume: enhancing volume, with the cut-offs of RECIST as volumes.",
)
@click.option("--baseline", type=_PATH, help="Lesions before: mask or label map. The same label is the same lesion.")
@click.option("--follow-up", "follow_up", type=_PATH, help="Lesions after; what is missing counts as not measured.")
@click.option("--gone", multiple=True, metavar="LESION", help="A lesion that has disappeared, by its label; or all.")
@click.option(
    "--baseline-image", type=_PATH, help="Arterial phase (mrecist, easl, volume), portal phase (choi) or PET (percist)."
)
@click.option("--follow-up-image", type=_PATH, help="The same at follow-up.")
@click.option("--baseline-native", type=_PATH, help="Before contrast, on the grid of the arterial phase: subtracted from it.")
@click.option("--follow-up-native", type=_PATH, help="The same at follow-up.")
@click.option("--baseline-liver", type=_PATH, help="Mask of the liver: enhancement and uptake are compared with it.")
@click.option("--follow-up-liver", type=_PATH, help="The same at follow-up.")
@click.option("--diameters-baseline", help="Diameters before, mm: 32,18; for easl two of each lesion: 32x20,18x12.")
@click.option("--diameters", help="The same lesions after, in the same order; 0 where gone, ? where not measured.")
@click.option("--nodes-baseline", help="Short axes of lymph nodes before, mm.")
@click.option("--nodes", help="The same nodes after.")
@click.option("--smallest-mm", type=float, help="Smallest sum of diameters so far, where it is below the baseline.")
@click.option("--smallest-mm2", type=float, help="Smallest sum of products so far (easl).")
@click.option("--hu-baseline", "baseline_hu", type=float, help="Mean density before, portal phase (choi).")
@click.option("--hu", "follow_up_hu", type=float, help="Mean density after.")
@click.option("--sul-baseline", "baseline_g_ml", type=float, help="SULpeak of the hottest lesion before (percist).")
@click.option("--sul", "follow_up_g_ml", type=float, help="SULpeak of the hottest lesion after.")
@click.option("--liver-sul-baseline", help="Mean and standard deviation of the liver's SUL before: 1.6,0.2.")
@click.option("--liver-sul", help="The same after.")
@click.option("--lean-share", type=float, help="PET files are SUV: lean mass over weight makes them SUL.")
@click.option("--volume-baseline", "baseline_ml", type=float, help="Enhancing volume before, ml (volume).")
@click.option("--volume", "follow_up_ml", type=float, help="Enhancing volume after, ml.")
@click.option("--new-lesions", type=click.IntRange(min=0), help="How many new lesions there are; 0 is a statement.")
@click.option("--no-new-lesions", is_flag=True, help="The same as --new-lesions 0.")
@click.option(
    "--non-target",
    type=click.Choice(["none", "gone", "persisting", "progressing", "not evaluated"]),
    help="Lesions that are followed without being measured; none is a statement.",
)
@click.option("--hypervascular/--hypovascular", default=None, help="Whether the tumour enhanced more than the liver before.")
@click.option("--oil", is_flag=True, help="Iodised oil lies in the tumour at follow-up (choi).")
@click.option(
    "--readers",
    type=click.Choice(["different", "same"]),
    default="different",
    show_default=True,
    help="Whether one person measured both examinations.",
)
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers here.")
@quiet_option
def command(**given: object) -> None:
    """Judge whether tumours responded: the category, the change with its interval, and what it rests on.

    Give masks of the lesions before and after (with images where the criterion needs them), or numbers.
    """
    numbers = Numbers(**{name: value for name, value in given.items() if name not in ("json_path", "quiet")})  # type: ignore[arg-type]
    json_path = given["json_path"]
    assert json_path is None or isinstance(json_path, Path)
    if json_path is not None and json_path.resolve() in {p.resolve() for p in numbers.files}:
        raise click.UsageError(f"{json_path} is an input and is never overwritten; choose another name.")
    from locoregional.imaging.atomic import atomic_path
    from locoregional.measures.response.document import reading_document, reading_lines

    with bar("response", quiet=bool(given["quiet"])) as progress:
        progress(0.0, "reading")
        reading, notes = _reading(numbers)
    for line in (*reading_lines(reading), *(f"  note: {words}" for words in notes)):
        click.echo(line)
    if json_path is not None:
        document = {**reading_document(reading), "notes": list(notes)}
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")


def _reading(numbers: Numbers) -> tuple[Reading, tuple[str, ...]]:
    if left := numbers.unused():
        why = (
            "needs --baseline beside it"
            if numbers.baseline is None
            else "would not be used: the masks of --baseline are measured"
        )
        raise click.UsageError(f"{', '.join(left)} {why}; leave one of them out.")
    if numbers.baseline is None:
        return reading_of_numbers(numbers), ()
    from locoregional.cli._response_images import reading_of_images

    return reading_of_images(numbers)
