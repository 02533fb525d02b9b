"""Arterial trees: flow against analytic networks, and trees found in angiographies of a phantom whose arteries are known."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from math import inf
from typing import Any

import numpy as np

from locoregional.access.arteries.network import Network, solved
from locoregional.progress import Progress, part, silent
from locoregional.validation.artery_trees import Found, found_in_phantom
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Arterial trees"
TRUTH = "grown tree of the phantom"
SCANS = ((5, 0.7, 18.0), (6, 0.8, 18.0), (7, 1.0, 18.0), (8, 1.0, 25.0))
"""Seed, voxel side [mm] and noise [HU] of the angiographies; the settings were chosen on other seeds."""


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Pressures and flows with analytic answers; territories, feeders and tips on phantoms.

    Parameters
    ----------
    progress : Progress
        Told the share of cases done.

    Yields
    ------
    Row
        Ours against the exact or true answer.
    """
    text = resources.files(__package__).joinpath("arteries.toml").read_text(encoding="utf-8")
    numbers = tomllib.loads(text)
    for case in numbers["networks"].values():
        yield _network(case)
    found: list[Found] = []
    for number, (seed, spacing_mm, noise_sd_hu) in enumerate(SCANS):
        step = part(progress, number / len(SCANS), (number + 1) / len(SCANS))
        one = found_in_phantom(seed, spacing_mm=spacing_mm, noise_sd_hu=noise_sd_hu, progress=step)
        found.append(one)
        yield from _phantom(one, f"phantom {seed}, {spacing_mm:g} mm, {noise_sd_hu:g} HU")
    yield from _delivered(found, numbers["delivered"])


def _network(case: dict[str, Any]) -> Row:
    answer = solved(
        Network.of(
            case["vessels"],
            case["resistance"],
            stenosis=case.get("stenosis", 0.0),
            inflow={int(node): flow for node, flow in case["inflow"]},
            outlet={int(node): (resistance, pressure) for node, resistance, pressure in case["outlets"]},
        )
    )
    errors = [abs(answer.pressure[int(node)] / p - 1) for node, p in case["pressure"]]
    errors += [abs(answer.flow[int(vessel)] / q - 1) for vessel, q in case["flow"]]
    name = f"Flow network: {case['words']}, worst relative error"
    return Row(TOPIC, name, float(max(errors)), 0.0, "1", 1e-9, case["source"], "Every pressure and flow that the case states.")


def _phantom(found: Found, name: str) -> Iterator[Row]:
    dice = found.branch_dice
    note = (
        f"Mean over {len(dice)} true branches at least 6 mm long and 1 mm wide, the catheter in the middle of each: organ that "
        f"is downstream against organ that truly is. Median {np.median(dice):.2f}, a tenth below {np.quantile(dice, 0.1):.2f}; "
        f"mean over thinner end branches {found.thin_dice.mean():.2f}. The phantom's ends are equal, which suits no weights."
    )
    yield Row(TOPIC, f"Territory Dice, {name}", float(dice.mean()), 1.0, "1", 0.15, TRUTH, note)
    feeding = (
        f"Feeders are ends that supply a tenth of a lesion or more; {found.feeders_true} true ones of {found.lesions} lesions. "
        "A match may be off by half of that share."
    )
    yield Row(TOPIC, f"Feeder recall, {name}", found.recall, 1.0, "1", 0.1, TRUTH, feeding)
    yield Row(TOPIC, f"Feeder precision, {name}", found.precision, 1.0, "1", 0.1, TRUTH, feeding)
    yield Row(TOPIC, f"Organ left out by the territories, {name}", found.left_out_ml, 0.0, "ml", 1e-9, "exact", "A partition.")
    yield Row(TOPIC, f"Flow shares of all ends less one, {name}", found.flow_share - 1.0, 0.0, "1", 1e-9, "exact")
    note = "Median over the true arteries found of the ratio of radii, less one."
    yield Row(TOPIC, f"Radius, {name}", found.ratio - 1.0, 0.0, "1", 0.1, TRUTH, note)
    note = "Of right gastric, cystic, gastroduodenal and falciform artery: how many are not told as leading out."
    yield Row(TOPIC, f"Arteries to other organs missed, {name}", float(found.missed_out), 0.0, "1", 0.0, TRUTH, note)


def _delivered(found: list[Found], published: dict[str, Any]) -> Iterator[Row]:
    lobar = 100 * float(np.mean([one.lobar_share for one in found]))
    selective = 100 * float(np.mean([one.selective_share for one in found]))
    held = float(np.mean([one.selective_share > one.lobar_share for one in found]))
    note = "Qualitative: in how many phantoms the most selective tip delivers a larger share to the lesion than the lobar artery."
    yield Row(TOPIC, "Lobar delivers less than selective", held, 1.0, "1", 0.0, published["source"], note)
    note = "Another liver, another tumour, and spheres that follow the flow here: reported beside the published number only."
    for name, ours, theirs in (
        ("Delivered to the lesion, lobar", lobar, published["lobar_percent"]),
        ("Delivered to the lesion, selective", selective, published["selective_percent"]),
    ):
        yield Row(TOPIC, name, ours, theirs, "%", inf, published["source"], note)
