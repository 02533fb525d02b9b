"""``locoregional import``: a case folder out of images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.termui import prompt

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

if TYPE_CHECKING:
    from locoregional.imaging.dicom_info import SeriesInfo

__all__ = ["command"]


@click.command(
    "import",
    epilog=(
        "Example: locoregional import /media/cd/DICOM --out patient-7 --lesion-seed=-85.6,79.8,-276.4 --diameter-mm 11. "
        "The seed is in LPS; 3D Slicer shows RAS: reverse the first two signs."
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Case folder to make; it must not exist or be empty.")
@click.option("--series", default="", help="Which DICOM series: its number in the list, or its UID.")
@click.option(
    "--patient", default="", help="Pseudonym; default the name of the folder. Nothing identifying is copied from DICOM."
)
@click.option("--age", type=float, help="Age in years.")
@click.option("--lesion-mask", type=click.Path(exists=True, path_type=Path), help="Mask of the lesion (NIfTI, NRRD, DICOM SEG).")
@click.option("--lesion-seed", default="", help="Point in the lesion, LPS mm: X,Y,Z. The lesion is then outlined on the CT.")
@click.option("--diameter-mm", type=float, help="Diameter of the lesion, needed with --lesion-seed.")
@click.option("--organ", default="liver", show_default=True, help="Organ of the lesion.")
@click.option("--organs", type=click.Path(exists=True, path_type=Path), help="Organ masks: label map, SEG, RTSTRUCT or a folder.")
@click.option("--class-map", default="", help="What the numbers of a label map mean, e.g. totalsegmentator_total, or a file.")
@quiet_option
def command(
    paths: tuple[Path, ...],
    out: Path,
    series: str,
    patient: str,
    age: float | None,
    lesion_mask: Path | None,
    lesion_seed: str,
    diameter_mm: float | None,
    organ: str,
    organs: Path | None,
    class_map: str,
    quiet: bool,
) -> None:
    """Make a case folder from a DICOM folder (or CD), NIfTI or NRRD: read, check, find organs, write case.toml and chart."""
    from locoregional.case.build import build_case, save_case
    from locoregional.case.chart import write_text_atomically
    from locoregional.case.intake import INTAKE, read_intake
    from locoregional.errors import CaseError
    from locoregional.imaging.dicom_series import find_series
    from locoregional.progress import part

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CaseError("the case folder is not empty", where=str(out), remedy="Choose a new name; nothing is overwritten.")
    with bar("import", quiet=quiet) as progress:
        image, uid = paths[0], ""
        if any(p.is_dir() for p in paths) or len(paths) > 1:
            found = find_series(paths, progress=part(progress, 0.0, 0.2))
            info = _chosen(found, series)
            uid = info.uid
            image = paths[0] if len(paths) == 1 else Path(info.files[0]).parent
        text = _toml(
            patient or out.name,
            age,
            image.resolve(),
            uid,
            lesion_mask,
            _point(lesion_seed),
            diameter_mm,
            organ,
            organs,
            class_map,
        )
        made_folder = not out.exists()
        out.mkdir(parents=True, exist_ok=True)
        done = False
        try:
            write_text_atomically(out / INTAKE, text)
            case = build_case(read_intake(out / INTAKE), out, part(progress, 0.2, 0.95))
            save_case(case, out)
            done = True
        finally:
            if not done:  # an import that failed or was interrupted leaves nothing behind
                (out / INTAKE).unlink(missing_ok=True)
                if made_folder and not any(out.iterdir()):
                    out.rmdir()
    planning = case.image()
    size = " x ".join(str(n) for n in planning.shape)
    voxel = " x ".join(f"{s:.3g}" for s in planning.spacing_mm)
    click.echo(f"{out}: image of {size} voxels (slices x rows x columns) of {voxel} mm")
    for lesion in case.lesions:
        click.echo(f"  lesion {lesion.id} in the {lesion.organ.value}: {lesion.diameter_mm:.0f} mm across ({lesion.origin})")
    for name, origin in sorted(case.origins.items()):
        click.echo(f"  {name}: {origin}")
    for note in case.notes:
        click.echo(f"  note: {note}")
    if not case.lesions:
        click.echo(f"No lesion yet: complete {out / INTAKE}, then `locoregional run {out}`.")
    else:
        click.echo(f"Complete the disease in {out / INTAKE}, then `locoregional run {out}`.")


def _chosen(found: tuple[SeriesInfo, ...], wanted: str) -> SeriesInfo:
    """Series by number or UID; asked for on a terminal, refused elsewhere when there are several."""
    from locoregional.errors import ImagingError
    from locoregional.imaging.dicom_series import describe_series

    readable = [s for s in found if s.readable]
    if not readable:
        raise ImagingError("no readable DICOM series", remedy="Name the folder that holds the CT slices.")
    lines = describe_series(found)
    by_number = {str(i + 1): s for i, s in enumerate(found)}
    if wanted:
        match = by_number.get(wanted) or next((s for s in found if s.uid == wanted), None)
        if match is None:
            raise ImagingError(f"no series {wanted!r}", remedy="Choose one of:\n" + "\n".join(lines))
        return match
    if len(readable) == 1:
        return readable[0]
    if not sys.stdin.isatty():
        raise ImagingError("several series", remedy="Choose one with --series NUMBER:\n" + "\n".join(lines))
    click.echo("\n".join(lines))
    return by_number[prompt("Which series", type=click.Choice(list(by_number)))]


def _point(text: str) -> tuple[float, float, float] | None:
    if not text:
        return None
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not X,Y,Z in millimetres", param_hint="--lesion-seed") from None
    return x, y, z


def _toml(
    patient: str,
    age_years: float | None,
    image: Path,
    uid: str,
    lesion_mask: Path | None,
    seed: tuple[float, float, float] | None,
    diameter_mm: float | None,
    organ: str,
    organs: Path | None,
    class_map: str,
) -> str:
    """A ``case.toml`` that a person can go on writing."""

    def quoted(value: object) -> str:
        import json

        return json.dumps(str(value), ensure_ascii=False)

    lines = [
        "# What is known of the patient. Every field is explained in docs/case.md; delete what is not known.",
        "",
        "[patient]",
    ]
    lines += [
        f"id = {quoted(patient)}",
        f"age_years = {age_years:g}" if age_years is not None else "# age_years = 72",
        '# sex = "F"',
        "",
    ]
    lines += ["[disease]", "# er = true", "# pr = true", "# her2 = false", "# ki67_percent = 15", "# ecog = 0"]
    lines += ['# extrahepatic = []          # staged, nothing found; ["bone"] if bone only', "# surgical_candidate = false", ""]
    lines += ["# metastases_total = 1         # all of them, those below included", "# all_sites_treatable = true", ""]
    lines += ["# [disease.labs]", "# inr = 1.0", "# platelets_giga_l = 220", "# bilirubin_umol_l = 12", "# albumin_g_l = 41", ""]
    lines += [
        "# [disease.liver]",
        "# cirrhosis = false",
        "",
        "# [disease.fitness]",
        "# infection = false",
        "# bleeding_correctable = true",
        "",
    ]
    lines += ["[images.planning]", f"path = {quoted(image)}", *([f"series = {quoted(uid)}"] if uid else []), ""]
    if organs:
        lines += [
            "[structures]",
            f"masks = {quoted(organs.resolve())}",
            *([f"class_map = {quoted(class_map)}"] if class_map else []),
            "",
        ]
    if lesion_mask or seed:
        lines += ["[[lesions]]", 'id = "L1"', f"organ = {quoted(organ)}"]
        lines += [f"mask = {quoted(lesion_mask.resolve())}"] if lesion_mask else []
        lines += [f"seed_lps_mm = [{seed[0]:g}, {seed[1]:g}, {seed[2]:g}]"] if seed and not lesion_mask else []
        lines += [f"diameter_mm = {diameter_mm:g}"] if diameter_mm is not None else []
    else:
        lines += [
            "# [[lesions]]",
            '# id = "L1"',
            '# organ = "liver"',
            "# seed_lps_mm = [-85.6, 79.8, -276.4]",
            "# diameter_mm = 11",
        ]
    return "\n".join([*lines, ""])
