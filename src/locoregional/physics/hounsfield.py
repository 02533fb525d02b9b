"""Properties per voxel from labels and CT numbers together: lung by its air, bone by its mineral, soft tissue by its fat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.physics.lung import air_share, lung_facts, lung_values
from locoregional.physics.medium import Medium
from locoregional.physics.properties import Properties
from locoregional.physics.tissue import Tissue, tissue
from locoregional.sources import Sourced, read_facts
from locoregional.units import ML_PER_MM3

__all__ = ["between_tissues", "cement_voxels", "with_hounsfield"]

BONE = ("marrow_yellow", "marrow_red", "bone_cancellous", "bone_cortical")
SOFT = ("fat", "muscle")
"""Tissues that a CT number lies between, by rising number."""
_FILE = "hounsfield_facts.toml"


def with_hounsfield(
    properties: Properties,
    hu: NDArray,
    *,
    lung: NDArray[np.bool_] | None = None,
    bone: NDArray[np.bool_] | None = None,
    soft: NDArray[np.bool_] | None = None,
    beside_lung: bool = False,
) -> Properties:
    """Properties with lung, bone and soft tissue graded by their CT number.

    Parameters
    ----------
    properties : Properties
        As the labels say.
    hu : ndarray, shape of the grid
        CT numbers.
    lung, bone, soft : ndarray of bool, optional
        Voxels to grade: aerated, wet or consolidated lung; bone with its marrow; fat and muscle. Lesions, vessels and cement
        are best left out.
    beside_lung : bool
        The lung only borders what is treated (see :func:`~locoregional.physics.lung.lung_values`).

    Returns
    -------
    Properties
        Without jumps at a threshold: every number is a continuous function of the CT number.
    """
    used: list[Sourced] = []
    values: dict[str, NDArray[np.float32]] = {}

    def paint(where: NDArray[np.bool_], found: Mapping[str, NDArray[np.float64]]) -> None:
        for name, numbers in found.items():
            if name not in values:
                values[name] = _full(properties, name).copy()
            values[name][where] = numbers

    if lung is not None and lung.any():
        paint(lung, lung_values(air_share(hu[lung]), beside=beside_lung))
        used += lung_facts()
    for where, names, section in ((bone, BONE, "bone"), (soft, SOFT, "soft")):
        if where is not None and where.any():
            anchors, facts = _anchors(names, section)
            paint(where, between_tissues(hu[where], anchors))
            used += facts
    if not values:
        return properties
    medium_names = {f.name for f in fields(Medium)}
    medium = replace(properties.medium, **{k: v for k, v in values.items() if k in medium_names})  # type: ignore[arg-type]
    known = {f.key: f for f in (*properties.facts, *used)}
    own = {k: v for k, v in values.items() if k not in medium_names}
    return replace(properties, medium=medium, facts=tuple(known.values()), **own)


def between_tissues(hu: ArrayLike, anchors: Sequence[tuple[float, Tissue]]) -> dict[str, NDArray[np.float64]]:
    """Every number of a tissue, straight between anchors (CT number, tissue) of rising CT number and constant beyond them."""
    at = [number for number, _ in anchors]
    names = (f.name for f in fields(Tissue) if f.name not in ("name", "facts"))
    return {name: np.interp(np.asarray(hu, float), at, [getattr(t, name) for _, t in anchors]) for name in names}


def cement_voxels(hu: NDArray, bone: NDArray[np.bool_], *, spacing_mm: float) -> NDArray[np.bool_]:
    """Voxels of bone so dense, and in so large a piece, that they are bone cement (or metal, which looks the same).

    Parameters
    ----------
    hu : ndarray, shape of the grid
        CT numbers.
    bone : ndarray of bool
        Bone; dense things outside it are not asked about.
    spacing_mm : float
        Side of the cubic voxels.
    """
    from scipy.ndimage import label

    facts = read_facts(__package__, _FILE)
    dense = bone & (hu >= float(facts["bone.cement"]))
    pieces, count = label(dense, structure=np.ones((3, 3, 3)))
    if not count:
        return dense
    sizes_ml = np.bincount(pieces.ravel()) * spacing_mm**3 * ML_PER_MM3
    sizes_ml[0] = 0.0
    return (sizes_ml >= float(facts["bone.cement_volume"]))[pieces]


def _anchors(names: tuple[str, ...], section: str) -> tuple[list[tuple[float, Tissue]], list[Sourced]]:
    facts = read_facts(__package__, _FILE)
    tissues = [tissue(name) for name in names]
    keys = [f"{section}.{name.removeprefix('bone_')}" for name in names]
    anchors = [(float(facts[key]), t) for key, t in zip(keys, tissues, strict=True)]
    return anchors, [*(facts[key] for key in keys), *(f for t in tissues for f in t.facts)]


def _full(properties: Properties, name: str) -> NDArray[np.float32]:
    own = getattr(properties, name, None)
    return np.asarray(own, np.float32) if own is not None else properties.medium.full(name)
