"""A small made-up patient whose sides cannot be confused: liver on the right, lesion in front of its middle, spine behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.imaging.volume import Grid, Volume
from locoregional.report.marks import Layer, NeedleLine, Surface

TARGET = np.array([-62.0, -12.0, 8.0])
ENTRY = np.array([-138.0, -58.0, -14.0])


@dataclass(frozen=True)
class Patient:
    ct: Volume
    masks: dict[str, Volume]
    chance: Volume
    needle: NeedleLine

    @property
    def layers(self) -> tuple[Layer, ...]:
        m = self.masks
        organs = [
            Layer("Liver", m["liver"]),
            Layer("Gallbladder", m["gallbladder"], role="risk"),
            Layer("Hepatic vessels", m["vessels"], role="risk"),
        ]
        return (*organs, Layer("Predicted zone", self.chance, role="zone"), Layer("Lesion 1", m["lesion"], role="lesion"))


def ellipsoid(places, centre, radii):
    return (((places - np.asarray(centre, float)) / np.asarray(radii, float)) ** 2).sum(axis=-1)


def make_patient(spacing_mm=(5.0, 2.0, 2.0), *, seed=1):
    size = np.array([250.0, 270.0, 360.0])
    shape = tuple(int(n) for n in np.round(size / spacing_mm))
    origin = -(np.array(shape)[::-1] - 1) / 2 * np.asarray(spacing_mm)[::-1]
    grid = Grid.regular(shape, spacing_mm=spacing_mm, origin_lps_mm=origin)
    p = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)).astype(np.float32)
    wave = 0.09 * np.sin(p[..., 0] / 31 + 1) * np.cos(p[..., 2] / 27) + 0.06 * np.sin(p[..., 1] / 19 + p[..., 2] / 33)
    body = ellipsoid(p, (0, 0, 0), (165, 112, 400)) < 1
    cavity = ellipsoid(p, (0, -6, 0), (143, 88, 380)) < 1
    lungs = cavity & (ellipsoid(p, (-70, 5, 95), (66, 78, 62)) < 1) | cavity & (ellipsoid(p, (72, 5, 95), (62, 76, 75)) < 1)
    liver = cavity & ~lungs & (ellipsoid(p, (-58, -8, 5), (88, 76, 74)) + wave < 1) & (p[..., 0] + 0.35 * p[..., 2] < 32)
    spine = (ellipsoid(p[..., :2], (0, 66), (21, 19)) < 1) | (ellipsoid(p[..., :2], (0, 92), (6, 15)) < 1)
    turn = np.arctan2(p[..., 1] + 6, p[..., 0])
    shell = np.abs(np.sqrt(ellipsoid(p[..., :2], (0, -2), (151, 97))) - 1) * 105 < 4.5
    ribs = shell & (np.abs((p[..., 2] + 34 * np.sin(turn) - 5) % 36 - 18) < 5.5) & (np.abs(p[..., 0]) > 32)
    bone = spine | ribs
    aorta = ellipsoid(p[..., :2], (16, 38), (11, 11)) < 1
    cava = ellipsoid(p[..., :2], (-20, 36), (13, 11)) < 1
    branches = np.zeros(shape, bool)
    for end in [(-100, -20, 30), (-95, 20, -20), (-40, -50, 25), (-80, -45, -18), (-110, 22, 8)]:
        a, b = np.array([-24.0, 30.0, 22.0]), np.array(end, float)
        t = np.clip(((p - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
        branches |= np.linalg.norm(p - a - t[..., None] * (b - a), axis=-1) < 5.2 - 3.0 * t
    vessels = (branches & liver) | cava & cavity
    gallbladder = ellipsoid(p, (-44, -58, -44), (15, 15, 24)) < 1
    stomach = cavity & (ellipsoid(p, (78, -24, 12), (46, 44, 60)) < 1) & ~liver
    lesion = ellipsoid(p, TARGET, (13, 11, 12)) < 1
    ct = np.full(shape, -1000.0, np.float32)
    inner = [
        (lungs, -830),
        (stomach, 25),
        (liver, 112),
        (cava, 150),
        (aorta, 160),
        (branches & liver, 165),
        (gallbladder, 8),
        (lesion, 62),
    ]
    for where, hu in [(body, -100), (cavity, -85), *inner, (shell & body & ~bone, 50), (spine, 260), (ribs, 480)]:
        ct[where] = hu
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    ct = gaussian_filter(ct, [0.35, 0.55, 0.55]) + gaussian_filter(rng.normal(0, 26, shape), [0, 0.7, 0.7]).astype(np.float32)
    image = Volume(np.round(ct).astype(np.int16), grid.affine, unit="HU", modality="CT")
    needle = NeedleLine(ENTRY, TARGET + 12.0 * (TARGET - ENTRY) / np.linalg.norm(TARGET - ENTRY), name="Antenna")
    d = needle.direction
    along = (p - (TARGET - 2 * d)) @ d
    across = np.linalg.norm(p - (TARGET - 2 * d) - along[..., None] * d, axis=-1)
    size_of = np.sqrt((along / 26) ** 2 + (across / 19) ** 2) + 0.035 * np.sin(p[..., 1] / 6) + 0.05 * (p[..., 0] > -55)
    chance = np.where(liver, np.clip(1 / (1 + np.exp((size_of - 1.0) / 0.035)), 0, 1), 0).astype(np.float32)
    chance[chance < 1e-3] = 0
    masks = {
        "body": body,
        "bone": bone,
        "liver": liver,
        "vessels": vessels,
        "gallbladder": gallbladder,
        "lungs": lungs,
        "stomach": stomach,
    }
    masks["lesion"] = lesion
    return Patient(image, {k: image.on(v, unit="") for k, v in masks.items()}, image.on(chance, unit=""), needle)


def surface_of(volume, *, name, level=0.5, step=1, **look):
    from scipy.ndimage import gaussian_filter
    from skimage.measure import marching_cubes

    field = gaussian_filter(np.pad(volume.array.astype(np.float32), 1), 0.6)
    vertices, faces, *_ = marching_cubes(field, level, step_size=step)
    return Surface(name, volume.grid.to_lps(vertices - 1), faces[:, ::-1].astype(np.int32), **look)
