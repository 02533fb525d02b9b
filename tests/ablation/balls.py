"""An energy whose zones are ellipsoids by definition, for plans whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locoregional.ablation.device import Device, Setting
from locoregional.ablation.energy import Energy
from locoregional.ablation.needle import NeedleFrame
from locoregional.ablation.settings import AblationSettings
from locoregional.ablation.size import ZoneSize
from locoregional.ablation.zone import Zone
from locoregional.case import Case, Lesion, Organ, Patient
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.heating import EnergyBalance

__all__ = ["BALL", "Balls", "ball", "balls", "case_of"]

BEHIND_MM = 4.0
"""How far the middle of the zone lies behind the tip."""


@dataclass(frozen=True, kw_only=True)
class Balls(Energy):
    """Zones as wide as the power says in millimetres; several needles at once help each other if ``helping``."""

    widths_mm: tuple[float, ...] = (20.0, 30.0)
    together: int = 1
    helping: bool = True

    def devices(self):
        settings = tuple(Setting(w, 600.0) for w in self.widths_mm)
        device = Device(
            name="ball-maker", words="makes balls", diameter_mm=2.0, lengths_mm=(100.0, 150.0), settings=settings,
            longest_s=1200.0, max_power_w=max(self.widths_mm), together=self.together,
        )  # fmt: skip
        return {device.name: device}

    def ranges(self, device):
        return {}

    def simulate(self, job):
        job.device.require(job.setting)
        half = job.setting.power_w / 2
        shape = job.properties.shape
        warmth = np.zeros(shape, np.float32)
        for needle in job.needles:
            frame = NeedleFrame(needle, shape=shape, spacing_mm=job.spacing_mm)
            along, across = frame.distance_along_mm()
            own = np.exp(1.0 - ((along - BEHIND_MM) ** 2 + across**2) / half**2)
            warmth = warmth + own if self.helping else np.maximum(warmth, own)
        level = np.log(np.maximum(warmth, 1e-6)).astype(np.float32)
        temperature = (37.0 + 20.0 * warmth).astype(np.float32)
        volume = np.pi / 6 * job.setting.power_w**3 * 1e-3
        ahead = half - BEHIND_MM
        size = ZoneSize(2 * half, 2 * half, volume, 2 * half, 2 * half, volume, ahead)
        return Zone(
            temperature, temperature, level > 0, level, size, EnergyBalance(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0), {"time_s": (0.0,)}
        )


def balls(**changes) -> Balls:
    return replace(BALL, **changes)


BALL = Balls(name="rfa", words="ball-making", law="none", laws=("none",), lethal="heat", settings=AblationSettings)

GRID = Grid.regular((61, 61, 61), spacing_mm=(3.0, 3.0, 3.0), origin_lps_mm=(-90.0, -90.0, -90.0))


def ball(centre, radius_mm):
    """Ball in a room of 180 mm whose middle is the origin of LPS."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    return ((GRID.to_lps(index) - np.asarray(centre, float)) ** 2).sum(axis=-1) <= radius_mm**2


def case_of(*, radius_mm=10.0, organ="liver", structures=None, hu=None, centre=(0.0, 0.0, 0.0), **lesion):
    """Patient who is a ball of 80 mm with a ball-shaped lesion in its middle."""
    body = ball((0, 0, 0), 80.0)
    target = ball(centre, radius_mm)
    masks = {"body": body, **({"liver": ball((0, 0, 0), 60.0)} if organ == "liver" else {}), **(structures or {})}
    image = np.where(body, 50, -1000).astype(np.int16) if hu is None else hu.astype(np.int16)
    case = Case(Patient("ball", age_years=60, sex="F"))
    put = {name: case.store.put(Volume(mask, GRID.affine)) for name, mask in masks.items()}
    stored = case.store.put(Volume(target, GRID.affine))
    item = Lesion("L1", Organ(organ), 2 * radius_mm, tuple(float(x) for x in centre), stored, **lesion)
    return replace(
        case, lesions=(item,), images={"planning": case.store.put(Volume(image, GRID.affine, unit="HU"))}, structures=put
    ), item
