"""How much of a tumour holds iodised oil after chemoembolization."""

from __future__ import annotations

import numpy as np

from locoregional.case import Quantity
from locoregional.imaging.volume import Volume
from locoregional.procedures.tace.settings import LEVEL
from locoregional.sources import read_facts

__all__ = ["oil_uptake"]


def oil_uptake(image: Volume, lesion: Volume, *, native: bool) -> tuple[Quantity, str]:
    """Share of a tumour with dense oil, and its class in words.

    Parameters
    ----------
    image, lesion : Volume
        CT and mask on one grid.
    native : bool
        Whether the CT is without contrast medium; else enhancement may pass for oil.

    Returns
    -------
    Quantity, str
        Share [%]; its interval is that of the threshold.
    """
    image.require_same_grid(lesion, names=("CT", "lesion"))
    facts = read_facts(__package__)
    dense, complete, poor = (facts[f"oil.{name}"] for name in ("dense", "complete", "poor"))
    assert dense.low is not None
    assert dense.high is not None
    values = image.array[lesion.array >= 0.5]
    share, least, most = (100 * float(np.mean(values > x)) for x in (float(dense), dense.high, dense.low))
    method = f"voxels above {float(dense):g} HU ({dense.low:g} to {dense.high:g}; recalled, not verified)"
    method += "" if native else "; on a CT with contrast medium, which may pass for oil"
    name = "complete" if share > float(complete) else "poor" if share < float(poor) else "moderate"
    quantity = Quantity(
        "oil_uptake", "tumour that holds dense iodised oil", share, "%", least, most, LEVEL, method,
        (dense.key, complete.key, poor.key),
    )  # fmt: skip
    words = (
        f"Iodised oil in {share:.0f} % of the tumour ({least:.0f} to {most:.0f} by the threshold): {name} retention as it is "
        "classed for hepatocellular carcinoma."
    )
    return quantity, words
