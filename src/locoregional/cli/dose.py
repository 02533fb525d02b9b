"""``locoregional dose``: the dose of an activity map in masks, without a case."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

if TYPE_CHECKING:
    from locoregional.imaging.nuclear.activity import ActivityMap
    from locoregional.imaging.volume import Volume
    from locoregional.measures.dose.asked import Asked
    from locoregional.measures.dose.reading import DoseReading
    from locoregional.procedures.tare.dose_map import DoseMap

__all__ = ["command"]

_IN = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_PERCENT = click.FloatRange(0.0, 90.0)
_SCHEMA = "locoregional.dose/1"
_EPILOG = (
    "Example: locoregional dose --activity pet.nii.gz --reference 2026-03-05T14:00+01:00 --infusion 2026-03-05T10:30+01:00 "
    "--injected-gbq 1.8 --mask tumour=masks.seg.nrrd#Tumour --mask liver=liver.nii.gz --alpha-beta-set mgh_tumour_liver "
    "--json dose.json. Counts: add --counts --lung-shunt-percent 3 --within liver.nii.gz."
)


@click.command("dose", epilog=_EPILOG)
@click.option("--activity", required=True, type=_IN, help="Activity map: DICOM series, NIfTI or NRRD.")
@click.option("--mask", "masks", required=True, multiple=True, help="NAME=FILE or NAME=FILE#LABEL (number or name); repeat it.")
@click.option("--counts", is_flag=True, help="The map holds counts, not Bq/ml: calibrated by the injected activity.")
@click.option("--nuclide", default="Y-90", show_default=True, help="Radionuclide of the map: Tc-99m for a work-up.")
@click.option("--reference", help="Instant that the Bq/ml hold for, with its time zone. DICOM says it itself.")
@click.option("--infusion", help="Instant of the infusion, with its time zone.")
@click.option("--timezone", help="Zone of the scanner's clock (+01:00, Europe/Vienna) where its DICOM does not say.")
@click.option("--injected-gbq", type=float, help="Activity that left the catheter: needed for counts, a check of Bq/ml.")
@click.option(
    "--lung-shunt-percent",
    type=_PERCENT,
    help="Part of it in the lungs; 0 if the map holds them. Needed for counts.",
)
@click.option("--within", help="FILE or FILE#LABEL: where activity can be (the liver); counts elsewhere are scatter.")
@click.option("--method", type=click.Choice(("local", "voxel")), default="local", show_default=True, help="Energy deposition.")
@click.option("--density", type=_IN, help="CT of the same patient space; without it one density everywhere.")
@click.option("--constant", default="conventional", show_default=True, help="conventional, icrp107, ddep or label.")
@click.option("--device", type=click.Choice(("glass", "resin")), help="Microspheres; sets of the other are refused.")
@click.option("--alpha-beta-set", "sets", multiple=True, help="Named parameters for BED, EQD2, EUBED; repeat to compare.")
@click.option("--ntcp-set", help="Named Lyman parameters, on the BED of the first --alpha-beta-set.")
@click.option("--at-gy", "levels", multiple=True, type=float, help="Read the volume at this dose; repeat it.")
@click.option("--registration-error-mm", type=float, default=0.0, help="Mean displacement left between map and masks.")
@click.option(
    "--calibration-percent",
    type=_PERCENT,
    help="Standard uncertainty of the activity. Default: a recalled 10 %.",
)
@click.option("--contour-resolution-mm", type=float, help="Width (FWHM) of the image that the masks were drawn on.")
@click.option("--resolution-mm", type=float, help="Width (FWHM) of the activity image.")
@click.option("--recovery", type=_IN, help="CSV with volume_ml, recovery, sd: a corrected mean beside the plain one.")
@click.option("--json", "json_path", type=_OUT, help="Write the numbers here.")
@click.option("--dvh-picture", type=_OUT, help="Draw the dose-volume histograms (PNG).")
@click.option("--rtdose", type=_OUT, help="Write the dose as DICOM RT Dose.")
@click.option("--dose-nifti", type=_OUT, help="Write the dose as NIfTI.")
@quiet_option
def command(
    *,
    activity: Path,
    masks: tuple[str, ...],
    within: str | None,
    density: Path | None,
    recovery: Path | None,
    json_path: Path | None,
    dvh_picture: Path | None,
    rtdose: Path | None,
    dose_nifti: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Dose of yttrium-90 in each mask: mean, D98 to D2, V(x), BED, each with a 90 % interval.

    Parameter sets for BED contradict each other, so none is taken unless named.
    """
    places = [_named(text) for text in masks]
    repeated = {n for n, _, _ in places if [m for m, _, _ in places].count(n) > 1}
    if repeated:
        raise click.UsageError(f"--mask {', '.join(sorted(repeated))} is given twice; name each structure once.")
    inside = _file(within) if within else None
    inputs = {p.resolve() for p in (activity, density, recovery, *(p for _, p, _ in places)) if p is not None}
    inputs |= {inside[0].resolve()} if inside else set()
    for target in (json_path, dvh_picture, rtdose, dose_nifti):
        if target is not None and target.resolve() in inputs:
            raise click.UsageError(f"{target} is an input and is never overwritten; choose another name.")
    from locoregional.imaging.read import read_image
    from locoregional.measures.dose.reading_json import reading_lines
    from locoregional.procedures.tare.dose_map import dose_map

    asked = _questions(given)
    with bar("dose", quiet=quiet) as progress:
        progress(0.0, "reading the activity")
        source = _activity(activity, given)
        ct = read_image(density, modality="CT", unit="HU") if density is not None else None
        onto = ct if ct is not None else source.volume
        progress(0.3, "computing the dose")
        shunt = given["lung_shunt_percent"]
        found = dose_map(
            source,
            infusion=_instant(given["infusion"], "--infusion"),
            injected_gbq=given["injected_gbq"],
            lung_shunt_share=None if shunt is None else shunt / 100.0,
            within=_mask(*inside, onto) if inside else None,
            method=given["method"],
            density=ct,
            constant=given["constant"],
        )
        readings = []
        for place, (name, path, label) in enumerate(places):
            progress(0.5 + 0.4 * place / len(places), f"reading {name}")
            readings.append(_reading(found, name, _mask(path, label, onto), asked, recovery, given))
        progress(0.95, "writing")
        _write(activity, found, readings, given, json_path, dvh_picture, rtdose, dose_nifti)
    for reading in readings:
        for line in reading_lines(reading):
            click.echo(line)
    for words in found.words:
        click.echo(f"map: {words}")
    for target in (json_path, dvh_picture, rtdose, dose_nifti):
        if target is not None:
            click.echo(f"written: {target}")
    from locoregional.measures.margin_json import RESEARCH_ONLY

    click.echo(RESEARCH_ONLY)


