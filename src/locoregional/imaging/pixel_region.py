"""Regions on a flat picture, a frame of an angiogram or a planar view: a disc, a polygon, or a mask file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError

__all__ = ["read_region"]

PICTURES = (".png", ".tif", ".tiff", ".bmp")


def read_region(words: str, shape: tuple[int, int], *, folder: Path | None = None) -> NDArray[np.bool_]:
    """Pixels of a region.

    Parameters
    ----------
    words : str
        ``row,column,radius`` in pixels counted from 0; or three corners and more, ``row,column row,column row,column``; or a
        mask file of the size of a frame (a picture whose pixels above 0 count, NIfTI, NRRD or DICOM SEG).
    shape : tuple of int
        Rows, columns of a frame.
    folder : Path, optional
        Where a relative path starts.

    Returns
    -------
    ndarray, shape (row, column), bool

    Raises
    ------
    MaskError
        If the words are not understood, the file has another size, or no pixel is inside.
    """
    points = _points(words)
    if points is None:
        inside = _from_file((folder / words) if folder is not None else Path(words), shape)
    elif len(points) == 1:
        row, column, radius = points[0]
        rows, columns = np.ogrid[: shape[0], : shape[1]]
        inside = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
        if not (row - radius >= 0 and row + radius <= shape[0] - 1 and column - radius >= 0 and column + radius <= shape[1] - 1):
            raise MaskError(
                f"the region reaches beyond the frame of {shape[0]} rows and {shape[1]} columns", where=words,
                remedy="Give row,column,radius in pixels, counted from 0.",
            )  # fmt: skip
    else:
        from skimage.draw import polygon2mask

        corners = np.array(points)
        if (corners < 0).any() or (corners > np.array(shape) - 1).any():
            raise MaskError("a corner of the region lies beyond the frame", where=words, remedy="Give row,column in pixels.")
        inside = polygon2mask(shape, corners)
    if not inside.any():
        raise MaskError("the region holds no pixel", where=words, remedy="Make it larger.")
    return np.asarray(inside, dtype=bool)


def _points(words: str) -> list[tuple[float, ...]] | None:
    """Numbers of a disc or of corners; None where the words name a file."""
    if not re.fullmatch(r"[-+0-9eE.,;\s]+", words.strip()) or "," not in words:
        return None
    try:
        points = [
            tuple(float(x) for x in point.split(",")) for point in re.split(r"[;\s]+", re.sub(r"\s*,\s*", ",", words.strip()))
        ]
    except ValueError:
        points = []
    if not ((len(points) == 1 and len(points[0]) == 3) or (len(points) >= 3 and all(len(p) == 2 for p in points))):
        raise MaskError(
            "a region is not understood", where=words,
            remedy='Give "row,column,radius", three corners and more as "row,column row,column row,column", or a mask file.',
        )  # fmt: skip
    return points


def _from_file(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    if not path.exists():
        raise MaskError(
            "no such mask file, and it is no row,column,radius either", where=str(path), remedy="Give one of the two."
        )
    if path.suffix.lower() in PICTURES:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(path) as picture:
                found = np.asarray(picture.convert("L")) > 0
        except (OSError, UnidentifiedImageError) as error:
            raise MaskError("the picture cannot be read", where=str(path), remedy="Save it as PNG again.") from error
    else:
        from locoregional.imaging.masks import read_mask

        found = np.squeeze(read_mask(path).array > 0.5)
    if found.shape != shape:
        raise MaskError(
            f"the mask has the shape {found.shape}, the frames have {shape}", where=str(path),
            remedy="Draw it on a frame of the same series.",
        )  # fmt: skip
    return found
