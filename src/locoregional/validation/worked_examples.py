"""Published meta-analyses, recomputed: how many of their printed numbers come out to every printed digit."""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from math import nan
from pathlib import Path
from typing import Any

from locoregional.progress import Progress, silent
from locoregional.validation.row import Row, not_run
from locoregional.validation.worked_calculations import CALCULATIONS

__all__ = ["examples", "half_digit", "missed", "rows"]

TOPIC = "Published meta-analyses"


def rows(progress: Progress = silent) -> Iterator[Row]:
    """One row per example; those on tables that are not printed in their paper need ``LOCOREGIONAL_DATA``.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        Printed numbers that come out to every printed digit, beside how many there are.
    """
    known = examples()
    for i, (name, example) in enumerate(known.items()):
        progress(i / len(known), "published meta-analyses")
        data = _data(example)
        label = f"{example['words']} ({example['where']})"
        if data is None:
            yield not_run(TOPIC, label, "needs the folder of public tables: --data or LOCOREGIONAL_DATA", example["source"])
            continue
        ours, answers = CALCULATIONS[name](data), example["answers"]
        wrong = missed(ours, answers)
        notes = [f"{key} {ours.get(key, nan):.6g}, printed {answers[key]}" for key in wrong] + _shown(ours, example)
        agree = float(len(answers) - len(wrong))
        yield Row(TOPIC, label, agree, float(len(answers)), "1", 0.0, example["source"], "; ".join(notes))
    progress(1.0, "published meta-analyses")


def examples() -> dict[str, dict[str, Any]]:
    """Examples by name, as ``worked_answers.toml`` holds them."""
    text = resources.files("locoregional.validation").joinpath("worked_answers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def half_digit(text: str) -> float:
    """Half a unit of the last printed digit."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


def missed(ours: Mapping[str, float], answers: Mapping[str, str]) -> list[str]:
    """Names of the printed numbers that ours, rounded, do not reproduce."""
    return [key for key, text in answers.items() if not abs(ours.get(key, nan) - float(text)) <= half_digit(text) + 1e-9]


def _shown(ours: Mapping[str, float], example: Mapping[str, Any]) -> list[str]:
    """Printed numbers that are not counted, by reason."""
    by_reason: dict[str, list[str]] = {}
    for key, (text, why) in example.get("differs", {}).items():
        by_reason.setdefault(why, []).append(f"{key} {ours[key]:.{len(text.partition('.')[2])}f} (printed {text})")
    return [f"not counted: {', '.join(which)}: {why}" for why, which in by_reason.items()]


def _data(example: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Input of an example: printed with it, or a public table; None where that is not here."""
    if "data" in example:
        data: Mapping[str, Any] = example["data"]
        return data
    path = Path(os.environ.get("LOCOREGIONAL_DATA", "")) / "clinical-gpl" / f"{example['table']}.csv"
    if "LOCOREGIONAL_DATA" not in os.environ or not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    return {name: [_number(line[name]) for line in read] for name in read[0]}


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
