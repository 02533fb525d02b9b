"""The energies behind the thermal ablations, and the devices of all of them by name."""

from __future__ import annotations

import importlib
import importlib.util
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from locoregional.ablation.device import Device
from locoregional.ablation.device_file import DeviceFile, read_device_file
from locoregional.ablation.energy import Energy
from locoregional.ablation.procedure import Ablation
from locoregional.errors import NotModelled, PlanningError
from locoregional.procedures import found

__all__ = ["describable", "device_named", "energies", "known_devices"]

DESCRIBED = "described"
"""Module of a procedure that makes a device from a file, with its ``device_of`` and its ``EXAMPLE``."""


@cache
def energies() -> dict[str, Energy]:
    """Every energy by the name of its procedure; a new thermal ablation is found like any procedure."""
    return {name: item.energy() for name, item in found().items() if isinstance(item, Ablation)}


def known_devices() -> dict[str, tuple[Energy, Device]]:
    """Every device with its energy, by name.

    Raises
    ------
    PlanningError
        If two energies have a device of the same name.
    """
    known: dict[str, tuple[Energy, Device]] = {}
    for energy in energies().values():
        for name, device in energy.devices().items():
            if name in known:
                raise PlanningError(f"two devices are called {name}", where=energy.name, remedy="Rename one of them.")
            known[name] = (energy, device)
    return known


def device_named(name: str) -> tuple[Energy, Device]:
    """Device by its name, or described in a file (a path that ends in ``.toml``), with its energy.

    Raises
    ------
    PlanningError
        If there is none, naming those that sound like it.
    NotModelled
        If devices of that energy cannot be described in a file.
    """
    if name.endswith(".toml"):
        return _described(read_device_file(Path(name)))
    known = known_devices()
    if name in known:
        return known[name]
    near = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise PlanningError(
        f"no device is called {name!r}", where="device", remedy=f"{meant}Known: {', '.join(known)}; or a file that ends in .toml."
    )


def describable() -> dict[str, str]:
    """Energies whose devices can be described in a file, with an example of such a file."""
    modules = {name: f"{__package__}.{name}.{DESCRIBED}" for name in energies()}
    return {name: importlib.import_module(m).EXAMPLE for name, m in modules.items() if importlib.util.find_spec(m) is not None}


def _described(file: DeviceFile) -> tuple[Energy, Device]:
    if file.energy not in describable():
        raise NotModelled(
            f"devices with the energy {file.energy!r} cannot be described in a file",
            where=file.where("energy"),
            remedy=f"Use one of {', '.join(describable())}.",
        )
    device: Device = importlib.import_module(f"{__package__}.{file.energy}.{DESCRIBED}").device_of(file)
    file.finish()
    return energies()[file.energy], device
