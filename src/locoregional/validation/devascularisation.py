"""Devascularisation against synthetic angiograms of known loss, curves against closed forms, DICOM against what was written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from locoregional.imaging.angiography import read_angiogram
from locoregional.imaging.angiography_write import write_angiogram
from locoregional.imaging.phantom.angiogram import Bolus, Scene, synthetic_pair, tissue_opacity
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.devascularisation.curves import trapezium
from locoregional.measures.devascularisation.enhancement import (
    enhancing_volume,
    lost_volume_percent,
)
from locoregional.measures.devascularisation.maps import maps_of
from locoregional.measures.devascularisation.measure import LEVEL, devascularisation
from locoregional.measures.response.fraction import enhancement_fraction
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Devascularisation"
_EXACT = "exact solution"
_KNOWN = "synthetic series of known loss"
_POINTS = 5.0  # accepted error in percentage points
_LOST = (0.0, 0.3, 0.7, 0.95)
_NOISE, _MOTION, _SEEDS = (3.0, 8.0), (0.0, 1.5), (11, 12, 13)
_SCENE = Scene(shape=(160, 160))


def _moments() -> Iterator[Row]:
    """Area, time of the peak and transit time of noise-free curves, sampled three times a second."""
    bolus, volume, transit = Bolus(), 0.21, 2.5
    times = np.arange(0.0, 40.0, 1.0 / 3.0)
    curves = np.stack([bolus.opacity(times), tissue_opacity(times, bolus, volume_share=volume, transit_s=transit)], axis=1)
    maps = maps_of(curves[:, None, :].astype(np.float32), times, trapezium(times, 0, len(times) - 1))
    artery, tissue = float(maps.area_s[0, 0]), float(maps.area_s[0, 1])
    yield Row(TOPIC, "area of a gamma variate", artery, bolus.area_s, "s", 0.002 * bolus.area_s, _EXACT, "3 frames a second")
    name = "time of its peak"
    yield Row(TOPIC, name, float(maps.peak_time_s[0, 0]), bolus.peak_time_s, "s", 0.1, _EXACT, "parabola through three frames")
    yield Row(TOPIC, "its mean time", float(maps.mean_time_s[0, 0]), bolus.mean_time_s, "s", 0.01, _EXACT)
    name = "area of tissue over that of its artery: the blood volume"
    yield Row(TOPIC, name, tissue / artery, volume, "1", 0.002 * volume, _EXACT, "exponential residue")
    delay = float(maps.mean_time_s[0, 1] - maps.mean_time_s[0, 0])
    yield Row(TOPIC, "mean time of tissue less that of its artery: the transit time", delay, transit, "s", 0.01, _EXACT)


def _round_trip() -> Iterator[Row]:
    run = synthetic_pair(replace(_SCENE, frames=20), lost_share=0.5, seed=5).before
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.dcm"
        write_angiogram(run, path, patient_id="synthetic")
        back = read_angiogram(path)
    different = float(np.count_nonzero(back.frames != run.frames))
    yield Row(TOPIC, "pixels that differ after DICOM XA and back", different, 0.0, "1", 0.0, _EXACT, f"{run.frames.size} values")
    late = float(np.abs(back.times_s - run.times_s).max())
    yield Row(TOPIC, "largest error of the time of a frame after DICOM XA and back", late, 0.0, "s", 1e-6, _EXACT)


def _enhancing() -> Iterator[Row]:
    """A block of 4000 voxels, 1000 of which rise by 60 HU before and 250 after."""
    grid = Grid.regular((20, 20, 20), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(0.0, 0.0, 0.0))
    tumour = np.zeros(grid.shape, bool)
    tumour[5:15] = True
    plain = np.full(grid.shape, 40, np.int16)
    mask = Volume(tumour, grid.affine)
    found = []
    for count in (1000, 250):
        late = plain + 10 * tumour.astype(np.int16)
        late.reshape(-1)[np.flatnonzero(tumour)[:count]] = 100
        found.append(enhancing_volume(Volume(plain, grid.affine, unit="HU"), Volume(late, grid.affine, unit="HU"), mask))
    lost = lost_volume_percent(found[0], found[1])
    yield Row(TOPIC, "enhancing volume on CT", found[0].enhancing_ml, 2.0, "ml", 1e-9, _EXACT)
    yield Row(TOPIC, "enhancing volume lost", float("nan") if lost is None else lost, 75.0, "%", 1e-9, _EXACT)
    fraction = enhancement_fraction(native_hu=40.0, arterial_hu=80.0, portal_hu=120.0, after=False).value
    yield Row(TOPIC, "arterial enhancement fraction", float("nan") if fraction is None else fraction, 50.0, "%", 1e-9, _EXACT)


def _losses(progress: Progress) -> Iterator[Row]:
    held, total = 0, 0
    cells = list(product(_MOTION, _NOISE, _LOST))
    for i, (motion, noise, lost) in enumerate(cells):
        progress(0.1 + 0.85 * i / len(cells), "angiograms of known loss")
        scene = replace(_SCENE, noise_ratio=noise, motion_px=motion, between_px=(0.8 * motion, -1.3 * motion))
        found = []
        for seed in _SEEDS:
            pair = synthetic_pair(scene, lost_share=lost, seed=seed)
            made = devascularisation(pair.before, pair.after, tumour=pair.tumour, artery=pair.artery, draws=500)
            value = float("nan") if made.lost_percent is None else made.lost_percent
            found.append(value)
            total += 1
            held += made.interval_percent is not None and made.interval_percent[0] <= 100 * lost <= made.interval_percent[1]
        worst = found[int(np.argmax(np.nan_to_num(np.abs(np.asarray(found) - 100 * lost), nan=np.inf)))]
        moved = "standing" if motion == 0 else f"moving by {motion:g} pixels"
        name = f"loss of {100 * lost:g} %, contrast {noise:g} times the noise of a pixel, {moved}: worst of {len(_SEEDS)}"
        yield Row(TOPIC, name, worst, 100 * lost, "%", _POINTS, _KNOWN, f"tumour of {int(pair.tumour.sum())} pixels")
    note = f"{total} pairs; the interval holds chance, not what a wrong projection or region adds"
    yield Row(TOPIC, "true losses within the 90 % interval", 100.0 * held / total, 100.0 * LEVEL, "%", 10.0, _KNOWN, note)


def _further(progress: Progress) -> Iterator[Row]:
    progress(0.95, "injection, logarithm and slow vessels")
    scene = replace(_SCENE, noise_ratio=8.0)
    for name, pair in (
        ("second injection 1.6 times the first", synthetic_pair(scene, lost_share=0.7, seed=21, injected_ratio=1.6)),
        ("frames kept as logarithms", synthetic_pair(replace(scene, relationship="LOG"), lost_share=0.7, seed=21)),
    ):
        made = devascularisation(pair.before, pair.after, tumour=pair.tumour, artery=pair.artery, draws=200)
        value = float("nan") if made.lost_percent is None else made.lost_percent
        yield Row(TOPIC, f"loss of 70 %, {name}", value, 70.0, "%", _POINTS, _KNOWN)
    pair = synthetic_pair(replace(scene, frames=100), lost_share=0.0, seed=22, transit_after_s=5.0)
    made = devascularisation(pair.before, pair.after, tumour=pair.tumour, artery=pair.artery, draws=200)
    note = "volume unchanged, vessels twice as slow: half of the flow is lost, and the areas do not see it"
    flow = float("nan") if made.flow_percent is None else made.flow_percent
    volume = float("nan") if made.lost_percent is None else made.lost_percent
    yield Row(TOPIC, "loss of vessels where they only become slower", volume, 0.0, "%", _POINTS, _KNOWN, note)
    early = "the early part still loses some contrast medium, so it falls short of the loss of flow"
    yield Row(TOPIC, "loss of flow where vessels become slower, by the early curve", flow, 50.0, "%", 15.0, _KNOWN, early)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on devascularisation.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    progress(0.0, "curves against closed forms")
    yield from _moments()
    progress(0.05, "DICOM XA and back")
    yield from _round_trip()
    yield from _enhancing()
    yield from _losses(progress)
    yield from _further(progress)
