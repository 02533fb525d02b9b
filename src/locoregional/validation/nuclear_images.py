"""Nuclear medicine images read right: exact files, and what real scanners and other programs say."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.dicom_volume import read_series, read_stack
from locoregional.imaging.nuclear.alignment import aligned
from locoregional.imaging.nuclear.occupancy import amount_in, occupancies_on, occupancy_on
from locoregional.imaging.nuclear.read import plane_headers, read_activity
from locoregional.imaging.nuclear.suv import suv_bw
from locoregional.imaging.seg_nrrd import read_seg_nrrd
from locoregional.imaging.volume import Grid, Volume
from locoregional.nuclides import decay_factor, nuclide
from locoregional.progress import Progress, silent
from locoregional.validation.nuclear_files import item, pet_frames, pet_slices, save_files
from locoregional.validation.row import Row, not_run

__all__ = ["rows"]

TOPIC = "Nuclear medicine images"
START = datetime(2026, 3, 5, 23, 50)
BEDS_S = (0.0, 300.0, 600.0, 900.0)
FRAME_S = 280.0
EXACT = "exact solution"
SINGLE = 1e-6
"""Values are kept with seven digits; what is said to be exact is so to these."""


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Decay, DICOM files written here, masks on oblique grids; a real SPECT and two real PET where ``LOCOREGIONAL_DATA`` is set.

    Parameters
    ----------
    progress : Progress
        Told the share of the work done.

    Yields
    ------
    Row
        Ours against exact contents, against scanners, and against other programs.
    """
    vectors = tomllib.loads(resources.files(__package__).joinpath("nuclear_images.toml").read_text(encoding="utf-8"))
    for hours, printed in vectors["decay"]["y90_64_1_h"]:
        found = decay_factor(time_s=hours * 3600.0, half_life_s=64.1 * 3600.0)
        name = f"Decay factor of 64.1 h after {hours:g} h"
        yield Row(TOPIC, name, found, printed, "1", 1e-6, EXACT, "reference printed with six digits")
    with tempfile.TemporaryDirectory() as folder:
        yield from _files(Path(folder))
    progress(0.4, "Files compared")
    yield from _masks()
    progress(0.6, "Masks compared")
    root = Path(os.environ.get("LOCOREGIONAL_DATA", ""))
    if "LOCOREGIONAL_DATA" not in os.environ or not (root / "y90-maa-spect").is_dir():
        yield not_run(TOPIC, "Real SPECT and PET", "needs the folder of public images: --data or LOCOREGIONAL_DATA")
        return
    yield from _spect(root / "y90-maa-spect", vectors["maa"])
    yield from _pet(root)
    progress(1.0, "Nuclear images compared")


def _apart(found: NDArray, true: NDArray) -> float:
    """Largest relative difference."""
    return float(np.abs(found.astype(np.float64) / true - 1.0).max())


