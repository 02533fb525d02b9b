"""Run every comparison with truth from outside; a topic that fails is a row that misses, never silence."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import platform
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from math import nan
from pathlib import Path
from typing import Any

from locoregional.errors import EvidenceError
from locoregional.progress import Progress, part, silent
from locoregional.validation.row import Row, not_run
from locoregional.version import __version__

__all__ = ["Validation", "run", "topics"]

PACKAGE = "locoregional.validation"
QUICK_S = 10.0
"""A quick run leaves a topic after this time; the row under way is finished first."""


@dataclass(frozen=True)
class Validation:
    """Rows of one run, and what they were made with.

    Attributes
    ----------
    rows : tuple of Row
        In the order of the topics.
    words : dict of str to str
        What each heading compares, in a sentence.
    seconds : dict of str to float
        Wall-clock time of each topic [s].
    left_out : tuple of str
        Topics that were not asked for.
    date : datetime
        Start of the run.
    versions : dict of str to str
        Software by name.
    """

    rows: tuple[Row, ...]
    words: dict[str, str]
    seconds: dict[str, float]
    left_out: tuple[str, ...]
    date: datetime
    versions: dict[str, str]

    @property
    def misses(self) -> tuple[Row, ...]:
        """Rows outside their tolerance, failed topics included."""
        return tuple(row for row in self.rows if row.verdict == "misses")

    def as_json(self) -> dict[str, Any]:
        """Everything as plain JSON; numbers that do not exist are null."""

        def finite(number: float) -> float | None:
            return float(number) if abs(number) < float("inf") else None

        rows = [
            {
                "topic": row.topic,
                "name": row.name,
                "value": finite(row.value),
                "reference": finite(row.reference),
                "error": finite(row.error),
                "tolerance": finite(row.tolerance),
                "unit": row.unit,
                "verdict": row.verdict,
                "source": row.source,
                "note": row.note,
            }
            for row in self.rows
        ]
        return {
            "schema": 1,
            "date": self.date.isoformat(),
            "versions": self.versions,
            "seconds": {name: round(value, 2) for name, value in self.seconds.items()},
            "left_out": list(self.left_out),
            "rows": rows,
        }


def topics(package: str = PACKAGE) -> dict[str, str]:
    """Topics by module name, with the first line of what each says of itself; nothing is imported but the package.

    Parameters
    ----------
    package : str
        Dotted name of the folder of topics.
    """
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        origin = getattr(module.module_finder.find_spec(module.name, None), "origin", None)
        try:
            tree = ast.parse(Path(str(origin)).read_text(encoding="utf-8"))
        except SyntaxError as error:
            found[module.name] = f"cannot be read: {error}"
            continue
        if any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body):
            found[module.name] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def run(names: Iterable[str] = (), *, quick: bool = False, package: str = PACKAGE, progress: Progress = silent) -> Validation:
    """Run topics and collect their rows.

    Parameters
    ----------
    names : iterable of str
        Topics to run; all if empty.
    quick : bool
        Leave each topic after ten seconds; what is left out is said in a row.
    package : str
        Dotted name of the folder of topics.
    progress : Progress
        Told which topic runs.

    Returns
    -------
    Validation
        Also where topics failed: each failure is a row that misses.

    Raises
    ------
    EvidenceError
        If a topic is unknown.
    """
    known = topics(package)
    wanted = list(dict.fromkeys(names)) or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise EvidenceError(f"no topic called {', '.join(unknown)}", where=package, remedy=f"Known: {', '.join(known)}.")
    date = datetime.now(UTC).replace(microsecond=0)
    rows: list[Row] = []
    words: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for i, name in enumerate(wanted):
        start = time.perf_counter()
        found = _topic(name, package, quick, part(progress, i / len(wanted), (i + 1) / len(wanted)))
        rows += found
        words.update({row.topic: known[name] for row in found})
        seconds[name] = time.perf_counter() - start
    progress(1.0, "all topics done")
    return Validation(tuple(rows), words, seconds, tuple(n for n in known if n not in wanted), date, _versions())


def _topic(name: str, package: str, quick: bool, progress: Progress) -> list[Row]:
    """Rows of one topic; whatever stops it becomes its last row."""
    title = name.replace("_", " ").capitalize()
    progress(0.0, title)
    rows: list[Row] = []
    start = time.perf_counter()
    try:
        for row in importlib.import_module(f"{package}.{name}").rows(progress):
            rows.append(row)
            if quick and time.perf_counter() - start > QUICK_S:
                rows.append(not_run(row.topic, "further rows", "a quick run leaves each topic after ten seconds"))
                break
    except Exception as error:  # one topic that fails must not hide the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        words = str(error)
        for place, name_of_it in ((os.environ.get("LOCOREGIONAL_DATA"), "DATA"), (str(Path.cwd()), ".")):
            words = words.replace(place, name_of_it) if place else words  # a page for others names no folder of this machine
        note = f"stopped by {type(error).__name__}: {words} ({Path(last.filename).name}, line {last.lineno})"
        rows.append(Row(rows[-1].topic if rows else title, "ran to its end", nan, nan, "", 0.0, "", note))
    return rows or [not_run(title, "all rows", "the topic gave no row: it needs files that are not here")]


def _versions() -> dict[str, str]:
    versions = {"locoregional": __version__, "Python": platform.python_version()}
    for name in ("numpy", "scipy", "numba", "SimpleITK"):
        versions[name] = metadata.version(name)
    return versions
