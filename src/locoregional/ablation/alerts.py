"""Structures beside a zone: how hot or cold they get, which dose they receive, and whether an operator must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.zone import Zone
from locoregional.case.course import Quantity
from locoregional.sources import Facts, Sourced, read_facts
from locoregional.units import ML_PER_MM3

__all__ = ["KINDS", "Alert", "alert_quantities", "find_alerts", "shares_of_runs", "skin_of", "spreads_of_runs"]

KINDS = {
    "colon": "bowel", "small_bowel": "bowel", "duodenum": "bowel", "bowel": "bowel", "bowel_gas": "bowel",
    "airways": "airway", "spinal_canal": "spinal_cord", "nerves": "nerve", "nerve_root": "nerve", "bile_ducts": "bile_duct",
}  # fmt: skip
"""Structures that share the thresholds of another; every other one has its own or none."""
SKIN_MM = 2.0
"""Thickness of skin: the layer of the body within this depth."""
DOSE = "cem43_min"
_FILE = "alert_facts.toml"


@dataclass(frozen=True)
class Alert:
    """What one structure receives.

    Attributes
    ----------
    structure : str
        Name of its mask.
    extreme_c : float
        Highest temperature in it; of a cold zone the lowest.
    limit : Sourced
        Temperature from which an operator must be told [C].
    dose_min : float or None
        Largest heat dose in it, in equivalent minutes at 43 C; None for cold, or where no dose was counted.
    dose_limit : Sourced or None
        Dose from which it is harmed.
    beyond_ml : float
        Volume of it beyond the limit.
    level : str
        ``alert`` beyond a limit, ``near`` where watching begins, ``clear`` otherwise.
    cold : bool
        Whether the zone freezes.
    """

    structure: str
    extreme_c: float
    limit: Sourced
    dose_min: float | None
    dose_limit: Sourced | None
    beyond_ml: float
    level: str
    cold: bool

    @property
    def forbids(self) -> bool:
        """Whether a published limit of temperature is passed; one that nobody verified is told, but decides nothing."""
        limit = float(self.limit)
        return self.limit.status == "verified" and (self.extreme_c <= limit if self.cold else self.extreme_c >= limit)

    @property
    def quantity(self) -> str:
        """Name of the quantity that holds its extreme temperature."""
        return f"{'lowest' if self.cold else 'peak'}_{self.structure}"

    @property
    def words(self) -> str:
        """One sentence for the report."""
        name = self.structure.replace("_", " ")
        least = f"{'down' if self.cold else 'up'} to {self.extreme_c:.0f} °C (limit {float(self.limit):g} °C)"
        dose = ""
        if self.dose_min is not None and self.dose_limit is not None:
            got = f"{self.dose_min:.3g}" if self.dose_min < 1e4 else "over 10000"
            dose = f", dose {got} equivalent min at 43 °C (limit {float(self.dose_limit):g})"
        spread = f"; {self.beyond_ml:.2g} ml beyond a limit" if self.level == "alert" else ""
        return f"{name}: {least}{dose}{spread}"


def find_alerts(
    zone: Zone,
    structures: Mapping[str, NDArray[np.bool_]],
    *,
    lethal: str,
    spacing_mm: float,
    without: NDArray[np.bool_] | None = None,
    target: str = "",
) -> tuple[Alert, ...]:
    """What every structure with a threshold receives in one run, worst first.

    Parameters
    ----------
    zone : Zone
        One run.
    structures : mapping of str to ndarray of bool
        Masks on the grid of the run; those without a threshold are passed over.
    lethal : str
        ``heat`` or ``cold``.
    spacing_mm : float
        Side of the cubic voxels.
    without : ndarray of bool, optional
        Voxels that belong to the target, whatever the masks say: the lesion.
    target : str
        Organ that is treated: it is no neighbour.
    """
    facts, cold = read_facts(__package__, _FILE), lethal == "cold"
    found = []
    for name, mask in structures.items():
        kind = KINDS.get(name, name)
        where = mask if without is None else mask & ~without
        if target in (name, kind) or f"{kind}.hot" not in facts or not where.any():
            continue
        found.append(_alert(zone, name, kind, where, facts, cold=cold, voxel_ml=spacing_mm**3 * ML_PER_MM3))
    order = {"alert": 0, "near": 1, "clear": 2}
    return tuple(sorted(found, key=lambda a: (order[a.level], -a.beyond_ml, a.structure)))


def _alert(zone: Zone, name: str, kind: str, where: NDArray[np.bool_], facts: Facts, *, cold: bool, voxel_ml: float) -> Alert:
    temperatures = zone.extreme_c[where]
    if cold:
        limit = facts[f"{kind}.cold"]
        extreme, beyond, dose, dose_limit = float(temperatures.min()), temperatures <= float(limit), None, None
        near = False
    else:
        limit, dose_limit = facts[f"{kind}.hot"], facts[f"{kind}.dose"]
        extreme, beyond = float(temperatures.max()), temperatures >= float(limit)
        doses = zone.dose[DOSE][where] if DOSE in zone.dose else None
        dose = None if doses is None else float(doses.max())
        if doses is not None:
            beyond = beyond | (doses >= float(dose_limit))
        near = extreme >= float(facts[f"{kind}.near"])
    level = "alert" if beyond.any() else "near" if near else "clear"
    return Alert(name, extreme, limit, dose, dose_limit, float(beyond.sum()) * voxel_ml, level, cold)


def shares_of_runs(runs: Iterable[Iterable[Alert]]) -> dict[str, float]:
    """Share of runs that raise an alert, by structure."""
    counted: dict[str, int] = {}
    number = 0
    for run in runs:
        number += 1
        for alert in run:
            counted[alert.structure] = counted.get(alert.structure, 0) + (alert.level == "alert")
    return {name: count / number for name, count in counted.items()}


def spreads_of_runs(runs: Iterable[Iterable[Alert]], *, share: float = 0.9) -> dict[str, tuple[float, float]]:
    """Low and high of what each structure receives, between which ``share`` of the runs lie, by name of the quantity."""
    found: dict[str, list[float]] = {}
    for run in runs:
        for alert in run:
            found.setdefault(alert.quantity, []).append(alert.extreme_c)
            if alert.dose_min is not None:
                found.setdefault(f"dose_{alert.structure}", []).append(alert.dose_min)
    ends = [0.5 - 0.5 * share, 0.5 + 0.5 * share]
    return {name: (float(low), float(high)) for name, values in found.items() for low, high in (np.quantile(values, ends),)}


def alert_quantities(
    alerts: Iterable[Alert],
    *,
    shares: Mapping[str, float] | None = None,
    spreads: Mapping[str, tuple[float, float]] | None = None,
    runs: int = 0,
) -> tuple[Quantity, ...]:
    """Alerts as numbers with words for an outcome.

    Parameters
    ----------
    alerts : iterable of Alert
        Of the nominal run.
    shares : mapping of str to float, optional
        Share of all runs that raise an alert, by structure.
    spreads : mapping of str to (float, float), optional
        Interval of each quantity over all runs, by its name.
    runs : int
        Number of those runs.
    """
    out: list[Quantity] = []

    def received(quantity: str, words: str, value: float, unit: str, keys: tuple[str, ...]) -> Quantity:
        if spreads is None or quantity not in spreads:
            return Quantity(quantity, words, value, unit, method="nominal run", sources=keys)
        low, high = spreads[quantity]
        method = f"nominal run; interval: 5 to 95 % of {runs} model runs"
        return Quantity(quantity, words, value, unit, min(low, value), max(high, value), method=method, sources=keys)

    for a in alerts:
        name, keys = a.structure.replace("_", " "), tuple(f.key for f in (a.limit, a.dose_limit) if f is not None)
        out.append(received(a.quantity, f"{'lowest' if a.cold else 'highest'} temperature in {name}", a.extreme_c, "C", keys))
        if a.dose_min is not None:
            words = f"heat dose of {name}, equivalent minutes at 43 C"
            out.append(received(f"dose_{a.structure}", words, a.dose_min, "min", keys))
        raised = float(a.level == "alert")
        verdict = {"alert": "ALERT", "near": "close to the limit", "clear": "below every limit"}[a.level]
        out.append(Quantity(f"alert_{a.structure}", f"{verdict}: {a.words}", raised, "1", method="nominal run", sources=keys))
        if shares is not None and a.structure in shares:
            out.append(
                Quantity(
                    f"alert_share_{a.structure}", f"model runs that raise an alert for {name}", 100.0 * shares[a.structure], "%",
                    method=f"{runs} model runs", sources=keys,
                )
            )  # fmt: skip
    return tuple(out)


def skin_of(body: NDArray[np.bool_], *, spacing_mm: float) -> NDArray[np.bool_]:
    """Skin of a body mask, at least one voxel thick; where the grid cuts the body there is none."""
    from scipy.ndimage import distance_transform_edt

    if body.all() or not body.any():
        return np.zeros_like(body)
    depth = distance_transform_edt(body, sampling=spacing_mm)
    return np.asarray(body & (depth <= max(SKIN_MM, spacing_mm)))