def _files(folder: Path) -> Iterator[Row]:
    """Files with known contents, written element by element and read back."""
    stored = np.random.default_rng(0).integers(1, 30000, (4, 6, 8)).astype(np.int16)
    slopes = (0.5, 2.0, 0.125, 4.0)
    true = stored * np.array(slopes)[:, None, None]
    f18 = nuclide("F-18").half_life_s
    injected = START - timedelta(hours=1)

    def written(name: str, *, correction: str = "START", step_mm: float = 3.0, kind: str = "") -> Path:
        slices = pet_slices(
            stored,
            slopes=slopes,
            start=START,
            acquired_s=BEDS_S,
            duration_s=FRAME_S,
            half_life_s=f18,
            correction=correction,
            administered=injected,
            step_mm=step_mm,
            injected={"RadionuclideCodeSequence": item(CodeValue="C-111A1", CodeMeaning="^18^Fluorine")},
        )
        return save_files([pet_frames(slices, kind=kind)] if kind else slices, folder / name)

    note = "four slices with slopes 0.5 to 4"
    single = read_activity(written("single"), timezone="UTC")
    yield Row(TOPIC, "PET, slope of every slice: relative error", _apart(single.volume.array, true), 0.0, "1", 0.0, EXACT, note)
    for kind in ("legacy converted PET", "enhanced PET"):
        many = read_activity(written(kind, kind=kind)).volume.array
        yield Row(TOPIC, f"{kind}, slope of every frame: relative error", _apart(many, true), 0.0, "1", 0.0, EXACT, note)
    falling = read_activity(written("falling", step_mm=-3.0)).volume
    heights = falling.grid.to_lps(np.column_stack([np.arange(4), np.zeros((4, 2))]))[:, 2]
    order = np.rint(-heights / 3.0).astype(int)
    note = "slices written from head to feet"
    yield Row(
        TOPIC, "PET, slices in falling order: relative error", _apart(falling.array, true[order]), 0.0, "1", 0.0, EXACT, note
    )
    late = (single.reference - START.replace(tzinfo=UTC)).total_seconds() if single.reference else np.nan
    crossed = float(single.timing.start_s[-1]) if single.timing else np.nan
    yield Row(TOPIC, "PET across midnight: error of the reference instant", late, 0.0, "s", 0.0, EXACT, "scan began at 23:50")
    yield Row(
        TOPIC, "PET across midnight: start of the last frame", crossed, BEDS_S[-1], "s", 0.0, EXACT, "00:05 of the next day"
    )
    at = read_activity(written("start"), reference="administration").volume.array
    expected = true * 2.0 ** (3600.0 / f18)
    yield Row(
        TOPIC, "START to the administration: relative error", _apart(at, expected), 0.0, "1", SINGLE, EXACT, "one hour, F-18"
    )
    admin = read_activity(written("admin", correction="ADMIN"), reference="administration").volume.array
    yield Row(
        TOPIC, "ADMIN to the administration: relative error", _apart(admin, true), 0.0, "1", 0.0, EXACT, "no correction is due"
    )
    none = read_activity(written("none", correction="NONE")).volume.array
    x = np.log(2.0) * FRAME_S / f18
    growth = x / -np.expm1(-x) * 2.0 ** (np.array(BEDS_S) / f18)
    expected = true * growth[:, None, None]
    note = "each slice from its own frame, decay within the frame included"
    yield Row(TOPIC, "NONE to the start of the scan: relative error", _apart(none, expected), 0.0, "1", SINGLE, EXACT, note)
    yield _isotope(folder / "isotope")
    suv = suv_bw(folder / "single", weight_kg=70.0, injected_bq=3e8)
    back = float(np.abs(suv.activity().volume.array - single.volume.array).max())
    yield Row(TOPIC, "Bq/ml to SUV and back: largest difference", back, 0.0, "Bq/ml", 0.0, EXACT, "bit for bit")


def _isotope(folder: Path) -> Row:
    """Known Y-90, stored by a scanner that was told Ge-68."""
    wanted, fraction, selected = np.array([1e5, 2e5, 3e5, 4e5]), 0.89, nuclide("Ge-68").half_life_s
    true = nuclide("Y-90")
    beds = np.array(BEDS_S)
    decay, told = np.log(2.0) / true.half_life_s, np.log(2.0) / selected
    mean = wanted * np.exp(-decay * beds) * -np.expm1(-decay * FRAME_S) / (decay * FRAME_S)
    positrons = mean * float(true.positron_fraction or np.nan)
    values = positrons / fraction * np.exp(told * beds) * told * FRAME_S / -np.expm1(-told * FRAME_S)
    slices = pet_slices(
        np.full((4, 6, 8), 20000, np.int16),
        slopes=[float(f"{v / 20000:.10g}") for v in values],
        start=START,
        acquired_s=BEDS_S,
        duration_s=FRAME_S,
        half_life_s=selected,
        injected={
            "RadionuclideCodeSequence": item(CodeValue="C-128A2", CodeMeaning="^68^Germanium"),
            "RadionuclidePositronFraction": fraction,
        },
    )
    found = read_activity(save_files(slices, folder), nuclide="Y-90").volume.array
    error = _apart(found, np.broadcast_to(wanted[:, None, None], found.shape))
    note = "Y-90 in four beds, stored as Ge-68; half-life and positron fraction undone and made again"
    return Row(TOPIC, "Y-90 scanned as Ge-68: relative error of the activity", error, 0.0, "1", SINGLE, EXACT, note)


def _masks() -> Iterator[Row]:
    """Volume of small masks on coarser oblique grids."""
    worst = 0.0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        turns = [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(2)]
        fine, coarse = np.eye(4), np.eye(4)
        fine[:3, :3], coarse[:3, :3] = turns[0] * rng.uniform(0.6, 1.5, 3), turns[1] * rng.uniform(2.0, 5.0, 3)
        mask = Volume(rng.random((8, 9, 10)) > 0.6, fine)
        coarse[:3, 3] = mask.grid.to_lps((4, 4, 4)) - coarse[:3, :3] @ np.full(3, 9.5)
        found = occupancy_on(Grid((20, 20, 20), coarse), mask)
        volume = float(found.array.sum(dtype=np.float64)) * found.grid.voxel_ml
        worst = max(worst, abs(volume / (mask.array.sum() * mask.grid.voxel_ml) - 1.0))
    note = "largest of 10 scattered masks on oblique grids with up to 400 times larger voxels"
    yield Row(TOPIC, "Mask on a coarser oblique grid: relative error of volume", worst, 0.0, "1", SINGLE, EXACT, note)


