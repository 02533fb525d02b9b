"""Pools of the evidence base on the terminal: a table of all, one in full, or what moved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase
    from locoregional.evidence.pool_diff import PoolMove
    from locoregional.evidence.pool_snapshot import PoolLine
    from locoregional.evidence.pools import PoolResult

__all__ = ["NOT_A_RANKING", "pool_base"]

NOT_A_RANKING = (
    "Read each line by itself: these are series without a comparison group in different patients, so that the order of their "
    "numbers says nothing about which procedure is better."
)


def pool_base(
    *,
    names: Sequence[str] = (),
    diff: str | None = None,
    base: Path | None = None,
    method: str = "auto",
    json_path: Path | None = None,
) -> None:
    """Print named pools of the evidence base.

    Parameters
    ----------
    names : sequence of str
        Pools; all of them if empty. A single one is printed in full.
    diff : str, optional
        ``shipped`` for the state that came with this version, or a folder with another base: show what moved since.
    base : Path, optional
        The user's own evidence folder, or a whole base.
    method : str
        ``auto`` or one of ``pooling.METHODS``.
    json_path : Path, optional
        Where to write the numbers; ``-`` for standard output, and nothing else is printed then.
    """
    from locoregional.evidence.base import evidence_base
    from locoregional.evidence.pools import all_pools, pool_named

    chosen = None if method == "auto" else method
    evidence = evidence_base(base)
    results = [pool_named(evidence, n, method=chosen) for n in names] if names else list(all_pools(evidence, method=chosen))
    moves = None if diff is None else _moves(evidence, diff, {r.spec.name for r in results})
    to_stdout = json_path is not None and str(json_path) == "-"
    text = json.dumps(_document(evidence, results, moves, diff), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if to_stdout:
        click.echo(text, nl=False)
        return
    if moves is not None:
        _print_moves(moves, diff or "")
    elif len(results) == 1:
        _print_one(results[0])
    else:
        _print_all(results)
    if json_path is not None:
        from locoregional.imaging.atomic import atomic_path

        with atomic_path(json_path, overwrite=True) as part:
            part.write_text(text, encoding="utf-8")
        click.echo(f"written: {json_path}")


def _moves(base: EvidenceBase, diff: str, names: set[str]) -> tuple[PoolMove, ...]:
    """What moved since another state; both are pooled by the default method, so that only the rows differ."""
    from locoregional.errors import EvidenceError
    from locoregional.evidence.base import evidence_base
    from locoregional.evidence.pool_diff import pool_moves
    from locoregional.evidence.pool_snapshot import read_snapshot, snapshot_lines

    if diff == "shipped":
        before = read_snapshot()
    elif Path(diff).is_dir():
        before = snapshot_lines(evidence_base(Path(diff)))
    else:
        raise EvidenceError(
            "there is no such folder", where=f"--diff {diff}", remedy="Give a folder of evidence, or the word shipped."
        )
    return tuple(m for m in pool_moves(before, snapshot_lines(base)) if m.pool in names)


def _document(
    base: EvidenceBase, results: Sequence[PoolResult], moves: Sequence[PoolMove] | None, diff: str | None
) -> dict[str, Any]:
    """Everything as plain JSON."""
    from dataclasses import asdict

    from locoregional.evidence.pool_snapshot import input_words
    from locoregional.evidence.pooling.document import pooled_document

    document: dict[str, Any] = {"schema": 1, "evidence_version": base.version, "not_a_ranking": NOT_A_RANKING, "pools": []}
    for r in results:
        entry = {
            "pool": r.spec.name,
            "words": r.spec.words,
            "unit_of_analysis": r.spec.unit_of_analysis,
            "group": r.spec.group,
            "n_studies": r.n_studies,
            "n_patients": r.n_patients,
            "status": r.status,
            "directness": r.directness,
            "certainty": None if r.certainty is None else asdict(r.certainty),
            "result": pooled_document(r.pooled),
            "companion": None if r.companion is None else pooled_document(r.companion),
            "verified_only": None if r.verified_only is None else pooled_document(r.verified_only),
            "rows": [{"row": c.row, "study": c.study, "gives": input_words(c), "status": c.status} for c in r.chosen],
            "aside": [{"row": c.row, "study": c.study, "gives": input_words(c), "reason": c.reason} for c in r.aside],
        }
        document["pools"].append(entry)
    if moves is not None:
        document["diff"] = {"against": diff, "moves": [asdict(m) for m in moves]}
    return document


def _print_all(results: Sequence[PoolResult]) -> None:
    from locoregional.cli.evidence._rows import print_table
    from locoregional.evidence.pool_snapshot import pool_line

    lines = [pool_line(r) for r in results]
    columns = ["pool", "series", "patients", "result", "prediction", "I²", "status", "directness", "certainty"]
    print_table(
        columns,
        [
            [
                line.pool,
                line.k,
                line.patients or "-",
                _short(line, result) if line.estimate else "not poolable",
                _band(result, "prediction_low", "prediction_high") if line.prediction_low else "-",
                f"{float(line.i2_percent):.0f} %" if line.i2_percent else "-",
                line.status or "-",
                line.directness or "-",
                line.certainty or "-",
            ]
            for line, result in zip(lines, results, strict=True)
        ],
    )
    click.echo("\nNot pooled, and why:")
    for line in lines:
        if line.poolable == "no":
            click.echo(f"   {line.pool}: {line.reason}")
    click.echo(f"\n{NOT_A_RANKING}")


def _band(result: PoolResult, low: str, high: str) -> str:
    """Two ends with one decimal, rounded once, so that they are those of the forest plot."""
    from locoregional.evidence.pool_snapshot import drawn_number

    pooled = result.pooled
    return " to ".join(drawn_number(getattr(pooled, end), pooled.measure, decimals=1) for end in (low, high))


def _short(line: PoolLine, result: PoolResult) -> str:
    from locoregional.evidence.pool_snapshot import drawn_number

    alone = "" if line.poolable == "yes" else ", one series"
    middle = drawn_number(result.pooled.estimate, result.pooled.measure, decimals=1)
    return f"{middle} {line.unit} ({_band(result, 'ci_low', 'ci_high')}){alone}"


def _print_one(result: PoolResult) -> None:
    from locoregional.evidence.plots.forest_words import estimate_words, heterogeneity_words, summary_words
    from locoregional.evidence.plots.scale import scale_of
    from locoregional.evidence.pool_pictures import pool_notes, study_rows
    from locoregional.evidence.used import in_words

    pooled, scale = result.pooled, scale_of(result.pooled.measure)
    click.echo(f"{result.spec.words}  [{result.spec.name}]")
    for row, candidate in zip(study_rows(result), result.chosen, strict=True):
        counts = "" if row.total is None else f"  {row.events}/{row.total}" if row.events is not None else f"  N {row.total}"
        weight = "" if row.weight_percent is None else f"  weight {row.weight_percent:.1f} %"
        click.echo(f"   {row.name}{counts}  {estimate_words(row, scale)} {scale.unit}{weight}  {row.evidence}  [{candidate.row}]")
    for name, words in summary_words(pooled):
        click.echo(f"   {name}: {words} {scale.unit}")
    if pooled.poolable:
        click.echo(f"   {heterogeneity_words(pooled)}")
    else:
        click.echo(f"   Not poolable: {pooled.reason}")
    for text in (*(f"Caution: {w}" for w in pooled.warnings), *pool_notes(result)):
        click.echo(f"   {text}")
    for step in () if result.certainty is None else result.certainty.steps:
        click.echo(f"      {step.domain}: {'-' if not step.down else f'down {step.down}'}, {step.words}")
    if result.aside:
        click.echo("Beside it, not part of the pool:")
    for candidate in result.aside:
        subgroup = f" ({candidate.subgroup})" if candidate.subgroup else ""
        said = f"{in_words(candidate.used)}, {candidate.directness}, {candidate.status}"
        click.echo(f"   {candidate.label}{subgroup} [{candidate.row}]: {said}; {candidate.reason}")


def _print_moves(moves: Sequence[PoolMove], diff: str) -> None:
    against = "the state that came with this version" if diff == "shipped" else diff
    if not moves:
        click.echo(f"No pool moved against {against}.")
        return
    click.echo(f"{len(moves)} pool{'s' if len(moves) != 1 else ''} moved against {against}:")
    for move in moves:
        click.echo(f"\n{move.words}  [{move.pool}]")
        for sentence in move.sentences:
            click.echo(f"   {sentence}")
