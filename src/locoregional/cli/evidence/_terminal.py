"""Text on a terminal of any width: tables that never cut an id, paragraphs broken between words; elsewhere nothing is broken."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

import click

__all__ = ["print_table", "say"]

_NARROWEST = 28  # a column with less room than this would be a ribbon of single words


def say(text: str, *, indent: int = 0) -> None:
    """Print a paragraph: broken between words on a terminal, in one line elsewhere.

    Parameters
    ----------
    text : str
        Paragraph, with its own blanks in front.
    indent : int
        Blanks before every line but the first.
    """
    width = _width()
    start = len(text) - len(text.lstrip())
    if width is None or len(text) <= width:
        click.echo(text)
        return
    lines = textwrap.wrap(text.lstrip(), width - 1, initial_indent=" " * start, subsequent_indent=" " * indent)
    click.echo("\n".join(lines))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: aligned columns where there is room, else the longest column broken, else a paragraph for each row.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : sequence of sequence of str
        Cells.
    """
    widths = [max(len(str(r[i])) for r in [columns, *rows]) for i in range(len(columns))]
    room = _width()
    if room is None or sum(widths) + 2 * (len(widths) - 1) <= room:
        _print_lines(_aligned([columns, *rows], widths))
        return
    columns = [c.replace("_", " ") for c in columns]
    longest = widths.index(max(widths))
    left = room - (sum(widths) - widths[longest]) - 2 * (len(widths) - 1) - 1
    if left >= _NARROWEST:
        widths[longest] = left
        _print_lines(line for row in [columns, *rows] for line in _aligned(_broken(row, longest, left), widths))
        return
    for row in rows:
        say(f"{row[0]}  {'; '.join(cell for cell in row[1:] if cell)}", indent=4)


def _width() -> int | None:
    """Columns of the terminal; None where the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _broken(row: Sequence[str], column: int, width: int) -> list[list[str]]:
    """A row as several, its long cell broken between words."""
    parts = textwrap.wrap(row[column], width) or [""]
    blank = [""] * len(row)
    return [
        [*(row if i == 0 else blank)[:column], part, *(row if i == 0 else blank)[column + 1 :]] for i, part in enumerate(parts)
    ]


def _aligned(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _print_lines(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)
