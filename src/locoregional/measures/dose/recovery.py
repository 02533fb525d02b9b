"""Recovery coefficients by volume, as a scanner's phantom gave them: an optional correction of a mean, reported beside it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from locoregional.errors import EvidenceError

__all__ = ["RecoveryTable", "read_recovery"]

_HIGHEST = 1.5
"""A larger recovery is a percentage taken for a fraction (edge enhancement reaches about 1.2)."""


@dataclass(frozen=True)
class RecoveryTable:
    """Recovered share of the activity of spheres.

    Attributes
    ----------
    volumes_ml : tuple of float
        Volumes of the spheres, rising.
    recoveries : tuple of float
        Measured over true concentration, as fractions.
    deviations : tuple of float
        Standard uncertainty of each.

    Raises
    ------
    EvidenceError
        If there are fewer than two spheres, volumes do not rise, or a recovery is no fraction.
    """

    volumes_ml: tuple[float, ...]
    recoveries: tuple[float, ...]
    deviations: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is no table of recoveries."""
        volumes, found, spread = (np.asarray(x, float) for x in (self.volumes_ml, self.recoveries, self.deviations))
        if volumes.size < 2 or not volumes.size == found.size == spread.size:
            raise EvidenceError("a recovery table needs two spheres", where="recovery", remedy="Give volume_ml, recovery, sd.")
        if not (volumes > 0).all() or not (np.diff(volumes) > 0).all():
            raise EvidenceError("the volumes do not rise", where="recovery", remedy="Sort the spheres by volume.")
        if not ((found > 0) & (found < _HIGHEST)).all() or not ((spread >= 0) & (spread < found)).all():
            raise EvidenceError(
                f"recoveries of {found.min():g} to {found.max():g} with deviations up to {spread.max():g}",
                where="recovery",
                remedy="Give fractions, not per cent, with a standard deviation below each.",
            )

    def at(self, volume_ml: float) -> tuple[float, float]:
        """Recovery and its standard uncertainty at a volume, straight between spheres over the logarithm of the volume.

        Raises
        ------
        EvidenceError
            If the volume is smaller than the smallest sphere.
        """
        if volume_ml < self.volumes_ml[0]:
            raise EvidenceError(
                f"a volume of {volume_ml:.3g} ml is below the smallest sphere ({self.volumes_ml[0]:g} ml)",
                where="recovery",
                remedy="A recovery is never extended to smaller volumes: measure a smaller sphere.",
            )
        return self.near(volume_ml)

    def near(self, volume_ml: float) -> tuple[float, float]:
        """As :meth:`at`, with the first and last sphere beyond the ends."""
        x, known = np.log(max(volume_ml, 1e-9)), np.log(self.volumes_ml)
        return float(np.interp(x, known, self.recoveries)), float(np.interp(x, known, self.deviations))


def read_recovery(path: str | Path) -> RecoveryTable:
    """Recovery table of a CSV file with the columns ``volume_ml``, ``recovery`` and, if known, ``sd``.

    Raises
    ------
    EvidenceError
        If a column is missing or a cell is no number.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        values = [(float(r["volume_ml"]), float(r["recovery"]), float(r.get("sd") or 0.0)) for r in rows]
    except (KeyError, TypeError, ValueError) as problem:
        raise EvidenceError(
            "no recovery table", where=str(path), remedy="Give the columns volume_ml, recovery and, if known, sd, as numbers."
        ) from problem
    volumes, found, spread = zip(*values, strict=True) if values else ((), (), ())
    return RecoveryTable(volumes, found, spread)
