"""``locoregional devices``: every applicator that is known, with what is known of it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from locoregional.ablation.device import Device
    from locoregional.ablation.energy import Energy

__all__ = ["SCHEMA", "command"]

SCHEMA = "locoregional.devices/1"
"""Name and version of the document; the number changes when a field changes its meaning."""


@click.command(
    "devices",
    epilog="Example: locoregional devices --energy mwa --json devices.json. A file to describe one: locoregional devices "
    "--example mwa > my-device.toml, then locoregional zone my-device.toml",
)
@click.option("--energy", help="Only those of one energy: mwa, rfa or cryo.")
@click.option("--example", help="Print a device file of this energy, to be changed, and stop.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write everything here.")
def command(energy: str | None, example: str | None, json_path: Path | None) -> None:
    """List the applicators: what they are, what they are dialled to, and where their numbers come from."""
    from locoregional.errors import PlanningError
    from locoregional.procedures.energies import describable, energies, known_devices

    for asked, known in ((energy, energies()), (example, describable())):
        if asked is not None and asked not in known:
            raise PlanningError(f"no energy is called {asked!r} here", where="devices", remedy=f"Use one of {', '.join(known)}.")
    if example is not None:
        click.echo(describable()[example].rstrip())
        return
    rows = {n: (e, d) for n, (e, d) in known_devices().items() if energy in (None, e.name)}
    for name, (its, device) in rows.items():
        for line in _lines(name, its, device):
            click.echo(line)
    if json_path is not None:
        from locoregional.imaging.atomic import atomic_path

        document = {"schema": SCHEMA, "devices": [_document(e, d) for e, d in rows.values()]}
        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")


def _lines(name: str, energy: Energy, device: Device) -> list[str]:
    shaft = f"{device.gauge} gauge, " if device.gauge else ""
    count = Counter(f.status for f in device.facts)
    together = f", up to {device.together} at once" if device.together > 1 else ""
    return [
        f"{name}  [{energy.name}]  {device.words}",
        f"    shaft {shaft}{device.diameter_mm:.1f} mm; lengths {', '.join(f'{v:g}' for v in device.lengths_mm)} mm{together}",
        f"    settings {_settings(device)}",
        f"    facts {', '.join(f'{n} {s}' for s, n in sorted(count.items()))}; "
        f"from {', '.join(dict.fromkeys(f.source for f in device.facts))}",
        *(f"    caveat: {words}" for words in device.caveats),
    ]


def _settings(device: Device) -> str:
    from locoregional.units import minutes_to_s

    powers = dict.fromkeys(f"{s.power_w:g}" for s in device.settings if s.power_w)
    times = dict.fromkeys(f"{s.time_s / minutes_to_s(1.0):g}" for s in device.settings)
    programs = dict.fromkeys(s.program for s in device.settings if s.program)
    parts = [f"{', '.join(powers)} W"] if powers else []
    parts.append(f"{', '.join(times)} min")
    if programs:
        parts.append(f"programs {', '.join(programs)}")
    return "; ".join(parts)


def _document(energy: Energy, device: Device) -> dict[str, Any]:
    from locoregional.ablation.chart_json import fact_document

    return {
        "name": device.name,
        "energy": energy.name,
        "words": device.words,
        "diameter_mm": device.diameter_mm,
        "gauge": device.gauge,
        "lengths_mm": list(device.lengths_mm),
        "settings": [{"power_w": s.power_w, "time_s": s.time_s, "program": s.program} for s in device.settings],
        "max_power_w": device.max_power_w,
        "longest_s": device.longest_s,
        "together": device.together,
        "facts": [fact_document(f) for f in device.facts],
        "caveats": list(device.caveats),
    }
