"""Fill in what follows from the rest of a new row, so that a person types only what the paper says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.row import Row
from locoregional.evidence.schema import estimands, schema
from locoregional.evidence.used import used_value

__all__ = ["REASONS", "completed"]

REASONS = ("no denominator given", "no interval given", "not one number of one group")
"""Reasons that are filled in where an outcome lacks what a pool needs and nothing was said about pooling."""

_DIRECTNESS = {"yes": "breast", "no": "borrowed", "mixed": "mixed"}
_SIGNS = {"%": " %", "text": ""}


def completed(base: EvidenceBase, tables: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """New rows with ids, citation, source and defaults filled in; what a person wrote stays.

    Parameters
    ----------
    base : EvidenceBase
        What there is, so that no id is given twice.
    tables : dict
        Table name to new rows; where a study is among them, rows without a study belong to it.
    """
    given = {name: [dict(r.written) for r in rows] for name, rows in tables.items()}
    taken = {r.id for r in base} | {c["id"] for rows in given.values() for c in rows if c.get("id")}
    new_study = ""
    for cells, reference in zip(
        given.get("studies", []), given.get("references", [{}] * len(given.get("studies", []))), strict=False
    ):
        _study(cells, reference, taken)
        new_study = cells["id"]
    studies = {c["id"]: c for c in given.get("studies", [])}
    for name, rows in given.items():
        for cells in rows:
            if name in ("outcomes", "prognostic_factors"):
                cells["study"] = cells["study"] or (new_study if len(studies) == 1 else "")
                study = studies.get(cells["study"]) or _known(base, cells["study"])
                _fill(cells, directness=_DIRECTNESS.get(study.get("breast", ""), ""), in_review="no")
                if name == "outcomes":
                    _outcome(cells, study.get("bib", ""))
            if not cells["id"]:
                cells["id"] = _free_id(name, cells, taken)
            taken.add(cells["id"])
    return {name: [Row(name, cells) for cells in rows] for name, rows in given.items()}


def _known(base: EvidenceBase, study: str) -> dict[str, str]:
    return dict(base.row(study).written) if study in base else {}


def _fill(cells: dict[str, str], **defaults: str) -> None:
    for column, text in defaults.items():
        cells[column] = cells[column] or text


def _study(cells: dict[str, str], reference: dict[str, str], taken: set[str]) -> None:
    surname = reference.get("author", "").split(",")[0].split(" and ")[0].strip()
    if not cells["id"] and surname and cells["year"]:
        plain = unicodedata.normalize("NFKD", surname).encode("ascii", "ignore").decode()
        name = re.sub(r"[^A-Za-z]", "", plain.title()) + cells["year"]
        cells["id"] = next(i for i in (name, *(f"{name}{letter}" for letter in "bcdefghijklmnop")) if i not in taken)
    taken.add(cells["id"])
    if reference:
        reference["id"] = cells["bib"] = cells["bib"] or cells["id"]
        place = f"{cells['year']};{reference['volume']}:{reference['pages']}" if reference.get("volume") else cells["year"]
        _fill(cells, citation=f"{surname} et al. {reference['title']}. {reference['journal']} {place}")
    _fill(cells, reference_matches_text="-", in_review="no")


def _outcome(cells: dict[str, str], bib: str) -> None:
    band = f" ({cells['low']} to {cells['high']})" if cells["low"] and cells["high"] else ""
    share = f" ({cells['n']}/{cells['total']})" if cells["n"] and cells["total"] else ""
    _fill(cells, printed=f"{cells['value']}{_SIGNS.get(cells['unit'], ' ' + cells['unit'])}{band}{share}".strip())
    if cells["verdict"] == "agrees":
        numbers = ("value", "low", "high", "n", "total")
        if not any(cells[f"primary_{c}"] for c in (*numbers, "words")):
            cells.update({f"primary_{c}": cells[c] for c in numbers})
            _fill(cells, primary_words="" if any(cells[c] for c in numbers) else cells["printed"])
        _fill(cells, source_of_primary=bib)
    if not cells["poolable"]:
        reason = _why_not(Row("outcomes", cells))
        cells["poolable"] = "no" if reason else "yes"
        _fill(cells, why_not=reason)


def _why_not(row: Row) -> str:
    """What the numbers lack for a pool, empty if nothing; what may be pooled with what is decided there."""
    estimand, used = estimands().get(row.text("estimand")), used_value(row)
    if estimand is None or estimand.scale == "any" or row.text("unit_of_analysis") in ("study range", "unclear"):
        return REASONS[2]
    if estimand.scale == "time":
        return "" if used.value is not None and used.low is not None and used.high is not None else REASONS[1]
    return "" if used.total is not None and (used.n is not None or used.value is not None) else REASONS[0]


def _free_id(name: str, cells: Mapping[str, str], taken: Collection[str]) -> str:
    if schema()[name].own or name == "studies":
        return ""
    letter = schema()[name].id_pattern.split("\\")[0]
    prefix = cells.get("study") or "Own"
    return next(i for i in (f"{prefix}-{letter}{n:02d}" for n in range(1, 10000)) if i not in taken)
