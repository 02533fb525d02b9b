"""Coded meaning of a segment: category and type from the code dictionary of pydicom, never invented."""

from __future__ import annotations

import colorsys
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from locoregional.imaging.classes import plain_name, structure_of

__all__ = ["Meaning", "display_colour", "meaning_of"]

Meaning = tuple[Any, Any]
"""Category and type of a segment, as pydicom codes."""


@cache
def _keywords() -> dict[str, list[str]]:
    text = resources.files("locoregional.imaging").joinpath("class_maps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["codes"]


def display_colour(number: int) -> tuple[float, float, float]:
    """Red, green and blue 0..1 of a mask by its place in the file: hues a golden ratio apart stay distinct, however many."""
    return colorsys.hsv_to_rgb((0.08 + 0.618034 * number) % 1.0, 0.6, 0.9)


def meaning_of(name: str) -> Meaning:
    """Category and type code for the name of a mask.

    Parameters
    ----------
    name : str
        Name of a structure in any spelling (``liver``, ``rib_left_3``), or one that starts with ``lesion``, ``tumour``,
        ``tumor``, ``ablation`` (a zone seen on an image) or ``predicted`` (a zone that was computed).

    Returns
    -------
    tuple of pydicom.sr.coding.Code
        Category and type; a plain "anatomical structure" where the name says nothing more.
    """
    from pydicom.sr.codedict import codes

    plain = plain_name(name)
    kind = structure_of(name)
    if kind is None:
        starts = {
            "lesion": "lesion",
            "tumour": "lesion",
            "tumor": "lesion",
            "ablation": "ablation_zone",
            "predicted": "predicted_zone",
        }
        kind = next((k for start, k in starts.items() if plain.startswith(start)), "structure")
    category, type_ = (
        getattr(codes.DCM, word.removeprefix("DCM:")) if word.startswith("DCM:") else getattr(codes.SCT, word)
        for word in _keywords()[kind]
    )
    return category, type_
