"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locoregional.errors import ImagingError

__all__ = ["GZIP_LEVEL", "atomic_path"]

GZIP_LEVEL = 1
"""Compression of image files: on a CT, level 6 takes four times as long and saves 2 %."""


@contextmanager
def atomic_path(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path`` that becomes ``path`` only when the block ends well.

    Parameters
    ----------
    path : str or Path
        Where the file shall stand. Missing parent folders are made.
    overwrite : bool
        Whether an existing file may be replaced.

    Yields
    ------
    Path
        Temporary file in the same folder, with the same endings.

    Raises
    ------
    ImagingError
        If the file exists and may not be replaced, or the folder cannot be written.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise ImagingError(
            "the file exists already", where=str(target), remedy="Choose another name, or pass overwrite=True to replace it."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", suffix="".join(target.suffixes), dir=target.parent)
    except OSError as error:
        raise ImagingError(f"cannot write here: {error}", where=str(target), remedy="Check the folder and its rights.") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes private files; the result should be like any other
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