def _spect(folder: Path, known: dict[str, dict[str, float]]) -> Iterator[Row]:
    """Volumes and shares of counts in a patient, against what was published with the images."""
    spect = read_activity(folder / "patient_2_SPECT.nrrd", unit="counts", nuclide="Tc-99m")
    masks = read_seg_nrrd(folder / "patient_2_Segmentation.seg.nrrd")
    shares = occupancies_on(spect.volume, masks)
    for name, numbers in known.items():
        occupancy = shares[name]
        volume = float(occupancy.array.sum(dtype=np.float64)) * occupancy.grid.voxel_ml
        source, note = (
            "demir_maa",
            "Tc-99m MAA SPECT, overlapping segments of a finer grid; counted by others with nearest voxels",
        )
        yield Row(TOPIC, f"MAA SPECT: volume of {name}", volume, numbers["ml"], "ml", 0.5, source, note)
        share = 100.0 * amount_in(spect, occupancy) / spect.total
        yield Row(TOPIC, f"MAA SPECT: share of counts in {name}", share, numbers["percent"], "%", 0.5, source, note)


def _pet(root: Path) -> Iterator[Row]:
    """SUV of another program, and the decay factors that two scanners wrote."""
    ours = suv_bw(root / "sarcoma-petct-mr" / "raw").volume
    theirs = read_series(root / "sarcoma-petct-mr" / "cropped" / "PET" / "image")
    first = np.rint(ours.grid.to_index(theirs.grid.to_lps([0, 0, 0]))).astype(int)
    part = ours.array[tuple(slice(a, a + n) for a, n in zip(first, theirs.shape, strict=True))]
    hot = theirs.array > 0.5
    ratio = float(np.median(part[hot] / theirs.array[hot]))
    note = "FDG PET of a thigh, 59 slices; median over voxels above SUV 0.5"
    yield Row(TOPIC, "Real PET: SUV over that of another program", ratio, 1.0, "1", 1e-6, "mirp", note)
    largest = float(np.abs(part - theirs.array).max())
    yield Row(TOPIC, "Real PET: largest difference of SUV", largest, 0.0, "g/ml", 1e-3, "mirp", "half a step of their pixels")
    for name, maker, source in (
        ("pet-dicom-headneck/PET", "one maker", "qin_headneck"),
        ("sarcoma-petct-mr/raw", "another maker", "sarcoma_tcia"),
    ):
        found = read_activity(root / name)
        written = np.array([header.number("DecayFactor") for header in plane_headers(read_stack(root / name)[1])], dtype=float)
        assert found.timing is not None
        error = _apart(found.timing.factors(half_life_s=found.timing.half_life_s), written)
        note = f"{len(written)} slices, several beds; written with five or more digits"
        yield Row(TOPIC, f"Real PET of {maker}: decay factor of every slice, relative error", error, 0.0, "1", 1e-5, source, note)
    yield _placed(root / "sarcoma-petct-mr")


def _placed(folder: Path) -> Row:
    """A PET moved away from its CT and brought back."""
    ct, pet = read_series(folder / "cropped" / "CT" / "image"), read_activity(folder / "raw").volume
    angle, motion = np.radians(5.0), np.eye(4)
    motion[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    motion[:3, 3] = (12.0, -8.0, 30.0)
    found = aligned(replace(pet, affine=motion @ pet.affine, frame_of_reference=""), ct)
    points = ct.grid.to_lps(np.random.default_rng(0).uniform(0, 1, (500, 3)) * np.array(ct.shape))
    back = found.transform @ motion
    error = float(np.linalg.norm(points @ back[:3, :3].T + back[:3, 3] - points, axis=1).mean())
    claimed = "cannot be judged" if found.residual_mm is None else f"{found.residual_mm[0]:.1f} to {found.residual_mm[1]:.1f} mm"
    note = f"moved by 33 mm and 5 degrees, searched without knowing; claimed residual {claimed}; a voxel of the PET has 4.7 mm"
    return Row(TOPIC, "Real PET/CT: place against the scanner's own alignment", error, 0.0, "mm", 5.0, "sarcoma_tcia", note)
