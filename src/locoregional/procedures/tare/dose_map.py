"""Absorbed dose of yttrium-90 in every voxel of an activity map, with what it rests on in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, NotModelled, UnitsError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.dose.constant import DoseConstant, dose_constant
from locoregional.physics.dose.media import method_words
from locoregional.procedures.tare.dose_calibration import calibrated
from locoregional.sources import read_facts

__all__ = ["METHODS", "DoseMap", "dose_map"]

METHODS = {"local": "energy kept in the voxel of the decay", "voxel": "electrons carried through soft tissue (voxel kernel)"}
"""How energy is deposited."""
_LUNG = {"local": "local", "voxel": "kernel_local_density"}
_FAINT = 0.01
"""Voxels below this share of the largest dose do not count for the words on what lies in them."""
AIR_BELOW_HU = -300.0
"""A CT of a trunk holds air or lung somewhere."""
_UNSEEN_HU = -30000.0
"""Stands for places that the CT does not show."""


@dataclass(frozen=True, eq=False)
class DoseMap:
    """Absorbed dose.

    Attributes
    ----------
    volume : Volume
        Dose in Gy on the grid of the activity.
    method : str
        ``local`` or ``voxel``.
    calibration : str
        ``absolute`` or ``patient-relative``.
    constant : DoseConstant
        Convention behind the Gy.
    activity_gbq : float
        Whole activity of the map at the infusion.
    words : tuple of str
        Method, constant, calibration, density, and what a reader must know.
    facts : tuple of str
        Keys of the facts behind it.
    """

    volume: Volume
    method: str
    calibration: str
    constant: DoseConstant
    activity_gbq: float
    words: tuple[str, ...]
    facts: tuple[str, ...]


def dose_map(
    activity: ActivityMap,
    *,
    infusion: datetime | None = None,
    injected_gbq: float | None = None,
    lung_shunt_share: float | None = None,
    within: Volume | None = None,
    relative: bool = False,
    method: Literal["local", "voxel"] = "local",
    density: Volume | None = None,
    constant: str = "conventional",
) -> DoseMap:
    """Dose of everything in a map when it decays completely where it is.

    Parameters
    ----------
    activity : ActivityMap
        Yttrium-90, or the work-up that stands for it.
    infusion, injected_gbq, lung_shunt_share, within, relative
        As in :func:`~locoregional.procedures.tare.dose_calibration.calibrated`.
    method : {"local", "voxel"}
        Energy kept in the voxel of the decay (right where the image is blurred more than the electrons fly), or carried by the
        voxel kernel of soft tissue.
    density : Volume, optional
        CT in HU, or density in g/ml, in the same patient space; without it, one density is taken everywhere.
    constant : str
        Dose constant by its name.

    Returns
    -------
    DoseMap
        On the grid of the activity.

    Raises
    ------
    UnitsError, PlanningError, ImagingError
        As :func:`~locoregional.procedures.tare.dose_calibration.calibrated`; also if the density has no unit.
    GeometryError
        If frames of reference differ, the CT lies elsewhere, or the grid is sheared.
    NotModelled
        If there is no such method.
    """
    if method not in METHODS:
        raise NotModelled(f"no dose method is called {method!r}", where="method", remedy=f"Use {' or '.join(METHODS)}.")
    grid = activity.volume.grid
    if method == "voxel" and not grid.is_orthogonal:
        raise GeometryError("the grid of the activity is sheared", where="activity", remedy="Straighten the image first.")
    source = calibrated(
        activity,
        infusion=infusion,
        injected_gbq=injected_gbq,
        lung_shunt_share=lung_shunt_share,
        within=within,
        relative=relative,
    )
    convention = dose_constant(constant)
    values, density_words, density_facts = _density(density, activity.volume)
    if method == "local":
        from locoregional.physics.dose.local import local_dose

        dose = local_dose(source.activity_bq_ml, density_g_ml=values, constant_gy_kg_gbq=float(convention))
    else:
        from locoregional.physics.dose.convolution import voxel_dose
        from locoregional.physics.dose.kernel import kernel_words

        dose = voxel_dose(
            source.activity_bq_ml, spacing_mm=grid.spacing_mm, density_g_ml=values, constant_gy_kg_gbq=float(convention)
        )
        density_words = (*density_words, *kernel_words())
    words = [
        f"method {method}: {METHODS[method]}",
        f"dose constant {convention.name}: {float(convention):g} Gy*kg/GBq "
        f"({convention.energy_mev:g} MeV per decay, half-life {convention.half_life_h:g} h)",
        *source.words,
        *density_words,
        *_media_words(values, dose, method),
        *activity.assumed,
    ]
    volume = Volume(dose, grid.affine, unit="Gy", modality="RTDOSE", frame_of_reference=activity.volume.frame_of_reference)
    facts = (convention.fact.key, *source.facts, *density_facts)
    return DoseMap(volume, method, source.how, convention, source.total_gbq, tuple(words), facts)


def _density(density: Volume | None, onto: Volume) -> tuple[float | NDArray[np.float32], tuple[str, ...], tuple[str, ...]]:
    """Density [g/ml] on the grid of the activity, or one number; words; facts."""
    soft = read_facts("locoregional.physics.dose")["media.soft_density"]
    if density is None:
        plain = f"density {float(soft):g} g/ml everywhere: doses in lung, bone or gas are not given by this map"
        return float(soft), (plain,), (soft.key,)
    a, b = onto.frame_of_reference, density.frame_of_reference
    if a and b and a != b:
        raise GeometryError(
            "activity and density are in different frames of reference", where=f"{a} / {b}", remedy="Register them first."
        )
    if density.unit not in ("HU", "g/ml"):
        raise UnitsError(f"a density in {density.unit or 'no unit'}", where="density", remedy="Give a CT in HU, or g/ml.")
    if density.unit == "HU" and not float(density.array.min()) < AIR_BELOW_HU:
        raise UnitsError(
            "an image without a single voxel of air or lung is taken for no CT in HU",
            where="density",
            remedy="Give a CT; for PET, SPECT or MR as planning image say modality = in case.toml.",
        )
    found = _averaged(density, onto.grid)
    unseen = found <= 0.5 * _UNSEEN_HU
    if unseen.all():
        raise GeometryError("the CT shows nothing of the activity map", where="density", remedy="Check that they fit.")
    slope = read_facts(__package__, "dose_facts.toml")["density.per_hu"]
    values = found if density.unit == "g/ml" else 1.0 + float(slope) * found
    values = np.where(unseen, np.float32(float(soft)), np.maximum(values, 0.0)).astype(np.float32)
    words = [f"density of each voxel from {'CT numbers (1 + HU/1000)' if density.unit == 'HU' else 'the map given'}"]
    total = float(onto.array.sum(dtype=np.float64))
    missed = float(onto.array[unseen].sum(dtype=np.float64)) / total if total else 0.0
    if unseen.any():
        words.append(f"{100.0 * missed:.1f} % of the activity lies beyond the CT: {float(soft):g} g/ml taken there")
    return values, tuple(words), (soft.key, slope.key)


def _averaged(density: Volume, grid: Grid) -> NDArray[np.float32]:
    """Density on another grid: averaged over its voxels where they are larger, then read between voxel centres."""
    from scipy.ndimage import uniform_filter

    step = np.linalg.inv(density.affine) @ grid.affine
    size = np.maximum(1, np.rint(np.abs(step[:3, :3]).max(axis=1))).astype(int)
    array = density.array.astype(np.float32)
    if (size > 1).any():
        array = uniform_filter(array, size=tuple(int(n) for n in size), mode="nearest")
    return np.asarray(resampled(density.on(array), grid, outside=_UNSEEN_HU).array)


def _media_words(values: float | NDArray[np.float32], dose: NDArray[np.float32], method: str) -> tuple[str, ...]:
    if np.ndim(values) == 0:
        return ()
    shown = dose > _FAINT * float(dose.max())
    return method_words(np.asarray(values)[shown], method=_LUNG[method]) if shown.any() else ()
