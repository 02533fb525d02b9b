"""CSV files of digitised curves and numbers at risk, and of the individual times rebuilt from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.guyot import IndividualTimes
from locoregional.units import days_to_months

__all__ = ["TIME_UNITS", "Columns", "individual_table", "read_at_risk", "read_curve"]

TIME_UNITS = ("days", "weeks", "months", "years")
"""Units of a time column; its name may say it: ``time_weeks``."""

_TIMES = {"time": "", **{f"time_{unit}": unit for unit in TIME_UNITS}}
_SURVIVAL = ("survival", "survival_percent", "surv", "survival_probability")
_AT_RISK = ("at_risk", "number_at_risk", "numbers_at_risk", "n_at_risk", "n_risk", "nrisk", "n", "patients")
_LARGEST = 1_000_000  # rows; a figure has hundreds


@dataclass(frozen=True)
class Columns:
    """Two columns of a file.

    Attributes
    ----------
    time_months : ndarray of float64, shape (k,)
        First column [months].
    value : ndarray of float64, shape (k,)
        Second column, as written.
    lines : ndarray of int, shape (k,)
        Line of the file that each row stands on.
    unit : str
        ``percent`` where the name of the second column says so, else ``auto``.
    """

    time_months: NDArray
    value: NDArray
    lines: NDArray
    unit: str = "auto"


def read_curve(path: Path, *, time_unit: str = "") -> Columns:
    """Points of a digitised curve from the columns ``time_months`` (or ``time``, ``time_days`` ...) and ``survival``.

    Parameters
    ----------
    path : Path
        CSV with a header; columns may be parted by comma, semicolon (then with decimal commas) or tab.
    time_unit : str
        Unit of a column called ``time``; one of ``TIME_UNITS``.

    Raises
    ------
    EvidenceError
        If the file is no such table; the message names the line.
    """
    return _read(path, _SURVIVAL, time_unit)


def read_at_risk(path: Path, *, time_unit: str = "") -> Columns:
    """Numbers at risk from the columns ``time_months`` (or as for the curve) and ``at_risk``; arguments as for the curve."""
    return _read(path, _AT_RISK, time_unit)


def individual_table(arms: Mapping[str, IndividualTimes]) -> str:
    """CSV text of individual times: ``time_months``, ``event`` (1) or censored (0), ``arm``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("time_months", "event", "arm"))
    for name, times in arms.items():
        for t, e in zip(times.time_months.tolist(), times.event.tolist(), strict=True):
            writer.writerow((f"{t:.6g}", int(e), name))
    return out.getvalue()


def _read(path: Path, names: tuple[str, ...], time_unit: str) -> Columns:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(
            f"the file cannot be read as text: {error}", where=str(path), remedy="Give a CSV file in UTF-8."
        ) from error
    first = text.partition("\n")[0]
    parting = next((c for c in (";", "\t") if c in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=parting)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise EvidenceError(f"the file is no CSV table: {error}", where=str(path), remedy="Save it as CSV.") from error
    wanted = f"time_months,{names[0]}"
    if len(rows) < 2:
        raise EvidenceError("the file has no rows", where=str(path), remedy=f"Write the header {wanted} and one row per point.")
    if len(rows) > _LARGEST:
        raise EvidenceError(f"the file has {len(rows)} rows", where=str(path), remedy="A figure has some hundred points.")
    head = [cell.strip().lower() for cell in rows[0][1]]
    time_at, value_at = (_column(head, known, path, wanted) for known in (tuple(_TIMES), names))
    said = _TIMES[head[time_at]]
    if said and time_unit and said != time_unit:
        remedy = "Leave the option out, or rename the column."
        raise EvidenceError(f"the column {head[time_at]} is said to be in {time_unit}", where=str(path), remedy=remedy)
    unit = said or time_unit
    if not unit:
        remedy = (
            f"Name the column time_months (or {', '.join('time_' + u for u in TIME_UNITS if u != 'months')}), or say the unit."
        )
        raise EvidenceError("the unit of the times is not said", where=str(path), remedy=remedy)
    comma = parting == ";"
    pairs = [[_number(row, at, line, path, comma) for at in (time_at, value_at)] for line, row in rows[1:]]
    table = np.array(pairs)
    lines = np.array([line for line, _ in rows[1:]])
    scale = "percent" if head[value_at].endswith("percent") else "auto"
    return Columns(_months(table[:, 0], unit), table[:, 1], lines, scale)


def _column(head: list[str], known: tuple[str, ...], path: Path, wanted: str) -> int:
    found = [i for i, name in enumerate(head) if name in known]
    if len(found) != 1:
        what = f"{'no' if not found else 'more than one'} column called {' or '.join(known[:3])}"
        raise EvidenceError(what, where=f"{path}, line 1: {', '.join(head)[:80]}", remedy=f"Write the header {wanted}.")
    return found[0]


def _number(row: list[str], at: int, line: int, path: Path, comma: bool) -> float:
    cell = row[at].strip() if at < len(row) else ""
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        what = f"{cell[:40]!r} is no number" if cell else "a cell is empty"
        raise EvidenceError(what, where=f"{path}, line {line}", remedy="Write plain numbers, or delete the row.") from None


def _months(time: NDArray, unit: str) -> NDArray:
    if unit == "months":
        return time
    if unit == "years":
        return time * 12.0
    return np.array([days_to_months(t) for t in time * (7.0 if unit == "weeks" else 1.0)])
