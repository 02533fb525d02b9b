"""The answer of a chart as a JSON document and as lines of text."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from locoregional.ablation.chart import COARSE_MM, FINE_MM, MEASURES, Chart, Outline
from locoregional.sources import Sourced
from locoregional.units import minutes_to_s
from locoregional.version import __version__

__all__ = ["SCHEMA", "chart_caveats", "chart_document", "chart_lines", "fact_document"]

SCHEMA = "locoregional.zone/1"
"""Name and version of the document; the number changes when a field changes its meaning."""
RESEARCH_ONLY = "Research software: not a medical device, not for clinical decisions."
LEVEL = 0.9
_HEAT = ("long_mm", "short_mm", "volume_ml", "contracted_long_mm", "contracted_short_mm", "contracted_volume_ml", "ahead_mm")
_COLD = ("long_mm", "short_mm", "volume_ml", "ahead_mm")
_WORDS = {
    "long_mm": "along the needle", "short_mm": "across the needle", "volume_ml": "volume",
    "contracted_long_mm": "along, contracted", "contracted_short_mm": "across, contracted",
    "contracted_volume_ml": "volume, contracted", "ahead_mm": "beyond the tip",
}  # fmt: skip


def fact_document(fact: Sourced) -> dict[str, Any]:
    """A fact as plain JSON."""
    value = list(fact.value) if isinstance(fact.value, tuple) else fact.value
    return {**asdict(fact), "value": value}


def chart_caveats(chart: Chart) -> tuple[str, ...]:
    """What is borrowed, assumed or left out."""
    asked = chart.question
    words = list(asked.device.caveats)
    if asked.organ != "liver":
        ranges = "but for its perfusion, ranges behind the band are those of liver, as shares of the value"
        words.append(f"{asked.organ.replace('_', ' ')}: {ranges}")
        if chart.energy.lethal == "heat":
            words.append("contraction was measured in liver and is assumed elsewhere")
    words.append("homogeneous tissue: no vessels, no border of the organ, no tumour")
    return tuple(words)


def chart_document(chart: Chart) -> dict[str, Any]:
    """Answer for JSON.

    Returns
    -------
    dict
        Lengths in mm, volumes in ml, power in W, time in min, heat in J, shares 0..1; intervals hold 90 % of the runs.
    """
    asked, zone = chart.question, chart.zone
    measures = MEASURES if chart.energy.lethal == "heat" else _COLD
    members = len(chart.outlines[0].members)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "research_only": RESEARCH_ONLY,
        "energy": chart.energy.name,
        "device": {"name": asked.device.name, "words": asked.device.words, "caveats": list(asked.device.caveats)},
        "setting": {
            "power_w": asked.setting.power_w,
            "time_min": asked.setting.time_s / minutes_to_s(1.0),
            "program": asked.setting.program,
        },
        "tissue": {
            "organ": asked.organ,
            "modelled_as": asked.tissue,
            "perfused": asked.perfused,
            "perfusion_ml_100g_min": asked.perfusion_ml_100g_min,
            "start_c": chart.job.body_c,
        },
        "applicators": {"number": asked.applicators, "apart_mm": asked.apart_mm},
        "damage_law": chart.energy.law,
        "interval_level": LEVEL,
        "members": members,
        "outlines": {
            outline.name: {"words": outline.words, **{name: _measure(outline, name) for name in measures}}
            for outline in chart.outlines
        },
        "voxels_mm": {"nominal": FINE_MM, "members": COARSE_MM},
        "energy_balance": asdict(zone.energy),
        "extreme_c": float(zone.extreme_c.max() if chart.energy.lethal == "heat" else zone.extreme_c.min()),
        "influences": {name: [asdict(i) for i in found] for name, found in chart.influences.items()},
        "trace": {name: list(values) for name, values in zone.trace.items()},
        "events": list(zone.words),
        "warnings": list(chart.warnings),
        "caveats": list(chart_caveats(chart)),
        "facts": [fact_document(f) for f in chart.facts],
    }


def _measure(outline: Outline, name: str) -> dict[str, Any]:
    band = outline.interval(name, share=LEVEL)
    return {
        "value": float(getattr(outline.size, name)),
        "interval": None if band is None else list(band),
        "refinement": float(outline.refinement(name)),
    }


def chart_lines(chart: Chart) -> list[str]:
    """What a reader needs, one line each."""
    asked, zone = chart.question, chart.zone
    hot = chart.energy.lethal == "heat"
    many = f"{asked.applicators} applicators {asked.apart_mm:g} mm apart, " if asked.applicators > 1 else ""
    lines = [
        f"{asked.device.name}: {asked.device.words}",
        f"{many}{asked.setting.words}{' each' if many else ''}, {_tissue_words(chart)}",
        "",
        f"{'':24}{'nominal':>10}   {'90 % of runs':<18}{'voxels':>8}",
    ]
    for outline in chart.outlines:
        lines.append(outline.words)
        for name in _HEAT if hot else _COLD:
            unit = "ml" if name.endswith("_ml") else "mm"
            band = outline.interval(name, share=LEVEL)
            told = "" if band is None else f"{band[0]:.1f} to {band[1]:.1f} {unit}"
            value = getattr(outline.size, name)
            lines.append(f"  {_WORDS[name]:22}{value:10.1f} {unit}  {told:<17} +-{outline.refinement(name):.1f}")
    books = zone.energy
    extreme = f"hottest {zone.extreme_c.max():.0f} C" if hot else f"coldest {zone.extreme_c.min():.0f} C"
    lines += [
        "",
        f"voxels: change from {COARSE_MM:g} to {FINE_MM:g} mm voxels; {extreme}; damage law {chart.energy.law.replace('_', ' ')}",
        f"heat: {abs(books.injected_j) / 1e3:.1f} kJ {'into' if hot else 'out of'} tissue, "
        f"{100 * books.residual_share:.2g} % unaccounted for",
    ]
    for name, found in chart.influences.items():
        told = ", ".join(f"{i.name.replace('_', ' ')} {i.weight:.1f} ({i.slope:+.1f}, sd {i.spread:.1f})" for i in found[:4])
        lines.append(f"drives {_WORDS[name]} [{'ml' if name.endswith('_ml') else 'mm'} over its range]: {told}")
    counted = Counter(f.status for f in chart.facts)
    lines.append("facts: " + ", ".join(f"{counted[s]} {s}" for s in ("verified", "borrowed", "unverified") if counted[s]))
    doubtful = [f for f in asked.device.facts if f.status == "unverified"]
    if doubtful:
        names = ", ".join(dict.fromkeys(f.key.partition(":")[2] for f in doubtful))
        lines.append(f"unverified of the device: {names}")
    lines += [f"event: {words}" for words in zone.words]
    lines += [f"caveat: {words}" for words in chart_caveats(chart)]
    lines += [f"WARNING: {words}" for words in chart.warnings]
    return [*lines, RESEARCH_ONLY]


def _tissue_words(chart: Chart) -> str:
    asked = chart.question
    organ = asked.organ.replace("_", " ")
    if not asked.perfused:
        return f"{organ} ex vivo from {chart.job.body_c:g} C"
    if asked.perfusion_ml_100g_min is not None:
        return f"{organ} perfused at {asked.perfusion_ml_100g_min:g} ml/min/100 g"
    return f"living {organ}"
