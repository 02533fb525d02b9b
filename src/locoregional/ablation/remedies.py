"""Why an ablation is not feasible with a device, and what would make it feasible."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from locoregional.ablation.arrangement import zone_of
from locoregional.ablation.cover import smallest_cover
from locoregional.ablation.energy import Energy
from locoregional.ablation.predict import predict_zone
from locoregional.ablation.region import Region
from locoregional.ablation.sites import Sites
from locoregional.access.rules import BOWEL_PARTS
from locoregional.access.scene import ZoneSpec
from locoregional.access.words import named
from locoregional.sources import read_facts

__all__ = ["larger_devices", "number_needed", "opened_by_moving"]

MANY = 12
"""Most placements that are counted when it is said how many it would take."""


def number_needed(region: Region, sites: Sites, zone: ZoneSpec, *, most: int = MANY) -> int | None:
    """Fewest placements of a zone at safe sites that hold what is required; None where no number does."""
    if not len(sites):
        return None
    holds = sites.hold(region.required, long_mm=zone.long_axis_mm, short_mm=zone.short_axis_mm)
    cover = smallest_cover(holds, harm=np.ones(len(sites)), most=most)
    return len(cover.chosen) if cover is not None else None


def opened_by_moving(
    region: Region, zone: ZoneSpec, *, blocked: Sites, sites_without: Callable[[str], Sites], most: int
) -> tuple[str, ...]:
    """Structures of which one alone, moved away, would let the placements cover, with how it is moved.

    Parameters
    ----------
    region, zone
        What must die, and the zone of one placement.
    blocked : Sites
        Placements with everything where it is.
    sites_without : callable
        Placements with one structure left out.
    most : int
        Most placements of a plan.
    """
    helps = read_facts("locoregional.access").section("help")
    said = []
    for name in list(blocked.blocked_by)[:4]:
        needed = number_needed(region, sites_without(name), zone, most=most)
        if needed is None:
            continue
        how = helps.get("bowel" if name in BOWEL_PARTS else name)
        said.append(f"without {named(name)} in the way {needed} would do" + (f" ({how.value})" if how is not None else ""))
    return tuple(said)


def larger_devices(
    energies: Sequence[Energy], *, device_name: str, tissue: str, region: Region, sites: Sites, relative_sd: float, most: int
) -> tuple[str, ...]:
    """Known devices whose largest zone would do at these sites, with how many placements.

    Parameters
    ----------
    energies : sequence of Energy
        Whose devices are asked, this one's first; of the others only the device that a plan starts with.
    device_name : str
        The device that did not do.
    tissue : str
        Tissue of the templates.
    region, sites
        What must die, and where placements are safe.
    relative_sd : float
        Of the zone's size.
    most : int
        Most placements of a plan.
    """
    said = []
    for energy in energies:
        own = energy is energies[0]
        for name, device in list(energy.devices().items())[: None if own else 1]:
            if (own and name == device_name) or not device.settings:
                continue
            size = predict_zone(energy, name, device.settings[-1], tissue)
            if size.volume_ml <= 0:
                continue
            needed = number_needed(region, sites, zone_of(size, relative_sd=relative_sd), most=most)
            if needed is not None:
                said.append(f"{name} ({energy.words}, {device.settings[-1].words}) would do with {needed}")
    return tuple(said)
