"""``locoregional margin``: the ablation margin between two masks, without a case."""

from __future__ import annotations

import json
from pathlib import Path

import click

from locoregional.cli._bar import bar

__all__ = ["command"]

_PATH = click.Path(exists=True, path_type=Path)
_EPILOG = (
    "Example: locoregional margin --tumour tumour.nii.gz --ablation ablation.nii.gz --organ liver.nii.gz "
    "--registration-error-mm 1.6 --json margin.json"
)


@click.command("margin", epilog=_EPILOG)
@click.option("--tumour", required=True, type=_PATH, help="Tumour mask: NIfTI, NRRD or DICOM SEG.")
@click.option("--ablation", required=True, type=_PATH, help="Ablation mask, registered to the tumour; may be the same file.")
@click.option("--organ", type=_PATH, help="Organ mask, for the subcapsular rule.")
@click.option("--tumour-label", help="Number or name of the tumour where its file holds several masks.")
@click.option("--ablation-label", help="Number or name of the ablation.")
@click.option("--organ-label", help="Number or name of the organ.")
@click.option(
    "--registration-error-mm",
    type=click.FloatRange(min=0.0),
    default=0.0,
    show_default=True,
    help="Mean displacement left between the two images.",
)
@click.option(
    "--segmentation-error-mm",
    type=click.FloatRange(min=0.0),
    help="Standard deviation of each drawn surface. Default: masks as drawn, and a second interval with a published error.",
)
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers here.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw where the margin is thin (PNG).")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    *,
    tumour: Path,
    ablation: Path,
    organ: Path | None,
    tumour_label: str | None,
    ablation_label: str | None,
    organ_label: str | None,
    registration_error_mm: float,
    segmentation_error_mm: float | None,
    json_path: Path | None,
    picture: Path | None,
    quiet: bool,
) -> None:
    """Measure how far an ablation reaches beyond a tumour, everywhere on the tumour's surface.

    The minimal margin comes with a 90 % interval from voxel size, slice thickness and the errors given.
    """
    inputs = {p.resolve() for p in (tumour, ablation, organ) if p is not None}
    for target in (json_path, picture):
        if target is not None and target.resolve() in inputs:
            raise click.UsageError(f"{target} is an input and is never overwritten; choose another name.")
    from locoregional.imaging.atomic import atomic_path
    from locoregional.imaging.masks import read_mask
    from locoregional.measures.margin import ablation_margin
    from locoregional.measures.margin_json import margin_document, margin_lines

    with bar("margin", quiet=quiet) as progress:
        progress(0.0, "reading the masks")
        tumour_mask = read_mask(tumour, label=_label(tumour_label))
        ablation_mask = read_mask(ablation, label=_label(ablation_label))
        organ_mask = read_mask(organ, label=_label(organ_label)) if organ is not None else None
        margin = ablation_margin(
            tumour_mask,
            ablation_mask,
            organ=organ_mask,
            registration_error_mm=registration_error_mm,
            segmentation_error_mm=segmentation_error_mm,
            progress=progress,
        )
    for line in margin_lines(margin):
        click.echo(line)
    if json_path is not None:
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(margin_document(margin), indent=2) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")
    if picture is not None:
        from locoregional.measures.margin_picture import draw_margin

        with atomic_path(picture, overwrite=True) as part:
            draw_margin(margin, part)
        click.echo(f"written: {picture}")


def _label(text: str | None) -> int | str | None:
    """A number where the text is one."""
    return int(text) if text is not None and text.lstrip("-").isdigit() else text
