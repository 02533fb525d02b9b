"""Made-up outcomes of the three energies in the made-up patient: shapes and numbers set by hand, nothing simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from made_patient import ENTRY, TARGET

from locoregional.ablation.dissection import Dissection
from locoregional.case import ArrayStore, Case, Lesion, Needle, Option, Organ, Outcome, Patient, Plan, Quantity, Verdict
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.imaging.volume import Volume
from locoregional.procedures.cryo.settings import Settings as CryoSettings
from locoregional.procedures.mwa.settings import Settings as MwaSettings
from locoregional.procedures.rfa.settings import Settings as RfaSettings

DATE = datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
AXIS = (TARGET - ENTRY) / np.linalg.norm(TARGET - ENTRY)
ASIDE = np.cross(AXIS, [0.0, 0.0, 1.0]) / np.linalg.norm(np.cross(AXIS, [0.0, 0.0, 1.0]))
UP = np.cross(ASIDE, AXIS)


def capsule(places, tip, *, ahead, behind, radius):
    """Signed depth [mm] inside a capsule along the needle axis that ends at a tip."""
    rel = places - tip
    along = rel @ AXIS
    t = np.clip(along, -behind + radius, ahead - radius)
    return radius - np.linalg.norm(rel - t[..., None] * AXIS, axis=-1)


@dataclass(frozen=True)
class Spot:
    """Where an applicator lies beside the axis, how deep, and what its zone measures."""

    aside_mm: float
    up_mm: float = 0.0
    deeper_mm: float = 8.0
    radius_mm: float = 13.0


def needle(spot, number, of):
    shift = spot.aside_mm * ASIDE + spot.up_mm * UP
    entry, tip = ENTRY + shift, TARGET + spot.deeper_mm * AXIS + shift
    first = f"Applicator {number} of {of}: parallel to the first, {np.hypot(spot.aside_mm, spot.up_mm):.0f} mm beside it."
    words = (first if of > 1 else "right intercostal",)
    numbers = (
        Quantity("depth", "skin to tip", float(np.linalg.norm(tip - entry)), "mm"),
        Quantity("axial_angle", "in the axial plane: 59 degrees from vertical, hub towards the patient's right", 59.0, "deg"),
        Quantity("craniocaudal_angle", "out of the axial plane, positive towards the head", -14.0, "deg"),
        Quantity("entry_table", "table position (LPS z) of the skin entry", float(entry[2]), "mm"),
        Quantity("coverage_5mm", "chance to cover the lesion with 5 mm", 84.0, "%", 80.0, 88.0, level=0.95),
        Quantity("clearance_gallbladder", "needle axis to gallbladder", 21.0 + number, "mm"),
    )
    return Needle(tuple(map(float, entry)), tuple(map(float, tip)), words, numbers)


def received(cold):
    """Quantities of structures as the simulation names them."""
    hot = (("bowel", 47.2, 260.0, 60.0, True), ("gallbladder", 43.1, 3.0, 22.0, False), ("skin", 37.2, 0.1, 0.0, False))
    froze = (("nerve", 4.0, None, 88.0, True), ("skin", 12.0, None, 3.0, False), ("bowel", -6.0, None, 100.0, True))
    out = []
    for name, extreme, dose, share, alert in froze if cold else hot:
        keys = (f"ablation:{name}.{'cold' if cold else 'hot'}", *(() if cold else (f"ablation:{name}.dose",)))
        word = "lowest" if cold else "peak"
        out.append(Quantity(f"{word}_{name}", f"{word} temperature in {name}", extreme, "C", sources=keys))
        if dose is not None:
            out.append(Quantity(f"dose_{name}", f"heat dose of {name}", dose, "min", sources=keys))
        verdict = "ALERT" if alert else "close to the limit" if extreme > 42 and not cold else "below every limit"
        out.append(Quantity(f"alert_{name}", f"{verdict}: {name}: made up", float(alert), "1", sources=keys))
        out.append(
            Quantity(f"alert_share_{name}", f"model runs that raise an alert for {name}", share, "%", method="32 model runs")
        )
        out.append(Quantity(f"death_{name}", f"model runs in which some of {name} dies", share / 2, "%", method="32 model runs"))
    return tuple(out)


def traces(kind, count, time_s):
    if kind == "cryo":
        t = np.linspace(0, 1500, 300)
        freeze = (t < 600) | (t > 900)
        out = {"time_s": t}
        for n in range(1, count + 1):
            out[f"probe_c_{n}"] = np.where(freeze, -150 + 30 * np.exp(-t / 60), -20 - 0.05 * (900 - t)) + 2 * n
            out[f"cooling_w_{n}"] = np.where(freeze, 28 + 40 * np.exp(-(t % 900) / 120), 0.0) + n
    elif kind == "rfa":
        t = np.arange(0, time_s, 2.0)
        rest = (t > 120) & ((t % 45) < 15)
        out = {
            "time_s": t, "power_w": np.where(rest, 10.0, np.minimum(200, 40 + t)),
            "impedance_ohm": 72 - t / 60 + 25 * ((t % 45) > 42),
            "tip_c": 20 + 55 * (1 - np.exp(-t / 90)), "current_a": np.where(rest, 0.3, 1.5),
        }  # fmt: skip
    else:
        t = np.array([0, 6, 12, 30, 60, 90, 150, 240, 420, time_s - 20.0])
        out = {
            "time_s": t, "absorbed_w": count * (52 - 12 * np.exp(-t / 60)), "reflected_share": 0.05 + 0.1 * t / time_s,
            "hottest_c": 37 + 100 * (1 - np.exp(-t / 40)),
        }  # fmt: skip
    return {name: tuple(map(float, values)) for name, values in out.items()}


def made_ablation(patient, kind, *, together=True, palliative=False):
    """Case with a plan, an outcome and a verdict of one energy: rfa (1 needle), mwa (3) or cryo (2)."""
    store = ArrayStore()
    spots = {
        "rfa": (Spot(0.0, radius_mm=17.0),),
        "mwa": (Spot(-8.0, -5.0), Spot(8.0, -5.0), Spot(0.0, 9.0)),
        "cryo": (Spot(-8.0), Spot(9.0)),
    }
    spots = spots[kind]
    organ = Organ.SOFT_TISSUE if kind == "cryo" else Organ.LIVER
    grid = isotropic_grid_around(TARGET, size_mm=90.0, spacing_mm=1.5)
    p = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    tips = [TARGET + s.deeper_mm * AXIS + s.aside_mm * ASIDE + s.up_mm * UP for s in spots]
    level = np.max([capsule(p, t, ahead=7.0, behind=34.0, radius=s.radius_mm) for t, s in zip(tips, spots, strict=True)], axis=0)
    chance = np.round(np.clip(0.5 + level / 6.0, 0, 1), 2).astype(np.float32)
    frame = {"frame_of_reference": patient.ct.frame_of_reference}
    kept = lambda array, unit="": store.put(Volume(array, grid.affine, unit, **frame))  # noqa: E731
    maps = {"probability": kept(chance), "zone": kept(level > 0)}
    if kind == "cryo":
        maps |= {
            "ice": kept(level > -4.5),
            "minus20": kept(level > 0),
            "minus40": kept(level > 4.0),
            "lowest_temperature": kept((-20 - 5 * level).astype(np.float32), "C"),
        }
    else:
        maps["peak_temperature"] = kept((60 + 3 * level).astype(np.float32), "C")
    names = ("body", "bone", "liver", "gallbladder")
    structures = {name: store.put(patient.masks[name]) for name in names if not (kind == "cryo" and name == "liver")}
    lesion = Lesion("L1", organ, 26.0, tuple(map(float, TARGET)), store.put(patient.masks["lesion"]), "mask", approved=True)
    common = {
        "needle_length_mm": 150.0,
        "margin_goal_mm": 6.0,
        "expected_long_mm": 41.0,
        "expected_short_mm": 30.0,
        "expected_ahead_mm": 7.0,
        "together": together,
    }
    settings = {
        "rfa": lambda: RfaSettings(device="cooltip-single-30", power_w=200.0, time_s=720.0, program="impedance", **common),
        "mwa": lambda: MwaSettings(device="amica-14g", power_w=60.0, time_s=600.0, dissections=(Dissection("colon"),), **common),
        "cryo": lambda: CryoSettings(device="iceforce", power_w=0.0, time_s=1500.0, program="10-5-10", **common),
    }[kind]()
    dialled = settings.setting
    tail = f"_{dialled.program}" if dialled.program else ""
    words = "{}: zone 41 x 30 mm, 20 ml, 4 mm around the lesion; chance that one applicator covers the lesion with 5 mm"
    listed = (
        Quantity(f"setting_{dialled.power_w:g}w_{dialled.time_s:g}s{tail}", words.format(dialled.words), 84.0, "%"),
        Quantity(f"setting_{dialled.power_w:g}w_300s{tail}", words.format("the shorter one"), 21.0, "%"),
        Quantity(
            "coverage_5mm", "chance to cover the lesion with 5 mm, all applicators together", 84.0, "%", 80.0, 88.0, level=0.95
        ),
        *((Quantity("least_spacing", "least distance between two applicators", 15.0, "mm"),) if len(spots) > 1 else ()),
    )
    needles = tuple(needle(s, i, len(spots)) for i, s in enumerate(spots, 1))
    plan = Plan(
        f"plan-L1-{kind}-1", "L1", kind, True, needles, settings, ("A way in was found.",), (needle(spots[0], 1, 1),), ("colon",),
        quantities=listed, date=DATE,
    )  # fmt: skip
    sizes = (
        Quantity("long_axis", "zone along the needle", 41.0, "mm", 38.0, 45.0),
        Quantity("volume", "volume of the zone", 24.0, "ml", 19.0, 30.0),
    )
    outcome = Outcome(
        f"predicted-L1-{kind}-1", plan.id, "L1", kind, True, maps, (*sizes, *received(kind == "cryo")), ("32 runs",),
        reference_tumour=lesion.mask, traces=traces(kind, len(spots), settings.time_s), date=DATE,
    )  # fmt: skip
    margin = Quantity("minimal_margin", "minimal ablative margin", 3.2, "mm", 1.0, 5.5)
    verdict = Verdict(
        outcome.id, "L1", kind, None, ("Predicted minimal margin 3.2 mm: too close to call.",), (margin,), date=DATE
    )
    option = Option("L1", kind, "possible", "Possible.", ())
    return Case(
        Patient("P1", 72.0, "F"), lesions=(lesion,), images={"planning": store.put(patient.ct)}, structures=structures,
        origins=dict.fromkeys(structures, "given"), course=(option, plan, outcome, verdict), store=store,
    )  # fmt: skip


def bare(case):
    """The same case as an older chart holds it: no traces, no numbers, no ice."""
    told = [
        replace(e, maps={k: v for k, v in e.maps.items() if k in ("probability", "zone")}, quantities=(), traces={})
        if isinstance(e, Outcome)
        else e
        for e in case.course
    ]
    return replace(case, course=tuple(told))
