"""Damage models against their closed forms, alone and inside the heat solver."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.damage import damage_model, three_state, time_to_cem43_s, time_to_dead_fraction_s, time_to_omega_one_s
from locoregional.physics.medium import Medium
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["held_hot", "rows"]

TOPIC = "Thermal damage"
_SHARE = 1e-3  # a thousandth, of times


def held_hot(temperature_c: float, *, duration_s: float, model: str) -> float:
    """Damage state after the heat solver kept unperfused, insulated tissue at one temperature."""
    medium = Medium(conductivity_w_mk=np.full((4, 4, 4), 0.5), volumetric_heat_capacity_j_m3k=4e6)
    heating = simulate_heating(
        medium,
        source=np.zeros((4, 4, 4)),
        duration_s=duration_s,
        spacing_m=(1e-3, 1e-3, 1e-3),
        initial_temperature_c=temperature_c,
        damage=damage_model(model),
        insulated=True,
        parallel=False,
    )
    assert heating.damage is not None
    return float(heating.damage[2, 2, 2])


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on damage.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    at = (45, 50, 55, 60, 65, 70)
    arrhenius = {
        "arrhenius_liver": (275.64, 61.053, 14.1587, 3.43075, 0.866886, 0.228002),
        "arrhenius_henriques_moritz": (41038.5, 1042.04, 29.5935, 0.935261, 0.0327368, 0.00126348),
    }
    for model, times in arrhenius.items():
        for t, exact in zip(at, times, strict=True):
            value = time_to_omega_one_s(t, model=model)
            yield Row(TOPIC, f"{model} (B9), sum 1 at {t} C", value, exact, "s", _SHARE * exact, "exact solution")
    progress(0.3, "damage models")
    for t, exact in zip(at, (2062.42, 1546.22, 1203.41, 960.104, 779.751, 641.902), strict=True):
        value = time_to_dead_fraction_s(t, fraction=0.8)
        yield Row(
            TOPIC, f"three_state (B10), 80 % dead at {t} C", value, exact, "s", _SHARE * exact, "double-precision reference"
        )
    alive, dead = three_state(60.0, duration_s=600.0)
    yield Row(TOPIC, "three_state (B10), alive after 600 s at 60 C", alive, 0.609892, "1", 1e-4, "double-precision reference")
    yield Row(TOPIC, "three_state (B10), dead after 600 s at 60 C", dead, 0.157097, "1", 1e-4, "double-precision reference")
    for t, exact in ((45, 3600.0), (50, 112.5), (55, 3.515625), (60, 0.109863)):
        value = time_to_cem43_s(t, dose_min=240.0)
        yield Row(TOPIC, f"cem43 (B11), 240 min at {t} C", value, exact, "s", _SHARE * exact, "exact solution")
    progress(0.6, "damage inside the heat solver")
    for model, kept_c, duration_s, exact in (
        ("arrhenius_liver", 50.0, 61.053, 1.0),
        ("arrhenius_henriques_moritz", 55.0, 29.5935, 1.0),
        ("cem43", 50.0, 112.5, 240.0),
        ("three_state", 60.0, 600.0, 0.609892),
    ):
        value = held_hot(kept_c, duration_s=duration_s, model=model)
        unit = "min" if model == "cem43" else "1"
        yield Row(
            TOPIC,
            f"{model} in the solver, {duration_s:g} s at {kept_c:g} C",
            value,
            exact,
            unit,
            _SHARE * exact,
            "exact solution",
        )
    value = 3600.0 / time_to_omega_one_s(37.0, model="arrhenius_liver")
    note = "why damage below the onset is ignored: the bare law kills healthy tissue at rest within the hour"
    yield Row(TOPIC, "arrhenius_liver without onset, sum after 1 h at 37 C", value, 0.0, "1", float("inf"), "computed", note)
