"""All named pools as one table: the committed snapshot ``tables/pooled.csv``, against which later bases are compared.

``python -m locoregional.evidence.pool_snapshot`` writes it anew from the shipped tables; ``... FILE.csv`` writes elsewhere.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from locoregional.errors import EvidenceError

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.pool_selection import Candidate
    from locoregional.evidence.pooling.pooled import Pooled
    from locoregional.evidence.pools import PoolResult

__all__ = ["PoolLine", "drawn_number", "input_words", "pool_line", "read_snapshot", "snapshot_lines", "write_snapshot"]

_UNITS = {"proportion": (100.0, "%"), "median survival": (1.0, "months"), "mean change": (1.0, "points")}


@dataclass(frozen=True)
class PoolLine:
    """One pool as a line of text cells; what cannot be given, or may not be quoted, is empty.

    Attributes
    ----------
    pool, words, measure, unit, unit_of_analysis : str
        Name, question, measure, unit of the numbers, what was counted.
    k, patients : str
        Series that enter, and their patients.
    method, estimate, low, high, prediction_low, prediction_high, i2_percent : str
        Result; empty where several series may not be pooled.
    glmm, glmm_low, glmm_high : str
        The same by the binomial-normal model, for proportions.
    poolable, reason : str
        ``yes`` or ``no``, and why.
    status, directness, certainty : str
        Of the evidence.
    inputs : str
        Rows with the numbers they give, ``O003=13/52|O105=8/69``.
    aside : str
        Rows of the same question that do not enter.
    """

    pool: str
    words: str
    measure: str
    unit: str
    unit_of_analysis: str
    k: str
    patients: str
    method: str
    estimate: str
    low: str
    high: str
    prediction_low: str
    prediction_high: str
    i2_percent: str
    glmm: str
    glmm_low: str
    glmm_high: str
    poolable: str
    reason: str
    status: str
    directness: str
    certainty: str
    inputs: str
    aside: str

    @property
    def given(self) -> Mapping[str, str]:
        """Row id to the number it gives."""
        pairs = (part.partition("=") for part in self.inputs.split("|") if part)
        return {id_: number for id_, _, number in pairs}


def drawn_number(value: float | None, measure: str, *, decimals: int = 2) -> str:
    """A number in the unit people read, rounded once; empty where there is none."""
    return "" if value is None else f"{value * _UNITS[measure][0]:.{decimals}f}"


def input_words(candidate: Candidate) -> str:
    """Number that a row gives to a pool: counts, or a value with its interval and size."""
    used = candidate.used
    if used.n is not None and used.total is not None:
        return f"{used.n}/{used.total}"
    value = "" if used.value is None else f"{used.value:.4g}"
    band = "" if used.low is None or used.high is None else f" ({used.low:.4g} to {used.high:.4g})"
    return f"{value}{band}{'' if used.total is None else f' of {used.total}'}".strip()


def pool_line(result: PoolResult) -> PoolLine:
    """Line of a pool."""
    spec, pooled, glmm = result.spec, result.pooled, result.companion
    quoted = pooled if pooled.poolable or pooled.k == 1 else None
    beside = glmm if glmm is not None and pooled.poolable else None
    return PoolLine(
        pool=spec.name,
        words=spec.words,
        measure=spec.measure,
        unit=_UNITS[spec.measure][1],
        unit_of_analysis=spec.unit_of_analysis,
        k=f"{pooled.k}",
        patients="" if result.n_patients is None else f"{result.n_patients}",
        method=pooled.method,
        **_ends(quoted, ("estimate", "low", "high"), ("estimate", "ci_low", "ci_high")),
        **_ends(quoted, ("prediction_low", "prediction_high"), ("prediction_low", "prediction_high")),
        i2_percent="" if pooled.i2_percent is None else f"{pooled.i2_percent:.1f}",
        **_ends(beside, ("glmm", "glmm_low", "glmm_high"), ("estimate", "ci_low", "ci_high")),
        poolable="yes" if pooled.poolable else "no",
        reason=pooled.reason,
        status=result.status,
        directness=result.directness,
        certainty="" if result.certainty is None else result.certainty.certainty,
        inputs="|".join(f"{c.row}={input_words(c)}" for c in result.chosen),
        aside="|".join(c.row for c in result.aside),
    )


def _ends(pooled: Pooled | None, names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    if pooled is None:
        return dict.fromkeys(names, "")
    return {n: drawn_number(getattr(pooled, c), pooled.measure) for n, c in zip(names, columns, strict=True)}


def snapshot_lines(base: EvidenceBase) -> tuple[PoolLine, ...]:
    """Line of every named pool, computed from a base."""
    from locoregional.evidence.pools import all_pools

    return tuple(pool_line(result) for result in all_pools(base))


def read_snapshot(file: Path | None = None) -> tuple[PoolLine, ...]:
    """Lines of a snapshot.

    Parameters
    ----------
    file : Path, optional
        By default the one that comes with the package.

    Raises
    ------
    EvidenceError
        If its columns are not those of a snapshot.
    """
    shipped = resources.files("locoregional.evidence").joinpath("tables", "pooled.csv")
    text = (shipped if file is None else file).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    names = [f.name for f in fields(PoolLine)]
    if list(reader.fieldnames or []) != names:
        remedy = "Write it anew: python -m locoregional.evidence.pool_snapshot."
        raise EvidenceError("the columns are not those of pooled results", where=str(file or "pooled.csv"), remedy=remedy)
    return tuple(PoolLine(**line) for line in reader)


def write_snapshot(lines: Sequence[PoolLine], file: Path) -> Path:
    """Write lines as CSV, whole or not at all."""
    from locoregional.imaging.atomic import atomic_path

    names = [f.name for f in fields(PoolLine)]
    with atomic_path(file, overwrite=True) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([getattr(line, n) for n in names] for line in lines)
    return file


if __name__ == "__main__":
    from locoregional.evidence.base import read_base, shipped_tables

    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("tables") / "pooled.csv"
    print(write_snapshot(snapshot_lines(read_base(shipped_tables())[0]), target))
