"""Structures beside a zone, watched in the nominal run and in every run of its band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.alerts import Alert, alert_quantities, find_alerts, shares_of_runs, skin_of, spreads_of_runs
from locoregional.ablation.band import Band
from locoregional.ablation.coarse import blocks
from locoregional.ablation.energy import Energy
from locoregional.ablation.tissue_map import TissueMap
from locoregional.ablation.zone import Zone
from locoregional.case import Quantity

__all__ = ["COARSEN", "Watched"]

COARSEN = 2
"""Members of the band run on voxels this many times as long."""


@dataclass(frozen=True, eq=False)
class Watched:
    """Masks of structures at risk.

    Attributes
    ----------
    masks, coarse : dict of str to ndarray of bool
        On the grid of the nominal run, and on that of the members.
    tumour : ndarray of bool
        The lesion, which is no structure at risk wherever it reaches.
    lethal : str
        ``heat`` or ``cold``.
    spacing_mm : float
        Voxel of the nominal run.
    organ : str
        Organ that is treated.
    coarsen : int
        Voxels of the members are this many times as long.
    """

    masks: dict[str, NDArray[np.bool_]]
    coarse: dict[str, NDArray[np.bool_]]
    tumour: NDArray[np.bool_]
    lethal: str
    spacing_mm: float
    organ: str
    coarsen: int = COARSEN

    @classmethod
    def of(cls, tissues: TissueMap, energy: Energy, *, spacing_mm: float, organ: str, coarsen: int = COARSEN) -> Watched:
        """Structures of a tissue map, and the skin of its body."""
        masks = {name: mask for name, mask in tissues.structures.items() if name != "body" and mask.any()}
        body = tissues.structures.get("body")
        if body is not None and (skin := skin_of(body, spacing_mm=spacing_mm)).any():
            masks["skin"] = skin
        coarse = {name: blocks(mask, factor=coarsen) > 0 for name, mask in masks.items()}
        return cls(masks, coarse, tissues.tumour.array > 0.5, energy.lethal, spacing_mm, organ, coarsen)

    def finely(self, zone: Zone) -> tuple[Alert, ...]:
        """Alerts of the nominal run."""
        return find_alerts(
            zone, self.masks, lethal=self.lethal, spacing_mm=self.spacing_mm, without=self.tumour, target=self.organ
        )

    def coarsely(self, zone: Zone) -> tuple[Alert, ...]:
        """Alerts of a member of the band."""
        tumour = blocks(self.tumour, factor=self.coarsen) > 0
        return find_alerts(
            zone, self.coarse, lethal=self.lethal, spacing_mm=self.coarsen * self.spacing_mm, without=tumour, target=self.organ
        )

    def quantities(self, zone: Zone, band: Band) -> tuple[Quantity, ...]:
        """What each structure receives, in how many runs that raises an alert, and in how many any of it dies."""
        alerts = self.finely(zone)
        shares = {**{a.structure: 0.0 for a in alerts}, **shares_of_runs(band.watched)}
        deaths = [
            Quantity(
                f"death_{a.structure}",
                f"model runs in which some of {a.structure.replace('_', ' ')} dies",
                100 * float(band.coverage[self.masks[a.structure] & ~self.tumour].max()),
                "%",
                method=f"{len(band.sizes)} model runs",
            )
            for a in alerts
        ]
        spreads = spreads_of_runs(band.watched)
        return (*alert_quantities(alerts, shares=shares, spreads=spreads, runs=len(band.sizes)), *deaths)
