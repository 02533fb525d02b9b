"""Radiofrequency ablation in a cadaver's vertebra: how warm the epidural space and the nerve root become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.zone import Zone
from locoregional.physics.medium import body_temperature_c
from locoregional.physics.properties import properties_of
from locoregional.physics.tissue import tissue
from locoregional.procedures.rfa.devices import Radiofrequency, device
from locoregional.procedures.rfa.electrodes import straight, umbrella
from locoregional.procedures.rfa.energy import ENERGY
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s
from locoregional.validation.row import Row

__all__ = ["Vertebra", "ablate", "lay_vertebra", "probes", "rows"]

TOPIC = "Radiofrequency ablation in a vertebra"
SPACING_MM = 1.0
SHAPE = (64, 90, 80)
MIDDLE = (32, 34, 40)
"""Voxel in the middle of the vertebral body; slices towards the head, rows towards the back."""
LABELS = ("muscle", "bone_cortical", "bone_cancellous", "fat", "csf", "nerve")


@dataclass(frozen=True, eq=False)
class Vertebra:
    """A lumbar vertebra of simple shapes on 1 mm voxels, (slice, row, column).

    Attributes
    ----------
    labels : ndarray of uint8
        Index into :data:`LABELS`.
    epidural, foramen : ndarray of bool
        Fat in the canal behind the body, and the foramen under the pedicle that the needle goes through, root included.
    aim_mm, direction : ndarray of float64, shape (3,)
        Where the middle of the heated length lies, and the way of the needle through the pedicle.
    """

    labels: NDArray[np.uint8]
    epidural: NDArray[np.bool_]
    foramen: NDArray[np.bool_]
    aim_mm: NDArray[np.float64]
    direction: NDArray[np.float64]


def lay_vertebra() -> Vertebra:
    """Vertebra of ``vertebra_facts.toml``, with muscle in a cavity around the place that is aimed at."""
    facts = read_facts(__package__, "vertebra_facts.toml")
    body, canal, pedicle = ({k: float(v) for k, v in facts.section(name).items()} for name in ("body", "canal", "pedicle"))
    z, y, x = (np.arange(n, dtype=float) - m for n, m in zip(SHAPE, MIDDLE, strict=True))
    z, y, x = z[:, None, None], y[None, :, None], x[None, None, :]
    half, depth = 0.5 * body["height"], 0.5 * body["depth"]
    upper = half - 0.5 * pedicle["height"]  # height of the pedicle's middle
    back, side = depth + 0.5 * canal["depth"], 0.5 * (canal["width"] + pedicle["width"])
    column = (2.0 * x / body["width"]) ** 2 + (y / depth) ** 2 < 1.0
    oval = (2.0 * x / canal["width"]) ** 2 + (2.0 * (y - back) / canal["depth"]) ** 2 + 0.0 * z
    wide, deep = canal["width"] + 2.0 * canal["wall"], canal["depth"] + 2.0 * canal["wall"]
    ring = (2.0 * x / wide) ** 2 + (2.0 * (y - back) / deep) ** 2 < 1.0
    bar = (2.0 * (np.abs(x) - side) / pedicle["width"]) ** 2 + (2.0 * (z - upper) / pedicle["height"]) ** 2 < 1.0
    bones = column & (np.abs(z) < half)
    bones = bones | (ring & (y > back) & (np.abs(z - upper) < half)) | (bar & (y > 0.0) & (y < back + 2.0))
    tube = (oval < 1.0) & (y > 0.9 * depth)
    bones = bones & ~(tube & ~column)
    inside = binary_erosion(bones, iterations=round(body["shell"] / SPACING_MM))
    labels = np.zeros(SHAPE, np.uint8)
    labels[bones], labels[inside] = 1, 2
    foramen = (x > 0.5 * canal["width"]) & (x < side + 5.0) & (np.abs(y - depth - 5.0) < 5.0) & (z < upper) & (z > upper - 21.0)
    foramen = foramen & ~bones
    labels[foramen | (tube & ~column)] = 3
    labels[tube & ((x**2 + (y - back) ** 2) < (0.5 * canal["sac"]) ** 2)] = 4
    root = (z - upper + 0.5 * pedicle["height"] + 4.0) ** 2 + (y - depth - 5.0) ** 2 < (0.5 * pedicle["root"]) ** 2
    labels[root & (np.abs(x) > 0.5 * canal["width"]) & (np.abs(x) < side + 5.0)] = 5
    lateral = side - back * np.tan(np.radians(pedicle["angle"]))
    aim, gate = np.array([0.0, 0.0, lateral]), np.array([upper, back, side])
    ball = z**2 + y**2 + (x - lateral) ** 2 < (0.5 * float(facts["cavity.diameter"])) ** 2
    labels[ball & inside] = 0
    direction = (aim - gate) / np.linalg.norm(aim - gate)
    epidural = (labels == 3) & tube & (np.abs(z) < half)
    return Vertebra(labels, epidural, foramen, SPACING_MM * (aim + MIDDLE), direction)


def probes() -> dict[str, tuple[Radiofrequency, float]]:
    """Electrodes of the study and a bipolar one, with the way from their tip back to the middle of what they heat [mm]."""
    probe = read_facts(__package__, "vertebra_facts.toml").section("probe")
    short, radius, bipolar = float(probe["short"]), float(probe["radius"]), device("bipolar-20")
    needle = straight(tip_mm=short, radius_mm=radius)
    array = umbrella(across_mm=float(probe["long"]), tines=int(float(probe["tines"])), tine_radius_mm=float(probe["tine_radius"]))
    ahead = float(np.mean([p[0] for p in array.paths[0]]))
    single = replace(bipolar, name="needle of 10 mm", electrodes=(needle,), channels=(((0, 1.0),),))
    tined = replace(bipolar, name="array of 20 mm", electrodes=(array,), channels=(((0, 1.0),),))
    return {"short": (single, 0.5 * short), "long": (tined, ahead), "bipolar": (bipolar, 10.0)}


def ablate(vertebra: Vertebra, probe: Radiofrequency, *, back_mm: float, start_c: float, time_s: float | None = None) -> Zone:
    """Ablate without blood.

    Parameters
    ----------
    vertebra : Vertebra
        Tissue and way of the needle.
    probe : Radiofrequency
        Electrode; its largest power and its first program are used.
    back_mm : float
        From its tip back to what lies in the middle of the cavity.
    start_c : float
        Temperature at the start and of the surroundings.
    time_s : float, optional
        Another time than that of ``vertebra_facts.toml``.
    """
    found = properties_of(vertebra.labels, tissues={n: tissue(name) for n, name in enumerate(LABELS)})
    minutes = float(read_facts(__package__, "vertebra_facts.toml")["probe.time"])
    tip = vertebra.aim_mm + back_mm * vertebra.direction
    needle = Needle(tuple(map(float, tip)), tuple(map(float, vertebra.direction)))  # type: ignore[arg-type]
    return ENERGY.simulate(
        Job(
            device=probe,
            setting=Setting(probe.max_power_w, minutes_to_s(minutes) if time_s is None else time_s),
            needles=(needle,),
            properties=replace(found, medium=replace(found.medium, perfusion_heat_w_m3k=0.0)),
            spacing_mm=SPACING_MM,
            body_c=start_c,
            law=ENERGY.law,
        )
    )


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on a cadaver's vertebra.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    facts, vertebra = read_facts(__package__, "vertebra_facts.toml").section("measured"), lay_vertebra()
    room = float(read_facts("locoregional.ablation")["exvivo.start_temperature"])
    starts = ((body_temperature_c(), "warmed to body temperature"), (room, "at room temperature"))
    cases = [(key, *made, *start) for key, made in probes().items() for start in starts]
    for done, (key, probe, back_mm, start_c, words) in enumerate(cases):
        progress(done / len(cases), f"{probe.name}, {words}")
        zone = ablate(vertebra, probe, back_mm=back_mm, start_c=start_c)
        for place, where in (("epidural", vertebra.epidural), ("foramen", vertebra.foramen)):
            fact = facts[f"{place}_{'long' if key == 'bipolar' else key}"]
            mean, spread = (float(v) for v in fact.value)
            ours = zone.extreme_c[where]
            note = (
                f"hottest voxel there (mean {float(ours.mean()):.1f} C); {zone.trace['power_w'][-1]:.1f} W at the end; "
                f"shapes, cavity, program (70 C, 20 W, 10 min) and start temperature assumed, "
                f"place of the sensors not stated"
            )
            if key == "bipolar":
                note += "; the study's electrode was an array"
            tolerance = inf if key == "bipolar" else spread
            yield Row(
                TOPIC, f"{probe.name}, cadaver {words}: {place}", float(ours.max()), mean, "C", tolerance, fact.source, note
            )
