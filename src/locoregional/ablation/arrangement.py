"""Arrangements of applicators: how many, where, with which setting, at once or one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.chance import chance_of_cover, registration_sd_mm
from locoregional.ablation.cover import Cover, ellipsoids_hold, smallest_cover
from locoregional.ablation.device import Device, Setting
from locoregional.ablation.region import Region
from locoregional.ablation.sites import Sites, Surroundings
from locoregional.ablation.size import ZoneSize
from locoregional.access.coverage import Coverage, PlacementError
from locoregional.access.scene import ZoneSpec
from locoregional.sources import read_facts

__all__ = ["Arrangement", "arrangements", "judged", "preferred", "zone_of"]

NEIGHBOURS = 1.5
"""Two of several applicators that work at once may lie this many times the largest distance of neighbours from each other."""
ACTIVATION = 0.25
"""Cost of a further activation as a share of that of a further placement."""
RESERVES_MM = (0.0, 3.0, 6.0, 9.0)
"""By how much a zone is taken as narrower on each side when placements are chosen, so that needles may land beside the plan."""


@dataclass(frozen=True, eq=False)
class Arrangement:
    """One or several placements with a common setting.

    Attributes
    ----------
    setting : Setting
        What is dialled, for each.
    size : ZoneSize
        Zone of a single applicator in homogeneous tissue.
    zone : ZoneSpec
        Zone of each as it counts in this arrangement.
    together : bool
        All at once; False: one after another.
    entries_lps_mm, tips_lps_mm, aims_lps_mm : ndarray, shape (needles, 3) [mm]
        Skin entries, tips, middles of the zones.
    placed : ndarray of bool, shape (needles,)
        Those that lie where they are already.
    harm_ml : float [ml]
        Healthy tissue in the zones, structures at risk many times.
    covers : bool
        Whether the zones, exactly as planned, hold all that is required.
    chances : tuple of Coverage
        One for each margin of the region.
    factor : float
        Factor on the single zone from working together.
    proven : bool
        Whether no smaller number of placements of this kind does.
    """

    setting: Setting
    size: ZoneSize
    zone: ZoneSpec
    together: bool
    entries_lps_mm: NDArray[np.float64]
    tips_lps_mm: NDArray[np.float64]
    aims_lps_mm: NDArray[np.float64]
    placed: NDArray[np.bool_]
    harm_ml: float = 0.0
    covers: bool = False
    chances: tuple[Coverage, ...] = ()
    factor: float = 1.0
    proven: bool = False

    def __len__(self) -> int:
        """Count the placements."""
        return len(self.aims_lps_mm)

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors from tip to skin, shape (needles, 3)."""
        way = self.entries_lps_mm - self.tips_lps_mm
        return np.asarray(way / np.linalg.norm(way, axis=1)[:, None])

    @property
    def chance(self) -> float:
        """Chance of the required margin."""
        return self.chances[0].probability if self.chances else 0.0

    def dialled(self, setting: Setting, size: ZoneSize, *, factor: float) -> Arrangement:
        """Same middles of the zones with another setting: the tips move along their needles."""
        zone = zone_of(size, relative_sd=self.zone.relative_sd, factor=factor)
        tips = self.aims_lps_mm - zone.tip_beyond_centre_mm * self.axes
        tips[self.placed] = self.tips_lps_mm[self.placed]
        aims = tips + zone.tip_beyond_centre_mm * self.axes
        return replace(
            self, setting=setting, size=size, zone=zone, tips_lps_mm=tips, aims_lps_mm=aims, factor=factor, proven=False
        )


def zone_of(size: ZoneSize, *, relative_sd: float, factor: float = 1.0) -> ZoneSpec:
    """Ellipsoid of a zone, the tip where it is even if the zone grows."""
    return ZoneSpec(
        long_axis_mm=max(size.long_mm * factor, 1.0),
        short_axis_mm=max(size.short_mm * factor, 1.0),
        tip_beyond_centre_mm=max(0.0, size.long_mm / 2 - size.ahead_mm),
        relative_sd=relative_sd,
    )


def judged(
    plan: Arrangement, region: Region, *, error: PlacementError, around: Surroundings | None, seed: int = 0
) -> Arrangement:
    """Arrangement with whether it covers, how likely it does, and what it costs in healthy tissue."""
    chances = tuple(
        chance_of_cover(
            points, margin_mm=margin, zone=plan.zone, centres_lps_mm=plan.aims_lps_mm, axes=plan.axes, error=error,
            registration_mm=registration_sd_mm(), placed=plan.placed, seed=seed,
        )
        for margin, points in region.needed.items()
    )  # fmt: skip
    shape = {"long_mm": plan.zone.long_axis_mm, "short_mm": plan.zone.short_axis_mm}
    held = ellipsoids_hold(region.required, centres_lps_mm=plan.aims_lps_mm, axes=plan.axes, **shape).any(axis=1)
    harm = plan.harm_ml
    if around is not None:
        lost = ellipsoids_hold(around.points_lps_mm, centres_lps_mm=plan.aims_lps_mm, axes=plan.axes, **shape).any(axis=1)
        harm = float(around.weights_ml[lost].sum())
    return replace(plan, chances=chances, covers=bool(held.all()), harm_ml=harm)


