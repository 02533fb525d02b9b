"""A progress bar for everything over a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from locoregional.progress import Progress

__all__ = ["bar"]

LINE_EVERY_S = 1.5
"""Least time between two lines where there is no terminal to redraw."""


@contextmanager
def bar(title: str, *, quiet: bool = False) -> Iterator[Progress]:
    """Progress callback drawn on standard error: a bar on a terminal, a line per step elsewhere.

    Parameters
    ----------
    title : str
        What is being done.
    quiet : bool
        Draw nothing.
    """
    if quiet:
        yield lambda done, words: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title, console.file)
        return
    columns = (TextColumn("[bold]{task.fields[title]}"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with RichProgress(*columns, console=console) as drawn:
        task = drawn.add_task("", total=1.0, title=title)

        def draw(done: float, words: str) -> None:
            drawn.update(task, completed=done, description=words)

        yield draw
        drawn.update(task, completed=1.0, description="done")


def _lines(title: str, file: IO[str]) -> Progress:
    """A line now and then, when the words have changed, so that logs stay readable."""
    last = [""]
    start = time.monotonic()
    spoken = [0.0]

    def line(done: float, words: str) -> None:
        if words and words != last[0] and time.monotonic() - spoken[0] > LINE_EVERY_S:
            last[0] = words
            spoken[0] = time.monotonic()
            print(f"{title}: {100 * done:3.0f} %  {time.monotonic() - start:5.1f} s  {words}", file=file, flush=True)

    return line
