"""How far chance could have moved the numbers: tiles of the regions and blocks of frames drawn again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.devascularisation.curves import Tiles

__all__ = ["Drawn", "Side", "draw"]

BLOCK = 5
"""Frames that are drawn together."""
FOURTH = np.array([1.0, -4.0, 6.0, -4.0, 1.0]) / np.sqrt(70.0)
"""Fourth differences, scaled so that white noise keeps its size."""


@dataclass(frozen=True, eq=False)
class Side:
    """One series, as resampling needs it.

    Attributes
    ----------
    tumour, artery : Tiles
        Curves of the parts of both regions.
    weights, early : ndarray, shape (time,)
        Of the frames in a whole area, and in its early part.
    mask_frames : tuple of int
        Frames of the mask, whose common error lies under the whole curve.
    """

    tumour: Tiles
    artery: Tiles
    weights: NDArray[np.float64]
    early: NDArray[np.float64]
    mask_frames: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Numbers of every draw.

    Attributes
    ----------
    by_area, by_flow : ndarray, shape (draw,)
        Share lost by the whole areas, and by their early parts.
    tumour_area_s : ndarray, shape (draw,)
        Area of the tumour before.
    """

    by_area: NDArray[np.float64]
    by_flow: NDArray[np.float64]
    tumour_area_s: NDArray[np.float64]


def draw(before: Side, after: Side, *, together: bool, draws: int, seed: int) -> Drawn:
    """Draw tiles and blocks of frames.

    Parameters
    ----------
    before, after : Side
        Both series.
    together : bool
        Whether the tiles of both series are the same places, which are then drawn together.
    draws : int
        How often.
    seed : int
        Of the draws.
    """
    rng = np.random.default_rng([seed, 70])
    found = {}
    picked: dict[str, NDArray[np.float64]] = {}
    for name, side in (("before", before), ("after", after)):
        for region in ("tumour", "artery"):
            tiles: Tiles = getattr(side, region)
            if not (together and name == "after" and len(tiles.sizes) == picked[region].shape[1]):
                picked[region] = _picks(rng, len(tiles.sizes), draws)
            counts = picked[region]
            curves = (counts @ tiles.curves) / np.maximum(counts @ tiles.sizes, 1e-9)[:, None]
            found[name, region] = curves + _frame_noise(rng, tiles, side, draws)
    lost = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in ("weights", "early"):
            ratios = [
                (found[name, "tumour"] @ getattr(side, part)) / (found[name, "artery"] @ getattr(side, part))
                for name, side in (("before", before), ("after", after))
            ]
            lost.append(1.0 - ratios[1] / ratios[0])
    return Drawn(lost[0], lost[1], found["before", "tumour"] @ before.weights)


def _picks(rng: np.random.Generator, tiles: int, draws: int) -> NDArray[np.float64]:
    """How often each tile is drawn, spread a little wider because few tiles vary too little."""
    counts = rng.multinomial(tiles, np.full(tiles, 1.0 / tiles), size=draws).astype(np.float64)
    return 1.0 + (counts - 1.0) * np.sqrt(tiles / max(tiles - 1.0, 1.0))


def _frame_noise(rng: np.random.Generator, tiles: Tiles, side: Side, draws: int) -> NDArray[np.float64]:
    """What all pixels of a region share in a frame: blocks of the curve's unrest, and the mask's share of it."""
    mean = tiles.curves.sum(axis=0) / tiles.sizes.sum()
    count = len(mean)
    if count < len(FOURTH) + BLOCK:
        return np.zeros((draws, count))
    unrest = np.convolve(mean, FOURTH, mode="valid")  # a curve as smooth as a cubic leaves nothing
    unrest = np.pad(unrest, len(FOURTH) // 2, mode="reflect")
    blocks = -(-count // BLOCK)
    starts = rng.integers(0, max(1, count - BLOCK + 1), size=(draws, blocks))
    signs = rng.choice((-1.0, 1.0), size=(draws, blocks, 1))
    places = np.minimum(starts[:, :, None] + np.arange(BLOCK), count - 1)
    noise = (unrest[places] * signs).reshape(draws, -1)[:, :count]
    return noise - noise[:, list(side.mask_frames)].mean(axis=1, keepdims=True)
