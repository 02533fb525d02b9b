"""The page ``docs/validation.md``: misses first, then every row beside its reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite

from locoregional.sources import Reference, bibliography
from locoregional.validation.row import Row
from locoregional.validation.run import Validation

__all__ = ["HEADING", "bibliography_lines", "cited", "table", "validation_page"]

HEADING = "# Validation"

_INTRODUCTION = """
This page compares what the software computes with truth from outside: exact solutions, published tables and other programs.
`locoregional validate --out docs/validation.md` writes it anew; nothing on it is written by hand.

A row *holds* when the difference stays within its tolerance, and *misses* otherwise. Tolerances are stated with the comparison,
in the unit of the value, and nothing was fitted to the rows. *Reported* rows claim no tolerance: the difference is shown for the
reader to judge. *Not run* rows need files that were not at hand. Agreement here says that the equations are solved right and how
far published experiments are met; it does not show that a prediction is right for a patient.
""".strip()

_HEADS = ("row", "value", "reference", "error", "tolerance", "unit", "verdict", "source", "notes")


def validation_page(found: Validation) -> str:
    """Markdown of one run.

    Parameters
    ----------
    found : Validation
        Rows and what they were made with.

    Returns
    -------
    str
        Page with a summary, the misses with their likely cause, a table per topic, and the sources.
    """
    by_topic: dict[str, list[Row]] = {}
    for row in found.rows:
        by_topic.setdefault(row.topic, []).append(row)
    lines = [HEADING, "", _INTRODUCTION, "", "## Summary", ""]
    lines += table(("topic", "rows", "hold", "miss", "reported", "not run"), [_count(t, r) for t, r in by_topic.items()])
    made = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    lines += ["", f"Made on {found.date:%Y-%m-%d} with {made}; {sum(found.seconds.values()):.0f} s."]
    if found.left_out:
        lines += ["", f"Topics left out of this run: {', '.join(found.left_out)}."]
    lines += ["", "## Misses", "", *_misses(found.misses)]
    for topic, rows in by_topic.items():
        lines += [
            "",
            f"## {topic[:1].upper()}{topic[1:]}",
            "",
            found.words.get(topic, ""),
            "",
            *table(_HEADS, [_cells(row) for row in rows]),
        ]
    keys = sorted({key for row in found.rows for key in _keys(row.source)})
    return "\n".join([*lines, "", "## Sources", "", *bibliography_lines(keys)]) + "\n"


def _count(topic: str, rows: Sequence[Row]) -> tuple[str, ...]:
    verdicts = [row.verdict for row in rows]
    counts = [len(rows), *(verdicts.count(v) for v in ("holds", "misses", "reported", "not run"))]
    anchor = re.sub(r"[^\w\- ]", "", topic.lower()).replace(" ", "-")
    return (f"[{topic}](#{anchor})", *map(str, counts))


def _misses(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["No row misses its tolerance."]
    heads = ("topic", "row", "value", "reference", "error", "tolerance", "unit", "likely cause")
    cells = [
        (r.topic, r.name, _number(r.value), _number(r.reference), _signed(r), _number(r.tolerance), r.unit, r.note or "not known")
        for r in rows
    ]
    return table(heads, cells)


def _cells(row: Row) -> tuple[str, ...]:
    tolerance = "none claimed" if row.tolerance == float("inf") else f"{row.tolerance:.3g}"
    numbers = (_number(row.value), _number(row.reference), _signed(row), tolerance)
    verdict = f"**{row.verdict}**" if row.verdict == "misses" else row.verdict
    return (row.name, *numbers, row.unit, verdict, cited(row.source), row.note)


def _number(value: float) -> str:
    return f"{value:.4g}" if isfinite(value) else "none"


def _signed(row: Row) -> str:
    return f"{row.error:+.2g}" if isfinite(row.error) else "none"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; bars and line breaks in cells are made harmless."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"

    return [line(heads), "|" + "---|" * len(heads), *map(line, rows)]


def _keys(source: str) -> list[str]:
    """Keys of the bibliography that a source names."""
    return [word for word in re.findall(r"\w+", source) if word in bibliography()]


def cited(source: str, page: str = "") -> str:
    """Words of a source with each key of the bibliography linked to its entry.

    Parameters
    ----------
    source : str
        Key, keys, or plain words such as "exact solution".
    page : str
        Page that holds the bibliography; empty for the same one.
    """
    known = set(_keys(source))
    return re.sub(r"\w+", lambda m: f"[{m[0]}]({page}#ref-{m[0]})" if m[0] in known else m[0], source)


def bibliography_lines(keys: Iterable[str]) -> list[str]:
    """One list item per key, with an anchor that `cited` links to."""
    return [f'- <a id="ref-{key}"></a>**{key}**: {_entry(bibliography()[key])}' for key in keys]


def _entry(reference: Reference) -> str:
    f = {name: text.replace("{", "").replace("}", "") for name, text in reference.fields.items()}
    authors = f.get("author", "").split(" and ")
    people = ", ".join(authors[:3]) + (" and others" if len(authors) > 3 and "others" not in authors[:3] else "")
    people = people.replace(", others", " and others").removesuffix(".")
    issue = " ".join(x for x in (f.get("journal", ""), f.get("year", "")) if x)
    issue += f"; {f['volume']}" if "volume" in f else ""
    issue += f":{f['pages']}" if "pages" in f else ""
    parts = [people, f.get("title", ""), issue, f.get("publisher", ""), f.get("howpublished", ""), f.get("note", "")]
    parts += [f"doi:{f['doi']}" if "doi" in f else "", f.get("url", "")]
    return ". ".join(p for p in parts if p) + "."