def _named(text: str) -> tuple[str, Path, str | None]:
    """Name, file and label of NAME=FILE#LABEL."""
    name, equal, rest = text.partition("=")
    if not equal or not name.strip() or not rest.strip():
        raise click.UsageError(f"--mask {text}: write NAME=FILE or NAME=FILE#LABEL.")
    return (name.strip(), *_file(rest.strip()))


def _file(text: str) -> tuple[Path, str | None]:
    """File and label of FILE#LABEL; a file whose own name holds the sign is believed."""
    whole = Path(text)
    path, mark, label = text.rpartition("#")
    if whole.exists() or not mark:
        return whole, None
    return Path(path), label or None


def _mask(path: Path, label: str | None, onto: Volume) -> Volume:
    """Mask on its own grid; one file that holds shares 0..1 is taken as occupancy."""
    import numpy as np

    from locoregional.imaging.masks import mask_kind, read_mask
    from locoregional.imaging.read import read_image

    kind = mask_kind(path)
    if kind == "image" and label is None:
        volume = read_image(path)
        array = volume.array
        if np.issubdtype(array.dtype, np.floating) and array.min() >= 0.0 and 0.0 < array.max() <= 1.0:
            return volume
    number = int(label) if label is not None and label.lstrip("-").isdigit() else label
    return read_mask(path, label=number, onto=onto if kind == "rtstruct" else None)


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise click.UsageError(f"{option} {text} is no instant; write it as 2026-03-05T14:00+01:00.") from problem
    if instant.tzinfo is None:
        raise click.UsageError(f"{option} {text} has no time zone; write it as 2026-03-05T14:00+01:00.")
    return instant


