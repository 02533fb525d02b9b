"""Where an activity goes: compartments, their shares and masses, and the mean dose to each per gigabecquerel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.dose.constant import DoseConstant, dose_constant
from locoregional.procedures.tare.spread import Spread, draw, exact, positive

__all__ = ["FRACTIONS", "LUNG_KG", "Model", "Part", "Response", "respond"]

FRACTIONS = ("lung_shunt", "residual_fraction", "share")
"""How the names of inputs end that are fractions."""
LUNG_KG = 1.0
"""The customary assumption of lungs of 1 kg; the second lung dose of every plan."""

Values = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Part:
    """A compartment.

    Attributes
    ----------
    kind : str
        ``tumour``, ``normal``, ``mixed`` (both, not told apart) or ``lung``.
    share : ndarray
        Share of the activity in the vial that stays in it, one value per draw.
    mass_kg : ndarray
        Mass.
    normal_kg : ndarray or None
        Of a mixed compartment: its mass of normal liver, where known.
    """

    kind: str
    share: NDArray[np.float64]
    mass_kg: NDArray[np.float64]
    normal_kg: NDArray[np.float64] | None = None


class Model(Protocol):
    """What every model of delivery promises.

    ``inputs`` are its numbers by name, masses in g; ``parts`` gives disjoint compartments of which the shares add up to what left
    the vial. An input called ``whole_normal_g`` is the whole normal liver, perfused or not.
    """

    @property
    def name(self) -> str:
        """Short name."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references or of facts."""
        ...

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        ...

    def parts(self, values: Values) -> dict[str, Part]:
        """Compartments for values of the inputs."""
        ...


@dataclass(frozen=True, eq=False)
class Response:
    """Mean doses for each gigabecquerel in the vial at infusion, by the stated activity.

    Attributes
    ----------
    model : Model
        Model behind it.
    constant : DoseConstant
        Dose constant behind it.
    calibration : Spread
        True over stated activity.
    gy_per_gbq : dict of str to float
        Nominal doses: every compartment; ``perfused``, ``tumour`` and ``normal`` taken together; ``whole_normal``; ``lung`` with
        the lung mass given, and ``lung_1000_g``.
    draws : dict of str to ndarray, shape (members,)
        The same for every draw of the inputs.
    lung_share : float
        Share of the activity that reaches the lungs.
    lung_share_draws : ndarray, shape (members,)
        The same for every draw.
    words : tuple of str
        What was assumed.
    """

    model: Model
    constant: DoseConstant
    calibration: Spread
    gy_per_gbq: dict[str, float]
    draws: dict[str, NDArray[np.float64]]
    lung_share: float
    lung_share_draws: NDArray[np.float64]
    words: tuple[str, ...] = field(default=())


def respond(
    model: Model,
    *,
    constant: str = "conventional",
    activity_calibration_factor: Spread | None = None,
    members: int = 1024,
    seed: int = 1,
) -> Response:
    """Doses per gigabecquerel of a model, nominal and for draws of its inputs.

    Parameters
    ----------
    model : Model
        Any model of this folder.
    constant : str
        Dose constant by its name.
    activity_calibration_factor : Spread or None
        True activity over the stated one; None takes the statement as true and exact.
    members, seed : int
        Number of draws, and what they start from.

    Raises
    ------
    UnitsError
        If there is no such constant.
    PlanningError
        If the factor is not positive.
    """
    chosen = dose_constant(constant)
    factor = positive(exact(1.0) if activity_calibration_factor is None else activity_calibration_factor, "calibration factor")
    inputs = {**model.inputs, "activity_calibration_factor": factor}
    nominal = {name: np.array([number.value]) for name, number in inputs.items()}
    fractions = [name for name in inputs if name.endswith(FRACTIONS)]
    drawn = draw(inputs, fractions=fractions, members=members, seed=seed)
    doses, lungs = _doses(model, nominal, float(chosen))
    many, lungs_many = _doses(model, drawn, float(chosen))
    words = list(model.words)
    if "whole_normal_g" not in inputs:
        words.append("the whole normal liver is taken to be the perfused one: if more of it is spared, its mean dose is lower")
    words += [f"{_told(name)}: {number.assumed}" for name, number in inputs.items() if number.assumed]
    return Response(
        model,
        chosen,
        factor,
        {name: float(dose[0]) for name, dose in doses.items()},
        many,
        float(lungs[0]),
        lungs_many,
        tuple(words),
    )


def _doses(model: Model, values: Values, constant: float) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Doses per GBq by name, and the share that reaches the lungs, both by the stated activity."""
    true = values["activity_calibration_factor"]
    parts = model.parts(values)
    gain = constant * true
    out = {name: gain * part.share / part.mass_kg for name, part in parts.items()}
    liver = [part for part in parts.values() if part.kind != "lung"]
    out["perfused"] = gain * _sum(p.share for p in liver) / _sum(p.mass_kg for p in liver)
    for kind in ("tumour", "normal"):
        same = [part for part in liver if part.kind == kind]
        if same:
            out[kind] = gain * _sum(p.share for p in same) / _sum(p.mass_kg for p in same)
    mixed = [part for part in liver if part.kind == "mixed"]
    if mixed:
        out["normal"] = out["perfused"]
    whole = values.get("whole_normal_g")
    if whole is None and "normal" in out:
        out["whole_normal"] = out["normal"]
    elif whole is not None:
        held = [p.share for p in liver if p.kind == "normal"]
        held += [p.share if p.normal_kg is None else p.share * p.normal_kg / p.mass_kg for p in mixed]
        out["whole_normal"] = gain * _sum(held) / (1e-3 * whole)
    lungs = _sum(part.share for part in parts.values() if part.kind == "lung")
    out["lung_1000_g"] = gain * lungs / LUNG_KG
    return out, true * lungs


def _told(name: str) -> str:
    """Name of an input in words."""
    named = name.removesuffix("mass_g") + "mass" if name.endswith("mass_g") else name
    return (named.removesuffix("_g") + " mass" if named.endswith("_g") else named).replace("_", " ")


def _sum(arrays: object) -> NDArray[np.float64]:
    return np.sum(np.array(list(arrays)), axis=0)  # type: ignore[call-overload]