def arrangements(
    table: Mapping[Setting, ZoneSize],
    *,
    device: Device,
    region: Region,
    around: Surroundings,
    sites_for: Callable[[ZoneSpec], Sites],
    growth_of: Callable[[Setting], float],
    apart_mm: tuple[float, float],
    relative_sd: float,
    error: PlacementError,
    together: bool,
    wanted_share: float,
    placed: Sequence[tuple[NDArray, NDArray]] = (),
    settings: int = 3,
) -> list[Arrangement]:
    """Arrangements with the fewest placements for several settings and several reserves.

    Parameters
    ----------
    table : mapping of Setting to ZoneSize
        Simulated templates.
    device : Device
        For how many work at once.
    region : Region
        What must die.
    around : Surroundings
        What should live.
    sites_for : callable
        Safe placements for a zone.
    growth_of : callable
        Growth of the zones of a setting when several work at once.
    apart_mm : (float, float) [mm]
        Least and largest practical distance between neighbouring applicators that work at once.
    relative_sd : float
        Of the zone's size.
    error : PlacementError
        Of each needle.
    together : bool
        All at once, on parallel ways; False: one after another.
    wanted_share : float
        Chance beyond which no larger reserve is tried.
    placed : sequence of (entry, tip)
        Applicators that lie already, LPS [mm].
    settings : int
        How many of the largest settings are tried.

    Returns
    -------
    list of Arrangement
        Judged; empty where nothing covers.
    """
    most = int(float(read_facts("locoregional.ablation", "plan_facts.toml")["applicators.most"]))
    found: list[Arrangement] = []
    limit = min(most, device.together) if together else most
    for setting in sorted(table, key=lambda s: -table[s].volume_ml)[:settings]:
        size = table[setting]
        if size.volume_ml <= 0:
            continue
        growth = growth_of(setting) if together else 1.0
        zone = zone_of(size, relative_sd=relative_sd, factor=growth)
        sites = sites_for(zone)
        for reserve in RESERVES_MM:
            one = _covering(region, around, sites, zone, reserve, limit, apart_mm, together, placed)
            if one is None:
                break
            plan = replace(one, setting=setting, size=size, factor=growth if one.together else 1.0)
            if not one.together and growth != 1.0:  # a single one has no neighbour that helps it
                plan = replace(plan, zone=zone_of(size, relative_sd=relative_sd))
            found.append(judged(plan, region, error=error, around=around))
            if found[-1].covers and found[-1].chance >= wanted_share:
                break
    return found


def _covering(
    region: Region, around: Surroundings, sites: Sites, zone: ZoneSpec, reserve_mm: float, most: int,
    apart_mm: tuple[float, float], together: bool, placed: Sequence[tuple[NDArray, NDArray]],
) -> Arrangement | None:  # fmt: skip
    """Fewest placements whose zones, narrowed by the reserve, hold what is required beyond the applicators in place."""
    long_mm, short_mm = zone.long_axis_mm - 2 * reserve_mm, zone.short_axis_mm - 2 * reserve_mm
    if min(long_mm, short_mm) <= 0 or len(placed) > most:
        return None
    points = region.required
    entries, tips = (np.array([p[i] for p in placed], dtype=float).reshape(-1, 3) for i in (0, 1))
    way = entries - tips
    axes = way / np.linalg.norm(way, axis=1)[:, None] if len(placed) else way
    aims = tips + zone.tip_beyond_centre_mm * axes
    if len(placed):
        points = points[~ellipsoids_hold(points, centres_lps_mm=aims, axes=axes, long_mm=long_mm, short_mm=short_mm).any(axis=1)]
    chosen: tuple[int, ...] = ()
    proven = True
    if len(points):
        free = _clear_of(sites, aims, axes, apart_mm[0]) if together and len(placed) else np.ones(len(sites), bool)
        holds = sites.hold(points, long_mm=long_mm, short_mm=short_mm) & free
        harm = sites.harm(zone, around)
        pairs = sites.conflicts(apart_mm=apart_mm[0], within_mm=NEIGHBOURS * apart_mm[1], together=together)
        cover = _cover(holds, harm, most - len(placed), 2 if together and not len(placed) else 1, pairs)
        if cover is None:
            return None
        chosen, proven = cover.chosen, cover.fewest
    picked = list(chosen)
    return Arrangement(
        setting=Setting(0.0, 0.0),
        size=ZoneSize.empty(),
        zone=zone,
        together=together and len(placed) + len(picked) > 1,
        entries_lps_mm=np.vstack([entries, sites.entries_lps_mm[picked]]),
        tips_lps_mm=np.vstack([tips, sites.tips_lps_mm[picked]]),
        aims_lps_mm=np.vstack([aims, sites.aims_lps_mm[picked]]),
        placed=np.array([True] * len(placed) + [False] * len(picked)),
        proven=proven,
    )


def _cover(holds: NDArray, harm: NDArray, most: int, least: int, conflicts: NDArray) -> Cover | None:
    return smallest_cover(holds, harm=harm, most=most, least=least, conflicts=conflicts) if most >= least else None


def _clear_of(sites: Sites, aims: NDArray, axes: NDArray, apart_mm: float) -> NDArray[np.bool_]:
    """Sites that keep their distance from the axes of applicators in place."""
    away = sites.aims_lps_mm[:, None] - aims[None]
    along = np.einsum("sni,ni->sn", away, axes)
    across = np.sqrt(np.maximum(np.einsum("sni,sni->sn", away, away) - along**2, 0.0))
    return np.asarray((across >= apart_mm).all(axis=1))


def preferred(found: Sequence[Arrangement], *, wanted_share: float) -> list[Arrangement]:
    """Arrangements, the best first: the chance up to what is wanted, less what further placements cost, then least harm.

    One after another, each activation costs a little too: it takes its time, and the first one changes the picture of the next.
    """
    worth = float(read_facts("locoregional.ablation", "plan_facts.toml")["applicators.worth"]) / 100.0

    def merit(a: Arrangement) -> tuple[bool, float, float]:
        activations = 1 if a.together else len(a)
        return (not a.covers, worth * (len(a) + ACTIVATION * activations) - min(a.chance, wanted_share), a.harm_ml)

    return sorted(found, key=merit)
