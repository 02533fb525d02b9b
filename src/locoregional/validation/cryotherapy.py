"""Freezing against exact solutions, and cryoprobes against measured ice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from locoregional.ablation.band import ensemble
from locoregional.procedures.cryo.energy import ENERGY
from locoregional.progress import Progress, silent
from locoregional.validation.cryo_cases import phantom, pig, section
from locoregional.validation.freezing_problems import freeze_line, freeze_wall
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Cryoablation"
_EXACT = "exact solution"
_SAME = 1.0  # per cent of the exact front
_AXIS_MM = 3.0  # accepted error of an axis
_MEMBERS = 32
_SINGLE = (
    "likely cause: the probe of the paper takes up less heat than assumed; its temperature and heat flow are not in the "
    "abstract, and those of other argon probes stand in"
)
_PIG = (
    "Phases of freezing within the time are not in the abstract: one freeze is taken. Active length, temperature and heat "
    "flow of the probe are estimates; perfusion of the kidney spans a factor of 19 between sources"
)


def _wall() -> Iterator[Row]:
    for time_s, exact in ((60.0, 8.25326), (600.0, 26.0991)):
        front = freeze_wall(spacing_mm=0.25, time_s=time_s)
        for how, value in (("latent heat", front.by_heat_mm), ("temperature", front.by_temperature_mm)):
            name = f"front before a cold wall (B5, Neumann), {time_s:g} s, by its {how}"
            yield Row(TOPIC, name, value, exact, "mm", 0.01 * _SAME * exact, _EXACT, "0.25 mm voxels")
    errors = [abs(freeze_wall(spacing_mm=h, time_s=600.0).by_heat_mm - 26.0991) for h in (2.0, 1.0, 0.5, 0.25)]
    order = float(np.log2(errors[0] / errors[-1])) / (len(errors) - 1)
    off = ", ".join(f"{e:.3f}" for e in errors)
    note = f"front off by {off} mm at 2, 1, 0.5 and 0.25 mm; a front that moves from voxel to voxel promises 1"
    yield Row(TOPIC, "order of convergence of the front in space, 2 to 0.25 mm", order, 2.0, "1", 1.0, _EXACT, note)


def _line() -> Iterator[Row]:
    for time_s, spacing_mm, exact in ((1.0, 0.1, 1.86061), (10.0, 0.2, 5.88377)):
        front = freeze_line(spacing_mm=spacing_mm, time_s=time_s)
        for how, value in (("latent heat", front.by_heat_mm), ("temperature", front.by_temperature_mm)):
            name = f"front around a line sink (B4, Stefan), {time_s:g} s, by its {how}"
            yield Row(TOPIC, name, value, exact, "mm", 0.01 * _SAME * exact, _EXACT, f"{spacing_mm:g} mm voxels")
        energy = front.run.energy
        spent = energy.stored_j + energy.latent_j + energy.boundary_j + energy.perfused_j + energy.sink_j
        name = f"energy of a freezing run, {time_s:g} s"
        yield Row(
            TOPIC, name, spent, energy.injected_j, "J", 0.005 * abs(energy.injected_j), _EXACT, f"{energy.latent_j:.2f} J latent"
        )


def _phantoms() -> Iterator[Row]:
    """Littrup 2009: agar at 39 C, 15 min, probes 2 cm apart."""
    source, lethal_c = "littrup2009cryo", -30.0
    places = {"1 probe": 1, "2 probes": 2, "3 probes": 3, "4 probes": 4}
    measured = {"1 probe": (12.0, 13.0), "2 probes": (33.0, 46.0), "3 probes": (41.0, 51.0), "4 probes": (49.0, 56.0)}
    widths = {}
    for words, count in places.items():
        zone = phantom("littrup-24", count=count, apart_mm=20.0, time_min=15.0, gel_c=39.0)
        lethal, ice = section(zone, at_c=lethal_c), section(zone, at_c=0.0)
        diameter, share = measured[words]
        name, note = f"agar at 39 C, 15 min, 2.4 mm, {words}", _SINGLE if count == 1 else ""
        yield Row(TOPIC, f"{name}: diameter below -30 C", lethal.diameter_mm, diameter, "mm", _AXIS_MM, source, note)
        value = 100.0 * lethal.area_mm2 / ice.area_mm2
        yield Row(TOPIC, f"{name}: share of the ice below -30 C", value, share, "%", 10.0, source, note)
        behind = ice.reach_mm - lethal.reach_mm
        words_behind = "measured: below 1 cm"
        yield Row(TOPIC, f"{name}: -30 C behind the edge of the ice", behind, 5.0, "mm", 5.0, source, words_behind)
        widths[count] = lethal
    for count in (1, 2):
        thin = section(phantom("littrup-17", count=count, apart_mm=20.0, time_min=15.0, gel_c=39.0), at_c=lethal_c)
        name = f"1.7 mm against 2.4 mm, {count} probe{'s' * (count > 1)}"
        note = "measured: mean over all arrangements; heat flow taken in proportion to the diameter"
        ratio = 100.0 * thin.diameter_mm / widths[count].diameter_mm
        yield Row(TOPIC, f"{name}: diameter below -30 C", ratio, 84.0, "%", 10.0, source, note)
        ratio = 100.0 * thin.area_mm2 / widths[count].area_mm2
        yield Row(TOPIC, f"{name}: area below -30 C", ratio, 71.0, "%", 10.0, source, note)
    zone = phantom("icerod", count=2, apart_mm=15.0, time_min=10.0, gel_c=37.0)
    cold, ice = (section(zone, at_c=at_c, outermost_mm=7.5) for at_c in (-40.0, 0.0))
    name, source = "gel at 37 C, 2 probes 17 gauge 15 mm apart, 10 min", "shah2016cryo"
    note = "the abstract pools 1 to 4 probes of 17 and 10 gauge and gives no time; one of its arrangements is taken"
    yield Row(TOPIC, f"{name}: -40 C beyond the probe", cold.reach_mm, 10.0, "mm", _AXIS_MM, source, note)
    yield Row(
        TOPIC, f"{name}: -40 C behind the edge of the ice", ice.reach_mm - cold.reach_mm, 10.0, "mm", _AXIS_MM, source, note
    )


def _pigs() -> Iterator[Row]:
    """Visica2 in living pigs, n = 8, 4 and 4; necrosis after three days."""
    measured = {
        ("liver", 4.0): ((38.0, 15.0), (17.0, 17.0), 3.0),
        ("kidney", 4.0): ((30.0, 5.0), (20.0, 17.0), 4.0),
        ("kidney", 12.0): ((32.0, 5.0), (31.0, 19.0), 8.0),
    }
    inside = []
    for (tissue, time_min), ((long_mm, long_sd), across, across_sd) in measured.items():
        job = pig(tissue, time_min=time_min)
        size = ENERGY.simulate(job).size
        band = ensemble(ENERGY, (job,), members=_MEMBERS, seed=1)
        wide = float(np.sqrt(across[0] * across[1]))
        for what, value, reference, sd, axis in (
            ("long axis", size.long_mm, long_mm, long_sd, "long_mm"),
            ("across", size.short_mm, wide, across_sd, "short_mm"),
        ):
            low, _, high = band.interval(axis)
            inside.append(low <= reference <= high)
            note = f"measured SD {sd:g} mm; 90 % band {low:.0f} to {high:.0f} mm from {_MEMBERS} runs. {_PIG}"
            name = f"Visica2 in living pig {tissue}, {time_min:g} min: {what}"
            yield Row(TOPIC, name, value, reference, "mm", _AXIS_MM, "visica2pigs", note)
    share = 100.0 * float(np.mean(inside))
    note = f"{len(inside)} axes; aim 80 %"
    yield Row(TOPIC, "measured means within the 90 % band, Visica2", share, 100.0, "%", 20.0, "visica2pigs", note)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on cold.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    for done, topic, words in (
        (0.0, _wall, "ice against exact solutions"),
        (0.1, _line, "ice against exact solutions"),
        (0.2, _phantoms, "ice in phantoms"),
        (0.7, _pigs, "ice in pigs"),
    ):
        progress(done, words)
        yield from topic()