def _activity(path: Path, given: dict[str, Any]) -> ActivityMap:
    """Activity map; a file without units is taken as told on the command line, DICOM as it says itself."""
    from locoregional.imaging.dicom_file import is_dicom
    from locoregional.imaging.nuclear.read import read_activity

    dicom = path.is_dir() or is_dicom(path)
    unit = "counts" if given["counts"] else "" if dicom else "Bq/ml"
    reference = _instant(given["reference"], "--reference")
    infusion = _instant(given["infusion"], "--infusion")
    zone = given["timezone"]
    return read_activity(
        path,
        nuclide=given["nuclide"],
        unit=unit,
        reference=reference or "scan" if dicom else reference,
        infusion=infusion,
        timezone=zone,
    )


def _questions(given: dict[str, Any]) -> tuple[Asked, ...]:
    """Numbers to read; a wrong name is refused before anything is computed."""
    from locoregional.measures.dose.asked import biological_questions, complication_question, dose_questions
    from locoregional.measures.dose.parameter_sets import parameter_set

    device = given["device"] or ""
    sets = [parameter_set(name) for name in given["sets"]]
    asked = list(dose_questions(given["levels"] or None))
    for one in sets:
        asked += biological_questions(one, device=device)
    if given["ntcp_set"]:
        if not sets or not device:
            raise click.UsageError("--ntcp-set needs --device, and an --alpha-beta-set for the BED.")
        asked.append(complication_question(parameter_set(given["ntcp_set"]), sets[0], device=device))
    return tuple(asked)


def _reading(
    found: DoseMap, name: str, mask: Volume, asked: tuple[Asked, ...], recovery: Path | None, given: dict[str, Any]
) -> DoseReading:
    from locoregional.measures.dose.interval import DoseErrors
    from locoregional.measures.dose.reading import read_dose
    from locoregional.measures.dose.recovery import read_recovery

    percent = given["calibration_percent"]
    errors = DoseErrors(
        calibration_share=None if percent is None else percent / 100.0,
        registration_error_mm=given["registration_error_mm"],
        contour_resolution_mm=given["contour_resolution_mm"],
        activity_resolution_mm=given["resolution_mm"],
    )
    table = read_recovery(recovery) if recovery is not None else None
    return read_dose(found.volume, mask, name=name, asked=asked, errors=errors, recovery=table)


def _write(
    activity: Path,
    found: DoseMap,
    readings: list[DoseReading],
    given: dict[str, Any],
    json_path: Path | None,
    picture: Path | None,
    rtdose: Path | None,
    nifti: Path | None,
) -> None:
    from locoregional.imaging.atomic import atomic_path

    if json_path is not None:
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(_document(found, readings, given), indent=2) + "\n", encoding="utf-8")
    if picture is not None:
        from locoregional.measures.dose.dvh_picture import draw_histograms

        with atomic_path(picture, overwrite=True) as part:
            draw_histograms(readings, part)
    if rtdose is not None:
        from locoregional.imaging.rtdose import write_rtdose

        # noise below zero has no place in the format; means are read from the map before this
        notes = write_rtdose(
            found.volume.on(found.volume.array.clip(min=0.0)),
            rtdose,
            source=activity if activity.is_dir() else None,
            comment="; ".join(found.words[:3]),
            overwrite=True,
        )
        for words in notes:
            click.echo(f"RT Dose: {words}")
    if nifti is not None:
        from locoregional.imaging.nifti import write_nifti

        write_nifti(found.volume, nifti, overwrite=True)


def _document(found: DoseMap, readings: list[DoseReading], given: dict[str, Any]) -> dict[str, Any]:
    from locoregional.measures.dose.reading_json import reading_document
    from locoregional.measures.margin_json import RESEARCH_ONLY
    from locoregional.version import __version__

    return {
        "schema": _SCHEMA,
        "version": __version__,
        "research_only": RESEARCH_ONLY,
        "asked": dict(given),
        "map": {
            "method": found.method,
            "calibration": found.calibration,
            "constant": found.constant.name,
            "constant_gy_kg_gbq": float(found.constant),
            "energy_mev": found.constant.energy_mev,
            "half_life_h": found.constant.half_life_h,
            "activity_gbq": found.activity_gbq,
            "notes": list(found.words),
            "facts": list(found.facts),
        },
        "structures": {r.name: reading_document(r) for r in readings},
    }
