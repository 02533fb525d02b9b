"""Activity of microspheres: models, formulas, decay and vials against numbers worked out apart, and a trap of calculators."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from math import exp, hypot, log
from typing import Any

import numpy as np

from locoregional.case import body_surface_m2
from locoregional.physics.dose.constant import CONVENTIONS, dose_constant
from locoregional.procedures.tare.body_surface import body_surface_activity, shunt_reduction
from locoregional.procedures.tare.delivery import Model, respond
from locoregional.procedures.tare.doses import doses
from locoregional.procedures.tare.largest_activity import largest_activity
from locoregional.procedures.tare.limits import LiverFunction, limits_for
from locoregional.procedures.tare.microspheres import activity_at, product, sphere_count
from locoregional.procedures.tare.modified_partition import modified_from_partition
from locoregional.procedures.tare.partition import Partition
from locoregional.procedures.tare.single_compartment import SingleCompartment
from locoregional.procedures.tare.spread import exact, relative
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Radioembolization: activity"
_HAND = "worked from the formula"
_EXACT = "exact solution"
_LAST_DIGIT = 1e-6
_E_C = 1.602176634e-19  # J per eV, by definition of the electronvolt
_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _vectors() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("activity_vectors.toml").read_text(encoding="utf-8"))


def _kg(mass_kg: float) -> Any:
    return exact(1000.0 * mass_kg)


def _model(v: dict[str, Any]) -> Model:
    """Model of a vector: partition where it has a tumour."""
    ends = _kg(v["lung_kg"]), exact(v["lung_shunt"]), exact(v["residual"])
    if "tumour_kg" in v:
        return Partition(_kg(v["tumour_kg"]), _kg(v["normal_kg"]), exact(v["ratio"]), *ends)
    return SingleCompartment(_kg(v["perfused_kg"]), *ends)


def _compartments(vectors: dict[str, Any]) -> Iterator[Row]:
    for v in vectors["compartment"]:
        model = _model(v)
        rate = respond(model, members=2).gy_per_gbq
        for name in ("perfused", "tumour", "normal", "lung"):
            if f"{name}_gy" in v:
                value, wanted = v["activity_gbq"] * rate[name], v[f"{name}_gy"]
                yield Row(TOPIC, f"{v['id']}, {model.name}: dose to {name}", value, wanted, "Gy", _LAST_DIGIT, _HAND)
        target = "tumour" if "tumour_gy" in v else "perfused"
        back = v[f"{target}_gy"] / rate[target]
        name = f"{v['id']}, {model.name}: activity for that dose"
        yield Row(TOPIC, name, back, v["activity_gbq"], "GBq", _LAST_DIGIT, _HAND, "the shunt and the residual divide")


def _identities(vectors: dict[str, Any]) -> Iterator[Row]:
    partitions = [m for m in map(_model, vectors["compartment"]) if isinstance(m, Partition)]
    worst, lost = 0.0, 0.0
    for model in partitions:
        other = modified_from_partition(model)
        ours, theirs = (respond(m, members=2).gy_per_gbq for m in (model, other))
        worst = max(worst, *(abs(theirs[name] / ours[name] - 1.0) for name in ("tumour", "normal")))
        parts = model.parts({name: np.array([number.value]) for name, number in model.inputs.items()})
        lost = max(lost, abs(sum(float(p.share[0]) for p in parts.values()) - 1.0 + model.residual_fraction.value))
    name = "largest relative difference between the two partition models on the same counts"
    yield Row(TOPIC, name, worst, 0.0, "1", 1e-12, _EXACT, "ratio of concentrations against ratio of activities")
    yield Row(TOPIC, "shares of all compartments less what left the vial, worst", lost, 0.0, "1", 1e-12, _EXACT)
    even = Partition(_kg(0.4), _kg(0.9), exact(1.0), _kg(1.0), exact(0.05), exact(0.01))
    whole = SingleCompartment(_kg(1.3), _kg(1.0), exact(0.05), exact(0.01))
    name = "partition model with a ratio of 1 against the single compartment, tumour dose per GBq"
    tumour, perfused = respond(even, members=2).gy_per_gbq["tumour"], respond(whole, members=2).gy_per_gbq["perfused"]
    yield Row(TOPIC, name, tumour, perfused, "Gy", 1e-12 * perfused, _EXACT)


def _constants() -> Iterator[Row]:
    printed = {"conventional": 49.673, "icrp107": 49.771, "ddep": 49.376, "label": 49.963}
    for name, (energy_mev, half_life_h) in CONVENTIONS.items():
        value = 1e15 * energy_mev * _E_C * half_life_h * 3600.0 / log(2.0)
        note = f"in use: {float(dose_constant(name)):g}"
        yield Row(
            TOPIC,
            f"constant of {energy_mev:g} MeV and {half_life_h:g} h ({name})",
            value,
            printed[name],
            "Gy*kg/GBq",
            1e-3,
            _HAND,
            note,
        )
    dose = float(dose_constant()) * 0.61
    yield Row(TOPIC, "lung dose of 0.61 GBq in 1 kg, the limit for glass", dose, 30.3, "Gy", 0.05, _HAND)
    response = respond(Partition(_kg(0.3), _kg(1.5), exact(20.0), _kg(1.2), exact(0.18)), members=2)
    found = largest_activity(response, limits_for("glass", LiverFunction(bilirubin_umol_l=10.0), "whole liver"))
    value = (found.activity_gbq or 0.0) * 0.18
    yield Row(TOPIC, "activity in the lungs where that limit binds", value, 0.61, "GBq", 1e-12, "therasphere_label")


def _traps() -> Iterator[Row]:
    shunt = 0.08
    rate = respond(SingleCompartment(_kg(1.5), _kg(1.0), exact(shunt)), members=2).gy_per_gbq["perfused"]
    right = 120.0 / rate
    multiplied = 120.0 * 1.5 / float(dose_constant()) * (1.0 - shunt)
    note = "a public calculator multiplies the activity by 1 - L where it must divide: the patient gets less than prescribed"
    name = "trap: activity of such a calculator against ours, lung shunt of 8 %"
    yield Row(TOPIC, name, 100.0 * (multiplied / right - 1.0), -15.4, "%", 0.05, _HAND, note)


def _formulas(vectors: dict[str, Any]) -> Iterator[Row]:
    for v in vectors["body_surface"]:
        height, weight = v["height_cm"], v["weight_kg"]
        tumour, liver = exact(v["tumour_ml"]), exact(v["liver_ml"])

        def gbq(less: float, body: tuple[float, float] = (height, weight), parts: tuple[Any, Any] = (tumour, liver)) -> float:
            found = body_surface_activity(
                height_cm=body[0], weight_kg=body[1], tumour_ml=parts[0], liver_ml=parts[1], reduction_share=less
            )
            return float(found.value or 0.0)

        found = {
            "surface_m2": (body_surface_m2(height_cm=height, weight_kg=weight), "m2", "body surface"),
            "activity_gbq": (gbq(0.0), "GBq", "activity"),
            "reduced_gbq": (gbq(shunt_reduction(exact(v["lung_shunt"]))), "GBq", "activity, reduced as by an older insert"),
        }
        for key, (value, unit, words) in found.items():
            yield Row(TOPIC, f"{v['id']}: {words}", value, v[key], unit, _LAST_DIGIT, _HAND)


def _vials(vectors: dict[str, Any]) -> Iterator[Row]:
    glass, resin = product("glass"), product("resin")
    decay = vectors["decay"]
    for hours, factor in zip(decay["hours"], decay["factor"], strict=True):
        if hours in (-72.0, 24.0, 64.1, 168.0, 288.0):
            value = activity_at(glass, calibrated_gbq=1.0, calibrated=_NOON, infusion=_NOON + timedelta(hours=hours))
            yield Row(TOPIC, f"activity left {hours:g} h after calibration", value, factor, "1", _LAST_DIGIT, _HAND)
    count = (sphere_count(glass, calibrated_gbq=3.0).value or 0.0) / 1e6
    yield Row(TOPIC, "million spheres of glass in 3 GBq", count, 1.2, "1", 1e-9, "wjh2015")
    count = (sphere_count(resin, calibrated_gbq=3.0).value or 0.0) / 1e6
    yield Row(TOPIC, "million spheres of resin in 3 GBq", count, 60.0, "1", 20.0, "wjh2015", "the table says 40 to 80")
    more = 1.0 / activity_at(glass, calibrated_gbq=1.0, calibrated=_NOON, infusion=_NOON + timedelta(days=7))
    yield Row(TOPIC, "spheres per GBq a week after calibration against those at calibration", more, 6.15, "1", 0.01, _HAND)


def _intervals() -> Iterator[Row]:
    """A product of independent log-normal numbers has an interval in closed form."""
    model = SingleCompartment(relative(1500.0, share=0.1), relative(1000.0, share=0.2), exact(0.05))
    response = respond(model, activity_calibration_factor=relative(1.0, share=0.1), members=1024)
    dose = next(d for d in doses(response, activity_gbq=2.0) if d.name == "lung_dose")
    factor = exp(hypot(log(1.2), log(1.1)))
    nominal = float(dose.value or 0.0)
    note = "lung mass to a factor of 1.2 and calibration to one of 1.1; 1024 draws"
    for end, value, wanted in (("lower", dose.low, nominal / factor), ("upper", dose.high, nominal * factor)):
        yield Row(
            TOPIC,
            f"{end} end of the 90 % interval of a lung dose",
            float(value or 0.0),
            wanted,
            "Gy",
            0.01 * wanted,
            _EXACT,
            note,
        )


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Rows of this topic.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    vectors = _vectors()
    yield from _compartments(vectors)
    yield from _identities(vectors)
    progress(0.5, "models")
    yield from _constants()
    yield from _traps()
    yield from _formulas(vectors)
    yield from _vials(vectors)
    yield from _intervals()
    progress(1.0, "activity")
